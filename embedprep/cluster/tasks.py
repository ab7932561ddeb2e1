"""Send out ranges and receive results: in order, a bounded number at a time, even if workers
end.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from embedprep.cluster.failures import failed, lost, no_workers
from embedprep.cluster.ranges import Range, Scanned, scan
from embedprep.cluster.wanted import Wanted, packed

if TYPE_CHECKING:
    from distributed import Client, Future

_LOOK_SECONDS = 1
"""How often, in seconds, embedprep checks whether there are workers."""
_PATIENCE_SECONDS = 60
"""How long it waits without any worker."""
_ANSWER_SECONDS = 30
"""How long the scheduler may take to say which workers there are."""
_FETCH_SECONDS = 60
"""How long a finished result may take; then embedprep asks again whether it is still there."""


class Tasks:
    """The tasks that the client has sent out and not yet received; `close` cancels them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._waiting: deque[Future[Scanned]] = deque()
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
                    self._waiting.append(self._client.submit(scan, wanted, part, key=key))
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

    def _wanted(self, keys: list[bytes] | None) -> Future[Wanted]:
        """Put the wanted keys on the cluster, as the result of a task.

        If they were sent as data, they would be lost with the workers that have them. The scheduler
        can repeat a task.
        """
        import dask

        content = packed(keys)
        name = f"embedprep-keys-{hashlib.sha256(content or b'').hexdigest()}"
        # It warns about ten megabytes, and its other way to send them does not survive its workers.
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "100GB"}):
            return self._client.submit(Wanted.unpacked, content, key=name)

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

    def _result(self, future: Future[Scanned]) -> Scanned:
        seen = time.monotonic()
        while True:
            try:
                error = future.exception(timeout=_LOOK_SECONDS)
                if error is None:
                    return future.result(timeout=_FETCH_SECONDS)
            except TimeoutError:  # not yet; or its worker has ended, and another starts again
                if self._threads():
                    seen = time.monotonic()
                elif time.monotonic() - seen > _PATIENCE_SECONDS:
                    raise no_workers(_PATIENCE_SECONDS) from None
                continue
            except Exception as raised:
                error = raised
            raise failed(error) from None
