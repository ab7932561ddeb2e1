"""The tokens spelt most like a given one: optimal string alignment distance, on all at once.

It counts insertions, deletions, substitutions and swaps of neighbours (Damerau 1964), each part of
a word edited at most once. For a distance of at most k only the cells of the table within k of its
diagonal matter (Ukkonen 1985); NumPy computes each such cell for all tokens together.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from embedprep.explain.parts import Parts

_CHARACTERS_AT_ONCE = 1 << 20
"""How many tokens are compared at once, so that the work stays in the processor's cache."""
_LONGEST = 1000
"""Characters of a token that are compared; a longer one is no misspelt word."""

Characters = NDArray[np.uint32]


def alike(sought: str, parts: Parts, n: int) -> list[tuple[int, int]]:
    """Return the `n` rows with a vector whose tokens are spelt most like `sought`, and the edits.

    Among equally distant tokens, the smaller row comes first: in most vocabularies, the more
    frequent token. A token with several rows counts once.
    """
    most = edits_allowed(sought)
    if not n or not most:
        return []
    text, starts = _characters(parts)
    lengths = np.diff(starts)
    near = parts.has_vector & (lengths > 0) & (np.abs(lengths - len(sought)) <= most)
    rows = np.flatnonzero(near)
    step = max(1, _CHARACTERS_AT_ONCE // (len(sought) + most))
    query = np.frombuffer(sought.encode("utf-32-le", "surrogatepass"), "<u4")
    edits = np.empty(len(rows), np.uint8)
    for i in range(0, len(rows), step):
        part = rows[i : i + step]
        columns = _columns(text, starts[part], lengths[part], len(sought) + most)
        edits[i : i + step] = distances(query, columns, lengths[part], most)
    good = np.flatnonzero(edits <= most)
    first: dict[bytes, tuple[int, int]] = {}
    for i in good[np.argsort(edits[good], kind="stable")].tolist():
        first.setdefault(parts.annotations.tokens[rows[i]], (int(rows[i]), int(edits[i])))
        if len(first) == n:
            break
    return list(first.values())


def edits_allowed(sought: str) -> int:
    """Return the most edits at which a token is worth naming."""
    return min(3, (len(sought) + 1) // 3) if len(sought) <= _LONGEST else 0


def _characters(parts: Parts) -> tuple[Characters, NDArray[np.int64]]:
    """Return the characters of all tokens, and where each token begins, as in `Strings`."""
    tokens = parts.annotations.tokens
    utf8 = np.asarray(tokens.text)
    text = parts.decoded(utf8.tobytes()).encode("utf-32-le", "surrogatepass")
    continues = (utf8 & 0xC0) == 0x80
    before = np.concatenate([[0], np.cumsum(~continues)])
    return np.frombuffer(text, "<u4"), before[np.asarray(tokens.offsets)]


def _columns(
    text: Characters, starts: NDArray[np.int64], lengths: NDArray[np.int64], width: int
) -> Characters:
    """Return character j of every token, shape (width, tokens); 0 after its end."""
    columns = np.zeros((width, len(starts)), np.uint32)
    for j in range(width):
        inside = j < lengths
        columns[j, inside] = text[starts[inside] + j]
    return columns


def distances(
    query: Characters, columns: Characters, lengths: NDArray[np.int64], most: int
) -> NDArray[np.uint8]:
    """Return the distance from `query` to every token, shape (tokens,), or at least `most` + 1.

    Character j of token t is `columns[j, t]`; no length differs from that of `query` by more than
    `most`.
    """
    far = np.full(columns.shape[1], most + 1, np.uint8)
    # Row i of the table: the distance of the first i characters of `query` from the first j of
    # each token. A cell outside the band is too far.
    before: dict[int, NDArray[np.uint8]] = {}
    above = {j: np.full_like(far, j) for j in range(most + 1)}
    for i in range(1, len(query) + 1):
        row: dict[int, NDArray[np.uint8]] = {}
        for j in range(max(0, i - most), min(len(columns), i + most) + 1):
            if j == 0:
                row[0] = np.full_like(far, min(i, most + 1))
                continue
            cell = above.get(j - 1, far) + (columns[j - 1] != query[i - 1])
            np.minimum(cell, above.get(j, far) + 1, out=cell)
            np.minimum(cell, row.get(j - 1, far) + 1, out=cell)
            if i > 1 and j > 1 and j - 2 in before:
                swapped = (columns[j - 1] == query[i - 2]) & (columns[j - 2] == query[i - 1])
                np.minimum(cell, before[j - 2] + 1, out=cell, where=swapped)
            row[j] = np.minimum(cell, far)
        before, above = above, row
    found = far.copy()
    for j, cell in above.items():
        np.copyto(found, cell, where=lengths == j)
    return found
