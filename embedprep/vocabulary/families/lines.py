"""One token per line, at its line number from 0: BERT's `vocab.txt`, Keras' `vocabulary.txt`.

A blank line is an id like any other.
"""

from __future__ import annotations

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, LineShape, notes_of_blank_end
from embedprep.vocabulary.family import Family, of_shape


def _read(content: Content) -> Entries:
    return Entries(tokens=content.value, notes=notes_of_blank_end(content.value))


FAMILY = Family(
    name="lines",
    written_by="BERT vocab.txt, Keras vocabulary.txt: a token a line",
    medium="text",
    claims=of_shape(LineShape.TOKEN),
    read=_read,
)
