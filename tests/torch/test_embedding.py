"""`embedprep.torch.embedding`: an ordinary Embedding, over the file until it is trained."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.containers import SUFFIXES
from embedprep.errors import InputError
from embedprep.provenance import Provenance
from tests.matrices import random_rows
from tests.torch.tables import WORDS, private_pages, table_file

pytest.importorskip("torch")

import torch

from embedprep.torch import ExternalEmbedding, embedding

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]

EVERY = torch.arange(WORDS)
PADDED = [Provenance.PADDING] + [Provenance.EXACT] * (WORDS - 1)


def train(layer: torch.nn.Module, ids: torch.Tensor = EVERY) -> None:
    """One step that moves every row of `ids`."""
    step = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(ids).float().pow(2).sum().backward()
    step.step()


def weight(layer: Any) -> NDArray[Any]:
    array: NDArray[Any] = layer.weight.detach().numpy()
    return array


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("freeze", [True, False])
def test_rows_are_those_of_the_file(suffix: str, dtype: str, freeze: bool) -> None:
    rows = table_file("m" + suffix, random_rows(9, 3, dtype))
    layer = embedding("m" + suffix, freeze)
    assert isinstance(layer, torch.nn.Embedding)
    assert weight(layer).tobytes() == rows.tobytes()
    assert weight(layer).dtype == rows.dtype
    ids = torch.tensor([[8, 0], [0, 3]])
    assert layer(ids).detach().numpy().tobytes() == rows[[8, 0, 0, 3]].tobytes()
    assert layer.weight.requires_grad is not freeze


def test_a_matrix_that_build_wrote() -> None:
    Path("v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    embedprep.build("v.txt", ["", "the", "cat"], "m.npy")
    layer = embedding("m.npy")
    assert layer(torch.tensor([2, 1, 0])).tolist() == [[4, 5, 6], [1, 2, 3], [0, 0, 0]]
    assert layer.padding_idx == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps"), reason="needs Linux")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_is_copied_until_it_is_trained(suffix: str) -> None:
    rows = table_file("m" + suffix, random_rows(25_000, 128))
    layer = embedding("m" + suffix, freeze=False)
    layer(torch.tensor([0, 12_500]))
    resident, changed = private_pages("m" + suffix)
    assert 0 < resident < rows.nbytes / 4, "pages are read when a row is asked for"
    assert changed == 0
    train(layer, torch.arange(25_000))
    assert private_pages("m" + suffix)[1] >= rows.nbytes, "the pages are the module's own"


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_training_changes_the_module_and_nothing_else(suffix: str, dtype: str) -> None:
    path = "m" + suffix
    rows = table_file(path, random_rows(WORDS, 3, dtype))
    before = Path(path).read_bytes()
    other, frozen, external = embedding(path, False), embedding(path), ExternalEmbedding(path)
    trained = embedding(path, freeze=False)
    train(trained)
    assert (weight(trained) != rows).all()
    assert weight(other).tobytes() == rows.tobytes()
    assert weight(frozen).tobytes() == rows.tobytes()
    assert external(EVERY).numpy().astype(dtype).tobytes() == rows.tobytes()
    assert Path(path).read_bytes() == before
    assert np.asarray(embedprep.open(path)).tobytes() == rows.tobytes()


def test_a_frozen_one_is_not_trained() -> None:
    rows = table_file(rows=random_rows(WORDS, 3))
    model = torch.nn.Sequential(embedding("m.npy"), torch.nn.Linear(3, 2))
    train(model)
    assert weight(model[0]).tobytes() == rows.tobytes()
    assert [name for name, one in model.named_parameters() if one.grad is not None] == [
        "1.weight",
        "1.bias",
    ]


@pytest.mark.parametrize(
    ("provenance", "asked", "padding"),
    [
        (PADDED, "auto", 0),
        (PADDED[::-1], "auto", WORDS - 1),
        (None, "auto", None),
        (PADDED, None, None),
        (PADDED, 3, 3),
        (None, 3, 3),
        (None, -1, WORDS - 1),
    ],
)
def test_the_padding_row_is_not_trained(
    provenance: list[int] | None, asked: Any, padding: int | None
) -> None:
    rows = table_file(provenance=provenance)
    layer = embedding("m.npy", freeze=False, padding_idx=asked)
    assert layer.padding_idx == padding
    assert weight(layer).tobytes() == rows.tobytes(), "no row is filled with zeros"
    train(layer)
    moved = (weight(layer) != rows).any(axis=1)
    assert [row for row in range(WORDS) if not moved[row]] == ([] if padding is None else [padding])


def test_the_size_of_the_vocabulary() -> None:
    table_file()
    assert embedding("m.npy", vocabulary_size=WORDS).num_embeddings == WORDS
    with pytest.raises(InputError, match="it has 20 rows, and the vocabulary 19 ids"):
        embedding("m.npy", vocabulary_size=19)


def test_other_arguments_are_those_of_the_module() -> None:
    table_file()
    layer = embedding("m.npy", False, sparse=True, max_norm=0.5)
    assert layer(EVERY).norm(dim=1).max() <= 0.5001
    layer(EVERY).sum().backward()
    assert layer.weight.grad is not None
    assert layer.weight.grad.is_sparse
    with pytest.raises(TypeError, match="dims"):
        embedding("m.npy", dims=3)


def test_the_state_dict_is_that_of_an_ordinary_module() -> None:
    rows = table_file()
    torch.save(embedding("m.npy").state_dict(), "m.pt")
    os.unlink("m.npy")
    layer = torch.nn.Embedding(*rows.shape)
    layer.load_state_dict(torch.load("m.pt", weights_only=True))
    assert weight(layer).tobytes() == rows.tobytes()


def test_loading_a_trained_one_leaves_the_file_as_it_is() -> None:
    rows = table_file()
    trained = {"weight": torch.from_numpy(rows + 1)}
    layer = embedding("m.npy")
    layer.load_state_dict(trained)
    assert weight(layer).tobytes() == (rows + 1).tobytes()
    assert np.load("m.npy").tobytes() == rows.tobytes()
    assert weight(embedding("m.npy")).tobytes() == rows.tobytes()


def test_the_module_goes_on_when_the_file_is_gone() -> None:
    rows = table_file()
    layer = embedding("m.npy")
    os.unlink("m.npy")
    assert layer(EVERY).numpy().tobytes() == rows.tobytes()


def test_a_table_without_rows() -> None:
    table_file(rows=np.zeros((0, 4), np.float32), provenance=[])
    assert embedding("m.npy")(torch.zeros((2, 0), dtype=torch.int64)).shape == (2, 0, 4)


@pytest.mark.parametrize("path", ["gone.npy", "plain.npy"])
def test_what_is_no_matrix_of_build(path: str) -> None:
    np.save("plain.npy", np.zeros((2, 2), np.float32))
    with pytest.raises(InputError) as caught:
        embedding(path)
    assert caught.value.path == path
