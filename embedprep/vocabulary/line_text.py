"""Text to lines and the one shape that all of them share.

Comes in: the text of a file that is not JSON. Goes out: a `Content` whose value is the list of
lines. Lines end at a newline (with or without a carriage return before it) and nowhere else:
tokens may contain U+0085, U+2028 and the other characters at which `str.splitlines` would cut,
and a line too many would move every row after it.
"""

from __future__ import annotations

import re

from embedprep.vocabulary.content import Content, LineShape

_INTEGER = re.compile(r"[0-9]+")
_ID_TOKEN_COUNT = re.compile(r"[0-9]+\t[^\t]*\t[0-9]+")
_TOKEN_NUMBER = re.compile(
    r".*\t[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|inf|nan)", re.DOTALL
)
_TOKEN_COUNT = re.compile(r".+ [0-9]+(?: #fairseq:overwrite)?", re.DOTALL)
_BASE64_RANK = re.compile(
    r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4}) [0-9]+"
)


def content_of_text(text: str) -> Content:
    """The content of a text file."""
    lines = lines_of(text)
    return Content(_shape(lines), lines)


def lines_of(text: str) -> list[str]:
    """The lines of `text` without their ends; a last newline does not begin another line."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _shape(lines: list[str]) -> LineShape:
    """The one shape of a file's lines. Each test stops at the first line that fails it."""
    header = 1 if len(lines) > 1 and _INTEGER.fullmatch(lines[0]) else 0
    if lines[header:] and all(map(_ID_TOKEN_COUNT.fullmatch, lines[header:])):
        return LineShape.ID_TOKEN_COUNT
    if lines and all("\t" in line for line in lines):
        return _tabbed_shape(lines)
    if lines and all(map(_TOKEN_COUNT.fullmatch, lines)):
        return _counted_shape(lines)
    return LineShape.TOKEN


def _tabbed_shape(lines: list[str]) -> LineShape:
    """SentencePiece scores are logarithms of probabilities, or minus a rank: never positive."""
    if not all(map(_TOKEN_NUMBER.fullmatch, lines)):
        return LineShape.COLUMNS
    positive = any(float(line.rpartition("\t")[2]) > 0 for line in lines)
    return LineShape.POSITIVE_NUMBERS if positive else LineShape.TOKEN_SCORE


def _counted_shape(lines: list[str]) -> LineShape:
    """Counts are written in descending order, ranks in ascending order and without ties."""
    if not all(map(_BASE64_RANK.fullmatch, lines)):
        return LineShape.TOKEN_COUNT
    # By length first: the digits of a number too long for int() must not end in an exception.
    ranks = [(len(digits), digits) for digits in (line.rpartition(" ")[2] for line in lines)]
    ascending = all(ranks[i] < ranks[i + 1] for i in range(len(ranks) - 1))
    return LineShape.BASE64_RANK if ascending else LineShape.TOKEN_COUNT
