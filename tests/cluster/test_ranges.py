"""What a worker does, in this process: put together, the ranges are what a local build reads."""

from __future__ import annotations

import dataclasses
import os
import pickle
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.cluster import wanted
from embedprep.cluster.failures import ClusterError
from embedprep.cluster.place import Place, place_of
from embedprep.cluster.ranges import Range, Scanned, scan, scan_sent
from embedprep.cluster.sending import call
from embedprep.cluster.tasks import Tasks
from embedprep.cluster.text import ClusterText
from embedprep.cluster.wanted import Wanted, packed
from embedprep.errors import EmbedprepError, InputError
from embedprep.matching import census
from embedprep.sources import open_content
from embedprep.vectors import Fault, Vectors, blocks
from embedprep.vectors.formats.text import open_text

Sent = TypeVar("Sent")


def sent(value: Sent) -> Sent:
    copy: Sent = pickle.loads(pickle.dumps(value))  # noqa: S301
    return copy


@pytest.fixture(autouse=True)
def a_new_worker() -> None:
    """A worker keeps the keys that it unpacked last, in the table of its core."""
    wanted._unpacked.cache_clear()


class Here:
    """A cluster of this thread: all that a worker gets and gives goes through pickles."""

    def scanned(self, ranges: Iterable[Range], keys: list[bytes] | None) -> Iterator[Scanned]:
        asked = packed(keys)
        for part in ranges:
            yield sent(scan_sent(sent(asked), pickle.dumps(part)))


def opened(path: str, block_bytes: int = 64) -> Vectors:
    return open_text(open_content(path), block_bytes=block_bytes)


def shared_out(path: str, block_bytes: int, blocks_a_task: int) -> ClusterText:
    text, place = place_of(opened(path, block_bytes), path)
    return ClusterText(text, place, cast("Tasks", Here()), blocks_a_task)


def chunks(vectors: Vectors, keys: list[bytes] | None) -> list[dict[str, Any]]:
    """All that a reading gives, a chunk at a time, but for where the keys stand."""
    with closing(vectors):
        found = [
            {
                name: value.tolist() if isinstance(value, np.ndarray) else value
                for name, value in hits._asdict().items()
                if name != "places"
            }
            | {"rows": hits.rows.tobytes()}
            for hits in vectors.hits(keys)
        ]
        return [*found, vectors.describe()._asdict()]


KEYS = ["the", "cat", "Cat", "New York", "a b c", "é", "\u00a0", "x" * 40, "1", "none"]
VALUES = ["1", "-2.5", "3e-3", "0.1", "nan", "x", "1e999", ".5", ""]
records = st.tuples(
    st.sampled_from(KEYS[:-1]), st.lists(st.sampled_from(VALUES), min_size=1, max_size=3)
)


@pytest.mark.usefixtures("workdir")
@given(
    st.lists(records, min_size=2, max_size=30),
    st.none() | st.sets(st.sampled_from(KEYS)),
    st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    st.booleans(),
    st.sampled_from([b"", b"70 2\n", b"\xef\xbb\xbf"]),
    st.sampled_from([7, 64, 1 << 20]),
    st.sampled_from([1, 3, 100]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_chunks_as_locally(
    lines: list[tuple[str, list[str]]],
    wanted: set[str] | None,
    ending: bytes,
    ends: bool,
    before: bytes,
    block_bytes: int,
    blocks_a_task: int,
) -> None:
    good = [("first", ["1", "2"])] * 35 + lines  # the layout is read from the first ones
    content = before + ending.join(" ".join([key, *values]).encode() for key, values in good)
    Path("v.txt").write_bytes(content + (ending if ends else b""))
    keys = None if wanted is None else sorted(key.encode() for key in wanted)
    local = chunks(opened("v.txt", block_bytes), keys)
    assert chunks(shared_out("v.txt", block_bytes, blocks_a_task), keys) == local


@pytest.mark.once
def test_hashes_are_sent_as_long_as_a_census_keeps_them(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps five, those of the first range, and what the second has it must be told."""
    monkeypatch.setattr(census, "MOST_KEYS", 5)
    Path("v.txt").write_bytes(b"a 1 2\nb 3 4\n" * 8)
    vectors = shared_out("v.txt", 12, 2)
    for _ in range(2):  # readings
        assert [len(hits.hashes) for hits in vectors.hits([b"b"])] == [3, 2, 2, 2, 0, 0, 0, 0]
    assert [hits.record.tolist() for hits in vectors.hits([b"b"])] == [[i] for i in range(1, 16, 2)]
    vectors.close()


VECTORS = b"the 1 2\ncat 3 4\nNew York 5 6\ncat 7 8\ndog 9 x\n"


def a_range(path: str = "v.txt") -> Range:
    """All of a file, in blocks of 8 bytes."""
    with closing(opened(path)) as vectors:
        text, place = place_of(vectors, path)
        return Range(place, text.layout, range(0, place.size, 8))


@pytest.mark.usefixtures("implementation")
def test_both_cores_find_the_same(workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    scanned = scan(Wanted([b"cat", b"dog", b"New York"]), a_range())
    assert scanned.error is None
    hits = [hits for hits in scanned.chunks if hits.records]
    assert [each.key.tolist() for each in hits] == [[0], [2], [0], []]
    assert np.concatenate([each.rows for each in hits]).tolist() == [[3, 4], [5, 6], [7, 8]]
    fault = hits[-1].fault
    assert fault is not None
    assert (fault.line, fault.byte) == (1, VECTORS.index(b"x"))


@pytest.mark.once
def test_a_worker_keeps_one_table(workdir: Path) -> None:
    from embedprep import core

    wanted = Wanted([b"cat"])
    assert wanted.table(core.load()) is wanted.table(core.load())
    assert Wanted(None).table(core.load()) is None


@pytest.mark.once
def test_a_line_without_end_behind_a_fault(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "MAX_LINE_BYTES", 100)
    Path("v.txt").write_bytes(b"a 1 2\n" * 20 + b"bad\n" + b"a 1 2\n" * 20 + b"x" * 500)
    faults: list[Fault | None] = []
    vectors = shared_out("v.txt", 16, 100)
    with closing(vectors), pytest.raises(InputError, match="a line of more than"):
        faults.extend(hits.fault for hits in vectors.hits([b"a"]))
    assert [fault.line for fault in faults if fault] == [21]


def problem(part: Range) -> EmbedprepError:
    scanned = scan(Wanted([b"the"]), part)
    assert scanned.error is not None
    assert scanned.chunks == []
    return scanned.error


@pytest.mark.once
@pytest.mark.parametrize("other", [VECTORS[:-1], VECTORS + b"a 1 2\n", VECTORS.replace(b"4", b"5")])
def test_a_worker_with_another_file(other: bytes, workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    part = a_range()
    Path("v.txt").write_bytes(other)
    error = problem(part)
    assert isinstance(error, InputError)
    assert "finds another file under this name" in error.reason
    assert error.path == "v.txt"


@pytest.mark.once
def test_a_copy_of_another_time_is_the_same_file(workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    part = a_range()
    os.utime("v.txt", (1, 1))
    assert scan(Wanted([b"the"]), part).error is None


@pytest.mark.once
def test_a_file_that_changes_meanwhile(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("v.txt").write_bytes(VECTORS)
    part = a_range()

    def touch(self: Wanted, implementation: object) -> None:
        os.utime("v.txt", (1, 1))

    monkeypatch.setattr(Wanted, "table", touch)
    assert "the file changed" in problem(part).reason


@pytest.mark.once
def test_a_worker_that_does_not_see_the_file(workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    part = a_range()
    os.unlink("v.txt")
    error = problem(part)
    assert isinstance(error, ClusterError)
    assert error.exit_code == 5
    assert "cannot open it: no such file" in error.reason
    assert str(workdir / "v.txt") in error.remedy
    os.mkfifo("v.txt")
    keeper = os.open("v.txt", os.O_RDWR)  # or opening it would wait
    assert "a pipe" in problem(part).reason
    os.close(keeper)


@pytest.mark.once
def test_a_file_replaced_between_two_ranges_of_a_worker(workdir: Path) -> None:
    """A worker tells when its file was written: it must not change from range to range."""
    Path("v.txt").write_bytes(b"word 1 2\n" * 100)

    class Changing(Here):
        def scanned(self, ranges: Iterable[Range], keys: list[bytes] | None) -> Iterator[Scanned]:
            for number, scanned in enumerate(super().scanned(ranges, keys)):
                yield dataclasses.replace(scanned, seen=("host", number // 2))

    text, place = place_of(opened("v.txt"), "v.txt")
    with (
        closing(ClusterText(text, place, cast("Tasks", Changing()), 1)) as vectors,
        pytest.raises(InputError, match="was replaced while it was being read"),
    ):
        list(vectors.hits([b"word"]))


@pytest.mark.once
def test_a_worker_of_another_version(workdir: Path) -> None:
    Path("v.txt").write_bytes(VECTORS)
    ours = embedprep.__version__
    function, text, names = call("scan", "0.0", packed([]), pickle.dumps(a_range()))
    assert function(text, names).endswith(f"has embedprep {ours}, not 0.0")
    _, text, names = call("scan", ours, packed([]), pickle.dumps(a_range()))
    assert isinstance(function(text, names), Scanned)


@pytest.mark.once
def test_what_a_worker_may_write_into_its_log_has_no_secrets() -> None:
    place = Place("https://host/v?key=secret", "https://host/v", True, 1, "")
    assert "secret" not in repr(place)
