"""Stage 1: a tokenizer's vocabulary to tokens with their rows.

The modules in the order in which a file passes them: `source` reads it, `refusals` turns away
what is no vocabulary, `json_text` and `line_text` decode it to a `content` with one shape,
`detection` finds the one of the `families` that claims it, and `assembly` checks the ids and
gives the `model.Vocabulary`, with roles from `special_tokens`, marks from `surfaces` and counts
from `counts`.
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
