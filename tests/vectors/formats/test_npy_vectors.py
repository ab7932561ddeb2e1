"""NumPy arrays as vectors: what embedprep built itself, and any matrix with a list of tokens."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import re
import struct
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

import embedprep
from embedprep.containers.layout import STORED, beside
from embedprep.errors import InputError, UsageError
from embedprep.vectors import Request, open_vectors

pytestmark = pytest.mark.once

TOKENS = ["", "the", "cat", "dog"]
MATRIX = np.array([[0, 0, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9.5]], np.float32)


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def build(path: str, *tokens: str, **options: Any) -> np.ndarray:
    matrix, _ = embedprep.build(path, list(tokens), oov="zeros", **options)
    return matrix


def vectors_of(path: str, *keys: str) -> dict[str, list[float]]:
    """Of the keys as they stand, not taken for tokens."""
    with closing(open_vectors(Request(path))) as vectors:
        return {
            keys[number]: row
            for hits in vectors.hits([key.encode() for key in keys])
            for number, row in zip(hits.key.tolist(), hits.rows.tolist(), strict=True)
        }


@pytest.fixture
def files(workdir: Path) -> Path:
    (workdir / "m.npy").write_bytes(npy(MATRIX))
    (workdir / "m.tokens.json").write_text(json.dumps(TOKENS))
    return workdir


@pytest.mark.parametrize(
    "ending", ["tokens.json", "tokens.txt", "vocab.json", "vocab.txt", "json", "txt"]
)
def test_a_token_list_beside_the_matrix(ending: str, workdir: Path) -> None:
    (workdir / "m.npy").write_bytes(npy(MATRIX))
    text = json.dumps(TOKENS) if ending.endswith("json") else "\n".join(TOKENS)
    (workdir / f"m.{ending}").write_text(text)
    matrix, report = embedprep.build("m.npy", ["dog", "zebra", "the"], oov="zeros")
    assert np.array_equal(matrix, [MATRIX[3], np.zeros(3), MATRIX[1]])
    (info,) = report.vectors
    assert (info.format, info.records, info.bytes) == ("npy", 4, len(npy(MATRIX)))


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8"])
def test_any_precision(dtype: str, files: Path) -> None:
    values = np.array([[0, 0], [0.1, 1 / 3], [1e-7, 65504], [-2, 3]], dtype)
    (files / "m.npy").write_bytes(npy(values))
    assert np.array_equal(build("m.npy", "the", "cat"), values[1:3].astype(np.float32))


def test_ids_are_rows(files: Path) -> None:
    (files / "m.tokens.json").write_text('{"dog": 1, "the": 3}')
    assert np.array_equal(build("m.npy", "the", "dog", "cat")[:2], MATRIX[[3, 1]])


def test_a_compressed_matrix_and_a_list_that_is_named(files: Path) -> None:
    (files / "m.npy.gz").write_bytes(gzip.compress(npy(MATRIX)))
    assert np.array_equal(build("m.npy.gz", "dog"), MATRIX[3:])
    (files / "m.tokens.json").rename("list.json")
    assert np.array_equal(build("m.npy.gz", "dog", vectors_tokens="list.json"), MATRIX[3:])
    with tarfile.open("a.tar", "w") as archive:
        archive.add("m.npy")
    assert np.array_equal(build("a.tar", "dog", vectors_tokens="list.json"), MATRIX[3:])


def test_no_list_or_several(files: Path) -> None:
    (files / "m.txt").write_text("a\nb\nc\nd\n")
    with pytest.raises(InputError, match=r"several token lists beside it: m.tokens.json, m.txt"):
        build("m.npy", "the")
    (files / "m.txt").unlink()
    (files / "m.tokens.json").unlink()
    with pytest.raises(
        InputError, match=r"no m.tokens.json, m.tokens.txt, m.vocab.json, "
    ) as caught:
        build("m.npy", "the")
    assert "--vectors-tokens" in caught.value.remedy


@pytest.mark.parametrize("tokens", [TOKENS[:3], [*TOKENS, "more"]])
def test_as_many_tokens_as_rows(tokens: list[str], files: Path) -> None:
    (files / "m.tokens.json").write_text(json.dumps(tokens))
    with pytest.raises(
        InputError, match=f"has 4 rows, and its token list .* has {len(tokens)} ids"
    ):
        build("m.npy", "the")


def test_a_list_that_is_no_vocabulary_is_named(files: Path) -> None:
    (files / "m.tokens.json").write_text('["the", ')
    with pytest.raises(InputError, match=r"m.tokens.json"):
        build("m.npy", "the")


MARKED: dict[str, tuple[list[str], list[str], list[str]]] = {
    # The token list; keys that are found at rows 1 and 2; keys that are not found.
    "SentencePiece": (["▁", "▁the", "▁cat", "dog"], ["▁the", "▁cat"], ["the", "cat"]),
    "byte level": (["dog", "Ġthe", "ĠcafÃ©", "Ġcat"], ["Ġthe", "ĠcafÃ©"], ["the", "café"]),
    "WordPiece": (["[UNK]", "the", "##ing", "cat"], ["the", "##ing"], ["ing"]),
    "word end": (["e", "the</w>", "cat</w>", "dog"], ["the</w>", "cat</w>"], ["the", "cat"]),
}


@pytest.mark.parametrize("kind", MARKED)
def test_the_keys_are_the_tokens_as_their_tokenizer_spells_them(kind: str, files: Path) -> None:
    listed, found, missing = MARKED[kind]
    (files / "m.tokens.json").unlink()
    (files / "m.vocab.json").write_text(json.dumps(listed))
    assert vectors_of("m.npy", *found, *missing) == {
        found[0]: MATRIX[1].tolist(),
        found[1]: MATRIX[2].tolist(),
    }


REFUSED: dict[str, tuple[bytes, str]] = {
    "Fortran order": (npy(np.asfortranarray(MATRIX)), "Fortran order"),
    "objects": (npy(np.array([["a", 1]], object)), "a pickle"),
    "columns with names": (npy(np.zeros(3, [("a", "f4"), ("b", "f4")])), "not a matrix"),
    "one dimension": (npy(np.zeros(3)), "1 dimensions"),
    "three dimensions": (npy(np.zeros((2, 2, 2))), "3 dimensions"),
    "integers": (npy(np.zeros((2, 2), int)), "int64"),
    "text": (npy(np.array([["a"]])), "<U1"),
    "complex": (npy(np.zeros((2, 2), complex)), "complex128"),
    "no rows": (npy(np.zeros((0, 2), "f4")), r"shape \(0, 2\)"),
    "no columns": (npy(np.zeros((2, 0), "f4")), r"shape \(2, 0\)"),
    "bytes behind": (npy(MATRIX) + b"more", "not a .npy matrix written by embedprep"),
    "another array behind": (npy(MATRIX) + npy(MATRIX), "its 'layout' is not one of embedprep"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_matrix_of_vectors(kind: str, files: Path) -> None:
    data, reason = REFUSED[kind]
    (files / "m.npy").write_bytes(data)
    with pytest.raises(InputError, match=reason):
        build("m.npy", "the")
    (files / "m.npy.gz").write_bytes(gzip.compress(data))
    with pytest.raises(InputError):
        build("m.npy.gz", "the")


def header(text: str, version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode("latin-1")


SHAPE = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}\n"
HOSTILE = {
    "negative": header(SHAPE % "(-1, 3)"),
    "both negative": header(SHAPE % "(-2, -3)"),
    "wraps to a small size": header(SHAPE % f"({2**62}, 4)"),
    "a wide row of nothing": header(SHAPE % f"(0, {2**60})"),
    "a wide row": header(SHAPE % f"(1, {2**60})"),
    "more digits than Python reads": header(SHAPE % f"({'9' * 5000}, 3)"),
    "fractions": header(SHAPE % "(4.0, 3)"),
    "deep": header(SHAPE % ("(" * 3000 + ")" * 3000)),
    "deeper": header(SHAPE % ("-" * 9000 + "1")),
    "not a literal": header(SHAPE % "__import__('os').abort()"),
    "no shape": header("{'descr': '<f4', 'fortran_order': False}\n"),
    "unfinished": header("{'descr': '<f4', 'shape': (4,\n"),
    "nothing": header(""),
    "a longer header than NumPy takes": header(SHAPE % "(4, 3)" + " " * 12_000),
    "as long as it can say": b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
    "a strange dtype": header("{'descr': '|V9', 'fortran_order': False, 'shape': (4, 3)}\n"),
    "a bad escape": header("{'descr': '\\q', 'fortran_order': False, 'shape': (4, 3)}\n"),
    "a dtype that is a list": header("{'descr': [[]], 'fortran_order': False, 'shape': (4, 3)}\n"),
    "null": header("\0\0\0\0"),
    "version 3": header(SHAPE % "(4, 3)", 3),
    "version 9": header(SHAPE % "(4, 3)", 9),
    "a pickle": b"\x93NUMPY\x01\x00" + pickle.dumps([1]),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("size", [0, 48, 10_000])
def test_hostile_headers(kind: str, size: int, files: Path) -> None:
    (files / "m.npy").write_bytes(HOSTILE[kind] + bytes(size))
    with pytest.raises(InputError):
        build("m.npy", "the")


def test_version_2_is_read(files: Path) -> None:
    (files / "m.npy").write_bytes(header(SHAPE % "(4, 3)", 2) + MATRIX.tobytes())
    assert np.array_equal(build("m.npy", "cat"), MATRIX[2:3])


@pytest.mark.parametrize("packed", [False, True])
def test_every_cut_is_an_error(packed: bool, files: Path) -> None:
    data = npy(MATRIX)
    for size in [*range(1, 48), *range(48, len(data), 7), len(data) - 1]:
        cut = gzip.compress(data[:size]) if packed else data[:size]
        (files / "cut").write_bytes(cut)
        with pytest.raises(InputError):
            build("cut", "the", "cat", vectors_tokens="m.tokens.json", vectors_format="npy")


# What embedprep itself has built.

VOCABULARY = ["<pad>", "the", "zebra", "cat", "nul\x00", "\ud800"]


@pytest.fixture(params=["npy", "h5"])
def built(request: pytest.FixtureRequest, workdir: Path) -> str:
    (workdir / "v.txt").write_bytes(b"the 1 2\ncat 3 4\ndog 5 6\n")
    name = f"built.{request.param}"
    embedprep.build("v.txt", VOCABULARY, name)
    return name


def test_only_rows_from_vectors_are_vectors(built: str) -> None:
    tokens = ["zebra", "cat", "dog", "the", "nul\x00", "<unk>"]
    matrix, report = embedprep.build(built, tokens, oov="zeros")
    assert matrix.tolist() == [[0, 0], [3, 4], [0, 0], [1, 2], [0, 0], [0, 0]]
    (info,) = report.vectors
    assert info.format == {"npy": "npy", "h5": "hdf5"}[built.partition(".")[2]]
    assert info.records == 2


def test_the_same_vocabulary_gives_the_same_rows(built: str) -> None:
    first = embedprep.open(built)
    again, _ = embedprep.build(built, VOCABULARY)
    assert np.array_equal(first, again)


def test_the_marks_of_the_tokenizer_do_not_hide_words(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    tokens = ["▁the", "▁cat", "the", "▁zebra", "s"]
    for name in ("m.npy", "m.h5"):
        embedprep.build("v.txt", tokens, name)
        assert vectors_of(name, "cat", "▁the", "s") == {"▁the": [1, 2]}
        assert build(name, "cat", "the").tolist() == [[3, 4], [1, 2]]


def test_float16_and_a_matrix_without_any_vector(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 0.1 2\n")
    for name in ("half.npy", "half.h5"):
        embedprep.build("v.txt", ["the"], name, dtype="float16")
        assert build(name, "the").tolist() == np.array([[0.1, 2]], "f2").astype("f4").tolist()
    embedprep.build("v.txt", ["zebra", "lion"], "none.npy")
    assert build("none.npy", "zebra").tolist() == [[0, 0]]


def test_columns_made_up_beside_found_ones_are_no_vector(workdir: Path) -> None:
    Path("a.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    Path("b.txt").write_bytes(b"the 5 6\n")
    embedprep.build(["a.txt", "b.txt"], ["the", "cat"], "m.npy", combine="concat")
    assert build("m.npy", "cat", "the").tolist() == [[0] * 4, [1, 2, 5, 6]]


def test_a_list_of_tokens_beside_its_own_is_refused(built: str) -> None:
    Path("list.txt").write_text("a\nb\nc\nd\ne\nf\n")
    with pytest.raises(UsageError, match="--vectors-tokens"):
        build(built, "the", vectors_tokens="list.txt")
    with pytest.raises(UsageError, match="--vectors-tokens"):
        build("v.txt", "the", vectors_tokens="list.txt")


def test_a_list_beside_a_built_matrix_is_not_looked_at(built: str) -> None:
    for name in ("built.tokens.txt", "built.txt"):
        Path(name).write_text("a\nb\nc\nd\ne\nf\n")
    assert build(built, "cat").tolist() == [[3, 4]]


def test_a_built_matrix_in_a_stream_never_loses_its_provenance(built: str) -> None:
    Path("packed.gz").write_bytes(gzip.compress(Path(built).read_bytes()))
    Path("packed.txt").write_text("a\nb\nc\nd\ne\nf\n")
    with pytest.raises(InputError, match=r"stream|behind the matrix"):
        build("packed.gz", "a")


def test_every_cut_of_a_built_matrix_is_an_error(built: str) -> None:
    data = Path(built).read_bytes()
    sizes = {*range(1, len(data), max(1, len(data) // 150)), len(data) - 1}
    for size in sorted(sizes):
        Path("cut").write_bytes(data[:size])
        with pytest.raises(InputError):
            build("cut", "the")


ARRAYS = tuple(stored.name for stored in beside(1))


@pytest.mark.parametrize("name", [stored.name for stored in STORED if stored.length(0) is not None])
def test_an_array_of_another_length_behind_a_built_matrix(name: str, workdir: Path) -> None:
    """Its tokens would be those of other rows."""
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", ["the", "zebra", "cat"], "m.npy")
    with open("m.npy", "rb") as file:
        matrix, *arrays = [np.load(file) for _ in range(1 + len(ARRAYS))]
    behind = dict(zip(ARRAYS, arrays, strict=True))
    assert build("m.npy", "cat").tolist() == [[3, 4]]
    for length in (len(behind[name]) - 1, len(behind[name]) + 1):
        changed = behind | {name: np.resize(behind[name], length)}
        Path("m.npy").write_bytes(b"".join(map(npy, (matrix, *changed.values()))))
        with pytest.raises(InputError, match=f"'{name}' .* does not belong to a matrix of 3 rows"):
            build("m.npy", "cat")


def test_bytes_behind_a_built_matrix(workdir: Path) -> None:
    """Two downloads in one file, for instance."""
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", ["the", "zebra", "cat"], "m.npy")
    content = Path("m.npy").read_bytes()
    for more in (b"\0", content):
        Path("m.npy").write_bytes(content + more)
        with pytest.raises(InputError, match=f"its arrays end at {len(content)}"):
            build("m.npy", "cat")
        with pytest.raises(InputError, match=f"its arrays end at {len(content)}"):
            embedprep.open("m.npy")


def test_flipped_bytes_are_never_another_exception(built: str) -> None:
    data = Path(built).read_bytes()
    for place in range(0, min(len(data), 12_000), 37):
        Path("flipped").write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        try:
            build("flipped", "the")
        except InputError:
            continue


@pytest.mark.parametrize("shape", ["(-9,)", "(99,)", "(3, 3)", "()"])
def test_tokens_of_another_shape_behind_the_matrix(shape: str, workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", ["the", "zebra", "cat"], "m.npy")
    data = Path("m.npy").read_bytes()
    text = b"'shape': (11,), }"  # of the tokens' bytes: the + zebra + cat
    assert data.count(text) == 1
    changed = f"'shape': {shape}, }}".encode().ljust(len(text))
    Path("m.npy").write_bytes(data.replace(text, changed))
    with pytest.raises(InputError):
        build("m.npy", "the")


ODD_KEYS = ["the", "▁the", "cat</w>", "cat", "##ing", "Ġdog"]


def write_marked(path: str) -> None:
    lines = (f"{key} {row} 1\n" for row, key in enumerate(ODD_KEYS))
    Path(path).write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize("output", ["m.npy", "m.h5", "m.safetensors"])
def test_keys_of_vectors_keep_what_looks_like_a_mark(output: str, workdir: Path) -> None:
    write_marked("v.txt")
    embedprep.convert("v.txt", output)
    expected = {key: [row, 1] for row, key in enumerate(ODD_KEYS)}
    assert vectors_of(output, *ODD_KEYS) == expected


@pytest.mark.parametrize("output", ["m.npy", "m.h5"])
def test_the_marks_of_a_tokenizer_are_known_from_the_build(output: str, workdir: Path) -> None:
    # The spelling of the special token is not of the byte-level alphabet, so that of the others
    # would not tell.
    tokenizer = Tokenizer(BPE({"Ġthe": 0, "cat": 1, "Ġcat": 2, "<｜begin｜>": 3}, []))
    tokenizer.pre_tokenizer = ByteLevel()
    tokenizer.add_special_tokens(["<｜begin｜>"])
    tokenizer.save("tokenizer.json")
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    _, coverage = embedprep.build("v.txt", "tokenizer.json", output)
    assert coverage.vocabulary.surface == "byte-level"
    assert build(output, "the", "cat").tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("list_beside", [False, True])
def test_a_matrix_of_embedprep_says_that_it_must_be_decompressed(
    list_beside: bool, workdir: Path
) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    embedprep.convert("v.txt", "m.npy")
    if not list_beside:
        Path("m.tokens.json").unlink()
    Path("m.npy.gz").write_bytes(gzip.compress(Path("m.npy").read_bytes()))
    with pytest.raises(InputError) as caught:
        build("m.npy.gz", "the")
    assert re.search("[Dd]ecompress", caught.value.remedy)


def test_the_address_of_a_token_list_may_be_secret(files: Path) -> None:
    address = "http://user:pa55@127.0.0.1:1/tokens.json?sig=s3cret"
    with pytest.raises(InputError) as caught:
        build("m.npy", "the", vectors_tokens=address)
    assert not re.search("pa55|s3cret", str(caught.value))
