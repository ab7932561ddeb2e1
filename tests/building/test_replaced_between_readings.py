"""A build that reads its vectors twice reads the same files twice, or fails."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.sources import source
from tests.vector_samples import FILES, OTHERS, WORDS

pytestmark = pytest.mark.usefixtures("workdir")

VOCAB = ["<pad>", "the", "WORD7", "Word9"]


def between(act: Callable[[], object]) -> Callable[..., object]:
    """A progress that acts after the first reading."""
    readings = []

    @contextmanager
    def progress(total: int | None) -> Iterator[Callable[[int], object]]:
        yield lambda count: None
        readings.append(total)
        if len(readings) == 1:
            act()

    return progress


def build(path: str, act: Callable[[], object]) -> list[list[float]]:
    matrix, _ = embedprep.build(
        path,
        VOCAB,
        "out.npy",
        fallback="lower",
        trust_pickle=True,
        progress=between(act),  # type: ignore[arg-type]
    )
    rows: list[list[float]] = matrix.tolist()
    return rows


def moved_over(path: Path) -> None:
    """As a download that has finished, with the time of the old file."""
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    os.replace(copy, path)


def written_into(path: Path) -> None:
    """As `cp -p`: the same file, with the same time."""
    state = path.stat()
    content = path.read_bytes()
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


FORMATS = FILES | OTHERS


@pytest.mark.parametrize("replace", [moved_over, written_into])
@pytest.mark.parametrize("name", FORMATS)
def test_each_file_of_each_format(name: str, replace: Callable[[Path], None]) -> None:
    path, write = FORMATS[name]
    if name == "gensim .kv":
        pytest.importorskip("gensim")
    write(Path(path))
    everything = [file for file in Path().rglob("*") if file.is_file()]
    read = {
        file for file in everything if file.name == path or file.suffix in (".json", ".safetensors")
    }
    if name.startswith("embedprep's"):
        read = {Path(path)}
    assert read
    for file in sorted(read):
        before = sorted(os.listdir())
        with pytest.raises(InputError, match="changed while it was being read") as caught:
            build(path, lambda file=file: replace(file))  # type: ignore[misc]
        assert caught.value.path is not None
        assert Path(caught.value.path) == file
        assert sorted(os.listdir()) == before
    rows = build(path, lambda: None)
    assert all(map(any, rows[1:]))


def test_a_build_of_many_reads_each_in_its_own_state() -> None:
    """The state of a file matters within a build; the next one may read another."""
    FILES["GloVe"][1](Path("v.txt"))
    for _ in range(2):
        build("v.txt", lambda: None)
        moved_over(Path("v.txt"))


@pytest.mark.parametrize("index", ["use", "make", "ignore"])
def test_with_an_index(index: str) -> None:
    Path("v.txt").write_text("".join(f"{word} 1 1\n" for word in WORDS))
    Path("new.txt").write_text("".join(f"{word} 9 9\n" for word in WORDS))
    if index == "use":
        embedprep.index("v.txt")
    with pytest.raises(InputError, match=r"v\.txt: the file changed while it was being read"):
        embedprep.build(
            "v.txt",
            VOCAB,
            fallback="lower",
            index=index,  # type: ignore[arg-type]
            progress=between(lambda: os.replace("new.txt", "v.txt")),  # type: ignore[arg-type]
        )


def test_a_system_that_notes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the content tells, as both readings are of the whole file."""
    monkeypatch.setattr(source, "check", lambda path, state: None)
    Path("v.txt").write_text("".join(f"{word} 1 1\n" for word in WORDS))
    Path("new.txt").write_text(Path("v.txt").read_text().replace("word9 1 1", "word9 1 2"))
    with pytest.raises(InputError, match=r"v\.txt: the file changed while it was being read"):
        build("v.txt", lambda: os.replace("new.txt", "v.txt"))


def test_a_file_that_gets_another_name_is_the_same() -> None:
    FILES["GloVe"][1](Path("v.txt"))
    rows = build("v.txt", lambda: os.link("v.txt", "backup.txt"))
    assert build("v.txt", lambda: os.unlink("backup.txt")) == rows
