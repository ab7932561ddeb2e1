"""Rows of a mapped table inside a model, on each backend of Keras, without copying the table.

If the backend cannot read the map itself, it calls back into Python with the ids.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from embedprep.errors import UsageError
from embedprep.matrix.shared_table import Table


def gather(table: Table, ids: Any) -> Any:
    """Return the rows of `ids`, of any shape, in the table's dtype: shape ids.shape + (dim,).

    Ids that are no integers are cast to int32, as Keras' Embedding does.

    Raises InputError for an id without a row; inside a compiled function the backend's own error
    contains its text.
    """
    backend = keras.backend.backend()
    if backend not in _GATHER:
        raise UsageError(
            f"there is no external table on the backend {backend}",
            f"Use one of: {', '.join(_GATHER)}; or an ordinary layer: embedding_layer(PATH).",
        )
    if not keras.backend.is_int_dtype(ids.dtype):
        ids = keras.ops.cast(ids, "int32")
    return _GATHER[backend](table, ids)


def not_exported(table: Table) -> UsageError:
    """Return the error of an export: the exported function would look for this process."""
    return UsageError(
        "a table outside the model cannot be exported with it",
        "Make the model that you export with embedding_layer(PATH), and give it the weights of "
        "the other layers.",
        path=table.path,
    )


_JAX_BYTES = 80_000
"""How many bytes of ids one callback gets. JAX copies arrays below 100 KiB at once, and larger ones
in a thread of its pool; if the pool has one thread, which runs the callback, that waits for ever.
"""


def _jax(table: Table, ids: Any) -> Any:
    import jax
    import jax.custom_batching

    if not isinstance(ids, jax.core.Tracer):
        return jax.numpy.asarray(table.gather(np.asarray(ids)))

    if not all(isinstance(size, int) for size in ids.shape):
        raise not_exported(table)  # only exported functions have sizes without a value

    def fetch(ids: Any) -> Any:
        rows = jax.ShapeDtypeStruct((*ids.shape, table.identity.dim), table.dtype)
        return jax.pure_callback(lambda ids: table.gather(np.asarray(ids)), rows, ids)

    @jax.custom_batching.custom_vmap
    def in_pieces(ids: Any) -> Any:
        at_once = _JAX_BYTES // ids.dtype.itemsize
        if ids.size <= at_once:
            return fetch(ids)
        flat = ids.reshape(-1)
        pieces = [fetch(flat[start : start + at_once]) for start in range(0, flat.size, at_once)]
        return jax.numpy.concatenate(pieces).reshape(*ids.shape, table.identity.dim)

    @in_pieces.def_vmap
    def _(_size: int, batched: list[bool], ids: Any) -> tuple[Any, bool]:
        return in_pieces(ids), batched[0]

    return in_pieces(ids)


def _tensorflow(table: Table, ids: Any) -> Any:
    import tensorflow as tf

    if isinstance(ids, tf.RaggedTensor):
        return ids.with_flat_values(_tensorflow(table, ids.flat_values))
    if isinstance(ids, tf.SparseTensor):
        raise UsageError(
            "these ids are a SparseTensor, which leaves out id 0",
            "Make them dense: tf.sparse.to_dense(ids).",
            path=table.path,
        )
    if tf.executing_eagerly():
        return tf.convert_to_tensor(table.gather(ids.numpy()))
    rows = tf.numpy_function(table.gather, [ids], table.dtype, stateful=False)
    rows.set_shape((*ids.shape, table.identity.dim))
    return rows


def _torch(table: Table, ids: Any) -> Any:
    from embedprep.torch.external import Rows, gather

    return gather(Rows(table), ids)


def _numpy(table: Table, ids: Any) -> Any:
    return table.gather(np.asarray(ids))


_GATHER: dict[str, Callable[[Table, Any], Any]] = {
    "jax": _jax,
    "numpy": _numpy,
    "tensorflow": _tensorflow,
    "torch": _torch,
}
