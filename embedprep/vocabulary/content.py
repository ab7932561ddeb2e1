"""The decoded content of a vocabulary file, and the shape that identifies its family.

This stage is between the bytes and the families. `json_text` and `line_text` produce a `Content`; a
family claims it by its shape. The shape depends only on the types inside the file. Each file has
exactly one shape, and file names play no role.
"""

from __future__ import annotations

import enum
import re
from typing import Any

from embedprep.named_tuples import NamedTuple

TFDS_HEADER = "### TokenTextEncoder"
ALLENNLP_UNKNOWN = "@@UNKNOWN@@"
OVERWRITE = " #fairseq:overwrite"
"""The marks at the beginning or end of lines in the files of these libraries."""


class JsonShape(enum.Enum):
    """The types in a JSON document; the value is its name in errors."""

    STRINGS = "a JSON list of strings"
    SCORED = "a JSON list of pieces and scores"
    PAIRS = "a JSON list of tokens and ids"
    NUMBERS = "a JSON map from strings to numbers"
    NUMBERED_STRINGS = "a JSON map from numbers to strings"
    RECORD = "a JSON map with lists or maps inside"
    UNKNOWN = "JSON, but neither a list nor a map that could be a vocabulary"


class LineShape(enum.Enum):
    """The common form of the lines of a text file; the value is its name in errors."""

    TOKEN = "lines of text"
    TOKEN_SCORE = "lines of a token, a tab and a score"
    TOKEN_COUNT = "lines of a token, a space and a count"
    TOKEN_ID = "lines of a token and an ascending id"
    ID_TOKEN = "lines of an ascending id and a token"
    TOKEN_COLON_ID = "lines of a token, a colon and an id"
    ID_LITERAL_LENGTH = "lines of an id, a Python literal and its length"
    TABLE = "a table with a header line"
    TFDS = "the vocabulary of a TokenTextEncoder"
    ALLENNLP = "lines of text after the unknown token of AllenNLP"
    BASE64_RANK = "lines of a Base64 text, a space and an ascending rank"
    ID_TOKEN_COUNT = "lines of an id, a token and a count"


class Unclear(enum.Enum):
    """Content that could be two vocabularies, or is something else: no family has these shapes."""

    BASE64_OR_TOKEN = "lines of four letters, a space and an ascending number"
    POSITIVE_NUMBERS = "lines of a token, a tab and a positive number"
    UNORDERED_NUMBERS = "lines of a token, a space and a number"
    TWO_NUMBERS = "lines of two numbers"
    NUMBER_TOKEN = "lines of a number and a token"
    PAIRS = "lines of two pieces and a number"
    COLUMNS = "lines of several columns"
    NUMBERS = "lines of a word and several numbers"
    TABLE_OF_COUNTS = "a table of words and counts"
    WITHOUT_HEADER = "a table without a header line"
    MIXED = "lines of which most have a number"
    SETTINGS = "lines of names and values"
    HEADER = "lines of text after the header of a table"
    BLANK = "lines of text with blank ones between them"
    QUOTED = "lines of text in quotes"
    QUOTED_BESIDE_IDS = "lines of a text in quotes and an id"
    PRINTED = "lines of values as Python prints them"
    TAGGED = "lines of text in tags"
    LISTED = "lines of text behind the sign of a list"
    ENDED = "lines of text that all end in a sign"
    ALIGNED = "lines of text with spaces at their ends"
    PROSE = "lines of prose or source code"
    ROW_NAMES = "a table without names of its columns"
    YAML = "lines of YAML"
    EQUALS = "lines of a token, an equals sign and a number"
    MERGES = "lines of two pieces"
    ZERO_BYTES = "lines with zero bytes"
    COUNTED = "a JSON list of tokens and numbers"


class BinaryShape(enum.Enum):
    """The kinds of a binary file; the value is its name in errors."""

    SENTENCEPIECE = "a SentencePiece model"


def without_blank_end(lines: list[str]) -> list[str]:
    """Return `lines` without the blank ones at the end, for families without blank records."""
    last = len(lines)
    while last and not lines[last - 1]:
        last -= 1
    return lines[:last]


def notes_of_blank_end(lines: list[str]) -> tuple[str, ...]:
    """Return a note for the user if the last lines are blank and count as tokens."""
    blank = len(lines) - len(without_blank_end(lines))
    return (f"its last {blank} lines are blank, and have ids as any others",) if blank else ()


class Joined(NamedTuple):
    """A line of a token and a number that lost its line break."""

    number: int
    """The number of the first token."""
    second: str


_JOINED = re.compile(r"\S+ ([0-9]{1,18}) ?(\S+)")


def joined(before_number: str) -> Joined | None:
    """Return the two records in a line, given what stands before its last number; None if it
    cannot be two.
    """
    found = _JOINED.fullmatch(before_number) if " " in before_number else None
    return None if found is None else Joined(int(found[1]), found[2])


class Content(NamedTuple):
    """A decoded vocabulary file, with its shape.

    `value` is the JSON value, or the list of lines, or the bytes of a binary file.
    """

    shape: JsonShape | LineShape | BinaryShape | Unclear
    value: Any
