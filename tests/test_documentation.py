"""README and docs tell the truth: every command and every Python block on a page runs, in order.

A page is read from top to bottom, in a folder with the files that the pages name. Blocks of `sh`
and `python` run; `bash` is for what needs a network or another machine, `text` shows something.
A block with the title `needs TensorFlow` runs where it is installed: in `make test-tensorflow`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from embedprep import vectors, vocabulary
from embedprep.fallback.table import RULES
from tests import vector_samples

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
_BLOCK = re.compile(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")

# One process a page: a block sees the variables and the files of those above it.
_RUN = """
import json, subprocess, sys

names = {"__name__": "__main__"}
for number, (language, code) in enumerate(json.load(open(sys.argv[1])), 1):
    if language == "python":
        exec(compile(code, f"<block {number}>", "exec"), names)
    else:
        subprocess.run(["bash", "-euo", "pipefail", "-c", code], check=True)
"""

# They show the package from outside; its core has tests of its own.
pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the pages name."""
    folder = tmp_path_factory.mktemp("files")
    sample = ROOT / "sample_data"
    shutil.copytree(sample, folder / "sample_data")
    for name in ("glove.6B.100d.txt", "domain.vec"):
        shutil.copy(sample / "glove.sample.txt", folder / name)
    with zipfile.ZipFile(folder / "glove.6B.zip", "w") as archive:
        for name in ("glove.6B.50d.txt", "glove.6B.100d.txt"):
            archive.write(folder / "glove.6B.100d.txt", name)
    shutil.copy(sample / "tokenizer.json", folder / "tokenizer.json")
    shutil.copy(sample / "corpus.txt", folder / "texts.txt")
    counts = Counter((sample / "corpus.txt").read_text(encoding="utf-8").lower().split())
    words = ["", "[UNK]", *(word for word, _ in counts.most_common(200))]
    (folder / "vocab.json").write_text(json.dumps(words))
    (folder / "counts.json").write_text(json.dumps(counts))
    (folder / "words.tsv").write_text("".join(f"{w}\t{n}\n" for w, n in counts.items()))
    (folder / "tokens.txt").write_text("nothing\nthe\nlamp\n")
    pieces = {"Ġthe": 0, "Ġlamp": 1, "ing": 2, "Ġkeep": 3, "er": 4}
    (folder / "bpe.json").write_text(json.dumps(pieces))
    (folder / "pieces.vec").write_text(
        "4 3\n▁the 1 2 3\n▁lamp 4 5 6\ning 7 8 9\n▁keep 1 0 1\n", encoding="utf-8"
    )
    vector_samples.fasttext_model(folder / "cc.en.300.bin")
    vector_samples.model(folder / "all-MiniLM-L6-v2")
    run(folder, [("sh", "embedprep build -q --vectors glove.6B.100d.txt --vocab vocab.json")])
    return folder


def blocks(page: Path) -> list[tuple[str, str]]:
    """The blocks of a page that run, with their languages."""
    return [
        (language, code)
        for language, title, code in _BLOCK.findall(page.read_text(encoding="utf-8"))
        if language in ("sh", "python") and _has(title.removeprefix("needs ").lower())
    ]


def _has(needed: str) -> bool:
    """Whether a block has what it needs: nothing, a package or a program."""
    found = not needed or importlib.util.find_spec(needed) is not None
    return found or shutil.which(needed) is not None


def run(folder: Path, code: list[tuple[str, str]]) -> subprocess.CompletedProcess[str]:
    listed = folder / "blocks.json"
    listed.write_text(json.dumps(code))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-c", _RUN, listed],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.usefixtures("slim_keras")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda p: p.stem)
def test_every_block_of_a_page_runs(page: Path, files: Path, tmp_path: Path) -> None:
    for language, _, code in _BLOCK.findall(page.read_text(encoding="utf-8")):
        name = re.match(r"# (\w+\.toml)\n", code)
        if language == "toml" and name is not None:
            (tmp_path / name[1]).write_text(code)
    shutil.copytree(files, tmp_path, dirs_exist_ok=True)
    ran = run(tmp_path, blocks(page))
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        file = page if not target else (page.parent / target).resolve()
        assert file.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), link


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def test_the_readme_shows_the_true_output_of_the_demo(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command, shown = ((language, code) for language, _, code in _BLOCK.findall(readme)[:2])
    shutil.copytree(ROOT / "sample_data", tmp_path / "sample_data")
    ran = run(tmp_path, [command])
    assert ran.stdout == shown[1]
    assert command[1].strip().removeprefix("embedprep") in (ROOT / "Makefile").read_text()


def test_the_readme_is_one_page() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 200


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("reference/vocabulary-formats.md", vocabulary.FORMATS),
        ("reference/vector-formats.md", tuple(vectors.FORMATS)),
        ("guides/coverage.md", tuple(RULES)),
    ],
)
def test_a_table_has_every_name(page: str, names: tuple[str, ...]) -> None:
    rows = [line for line in (ROOT / "docs" / page).read_text("utf-8").splitlines() if "|" in line]
    for name in names:
        assert any(f"`{name}`" in row for row in rows), name


def test_the_numbers_of_formats_and_rules_are_those_that_there_are() -> None:
    readme, changes = ((ROOT / name).read_text("utf-8") for name in ("README.md", "CHANGELOG.md"))
    assert f"{len(vectors.FORMATS)} of vectors" in readme
    assert f"{len(vocabulary.FORMATS)} of vocabularies" in readme
    assert f"All {len(vocabulary.FORMATS)} formats" in readme
    assert f"- {len(vocabulary.FORMATS)} formats, recognised by content" in changes
    assert f"- {len(RULES)} fallback rules" in changes


def test_every_page_is_in_the_navigation() -> None:
    listed = set(re.findall(r"[\w/-]+\.md", (ROOT / "docs" / "mkdocs.yml").read_text("utf-8")))
    assert listed == {str(page.relative_to(ROOT / "docs")) for page in PAGES[1:]}


def test_the_errors_in_the_index_are_those_of_the_package() -> None:
    page = (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8")
    rows = page.partition("| The error says |")[2].splitlines()[2:]
    code = "".join(path.read_text("utf-8") for path in (ROOT / "embedprep").rglob("*.py"))
    code = re.sub(r'"\s+f?"', "", code)  # strings that go on in the next line
    messages = [message for row in rows for message in re.findall(r"`(.*?)`", row.split("|")[1])]
    assert len(messages) > 10
    for message in messages:
        for part in re.split(r"'?…'?", message):
            assert part.strip().removeprefix("it is ") in code, part
