"""Lines of a token and a number: whether the numbers are ids, counts or scores.

Comes in: lines that all have a number after, or before, a token. Goes out: their `LineShape`. Ids
ascend without a tie, or each number up to the last occurs once; counts descend; scores are never
positive. Numbers that fit none of these could be two things, so no family claims them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from embedprep.vocabulary.content import OVERWRITE, LineShape, Unclear

_BASE64_RANK = re.compile(
    r"(?:=|(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})) [0-9]+"
)
_QUOTED = re.compile(r"b?(?:'.+'|\".+\")", re.DOTALL)
_NEARLY_ALL = 0.9
_COUNTING = re.compile(r"[0-9]{1,18}")


def merged(lines: list[str]) -> list[str]:
    """Merge lines of SentencePiece's `.vocab`: a piece that contains newlines takes several.

    Blank lines belong to the piece that ends in the next line, if that contains only its score.
    """
    if "" not in lines:
        return lines
    records, waiting = list[str](), ""
    for line in lines:
        if line == "":
            waiting += "\n"
        elif waiting and line.startswith("\t"):
            records.append(waiting + line)
            waiting = ""
        else:
            records += [""] * len(waiting) + [line]
            waiting = ""
    return records + [""] * len(waiting)


def after_space(lines: list[str]) -> LineShape | Unclear:
    """Return the shape of lines of a token, a space and digits."""
    columns = [line.removesuffix(OVERWRITE).rpartition(" ") for line in lines]
    tokens = [token for token, _, _ in columns]
    numbers = [int(digits) for _, _, digits in columns]
    if all(map(_BASE64_RANK.fullmatch, lines)) and _ascend(numbers):
        is_padded = any(token.endswith("=") for token in tokens)
        return LineShape.BASE64_RANK if is_padded else Unclear.BASE64_OR_TOKEN
    # Two thirds of all numbers of bytes are padded. The reader names the line that is damaged.
    if 2 * sum(token.endswith("=") and " " not in token for token in tokens) > len(tokens):
        return LineShape.BASE64_RANK
    if all(" " in token.strip(" ") for token in tokens):
        return Unclear.EQUALS if all(t.endswith(" =") for t in tokens) else Unclear.PAIRS
    if _are_aligned(tokens):
        return Unclear.ALIGNED
    are_two = all(map(_COUNTING.fullmatch, tokens))
    if are_ids(numbers):
        return Unclear.TWO_NUMBERS if are_two else _with_ids(LineShape.TOKEN_ID, tokens)
    descend = all(a >= b for a, b in itertools.pairwise(numbers))
    are_counts = descend and len(numbers) > 1 and not _are_each_once(numbers)
    if are_two and not (are_counts and not are_ids(list(map(int, tokens)))):
        return Unclear.TWO_NUMBERS
    return LineShape.TOKEN_COUNT if are_counts else Unclear.UNORDERED_NUMBERS


def after_tab(lines: list[str]) -> LineShape | Unclear:
    """Return the shape of lines of a token, a tab and a number of any kind."""
    columns = [line.rpartition("\t") for line in lines]
    numbers = [digits for _, _, digits in columns]
    if not any(float(number) > 0 for number in numbers):
        return LineShape.TOKEN_SCORE
    if not all(map(_COUNTING.fullmatch, numbers)):
        return Unclear.POSITIVE_NUMBERS
    if all(_COUNTING.fullmatch(token) for token, _, _ in columns):
        return Unclear.TWO_NUMBERS
    if any("\t" in token for token, _, _ in columns):
        return Unclear.COLUMNS
    if _are_aligned([token for token, _, _ in columns]):
        return Unclear.ALIGNED
    if not are_ids(list(map(int, numbers))):
        return Unclear.POSITIVE_NUMBERS
    return _with_ids(LineShape.TOKEN_ID, [token for token, _, _ in columns])


def before(lines: list[str], separator: str) -> LineShape | Unclear | None:
    """Return the shape of lines of a number and a token, if they are such."""
    columns = [line.partition(separator) for line in lines]
    if not all(_COUNTING.fullmatch(digits) for digits, _, _ in columns):
        return None
    if any(separator in token for _, _, token in columns):
        return None
    ids = [int(digits) for digits, _, _ in columns]
    if not are_ids(ids):
        return Unclear.NUMBER_TOKEN
    return _with_ids(LineShape.ID_TOKEN, [token for _, _, token in columns])


def _with_ids(shape: LineShape, tokens: Sequence[str]) -> LineShape | Unclear:
    """Return `shape`, lines of `tokens` and their ids, unless nearly all tokens are in quotes."""
    quoted = sum(_QUOTED.fullmatch(token) is not None for token in tokens)
    return Unclear.QUOTED_BESIDE_IDS if quoted >= _NEARLY_ALL * len(tokens) else shape


def _are_aligned(tokens: Sequence[str]) -> bool:
    """Whether most have spaces after them: columns that were aligned, not tokens with a space."""
    return 2 * sum(token.endswith(" ") and bool(token.strip()) for token in tokens) > len(tokens)


def _ascend(numbers: Sequence[int]) -> bool:
    return all(a < b for a, b in itertools.pairwise(numbers))


def _are_each_once(numbers: Sequence[int]) -> bool:
    """Whether they are the numbers from 0, or from 1, to the last, each once."""
    first = min(numbers)
    return first <= 1 and sorted(numbers) == list(range(first, first + len(numbers)))


def are_ids(numbers: Sequence[int]) -> bool:
    """Whether these numbers, in this order, can only be ids."""
    if len(numbers) < 2:
        return False
    if _ascend(numbers):
        return True
    return _are_each_once(numbers) and not _ascend(numbers[::-1])
