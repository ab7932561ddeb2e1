"""Builds in processes forked from one that has imported everything already.

A start costs a few milliseconds instead of half a second, so that thousands of faults are tried in
minutes, and between two runs no import gets in the way of the counting of system calls. For the
rest each is an ordinary process: it runs the command line, and ends as the interpreter ends.

Run as a program this is the parent of them all: a request a line on standard input, and for each
the process id of the build, then its status.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds after which a build hangs."""

_HELD_BACK = {signal.SIGUSR1, signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
"""Signals that a child gets only when it has forked and stands on its own feet."""

_PR_SET_PTRACER, _ANYBODY = 0x59616D61, -1  # of <linux/prctl.h>


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    code: int
    """As a shell shows it: 128 + n for one that was ended by signal n."""
    out: str
    err: str


def exit_code(returncode: int) -> int:
    """As a shell shows what `subprocess` gives."""
    return returncode if returncode >= 0 else 128 - returncode


class Parent:
    """A process that has imported everything; its children run one at a time.

    pages: also what makes a page, which takes each child another tenth of a second to leave.
    """

    def __init__(self, *, pages: bool = False) -> None:
        self._notes = tempfile.TemporaryDirectory()
        quiet = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, self._notes.name, *["pages"] * pages],
            cwd=ROOT,
            env=quiet | {"OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what is read ahead, `select` would not know of
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._process.communicate()  # the end of its requests is its own
        self._notes.cleanup()

    def run(
        self,
        arguments: Sequence[str],
        directory: Path,
        *,
        before: Callable[[int], None] | None = None,
        strike: tuple[int, float] | None = None,
    ) -> Outcome:
        """The command line in `directory`.

        before: it waits for what this does to the process.
        strike: a signal for it, and after how many seconds.

        Raises TimeoutError, and ends the process, if that takes longer than `PATIENCE`, and
        says where all its threads are.
        """
        request = {
            "arguments": arguments,
            "directory": str(directory),
            "held": before is not None,
            "strike": strike,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        child = self._answer()
        try:
            if before is not None:
                before(child)
                os.kill(child, signal.SIGUSR1)
            returncode = self._answer()
        except BaseException as error:
            with contextlib.suppress(ProcessLookupError):
                if isinstance(error, TimeoutError):
                    os.kill(child, signal.SIGUSR2)  # it says where it is
                    time.sleep(1)
                    error.args = (f"it hangs: {self._note('err')}",)
                os.kill(child, signal.SIGKILL)  # nobody else has its number yet
            self._answer()
            raise
        return Outcome(exit_code(returncode), self._note("out"), self._note("err"))

    def _note(self, name: str) -> str:
        return Path(self._notes.name, name).read_text(errors="replace")

    def _answer(self) -> int:
        stream = self._process.stdout
        assert stream is not None
        if not select.select([stream], [], [], PATIENCE)[0]:
            raise TimeoutError
        return int(stream.readline())


def _serve(notes: str, *, pages: bool) -> None:
    """Fork for each request; returns in the child, which is to run what `sys.argv` says."""
    _import_everything(pages=pages)
    gc.freeze()  # a collection at the end of each child would copy all of its memory
    signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        told, tells = os.pipe()
        child = os.fork()
        if child == 0:
            _become(request, notes, tells)
            return
        os.close(tells)
        os.read(told, 1)  # struck earlier, it would be no build yet
        os.close(told)
        os.write(1, b"%d\n" % child)
        if request["strike"] is not None:
            number, seconds = request["strike"]
            time.sleep(seconds)
            os.kill(child, number)  # it may have ended, but nobody else has its number yet
        returncode = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.write(1, b"%d\n" % returncode)
    sys.exit()


def _import_everything(*, pages: bool) -> None:
    """Whatever a build imports on its way: the surest is to make one of each sort."""
    import embedprep
    import embedprep.cli

    with tempfile.TemporaryDirectory() as scratch:
        vectors = Path(scratch, "v.txt")
        vectors.write_bytes(b"the 1 2\ncat 3 4\n")
        for number, ending in enumerate((".npy", ".h5", ".safetensors")):
            output, page = f"{scratch}/{number}{ending}", f"{scratch}/{number}.html"
            embedprep.build(
                *(str(vectors), ["", "the", "a"], output),
                html=page if pages else None,
                clobber=False,
            )


def _become(request: dict[str, object], notes: str, tells: int) -> None:
    """Take on the streams, the directory and the arguments of a build, and wait if told to.

    tells: a pipe that is written to when all of that is done.
    """
    os.chdir(str(request["directory"]))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for fd, name in ((1, "out"), (2, "err")):
        file = os.open(f"{notes}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, fd)
        os.close(file)
    arguments = request["arguments"]
    assert isinstance(arguments, list)
    sys.argv = ["embedprep", *arguments]
    if request["held"]:
        # A tracer that is no parent needs leave where the system restricts it (Yama).
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, ctypes.c_ulong(_ANYBODY), 0, 0, 0)
    faulthandler.register(signal.SIGUSR2)
    # From here on it may be traced: no more calls of our own.
    os.write(tells, b"!")
    if request["held"]:
        signal.sigwait([signal.SIGUSR1])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)


if __name__ == "__main__":
    _serve(sys.argv[1], pages="pages" in sys.argv)
    from embedprep.cli import main

    main()
