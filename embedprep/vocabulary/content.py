"""What a vocabulary file holds once it is decoded, and the shape that tells its family.

Stage between the bytes and the families. `json_text` and `line_text` produce a `Content`; a
family claims it by its shape. A shape is found from the types inside the file alone, each file
has exactly one, and no file name is consulted.
"""

from __future__ import annotations

import enum
from typing import Any, NamedTuple


class JsonShape(enum.Enum):
    """The types in a JSON document; the value is how an error calls it."""

    STRINGS = "a JSON list of strings"
    LISTS = "a JSON list of lists"
    NUMBERS = "a JSON map from strings to numbers"
    NUMBERED_STRINGS = "a JSON map from numbers to strings"
    RECORD = "a JSON map with lists or maps inside"
    UNKNOWN = "JSON, but neither a list nor a map that could be a vocabulary"


class LineShape(enum.Enum):
    """What the lines of a text file have in common; the value is how an error calls it."""

    TOKEN = "lines of text"
    TOKEN_SCORE = "lines of a token, a tab and a score"
    TOKEN_COUNT = "lines of a token, a space and a count"
    BASE64_RANK = "lines of a Base64 text, a space and an ascending rank"
    ID_TOKEN_COUNT = "lines of an id, a token and a count"
    POSITIVE_NUMBERS = "lines of a token, a tab and a positive number"
    COLUMNS = "lines of several columns"


class Content(NamedTuple):
    """A decoded vocabulary file: the JSON value, or the list of lines, with its shape."""

    shape: JsonShape | LineShape
    value: Any
