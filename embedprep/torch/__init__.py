"""Matrices in PyTorch.

In: a published matrix.
Out: a `torch.nn.Embedding`, or a table outside the model.
May import: matrix.

layer = embedprep.torch.embedding("embeddings.npy")  # a torch.nn.Embedding
layer = embedprep.torch.ExternalEmbedding("embeddings.npy")  # the table stays outside the model
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401  (whether it is there is said once, here)
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"embedprep.torch needs PyTorch ({error}): pip install 'embedprep[torch]'", name=error.name
    ) from error

from embedprep.matrix.found_again import tables
from embedprep.torch.embedding import embedding
from embedprep.torch.external import ExternalEmbedding

__all__ = ["ExternalEmbedding", "embedding", "tables"]
