"""Signals for what the tests start: as in a terminal, whoever started the tests."""

from __future__ import annotations

import signal


def let_signals_through() -> None:
    """Undo for new programs that `nohup make test &` ignores signals: they inherit it.

    They do not inherit a handler, and one that does nothing protects this process as well.
    """
    for name in ("SIGINT", "SIGHUP", "SIGQUIT"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)
