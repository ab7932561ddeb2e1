"""An ordinary Embedding layer, filled with a matrix."""

from __future__ import annotations

from typing import Any

import keras

from embedprep.errors import UsageError
from embedprep.matrix.shared_table import Path, own_table


def embedding_layer(
    path: Path,
    trainable: bool = False,
    mask_zero: bool = True,
    *,
    vocabulary_size: int | None = None,
    **kwargs: Any,
) -> keras.layers.Embedding:
    """Make a `keras.layers.Embedding` whose weights are the matrix at `path`.

    A saved model contains the weights. They have the layer's dtype, float32 unless told otherwise.

    Args:
        path: The matrix.
        trainable: Fine-tune the rows.
        mask_zero: Hide padding, which is id 0, from the layers after this one. Layers that know no
            masks, such as Conv1D, want False.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.
        **kwargs: Arguments of the layer, such as `name` or `lora_rank`.

    Raises:
        InputError: `build` did not write the file, or it has another size.
        UsageError: An argument contradicts the matrix.
    """
    for given in ("embeddings_initializer", "weights", "input_dim", "output_dim"):
        if given in kwargs:
            raise UsageError(
                f"'{given}' is given, and the matrix says it already",
                f"Drop '{given}'; vocabulary_size=N compares a tokenizer with the matrix.",
            )
    table = own_table(path)  # of its own: on some backends it becomes the weights, and is trained
    table.check_size(vocabulary_size)
    table.check_mask(mask_zero)

    def rows(shape: tuple[int, int], dtype: str | None = None) -> Any:
        return keras.ops.convert_to_tensor(table.array, dtype=dtype)

    layer = keras.layers.Embedding(
        table.identity.rows,
        table.identity.dim,
        embeddings_initializer=rows,
        mask_zero=mask_zero,
        trainable=trainable,
        **kwargs,
    )
    if getattr(layer, "quantization_mode", None):
        raise UsageError(
            f"weights of the type {layer.dtype_policy.name} cannot be filled",
            "Fill it first: layer = embedding_layer(PATH); layer.quantize('int8').",
        )
    # With an initialiser the rows are the weights at once. With `weights=`, Keras would first
    # create random ones, for four times the time and twice the memory.
    layer.build()
    layer.embeddings_initializer = keras.initializers.Zeros()  # for the config of a saved model
    return layer
