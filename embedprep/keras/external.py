"""A frozen Embedding layer whose table is a file beside the model, not a part of it."""

from __future__ import annotations

import dataclasses
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras

from embedprep.errors import EmbedprepError, InputError, UsageError
from embedprep.keras.gathering import gather
from embedprep.keras.saved_identity import SavedIdentity
from embedprep.matrix.found_again import Record, expected_table
from embedprep.matrix.shared_table import Source, Table, shared_table


@keras.saving.register_keras_serializable("embedprep")
class ExternalEmbedding(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A frozen embedding layer whose table stays in the file at `source`.

    All models of the process share one map of the table, and all processes share its pages. The
    layer has one weight, the sha256 of the table, 32 bytes: weights that were saved over another
    table do not load. A saved model contains the path of the table and its shape besides. Loading
    the model finds the table there, in the current folder, beside the file of the model, or where
    `embedprep.tables` says, and refuses any other.

    Input: ids of any shape. Output: input shape + (dim,), in the layer's dtype. An id without a
    row is an error on every backend.

    The table is never trained: `layer.trainable = True` is an error, and `model.trainable = True`
    leaves it as it is, with a warning.

    Args:
        source: The matrix.
        mask_zero: Hide padding, which is id 0, from the layers after this one. Layers that know no
            masks, such as Conv1D, want False.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.
        record: What a saved model knows of its table, written by `get_config`.
        **kwargs: Arguments of the layer, such as `name`.

    Raises:
        InputError: The table is missing, or it is another one.
        UsageError: The mask would hide a word, or an argument asks for what the layer cannot do.
    """

    def __init__(
        self,
        source: Source,
        mask_zero: bool = True,
        *,
        vocabulary_size: int | None = None,
        record: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.pop("trainable", False):
            raise UsageError(
                "trainable=True is given, and a table outside the model cannot be trained", _TRAIN
            )
        super().__init__(trainable=False, **kwargs)
        table = shared_table(source) if record is None else _recorded(source, record)
        table.check_size(vocabulary_size)
        table.check_mask(mask_zero)
        if self.quantization_mode or not keras.backend.is_float_dtype(self.compute_dtype):
            raise UsageError(
                f"rows of floating-point numbers cannot have the type {self.dtype_policy.name}",
                "Say dtype='float32', or another type of floating-point numbers.",
                path=table.path,
            )
        self.table = table
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # ids given as floats must not be rounded to half precision
        # TensorFlow's compiler cannot see where the rows come from.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        self.sha256 = SavedIdentity(table)
        if keras.backend.backend() == "torch":  # whose load_state_dict assigns nothing
            self.register_load_state_dict_post_hook(self.sha256.check)
        self._refusal: InputError | None = None
        self.built = True

    @property
    def trainable(self) -> bool:
        return False

    @trainable.setter
    def trainable(self, value: bool) -> None:
        if value and _set_by_a_model():
            warnings.warn(
                f"{self.name} is not trained with its model: {_TRAIN}", UserWarning, stacklevel=2
            )
        elif value:
            raise UsageError("a table outside the model cannot be trained", _TRAIN)

    def call(self, inputs: Any) -> Any:
        try:
            self.sha256.check_unless_assigned()
            rows = gather(self.table, inputs)
        except EmbedprepError as error:
            # Or Keras would make a RuntimeError of it, without its fields.
            error._keras_call_info_injected = True  # type: ignore[attr-defined]
            raise
        return keras.ops.cast(rows, self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return keras.ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return (*input_shape, self.table.identity.dim)

    def compute_output_spec(self, inputs: Any) -> Any:
        ragged = {"ragged": True} if getattr(inputs, "ragged", False) else {}
        return keras.KerasTensor(
            self.compute_output_shape(inputs.shape), self.compute_dtype, **ragged
        )

    def save_own_variables(self, store: Any) -> None:
        self.table.check_rows()
        super().save_own_variables(store)

    def load_own_variables(self, store: Any) -> None:
        if self._refusal is not None and not store.keys():
            raise self._refusal  # Keras asks again, under another name, and shows the last error
        try:
            if not store.keys():  # weights of another layer, such as an ordinary Embedding
                self.table.check_saved("")
            super().load_own_variables(store)
            self.table.check_rows()
        except InputError as error:
            self._refusal = error
            raise

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "source": self.table.path,
            "record": dataclasses.asdict(Record.of(self.table)),
            "mask_zero": self.mask_zero,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ExternalEmbedding:
        # An error inside Keras' own would appear below pages of configuration.
        _recorded(config["source"], config["record"])
        layer: ExternalEmbedding = super().from_config(config)
        return layer


_TRAIN = "Use embedprep.keras.embedding_layer(PATH, trainable=True), whose rows are weights."


def _recorded(source: Source, record: Mapping[str, Any]) -> Table:
    return expected_table(str(source), Record(**record))


def _set_by_a_model() -> bool:
    """Whether Keras sets `trainable` of this layer along with that of all others in a model."""
    frame = sys._getframe(2)  # behind the setter
    while frame.f_code.co_name == "__setattr__" and frame.f_back:
        frame = frame.f_back
    return frame.f_code.co_name == "trainable"
