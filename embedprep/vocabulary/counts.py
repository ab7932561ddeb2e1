"""The number of occurrences of each token, from a counts file or the tokenizer file itself.

Comes in: a vocabulary and a JSON map token → count, or lines `token<TAB>count`. Goes out: the
vocabulary with `counts`. Only whole numbers from zero up are counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.vocabulary import json_text, source
from embedprep.vocabulary.model import Counted, Role, Vocabulary

_REMEDY = "Counts are whole numbers from 0 up, one a token: count again and write those."
_LIMIT = 2**53
_SUM_LIMIT = 2**63
_DIGITS = re.compile(r"[0-9]{1,18}")


def with_counts(vocabulary: Vocabulary, path: str | os.PathLike[str]) -> Vocabulary:
    """Return `vocabulary` with the counts of the file at `path`, as `counts_in` reads them."""
    listed, counts = counts_in(path, vocabulary.tokens)
    ordinary = vocabulary.roles == Role.WORD
    listing = np.fromiter((t in listed for t in vocabulary.tokens), bool, len(counts))
    of_tokens = int((listing & ordinary).sum()) / max(1, int(ordinary.sum()))
    of_text = int(counts.sum()) / max(1, sum(listed.values()))
    return vocabulary._replace(counts=counts, counted=Counted(of_tokens, of_text))


def counts_in(
    path: str | os.PathLike[str], tokens: Sequence[str]
) -> tuple[dict[str, Any], NDArray[np.int64]]:
    """Return what the file at `path` lists, and the count of each of the `tokens`, or 0.

    The file is a JSON map token → count, or has lines `token<TAB>count` (a space instead of the tab
    is accepted, as GloVe and word2vec write it). Raises `InputError` for a count that is negative,
    fractional, boolean or given twice, and if the file lists none of the tokens.
    """
    with source.errors_naming(path):
        text = source.text_of(path)
        listed = _from_json(text) if json_text.looks_like_json(text) else _from_lines(text)
        if listed.keys().isdisjoint(tokens):
            raise InputError(
                reason="contains no token of the vocabulary",
                remedy="Count the tokens as the tokenizer spells them, with its marks and case.",
            )
        return listed, count_array(tokens, [listed.get(token, 0) for token in tokens])


def count_array(tokens: Sequence[str], counts: Sequence[Any]) -> NDArray[np.int64]:
    """Return `counts` as int64 of shape (n,), each checked; an error names the token.

    Their sum fits into 64 bits, too.
    """
    if _are_counts(counts):
        if sum(counts) >= _SUM_LIMIT:
            raise InputError(
                reason=f"the counts add up to {sum(counts):,}, which no text has",
                remedy=f"The sum must be below 2^63. {_REMEDY}",
            )
        return np.fromiter(counts, np.int64, len(counts))
    wrong = next(i for i, count in enumerate(counts) if not _are_counts([count]))
    raise InputError(
        reason=f"{json_text.as_json(counts[wrong])} is not a count",
        remedy=_REMEDY,
        token=tokens[wrong],
    )


def _are_counts(values: Sequence[Any]) -> bool:
    """Whether all are counts. One check covers them all, because there may be millions."""
    if not set(map(type, values)) <= {int}:
        return False
    return min(values, default=0) >= 0 and max(values, default=0) <= _LIMIT


def _from_json(text: str) -> dict[str, Any]:
    listed = json_text.content_of_value(json_text.decode(text)).value
    if not isinstance(listed, dict) or any(isinstance(v, (dict, list)) for v in listed.values()):
        raise InputError(
            reason="JSON, but not a map from tokens to counts",
            remedy='Write {"token": count, …}, or lines of a token, a tab and a count.',
        )
    count_array(list(listed), list(listed.values()))
    return listed


def refuse_prose(lines: list[str]) -> None:
    """Raise `InputError` for a text that is not counted yet."""
    from embedprep.vocabulary import line_text

    if line_text.is_prose(lines):
        raise InputError(
            reason="has lines of prose, not tokens and how often they occur",
            remedy="Pass a text with --text, which counts it, or write lines of a token, a tab and "
            "its count.",
        )


def counts_in_lines(lines: Sequence[str]) -> Iterator[tuple[int, str, int]]:
    """Yield the number of each line, from 1, with its token and its count.

    Raises `InputError` for a line without a count.
    """
    for number, line in enumerate(lines, start=1):
        token, separator, digits = line.rpartition("\t" if "\t" in line else " ")
        if not separator:
            raise InputError(
                reason="no count on this line",
                remedy="Write a token, a tab and its count on every line.",
                line=number,
                token=line,
            )
        if not (_DIGITS.fullmatch(digits) and int(digits) <= _LIMIT):
            reason = f"{json_text.as_json(digits)} is not a count"
            raise InputError(reason=reason, remedy=_REMEDY, line=number, token=token)
        yield number, token, int(digits)


def _from_lines(text: str) -> dict[str, int]:
    from embedprep.vocabulary import counted_tables, line_text  # of no use to most builds

    lines = line_text.lines_of(text)
    counted_tables.refuse(lines)
    refuse_prose(lines)
    listed: dict[str, int] = {}
    for number, token, count in counts_in_lines(lines):
        if token in listed:
            raise InputError(
                reason="is counted twice",
                remedy="Add the two counts up, or remove one of the lines.",
                line=number,
                token=token,
            )
        listed[token] = count
    return listed
