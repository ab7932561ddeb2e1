"""The checksum of the rows of a matrix."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

import embedprep
from embedprep.containers import digest


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 40])
def test_the_checksum_is_that_of_the_checksums_of_pieces(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest, "PIECE_BYTES", 48)  # of four rows
    rows = np.random.default_rng(count).normal(size=(count, 3)).astype(np.float32)
    expected = hashlib.sha256()
    for begin in range(0, count, 4):
        expected.update(hashlib.sha256(rows[begin : begin + 4].tobytes()).digest())
    assert digest.sha256_of(rows) == expected.hexdigest()


@pytest.mark.usefixtures("workdir")
def test_a_matrix_of_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest, "PIECE_BYTES", 48)
    with open("v.txt", "w") as file:
        file.writelines(f"w{i} {i} 0.5 -2\n" for i in range(30))
    embedprep.build("v.txt", [f"w{i}" for i in range(40)], "m.npy")
    assert embedprep.verify("m.npy").ok
