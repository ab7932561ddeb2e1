"""Stage 7: the coverage, shown to a person.

In: a `Coverage`.
Out: a table for the terminal, and a page (`html`).
May import: fallback, vocabulary, options, containers, post, coverage.
"""

from __future__ import annotations

from embedprep.coverage import Coverage
from embedprep.errors import UsageError
from embedprep.report.terminal import one_line, table

__all__ = ["CoverageReport"]


class CoverageReport(Coverage):
    """A `Coverage` that prints as a table, and appears as a page in a notebook."""

    def __str__(self) -> str:
        return table(self)

    def __repr__(self) -> str:
        return one_line(self)

    def _repr_html_(self) -> str:
        """The HTML report for notebooks, or the table if its libraries are missing."""
        from html import escape

        from embedprep.report.html import framed, render

        try:
            return framed(render(self))
        except UsageError:
            return f"<pre>{escape(str(self))}</pre>"
