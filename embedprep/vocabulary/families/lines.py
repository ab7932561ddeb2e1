"""One token per line, at its line number from 0: BERT's `vocab.txt`, Keras' `vocabulary.txt`.

A blank line is an id like any other.
"""

from __future__ import annotations

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, notes_of_blank_end


def read(content: Content) -> Entries:
    return Entries(tokens=content.value, notes=notes_of_blank_end(content.value))
