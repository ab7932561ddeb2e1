"""`embedprep.torch.ExternalEmbedding`: a frozen table beside the model, in no checkpoint."""

from __future__ import annotations

import copy
import gc
import io
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.containers import SUFFIXES
from embedprep.errors import InputError, UsageError
from embedprep.matrix.found_again import tables
from tests.matrices import random_rows
from tests.torch.tables import DIM, WORDS, private_pages, table_file

pytest.importorskip("torch")

import torch

from embedprep.torch import ExternalEmbedding, embedding

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]

IDS = torch.tensor([[0, 7, 19], [3, 3, 0]])
INTEGERS = [torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
# PyTorch 2.3 and later.
INTEGERS += [getattr(torch, f"uint{n}") for n in (16, 32, 64) if hasattr(torch, f"uint{n}")]


def model_on(layer: Any) -> Any:
    """Ids of shape (n, 3) to numbers of shape (n, 2), the same for equal rows."""
    torch.manual_seed(1)
    return torch.nn.Sequential(layer, torch.nn.Flatten(), torch.nn.Linear(3 * DIM, 2))


def frozen(rows: NDArray[Any]) -> Any:
    """What the module stands in for."""
    return torch.nn.Embedding.from_pretrained(torch.from_numpy(rows.copy()))


def another_table(path: str = "m.npy") -> NDArray[Any]:
    return table_file(path, random_rows(WORDS, DIM, seed=2))


def saved_bytes(thing: object) -> bytes:
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


def loaded(saved: bytes) -> Any:
    return torch.load(io.BytesIO(saved), weights_only=False)


# ---- rows


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rows_are_those_of_the_file(suffix: str, dtype: str) -> None:
    rows = table_file("m" + suffix, random_rows(WORDS, 3, dtype))
    found = ExternalEmbedding("m" + suffix)(IDS)
    assert found.dtype == torch.float32
    assert found.shape == (2, 3, 3)
    assert found.numpy().tobytes() == rows[IDS.numpy()].astype(np.float32).tobytes()


def test_a_matrix_that_build_wrote() -> None:
    Path("v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    embedprep.build("v.txt", ["", "the", "cat"], "m.npy")
    layer = ExternalEmbedding(Path("m.npy"), vocabulary_size=3)
    assert layer(torch.tensor([2, 1, 0])).tolist() == [[4, 5, 6], [1, 2, 3], [0, 0, 0]]
    assert repr(layer) == "ExternalEmbedding(3, 3, source='m.npy')"
    assert (layer.num_embeddings, layer.embedding_dim) == (3, 3)


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_ids_of_any_integer_type(dtype: Any) -> None:
    rows = table_file()
    found = ExternalEmbedding("m.npy")(IDS.to(dtype))
    assert found.numpy().tobytes() == rows[IDS.numpy()].tobytes()


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (5,), (1, 2, 3, 1)])
def test_ids_of_any_shape(shape: tuple[int, ...]) -> None:
    rows = table_file()
    found = ExternalEmbedding("m.npy")(torch.full(shape, 7))
    assert found.shape == (*shape, DIM)
    assert (found.numpy() == rows[7]).all()


def test_ids_that_are_not_in_one_piece() -> None:
    rows = table_file()
    found = ExternalEmbedding("m.npy")(IDS.t()[::2])
    assert found.numpy().tobytes() == rows[IDS.numpy().T[::2]].tobytes()


@pytest.mark.parametrize("wrong", [-1, 20, 2**40, -(2**63), 2**63 - 1])
def test_an_id_without_a_row(wrong: int) -> None:
    table_file()
    with pytest.raises(InputError) as caught:
        ExternalEmbedding("m.npy")(torch.tensor([[0, wrong, 19]]))
    assert caught.value.reason == f"there is no row of id {wrong}: the table has the ids 0 to 19"
    assert caught.value.path == "m.npy"


@pytest.mark.skipif(not hasattr(torch, "uint64"), reason="PyTorch 2.3 and later")
def test_an_id_beyond_every_signed_number() -> None:
    table_file()
    with pytest.raises(InputError, match="there is no row of id"):
        ExternalEmbedding("m.npy")(torch.tensor([2**63 + 3], dtype=torch.uint64))


@pytest.mark.parametrize(
    "dtype", [torch.bool, torch.float32, torch.float16, torch.complex64], ids=str
)
@pytest.mark.parametrize("shape", [(3,), (0,)])
def test_what_is_no_id(dtype: Any, shape: tuple[int, ...]) -> None:
    table_file()
    with pytest.raises(UsageError, match=f"ids are integers, and these are {dtype}"):
        ExternalEmbedding("m.npy")(torch.zeros(shape, dtype=dtype))


def test_a_table_without_rows() -> None:
    table_file(rows=np.zeros((0, 4), np.float32), provenance=[])
    layer = ExternalEmbedding("m.npy")
    assert layer(torch.zeros((2, 0), dtype=torch.int64)).shape == (2, 0, 4)
    with pytest.raises(InputError, match="the table has no rows"):
        layer(torch.tensor([0]))


def test_the_size_of_the_vocabulary() -> None:
    table_file()
    with pytest.raises(InputError, match="it has 20 rows, and the vocabulary 21 ids"):
        ExternalEmbedding("m.npy", vocabulary_size=21)


# ---- memory


def test_modules_of_one_file_share_one_map() -> None:
    table_file()
    one, other = ExternalEmbedding("m.npy"), ExternalEmbedding("m.npy")
    assert one.table.array is other.table.array
    assert one.table.array.ctypes.data != embedding("m.npy").weight.data_ptr()


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps"), reason="needs Linux")
def test_pages_are_those_of_the_file_and_only_the_ones_read() -> None:
    rows = table_file(rows=random_rows(25_000, 128))
    layer = ExternalEmbedding("m.npy")
    layer(torch.tensor([0, 12_500]))
    resident, changed = private_pages("m.npy")
    assert 0 < resident < rows.nbytes / 4
    assert changed == 0
    layer(torch.arange(25_000))
    assert private_pages("m.npy")[1] == 0


def test_rows_that_are_handed_out_are_nobody_elses() -> None:
    rows = table_file()
    layer = ExternalEmbedding("m.npy")
    layer(torch.arange(WORDS)).zero_()
    assert layer(torch.arange(WORDS)).numpy().tobytes() == rows.tobytes()


def test_a_file_that_is_built_again_is_another_table() -> None:
    first = table_file()
    before = ExternalEmbedding("m.npy")
    second = another_table()
    after = ExternalEmbedding("m.npy")
    assert before(IDS).numpy().tobytes() == first[IDS.numpy()].tobytes()
    assert after(IDS).numpy().tobytes() == second[IDS.numpy()].tobytes()


# ---- training


def test_a_model_on_it_is_trained_as_on_a_frozen_embedding() -> None:
    rows = table_file()
    models = [model_on(ExternalEmbedding("m.npy")), model_on(frozen(rows))]
    for model in models:
        trained = [one for one in model.parameters() if one.requires_grad]
        assert len(trained) == 2
        step: Any = torch.optim.Adam(trained)
        for _ in range(3):
            step.zero_grad()
            model(IDS).pow(2).sum().backward()
            step.step()
    assert torch.equal(models[0](IDS), models[1](IDS))
    assert not list(models[0][0].parameters())
    assert np.load("m.npy").tobytes() == rows.tobytes()


@pytest.mark.parametrize(
    "moved",
    [
        lambda layer: layer.float(),
        lambda layer: layer.cpu(),
        lambda layer: layer.requires_grad_(),
        lambda layer: layer.train(),
        lambda layer: layer.share_memory(),
        lambda layer: layer.to("meta"),
        lambda layer: layer.to("meta").to_empty(device="cpu"),
    ],
)
def test_what_moves_parameters_leaves_the_table(moved: Callable[[Any], Any]) -> None:
    rows = table_file()
    layer = moved(ExternalEmbedding("m.npy"))
    assert layer(IDS).numpy().tobytes() == rows[IDS.numpy()].tobytes()
    state = ExternalEmbedding("m.npy").state_dict()
    layer.load_state_dict(state, assign=True)
    assert layer.state_dict()["_extra_state"].tolist() == state["_extra_state"].tolist()
    another_table("n.npy")
    with pytest.raises(InputError, match="another table"):
        layer.load_state_dict(ExternalEmbedding("n.npy").state_dict())


# ---- precision


@pytest.mark.parametrize("stored", ["float32", "float16"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
def test_rows_have_the_precision_of_their_model(stored: str, dtype: Any) -> None:
    rows = torch.from_numpy(table_file(rows=random_rows(WORDS, DIM, stored)))
    model = model_on(ExternalEmbedding("m.npy"))
    assert model(IDS).dtype == torch.float32
    model.to(dtype)
    assert model(IDS).dtype == dtype
    for same in (model[0], copy.deepcopy(model)[0], saved_and_back(model)[0]):
        assert torch.equal(same(IDS), rows[IDS].to(dtype))
    assert torch.equal(model.float()[0](IDS), rows[IDS].float())


def test_rows_have_the_default_precision_of_pytorch() -> None:
    table_file()
    torch.set_default_dtype(torch.float64)
    try:
        assert model_on(ExternalEmbedding("m.npy"))(IDS).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_autocast_chooses_the_precision_of_what_follows() -> None:
    table_file()
    with torch.autocast("cpu", torch.bfloat16):
        assert model_on(ExternalEmbedding("m.npy"))(IDS).dtype == torch.bfloat16


# ---- ids that are no tensor, compiled and exported models


@pytest.mark.parametrize(
    "ids", [IDS.tolist(), IDS.numpy(), IDS.numpy().astype(np.uint16), tuple(IDS)], ids=repr
)
def test_ids_need_not_be_a_tensor(ids: Any) -> None:
    rows = table_file()
    if isinstance(ids, tuple):
        ids = ids[0].tolist(), ids[1].tolist()
    assert np.array_equal(ExternalEmbedding("m.npy")(ids).numpy(), rows[IDS.numpy()])


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        ([[1, 2], [3]], "no tensor.*\n.*pad the shorter ones"),
        (None, "no tensor"),
        ("w3", "no tensor"),
        ([1.5], "ids are integers, and these are torch.float32"),
        (np.array([True]), "ids are integers, and these are torch.bool"),
    ],
)
def test_what_cannot_be_ids_is_refused(ids: Any, message: str) -> None:
    table_file()
    with pytest.raises(UsageError, match=message):
        ExternalEmbedding("m.npy")(ids)


@pytest.mark.skipif(not hasattr(torch.compiler, "is_exporting"), reason="PyTorch 2.7 and later")
@pytest.mark.parametrize("strict", [True, False])
def test_an_exported_program_has_the_table_in_it(strict: bool) -> None:
    table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    sizes = ({0: torch.export.Dim("texts")},)
    torch.export.save(
        torch.export.export(model, (IDS,), strict=strict, dynamic_shapes=sizes), "m.pt2"
    )
    os.unlink("m.npy")
    program = torch.export.load("m.pt2").module()
    assert torch.equal(program(IDS), model(IDS))
    assert torch.allclose(program(IDS[:1]), model(IDS[:1]))
    with pytest.raises(IndexError):
        program(IDS - 1)


def test_it_is_scripted_as_the_module_it_stands_for() -> None:
    rows = table_file()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PyTorch would rather have it exported
        scripted: Any = torch.jit.script(model_on(ExternalEmbedding("m.npy")).double())
    assert torch.equal(scripted(IDS), model_on(frozen(rows)).double()(IDS))


def test_it_is_mapped_over_ids() -> None:
    table_file()
    layer = ExternalEmbedding("m.npy")
    assert torch.equal(torch.vmap(layer)(IDS), layer(IDS))


# ---- without memory, compiled


def test_ids_without_values_give_rows_without_values() -> None:
    table_file()
    found = ExternalEmbedding("m.npy")(IDS.to("meta"))
    assert found.device.type == "meta"
    assert (found.shape, found.dtype) == ((2, 3, DIM), torch.float32)


def test_a_module_that_is_made_without_memory_is_there_all_the_same() -> None:
    rows = table_file()
    with torch.device("meta"):
        layer = ExternalEmbedding("m.npy")
    assert layer(IDS).numpy().tobytes() == rows[IDS.numpy()].tobytes()


def test_it_runs_in_a_compiled_model() -> None:
    table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    compiled: Any = torch.compile(model, backend="eager")
    assert torch.equal(compiled(IDS), model(IDS))
    assert torch.equal(compiled(IDS.flip(0)), model(IDS.flip(0)))
    with pytest.raises(InputError, match="there is no row of id 20"):
        compiled(IDS + 1)


# ---- saved weights


def test_the_state_dict_has_32_bytes_of_it() -> None:
    table_file(rows=random_rows(1000, DIM))
    state = model_on(ExternalEmbedding("m.npy")).state_dict()
    assert {name: tuple(one.shape) for name, one in state.items()} == {
        "0._extra_state": (32,),
        "2.weight": (2, 12),
        "2.bias": (2,),
    }
    assert state["0._extra_state"].dtype == torch.uint8
    sha256 = json.loads(embedprep.open("m.npy").annotations.report)["matrix"]["sha256_of_pieces"]
    assert bytes(state["0._extra_state"].tolist()).hex() == sha256
    assert len(saved_bytes(state)) < 4000


_FRESH = """
import json, sys, torch
from embedprep.torch import ExternalEmbedding
layer = ExternalEmbedding("m.npy")
model = torch.nn.Sequential(layer, torch.nn.Flatten(), torch.nn.Linear(3 * layer.embedding_dim, 2))
outputs = []
for path in sys.argv[1:]:
    torch.nn.init.zeros_(model[2].weight)
    if path.endswith(".safetensors"):
        from safetensors.torch import load_file
        state = load_file(path)
    else:
        state = torch.load(path, weights_only=True)
    model.load_state_dict(state)
    outputs.append(model(torch.tensor([[0, 7, 19], [3, 3, 0]])).tolist())
print(json.dumps(outputs))
"""


def test_saved_weights_predict_the_same_in_another_process() -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    rows = table_file()
    state = model_on(ExternalEmbedding("m.npy")).state_dict()
    torch.save(state, "w.pt")
    safetensors.save_file(state, "w.safetensors")
    assert os.path.getsize("w.safetensors") < 1000
    expected = model_on(frozen(rows))(IDS).tolist()
    done = subprocess.run(
        [sys.executable, "-c", _FRESH, "w.pt", "w.safetensors"],
        capture_output=True,
        check=True,
        timeout=120,
    )
    assert json.loads(done.stdout) == [expected, expected]


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("assign", [True, False])
def test_weights_of_another_table_are_refused_each_time(strict: bool, assign: bool) -> None:
    table_file("n.npy", random_rows(WORDS, DIM, seed=2))
    table_file()
    state = model_on(ExternalEmbedding("n.npy")).state_dict()
    model = model_on(ExternalEmbedding("m.npy"))
    own = model.state_dict()["0._extra_state"].tolist()
    for _ in range(2):
        with pytest.raises(InputError, match="than that of the saved model, sha256 ") as caught:
            model.load_state_dict(state, strict=strict, assign=assign)
        assert "m.npy: this is another table (20 x 4, sha256 " in str(caught.value)
        assert bytes(state["0._extra_state"].tolist()).hex()[:12] in str(caught.value)
    assert model.state_dict()["0._extra_state"].tolist() == own


@pytest.mark.parametrize(
    "saved",
    [
        torch.tensor(7),
        torch.zeros(0, dtype=torch.uint8),
        torch.zeros(31, dtype=torch.uint8),
        torch.full((32,), 1000),
        torch.zeros(32),
        torch.zeros(32, dtype=torch.uint8, device="meta"),
    ],
    ids=["one number", "empty", "short", "large", "floats", "without values"],
)
def test_a_sha256_that_is_none_is_refused(saved: Any) -> None:
    table_file()
    with pytest.raises(InputError, match="another table"):
        ExternalEmbedding("m.npy").load_state_dict({"_extra_state": saved})


def test_weights_that_were_all_cast_are_still_of_this_table() -> None:
    """A common way to halve a checkpoint; whole numbers up to 255 survive it."""
    table_file()
    layer = ExternalEmbedding("m.npy")
    for dtype in (torch.float16, torch.bfloat16):
        layer.load_state_dict({"_extra_state": layer.state_dict()["_extra_state"].to(dtype)})
    assert layer.state_dict()["_extra_state"].dtype == torch.uint8


def test_weights_of_an_ordinary_embedding_are_not_taken_for_its_own() -> None:
    rows = table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    old = model_on(frozen(rows)).state_dict()
    with pytest.raises(RuntimeError, match=r'Missing key.*"0\._extra_state"') as caught:
        model.load_state_dict(old)
    assert "0.weight" in str(caught.value)
    missing, unexpected = model.load_state_dict(old, strict=False)
    assert (missing, unexpected) == (["0._extra_state"], ["0.weight"])


def test_an_average_of_models_keeps_the_sha256() -> None:
    table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    average = torch.optim.swa_utils.AveragedModel(model, use_buffers=True)
    for _ in range(3):
        average.update_parameters(model)
    model.load_state_dict(average.module.state_dict())


# ---- whole modules


def pickled_and_back(layer: Any) -> Any:
    return pickle.loads(pickle.dumps(layer))  # noqa: S301


def saved_and_back(layer: Any) -> Any:
    return loaded(saved_bytes(layer))


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled_and_back, saved_and_back])
def test_a_copy_finds_the_table_again(again: Callable[[Any], Any]) -> None:
    rows = table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    copied = again(model)
    assert copied[0].table.array is model[0].table.array
    assert torch.equal(copied(IDS), model_on(frozen(rows))(IDS))


def test_a_whole_module_is_saved_without_the_table() -> None:
    table_file(rows=random_rows(10_000, 50))
    layer = ExternalEmbedding("m.npy")
    assert len(pickle.dumps(layer)) < 4000
    assert len(saved_bytes(layer)) < 8000


def test_a_module_is_copied_wherever_the_process_is(monkeypatch: pytest.MonkeyPatch) -> None:
    table_file()
    model = model_on(ExternalEmbedding("m.npy"))
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    assert torch.equal(copy.deepcopy(model)(IDS), model(IDS))


def test_a_moved_table_is_found_by_its_content() -> None:
    rows = table_file()
    saved = saved_bytes(model_on(ExternalEmbedding("m.npy")))
    os.rename("m.npy", "moved.npy")
    another_table("m.npy")
    with tables("moved.npy"):
        model = loaded(saved)
    assert model[0].table.path == "moved.npy"
    assert torch.equal(model(IDS), model_on(frozen(rows))(IDS))


def test_a_missing_table_is_asked_for() -> None:
    table_file()
    saved = saved_bytes(ExternalEmbedding("m.npy"))
    gc.collect()  # or the table would still be open
    os.rename("m.npy", "moved.npy")
    with pytest.raises(InputError, match=r"the model needs this table \(20 x 4, sha256 ") as caught:
        loaded(saved)
    assert "embedprep.tables(PATH)" in caught.value.remedy


def test_another_table_in_its_place_is_refused() -> None:
    table_file()
    saved = saved_bytes(ExternalEmbedding("m.npy"))
    gc.collect()  # or the table would still be open
    another_table()
    with pytest.raises(InputError, match="another table than that of the model"):
        loaded(saved)


# ---- processes


def test_rows_from_the_workers_of_a_loader() -> None:
    rows = table_file()
    ids: Any = torch.arange(WORDS).reshape(5, 4)
    loader: Any = torch.utils.data.DataLoader(
        ids,
        batch_size=None,
        collate_fn=ExternalEmbedding("m.npy"),
        num_workers=1,
        multiprocessing_context="spawn",
    )
    found = torch.stack([batch.clone() for batch in loader])
    assert found.numpy().tobytes() == rows.tobytes()


def test_an_error_of_a_worker_comes_home() -> None:
    table_file()
    with (
        multiprocessing.get_context("spawn").Pool(1) as pool,
        pytest.raises(InputError, match="there is no row of id 20"),
    ):
        pool.apply(ExternalEmbedding("m.npy"), (IDS + 1,))
