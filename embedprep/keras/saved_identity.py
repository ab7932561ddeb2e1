"""The identity of a table as a weight of its layer: it is wherever the weights of a model are.

Keras, TensorFlow and PyTorch load weights in ways of their own. Each of them has to assign this
one, and to assign the sha256 of another table is an error.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from embedprep.errors import InputError
from embedprep.keras.gathering import not_exported
from embedprep.matrix.shared_table import Table


class SavedIdentity(keras.Variable):  # type: ignore[misc]  # Keras has no types
    """The sha256 of a table, uint8 of shape (32,). It keeps its value."""

    def __init__(self, table: Table) -> None:
        digest = np.frombuffer(bytes.fromhex(table.identity.sha256), np.uint8)
        super().__init__(
            # Keras calls it later, if the layer is made while a model is only looked at.
            lambda shape, dtype: keras.ops.convert_to_tensor(digest, dtype),
            shape=digest.shape,
            dtype="uint8",
            trainable=False,
            name="sha256",
        )
        self._table = table
        self._digest = digest
        self._checked = -1
        """The count of changes of PyTorch's tensor at which it was checked."""

    def assign(self, value: Any) -> Any:
        """Assign the value that it has. Raises InputError for any other."""
        self._check(value)
        return super().assign(value)

    def check(self, *_: Any) -> None:
        """Raise InputError, and restore the value, if another was written past `assign`."""
        try:
            self._check(self.value)
        except InputError:
            super().assign(self._digest)
            raise

    def check_unless_assigned(self) -> None:
        """Do the same where weights may come past `assign` and past the hook of the layer.

        A PyTorch model of Keras holds the weights of its layers itself: to load its state dict
        calls no hook of theirs.
        """
        if keras.backend.backend() == "torch":
            import torch

            # The count is known here; to look at the value would wait for a GPU.
            if not torch.compiler.is_compiling() and self.value._version != self._checked:
                self.check()
                self._checked = self.value._version

    def _check(self, value: Any) -> None:
        try:
            saved = np.asarray(keras.ops.convert_to_numpy(value))
        except (AttributeError, NotImplementedError, TypeError):
            return  # a symbol in a function that is being compiled; its value comes from here
        bytes_saved = saved.shape == self._digest.shape and saved.dtype == np.uint8
        self._table.check_saved(saved.tobytes().hex() if bytes_saved else "")

    # TensorFlow calls these.

    def _restore_from_tensors(self, restored: dict[str, Any]) -> Any:
        """Restore a checkpoint of TensorFlow."""
        self._check(restored["VARIABLE_VALUE"])
        return super()._restore_from_tensors(restored)

    def _export_to_saved_model_graph(self, *_: Any, **__: Any) -> Any:
        raise not_exported(self._table)
