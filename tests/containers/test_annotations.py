"""What a build says of each row, in every container."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.containers import SUFFIXES
from embedprep.containers.annotations import Strings

TOKENS = {"the": 1, "naïve": 3, "日本": 4, "nul\x00": 5, "\ud800": 7, "ﬁsh": 8, "end": 9}
"""Of one byte a character and of several; with rows between them that have no token."""


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_token_stands_at_its_row(suffix: str, workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\n日本 3 4\nfish 5 6\nend 7 8\n")
    embedprep.build("v.txt", TOKENS, "m" + suffix, fallback="nfkc")
    matrix = embedprep.open("m" + suffix)
    tokens = list(matrix.tokens)
    assert {token: row for row, token in enumerate(tokens) if token} == TOKENS
    assert tokens.count("") == 3
    assert matrix[matrix.row("end")].tolist() == [7, 8]
    assert "fish" in str(matrix.explain("ﬁsh"))


@pytest.mark.parametrize(
    ("offsets", "consistent"),
    [
        ([0, 1, 1, 3], True),
        ([1, 1, 2, 3], False),
        ([0, 2, 1, 3], False),
        ([0, 1, 1, 2], False),
        ([0, 1, 1, 4], False),
        ([-3, 0, 1, 3], False),
    ],
)
def test_strings_follow_each_other_from_start_to_end(offsets: list[int], consistent: bool) -> None:
    strings = Strings(np.frombuffer(b"abc", np.uint8), np.array(offsets))
    assert bool(strings.consistent()) == consistent
