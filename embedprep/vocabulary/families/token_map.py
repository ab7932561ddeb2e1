"""A JSON map token → id: Hugging Face's `vocab.json`, Keras' `word_index` on its own.

If the smallest id is 1, id 0 is kept for padding, as in Keras.
"""

from __future__ import annotations

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content


def read(content: Content) -> Entries:
    id_of = content.value
    return Entries(
        tokens=list(id_of), ids=list(id_of.values()), one_based=True, distinct=id_of.keys()
    )
