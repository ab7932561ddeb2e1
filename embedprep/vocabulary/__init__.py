"""Stage 1: a tokenizer's file to tokens with rows.

In: a file or folder of a tokenizer, a list, or a map.
Out: a `Vocabulary`: tokens, rows, roles, marks and counts.
May import: sources.

A file passes `source`, which reads it; `refusals`, which turns away what is no vocabulary;
`json_text` or `line_text`, which decode it to a `content` of one shape; `detection`, which
finds the one of the `families` that claims it; and `assembly`, which checks the ids and makes
the `model.Vocabulary`, with roles from `special_tokens`, marks from `surfaces` and counts from
`counts`.
"""

from __future__ import annotations

from embedprep.vocabulary.counts import with_counts
from embedprep.vocabulary.detection import FORMATS, read
from embedprep.vocabulary.model import Position, Role, Surface, Vocabulary
from embedprep.vocabulary.options import VocabularyOptions, parsed_special

__all__ = [
    "FORMATS",
    "Position",
    "Role",
    "Surface",
    "Vocabulary",
    "VocabularyOptions",
    "parsed_special",
    "read",
    "with_counts",
]
