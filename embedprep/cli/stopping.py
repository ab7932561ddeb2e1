"""Stop on a signal: the first one unwinds the stack, the second ends the process at once."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import NoReturn

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

_A_LITTLE = 0.002
"""A short wait in seconds."""

_number = 0
"""The number of the signal that asked to stop, or 0."""


class Stopped(BaseException):
    """Raised when a signal arrives: unwinds the stack, so that temporary files are removed."""


def begin() -> None:
    """Make signals raise `Stopped` from now on."""
    sys.unraisablehook = _stop_later
    sys.excepthook = _print
    _on_signals(_stop)


def end() -> None:
    """Make signals do nothing from now on, because the rest takes no time."""
    _on_signals(signal.SIG_IGN)
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, signal.SIG_IGN)


def asked() -> bool:
    """Whether a signal has arrived."""
    return _number != 0


def tell() -> None:
    """Say what Ctrl-C left behind. Other signals come from programs, which want no words."""
    if _number != signal.SIGINT or sys.stderr is None:
        return
    publication = sys.modules.get("embedprep.containers.publication")
    written = publication is not None and publication.published
    start = "\n" if sys.stderr.isatty() else ""  # after ^C
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{start}embedprep: stopped{'' if written else ', nothing was written'}\n")
        sys.stderr.flush()


def leave() -> NoReturn:
    """Remove the temporary files, and exit.

    This skips the interpreter's final steps: objects of a library that the stop left incomplete
    would report errors there, or hang.
    """
    atomic = sys.modules.get("embedprep.containers.atomic")
    if atomic is not None:
        atomic.discard_pending()
    os._exit(128 + _number)


def _on_signals(action: Callable[[int, FrameType | None], NoReturn] | signal.Handlers) -> None:
    for name in _SIGNALS:
        if hasattr(signal, name):
            number = getattr(signal, name)
            # A shell that starts a background process, or nohup, decides which signals are ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, action)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    global _number
    _number = number
    _on_signals(_end)
    raise Stopped


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Handle a second signal: the first has not ended the process yet, and perhaps cannot.

    Its exception may have come while a library held a lock, which is never released now.
    """
    global _number
    _number = number
    leave()


def _stop_later(unraisable: sys.UnraisableHookArgs) -> None:
    """Handle an exception that the interpreter could not raise, because it was in a callback.

    Any other exception is printed and forgotten; a stop is raised again a little later.
    """
    if unraisable.exc_type is Stopped:
        _raise_later()
    else:
        sys.__unraisablehook__(unraisable)


def _print(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Raise a stop again after a compiled module has printed it.

    Such modules print the exception that interrupts their import, and continue.
    """
    if kind is Stopped:
        _raise_later()
    else:
        sys.__excepthook__(kind, error, trace)


def _raise_later() -> None:
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _stop_again)
        signal.setitimer(signal.ITIMER_REAL, _A_LITTLE)


def _stop_again(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped
