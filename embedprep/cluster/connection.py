"""The connection to a cluster: an existing one, or processes on this machine for one build."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

from embedprep.cluster.failures import SAME_EVERYWHERE, ClusterError, distributed_version, lost
from embedprep.errors import UsageError, printable

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_SECONDS = 10
_CLOSE_SECONDS = 15
_START_SECONDS = 60


@contextmanager
def connected(scheduler: str | None, processes: int) -> Iterator[Client]:
    """A client of the `scheduler`, which is an address or a file that contains it.

    By default it is the current client of this program, or else one of a new cluster with
    `processes` processes of one thread each, which ends with the context. Raises UsageError and
    ClusterError.
    """
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise UsageError(
            "the library of --engine dask is not installed",
            "pip install 'embedprep[dask]', here, with the scheduler and on each worker.",
        ) from None
    with ExitStack() as resources:
        client = _current() if scheduler is None else None
        if client is None:
            resources.enter_context(_silence())
            if scheduler is None:
                client = resources.enter_context(_on_this_machine(processes))
            else:
                client = resources.enter_context(_client(scheduler))
        _check_scheduler(client)
        yield client


def _current() -> Client | None:
    """Return the client of the calling program, or the one this build has used before."""
    from distributed import Client

    try:
        client = Client.current()
    except ValueError:
        return None
    return None if client.asynchronous else client


@contextmanager
def _client(scheduler: str) -> Iterator[Client]:
    from distributed import Client
    from distributed.utils import LoopRunner

    address = _address(scheduler)
    try:
        LoopRunner().run_sync(_answers, address)
        with warnings.catch_warnings():
            # about other versions, which are checked more closely below
            warnings.simplefilter("ignore")
            client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except Exception as error:  # many kinds, which depend on how far it gets
        raise _unreachable(address, error) from None
    try:
        yield client
    finally:
        _close(client)


def _close(opened: Any) -> None:
    """Close within the time allowed. A failure here never hides an earlier error."""
    with contextlib.suppress(OSError):
        opened.close(timeout=_CLOSE_SECONDS)


def _address(scheduler: str) -> str:
    if os.path.isfile(scheduler):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError), open(scheduler) as file:
            return str(json.load(file)["address"])
    elif ":" in scheduler:
        return scheduler
    raise UsageError(
        f"--scheduler cannot be '{printable(scheduler)}'",
        "Give its address, as in tcp://host:8786, or the file that the scheduler wrote with "
        "--scheduler-file.",
    )


async def _answers(address: str) -> None:
    """Raise unless there is a scheduler.

    Otherwise, if another program listens at the address, the client waits for an answer forever.
    """
    from distributed import Security
    from distributed.comm.core import connect

    connecting = connect(
        address, timeout=_CONNECT_SECONDS, **Security().get_connection_args("client")
    )
    comm = await asyncio.wait_for(connecting, 2 * _CONNECT_SECONDS)
    comm.abort()


def _unreachable(address: str, error: Exception) -> ClusterError:
    reason = str(error).partition("\n")[0][:200] or "it does not answer in time"
    return ClusterError(
        f"no scheduler at {printable(address)}: {printable(reason)}",
        "Check the address, and that the scheduler runs and can be reached from here. Without "
        "--scheduler the workers are processes on this machine.",
    )


@contextmanager
def _on_this_machine(processes: int) -> Iterator[Client]:
    """Start a cluster that no other machine can connect to, and that leaves nothing on the disk."""
    import dask
    from distributed import Client, LocalCluster

    with ExitStack() as resources:
        loop = resources.enter_context(_loop_without_interrupts())
        scratch = resources.enter_context(
            tempfile.TemporaryDirectory(prefix="embedprep-dask-", ignore_cleanup_errors=True)
        )
        try:
            with dask.config.set({"temporary-directory": scratch}):
                cluster = LocalCluster(
                    loop=loop,
                    host="127.0.0.1",
                    n_workers=0,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    # Otherwise it takes the usual port of a dashboard.
                    scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                    silence_logs=logging.CRITICAL,
                    memory_limit=0,  # none: the memory for results is bounded elsewhere
                )
                resources.callback(_close, cluster)
                # Not together with the cluster, which could not be closed before all of them exist.
                cluster.sync(_scaled, cluster, processes, callback_timeout=_START_SECONDS)
        except (OSError, RuntimeError) as error:
            raise _not_started(error) from None
        client = Client(cluster, timeout=_START_SECONDS, set_as_default=False)
        resources.callback(_close, client)
        resources.enter_context(client.as_current())
        yield client


async def _scaled(cluster: Any, processes: int) -> None:
    """Wait for the workers. Raises the error that ends their processes."""
    cluster.scale(processes)
    await cluster


@contextmanager
def _loop_without_interrupts() -> Iterator[Any]:
    """An event loop in a thread whose child processes, like itself, never see a Ctrl-C.

    The terminal sends it to them, too, and each would print a traceback. This program ends them.
    """
    from distributed.utils import LoopRunner

    runner: Any = LoopRunner()
    if hasattr(signal, "pthread_sigmask"):
        # Otherwise the thread that starts the first process does this, and then lets interrupts
        # through.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # threads inherit it
        try:
            runner.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    else:
        runner.start()
    try:
        yield runner.loop
    finally:
        runner.stop()


def _not_started(error: Exception) -> ClusterError:
    return ClusterError(
        f"the workers on this machine do not start: {printable(str(error).partition(chr(10))[0])}",
        "In a program, call embedprep.build under 'if __name__ == \"__main__\":', because each "
        "worker imports it; or start a cluster first, and give its address with --scheduler.",
    )


def _check_scheduler(client: Client) -> None:
    """Raise if the versions differ: the library may not understand another version's messages."""
    scheduler: Any = client.scheduler
    try:
        found: Any = client.sync(scheduler.versions, callback_timeout=_CONNECT_SECONDS)
    except (TimeoutError, OSError):
        raise lost() from None
    theirs, ours = str(found["packages"]["distributed"]), distributed_version()
    if theirs != ours:
        raise ClusterError(
            f"the scheduler runs distributed {printable(theirs)}, and this machine {ours}",
            SAME_EVERYWHERE,
        )


@contextmanager
def _silence() -> Iterator[None]:
    """Silence what the library logs about broken connections and ended workers of our cluster."""
    loggers = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.partition(".")[0] == "distributed"
    ]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled
