"""A JSON map token → id: Hugging Face's `vocab.json`, Keras' `word_index` on its own.

If the smallest id is 1, id 0 is kept for padding, as in Keras.
"""

from __future__ import annotations

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, JsonShape
from embedprep.vocabulary.family import Family, of_shape


def _read(content: Content) -> Entries:
    id_of = content.value
    return Entries(
        tokens=list(id_of), ids=list(id_of.values()), one_based=True, distinct=id_of.keys()
    )


FAMILY = Family(
    name="token-map",
    written_by="Hugging Face vocab.json, Keras word_index: {token: id}",
    medium="json",
    claims=of_shape(JsonShape.NUMBERS),
    read=_read,
)
