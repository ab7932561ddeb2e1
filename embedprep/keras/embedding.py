"""An ordinary Embedding layer, filled with a matrix."""

from __future__ import annotations

from typing import Any

import keras

from embedprep.errors import UsageError
from embedprep.matrix.shared_table import Source, Table, own_table


def embedding_layer(
    path: Source,
    trainable: bool | None = None,
    mask_zero: bool = True,
    *,
    vocabulary_size: int | None = None,
    **kwargs: Any,
) -> keras.layers.Embedding:
    """Make a `keras.layers.Embedding` whose weights are the matrix at `path`.

    A saved model contains the weights. They have the layer's dtype, float32 unless told otherwise.
    A layer that is made from the config alone, as `keras.models.clone_model` does, has rows of NaN
    until it gets weights: `clone.set_weights(model.get_weights())`.

    The layer of a matrix of int8 is as `layer.quantize("int8")` leaves one with the rows before
    they were rounded, with the numbers and scales of the file as its weights. Its rows cannot be
    trained, and without weights they are zeros, as those of every layer that Keras quantised.

    Args:
        path: The matrix.
        trainable: Fine-tune the rows. By default, only `lora_rank` trains, and leaves the rows as
            they are; `layer.enable_lora` likewise.
        mask_zero: Hide padding, which is id 0, from the layers after this one. Layers that know no
            masks, such as Conv1D, want False.
        vocabulary_size: How many ids the tokenizer has. A matrix of another size is refused.
        **kwargs: Arguments of the layer, such as `name` or `lora_rank`.

    Raises:
        InputError: `build` did not write the file, or it has another size.
        UsageError: An argument contradicts the matrix.
    """
    if trainable is False and kwargs.get("lora_rank"):
        raise UsageError(
            "trainable=False and lora_rank are given, and nothing would be trained",
            "Drop trainable: with lora_rank, the rows themselves are not trained.",
        )
    for given in ("embeddings_initializer", "weights", "input_dim", "output_dim"):
        if given in kwargs:
            raise UsageError(
                f"'{given}' is given, and the matrix says it already",
                f"Drop '{given}'; vocabulary_size=N compares a tokenizer with the matrix.",
            )
    table = own_table(path)  # of its own: on some backends it becomes the weights, and is trained
    table.check_size(vocabulary_size)
    table.check_mask(mask_zero)
    if table.matrix.scales is not None:
        return _of_int8(table, trainable, mask_zero, **kwargs)

    def rows(shape: tuple[int, int], dtype: str | None = None) -> Any:
        return keras.ops.convert_to_tensor(table.array, dtype=dtype)

    layer = keras.layers.Embedding(
        table.identity.rows,
        table.identity.dim,
        embeddings_initializer=rows,
        mask_zero=mask_zero,
        trainable=bool(trainable),
        **kwargs,
    )
    if layer.quantization_mode or not keras.backend.is_float_dtype(layer.variable_dtype):
        raise UsageError(
            f"weights of the type {layer.dtype_policy.name} cannot be filled",
            "Fill it first: layer = embedding_layer(PATH, dtype='float32'); "
            "layer.quantize('int8').",
        )
    _with_lora(layer)
    # With an initialiser the rows are the weights at once. With `weights=`, Keras would first
    # create random ones, for four times the time and twice the memory.
    layer.build()
    # For the config. A saved model replaces it by the rows; a clone without weights shall not pass
    # for a layer with rows.
    layer.embeddings_initializer = keras.initializers.Constant(float("nan"))
    return layer


def _with_lora(layer: keras.layers.Embedding) -> None:
    """Let LoRA train in the layer, although its rows do not."""

    def enable_lora(*args: Any, **kwargs: Any) -> None:
        layer.trainable = True  # or its two matrices would be as frozen as the rows
        keras.layers.Embedding.enable_lora(layer, *args, **kwargs)

    layer.enable_lora = enable_lora


def _of_int8(
    table: Table, trainable: bool | None, mask_zero: bool, *, dtype: Any = None, **kwargs: Any
) -> keras.layers.Embedding:
    """Return the layer that `quantize("int8")` makes of one with the rows before they were rounded.

    Its weights are the numbers and the scales in the file.
    """
    if trainable:
        raise UsageError(
            "trainable=True is given, and rows of int8 cannot be trained",
            "Drop trainable, and say lora_rank=N to train beside them; or build with --dtype "
            "float32.",
            path=table.path,
        )
    policy = keras.dtype_policies.get(dtype or keras.config.dtype_policy())
    name = policy.name.removeprefix("int8_from_")
    if name not in ("float32", "mixed_bfloat16"):  # Keras quantises no layer of float16
        raise UsageError(
            f"the matrix is int8 with float32 scales, which a layer of the type {policy.name} has "
            "no place for",
            "Say dtype='float32' or 'mixed_bfloat16'.",
            path=table.path,
        )
    policy = keras.dtype_policies.get(f"int8_from_{name}")
    lora = {"rank": kwargs.pop("lora_rank", None)}
    if "lora_alpha" in kwargs:
        lora["lora_alpha"] = kwargs.pop("lora_alpha")
    layer = keras.layers.Embedding(
        table.identity.rows,
        table.identity.dim,
        mask_zero=mask_zero,
        trainable=False,
        dtype=policy,
        **kwargs,
    )
    layer.build()
    layer.set_weights([table.matrix.stored, table.matrix.scales])
    _with_lora(layer)
    if lora["rank"]:
        layer.enable_lora(**lora)
    return layer
