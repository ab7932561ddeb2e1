"""The vocabulary of a `TokenTextEncoder` of TensorFlow Datasets.

Two header lines, then one token per line from id 1; id 0 is padding. The ids after the last token
belong to unknown words, one for each out-of-vocabulary bucket.
"""

from __future__ import annotations

import json
from typing import Any

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import TFDS_HEADER, Content, notes_of_blank_end

_METADATA = "### Metadata: "


def read(content: Content) -> Entries:
    header, tokens = content.value[:2], content.value[2:]
    if header[:1] != [TFDS_HEADER] or not header[-1].startswith(_METADATA):
        raise InputError(
            reason=f"not the two lines {TFDS_HEADER} and {_METADATA}… at the beginning",
            remedy="Save it again: encoder.save_to_file(FILE)",
            line=1,
        )
    buckets = _metadata(header[1]).get("oov_buckets", 1)
    if type(buckets) is not int or not 0 <= buckets <= 1_000:
        raise InputError(
            reason="its metadata does not say how many buckets unknown words have",
            remedy="Save it again: encoder.save_to_file(FILE)",
            line=2,
        )
    ids = range(1, len(tokens) + 1)
    return Entries(
        tokens=tokens,
        ids=ids,
        rows=len(tokens) + 1 + buckets,
        one_based=True,
        notes=notes_of_blank_end(tokens),
    )


def _metadata(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line.removeprefix(_METADATA))
    except ValueError:
        return {"oov_buckets": None}
    return value if isinstance(value, dict) else {"oov_buckets": None}
