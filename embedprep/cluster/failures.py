"""Errors of a cluster as embedprep words them."""

from __future__ import annotations

from typing import Any

from embedprep import __version__
from embedprep.errors import EmbedprepError, printable

SAME_EVERYWHERE = (
    f"Install the same everywhere: embedprep[dask] {__version__} and one version of distributed, "
    "on this machine, with the scheduler and with each worker."
)


def distributed_version() -> str:
    """Return the version of Dask's library on this machine."""
    import distributed

    library: Any = distributed
    return str(library.__version__)


class ClusterError(EmbedprepError):
    """The workers cannot be reached, or cannot do the work."""

    exit_code = 5


def failed(error: BaseException) -> BaseException:
    """Return the error to raise for one that a task, or waiting for it, raised."""
    from distributed import CancelledError, KilledWorker

    if isinstance(error, KilledWorker):
        return ClusterError(
            "several workers ended, one after the other, while they scanned the same range",
            "Look at their logs. Give each enough memory: the file's rows that are wanted, of "
            "64 MiB at a time, and twice the size of the vocabulary.",
        )
    if isinstance(error, EmbedprepError):
        return error
    if isinstance(error, (CancelledError, OSError)):
        return lost()
    if isinstance(error, MemoryError):
        return ClusterError("a worker has not enough memory", "Give each worker more.")
    if isinstance(error, (ImportError, AttributeError, RuntimeError, TypeError)):
        reason = printable(str(error).strip().partition("\n")[0][:200])
        return ClusterError(
            f"the cluster cannot run the scan: {reason or type(error).__name__}", SAME_EVERYWHERE
        )
    return error


def lost() -> ClusterError:
    return ClusterError(
        "the connection to the scheduler broke, or the tasks were cancelled",
        "Check that the scheduler still runs, and build again.",
    )


def no_workers(seconds: float) -> ClusterError:
    return ClusterError(
        f"for {seconds:g} seconds the cluster has had no worker",
        "Start workers: dask worker ADDRESS. If a queue will start them, wait longer: "
        "--worker-timeout 3600.",
    )


def no_answer(address: str) -> ClusterError:
    return ClusterError(
        f"the worker at {printable(address)} does not answer",
        "End it, or start it anew, and build again. If it is only busy, wait longer: "
        "--worker-timeout 600.",
    )
