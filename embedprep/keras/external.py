"""A frozen Embedding layer whose table is a file beside the model, not a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from embedprep.keras.gathering import gather
from embedprep.matrix.shared_table import Identity, Path, expected_table, shared_table


@keras.saving.register_keras_serializable("embedprep")
class ExternalEmbedding(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """Rows of the matrix at `source`, instead of a `keras.layers.Embedding`.

    The table is mapped once for all models of the process; other processes share its pages. It has
    no weights: a saved model contains the path, sha256 and shape of the table. Loading the model
    finds the table there, or where `embedprep.tables` says, and refuses any other.

    Input: ids, any shape. Output: input shape + (dim,), in the layer's dtype. An id without a row
    is an error on every backend.

    mask_zero: hide padding, which is id 0, from later layers. Layers that know no masks, such as
        Conv1D, need False.
    vocabulary_size: how many ids the tokenizer has, to be compared with the rows.
    sha256, shape: the required identity of the table; a saved model contains them.

    Raises InputError for a missing or another table, UsageError for a mask that would hide a word.
    """

    def __init__(
        self,
        source: Path,
        mask_zero: bool = True,
        *,
        vocabulary_size: int | None = None,
        sha256: str | None = None,
        shape: Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("trainable", False)
        super().__init__(**kwargs)
        if sha256 is None or shape is None:
            table = shared_table(source)
        else:
            table = expected_table(source, Identity(sha256, *shape))
        table.check_size(vocabulary_size)
        table.check_mask(mask_zero)
        self.table = table
        self.mask_zero = mask_zero
        self.supports_masking = mask_zero
        self.autocast = False  # ids given as floats must not be rounded to half precision
        # TensorFlow's compiler cannot see where the rows come from.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        self.built = True

    def call(self, inputs: Any) -> Any:
        if not keras.backend.is_int_dtype(inputs.dtype):
            inputs = keras.ops.cast(inputs, "int32")
        return keras.ops.cast(gather(self.table, inputs), self.compute_dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return keras.ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
        return (*input_shape, self.table.identity.dim)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        identity = self.table.identity
        return {
            **super().get_config(),
            "source": self.table.path,
            "sha256": identity.sha256,
            "shape": [identity.rows, identity.dim],
            "mask_zero": self.mask_zero,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> ExternalEmbedding:
        # An error inside Keras' own would appear below pages of configuration.
        expected_table(config["source"], Identity(config["sha256"], *config["shape"]))
        layer: ExternalEmbedding = super().from_config(config)
        return layer
