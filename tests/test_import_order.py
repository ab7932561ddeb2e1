"""The package reads in one direction: no stage imports a later one, and help waits for nothing."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import embedprep

PACKAGE = Path(embedprep.__file__).parent

# The table of contents, in reading order: a room may import those above it, never one below.
ORDER = {
    "named_tuples": "records whose classes are quick to make",
    "errors": "every error that a user can cause, without the secrets of addresses",
    "_platform": "the few calls that differ between operating systems",
    "provenance": "where a row came from",
    "core": "the hot path: scan, decode, place, draw; compiled, with a twin in Python",
    "sources": "bytes: files, streams, archives, compressed files, addresses",
    "fallback": "other spellings of a word",
    "vocabulary": "stage 1: a tokenizer's file to tokens with rows",
    "options": "every option of a build, named once",
    "containers": "the file of a matrix: written, read, sealed, published",
    "counting": "a text to the counts of its tokens",
    "vectors": "stage 3: a vector file of any format to hits",
    "lookup": "stage 2: tokens to the keys to look for",
    "matching": "stage 4: which record fills which row",
    "post": "stage 5: the rows found in a new space, and the rows without a vector",
    "coverage": "stage 6: how good the matrix is, in numbers",
    "indexing": "read again only what is wanted",
    "cluster": "have the vectors read by other machines",
    "report": "stage 7: the numbers, shown to a person",
    "explain": "why a row is what it is",
    "matrix": "a published matrix, opened again",
    "diff": "what differs between two matrices",
    "torch": "into PyTorch",
    "keras": "into Keras",
    "building": "the job: all stages in one pipeline",
    "doctor": "what a vector file is, and what is odd about it",
    "conversion": "vectors to another format",
    "api": "the public functions",
    "verification": "whether a matrix is what its report says",
    "updating": "a new vocabulary for an old matrix",
    "cli": "the command line",
    "__main__": "python -m embedprep",
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "_native")


def stage(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(nodes: list[ast.stmt]) -> Iterator[str]:
    """The full name of every module, or name in a module, that the statements import.

    Without the version, which stands on the first line of the package.
    """
    for statement in nodes:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, "an import is absolute, so that it says where it leads"
                names = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from (name for name in names if name != "embedprep.__version__")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_stage_imports_a_later_one(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # names what the package offers
    rooms = list(ORDER)
    assert stage(path) in rooms, "give the new room its line in ORDER"
    for name in imports(ast.parse(path.read_text()).body):
        top, _, inside = name.partition(".")
        if top == "embedprep":
            other = inside.partition(".")[0]
            assert other in rooms, name
            assert stage(path) == other or rooms.index(other) < rooms.index(stage(path)), name


def test_every_line_of_the_table_is_a_room() -> None:
    assert set(ORDER) == {stage(path) for path in MODULES} - {"__init__"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").glob("*.py")), ids=lambda path: path.name)
def test_the_command_line_imports_nothing_heavy_before_it_is_needed(path: Path) -> None:
    light = {
        "embedprep.options.arguments",
        "embedprep.errors",
        "embedprep.options",
        "embedprep.cli",
    }
    at_once = [
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    for name in imports(list(at_once)):
        top = name.partition(".")[0]
        assert (
            top == "click"
            or top in sys.stdlib_module_names
            or any(name.startswith(module) for module in light)
        ), name


def test_the_core_alone_imports_the_twin() -> None:
    """Whoever else did would choose an implementation, which is the seam's to choose."""
    for path in MODULES:
        if stage(path) != "core":
            for name in imports(ast.parse(path.read_text()).body):
                assert not name.startswith("embedprep.core.reference"), path


GROUND = {"named_tuples", "errors", "_platform", "provenance", "core", "options"}
"""The rooms that every other one may use."""
ROOMS = sorted(path for path in PACKAGE.glob("*/__init__.py") if path.parent.name != "_native")


@pytest.mark.parametrize("path", ROOMS, ids=lambda path: path.parent.name)
def test_a_room_says_what_comes_in_what_goes_out_and_what_it_may_import(path: Path) -> None:
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert "\nIn: " in said
    assert "\nOut: " in said
    listed = re.search(r"\nMay import: ([^.]*)\.", said)
    assert listed is not None
    may = {name.strip() for name in listed[1].replace("\n", " ").split(",")} | GROUND
    for module in path.parent.rglob("*.py"):
        for name in imports(ast.parse(module.read_text()).body):
            top, _, inside = name.partition(".")
            other = inside.partition(".")[0]
            if top == "embedprep" and other in ORDER and other != path.parent.name:
                assert other in may, f"{module} imports {other}"
