"""`import embedprep`: building and opening in a notebook."""

from __future__ import annotations

import ast
import json
import os
import pickle
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import errors

VECTORS = b"the 1 2\ncat 3 4\nthe 9 9\n"
TOKENS = ["", "[UNK]", "the", "cat", "zebra", "nul\x00", "\ud800"]


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    (workdir / "v.txt").write_bytes(VECTORS)
    return workdir


def test_the_public_names_survive_the_import_of_every_module() -> None:
    """A module `embedprep.build` would take the place of the function of that name."""
    program = (
        "import importlib, embedprep\n"
        f"for name in {[m.name for m in pkgutil.walk_packages(embedprep.__path__, 'embedprep.')]}:"
        " importlib.import_module(name)\n"
        "assert callable(embedprep.build) and callable(embedprep.open)\n"
        "for name in embedprep.__all__: getattr(embedprep, name)\n"
        "assert embedprep.build.__module__ == embedprep.open.__module__ == 'embedprep.api'\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, b"")


def test_every_public_name_is_listed_and_has_a_type() -> None:
    assert dir(embedprep) == sorted(embedprep.__all__)
    tree = ast.parse(Path(embedprep.__file__).read_text())
    typed = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(embedprep.__all__) <= typed | {"__version__"}, (
        "a type checker takes what is missing here for Any"
    )


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'bild'"):
        _ = embedprep.bild


IDS = {"the": 1, "cat": 2, "zebra": 3}


@pytest.mark.parametrize(
    "vocab",
    [
        pytest.param(["[PAD]", "the", "cat", "zebra"], id="list"),
        pytest.param(("[PAD]", "the", "cat", "zebra"), id="tuple"),
        pytest.param(np.array(["[PAD]", "the", "cat", "zebra"]), id="array"),
        pytest.param(IDS, id="map"),
        pytest.param({token: np.int64(i) for token, i in IDS.items()}, id="map of NumPy integers"),
        pytest.param({i: token for token, i in IDS.items()}, id="inverse map"),
    ],
)
def test_a_vocabulary_in_memory(vocab: Any) -> None:
    matrix, coverage = embedprep.build("v.txt", vocab)
    assert matrix.shape == (4, 2)
    assert matrix.dtype == np.float32
    assert matrix[:3].tolist() == [[0, 0], [1, 2], [3, 4]]
    assert np.abs(matrix[3]).max() <= 0.25
    assert coverage.counts.vocabulary.found == 2
    assert coverage.vocabulary.path is None
    assert os.listdir() == ["v.txt"], "nothing is written"


def test_paths_of_any_kind() -> None:
    Path("vocab.json").write_text(json.dumps(IDS))
    expected, _ = embedprep.build("v.txt", IDS)
    matrix, coverage = embedprep.build(Path("v.txt"), Path("vocab.json"), Path("m.npy"))
    assert np.array_equal(matrix, expected)
    assert coverage.vocabulary.path == "vocab.json"
    assert coverage.matrix.path == "m.npy"
    assert len(embedprep.open(Path("m.npy"))) == 4


@pytest.mark.parametrize("output", ["m.npy", "m.h5"])
def test_with_an_output_the_matrix_is_a_read_only_map(output: str) -> None:
    matrix, _ = embedprep.build("v.txt", IDS, output)
    assert isinstance(matrix, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        matrix[0] = 1
    assert np.array_equal(matrix, embedprep.build("v.txt", IDS)[0])


def test_the_matrix_in_memory_belongs_to_the_caller() -> None:
    matrix, _ = embedprep.build("v.txt", IDS)
    matrix[3] = 7
    assert matrix[3].tolist() == [7, 7]


def test_the_coverage_shows_itself_as_a_table() -> None:
    _, coverage = embedprep.build("v.txt", IDS)
    assert isinstance(coverage, embedprep.CoverageReport)
    assert "vocabulary             2             3    66.7 %" in str(coverage)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("output", ["m.npy", "m.h5"])
def test_open(output: str, dtype: str) -> None:
    built, coverage = embedprep.build("v.txt", TOKENS, output, dtype=dtype)
    matrix = embedprep.open(output)
    assert matrix.shape == (7, 2)
    assert len(matrix) == 7
    assert matrix.array.dtype == dtype
    assert np.array_equal(matrix.array, built)
    assert matrix.tokens == TOKENS
    assert [matrix.row(token) for token in TOKENS[1:]] == [1, 2, 3, 4, 5, 6]
    assert matrix[matrix.row("cat")].tolist() == [3, 4]
    P = embedprep.Provenance  # noqa: N806  as in a notebook
    assert matrix.provenance.tolist() == [P.PADDING, P.OOV, P.EXACT, P.EXACT, *[P.OOV] * 3]
    assert matrix.coverage.counts == coverage.counts
    assert matrix.coverage.matrix == coverage.matrix
    assert matrix.coverage.run is None
    assert output in repr(matrix)


def test_numpy_takes_it_for_an_array_and_copies_nothing() -> None:
    embedprep.build("v.txt", IDS, "m.npy")
    matrix = embedprep.open("m.npy")
    array = np.asarray(matrix)
    assert np.shares_memory(array, matrix.array)
    assert np.asarray(matrix, np.float64).dtype == np.float64
    assert not np.shares_memory(np.array(matrix), matrix.array)
    assert np.array(matrix, copy=True).flags.writeable
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        with pytest.raises(ValueError, match="copy"):  # what NumPy's protocol asks for
            np.asarray(matrix, np.float64, copy=False)


def test_a_token_that_is_not_there() -> None:
    embedprep.build("v.txt", ["", "the", "the"], "m.npy")
    matrix = embedprep.open("m.npy")
    assert matrix.row("the") == 1
    for token in ("dog", ""):
        with pytest.raises(KeyError):
            matrix.row(token)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"vectors": "none.txt"}, embedprep.InputError),
        ({"vocab": "none.json"}, embedprep.InputError),
        ({"vocab": {"the": True}}, embedprep.InputError),
        ({"vocab": []}, embedprep.InputError),
        ({"vocab": 5}, embedprep.InputError),
        ({"output": "m.bin"}, embedprep.UsageError),
        ({"report": "r.json"}, embedprep.UsageError),
        ({"oov": "random"}, embedprep.UsageError),
        ({"threads": 0}, embedprep.UsageError),
        ({"threads": True}, embedprep.UsageError),
        ({"threads": 1.5}, embedprep.UsageError),
        ({"dim": "2"}, embedprep.UsageError),
        ({"num_words": 2.0}, embedprep.UsageError),
        ({"num_words": "all"}, embedprep.UsageError),
        ({"seed": 1.5}, embedprep.UsageError),
        ({"oov_scale": float("inf")}, embedprep.UsageError),
        ({"dtype": "int8"}, embedprep.UsageError),
        ({"output": "none/m.npy"}, embedprep.OutputError),
    ],
    ids=str,
)
def test_errors_are_embedpreps_own(
    arguments: dict[str, Any], error: type[embedprep.EmbedprepError]
) -> None:
    with pytest.raises(error) as caught:
        embedprep.build(**({"vectors": "v.txt", "vocab": IDS} | arguments))
    assert caught.value.reason
    assert caught.value.remedy
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize("name", ["none.npy", "v.txt", "."])
def test_open_something_else(name: str) -> None:
    with pytest.raises(embedprep.InputError) as caught:
        embedprep.open(name)
    assert caught.value.path == name


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.EmbedprepError, 1),
        (errors.UsageError, 2),
        (errors.InputError, 3),
        (errors.CoverageError, 4),
        (errors.OutputError, 5),
    ],
)
def test_an_error_is_data_and_travels_between_processes(
    kind: type[errors.EmbedprepError], code: int
) -> None:
    error = kind("it is bent", "Straighten it.", path="a\nb", line=3, byte=17, token="t\x1b")
    assert str(error) == "a\\nb, line 3, token 't\\x1b': it is bent\n  Straighten it."
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    assert type(again) is kind
    assert vars(again) == vars(error)
    assert again.exit_code == code


def test_progress_adds_up_to_the_bytes_of_the_file() -> None:
    totals: list[int | None] = []
    read: list[int] = []

    class Display:
        def __enter__(self) -> Any:
            return read.append

        def __exit__(self, *details: object) -> None:
            read.append(0)

    def progress(total: int | None) -> Display:
        totals.append(total)
        return Display()

    embedprep.build("v.txt", IDS, progress=progress)
    assert totals == [len(VECTORS)]
    assert sum(read) == len(VECTORS)
    assert read[-1] == 0, "the display is closed"
