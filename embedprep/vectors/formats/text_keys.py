"""Keys that contain the separator: phrases, or signs of a damaged line.

A key is everything before the last `dim` fields, so a line with too many fields has a long key: two
records on one line, a value too many, a second space. Such a line is malformed. A phrase, as in `.
. . 0.1 0.2`, is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import printable
from embedprep.vectors.formats.text_evidence import NUMBER
from embedprep.vectors.formats.text_layout import TextLayout

if TYPE_CHECKING:
    from embedprep.core.scan import Scan

_WHOLE = re.compile(rb"[-+]?[0-9]+")
_BEGINS_WITH_NUMBER = re.compile(rb"([-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?).", re.I)
_DIGIT = re.compile(rb"[0-9]")


def suspicious(data: bytes, scan: Scan, layout: TextLayout) -> NDArray[np.int64]:
    """Return where the records begin in the block `data` whose keys show damaged lines.

    Only called for a block in which some key contains the separator.
    """
    separator, dim = layout.separator, layout.dim
    records = scan.places if len(scan.places) else scan.first
    found, left = [], scan.spaced
    for first in records.tolist():
        end = data.find(b"\n", first)
        record = data[first : end if end >= 0 else len(data)].rstrip(b" \t\r")
        if record.count(separator) > dim:
            key, *values = record.rsplit(separator, dim)
            if problem(key, values, separator) is not None:
                found.append(first)
            left -= 1
            if not left:
                break
    return np.array(found, np.int64)


def problem(key: bytes, values: list[bytes], separator: bytes) -> str | None:
    """Return why `key`, which contains the separator, is no phrase; None if it may be one."""
    if key.strip(separator) != key and key.strip(separator):
        return "a second separator stands before or after its key"
    first, *others = key.split(separator)
    if not _DIGIT.search(key, len(first)):
        return None
    whole = all(map(_WHOLE.fullmatch, values))
    if _is_value(others[-1], whole):
        return f"more than {len(values)} numbers follow its key"
    numbers = 0
    while NUMBER.fullmatch(others[numbers]):
        numbers += 1
        if numbers == len(others):
            return None  # a year, for example, among words
    glued = _BEGINS_WITH_NUMBER.match(others[numbers])
    if numbers >= len(values) or (
        glued is not None and _is_value(glued[1], whole) and numbers + 1 >= min(len(values), 2)
    ):
        return "two records stand on one line"
    return None


def _is_value(field: bytes, whole: bool) -> bool:
    """Whether a number is written like the values; `whole` says if these are whole numbers."""
    if not NUMBER.fullmatch(field) or not _DIGIT.search(field):
        return False  # nan and inf are words as well
    return whole or _WHOLE.fullmatch(field) is None


def reason(record: bytes, layout: TextLayout) -> str | None:
    """Return why the whole `record` of a suspicious key is malformed; None if it is not."""
    key, *values = record.rsplit(layout.separator, layout.dim)
    found = problem(key, values, layout.separator) if layout.separator in key else None
    if found is None:
        return None
    name = key.strip(layout.separator).split(layout.separator)[0]
    return f"record '{printable(name[:40].decode('utf-8', 'replace'))}': {found}"
