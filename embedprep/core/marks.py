"""The marks by which the keys of a vector file show that they are pieces of words.

Both cores count them during the scan. The code that reads the vectors decides what the counts mean.
"""

from __future__ import annotations

MARKS = (
    ("begin", "Ġ".encode()),  # a space in the alphabet of byte-level tokenizers
    ("begin", "▁".encode()),  # SentencePiece
    ("begin", b" "),
    ("inside", b"##"),  # WordPiece
    ("end", b"</w>"),
    ("end", "▁".encode()),
)
"""The marks that tokenizers use for the beginning, inside and end of words."""


def mark_of(key: bytes) -> int | None:
    """Return the index of the first of `MARKS` that `key` has; a mark alone does not count."""
    for number, (place, mark) in enumerate(MARKS):
        has_mark = key.endswith if place == "end" else key.startswith
        if has_mark(mark) and len(key) > len(mark):
            return number
    return None
