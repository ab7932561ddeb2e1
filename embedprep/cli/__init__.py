"""The command line: options to one call, errors to exit codes, and nothing else."""

from __future__ import annotations

from embedprep.cli.door import main

__all__ = ["main"]
