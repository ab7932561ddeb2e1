"""A report with values of any type is bad input, whoever reads it, and never a bug."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep import containers
from embedprep.errors import EmbedprepError, InputError
from embedprep.matrix.stored_report import read_report
from embedprep.report.html import render
from tests.tries import sampled, tries

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)

VOCAB = ["<pad>", "the", "Cat", "zebra", "x1", "don't"]
ODD: list[Any] = [
    None, True, -1, 0, 1 << 70, 0.5, -1e308, float("nan"), float("inf"), "", "x", "\x1b[2J\ud800",
    [], ["x"], [1, 2, 3], [[]], {}, {"x": 1}, {"total": "x"},
]  # fmt: skip


@pytest.fixture
def report(workdir: Path) -> dict[str, Any]:
    Path("v.txt").write_text("the 1 2\ncat 3 4\ndog 5 6\n")
    Path("counts.json").write_text(json.dumps({"the": 7, "Cat": 5, "zebra": 3, "x1": 1}))
    embedprep.build("v.txt", VOCAB, "m.npy", counts="counts.json", min_gain=0)
    embedprep.build("v.txt", VOCAB[:3], "old.npy")
    found: dict[str, Any] = json.loads(Path("m.coverage.json").read_text())
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value of a report is, the report itself left out."""
    if path:
        yield path
    members: list[tuple[Any, Any]] = list(value.items()) if isinstance(value, dict) else []
    if isinstance(value, list):
        members = list(enumerate(value))[:2]
    for key, inner in members:
        yield from places(inner, (*path, key))


def changed(report: dict[str, Any], path: tuple[Any, ...], value: Any) -> str:
    copy = json.loads(json.dumps(report))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return json.dumps(copy)


def test_each_value_in_each_place(report: dict[str, Any]) -> None:
    everywhere = list(places(report))
    assert len(everywhere) > 100
    refused = 0
    for path in everywhere:
        for value in ODD:
            Path("r.json").write_text(changed(report, path, value))
            error = raised(lambda: str(read_report("r.json")))
            refused += error is not None
            assert error is None or error.exit_code == 3
            assert "\x1b" not in str(error)
    assert refused > len(everywhere) * len(ODD) / 3


@sampled
def test_every_reader(report: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """As part of a matrix, which a stranger can seal as well as we do."""
    chosen = random.Random(5)
    read, text = containers.read, [""]

    def with_report(path: str, **options: bool) -> Any:
        rows, notes = read(path, **options)
        return rows, notes._replace(report=text[0]) if path == "m.npy" else notes

    monkeypatch.setattr(containers, "read", with_report)
    everywhere = [path for path in places(report) if path[0] not in ("schema", "run")]
    for path in chosen.sample(everywhere, tries(len(everywhere))):
        value = chosen.choice(ODD)
        text[0] = changed({name: report[name] for name in report if name != "run"}, path, value)
        for act in (
            lambda: render(embedprep.open("m.npy").coverage),
            lambda: str(embedprep.verify("m.npy")),
            lambda: str(embedprep.compare("old.npy", "m.npy")),
            lambda: str(embedprep.open("m.npy").explain("Cat")),
            lambda: embedprep.update("m.npy", ["the"], vectors="v.txt"),
        ):
            error = raised(act)
            assert error is None or error.exit_code in (2, 3), (path, value, error)


def raised(act: Callable[[], object]) -> EmbedprepError | None:
    try:
        act()
    except EmbedprepError as error:
        return error
    return None


def test_of_a_later_version(report: dict[str, Any]) -> None:
    later = report | {"schema": "embedprep.coverage/4", "versions": {"embedprep": "2.0.1"}}
    Path("r.json").write_text(
        json.dumps({"schema": later["schema"], "versions": later["versions"]})
    )
    with pytest.raises(InputError, match=r"a report that embedprep 2\.0\.1 wrote, with the layout"):
        read_report("r.json")
    some: list[Any] = [None, [], {"embedprep": 3}, {"embedprep": "\x1b[2J"}]
    for versions in some:
        Path("r.json").write_text(json.dumps(later | {"versions": versions}))
        with pytest.raises(InputError, match="that a later version of embedprep wrote") as caught:
            read_report("r.json")
        assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("schema", ["embedprep.coverage/0", "embedprep.coverage/x", 1, [], None])
def test_of_no_version(schema: Any, report: dict[str, Any]) -> None:
    Path("r.json").write_text(json.dumps(report | {"schema": schema}))
    with pytest.raises(InputError, match="not a coverage report of embedprep: its schema is"):
        read_report("r.json")


def test_members_that_only_a_later_version_knows(report: dict[str, Any]) -> None:
    plain = read_report("m.coverage.json")
    report["sparkle"] = {"x": 1}
    report["matrix"]["colour"] = "red"
    report["coverage"]["mood"] = [1]
    Path("r.json").write_text(json.dumps(report))
    assert read_report("r.json") == plain


@pytest.mark.parametrize("text", ["[]", "1", '"x"', "null", "{}", "[" * 100_000, "{" * 9])
def test_json_that_is_no_report(text: str, workdir: Path) -> None:
    from embedprep.report import CoverageReport

    with pytest.raises(InputError, match="not a coverage report"):
        CoverageReport.from_json(text, "r.json")
