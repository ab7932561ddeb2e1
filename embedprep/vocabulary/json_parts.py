"""JSON that contains a vocabulary in a form that no family claims: which, and how to take it out.

Comes in: a JSON value. Goes out: the `InputError` that names the part and the command, if there is
such a part.
"""

from __future__ import annotations

import json
import re
from typing import Any

from embedprep.errors import InputError
from embedprep.sources.foreign import python
from embedprep.sources.rewriting import command
from embedprep.vocabulary import tables
from embedprep.vocabulary.content import JsonShape
from embedprep.vocabulary.json_text import as_json, content_of_value

_READ = "json.load(sys.stdin)"
_READ_LINES = "[json.loads(line) for line in sys.stdin if line.strip()]"
_VOCABULARIES = (
    JsonShape.STRINGS,
    JsonShape.SCORED,
    JsonShape.PAIRS,
    JsonShape.NUMBERED_STRINGS,
)
_LEAST = 2
"""Fewer entries are no vocabulary but a setting."""
_NAMED = 4


def error(value: Any) -> InputError | None:
    """Return the error for a value that contains a vocabulary; None if none is seen in it."""
    for of in (_of_records, _of_entries, _of_parts, _of_texts):
        if (found := of(value)) is not None:
            return _error(*found, _READ)
    return None


def error_of_lines(text: str) -> InputError | None:
    """Return the error for a text with a JSON value a line; None if it has something else."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        values = list(map(json.loads, lines))
    except (ValueError, RecursionError):
        return None
    are_pairs = all(isinstance(value, list) for value in values)
    _, code = _of_records(values) or ("", "v" if are_pairs else "")
    if len(lines) < _LEAST or not code:
        return None
    return _error("JSON Lines, a value a line", code, _READ_LINES)


def _error(what: str, code: str, read: str) -> InputError:
    return InputError(
        reason=what,
        remedy="Write the vocabulary alone"
        + command(python(f"import json, sys; v = {read}; json.dump({code}, sys.stdout)"), ".json"),
    )


def _of_records(value: Any) -> tuple[str, str] | None:
    """Recognise `[{"token": "the", "id": 0}, …]`."""
    listed = value if isinstance(value, list) else []
    records = [record for record in listed if isinstance(record, dict)]
    if 2 * len(records) <= len(listed):
        return None
    texts = [name for name, entry in records[-1].items() if isinstance(entry, str)]
    token = next((name for name in texts if name in tables.TOKENS), texts[0] if texts else None)
    if token is None or not token.isidentifier():
        return None
    whole = (name for name, entry in records[-1].items() if type(entry) is int)
    id = next((name for name in whole if name in tables.IDS), None)
    rows = f"for r in v if '{token}' in r"
    if id is None:
        return "a list of records without ids, unless their places are the ids", (
            f"[r['{token}'] {rows}]"
        )
    return "a list of records, one a token", f"{{r['{token}']: r['{id}'] {rows}}}"


def _of_entries(value: Any) -> tuple[str, str] | None:
    """Recognise `{"the": {"id": 0, "count": 9}, …}`."""
    entries = list(value.values()) if isinstance(value, dict) else []
    if len(entries) < _LEAST or not all(isinstance(entry, dict) for entry in entries):
        return None
    names = [name for name in entries[0] if name in tables.IDS]
    id = next((name for name in names if all(type(e.get(name)) is int for e in entries)), None)
    if id is None:
        return None
    return "a map from tokens to records", f"{{t: r['{id}'] for t, r in v.items()}}"


def _of_parts(value: Any) -> tuple[str, str] | None:
    """Recognise `{"word2idx": {"the": 0}, "idx2word": ["the"]}`."""
    if not isinstance(value, dict):
        return None
    parts = [name for name, part in value.items() if _is_vocabulary(part)]
    parts.sort(key=lambda name: -len(value[name]))  # a list of stop words is shorter
    if parts and parts[0].isidentifier():
        listed = " or ".join(map(as_json, parts[:_NAMED]))
        return f"a map with a vocabulary in it, under {listed}", f"v['{parts[0]}']"
    return None


def _of_texts(value: Any) -> tuple[str, str] | None:
    """Recognise `{"the": "0"}`."""
    ids = list(value.values()) if isinstance(value, dict) else []
    if ids and all(isinstance(id, str) and re.fullmatch("[0-9]+", id) for id in ids):
        return "a map from tokens to ids that are texts", "{t: int(i) for t, i in v.items()}"
    return None


def _is_vocabulary(part: Any) -> bool:
    if not isinstance(part, (list, dict)) or len(part) < _LEAST:
        return False
    shape = content_of_value(part).shape
    if shape is JsonShape.NUMBERS and isinstance(part, dict):
        return all(type(id) is int and id >= 0 for id in part.values())
    return shape in _VOCABULARIES
