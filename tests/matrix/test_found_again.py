"""A model that was saved without its table finds it again, and no other."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.matrix.found_again import Record, expected_table, tables
from embedprep.matrix.shared_table import Table, shared_table
from tests.matrices import random_rows
from tests.torch.tables import WORDS, edit, table_file

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]


def recorded(path: str = "m.npy") -> Record:
    """What a model keeps of a table that no one has open any more."""
    record = Record.of(shared_table(path))
    gc.collect()
    return record


def unknown() -> Record:
    return Record("ab" * 32, 20, 4, os.getcwd(), 0)


def test_a_pickle_is_small_and_finds_the_table_again() -> None:
    rows = table_file(rows=random_rows(1000, 50))
    table = shared_table("m.npy")
    pickled = pickle.dumps(table)
    assert len(pickled) < 500
    assert pickle.loads(pickled).array is table.array  # noqa: S301
    program = (
        "import pickle, sys; table = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(table.array.tobytes())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=pickled, capture_output=True, check=True, timeout=60
    )
    assert done.stdout == rows.tobytes()


def test_a_moved_table_is_found_by_its_content() -> None:
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    rows = table_file()
    pickled = pickle.dumps(shared_table("m.npy"))
    os.rename("m.npy", "moved.npy")
    with tables("n.npy", Path("moved.npy")):
        found = pickle.loads(pickled)  # noqa: S301
    assert found.path == "moved.npy"
    assert found.array.tobytes() == rows.tobytes()


def test_a_table_may_have_moved_into_another_container() -> None:
    rows = table_file()
    pickled = pickle.dumps(shared_table("m.npy"))
    os.unlink("m.npy")
    table_file("m.h5", rows)
    with tables("m.h5"):
        assert pickle.loads(pickled).path == "m.h5"  # noqa: S301


def test_where_tables_are_is_said_inside_and_forgotten_behind() -> None:
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    table_file("m.npy")
    first, second = recorded("m.npy"), recorded("n.npy")
    with tables("m.npy"):
        with tables("n.npy"):
            assert expected_table("gone.npy", second).path == "n.npy"
            assert expected_table("gone.npy", first).path == "m.npy", "inner adds to outer"
            with pytest.raises(InputError):
                expected_table("gone.npy", unknown())
        with pytest.raises(InputError):
            expected_table("gone.npy", second)
    with pytest.raises(InputError):
        expected_table("gone.npy", first)


def test_an_error_inside_forgets_them_too() -> None:
    table_file()
    record = recorded()
    with contextlib.suppress(InputError), tables("m.npy"):
        expected_table("gone.npy", unknown())
    with pytest.raises(InputError):
        expected_table("gone.npy", record)


def test_the_place_of_a_model_is_not_looked_at_where_its_table_is_named() -> None:
    table_file()
    record = recorded()
    os.rename("m.npy", "moved.npy")
    table_file(rows=random_rows(WORDS, 4, seed=2))
    with tables("moved.npy"):
        assert expected_table("m.npy", record).path == "moved.npy"


def test_a_missing_table_is_asked_for() -> None:
    table_file()
    record = recorded()
    os.rename("m.npy", "moved.npy")
    with pytest.raises(InputError) as caught:
        expected_table("m.npy", record)
    assert str(caught.value) == (
        f"{os.path.abspath('m.npy')}: the model needs this table (20 x 4, sha256 "
        f"{record.sha256[:12]}…): no such file; did you mean moved.npy?\n"
        "  Say where the table is: with embedprep.tables(PATH): … load the model …"
    )


def test_tables_were_named_and_none_is_the_right_one() -> None:
    table_file("n.npy", random_rows(WORDS, 4, seed=2))
    wanted = unknown()
    with tables("n.npy"), pytest.raises(InputError, match=r"n\.npy") as caught:
        expected_table("gone.npy", wanted)
    assert caught.value.path == os.path.abspath("gone.npy")


def test_another_table_at_the_place_of_a_model_is_refused() -> None:
    table_file()
    record = recorded()
    table_file(rows=random_rows(WORDS + 1, 4))
    with pytest.raises(InputError) as caught:
        expected_table("m.npy", record)
    assert "another table than that of the model: 21 x 4, sha256 " in caught.value.reason
    assert f"not 20 x 4, sha256 {record.sha256[:12]}…" in caught.value.reason


@pytest.mark.parametrize("sha256", ["00" * 32, ""])
def test_the_shape_alone_makes_no_table(sha256: str) -> None:
    table_file()
    with pytest.raises(InputError, match="another table"):
        expected_table("m.npy", Record(sha256, 20, 4, os.getcwd(), 0))


# ---- other places


def test_a_relative_path_belongs_to_the_folder_of_then(monkeypatch: pytest.MonkeyPatch) -> None:
    table_file()
    record = recorded()
    os.mkdir("elsewhere")
    monkeypatch.chdir("elsewhere")
    assert expected_table("m.npy", record).path == os.path.abspath("../m.npy")


@pytest.mark.parametrize("absolute", [True, False])
def test_a_folder_that_was_moved_is_found_from_inside(
    absolute: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.makedirs("before/data")
    table_file("before/data/m.npy")
    monkeypatch.chdir("before")
    path = os.path.abspath("data/m.npy") if absolute else "data/m.npy"
    record = recorded(path)
    monkeypatch.chdir("..")
    os.rename("before", "after")
    with pytest.raises(InputError, match="the model needs this table"):
        expected_table(path, record)
    monkeypatch.chdir("after/data" if absolute else "after")
    assert expected_table(path, record).identity == record.identity


def test_another_table_of_this_name_in_the_current_folder_is_not_taken() -> None:
    os.mkdir("before")
    table_file("before/m.npy")
    record = recorded("before/m.npy")
    shutil.rmtree("before")
    table_file("m.npy", random_rows(WORDS, 4, seed=2))
    with pytest.raises(InputError, match="the model needs this table"):
        expected_table("before/m.npy", record)


def test_a_table_that_is_open_is_found_though_its_file_is_gone() -> None:
    table_file()
    table = shared_table("m.npy")
    record = Record.of(table)
    os.unlink("m.npy")
    assert expected_table("m.npy", record).array is table.array
    table_file(rows=random_rows(WORDS, 4, seed=2))
    assert expected_table("m.npy", record).array is table.array


def test_of_two_that_are_open_the_own_one_is_taken() -> None:
    table_file("n.npy")
    shutil.copy("n.npy", "m.npy")
    held: list[Table] = [shared_table("m.npy"), shared_table("n.npy")]
    assert [expected_table(one.path, Record.of(one)).path for one in held] == ["m.npy", "n.npy"]


# ---- rows that are edited in place


def test_a_table_that_was_edited_after_the_model_was_saved_is_refused() -> None:
    table_file()
    record = recorded()
    edit("m.npy", row=5)
    with pytest.raises(InputError, match="its rows are not those that were built"):
        expected_table("m.npy", record)
    with tables("m.npy"), pytest.raises(InputError, match="not those that were built"):
        expected_table("m.npy", record)


def test_a_copy_with_the_same_rows_is_the_table() -> None:
    rows = table_file()
    record = recorded()
    os.unlink("m.npy")
    table_file(rows=rows)
    os.utime("m.npy", ns=(0, 0))
    assert expected_table("m.npy", record).array.tobytes() == rows.tobytes()
