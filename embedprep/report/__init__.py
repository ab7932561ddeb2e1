"""Stage 8: the coverage, shown to a person."""

from __future__ import annotations

from embedprep.coverage import Coverage
from embedprep.report.terminal import table

__all__ = ["CoverageReport"]


class CoverageReport(Coverage):
    """A `Coverage` that shows itself as a table when printed."""

    def __str__(self) -> str:
        return table(self)
