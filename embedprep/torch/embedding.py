"""An ordinary Embedding module over the mapped matrix."""

from __future__ import annotations

from typing import Any, Literal

import torch

from embedprep.matrix.shared_table import Source, own_table


def embedding(
    path: Source,
    freeze: bool = True,
    padding_idx: int | Literal["auto"] | None = "auto",
    *,
    vocabulary_size: int | None = None,
    **kwargs: Any,
) -> torch.nn.Embedding:
    """Make a `torch.nn.Embedding` whose weight is the matrix at `path`, without copying it.

    The weight has the dtype of the matrix; `model.float()` converts that of a float16 matrix for a
    float32 model. It is mapped from the file: a page is read when a row is asked for, and becomes
    the module's own when it is trained. The file stays as it is.

    PyTorch has no embedding of int8: the weight of such a matrix is decoded, float32 in memory,
    four times as large. `ExternalEmbedding` decodes only the rows that it is asked for.

    Args:
        path: The matrix.
        freeze: Leave the weight as it is in training.
        padding_idx: The row that training leaves as it is. `"auto"` is the padding row, if there
            is one.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.
        **kwargs: Arguments of `torch.nn.Embedding.from_pretrained`.

    Raises:
        InputError: `build` did not write the file, or it has another size.
    """
    table = own_table(path)  # of its own, because it may be trained
    table.check_size(vocabulary_size)
    layer: torch.nn.Embedding = torch.nn.Embedding.from_pretrained(
        torch.from_numpy(table.array),
        freeze=freeze,
        padding_idx=table.padding_row if padding_idx == "auto" else padding_idx,
        **kwargs,
    )
    return layer
