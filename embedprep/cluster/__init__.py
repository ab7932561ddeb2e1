"""`--engine dask`: the workers of a cluster scan the ranges of a text.

In: opened vector files.
Out: ones whose `Hits` are made elsewhere: the same, in the same order.
May import: sources, vectors, matching.

`connection` finds a cluster or starts one, `asking` asks its workers whether they can do it,
`place` says what a worker opens, `ranges` opens and scans it there, `tasks` hands the ranges out
and takes the results in. `errand` is the code that a worker gets as text, `sending` sends it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from embedprep.cluster.place import place_of
from embedprep.vectors import Request, Vectors

__all__ = ["on_cluster"]

BLOCKS_A_TASK = 16
"""The number of blocks per task, 64 MiB: the overhead of a task, some ten milliseconds, is small in
comparison.
"""


def on_cluster(
    opened: Sequence[Vectors],
    requests: Sequence[Request],
    scheduler: str | None,
    patience: float,
    resources: ExitStack,
) -> list[Vectors]:
    """Return the `opened` files, each with the request that opened it, as read by a cluster.

    `patience` is how many seconds embedprep waits for a worker. `scheduler` is the address of the
    cluster, or a file that contains it. None means the current client of this
    program, or else a cluster on this machine with as many processes as a request has threads.
    `resources` closes everything that must be closed. Raises UsageError for a file that cannot be
    read in parts, and ClusterError.
    """
    places = [
        place_of(vectors, request.path) for vectors, request in zip(opened, requests, strict=True)
    ]
    from embedprep.cluster.asking import check_workers
    from embedprep.cluster.connection import connected
    from embedprep.cluster.tasks import Tasks
    from embedprep.cluster.text import ClusterText

    client = resources.enter_context(connected(scheduler, requests[0].threads))
    check_workers(client, [place for _, place in places], patience)
    spread: list[Vectors] = []
    for text, place in places:
        tasks = resources.enter_context(closing(Tasks(client, patience)))
        spread.append(ClusterText(text, place, tasks, BLOCKS_A_TASK))
    return spread
