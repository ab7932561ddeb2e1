"""The command line: options to one call, errors to exit codes, and nothing else.

In: what the user typed.
Out: an exit code.
May import: sources, containers, coverage, report, explain, matrix, diff, building, doctor,
    conversion, api, verification, updating.
"""

from __future__ import annotations

from embedprep.cli.door import main

__all__ = ["main"]
