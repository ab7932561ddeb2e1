"""The marks by which the keys of a vector file show that they are pieces of words.

Both cores count them while they scan; what the counts mean is decided where the vectors are read.
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
"""How tokenizers mark that a piece begins, continues or ends a word."""


def mark_of(key: bytes) -> int | None:
    """The number of the first of `MARKS` that `key` has; a mark alone is none."""
    for number, (place, mark) in enumerate(MARKS):
        has_mark = key.endswith if place == "end" else key.startswith
        if has_mark(mark) and len(key) > len(mark):
            return number
    return None
