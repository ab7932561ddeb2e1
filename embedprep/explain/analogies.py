"""Analogies such as king - man + woman. The neighbours of a token are those of a sum of one term.

3CosAdd of Mikolov, Yih and Zweig 2013, "Linguistic Regularities in Continuous Space Word
Representations": the words whose unit vectors have the largest cosine with the sum of the unit
vectors of the words given, each with its sign; the words given are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedprep.errors import InputError, UsageError, printable
from embedprep.explain import naming
from embedprep.explain.explanation import Neighbour, Term
from embedprep.explain.nearest import Vector, nearest, unit
from embedprep.explain.parts import Parts

_SIGNS = {"+": 1, "-": -1}


def parse(expression: Sequence[str]) -> list[tuple[int, str]]:
    """Return the signs and words of an expression: one string, or words and signs one by one.

    Raises UsageError unless words and signs alternate, and there are at least two words.
    """
    items = expression[0].split() if len(expression) == 1 else list(expression)
    signed = items if items and items[0] in _SIGNS else ["+", *items]
    signs, words = signed[::2], signed[1::2]
    if (
        len(words) < 2
        or len(signs) != len(words)
        or not _SIGNS.keys() >= set(signs)
        or _SIGNS.keys() & set(words)
    ):
        raise UsageError(
            f"'{printable(' '.join(items))}' is no analogy",
            "Put + or - between words, with spaces around: king - man + woman.",
        )
    return [(_SIGNS[sign], word) for sign, word in zip(signs, words, strict=True)]


def terms(signed: Sequence[tuple[int, str | int]], parts: Parts) -> list[Term]:
    """Resolve the words or rows of a sum. Raises InputError for one without a vector."""
    found = []
    for sign, asked in signed:
        row = _row_with_vector(asked, parts)
        found.append(Term(sign, parts.token(row), row))
    return found


def nearest_to(sum_of: Sequence[Term], parts: Parts, n: int) -> list[Neighbour]:
    """Return the `n` tokens nearest to the sum, without its own tokens."""
    total: Vector = np.zeros(parts.array.shape[1])
    for term in sum_of:
        total += term.sign * unit(parts.array[term.row])
    without = [np.append(parts.rows_of(term.token), term.row) for term in sum_of]
    empty = np.zeros(0, np.int64)
    [found] = nearest(parts, [unit(total)], [np.concatenate([empty, *without])], n)
    return [Neighbour(parts.token(row), row, cosine) for row, cosine in found]


def _row_with_vector(asked: str | int, parts: Parts) -> int:
    if isinstance(asked, str):
        rows = [form.row for form in naming.forms(asked, parts)]
        problem = "it is not in the vocabulary"
    else:
        rows = [asked] if 0 <= asked < len(parts.array) else []
        problem = f"there is no such row: they are 0 to {len(parts.array) - 1:,}"
    for row in rows:
        if parts.has_vector[row]:
            return row
    raise InputError(
        "it has no vector" if rows else problem,
        "Use another word: explain names those spelt alike.",
        path=parts.path,
        token=str(asked),
    )
