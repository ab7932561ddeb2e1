"""Tables that models share: one map a process, known by their content, found again."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import shutil
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.containers import SUFFIXES
from embedprep.containers.digest import sha256_of
from embedprep.errors import InputError, UsageError
from embedprep.matrix import shared_table as module
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.matrix.shared_table import Identity, Table, own_table, shared_table
from embedprep.provenance import Provenance
from tests.matrices import random_rows
from tests.torch.tables import WORDS, edit, private_pages, table_file

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]


# ---- one table


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rows_are_those_of_the_file(suffix: str, dtype: str) -> None:
    rows = table_file("m" + suffix, random_rows(9, 3, dtype))
    table = shared_table("m" + suffix)
    assert table.array.dtype == dtype
    assert table.array.tobytes() == rows.tobytes()
    assert table.gather(np.array([[8, 0], [0, 3]])).tobytes() == rows[[8, 0, 0, 3]].tobytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_a_build_wrote_has_the_identity_of_its_report(suffix: str) -> None:
    Path("v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    _, coverage = embedprep.build("v.txt", ["", "the", "cat"], "m" + suffix)
    table = shared_table("m" + suffix)
    assert table.identity == Identity(coverage.matrix.sha256_of_pieces, 3, 3)
    assert table.padding_row == 0


def test_one_map_for_all_who_ask() -> None:
    table_file()
    table = shared_table("m.npy")
    assert shared_table("m.npy").array is table.array
    assert shared_table(Path("m.npy")).array is table.array


def test_another_file_of_the_same_content_is_another_table() -> None:
    table_file()
    shutil.copy("m.npy", "n.npy")
    one, other = shared_table("m.npy"), shared_table("n.npy")
    assert one.array is not other.array
    assert one.identity == other.identity


def test_many_threads_get_one_map(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(EmbeddingMatrix):
        def __init__(self, path: str, *, copy_on_write: bool = False) -> None:
            super().__init__(path, copy_on_write=copy_on_write)
            time.sleep(0.05)

    monkeypatch.setattr(module, "EmbeddingMatrix", Slow)
    table_file()
    together = threading.Barrier(8)

    def ask(_: int) -> Table:
        together.wait()
        return shared_table("m.npy")

    with ThreadPoolExecutor(8) as pool:
        assert len({id(table.array) for table in list(pool.map(ask, range(8)))}) == 1


def test_a_file_that_is_built_again_is_another_table() -> None:
    first = table_file()
    before = shared_table("m.npy")
    second = table_file(rows=first + 1)
    after = shared_table("m.npy")
    assert before.array.tobytes() == first.tobytes(), "a model keeps the rows that it began with"
    assert after.array.tobytes() == second.tobytes()
    assert before.identity != after.identity


def test_a_file_that_is_overwritten_in_place_is_another_table() -> None:
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    table_file()
    os.utime("m.npy", ns=(0, 0))
    before = shared_table("m.npy")
    Path("m.npy").write_bytes(Path("n.npy").read_bytes())
    assert shared_table("m.npy").identity != before.identity


def test_files_of_one_size_and_time_are_two_tables() -> None:
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    table_file()
    assert os.path.getsize("m.npy") == os.path.getsize("n.npy")
    for path in ("m.npy", "n.npy"):
        os.utime(path, ns=(0, 0))
    one, other = shared_table("m.npy"), shared_table("n.npy")
    assert one.identity != other.identity


def test_a_file_that_is_replaced_while_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table is not kept under the name of the file that was there before."""
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    table_file()
    os.link("m.npy", "before.npy")
    names = iter(["n.npy"])

    class Replaced(EmbeddingMatrix):
        def __init__(self, path: str, *, copy_on_write: bool = False) -> None:
            for name in names:
                os.replace(name, path)
            super().__init__(path, copy_on_write=copy_on_write)

    monkeypatch.setattr(module, "EmbeddingMatrix", Replaced)
    table = shared_table("m.npy")
    assert shared_table("m.npy").array is table.array
    os.replace("before.npy", "m.npy")
    assert shared_table("m.npy").identity != table.identity


def test_a_file_system_that_never_says_the_same_of_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = table_file()
    states = count()
    monkeypatch.setattr(module, "_state", lambda path: (next(states),))
    assert shared_table("m.npy").array.tobytes() == rows.tobytes()


def test_a_table_is_released_when_no_model_uses_it() -> None:
    table_file()
    table = shared_table("m.npy")
    gone, rows_gone = weakref.ref(table), weakref.ref(table.array)
    del table
    gc.collect()
    assert gone() is None
    assert rows_gone() is None


@pytest.mark.skipif(not os.path.exists("/proc/self/smaps"), reason="needs Linux")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pages_are_those_of_the_file_and_only_the_ones_read(suffix: str) -> None:
    rows = table_file("m" + suffix, random_rows(25_000, 128))
    table = shared_table("m" + suffix)
    table.gather(np.array([0, 12_500]))
    resident, changed = private_pages("m" + suffix)
    assert 0 < resident < rows.nbytes / 4
    assert changed == 0
    assert table.gather(np.arange(25_000)).tobytes() == rows.tobytes()
    resident, changed = private_pages("m" + suffix)
    assert resident >= rows.nbytes
    assert changed == 0


# ---- where it is


def test_one_map_has_the_path_that_each_user_wrote(tmp_path: Path) -> None:
    """It is what a saved model holds: that of another user may be relative, or of another link."""
    table_file()
    os.symlink("m.npy", "current.npy")
    spellings = ["m.npy", str(tmp_path / "m.npy"), "current.npy"]
    held = [shared_table(spelling) for spelling in spellings]
    assert [table.path for table in held] == spellings
    assert len({id(table.array) for table in held}) == 1


def test_a_link_that_is_turned_leads_to_another_table() -> None:
    table_file()
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    os.symlink("m.npy", "current.npy")
    before = shared_table("current.npy")
    os.unlink("current.npy")
    os.symlink("n.npy", "current.npy")
    assert shared_table("current.npy").identity != before.identity


def test_the_same_name_in_another_directory_is_another_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table_file()
    before = shared_table("m.npy")
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    table_file(rows=random_rows(WORDS, 4, seed=2))
    assert shared_table("m.npy").identity != before.identity


def test_a_copy_is_the_table_itself_wherever_the_process_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table_file()
    table = shared_table("m.npy")
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    assert copy.deepcopy(table) is table


# ---- what is no table


@pytest.mark.parametrize("table", [shared_table, own_table])
@pytest.mark.parametrize("source", [None, 3, np.zeros((2, 2), np.float32), ["m.npy"]], ids=repr)
def test_what_is_no_path(table: Any, source: Any) -> None:
    with pytest.raises(UsageError, match="a matrix is given by the path of its file") as caught:
        table(source)
    assert type(source).__name__ in caught.value.reason


@pytest.mark.parametrize("table", [shared_table, own_table])
def test_an_open_matrix_stands_for_its_file(table: Any) -> None:
    rows = table_file()
    opened = embedprep.open("m.npy")
    assert table(opened).array.tobytes() == rows.tobytes()
    assert table(b"m.npy").path == "m.npy"
    table_file(rows=rows + 1)
    with pytest.raises(InputError, match="another table than the matrix opened there"):
        table(opened)


def test_rows_that_were_assigned_in_memory_are_not_those_of_the_file() -> None:
    table_file()
    with pytest.raises(UsageError, match="copy_on_write"):
        shared_table(EmbeddingMatrix("m.npy", copy_on_write=True))


@pytest.mark.parametrize("path", ["gone.npy", ".", "no matrix", "plain.npy"])
def test_what_is_no_matrix_of_build(path: str) -> None:
    Path("no matrix").write_bytes(b"the 1 2\n")
    np.save("plain.npy", np.zeros((2, 2), np.float32))
    with pytest.raises(InputError) as caught:
        shared_table(path)
    assert caught.value.path == path


# ---- ids


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.uint64, ">i4"])
def test_ids_of_any_integer_type(dtype: Any) -> None:
    rows = table_file()
    found = shared_table("m.npy").gather(np.array([[3, 0], [19, 3]], dtype))
    assert found.tobytes() == rows[[3, 0, 19, 3]].tobytes()
    assert found.shape == (2, 2, 4)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (1, 2, 3)])
def test_ids_of_any_shape(shape: tuple[int, ...]) -> None:
    rows = table_file()
    found = shared_table("m.npy").gather(np.full(shape, 7))
    assert found.shape == (*shape, 4)
    assert (found == rows[7]).all()


@pytest.mark.parametrize("wrong", [-1, 20, 2**40, -(2**63), 2**63 - 1])
def test_an_id_without_a_row(wrong: int) -> None:
    table_file()
    with pytest.raises(InputError) as caught:
        shared_table("m.npy").gather(np.array([0, wrong, 19]))
    assert caught.value.reason == f"there is no row of id {wrong}: the table has the ids 0 to 19"


def test_an_id_beyond_every_signed_number() -> None:
    table_file()
    with pytest.raises(InputError, match=str(2**64 - 1)):
        shared_table("m.npy").gather(np.array([2**64 - 1], np.uint64))


@pytest.mark.parametrize("dtype", [bool, np.float32, np.float64, complex, object])
def test_what_is_no_id(dtype: Any) -> None:
    table_file()
    with pytest.raises(UsageError, match="ids are integers"):
        shared_table("m.npy").gather(np.array([0, 1], dtype))


def test_rows_that_are_handed_out_are_nobody_elses() -> None:
    rows = table_file()
    table = shared_table("m.npy")
    table.gather(np.arange(WORDS))[:] = 7
    assert table.array.tobytes() == rows.tobytes()


def test_a_table_without_rows() -> None:
    table_file(rows=np.zeros((0, 4), np.float32), provenance=[])
    table = shared_table("m.npy")
    assert table.gather(np.zeros((2, 0), np.int64)).shape == (2, 0, 4)
    with pytest.raises(InputError, match="there is no row of id 0: the table has no rows"):
        table.gather(np.array([0]))
    with pytest.raises(UsageError, match="mask_zero"):
        table.check_mask(True)


# ---- what a model asks of it


def test_the_size_of_the_vocabulary() -> None:
    table_file()
    table = shared_table("m.npy")
    table.check_size(None)
    table.check_size(20)
    for size in (19, 21, 0):
        with pytest.raises(InputError, match=f"it has 20 rows, and the vocabulary {size} ids"):
            table.check_size(size)


@pytest.mark.parametrize("size", ["20", 20.0, ["w0"]])
def test_a_size_that_is_no_whole_number(size: Any) -> None:
    table_file()
    with pytest.raises(UsageError, match=r"vocabulary_size is .*, and not a whole number"):
        shared_table("m.npy").check_size(size)


# ---- rows that are edited in place


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_rows_that_were_edited_are_not_those_of_the_identity(suffix: str) -> None:
    table_file("m" + suffix)
    table = shared_table("m" + suffix)
    table.check_rows()
    edit("m" + suffix, row=5)
    for edited in (table, shared_table("m" + suffix)):
        with pytest.raises(InputError, match="its rows are not those that were built") as caught:
            edited.check_rows()
        assert caught.value.path == "m" + suffix
    with pytest.raises(InputError, match="not those that were built"):
        pickle.dumps(table)


def test_rows_are_read_once_for_each_state_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    table_file()
    read = []

    def counted(rows: Any, scales: Any) -> str:
        read.append(1)
        return sha256_of(rows, scales)

    monkeypatch.setattr(module, "sha256_of", counted)
    table = shared_table("m.npy")
    for _ in range(3):
        table.check_rows()
        shared_table("m.npy").check_rows()
    assert len(read) == 1
    os.utime("m.npy", ns=(0, 0))
    table.check_rows()
    assert len(read) == 2
    os.unlink("m.npy")
    for _ in range(2):
        table.check_rows()
    assert len(read) == 3


@pytest.mark.parametrize(
    ("first", "refused"),
    [
        (Provenance.PADDING, False),
        (Provenance.UNASSIGNED, False),
        (Provenance.EXACT, True),
        (Provenance.OOV, True),
    ],
)
def test_row_0_is_hidden_only_if_it_is_no_word(first: Provenance, refused: bool) -> None:
    table_file(rows=random_rows(2, 4), provenance=[first, Provenance.EXACT])
    table = shared_table("m.npy")
    table.check_mask(False)
    if refused:
        with pytest.raises(UsageError, match="row 0 is a token"):
            table.check_mask(True)
    else:
        table.check_mask(True)
