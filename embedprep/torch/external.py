"""A frozen Embedding module whose table is a file beside the model, not a part of it."""

from __future__ import annotations

import torch

from embedprep.errors import InputError
from embedprep.matrix.shared_table import Path, Table, shared_table


class ExternalEmbedding(torch.nn.Module):
    """A frozen embedding module whose table stays in the file at `source`.

    All modules of the process share one map of the table, and all processes share its pages. The
    `state_dict` contains only the sha256 of the table, 32 bytes, and does not load over another
    table. A pickled or copied module finds the table where it was, or where `embedprep.tables`
    says.

    Input: ids, integers of any shape, on any device. Output: input shape + (dim,), on the same
    device, in the dtype of the matrix. The table itself stays in the memory of the host. An id
    without a row, or one that is no integer, is an error.

    Args:
        source: The matrix.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.

    Raises:
        InputError: `build` did not write the file, or it has another size.
    """

    def __init__(self, source: Path, *, vocabulary_size: int | None = None) -> None:
        super().__init__()
        self.table = shared_table(source)
        self.table.check_size(vocabulary_size)
        self.num_embeddings = self.table.identity.rows
        self.embedding_dim = self.table.identity.dim

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return gather(self.table, ids)

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}, source={self.table.path!r}"

    def get_extra_state(self) -> torch.Tensor:
        """Return the sha256 of the table, uint8 of shape (32,), for the `state_dict`."""
        digest = bytearray.fromhex(self.table.identity.sha256)
        return torch.frombuffer(digest, dtype=torch.uint8)

    def set_extra_state(self, state: object) -> None:
        """Raise InputError for the state of another table."""
        saved, own = _as_hex(state), self.table.identity.sha256
        if saved != own:
            raise InputError(
                f"this is another table ({self.table.identity}) than that of the saved model, "
                f"sha256 {saved[:12] or 'unreadable'}…",
                "Make the module from the table that the model was trained with.",
                path=self.table.path,
            )


def _as_hex(state: object) -> str:
    """Return the bytes of a tensor of small whole numbers; empty for anything else."""
    try:
        return bytes(int(byte) for byte in state.flatten().tolist()).hex()  # type: ignore[attr-defined]
    except (AttributeError, NotImplementedError, ValueError):
        return ""


def gather(table: Table, ids: torch.Tensor) -> torch.Tensor:
    """Return the rows of `ids`, shape ids.shape + (dim,), on their device.

    Raises InputError for an id without a row, UsageError for ids that are not integers.
    """
    fractional = ids.is_floating_point() or ids.is_complex()
    table.check_integers(ids.dtype, not fractional and ids.dtype != torch.bool)
    rows = torch.from_numpy(table.array)
    if ids.device.type == "meta":  # only the shape is needed
        return rows.new_empty((*ids.shape, rows.shape[1]), device="meta")
    here = ids.cpu().long()
    if here.numel():
        lowest, highest = torch.aminmax(here)
        table.check_range(int(lowest), int(highest))
    return torch.nn.functional.embedding(here, rows).to(ids.device)
