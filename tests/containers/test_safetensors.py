"""The safetensors container: what the library and torch load, and a list of tokens beside it."""

from __future__ import annotations

import errno
import json
import mmap
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

import embedprep
from embedprep.containers import AtomicFile, read, writer
from embedprep.containers.layout import STORED
from embedprep.errors import InputError, OutputError, UsageError
from tests.containers.test_npy import notes_on

TOKENS = ["", "the", "zebra", "nul\x00", "\ud800", "cat", "Grüße"]
NAMES = {"embeddings", "layout", "report", "seal", *(stored.name for stored in STORED)}


@pytest.fixture(autouse=True)
def built(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    for output in ("m.safetensors", "n.npy"):
        embedprep.build("v.txt", TOKENS, output)


def test_the_library_loads_it() -> None:
    tensors = safetensors.numpy.load_file("m.safetensors")
    assert set(tensors) == NAMES
    assert tensors["embeddings"].dtype == np.float32
    assert np.array_equal(tensors["embeddings"], np.load("n.npy"))
    text, offsets = tensors["tokens"].tobytes(), tensors["token_offsets"]
    tokens = [text[a:b].decode("utf-8", "surrogatepass") for a, b in pairwise(offsets.tolist())]
    assert tokens == TOKENS
    assert json.loads(tensors["report"].tobytes())["matrix"]["dim"] == 3


def test_torch_loads_it() -> None:
    pytest.importorskip("torch")
    import safetensors.torch

    tensors = safetensors.torch.load_file("m.safetensors")
    assert set(tensors) == NAMES
    assert tensors["embeddings"].tolist() == np.load("n.npy").tolist()
    assert tensors["records"].tolist() == [-1, 0, -1, -1, -1, 1, -1]
    tokens = json.loads(Path("m.tokens.json").read_bytes())
    assert tensors["embeddings"][tokens.index("cat")].tolist() == [4, 5, 6]


def test_its_metadata_is_one_entry() -> None:
    """Of more, the library would write them in any order."""
    with safetensors.safe_open("m.safetensors", "np") as file:
        metadata = file.metadata()
    assert list(metadata) == ["embedprep"]
    assert json.loads(metadata["embedprep"]) == {"schema": "embedprep.matrix/1"}


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_same_content_as_npy(dtype: Any) -> None:
    for output in ("m.safetensors", "n.npy"):
        embedprep.build("v.txt", TOKENS, output, dtype=dtype)
    one, other = embedprep.open("m.safetensors"), embedprep.open("n.npy")
    assert one.array.dtype == dtype
    assert one.array.tobytes() == other.array.tobytes()
    assert one.tokens == other.tokens == TOKENS
    assert one.coverage.matrix.sha256_of_pieces == other.coverage.matrix.sha256_of_pieces
    assert one.coverage.counts == other.coverage.counts
    for mine, its in zip(one.annotations.arrays(), other.annotations.arrays(), strict=True):
        assert np.array_equal(mine, its)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("shape", [(0, 3), (1, 1), (3, 1), (3, 5), (1024, 2), (2048, 7)])
def test_any_size(shape: tuple[int, int], dtype: str) -> None:
    """Also where what comes behind the matrix stands at an odd place."""
    matrix = np.arange(shape[0] * shape[1]).reshape(shape).astype(dtype)
    notes = notes_on([f"t{i}" for i in range(shape[0])])
    file = AtomicFile("s.safetensors", durable=False)
    container = writer(file, shape, matrix.dtype)
    container.matrix[:] = matrix
    container.settle()
    container.annotate(notes)
    file.publish()
    found = safetensors.numpy.load_file("s.safetensors")
    assert found["embeddings"].tobytes() == matrix.tobytes()
    assert found["embeddings"].shape == shape
    for stored, array in zip(STORED, notes.arrays(), strict=True):
        assert np.array_equal(found[stored.name], array)
        assert found[stored.name].dtype == stored.type


@pytest.mark.parametrize("length", range(1, 5))  # the bytes of text may be aligned by chance
def test_the_rows_begin_on_a_page_and_numbers_behind_them_are_aligned(length: int) -> None:
    embedprep.build("v.txt", [*TOKENS, "x" * length], "m.safetensors")  # rows of 96 bytes
    rows, annotations = read("m.safetensors")
    assert isinstance(rows, np.memmap)
    assert rows.ctypes.data % mmap.PAGESIZE == 0
    assert all(array.flags.aligned for array in annotations.arrays())


def test_two_runs_write_the_same_bytes() -> None:
    contents = set()
    for threads in (1, 2, 1):
        embedprep.build("v.txt", TOKENS, "m.safetensors", threads=threads)
        contents.add(Path("m.safetensors").read_bytes() + Path("m.tokens.json").read_bytes())
    assert len(contents) == 1


@pytest.mark.skipif(os.name == "nt", reason="no such modes")
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_the_users_umask_is_kept(umask: int) -> None:
    before = os.umask(umask)
    try:
        embedprep.build("v.txt", TOKENS, "new.safetensors")
    finally:
        os.umask(before)
    for name in ("new.safetensors", "new.tokens.json"):
        assert os.stat(name).st_mode & 0o777 == 0o666 & ~umask


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}])
def test_what_the_library_wrote_again_is_still_read(metadata: dict[str, str] | None) -> None:
    tensors = safetensors.numpy.load_file("m.safetensors") | {"mine": np.ones(3)}
    safetensors.numpy.save_file(tensors, "again.safetensors", metadata)
    assert embedprep.open("again.safetensors").tokens == TOKENS
    matrix, _ = embedprep.build("again.safetensors", ["cat", "zebra"], oov="zeros")
    assert matrix.tolist() == [[4, 5, 6], [0, 0, 0]]


def test_safetensors_by_another_name() -> None:
    os.rename("m.safetensors", "m.npy")
    assert embedprep.open("m.npy").row("cat") == 5
    assert str(embedprep.compare("m.npy", "n.npy"))


# ---- the list of tokens


def test_the_list_has_a_token_a_row() -> None:
    embedprep.build("v.txt", {"the": 1, "cat": 3, "\ud800": 4}, "m.safetensors")
    assert json.loads(Path("m.tokens.json").read_bytes()) == ["", "the", "", "cat", "\ud800"]
    assert Path("m.tokens.json").read_bytes().isascii()


def test_only_safetensors_has_one() -> None:
    assert sorted(os.listdir()) == sorted(
        ["v.txt", "m.safetensors", "m.tokens.json", "m.coverage.json", "n.npy", "n.coverage.json"]
    )


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path().iterdir() if path.is_file()}


@pytest.mark.parametrize("kept", ["m.safetensors", "m.tokens.json", "m.coverage.json"])
def test_no_clobber_keeps_each_file(kept: str) -> None:
    for name in {"m.safetensors", "m.tokens.json", "m.coverage.json"} - {kept}:
        os.unlink(name)
    before = contents()
    with pytest.raises(OutputError, match="--no-clobber") as caught:
        embedprep.build("v.txt", ["cat"], "m.safetensors", clobber=False)
    assert caught.value.path == kept
    assert contents() == before


def test_a_list_that_cannot_be_written_is_found_out_first() -> None:
    os.mkdir("out.tokens.json")
    before = contents()
    with pytest.raises(OutputError, match="directory") as caught:
        embedprep.build("v.txt", ["cat"], "out.safetensors")
    assert caught.value.path == "out.tokens.json"
    assert contents() == before


@pytest.mark.parametrize("clobber", [True, False])
@pytest.mark.parametrize("failing", range(3))
def test_the_matrix_appears_last(
    failing: int, clobber: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents()
    call = "replace" if clobber else "link"
    give_name = getattr(os, call)
    published: list[str] = []

    def fail(source: str, target: str) -> None:
        if len(published) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        published.append(os.path.basename(target))
        give_name(source, target)

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(OutputError, match="no space"):
        embedprep.build("v.txt", ["cat"], "new.safetensors", clobber=clobber)
    assert set(published) <= {"new.coverage.json", "new.tokens.json"}
    assert set(contents()) - set(before) == (set(published) if clobber else set())


def test_a_list_is_no_input_and_no_other_output() -> None:
    for report in ("m.tokens.json", "./m.tokens.json"):
        with pytest.raises(UsageError, match="cannot be one file"):
            embedprep.build("v.txt", ["cat"], "m.safetensors", report=report)
    before = contents()
    with pytest.raises(UsageError, match="never overwritten") as caught:
        embedprep.build("v.txt", "m.tokens.json", "m.safetensors")
    assert caught.value.path == "m.tokens.json"
    assert contents() == before


def test_the_list_that_an_array_is_read_with_is_never_overwritten() -> None:
    np.save("words.npy", np.ones((1, 2), np.float32))
    Path("words.tokens.json").write_text('["cat"]')
    before = contents()
    with pytest.raises(UsageError, match="never overwritten") as caught:
        embedprep.build("words.npy", ["", "cat"], "words.safetensors")
    assert caught.value.path == "words.tokens.json"
    assert contents() == before
    embedprep.build("words.npy", ["", "cat"], "other.safetensors")
    embedprep.build("words.npy", ["", "cat"], "other.safetensors")


def test_the_model_in_a_folder_is_never_overwritten() -> None:
    embedprep.convert("v.txt", "model/")
    before = Path("model/model.safetensors").read_bytes()
    with pytest.raises(UsageError, match="never overwritten"):
        embedprep.build("model", ["cat"], "model/model.safetensors")
    assert Path("model/model.safetensors").read_bytes() == before
    for _ in range(2):
        embedprep.build("model", ["cat"], "model/mine.safetensors")


# ---- files that are no such matrix


Entries = dict[str, Any]


def header_of(content: bytes) -> Entries:
    entries: Entries = json.loads(content[8:4096])
    return entries


def joined(entries: Entries | bytes, data: bytes) -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


def changed(change: Callable[[Entries], object]) -> Callable[[bytes], bytes]:
    def apply(content: bytes) -> bytes:
        entries = header_of(content)
        change(entries)
        return joined(entries, content[4096:])

    return apply


def entry(name: str, **values: Any) -> Callable[[bytes], bytes]:
    return changed(lambda entries: entries[name].update(values))


def renamed(name: str) -> Callable[[bytes], bytes]:
    return changed(lambda entries: entries.__setitem__("mine", entries.pop(name)))


def moved(name: str, by: int) -> Callable[[bytes], bytes]:
    def change(entries: Entries) -> None:
        entries[name]["data_offsets"] = [place + by for place in entries[name]["data_offsets"]]

    return changed(change)


def with_numbers(name: str, numbers: NDArray[Any]) -> Callable[[bytes], bytes]:
    """The same file with another tensor of this name, as the library writes it."""

    def write(content: bytes) -> bytes:
        return safetensors.numpy.save(safetensors.numpy.load(content) | {name: numbers})

    return write


def foreign(_: bytes) -> bytes:
    return safetensors.numpy.save({"embeddings": np.ones((7, 3), np.float32)})


def twice(content: bytes) -> bytes:
    text = content[8:4096].rstrip()
    again = json.dumps(header_of(content)["report"])
    return joined(text[:-1] + b', "report": ' + again.encode() + b"}", content[4096:])


_HUGE = {"shape": [10**12, 300], "data_offsets": [0, 1200 * 10**12]}

HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "written by others": foreign,
    "a header longer than the file": lambda c: len(c).to_bytes(8, "little") + c[8:],
    "a header of seven bytes more": lambda c: (len(c) - 1).to_bytes(8, "little") + c[8:],
    "a header of 100 MB": lambda c: (100_000_001).to_bytes(8, "little") + c[8:],
    "no header": lambda c: bytes(8) + c[8:],
    "no JSON": lambda c: joined(b"{nothing}", c[4096:]),
    "not UTF-8": lambda c: joined(b'{"\xff": 1}', c[4096:]),
    "deep": lambda c: joined(b'{"a":' * 100_000, c[4096:]),
    "a name twice": twice,
    "a name that is long": changed(lambda e: e.update({"x" * 5000: {"dtype": "U8"}})),
    "a gap": moved("report", 1),
    "an overlap": moved("records", -1),
    "matrix and tokens in one place": changed(lambda e: e.update(mine=e["embeddings"])),
    "bytes behind": lambda c: c + b"\0",
    "a shape of other bytes": entry("embeddings", shape=[7, 4]),
    "negative": entry("embeddings", shape=[-7, -3]),
    "true": entry("embeddings", shape=[True, 21]),
    "a huge shape": entry("embeddings", **_HUGE),
    "a shape that wraps": entry("embeddings", shape=[2**62, 4], data_offsets=[0, 0]),
    "huge, of nothing": changed(
        lambda e: e.update({"tokens": {"dtype": "U8", "shape": [0] * 99, "data_offsets": [0, 0]}})
    ),
    "wide, of nothing": with_numbers("embeddings", np.ones((0, 2**40), np.float32)),
    "no rows": renamed("embeddings"),
    "no report": renamed("report"),
    **{f"no {stored.name}": renamed(stored.name) for stored in STORED},
    "integers for rows": entry("embeddings", dtype="I32"),
    "unknown numbers for rows": entry("embeddings", dtype="F4"),
    "one dimension": entry("embeddings", shape=[21]),
    "float64": with_numbers("embeddings", np.ones((7, 3))),
    "fewer tokens than rows": with_numbers("embeddings", np.ones((9, 3), np.float32)),
    "tokens of two dimensions": with_numbers("tokens", np.ones((2, 9), np.uint8)),
    "tokens that are no text": with_numbers("tokens", np.full(22, 0xFF, np.uint8)),
    "tokens that are numbers": with_numbers("tokens", np.ones(22, np.float32)),
    "offsets that are no integers": with_numbers("token_offsets", np.zeros(8)),
    "offsets beyond the text": with_numbers("token_offsets", np.arange(0, 8000, 1000)),
    "offsets that descend": with_numbers("token_offsets", np.array([0, 9, 3, 3, 3, 3, 3, 22])),
    "provenance of another length": with_numbers("provenance", np.zeros(3, np.uint8)),
    "sources of another length": with_numbers("sources", np.zeros(8, np.uint8)),
    "records that are bytes": with_numbers("records", np.zeros(7, np.uint8)),
    "a report that is no text": with_numbers("report", np.array([0xFF, 0xFE], np.uint8)),
    "a report of whole numbers": with_numbers("report", np.frombuffer(b'{"a": 1}', np.int64)),
    "a report of two dimensions": with_numbers("report", np.full((2, 2), 32, np.uint8)),
    "a report of numbers": with_numbers("report", np.ones(2)),
    "a report that is no report": with_numbers("report", np.frombuffer(b"[]", np.uint8)),
}


def opened_whole(path: str) -> None:
    matrix = embedprep.open(path)
    assert len(matrix.tokens) == len(matrix.provenance)
    assert matrix.coverage


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_is_refused(kind: str) -> None:
    Path("bad.safetensors").write_bytes(HOSTILE[kind](Path("m.safetensors").read_bytes()))
    with pytest.raises(InputError) as caught:
        opened_whole("bad.safetensors")
    assert caught.value.path == "bad.safetensors"
    assert len(str(caught.value)) < 600


def test_what_the_hostile_files_are_made_of_is_otherwise_right() -> None:
    content = Path("m.safetensors").read_bytes()
    for name, same in (
        ("changed", changed(lambda entries: None)),
        ("numbers", with_numbers("provenance", np.zeros(7, np.uint8))),
    ):
        Path(name).write_bytes(same(content))
        assert embedprep.open(name).tokens == TOKENS


@pytest.mark.parametrize(
    "kind", [kind for kind in HOSTILE if kind not in ("written by others", "float64")]
)
def test_a_hostile_file_is_refused_as_vectors(kind: str) -> None:
    """Although a list of its tokens lies beside it: no row without a vector becomes one."""
    Path("m.safetensors").write_bytes(HOSTILE[kind](Path("m.safetensors").read_bytes()))
    with pytest.raises(InputError) as caught:
        embedprep.build("m.safetensors", ["zebra", "cat"])
    assert caught.value.path == "m.safetensors"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("a header longer than the file", "its header is said to have"),
        ("no JSON", "its header is not right"),
        ("deep", "its header is not right: too deeply nested"),
        ("a name twice", "a name occurs twice"),
        ("a gap", "its tensors have gaps or overlap"),
        ("bytes behind", "its tensors end at"),
        ("no provenance", "'provenance' is missing"),
        ("float64", "its rows are float64"),
        ("unknown numbers for rows", "the tensor 'embeddings' is F4"),
        ("a report of whole numbers", "'report' is an array of int64"),
        ("a report of two dimensions", "'report' is an array of uint8 of shape (2, 2)"),
        ("fewer tokens than rows", "does not belong to a matrix of 9 rows"),
    ],
)
def test_a_damaged_file_is_told_why(kind: str, reason: str) -> None:
    Path("bad.safetensors").write_bytes(HOSTILE[kind](Path("m.safetensors").read_bytes()))
    with pytest.raises(InputError) as caught:
        embedprep.open("bad.safetensors")
    assert reason in caught.value.reason


def test_a_foreign_file_is_told_what_reads_it() -> None:
    Path("m.safetensors").write_bytes(foreign(b""))
    with pytest.raises(InputError, match="'layout' is missing") as caught:
        embedprep.open("m.safetensors")
    assert caught.value.reason.startswith("not a safetensors matrix written by embedprep")
    assert "for any other file use safetensors" in caught.value.remedy


def test_more_metadata_is_nobodys_business() -> None:
    content = Path("m.safetensors").read_bytes()
    more = changed(lambda entries: entries["__metadata__"].update(more="x"))
    Path("m.safetensors").write_bytes(more(content))
    assert embedprep.open("m.safetensors").row("cat") == 5
