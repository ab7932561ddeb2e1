"""The situations into which a model with a matrix comes, on every backend.

`python -m tests.keras.situations` prints a table of them: in each, the rows are right, or the model
is refused with a remedy. The tests beside it assert the column of their backend.
"""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import pickle
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax" if importlib.util.find_spec("jax") else "tensorflow")

import keras
import numpy as np

import embedprep
from embedprep.errors import EmbedprepError
from embedprep.keras import ExternalEmbedding, embedding_layer
from tests.keras.models import built, classifier, forget, output, predicted, some_ids
from tests.torch.tables import edit

BACKENDS = ("jax", "torch", "tensorflow")
BACKEND = keras.backend.backend()
KINDS: dict[str, Callable[..., Any]] = {
    "embedding_layer": embedding_layer,
    "ExternalEmbedding": ExternalEmbedding,
}
IDS = some_ids(texts=4)
_REMEDIES = (
    "Make the layer from the table",
    "Encode the text with the vocabulary",
    "Make the model that you export",
    "Say where the table is",
    "Build it again",
)
"""The beginnings of remedies, for errors of a framework that contain ours."""

Layer = Callable[..., Any]


def outcome(situation: Callable[[Layer], str | None], layer: Layer) -> str:
    """Return "right", "refused", or what the situation says; raise any other error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras' and PyTorch's own
        try:
            return situation(layer) or "right"
        except EmbedprepError:
            return "refused"
        except Exception as error:
            if any(remedy in str(error) for remedy in _REMEDIES):
                return "refused"
            raise


def same(one: Any, other: Any) -> None:
    """Assert that two models make the same of the ids."""
    assert np.array_equal(output(one, IDS), output(other, IDS))
    assert np.isfinite(output(one, IDS)).all()


def over(matrix: str, layer: Layer) -> Any:
    return classifier(layer(matrix))


def cloned(layer: Layer) -> str | None:
    model = over(built(), layer)
    clone = keras.models.clone_model(model)
    if np.isnan(output(clone, IDS)).all():
        return "NaN"
    rows = output(clone.layers[0], IDS)
    assert np.array_equal(rows, output(model.layers[0], IDS))
    return None


def cloned_with_weights(layer: Layer) -> None:
    model = over(built(), layer)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    same(clone, model)


def from_json(layer: Layer) -> None:
    model = over(built(), layer)
    again = keras.models.model_from_json(model.to_json())
    again.set_weights(model.get_weights())
    same(again, model)


def deep_copied(layer: Layer) -> None:
    model = over(built(), layer)
    same(copy.deepcopy(model), model)


def pickled(layer: Layer) -> None:
    model = over(built(), layer)
    same(pickle.loads(pickle.dumps(model)), model)  # noqa: S301


def saved(layer: Layer) -> None:
    model = over(built(), layer)
    model.save("model.keras")
    same(keras.models.load_model("model.keras"), model)


def saved_weights(layer: Layer) -> None:
    model = over(built(), layer)
    model.save_weights("model.weights.h5")
    again = over("m.npy", layer)
    again.load_weights("model.weights.h5")
    same(again, model)


def weights_over_another_table(layer: Layer) -> None:
    model = over(built(), layer)
    model.save_weights("model.weights.h5")
    other = over(built("n.npy", seed=1), layer)
    other.load_weights("model.weights.h5")
    same(other, model)


def set_weights_over_another_table(layer: Layer) -> None:
    model = over(built(), layer)
    other = over(built("n.npy", seed=1), layer)
    other.set_weights(model.get_weights())
    same(other, model)


class Own(keras.Model):  # type: ignore[misc]  # Keras has no types
    """A model that makes its layer itself."""

    layer: Layer

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = Own.layer("m.npy", mask_zero=False)

    def call(self, ids: Any) -> Any:
        return keras.ops.mean(self.words(ids), axis=1)


def own_layer_over_another_table(layer: Layer) -> None:
    Own.layer = layer
    built()
    model = Own()
    expected = output(model, IDS)
    model.save("own.keras")
    del model
    forget()  # or its table would still be open, and found
    built(seed=1)
    again = keras.models.load_model("own.keras", custom_objects={"Own": Own})
    assert np.array_equal(output(again, IDS), expected)


def only_saved(layer: Layer, folder: str = ".") -> Any:
    """Save a model in `folder`, beside its table, and let go of both; return its output."""
    model = over(built(os.path.join(folder, "m.npy")), layer)
    expected = output(model, IDS)
    model.save(os.path.join(folder, "model.keras"))
    del model
    forget()  # or its table would still be open, and found
    return expected


def another_table_at_the_path(layer: Layer) -> None:
    expected = only_saved(layer)
    built(seed=1)
    assert np.array_equal(output(keras.models.load_model("model.keras"), IDS), expected)


def edited_rows(layer: Layer) -> None:
    expected = only_saved(layer)
    edit("m.npy", row=4)  # that of a word which has a vector
    assert np.array_equal(output(keras.models.load_model("model.keras"), IDS), expected)


def another_directory(layer: Layer) -> None:
    model = over(built(), layer)
    model.save("model.keras")
    path = os.path.abspath("model.keras")
    os.mkdir("elsewhere")
    os.chdir("elsewhere")
    for again in (keras.models.load_model(path), copy.deepcopy(model)):
        same(again, model)
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    same(clone, model)


def moved_together(layer: Layer) -> None:
    os.mkdir("before")
    expected = only_saved(layer, "before")
    os.rename("before", "after")
    assert np.array_equal(output(keras.models.load_model("after/model.keras"), IDS), expected)


def deleted_table(layer: Layer) -> None:
    expected = only_saved(layer)
    os.unlink("m.npy")
    assert np.array_equal(output(keras.models.load_model("model.keras"), IDS), expected)


def of_precision(layer: Layer, stored: str, policy: str) -> None:
    rows = embedprep.open(built(dtype=stored)).array
    words = layer("m.npy", dtype=policy)
    found = words(keras.ops.convert_to_tensor(IDS))
    assert keras.backend.standardize_dtype(found.dtype) == words.compute_dtype
    found = keras.ops.convert_to_numpy(keras.ops.cast(found, "float32"))
    if policy in ("float32", "float64"):
        assert np.array_equal(found, rows[IDS].astype(np.float32))
    else:
        np.testing.assert_allclose(found, rows[IDS].astype(np.float32), rtol=1e-2)


def ids_of_every_kind(layer: Layer) -> None:
    rows = np.load(built())
    words = layer("m.npy")
    for kind in ("int8", "uint8", "int16", "int32", "int64", "float32"):
        assert np.array_equal(output(words, IDS.astype(kind)), rows[IDS])
    for shape in ((), (0,), (3,), (2, 1, 3)):
        assert np.array_equal(output(words, np.full(shape, 4)), rows[np.full(shape, 4)])


def ragged_ids(layer: Layer) -> str | None:
    if BACKEND != "tensorflow":
        return "-"
    import tensorflow as tf

    rows = np.load(built())
    found = layer("m.npy")(tf.ragged.constant([[2, 3], [4]], dtype=tf.int32))
    assert np.array_equal(found.flat_values, rows[[2, 3, 4]])
    return None


def without_a_row(layer: Layer) -> str | None:
    words = layer(built())
    if layer is embedding_layer:
        return "-"  # Keras' own layer does as its backend does
    output(words, [[50]])
    raise AssertionError("an id without a row has got one")


def without_a_row_compiled(layer: Layer) -> str | None:
    model = over(built(), layer)
    if layer is embedding_layer:
        return "-"
    predicted(model, IDS + 49)
    raise AssertionError("an id without a row has got one")


def trained(layer: Layer) -> None:
    words = layer(built(), trainable=True)
    assert len(words.trainable_weights) == 1


def exported(layer: Layer) -> str | None:
    model = over(built(), layer)
    expected = output(model, IDS)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        model.export("exported", verbose=False)
        served = tf.saved_model.load("exported")
        found = served.serve(IDS).numpy()
    elif BACKEND == "torch":
        import torch

        exported: Any = torch.export.export(model, (torch.from_numpy(IDS),)).module()
        found = exported(torch.from_numpy(IDS)).detach().numpy()
    else:
        import jax

        texts = jax.export.symbolic_shape("texts, 12")
        program = jax.export.export(jax.jit(lambda ids: model(ids, training=False)))(
            jax.ShapeDtypeStruct(texts, "int32")
        )
        found = np.asarray(program.call(IDS))
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    return None


SITUATIONS: dict[str, Callable[[Layer], str | None]] = {
    "clone_model": cloned,
    "clone_model and set_weights": cloned_with_weights,
    "model_from_json and set_weights": from_json,
    "deepcopy": deep_copied,
    "pickle": pickled,
    "save and load_model": saved,
    "save_weights and load_weights": saved_weights,
    "load_weights of another table": weights_over_another_table,
    "set_weights of another table": set_weights_over_another_table,
    "a subclass makes its layer over another table": own_layer_over_another_table,
    "load_model, another table at the path": another_table_at_the_path,
    "load_model, rows edited in place": edited_rows,
    "load_model from another directory": another_directory,
    "load_model, moved with the table": moved_together,
    "load_model, table deleted": deleted_table,
    **{
        f"a {stored} matrix, dtype={policy}": partial(of_precision, stored=stored, policy=policy)
        for stored in ("float32", "float16")
        for policy in ("float32", "mixed_float16", "bfloat16")
    },
    "ids of every type and shape": ids_of_every_kind,
    "ragged ids": ragged_ids,
    "an id without a row": without_a_row,
    "an id without a row, predict": without_a_row_compiled,
    "trainable=True": trained,
    "export": exported,
}


def column() -> dict[str, list[str]]:
    """What happens in each situation on the backend of this process, for each kind of layer."""
    found: dict[str, list[str]] = {}
    for name, situation in SITUATIONS.items():
        for layer in KINDS.values():
            with tempfile.TemporaryDirectory() as folder:
                os.chdir(folder)
                try:
                    cell = outcome(situation, layer)
                except Exception as error:
                    cell = f"WRONG: {type(error).__name__}"
                os.chdir("/")
            found.setdefault(name, []).append(cell)
    return found


def main() -> int:
    """Print the table; 1 if something is neither right nor refused."""
    backends = [one for one in BACKENDS if importlib.util.find_spec(one)]
    columns = {}
    for backend in backends:
        done = subprocess.run(
            [sys.executable, "-m", "tests.keras.situations", backend],
            env={**os.environ, "KERAS_BACKEND": backend},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        columns[backend] = json.loads(done.stdout.splitlines()[-1])
    print(f"{'':46}" + "".join(f"{one:<32}" for one in backends))
    print(f"{'':46}" + "".join(f"{kind:<16.16}" for _ in backends for kind in KINDS))
    for name in SITUATIONS:
        cells = [cell for backend in backends for cell in columns[backend][name]]
        print(f"{name:46}" + "".join(f"{cell:<16.15}" for cell in cells))
    return int("WRONG" in json.dumps(columns))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(column()))
    else:
        sys.exit(main())
