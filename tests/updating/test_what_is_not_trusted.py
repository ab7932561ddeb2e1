"""A row that may be anything but what the vector file has is not reused, and the user is told."""

from __future__ import annotations

import os
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep import EmbeddingMatrix, updating
from embedprep.errors import InputError
from embedprep.indexing.key_index import KeyIndex
from embedprep.indexing.reuse import Claimed, Reuse
from embedprep.options import Options
from embedprep.updating.recorded import still_there
from embedprep.updating.taking import reusable
from tests.indexing.readings import replaced, replaced_unseen
from tests.loopback import listening
from tests.updating.updates import compared, notices, updated

VECTORS = b"the 1 2\ncat 3 4\nNew York 5 6\ncat 7 8\ndog 9 10\n"
OLD = ["", "the", "cat", "New York"]
NEW = ["cat", "dog", "the", "New York"]


@pytest.fixture
def old_matrix(workdir: Path) -> Path:
    Path("v.txt").write_bytes(VECTORS)
    embedprep.build("v.txt", OLD, "old.npy", index="make")
    return workdir / "old.npy"


def test_it_is_reused_where_nothing_happened(
    old_matrix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (3, 2)
    assert notices(caplog) == ""


def test_rows_that_were_trained_in_place(
    old_matrix: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = np.load(old_matrix, mmap_mode="r+")
    rows[1] += 0.5
    del rows
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (0, 5)
    assert "no row of old.npy is reused: it was changed after it was built" in notices(caplog)


def test_annotations_that_were_changed(old_matrix: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = old_matrix.read_bytes()
    assert content.count(b"thecatNew York") == 1
    old_matrix.write_bytes(content.replace(b"thecatNew York", b"catNewthe York"))
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert taken.reused == 0
    assert "it was changed after it was built" in notices(caplog)


def test_a_vector_file_that_was_changed(old_matrix: Path, caplog: pytest.LogCaptureFixture) -> None:
    Path("v.txt").write_bytes(VECTORS.replace(b"3 4", b"3 5"))
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert taken.reused == 0
    assert "v.txt.embedprep-index is not used: the file was written, moved or copied" in caplog.text
    assert "no row of old.npy is reused for v.txt: there was no index of it" in notices(caplog)
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (0, 5)
    assert "it is another file than the one that the matrix was built from" in notices(caplog)


def test_a_change_in_the_middle_of_a_large_file(
    workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither its size nor its time nor its beginning and end tell; its content does."""
    filler = b"".join(b"f%d 0 0\n" % number for number in range(30_000))
    whole = filler + VECTORS + filler.replace(b"f", b"g")
    Path("v.txt").write_bytes(whole)
    embedprep.build("v.txt", OLD, "old.npy")
    replaced("v.txt", whole.replace(b"cat 3 4", b"cat 3 5"))
    embedprep.index("v.txt")
    taken = compared("v.txt", NEW)
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (0, 5)
    assert "it is another file than the one that the matrix was built from" in notices(caplog)
    Path("v.txt").write_bytes(whole)
    embedprep.index("v.txt")
    assert embedprep.update("old.npy", NEW).taken.reused == 3, "younger, and the same"


def test_records_that_are_read_are_compared_with_the_index(old_matrix: Path) -> None:
    filler = b"".join(b"f%d 0 0\n" % number for number in range(30_000))
    whole = filler + VECTORS + filler.replace(b"f", b"g")
    Path("v.txt").write_bytes(whole)
    embedprep.build("v.txt", OLD, "old.npy", index="make")
    replaced_unseen("v.txt", whole.replace(b"dog 9", b"fog 9"))
    with pytest.raises(embedprep.InputError, match="not the file that was indexed"):
        embedprep.update("old.npy", NEW)


def test_another_version_of_embedprep(old_matrix: Path, caplog: pytest.LogCaptureFixture) -> None:
    matrix = EmbeddingMatrix(old_matrix)
    assert reusable(matrix, Options()).claimed
    versions = matrix.coverage.versions | {"embedprep": "0.0.1"}
    vars(matrix)["coverage"] = matrix.coverage._replace(versions=versions)
    assert not reusable(matrix, Options()).claimed
    assert "is reused: another version of embedprep built it" in notices(caplog)


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_a_number_of_a_record_that_is_off_by_one(shift: int, old_matrix: Path) -> None:
    """The index has the hash of another key there."""
    claimed = reusable(EmbeddingMatrix(old_matrix), Options()).claimed
    fingerprint, told = next(iter(claimed.items()))
    assert told.record.tolist() == [0, 1, 2]
    wrong = Claimed(told.record + shift, told.keys, told.row)
    index = KeyIndex.read("v.txt.embedprep-index", len(VECTORS))
    matrix = np.zeros((4, 2), np.float32)
    reuse = Reuse("old.npy", index.stamp.modified_ns, matrix, {fingerprint: wrong})
    known = reuse.of("v.txt", index, 2, 0)
    assert known is not None
    assert known.keys == ([b"the", b"cat", b"New York"] if shift == 0 else [])


def test_another_dimension(old_matrix: Path) -> None:
    Path("other.txt").write_bytes(b"the 1 2 3\ncat 3 4 5\n")
    embedprep.index("other.txt")
    matrix, _, taken = embedprep.update("old.npy", NEW, "other.txt")
    assert matrix[0].tolist() == [3, 4, 5]
    assert (taken.reused, taken.looked_up) == (0, 2)


@pytest.mark.parametrize("packed", [False, True])
def test_without_an_index_the_file_is_read(
    packed: bool, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import gzip

    path = "v.txt.gz" if packed else "v.txt"
    Path(path).write_bytes(gzip.compress(VECTORS) if packed else VECTORS)
    embedprep.build(path, OLD, "old.npy")
    updating.update("old.npy", NEW)
    assert not Path("v.txt.embedprep-index").exists(), "the matrix alone names this file"
    notices(caplog)
    taken = compared(path, NEW)
    assert taken is not None
    assert (taken.reused, taken.looked_up) == (0, 0)
    log = notices(caplog)
    assert log.count("\n") == 1
    assert ("it is packed (gzip)" if packed else "there was no index of it") in log
    taken = compared(path, NEW)
    assert taken is not None
    assert taken.reused == (0 if packed else 3), "the first update has made an index"


def test_an_index_of_a_named_file_is_made(old_matrix: Path) -> None:
    os.unlink("v.txt.embedprep-index")
    updating.update("old.npy", NEW, "v.txt")
    assert updating.update("old.npy", NEW).taken.reused == 3


def test_an_address_that_only_the_matrix_names_is_not_fetched(workdir: Path) -> None:
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(VECTORS)))
            self.end_headers()
            self.wfile.write(VECTORS)

        def log_message(self, *arguments: object) -> None:
            pass

    with listening(Handler) as address:
        embedprep.build(address, OLD, "old.npy")
        asked.clear()
        with pytest.raises(InputError, match="embedprep fetches what you name") as caught:
            updating.update("old.npy", NEW, output="new.npy")
        assert asked == []
        assert caught.value.remedy == f"If you trust it: --vectors {address}"
        updating.update("old.npy", NEW, address, "new.npy")
        assert asked
    for option in ("--counts", "--words", "--vectors-tokens"):
        with pytest.raises(InputError, match="embedprep fetches what you name"):
            still_there("https://example.org/x", option, EmbeddingMatrix("old.npy"))


def test_a_notice_comes_once_where_a_file_is_read_twice(
    workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Path("v.txt").write_bytes(VECTORS)
    embedprep.build("v.txt", OLD, "old.npy", fallback="lower", index="ignore")
    compared("v.txt", [*NEW, "DOG"], fallback="lower")
    assert notices(caplog).count("there was no index of it") == 1


def test_no_index_reads_the_file(old_matrix: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert (
        str(updating.update("old.npy", NEW, index="ignore").taken) == "nothing reused from old.npy"
    )
    assert notices(caplog) == ""


def test_files_that_were_moved_are_the_same(old_matrix: Path) -> None:
    """Once they are read: a file that was moved may be another one with the same times."""
    os.rename("v.txt", "moved.txt")
    embedprep.index("moved.txt")
    assert embedprep.update("old.npy", NEW, "moved.txt").taken.reused == 3


def test_a_copy_of_a_file_under_two_names(workdir: Path) -> None:
    for name in ("a.txt", "b.txt"):
        Path(name).write_bytes(VECTORS)
        embedprep.index(name)
    taken = updated(["a.txt", "b.txt"], OLD, NEW)
    assert taken is not None
    assert taken.reused == 3
