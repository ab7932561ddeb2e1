"""An ordinary Embedding module over the mapped matrix."""

from __future__ import annotations

from typing import Any, Literal

import torch

from embedprep.matrix.shared_table import Path, own_table


def embedding(
    path: Path,
    freeze: bool = True,
    padding_idx: int | Literal["auto"] | None = "auto",
    *,
    vocabulary_size: int | None = None,
    **kwargs: Any,
) -> torch.nn.Embedding:
    """A `torch.nn.Embedding` whose weight is the matrix at `path`; nothing is copied.

    freeze: leave the weight as it is in training.
    padding_idx: the row that training leaves as it is; "auto" is the padding row, where there is
        one.
    vocabulary_size: how many ids the tokenizer has, to be compared with the rows.
    kwargs: those of `torch.nn.Embedding.from_pretrained`.

    The weight has the dtype of the matrix. It is mapped from the file: pages are read when a row
    is asked for, and become the module's own when it is trained; the file stays as it is. Raises
    InputError for a file that `build` did not write, or of another size.
    """
    table = own_table(path)  # of its own, as it may be trained
    table.check_size(vocabulary_size)
    layer: torch.nn.Embedding = torch.nn.Embedding.from_pretrained(
        torch.from_numpy(table.array),
        freeze=freeze,
        padding_idx=table.padding_row if padding_idx == "auto" else padding_idx,
        **kwargs,
    )
    return layer
