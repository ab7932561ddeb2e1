"""The action that comments a pull request: what it makes of two reports."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import embedprep

ACTION = Path(__file__).parent.parent / ".github" / "actions" / "coverage-comment"

pytestmark = [
    pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed"),
]


def comment(before: str, after: str) -> str:
    files = ["--slurpfile", "before", before, "--slurpfile", "after", after]
    jq = ["jq", "-rn", "--arg", "title", "Vectors", *files, "-f", str(ACTION / "difference.jq")]
    return subprocess.run(jq, check=True, capture_output=True, encoding="utf-8").stdout


def test_two_reports_as_a_table(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    Path("counts.json").write_text('{"the": 5, "Cat": 2, "@zebra": 1}')
    tokens = ["the", "Cat", "@zebra"]
    embedprep.build("v.txt", tokens, "a.npy")
    embedprep.build("v.txt", tokens, "b.npy", counts="counts.json", fallback="lower")
    written = comment("a.coverage.json", "b.coverage.json").splitlines()
    assert written[:4] == ["### Vectors", "", "| | before | after |", "|---|---|---|"]
    assert any("| 33.3 % (1 of 3) | 66.6 % (2 of 3) |" in line for line in written)
    assert any("|  | 87.5 % (7 of 8) |" in line for line in written)  # counts were not known before
    assert written[-3:] == ["No longer missing (1):", "", '    "Cat"']
    assert "Missing now, and not before (1):" in comment("b.coverage.json", "a.coverage.json")


def test_equal_reports(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\n")
    embedprep.build("v.txt", ["the"], "a.npy")
    assert "100 % (1 of 1)" in comment("a.coverage.json", "a.coverage.json")
    assert "missing" not in comment("a.coverage.json", "a.coverage.json").lower()


def test_the_action_runs_the_file() -> None:
    assert "/difference.jq" in (ACTION / "action.yml").read_text(encoding="utf-8")
