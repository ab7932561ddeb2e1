"""What a person sees who types the name of a result at a prompt: one line that says what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import embedprep


@pytest.fixture
def results(workdir: Path) -> dict[str, Any]:
    words = [f"w{i}" for i in range(2000)]
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    Path("counts.json").write_text('{"the": 5, "w7": 2}')
    coverage = embedprep.build("v.txt", ["the", *words], "a.npy", counts="counts.json")[1]
    embedprep.build("v.txt", ["cat", *words], "b.npy")
    matrix = embedprep.open("a.npy")
    return {
        "coverage": coverage,
        "matrix": matrix,
        "explanation": matrix.explain("the"),
        "absent": matrix.explain("nothing"),
        "difference": embedprep.compare("a.npy", "b.npy"),
        "examination": embedprep.examine("v.txt"),
        "verification": embedprep.verify("a.npy"),
        "updated": embedprep.update("a.npy", ["the", *words], output="c.npy"),
    }


def test_every_result_fits_a_line(results: dict[str, Any]) -> None:
    for name, result in results.items():
        assert "\n" not in repr(result), name
        assert len(repr(result)) <= 100, repr(result)
    assert {name: repr(result) for name, result in results.items()} == {
        "coverage": "<CoverageReport a.npy: 1 of 2,001 tokens (< 0.1 %), 71.4 % of the text>",
        "matrix": "<EmbeddingMatrix a.npy: 2001 x 2 float32>",
        "explanation": "<Explanation 'the', row 0: exact>",
        "absent": "<Explanation 'nothing', not in the vocabulary>",
        "difference": repr(results["difference"]),
        "examination": "<Examination v.txt: text, 2 records of 2, no problem>",
        "verification": repr(results["verification"]),
        "updated": repr(results["updated"]),
    }
    assert repr(results["difference"]).startswith(
        "<Difference a.npy → b.npy: 2,000 tokens unchanged, "
    )
    assert repr(results["verification"]).endswith("checks ok>")
    assert repr(results["updated"]).startswith("<Updated: 2,001 x 2 float32, ")


def test_the_table_is_still_what_str_gives(results: dict[str, Any]) -> None:
    assert "\n" in str(results["coverage"])
    assert "\n" in str(results["difference"])


def test_the_names_of_the_package_are_offered_at_a_prompt() -> None:
    assert {"build", "open", "CoverageReport"} <= set(dir(embedprep))
    assert not [name for name in dir(embedprep) if name in ("annotations", "Any", "TYPE_CHECKING")]


def test_progress_on_request(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm")
    from embedprep.options import progress

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "_DELAY", 0)
        Path("v.txt").write_text("the 1 2\n")
        embedprep.build("v.txt", ["the"], progress=True)
        assert "reading" in capsys.readouterr().err
        embedprep.build("v.txt", ["the"])
        assert capsys.readouterr().err == ""
    with pytest.raises(embedprep.UsageError, match="progress is neither True, False nor"):
        embedprep.build("v.txt", ["the"], progress="yes")  # type: ignore[arg-type]
