"""Matrices in Keras 3, on every backend.

In: a published matrix.
Out: a `keras.layers.Embedding`, or a table outside the model.
May import: vocabulary, matrix, torch.

layer = embedprep.keras.embedding_layer("embeddings.npy")  # an ordinary Embedding
layer = embedprep.keras.ExternalEmbedding("embeddings.npy")  # the table stays outside the model
"""

from __future__ import annotations

try:
    import keras as _keras  # noqa: F401  (whether it is there is said once, here)
except ModuleNotFoundError as error:
    from embedprep.keras.backends import what_is_missing

    raise ModuleNotFoundError(what_is_missing(error), name=error.name) from None

from embedprep.keras.embedding import embedding_layer
from embedprep.keras.encoding import EncodedTexts, encode
from embedprep.keras.external import ExternalEmbedding
from embedprep.keras.lookup_layers import string_lookup, text_vectorization
from embedprep.matrix.found_again import tables

__all__ = [
    "EncodedTexts",
    "ExternalEmbedding",
    "embedding_layer",
    "encode",
    "string_lookup",
    "tables",
    "text_vectorization",
]
