"""The lines of docs/guides/jax.md do what the sentences around them say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep

pytest.importorskip("flax")

import jax
import jax.numpy as jnp
from flax import nnx

optax = pytest.importorskip("optax")

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "jax.md"
IDS = jnp.array([[0, 2], [3, 1]])


def recipe() -> str:
    """The one block of Python on the page."""
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.S | re.M)
    assert len(blocks) == 1
    return str(blocks[0])


def done(
    dtype: str = "float32",
    vocab: tuple[str, ...] = ("", "the", "cat", "zebra"),
    *,
    frozen: bool = True,
) -> Any:
    """The layer that the block makes for these words, perhaps without the line that freezes it."""
    Path("v.txt").write_bytes(b"the 0.1 0.2 0.3\ncat 0.4 0.5 0.6\n")
    embedprep.build("v.txt", list(vocab), "embeddings.npy", dtype=dtype)
    lines = recipe().splitlines()
    assert sum(line.startswith("layer.embedding = ") for line in lines) == 1
    if not frozen:
        lines = [line for line in lines if not line.startswith("layer.embedding = ")]
    names: dict[str, Any] = {}
    exec("\n".join(lines), names)  # noqa: S102  (our own page)
    return names["layer"]


def rows() -> NDArray[Any]:
    array: NDArray[Any] = np.load("embeddings.npy")
    return array


class Classifier(nnx.Module):
    def __init__(self, layer: Any) -> None:
        self.embed = layer
        self.out = nnx.Linear(3, 2, rngs=nnx.Rngs(0))

    def __call__(self, ids: jax.Array) -> jax.Array:
        return self.out(self.embed(ids).mean(axis=-2))


def loss(model: Classifier) -> jax.Array:
    return (model(IDS) ** 2).sum()


def train(model: Classifier) -> Any:
    """One step on the parameters; the gradients."""
    optimizer = nnx.Optimizer(model, optax.sgd(0.1), wrt=nnx.Param)

    @nnx.jit
    def step(model: Classifier, optimizer: Any) -> Any:
        gradients = nnx.grad(loss)(model)
        optimizer.update(model, gradients)
        return gradients

    return nnx.to_pure_dict(step(model, optimizer))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("frozen", [True, False])
def test_rows_are_those_of_the_file_in_its_dtype(dtype: str, frozen: bool) -> None:
    layer = done(dtype, frozen=frozen)
    found = np.asarray(layer(IDS))
    assert found.dtype == dtype
    assert found.tobytes() == rows()[np.asarray(IDS)].tobytes()


def test_it_is_frozen() -> None:
    model = Classifier(done())
    before = np.asarray(model.out.kernel[...])
    assert set(train(model)) == {"out"}
    assert (np.asarray(model.out.kernel[...]) != before).all()
    assert np.asarray(model.embed.embedding[...]).tobytes() == rows().tobytes()


def test_without_that_line_it_is_trained_and_the_file_is_not() -> None:
    model = Classifier(done(frozen=False))
    assert np.asarray(model.embed.embedding[...]).tobytes() == rows().tobytes()
    file = Path("embeddings.npy").read_bytes()
    assert set(train(model)) == {"embed", "out"}
    moved = (np.asarray(model.embed.embedding[...]) != rows()).any(axis=1)
    assert moved.all()
    assert Path("embeddings.npy").read_bytes() == file


def test_what_an_id_without_a_row_becomes() -> None:
    """As the page says; a change in JAX would make it say something else."""
    layer = done()
    first, last = rows()[[0, -1]].tolist()
    for call in (layer, nnx.jit(layer)):
        beyond, negative, far = np.asarray(call(jnp.array([4, -1, -5])))
        assert np.isnan(beyond).all()
        assert negative.tolist() == last
        assert np.isnan(far).all()
    table = jnp.asarray(rows())
    assert table[jnp.array([4, -1, -5])].tolist() == [last, last, first]


def test_a_table_of_one_row_takes_every_id() -> None:
    layer = done(vocab=("cat",))
    assert layer(jnp.array([0, 7])).tolist() == [rows()[0].tolist()] * 2
