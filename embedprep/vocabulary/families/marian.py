"""Marian's `vocab.yml`: a YAML map token → id, one per line, the tokens quoted or not."""

from __future__ import annotations

import json
import re

from embedprep.errors import InputError
from embedprep.sources.foreign import python
from embedprep.sources.rewriting import command
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end

_AS_JSON = python("import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)")


def read(content: Content) -> Entries:
    tokens, ids = [], []
    record_of = re.compile(r"(.+?)\s*:\s+([0-9]{1,18})", re.DOTALL)
    for number, line in enumerate(without_blank_end(content.value), start=1):
        record = record_of.fullmatch(line)
        token = None if record is None else _scalar(record[1])
        if record is None or token is None:
            raise InputError(
                reason="not a token, a colon and an id",
                remedy="Write it as JSON, with the Python package PyYAML"
                + command(_AS_JSON, ".json"),
                line=number,
            )
        tokens.append(token)
        ids.append(int(record[2]))
    return Entries(tokens=tokens, ids=ids)


def _scalar(text: str) -> str | None:
    """Return the string that a YAML scalar spells; None for an escape that JSON does not have."""
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if not text.startswith('"'):
        return text
    try:
        # \xNN is the only escape that YAML writers use and JSON lacks.
        value = json.loads(re.sub(r"(?<!\\)((?:\\\\)*)\\x", r"\1\\u00", text))
    except ValueError:
        return None
    return value if isinstance(value, str) else None
