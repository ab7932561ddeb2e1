"""Text from strangers, made fit to be looked at: visible, and not too long."""

from __future__ import annotations

from embedprep.errors import printable

LONGEST = 96
"""Characters of a token that the page shows."""


def shown(text: str, longest: int = LONGEST) -> str:
    """`text` as `printable` writes it, in at most `longest` characters, the last an ellipsis."""
    written = printable(text[: longest + 1])
    return written if len(written) <= longest else written[: longest - 1] + "…"
