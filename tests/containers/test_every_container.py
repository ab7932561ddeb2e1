"""The same 200 vectors in every container and compression: the same bytes of the matrix."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.vectors import detection as formats
from tests.tries import sampled, tries
from tests.vector_samples import COMPRESSIONS, FILES, OTHERS, ROWS, VOCAB, WORDS

EXPECTED = np.zeros((len(VOCAB), ROWS.shape[1]), np.float32)
EXPECTED[1:-1] = ROWS[::-3]

CASES = [(name, None) for name in FILES | OTHERS] + [
    (name, compression) for name in FILES for compression in COMPRESSIONS
]


@pytest.fixture
def here(workdir: Path) -> Path:
    return workdir


def written(here: Path, name: str, compression: str | None) -> Path:
    file_name, write = (FILES | OTHERS)[name]
    path = here / file_name
    write(path)
    if compression is None:
        return path
    ending, compress = COMPRESSIONS[compression]
    packed = path.with_name(path.name + ending)
    packed.write_bytes(compress(path.read_bytes()))
    path.unlink()
    return packed


def matrix_of(path: Path) -> bytes:
    matrix, coverage = embedprep.build(path, VOCAB, oov="zeros", trust_pickle=path.suffix == ".kv")
    assert coverage.counts.vocabulary.found == len(VOCAB) - 2
    return matrix.tobytes()


@pytest.mark.parametrize(("name", "compression"), CASES)
def test_the_same_matrix(name: str, compression: str | None, here: Path) -> None:
    assert len(WORDS) == 200
    assert matrix_of(written(here, name, compression)) == EXPECTED.tobytes()


IN_PLACE = ["embedprep's .npy", "embedprep's .h5", "embedprep's .safetensors"]


CUT = [name for name in FILES if name not in ("GloVe", "TSV")] + IN_PLACE
"""A text without a header does not say how long it is: a cut between two lines goes unnoticed."""


@pytest.mark.parametrize("name", CUT)
@sampled
def test_a_file_that_is_cut_off_is_an_error(name: str, here: Path) -> None:
    path = written(here, name, None)
    content = path.read_bytes()
    places = random.Random(4).sample(range(1, len(content) - 1), tries(50))
    for place in places:
        path.write_bytes(content[:place])
        with pytest.raises(InputError):
            matrix_of(path)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("name", ["GloVe", "word2vec .bin", "fastText .bin", ".npy"])
@sampled
def test_a_compressed_file_that_is_cut_off_is_an_error(
    name: str, compression: str, here: Path
) -> None:
    path = written(here, name, compression)
    content = path.read_bytes()
    end = len(content.rstrip(b"\0")) - 8  # behind a checksum or an end may stand zeros
    for place in random.Random(5).sample(range(1, end), tries(50)):
        path.write_bytes(content[:place])
        with pytest.raises(InputError):
            matrix_of(path)


def flips(path: Path) -> Iterator[None]:
    """The file with one bit flipped, at one place after the other."""
    content = path.read_bytes()
    chance = random.Random(6)
    for _ in range(tries(200)):
        flipped = bytearray(content)
        flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        yield


WITHOUT_CHECKSUM = ("zstd", "tar")


@pytest.mark.parametrize("compression", [c for c in COMPRESSIONS if c not in WITHOUT_CHECKSUM])
@pytest.mark.parametrize("name", ["GloVe", "word2vec .bin", "fastText .bin", ".npy"])
@sampled
def test_a_flipped_bit_never_gives_another_matrix(name: str, compression: str, here: Path) -> None:
    path = written(here, name, compression)
    for _ in flips(path):
        try:
            matrix = matrix_of(path)
        except InputError:
            continue
        assert matrix == EXPECTED.tobytes()


@pytest.mark.parametrize("name", [*FILES, *IN_PLACE])
@sampled
def test_a_flipped_bit_without_a_checksum_is_an_error_or_one_value(name: str, here: Path) -> None:
    """Nothing can tell a flipped bit of a value from a value; nothing worse may come of it."""
    path = written(here, name, None)
    for _ in flips(path):
        try:
            matrix, _ = embedprep.build(path, VOCAB, oov="zeros")
        except InputError:
            continue
        assert matrix.shape == EXPECTED.shape
        different = (matrix != EXPECTED).any(axis=1)
        assert np.count_nonzero(different) <= 2  # of the value, or of a key that became another


@pytest.mark.parametrize("name", FILES)
def test_no_two_formats_claim_a_file(name: str, here: Path) -> None:
    head = written(here, name, None).read_bytes()[: formats.HEAD_BYTES]
    claiming = [format for format, kind in formats._BINARY.items() if kind.claims(head)]
    assert len(claiming) == (name not in ("GloVe", "fastText .vec", "TSV"))
