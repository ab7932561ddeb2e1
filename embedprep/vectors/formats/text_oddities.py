"""Texts that cannot be read as vectors: what they are, and the command that makes them readable.

Comes in: the `Sample` of a text. Goes out: nothing, or an error.
"""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.sources.rewriting import rewriting
from embedprep.vectors.formats.text_columns import COLUMNS, column_names
from embedprep.vectors.formats.text_evidence import NUMBER, Refusal, Sample
from embedprep.vectors.formats.text_fields import FIELDS

_CARRIAGE_RETURN = rb"(?i)[ \t]%b[ \t]*\r[^\r]" % NUMBER.pattern


def refuse(
    shown: Sample, path: str, compression: str | None, *, first_is_record: bool = False
) -> None:
    """Raise for the first oddity of the sample. With `first_is_record`, the user says that the
    first line does not contain column names.
    """
    for oddity in (*FIELDS, *COLUMNS):
        if first_is_record and oddity is column_names:
            continue
        refusal = oddity(shown)
        if refusal is not None:
            raise refused(refusal, path, compression)


def refused(refusal: Refusal, path: str, compression: str | None) -> InputError:
    remedy = refusal.advice
    if refusal.program is not None:
        remedy += ":\n    " + rewriting(path, refusal.program, compression)
    return InputError(refusal.reason, remedy, path=path, line=1)


def refuse_carriage_returns(head: bytes, path: str, compression: str | None) -> None:
    """Raise for a text whose lines end in CR alone, which may be one line of gigabytes."""
    line = head.partition(b"\n")[0]
    if b"\r" in line and re.search(_CARRIAGE_RETURN, line) is not None:
        refusal = Refusal(
            "its lines end in a carriage return alone, as on old Macs",
            "Write line breaks for them",
            r"tr '\r' '\n'",
        )
        raise refused(refusal, path, compression)
