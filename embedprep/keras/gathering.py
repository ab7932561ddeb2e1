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

    Raises InputError for an id without a row; inside a compiled function the backend's own error
    contains its text.
    """
    backend = keras.backend.backend()
    if backend not in _GATHER:
        raise UsageError(
            f"there is no external table on the backend {backend}",
            f"Use one of: {', '.join(_GATHER)}; or an ordinary layer: embedding_layer(PATH).",
        )
    return _GATHER[backend](table, ids)


def _jax(table: Table, ids: Any) -> Any:
    import jax

    if not isinstance(ids, jax.core.Tracer):
        return jax.numpy.asarray(table.gather(np.asarray(ids)))
    rows = jax.ShapeDtypeStruct((*ids.shape, table.identity.dim), table.array.dtype)
    return jax.pure_callback(
        lambda ids: table.gather(np.asarray(ids)), rows, ids, vmap_method="broadcast_all"
    )


def _tensorflow(table: Table, ids: Any) -> Any:
    import tensorflow as tf

    if tf.executing_eagerly():
        return tf.convert_to_tensor(table.gather(ids.numpy()))
    rows = tf.numpy_function(table.gather, [ids], table.array.dtype, stateful=False)
    rows.set_shape((*ids.shape, table.identity.dim))
    return rows


def _torch(table: Table, ids: Any) -> Any:
    from embedprep.torch.external import gather

    return gather(table, ids)


def _numpy(table: Table, ids: Any) -> Any:
    return table.gather(np.asarray(ids))


_GATHER: dict[str, Callable[[Table, Any], Any]] = {
    "jax": _jax,
    "numpy": _numpy,
    "tensorflow": _tensorflow,
    "torch": _torch,
}
