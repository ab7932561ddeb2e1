"""Whole builds: laws that hold for any files, and the published GloVe."""

from __future__ import annotations

import io
import json
import random
import string
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import embedprep
from embedprep.post.oov import STRATEGIES

both = pytest.mark.parametrize("implementation", ["native", "reference"], indirect=True)

# The fixture that chooses the implementation holds for all examples of a test.
laws = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

WORDS = st.text(st.sampled_from("abcé日\u0301😀"), min_size=1, max_size=3)
NUMBERS = st.one_of(
    st.floats(-(2.0**100), 2.0**100, width=32).map(repr),
    st.decimals(-1000, 1000, allow_nan=False, places=6).map(str),
    st.sampled_from(["0", "-0.0", "1.", ".5", "+3", "1e-45", "7e-46", "0.1", "16777217"]),
)


@dataclass(frozen=True)
class World:
    """A vector file, a vocabulary, and how to fill what is missing."""

    records: tuple[tuple[str, tuple[str, ...]], ...]
    tokens: tuple[str, ...]
    oov: str


@st.composite
def worlds(draw: st.DrawFn) -> World:
    dim = draw(st.integers(1, 4))
    record = st.tuples(WORDS, st.tuples(*[NUMBERS] * dim))
    records = draw(st.lists(record, min_size=1, max_size=8))
    tokens = draw(st.lists(WORDS, min_size=1, max_size=8, unique=True))
    strategy = draw(st.sampled_from(sorted(STRATEGIES)))
    keys = {key for key, _ in records}
    assume(strategy in ("zeros", "uniform") or not keys.isdisjoint(tokens))
    return World(tuple(records), tuple(tokens), strategy)


def text(world: World) -> bytes:
    return "".join(f"{key} {' '.join(values)}\n" for key, values in world.records).encode()


def build(
    world: World, content: bytes | None = None, tokens: tuple[str, ...] | None = None
) -> tuple[NDArray[np.floating], Any]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "v.txt")
        path.write_bytes(text(world) if content is None else content)
        dim = len(world.records[0][1])  # a value each may be a list of counts
        return embedprep.build(path, tokens or world.tokens, oov=world.oov, dim=dim, threads=1)


def first_records(world: World) -> dict[str, tuple[str, ...]]:
    first: dict[str, tuple[str, ...]] = {}
    for key, values in world.records:
        first.setdefault(key, values)
    return first


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Bit for bit: -0.0 is not 0.0."""
    return a.shape == b.shape and a.tobytes() == b.tobytes()


@both
@laws
@given(worlds())
def test_each_row_is_the_first_record_of_its_token(world: World) -> None:
    matrix, coverage = build(world)
    first = first_records(world)
    for row, token in zip(matrix, world.tokens, strict=True):
        if token in first:
            expected = np.array(first[token], np.float64).astype(np.float32)
            assert same(row, expected)
    found = [token in first for token in world.tokens]
    assert coverage.counts.rows["exact"] == sum(found)
    assert [missing.token for missing in coverage.counts.missing] == [
        token for token, hit in zip(world.tokens, found, strict=True) if not hit
    ]
    wanted = [key for key, _ in world.records if key in world.tokens]
    assert coverage.records["duplicates"] == len(wanted) - sum(found)


@both
@laws
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_decides_about_duplicates_alone(
    world: World, order: random.Random
) -> None:
    distinct = list(first_records(world).items())
    matrix, _ = build(world)
    order.shuffle(distinct)
    again, coverage = build(World(tuple(distinct), world.tokens, world.oov))
    assert same(matrix, again)
    assert coverage.records["duplicates"] == 0


@both
@laws
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_vocabulary_is_the_order_of_the_rows(
    world: World, order: random.Random
) -> None:
    matrix, _ = build(world)
    places = list(range(len(world.tokens)))
    order.shuffle(places)
    again, _ = build(world, tokens=tuple(world.tokens[place] for place in places))
    assert same(again, matrix[places])


@both
@laws
@given(worlds(), st.data())
def test_an_unrelated_record_changes_nothing(world: World, data: st.DataObject) -> None:
    values = data.draw(st.sampled_from(world.records))[1]
    records = list(world.records)
    records.insert(data.draw(st.integers(0, len(records))), ("unrelated", values))
    matrix, before = build(world)
    again, after = build(World(tuple(records), world.tokens, world.oov))
    assert same(matrix, again)
    assert after.counts == before.counts
    assert after.vectors[0].records == before.vectors[0].records + 1


@both
@laws
@given(worlds(), WORDS)
def test_adding_a_word_changes_one_row(world: World, word: str) -> None:
    assume(word not in world.tokens)
    # What is taken from the rows found changes with them.
    world = World(world.records, world.tokens, "uniform")
    matrix, _ = build(world)
    again, _ = build(world, tokens=(*world.tokens, word))
    assert same(again[:-1], matrix)


@both
@laws
@given(worlds(), st.sampled_from(["as it is", "tabs", "CRLF", "header", "mark", "cut"]))
def test_how_the_same_vectors_are_written_does_not_matter(world: World, way: str) -> None:
    content = text(world)
    if way == "tabs":
        content = content.replace(b" ", b"\t")
    elif way == "CRLF":
        content = content.replace(b"\n", b"\r\n")
    elif way == "header":
        dim = len(world.records[0][1])
        assume(dim > 1)  # "2 1" before records of one value may be a record itself
        content = b"%d %d\n" % (len(world.records), dim) + content
    elif way == "mark":
        content = b"\xef\xbb\xbf" + content
    elif way == "cut":
        content = content[:-1]
    assert same(build(world, content)[0], build(world)[0])


@both
@laws
@given(worlds())
def test_standard_input_is_as_good_as_a_file(world: World) -> None:
    matrix, coverage = build(world)
    with mock.patch("sys.stdin", io.TextIOWrapper(io.BytesIO(text(world)))):
        dim = len(world.records[0][1])
        again, streamed = embedprep.build("-", world.tokens, oov=world.oov, dim=dim)
    assert same(matrix, again)
    assert streamed.counts == coverage.counts
    assert streamed.vectors[0].fingerprint == coverage.vectors[0].fingerprint
    assert streamed.vectors[0].bytes == coverage.vectors[0].bytes


@both
@laws
@given(worlds())
def test_a_container_holds_what_memory_holds(world: World) -> None:
    matrix, _ = build(world)
    with tempfile.TemporaryDirectory() as directory:
        vectors = Path(directory, "v.txt")
        vectors.write_bytes(text(world))
        dim = len(world.records[0][1])
        for suffix in (".npy", ".h5", ".safetensors"):
            path = Path(directory, "m" + suffix)
            embedprep.build(vectors, world.tokens, path, oov=world.oov, dim=dim, durable=False)
            opened = embedprep.open(path)
            assert same(opened.array, matrix)
            assert opened.tokens == list(world.tokens)


# ---- the published GloVe

FOUND, MADE_UP = 18_000, 2_000


@dataclass(frozen=True)
class Published:
    """`glove.6B.50d.txt`, a vocabulary for it, and the rows that NumPy's parser gives."""

    vectors: Path
    vocab: Path
    words: list[str]
    expected: NDArray[np.float32]


@pytest.fixture(scope="session")
def glove(glove_6b_50d: Path) -> Published:
    path = glove_6b_50d
    lines = path.read_bytes().split(b"\n")[:-1]
    chosen = random.Random(20_000).sample(lines, FOUND)
    fields = [line.decode().split(" ") for line in chosen]
    letters = random.Random(2_000)
    made_up = {"".join(letters.choices(string.ascii_lowercase, k=20)) for _ in range(MADE_UP)}
    words = [word for word, *_ in fields] + sorted(made_up)
    places = list(range(1, len(words) + 1))
    letters.shuffle(places)
    expected = np.zeros((len(words) + 1, 50), np.float32)
    for place, (_, *values) in zip(places, fields, strict=False):
        expected[place] = np.array(values, np.float64)
    vocab = path.parent / "vocab.json"
    vocab.write_text(json.dumps(dict(zip(words, places, strict=True))))
    in_order = [""] * len(expected)
    for word, place in zip(words, places, strict=True):
        in_order[place] = word
    return Published(path, vocab, in_order, expected)


@pytest.fixture(scope="session")
def checksums() -> set[str]:
    """Of the matrix, from all implementations, containers and numbers of threads."""
    return set()


@pytest.mark.real
@pytest.mark.parametrize(
    ("output", "threads", "implementation"),
    [
        ("m.npy", 1, "native"),
        ("m.npy", 4, "native"),
        ("m.h5", 4, "native"),
        ("m.safetensors", 2, "native"),
        ("m.npy", 2, "reference"),
    ],
    indirect=["implementation"],
)
def test_the_published_file(
    output: str,
    threads: int,
    glove: Published,
    checksums: set[str],
    workdir: Path,
    implementation: str,
) -> None:
    matrix, coverage = embedprep.build(glove.vectors, glove.vocab, output, threads=threads)
    assert coverage.counts.rows == {
        "exact": 18_000,
        "subword": 0,
        "partial": 0,
        "oov": 2_000,
        "padding": 1,
        "unassigned": 0,
    }
    assert coverage.counts.vocabulary.total == 20_000
    assert coverage.vectors[0].records == 400_000
    assert coverage.run is not None
    assert coverage.run.implementation == implementation
    assert not any(coverage.records.values())

    opened = embedprep.open(output)
    assert opened.tokens == glove.words
    copied = opened.provenance == embedprep.Provenance.EXACT
    assert copied.sum() == FOUND
    assert same(matrix[copied], glove.expected[copied])
    assert not matrix[0].any()
    others = matrix[~copied][1:]
    assert np.abs(others).max() <= 0.25
    assert len(np.unique(others, axis=0)) == MADE_UP

    checksums.add(coverage.matrix.sha256_of_pieces)
    assert len(checksums) == 1
