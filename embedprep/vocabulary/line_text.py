"""Split text into lines, and find the one shape that all of them share.

Comes in: the text of a file that is not JSON. Goes out: a `Content` whose value is the list of
lines. Lines end at a newline (with or without a carriage return before it) and nowhere else. Tokens
may contain U+0085, U+2028 and the other characters at which `str.splitlines` would cut, and one
line too many would move every row after it. Only if the whole file is one such line do its lines
end at carriage returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from embedprep.vocabulary import numbered_lines, tables
from embedprep.vocabulary.content import (
    ALLENNLP_UNKNOWN,
    TFDS_HEADER,
    Content,
    LineShape,
    Unclear,
    without_blank_end,
)

_INTEGER = re.compile(r"[0-9]+")
_ID_TOKEN_COUNT = re.compile(r"[0-9]+\t[^\t]*\t[0-9]+")
_TOKEN_NUMBER = re.compile(
    r".*\t[-+]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?|inf|nan)", re.DOTALL
)
_TOKEN_COUNT = re.compile(r".* [0-9]{1,18}(?: #fairseq:overwrite)?", re.DOTALL)
_NUMBERS = re.compile(r"\S+(?: +[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?){2,} *")
_ID_TOKEN = re.compile(r"[0-9]{1,18} \S+")
_COUNT_TOKEN = re.compile(r" *[0-9]{1,18} \S+")
_TOKEN_COLON_ID = re.compile(
    r"(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^\s\"'].*?)\s*:\s+[0-9]{1,18}"
)
_ID_LITERAL_LENGTH = re.compile(r"[0-9]{1,18} b?(?:'.*'|\".*\") [0-9]+", re.DOTALL)
_TABLE_OF_TOML = re.compile(r"\[[^\[\]]+\]")
_EQUALS = re.compile(r".* = [0-9]{1,18}")
_SETTING = re.compile(r"\s*[\w.\"'-]+\s*(?:: |=).*")
_WITH_NUMBER = re.compile(
    r"(?:.*[ ,;:|=][-+]?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?,?|[0-9]+[ ,;:|=).]+.+)", re.DOTALL
)
_QUOTED = re.compile(r"b?(?:'.+'|\".+\"),?", re.DOTALL)
_PRINTED = re.compile(r"\((?:[0-9]+, b?(?:'.*'|\".*\")|b?(?:'.*'|\".*\"), ?[0-9]+)\),?", re.DOTALL)
_TAGGED = re.compile(r"\s*<(\w+)(?: [^<>]*)?>.*</\1>\s*")
_LISTED = re.compile(r"[*•+] \S.*")
_ENDED = re.compile(r".+(?:[,;]|\\n)", re.DOTALL)
_YAML_ITEM = re.compile(r"\s*- \S.*")
_HEADERS = ("token", "tokens", "word", "words", "vocab", "vocabulary")
_COMMENT = re.compile(r"(?:#+|//|;+|%+) .*[^\W\d_].*")
# A file may hold blank lines as tokens; one whose every second line is blank was written so.
_MOST_BLANK = 0.4
# A vocabulary may contain phrases; a file with three words on most lines is prose.
_SPACES_OF_PROSE = 2
_MOST = 0.5
# The longer pieces among the first merges of a tokenizer are joined by earlier ones, except for a
# few that stand for characters of several bytes. Phrases are joined by none.
_FEW = 2
_NEARLY_ALL = 0.8
# Enough lines, evenly spread, to judge what most of them are.
_SAMPLE = 2_000


def content_of_text(text: str) -> Content:
    """Return the content of a text file."""
    lines = lines_of(text)
    shape = _shape(lines)
    unread = shape is LineShape.TOKEN or isinstance(shape, Unclear)
    if unread and "\0" in text and any("\0" in line and line != "\0" for line in lines):
        shape = Unclear.ZERO_BYTES
    return Content(shape, lines)


def lines_of(text: str) -> list[str]:
    """Return the lines of `text` without their ends; a final newline begins no other line."""
    text = text.replace("\r\n", "\n")
    if "\r" in text and "\n" not in text[:-1]:
        text = text.removesuffix("\n").replace("\r", "\n")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def is_prose(lines: list[str]) -> bool:
    """Return whether most lines have several words, and no count at their end."""
    sample = lines[:: max(1, len(lines) // _SAMPLE)]
    wordy = sum(
        line.count(" ") >= _SPACES_OF_PROSE
        and "\t" not in line
        and not _TOKEN_COUNT.fullmatch(line)
        for line in sample
    )
    return wordy > _MOST * len(sample)


def _shape(lines: list[str]) -> LineShape | Unclear:
    """Return the one shape of a file's lines. Each test stops at the first line that fails it."""
    if lines[:1] == [TFDS_HEADER]:
        return LineShape.TFDS
    if lines[:1] == [ALLENNLP_UNKNOWN]:
        return LineShape.ALLENNLP
    return _shape_of_records(without_blank_end(lines)) or _shape_of_text(lines or [""])


def _shape_of_records(lines: list[str]) -> LineShape | Unclear | None:
    """Return the shape of lines with more than a token each; None if they have only a token."""
    header = 1 if len(lines) > 1 and _INTEGER.fullmatch(lines[0]) else 0
    if _all(_ID_TOKEN_COUNT, lines[header:]):
        return LineShape.ID_TOKEN_COUNT
    if (table := tables.shape(lines)) is not None:
        return table
    if lines and all("\t" in line for line in lines):
        return _tabbed_shape(lines)
    if numbered_lines.merged(lines) != lines and _all(_TOKEN_NUMBER, numbered_lines.merged(lines)):
        return LineShape.TOKEN_SCORE
    if _all(_TABLE_OF_TOML, lines[:1]) and _all(_EQUALS, lines[1:]):
        return Unclear.EQUALS
    if _all(_ID_LITERAL_LENGTH, lines):
        return LineShape.ID_LITERAL_LENGTH
    if any(_all(_NUMBERS, lines[begin:]) for begin in (0, 1)):
        return Unclear.NUMBERS
    if _all(_TOKEN_COLON_ID, lines):
        return LineShape.TOKEN_COLON_ID
    if _all(_TOKEN_COUNT, lines):
        return numbered_lines.after_space(lines)
    if len(lines) > 1 and _all(_ID_TOKEN, lines):
        return numbered_lines.before(lines, " ")
    if len(lines) > 1 and _all(_COUNT_TOKEN, lines):  # as uniq -c aligns them
        shape = numbered_lines.before([line.lstrip(" ") for line in lines], " ")
        return None if shape is LineShape.ID_TOKEN else shape
    return None


def _all(pattern: re.Pattern[str], lines: list[str]) -> bool:
    return bool(lines) and all(map(pattern.fullmatch, lines))


def _tabbed_shape(lines: list[str]) -> LineShape | Unclear:
    """Return the shape of lines of a token, a tab and a number.

    SentencePiece scores are logarithms of probabilities, or minus a rank: never positive.
    """
    if _all(_TOKEN_NUMBER, lines):
        return numbered_lines.after_tab(lines)
    return numbered_lines.before(lines, "\t") or Unclear.COLUMNS


def _are_merges(lines: list[str]) -> bool:
    """Whether each line has two pieces, and nearly all longer ones are joined by a line before."""
    known, joined, longer = set[str](), 0, 0
    for line in lines:
        one, _, other = line.partition(" ")
        if not one or not other or " " in other:
            return False
        for piece in (one, other):
            if len(piece.removesuffix("</w>")) > 1:
                longer += 1
                joined += piece in known
        known.add(one + other)
    return longer > _FEW and joined >= _NEARLY_ALL * longer


def _is_header(line: str, others: int) -> bool:
    """Whether the first line names the column, or says how many others there are."""
    return line.lower() in _HEADERS or (others > 1 and line == str(others))


def _shape_of_text(lines: list[str]) -> LineShape | Unclear:
    """Return the shape of one token per line, unless most lines look like something else."""
    sample = lines[:: max(1, len(lines) // _SAMPLE)]

    def most(are: Callable[[str], object]) -> bool:
        return 2 * sum(bool(are(line)) for line in sample) > len(sample)

    if most(_YAML_ITEM.fullmatch) or (lines[0] == "---" and most(_SETTING.fullmatch)):
        return Unclear.YAML
    if _are_merges(lines):
        return Unclear.MERGES
    if len(lines) > 1 and _is_header(lines[0], len(without_blank_end(lines)) - 1):
        return Unclear.HEADER
    if most(_PRINTED.fullmatch):
        return Unclear.PRINTED
    if most(_TAGGED.fullmatch):
        return Unclear.TAGGED
    if most(lambda line: "\t" in line or _WITH_NUMBER.fullmatch(line)):
        return Unclear.MIXED
    if most(_SETTING.fullmatch):
        return Unclear.SETTINGS
    if most(_QUOTED.fullmatch):
        return Unclear.QUOTED
    if most(_LISTED.fullmatch):
        return Unclear.LISTED
    if most(_ENDED.fullmatch):
        return Unclear.ENDED
    if most(lambda line: line.endswith(" ") and line.strip()):
        return Unclear.ALIGNED
    wordy = sum(line.count(" ") >= _SPACES_OF_PROSE for line in sample) / len(sample)
    repeated = (len(sample) - len(set(sample))) / len(sample)
    if any(lines) and wordy + repeated > _MOST:
        return Unclear.PROSE
    is_between = any(lines) and "" in without_blank_end(lines)
    if is_between and lines.count("") > max(1, _MOST_BLANK * len(lines)):
        return Unclear.BLANK
    is_comment = len(lines) > 1 and _COMMENT.fullmatch(lines[0])
    return Unclear.HEADER if is_comment else LineShape.TOKEN
