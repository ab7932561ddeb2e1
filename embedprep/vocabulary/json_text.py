"""Decode JSON text to a value and its shape, with every trap of JSON turned into an error.

Comes in: the text of a file, or a value already in memory. Goes out: a `Content`. JSON inside a
JSON string (`json.dump(tokenizer.to_json(), file)` writes that) and a wrapper such as
`{"word_index": {…}}` are opened once each.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, NoReturn

from embedprep.errors import InputError, printable
from embedprep.vocabulary.content import Content, JsonShape, Unclear

WRAPPERS = frozenset({"word_index", "index_word", "vocab", "vocabulary", "itos", "stoi"})

# A vocabulary of lines may begin with `[PAD]`, `"` or `"[PAD]"`, so one bracket does not make it
# JSON.
_BEGINNING = re.compile(
    r'\s*(?:\{\s*["}]|\[\s*["\[\]{\d]|"(?:\\[nrt]|\s)*[{\[](?:\\[nrt]|\s)*[\\\[\]{}\d])'
)
# A map whose first value is a number: nearly always the largest file of all, token → id.
_BEGINS_WITH_A_NUMBER = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*-?\d')
_LARGE = 1 << 20
"""Characters, about 60,000 tokens: above this a faster parser saves more than its import takes."""
# Matched from left to right: in `\\"` a backslash is escaped, and the quote is not.
_ESCAPED = re.compile(r'\\["\\]')
_DECIMAL = re.compile(r"-?[0-9]+")
_REWRITE = "Write the file again with a JSON library."


def looks_like_json(text: str) -> bool:
    """Whether `text` begins like a JSON list or map, or like one inside a JSON string."""
    return _BEGINNING.match(text) is not None


def decode(text: str, inside: str | None = None) -> Any:
    """Return the value of a JSON text; `inside` is the key whose string contained the text, if any.

    Raises `InputError` for everything that the standard parser would ignore (repeated keys, NaN and
    the infinities) or answer with an exception of its own.
    """
    place = "" if inside is None else f" in the JSON text inside '{inside}'"
    try:
        if _BEGINS_WITH_A_NUMBER.match(text):
            members = _map_to_numbers(text)
            if members is not None and _has_all_members(members, text):
                return members
        return json.loads(text, object_pairs_hook=_distinct, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InputError(
            reason=f"not valid JSON{place}: {error.msg}, column {error.colno}",
            remedy="The file may be cut short: make or fetch it again. "
            "If it has one token a line, say --vocab-format lines.",
            line=error.lineno if inside is None else None,
        ) from error
    except RecursionError as error:
        raise too_deep(f"JSON nested too deeply{place}") from error
    except ValueError as error:
        # Python converts no integer of more than 4,300 digits, because that takes quadratic time.
        raise InputError(
            reason=f"a number with thousands of digits{place}",
            remedy="No id, count or score is that long: check where the file comes from.",
        ) from error


def too_deep(reason: str) -> InputError:
    """Return the error for a value with more levels than Python follows."""
    return InputError(
        reason=reason,
        remedy="A vocabulary is a list or a map a few levels deep: check that this is one.",
    )


def content_of_text(text: str) -> Content:
    """Return the content of a JSON file."""
    return content_of_value(decode(text))


def content_of_value(value: Any) -> Content:
    """Return the content of a JSON value, after opening one string and one wrapper around it."""
    if isinstance(value, str):
        value = decode(value, inside="the outer string")
    value = _unwrapped(value)
    return Content(_shape(value), value)


def decoded_field(record: dict[str, Any], name: str) -> Any:
    """Return `record[name]`, decoded again if it is a JSON text; None if it is missing."""
    value = record.get(name)
    return decode(value, inside=name) if isinstance(value, str) else value


def as_json(value: Any) -> str:
    """Return a value of a file for an error message: in JSON spelling, and never pages long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        # Only a value in memory can be of another type, infinite or nested in itself.
        text = f"a value of type {type(value).__name__}"
    return printable(text if len(text) <= 40 else f"{text[:40]}…")


def _shape(value: Any) -> JsonShape | Unclear:
    """Return the one shape of a JSON value, which depends only on the types of its entries.

    An entry of a wrong type in an otherwise clear shape does not change the shape: the family that
    claims it can then say which entry is wrong.
    """
    if not isinstance(value, (list, dict)):
        return JsonShape.UNKNOWN
    types = set(map(type, value if isinstance(value, list) else value.values()))
    nested = not types.isdisjoint({list, dict})
    if isinstance(value, list):
        if types == {list}:
            return _shape_of_lists(value)
        return (
            JsonShape.STRINGS if not nested and (str in types or not types) else JsonShape.UNKNOWN
        )
    if nested:
        return JsonShape.RECORD
    if str in types and all(map(_DECIMAL.fullmatch, value)):
        return JsonShape.NUMBERED_STRINGS
    return JsonShape.UNKNOWN if types and types <= {str, type(None)} else JsonShape.NUMBERS


def _shape_of_lists(lists: list[list[Any]]) -> JsonShape | Unclear:
    """Return the shape of a list of lists: pieces with scores, or tokens with ids.

    A score is a logarithm, and so never positive.
    """
    if any(pair and type(pair[0]) is int for pair in lists):
        return JsonShape.PAIRS
    from embedprep.vocabulary import numbered_lines  # its patterns take a while to compile

    numbers = [pair[1] for pair in lists if len(pair) == 2 and isinstance(pair[1], (int, float))]
    if not any(number > 0 for number in numbers):
        return JsonShape.SCORED
    if len(numbers) < len(lists):
        return JsonShape.PAIRS  # its reader says which entry is wrong
    whole = [number for number in numbers if type(number) is int]
    is_ids = len(whole) == len(numbers) and numbered_lines.are_ids(whole)
    return JsonShape.PAIRS if is_ids else Unclear.COUNTED


def _unwrapped(value: Any) -> Any:
    """Return the content of a map with one known key; return any other value unchanged.

    `{"vocab": 5}` is a vocabulary of the one word "vocab", so the type of the value decides.
    """
    if not (isinstance(value, dict) and len(value) == 1):
        return value
    [(key, inner)] = value.items()
    if key not in WRAPPERS:
        return value
    if isinstance(inner, str) and looks_like_json(inner):
        return decode(inner, inside=key)
    return inner if isinstance(inner, (list, dict)) else value


def _map_to_numbers(text: str) -> dict[str, Any] | None:
    """Return `text` as a map to numbers; None if it is anything else."""
    if len(text) >= _LARGE and (ids := _map_to_ids(text)) is not None:
        return ids
    members = json.loads(text, parse_constant=_refuse_constant)
    return members if _maps_to(members, {int, float}) else None


def _map_to_ids(text: str) -> dict[str, Any] | None:
    """Return a map to whole numbers, in half the time; None for everything else, right or wrong.

    The faster parser agrees with the standard one only on these: it turns a whole number beyond 64
    bits into a fraction, and refuses half of a surrogate pair.
    """
    import orjson

    try:
        members = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return members if _maps_to(members, {int}) else None


def _maps_to(value: Any, types: set[type]) -> bool:
    return isinstance(value, dict) and set(map(type, value.values())) <= types


def _has_all_members(members: dict[str, Any], text: str) -> bool:
    """Whether no member of a map to numbers was overwritten by a later one of the same key.

    Each key has two quotes around it; all other quotes are escaped. Counting them takes a small
    part of the time and memory of a list of all pairs.
    """
    escaped = _ESCAPED.findall(text).count('\\"')
    return text.count('"') - escaped == 2 * len(members)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        [(key, times)] = Counter(key for key, _ in pairs).most_common(1)
        raise InputError(
            reason=f"a JSON map has this key {times} times, so its value is ambiguous",
            remedy=_REWRITE,
            token=key,
        )
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise InputError(reason=f"{name} is not a JSON number", remedy=_REWRITE)
