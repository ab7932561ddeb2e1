"""Send out ranges and receive results: in order, a bounded number at a time, even if workers
end.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import pickle
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from embedprep import __version__
from embedprep.cluster.asking import silent_workers
from embedprep.cluster.failures import (
    SAME_EVERYWHERE,
    ClusterError,
    failed,
    lost,
    no_answer,
    no_workers,
)
from embedprep.cluster.ranges import Range, Scanned
from embedprep.cluster.sending import call
from embedprep.cluster.wanted import packed
from embedprep.errors import printable

if TYPE_CHECKING:
    from distributed import Client, Future

_NOTE_SECONDS = 8
"""How long it waits for a range before it says so."""
_LOOK_SECONDS = 1
"""How often, in seconds, embedprep checks whether there are workers."""
_ANSWER_SECONDS = 30
"""How long the scheduler may take to say which workers there are."""
_FETCH_SECONDS = 60
"""How long a finished result may take; then embedprep asks again whether it is still there."""


log = logging.getLogger("embedprep")


class Tasks:
    """The tasks that the client has sent out and not yet received; `close` cancels them."""

    def __init__(self, client: Client, patience: float) -> None:
        """`patience` is how many seconds it waits without any worker that answers."""
        self._client, self._patience, self._is_noted = client, patience, False
        self._waiting: deque[Future[Any]] = deque()
        self._counted = 0
        """The number of threads of the cluster, when it was last counted."""
        self._count_until = 0.0
        """When this count is too old."""

    def scanned(self, ranges: Iterable[Range], keys: list[bytes] | None) -> Iterator[Scanned]:
        """Yield the result of `scan` for each range, in order. Raises ClusterError."""
        run, coming = uuid.uuid4().hex, enumerate(ranges)
        try:
            wanted = self._wanted(keys)
            while True:
                for number, part in islice(coming, self._room()):
                    key = f"embedprep-range-{run}-{number}"
                    task = call("scan", __version__, wanted, pickle.dumps(part))
                    self._waiting.append(self._client.submit(*task, key=key))
                if not self._waiting:
                    return
                scanned = self._result(self._waiting[0])
                self._waiting.popleft()
                yield scanned
        finally:
            self.close()

    def close(self) -> None:
        """Cancel the tasks. A range that is being scanned is finished, and its result dropped."""
        waiting = list(self._waiting)
        self._waiting.clear()
        if waiting and self._client.status == "running":
            with contextlib.suppress(Exception):
                self._client.cancel(waiting, force=True)

    def _wanted(self, keys: list[bytes] | None) -> Future[bytes] | None:
        """Put the wanted keys on the cluster, as the result of a task.

        If they were sent as data, they would be lost with the workers that have them. The scheduler
        can repeat a task.
        """
        import dask

        content = packed(keys)
        if content is None:
            return None
        name = f"embedprep-keys-{hashlib.sha256(content).hexdigest()}"
        # It warns about ten megabytes, and its other way to send them does not survive its workers.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "100GB"}):
            return self._client.submit(bytes, content, key=name)

    def _room(self) -> int:
        """Return how many more tasks keep each thread of the cluster busy.

        The threads are not counted for every result: there are many results per second, workers
        change rarely, and counting waits for the scheduler.
        """
        if time.monotonic() >= self._count_until:
            self._threads()
        return max(2 * self._counted + 2 - len(self._waiting), 0)

    def _threads(self) -> int:
        """Count the threads of the cluster as it is now."""
        try:
            threads: dict[str, int] = self._client.nthreads(callback_timeout=_ANSWER_SECONDS)
        except OSError:
            raise lost() from None
        self._counted, self._count_until = sum(threads.values()), time.monotonic() + _LOOK_SECONDS
        return self._counted

    def _result(self, future: Future[Any]) -> Scanned:
        """Return the result. Raises ClusterError if the workers are gone, or do not answer."""
        seen = asked = time.monotonic()
        while True:
            try:
                error = future.exception(timeout=_LOOK_SECONDS)
                if error is None:
                    return _scanned(future.result(timeout=_FETCH_SECONDS))
            except TimeoutError:  # not yet; or its worker has ended, and another starts again
                now = time.monotonic()
                if self._threads():
                    seen = now
                elif now - seen > self._patience:
                    raise no_workers(self._patience) from None
                if now - asked > _NOTE_SECONDS:
                    self._note()
                if seen == now and now - asked > self._patience:
                    self._ask()
                    asked = time.monotonic()
                continue
            except Exception as raised:
                error = raised
            raise failed(error) from None

    def _note(self) -> None:
        """Say once what embedprep waits for."""
        if not self._is_noted:
            self._is_noted = True
            state = (
                "they are slow, or busy with something else" if self._counted else "all are gone"
            )
            log.warning("waiting for the workers: %s", state)

    def _ask(self) -> None:
        """Raise ClusterError if a worker does not answer any more."""
        for address in silent_workers(self._client, self._patience):
            raise no_answer(address)


def _scanned(result: Any) -> Scanned:
    """Return what a worker has found. Raises ClusterError for one that says why it cannot."""
    if isinstance(result, Scanned):
        return result
    raise ClusterError(printable(str(result)[:500]), SAME_EVERYWHERE)
