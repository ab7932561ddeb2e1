"""A frozen Embedding layer whose table is a file beside the model, not a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from embedprep.keras.gathering import gather
from embedprep.matrix.shared_table import Identity, Path, expected_table, shared_table


@keras.saving.register_keras_serializable("embedprep")
class ExternalEmbedding(keras.layers.Layer):  # type: ignore[misc]  # Keras has no types
    """A frozen embedding layer whose table stays in the file at `source`.

    All models of the process share one map of the table, and all processes share its pages. The
    layer has no weights: a saved model contains the path of the table, its sha256 and its shape.
    Loading the model finds the table there, or where `embedprep.tables` says, and refuses any
    other.

    Input: ids of any shape. Output: input shape + (dim,), in the layer's dtype. An id without a
    row is an error on every backend.

    Args:
        source: The matrix.
        mask_zero: Hide padding, which is id 0, from the layers after this one. Layers that know no
            masks, such as Conv1D, want False.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.
        sha256: What the table must be; a saved model has it.
        shape: The shape that the table must have, likewise.
        **kwargs: Arguments of the layer, such as `name`.

    Raises:
        InputError: The table is missing, or it is another one.
        UsageError: The mask would hide a word.
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
