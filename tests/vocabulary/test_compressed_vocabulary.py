"""A vocabulary or counts file inside a compressed file or an archive."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.vocabulary import read, source, with_counts

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


IDS = {f"word{i}": i for i in range(30_000)}
VOCAB = json.dumps(IDS).encode()
assert len(VOCAB) > 4 * source._HEAD_BYTES


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def checked_zstd(content: bytes) -> bytes:
    """With a checksum, as the zstd command has it."""
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": checked_zstd,
    "zip": lambda content: zipped({"assets/": b"", "assets/vocab.json": content}),
    "tar": lambda content: tarred({"vocab.json": content}),
    "tar.gz": lambda content: gzip.compress(tarred({"vocab.json": content})),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vocab.json.packed"


@pytest.mark.parametrize("kind", PACK)
def test_the_same_vocabulary(kind: str, path: Path) -> None:
    path.write_bytes(PACK[kind](VOCAB))
    for vocab in (path, str(path)):
        vocabulary = read(vocab)
        assert dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True)) == IDS
        assert vocabulary.path == str(path)


@pytest.mark.parametrize("kind", PACK)
def test_the_same_counts(kind: str, path: Path) -> None:
    path.write_bytes(PACK[kind](b"the\t7\ncat\t2\n"))
    counts = with_counts(read(["the", "cat"]), path).counts
    assert counts is not None
    assert counts.tolist() == [7, 2]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_of_several_members_one_is_named(
    pack: Callable[[dict[str, bytes]], bytes], path: Path
) -> None:
    path.write_bytes(pack({"config.json": b"{}", "assets/vocab.json": VOCAB}))
    vocabulary = read(f"{path}::assets/vocab.json")
    assert len(vocabulary.tokens) == len(IDS)
    assert vocabulary.path == f"{path}::assets/vocab.json"
    with pytest.raises(InputError, match=r"several files: config\.json, assets/vocab\.json"):
        read(path)


def test_from_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(gzip.compress(VOCAB),))
    writer.start()
    assert len(read(pipe).tokens) == len(IDS)
    writer.join()


@pytest.mark.parametrize("kind", PACK)
def test_cut_off_it_is_an_error(kind: str, path: Path) -> None:
    data = PACK[kind](VOCAB)
    end = len(data.rstrip(b"\0"))
    for length in range(300, end, end // 20):  # in less nobody recognises an archive
        path.write_bytes(data[:length])
        with pytest.raises(InputError) as error:
            read(path)
        assert str(path) in str(error.value)


@pytest.mark.parametrize("kind", PACK)
def test_what_is_inside_is_refused_as_it_would_be_outside(kind: str, path: Path) -> None:
    path.write_bytes(PACK[kind](b"the 0.418 0.24968 -0.41242\n, 0.01 0.2 0.3\n"))
    with pytest.raises(InputError, match="file of vectors") as error:
        read(path)
    assert error.value.path == str(path)
    path.write_bytes(PACK[kind](b""))
    with pytest.raises(InputError, match="the file is empty"):
        read(path)
    path.write_bytes(PACK[kind](b'{"caf\xe9": 1}'))
    with pytest.raises(InputError, match="not UTF-8") as error:
        read(path)
    assert error.value.byte == 5


@pytest.mark.parametrize("kind", ["plain", *PACK])
def test_more_than_any_vocabulary_has(
    kind: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_MAX_BYTES", len(VOCAB) - 1)
    path.write_bytes(VOCAB if kind == "plain" else PACK[kind](VOCAB))
    with pytest.raises(InputError, match="GiB of text, which no vocabulary has"):
        read(path)
    monkeypatch.setattr(source, "_MAX_BYTES", len(VOCAB))
    assert len(read(path).tokens) == len(IDS)


def test_a_bomb(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_MAX_BYTES", 1 << 24)
    path.write_bytes(bz2.compress(b"a\n" * (1 << 25)))
    with pytest.raises(InputError, match="may be made to do harm"):
        read(path)


def test_vectors_of_gigabytes_are_refused_by_their_head(path: Path) -> None:
    line = b"the 0.418 0.24968 -0.41242\n"
    path.write_bytes(gzip.compress(line * 1_000_000)[:-10_000])  # its end would be an error
    with pytest.raises(InputError, match="file of vectors"):
        read(path)


def test_inputs_are_never_overwritten(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\n")
    Path("vocab.npy").write_bytes(zipped({"vocab.txt": b"the\n"}))
    Path("counts.npy").write_bytes(zipped({"counts.tsv": b"the\t1\n"}))
    for output in ("vocab.npy", "counts.npy"):
        with pytest.raises(embedprep.UsageError, match="inputs are never overwritten"):
            embedprep.build(
                "v.txt",
                "vocab.npy::vocab.txt",
                counts="counts.npy::counts.tsv",
                output=output,
            )
