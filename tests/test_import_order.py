"""The package reads in one direction: no stage imports a later one, and help waits for nothing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import embedprep

PACKAGE = Path(embedprep.__file__).parent

# What every stage may use, the stages in the order in which the data passes them, and the doors.
ORDER = (
    "_version", "errors", "_platform", "provenance", "core", "sources", "fallback", "vocabulary",
    "arguments", "options", "containers", "vectors", "lookup", "matching", "oov", "coverage",
    "indexing", "cluster", "report", "explain", "matrix", "diff", "torch", "keras", "building",
    "doctor", "conversion", "api", "verification", "updating", "cli", "__main__",
)  # fmt: skip
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE / "_native")


def stage(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(nodes: list[ast.stmt]) -> Iterator[str]:
    """The full name of every module, or name in a module, that the statements import."""
    for statement in nodes:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, "an import is absolute, so that it says where it leads"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_stage_imports_a_later_one(path: Path) -> None:
    if path == PACKAGE / "__init__.py":
        return  # names what the package offers
    assert stage(path) in ORDER, "give the new module its place in ORDER"
    for name in imports(ast.parse(path.read_text()).body):
        top, _, inside = name.partition(".")
        if top == "embedprep":
            other = inside.partition(".")[0]
            assert other in ORDER, name
            assert stage(path) == other or ORDER.index(other) < ORDER.index(stage(path)), name


def test_every_name_in_the_order_is_a_module() -> None:
    assert set(ORDER) == {stage(path) for path in MODULES} - {"__init__"}


@pytest.mark.parametrize("path", sorted((PACKAGE / "cli").glob("*.py")), ids=lambda path: path.name)
def test_the_command_line_imports_nothing_heavy_before_it_is_needed(path: Path) -> None:
    light = {
        "embedprep._version",
        "embedprep.arguments",
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
