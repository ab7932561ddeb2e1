"""A frozen Embedding module whose table is a file beside the model, not a part of it."""

from __future__ import annotations

from typing import Any

import torch

from embedprep.errors import UsageError
from embedprep.matrix.shared_table import Source, Table, shared_table


class ExternalEmbedding(torch.nn.Module):
    """A frozen embedding module whose table stays in the file at `source`.

    All modules of the process share one map of the table, and all processes share its pages. The
    `state_dict` contains only the sha256 of the table, 32 bytes, and does not load over another
    table. A pickled or copied module finds the table where it was, in the current folder, beside
    the file that `torch.load` reads, or where `embedprep.tables` says.

    Input: ids, integers of any shape, on any device: a tensor, an array or a list. Output: input
    shape + (dim,), on the same device. Its dtype is PyTorch's default one when the module is made,
    and that of the model after `model.half()` or `model.to(dtype)`. The table itself stays in the
    memory of the host. An id without a row, or one that is no integer, is an error.

    `torch.export` and the ONNX exporter copy the table into the exported program.

    Args:
        source: The matrix.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.

    Raises:
        InputError: `build` did not write the file, or it has another size.
    """

    def __init__(self, source: Source, *, vocabulary_size: int | None = None) -> None:
        super().__init__()
        self.table = shared_table(source)
        self.table.check_size(vocabulary_size)
        self.num_embeddings = self.table.identity.rows
        self.embedding_dim = self.table.identity.dim
        self._rows = Rows(self.table)
        # PyTorch changes its dtype along with that of the model.
        self.register_buffer("_precision", torch.empty(0), persistent=False)

    def forward(self, ids: Any) -> torch.Tensor:
        rows = gather(self._rows, ids)
        return rows.to(self._buffers["_precision"].dtype)  # type: ignore[union-attr]

    def extra_repr(self) -> str:
        return f"{self.num_embeddings}, {self.embedding_dim}, source={self.table.path!r}"

    def get_extra_state(self) -> torch.Tensor:
        """Return the sha256 of the table, uint8 of shape (32,), for the `state_dict`."""
        self.table.check_rows()
        digest = bytearray.fromhex(self.table.identity.sha256)
        return torch.frombuffer(digest, dtype=torch.uint8)

    def set_extra_state(self, state: object) -> None:
        """Raise InputError for the state of another table, or for rows that were edited."""
        self.table.check_saved(_as_hex(state))
        self.table.check_rows()

    def __prepare_scriptable__(self) -> torch.nn.Embedding:
        """Return the module that `torch.jit.script` compiles instead, with the rows in it."""
        dtype = self._buffers["_precision"].dtype  # type: ignore[union-attr]
        layer: torch.nn.Embedding
        layer = torch.nn.Embedding.from_pretrained(self._rows.decoded().to(dtype))
        return layer


class Rows:
    """The rows of a table as a tensor, which is neither copied nor saved with its module.

    A module keeps them, because `torch.export` would take tensors that are made in its `forward`
    for intermediate results.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        matrix = table.matrix
        self.tensor = torch.from_numpy(matrix.stored)
        self.scales = None if matrix.scales is None else torch.from_numpy(matrix.scales)

    @property
    def dtype(self) -> torch.dtype:
        """The type of a vector."""
        return self.tensor.dtype if self.scales is None else self.scales.dtype

    def decoded(self) -> torch.Tensor:
        """Return all of them."""
        return self.tensor if self.scales is None else self.tensor / self.scales[:, None]

    def of(self, ids: torch.Tensor) -> torch.Tensor:
        """Return the rows of `ids`, shape ids.shape + (dim,)."""
        found = torch.nn.functional.embedding(ids, self.tensor)
        return found if self.scales is None else found / self.scales[ids].unsqueeze(-1)

    def __deepcopy__(self, memo: dict[int, object]) -> Rows:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return Rows, (self.table,)


def _as_hex(state: object) -> str:
    """Return the bytes of a tensor of small whole numbers; empty for anything else."""
    try:
        return bytes(int(byte) for byte in state.flatten().tolist()).hex()  # type: ignore[attr-defined]
    except (AttributeError, NotImplementedError, ValueError):
        return ""


def gather(rows: Rows, ids: Any) -> torch.Tensor:
    """Return the rows of `ids`, shape ids.shape + (dim,), on their device.

    `ids` are a tensor, or what `torch.as_tensor` accepts. Raises InputError for an id without a
    row, UsageError for ids that are not integers.
    """
    table = rows.table
    if not isinstance(ids, torch.Tensor):
        ids = _as_tensor(table, ids)
    fractional = ids.is_floating_point() or ids.is_complex()
    table.check_integers(ids.dtype, not fractional and ids.dtype != torch.bool)
    if ids.device.type == "meta":  # only the shape is needed
        shape = (*ids.shape, table.identity.dim)
        return torch.empty(shape, dtype=rows.dtype, device="meta")
    here = ids.cpu().long()
    if torch.compiler.is_compiling() and not _is_exporting():
        _check_range(table, here)  # a compiled function raises what its compiler wants
    try:
        found = rows.of(here)
    except (IndexError, RuntimeError):  # the latter from a table without rows
        _check_range(table, here)
        raise
    return found.to(ids.device)


def _check_range(table: Table, ids: torch.Tensor) -> None:
    if ids.numel():
        lowest, highest = torch.aminmax(ids)
        table.check_range(int(lowest), int(highest))


def _as_tensor(table: Table, ids: Any) -> torch.Tensor:
    try:
        return torch.as_tensor(ids)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"these ids are no tensor, and PyTorch makes none of them: {error}",
            "Give whole numbers, and as many for each text: pad the shorter ones.",
            path=table.path,
        ) from error


def _is_exporting() -> bool:
    """Whether `torch.export` looks at the module, where no value can be looked at."""
    known = getattr(torch.compiler, "is_exporting", None)  # PyTorch 2.7 and later
    return bool(known and known())
