"""A matrix of `--dtype int8` in PyTorch: decoded whole, or as rows are asked for."""

from __future__ import annotations

import io
import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from tests.torch.tables import private_pages

pytest.importorskip("torch")

import torch

from embedprep.torch import ExternalEmbedding, embedding

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

IDS = torch.tensor([[0, 7, 19], [3, 3, 0]])


def built(words: int = 20, dim: int = 8, path: str = "m.npy") -> Any:
    rows = np.random.default_rng(3).standard_normal((words, dim))
    lines = (f"w{number} {' '.join(map(str, row))}\n" for number, row in enumerate(rows.tolist()))
    Path("v.txt").write_text("".join(lines))
    embedprep.build("v.txt", ["", *(f"w{i}" for i in range(words))], path, dtype="int8")
    return embedprep.open(path)


def test_an_embedding_is_decoded() -> None:
    matrix = built()
    layer = embedding("m.npy", freeze=False)
    assert layer.weight.dtype == torch.float32
    assert layer.weight.detach().numpy().tobytes() == matrix.array.tobytes()
    layer(IDS).sum().backward()
    with torch.no_grad():
        layer.weight += 1
    assert embedprep.open("m.npy").array.tobytes() == matrix.array.tobytes()


@pytest.mark.parametrize("path", ["m.npy", "m.h5", "m.safetensors"])
def test_an_external_table_decodes_the_rows_it_is_asked_for(path: str) -> None:
    rows = built(path=path).array
    layer = ExternalEmbedding(path)
    assert layer(IDS).numpy().tobytes() == rows[IDS.numpy()].tobytes()
    assert layer.half()(IDS).dtype == torch.float16
    assert layer(torch.empty((2, 3), dtype=torch.long, device="meta")).shape == (2, 3, 8)
    assert "array" not in vars(layer.table.matrix)
    with pytest.raises(embedprep.InputError, match="no row of id 21"):
        layer(torch.tensor([21]))


def test_it_is_saved_exported_and_scripted() -> None:
    rows = built().array[IDS.numpy()]
    layer = ExternalEmbedding("m.npy")
    again = pickle.loads(pickle.dumps(layer))  # noqa: S301
    assert again(IDS).numpy().tobytes() == rows.tobytes()
    state = io.BytesIO()
    torch.save(layer.state_dict(), state)
    state.seek(0)
    layer.load_state_dict(torch.load(state))
    exported = torch.export.export(layer, (IDS,)).module()
    assert exported(IDS).numpy().tobytes() == rows.tobytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyTorch would rather have it exported
        scripted: Any = torch.jit.script(torch.nn.Sequential(layer))
    assert scripted(IDS).numpy().tobytes() == rows.tobytes()


def test_the_opened_table_takes_a_quarter_of_the_memory() -> None:
    matrix = built(4000, 64)
    layer = ExternalEmbedding("m.npy")
    layer(torch.arange(4001))
    resident, changed = private_pages("m.npy")
    assert changed == 0
    assert resident < 4001 * 64 * 1.5 + (1 << 20)
    assert matrix.stored.nbytes * 4 == 4001 * 64 * 4
