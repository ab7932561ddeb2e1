"""The command `embedprep`, and `python -m embedprep`: starts the command line."""

from __future__ import annotations

import signal
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line of this process.

    Until that is imported, Ctrl-C ends the process at once, as other signals do: there is nothing
    to clean up, and Python would show a traceback. The first time after an installation this takes
    seconds, because Python compiles the modules.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from embedprep.cli import main

    main()


if __name__ == "__main__":
    main()
