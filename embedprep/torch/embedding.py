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
    """Return a `torch.nn.Embedding` whose weight is the matrix at `path`; nothing is copied.

    freeze: keep training from changing the weight.
    padding_idx: the row that training does not change; "auto" is the padding row, if there is one.
    vocabulary_size: how many ids the tokenizer has, to be compared with the rows.
    kwargs: arguments of `torch.nn.Embedding.from_pretrained`.

    The weight has the dtype of the matrix. It is mapped from the file: a page is read when one of
    its rows is used, and becomes the module's own when it is trained; the file does not change.
    Raises InputError for a file that `build` did not write, or of another size.
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
