"""How many tasks are on the cluster at a time. It is a pretended one, as are seconds."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from embedprep.cluster import tasks
from embedprep.cluster.ranges import Range, Scanned
from embedprep.cluster.tasks import Tasks

pytestmark = pytest.mark.once


class Cluster:
    """Stands for a client; each of its tasks is done at once."""

    status = "running"

    def __init__(self) -> None:
        self.threads, self.counts, self.submitted = 1, 0, 0

    def nthreads(self, **options: Any) -> dict[str, int]:
        self.counts += 1
        return {"tcp://worker": self.threads}

    def submit(self, function: Callable[..., object], *given: object, key: str) -> SimpleNamespace:
        self.submitted += key.startswith("embedprep-range-")
        return SimpleNamespace(
            exception=lambda timeout: None, result=lambda timeout: Scanned([], None)
        )

    def cancel(self, futures: list[object], **options: Any) -> None:
        pass


def test_workers_that_join_get_tasks_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(tasks, "time", SimpleNamespace(monotonic=lambda: now[0]))
    cluster = Cluster()
    handed_out = Tasks(cast("Any", cluster), 20)
    scanned = handed_out.scanned([cast("Range", None)] * 100, [])
    waiting: list[int] = []
    for seconds, threads in [(0.0, 1), (0.5, 1), (0.4, 8), (0.2, 8), (0.1, 2), (1.0, 2)]:
        now[0] += seconds
        cluster.threads = threads
        taken = len(waiting) + 1
        next(scanned)
        waiting.append(cluster.submitted - taken + 1)
    handed_out.close()
    assert waiting == [4, 4, 4, 18, 18, 17]
    assert cluster.counts == 3
