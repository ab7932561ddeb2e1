"""What a plain build does not need it does not import: each of these takes milliseconds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BUILD = """
import sys, embedprep
embedprep.build("vectors.txt", vocab="vocab.json", output="e.npy")
print(*(name for name in sys.argv[1:] if name in sys.modules))
"""


@pytest.mark.parametrize(
    ("tokens", "imported"),
    [
        (["the", "cat"], []),
        (["the", "cat", "dog"], ["embedprep.coverage.kinds"]),
        (["the", "cat", "3rd"], ["embedprep.coverage.kinds", "embedprep.coverage.signs"]),
    ],
)
def test_only_what_the_missing_words_are_like_is_imported(
    tokens: list[str], imported: list[str], tmp_path: Path
) -> None:
    (tmp_path / "vectors.txt").write_text("the 1 2\ncat 3 4\n")
    (tmp_path / "vocab.json").write_text(json.dumps({word: i for i, word in enumerate(tokens)}))
    (tmp_path / "e.npy").touch()  # so that it asks whether it would replace what it reads
    late = ["embedprep.coverage.kinds", "embedprep.coverage.signs"]
    late += ["embedprep.vocabulary.line_text", "embedprep.vectors.token_list", "orjson"]
    done = subprocess.run(
        [sys.executable, "-c", BUILD, *late],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == imported
