"""The results as an aligned table, as Markdown and as JSON: the same numbers three times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.contest import MEGABYTE, Contest
from benchmarks.entrants import EMBEDPREP
from benchmarks.race import Result
from benchmarks.targets import Target


@dataclass(frozen=True)
class Report:
    """Everything one benchmark found out.

    `tables` has the results of each contest by name; `unmeasured` why a contest has none;
    `start_up` is what `embedprep --help` took, if it was measured.
    """

    date: str
    machine: Mapping[str, str]
    tables: Mapping[Contest, Mapping[str, Result]]
    unmeasured: Mapping[Contest, str]
    start_up: Result | None
    targets: Sequence[Target]


def as_text(report: Report) -> str:
    """For the terminal."""
    parts = [_caption(report)]
    for contest, results in report.tables.items():
        parts += [f"{_heading(contest, results)}\n", _aligned(_rows(contest, results))]
    parts += [
        f"{contest.title}: not measured: {why}\n" for contest, why in report.unmeasured.items()
    ]
    parts += [f"{'met     ' if t.met else 'NOT MET '} {_sentence(t)}" for t in report.targets]
    return "\n".join(parts) + "\n"


def as_markdown(report: Report) -> str:
    """For a page."""
    parts = [_caption(report)]
    for contest, results in report.tables.items():
        header, *rows = _rows(contest, results)
        rule = ["---", *["---:"] * (len(header) - 1)]
        lines = [f"| {' | '.join(row)} |" for row in (header, rule, *rows)]
        parts += [f"## {_heading(contest, results)}\n", "\n".join(lines) + "\n"]
    parts += [
        f"- {contest.title}: not measured: {why}" for contest, why in report.unmeasured.items()
    ]
    parts += [f"- {'met' if t.met else '**not met**'}: {_sentence(t)}" for t in report.targets]
    return "\n".join(parts) + "\n"


def as_json(report: Report) -> dict[str, object]:
    """For programs: seconds and bytes, unrounded."""
    return {
        "schema": "embedprep.benchmark/2",
        "date": report.date,
        "machine": dict(report.machine),
        "tables": {
            contest.title: {name: _numbers(result) for name, result in results.items()}
            for contest, results in report.tables.items()
        },
        "unmeasured": {contest.title: why for contest, why in report.unmeasured.items()},
        "start_up": report.start_up and _numbers(report.start_up),
        "targets": [asdict(target) for target in report.targets],
    }


def _numbers(result: Result) -> dict[str, object]:
    return {
        "seconds": [run.seconds for run in result.runs],
        "median": result.seconds,
        "peak": result.peak,
        "anonymous": result.anonymous,
        "matrix": result.matrix and asdict(result.matrix),
    }


def _caption(report: Report) -> str:
    facts = ", ".join(f"{name} {value}" for name, value in report.machine.items())
    return (
        f"{report.date}: whole processes, warm cache unless a title says cold, in turns; {facts}\n"
    )


def _heading(contest: Contest, results: Mapping[str, Result]) -> str:
    shapes = {result.matrix.shape for result in results.values() if result.matrix}
    matrix = "".join(f", matrix {rows:,} x {dim}" for rows, dim in shapes)
    return f"{contest.title}{matrix}"


def _rows(contest: Contest, results: Mapping[str, Result]) -> list[Sequence[str]]:
    own, floor = results.get(EMBEDPREP), results.get(contest.floor.name)
    program, *_ = contest.floor.name.split()
    rows: list[Sequence[str]] = [
        (
            "",
            "median",
            "min-max",
            "runs",
            "/ embedprep",
            "embedprep /",
            f"/ {program}",
            "peak memory",
            "of it private",
        )
    ]
    for name, result in results.items():
        rows.append(
            (
                name,
                f"{result.seconds:.2f} s",
                f"{result.fastest:.2f}-{result.slowest:.2f}",
                str(len(result.runs)),
                _ratio(result, own),
                _ratio(own, result),
                _ratio(result, floor),
                # What writes nothing stays below the measuring program itself.
                f"{result.peak / MEGABYTE:,.0f} MB" if result.matrix else "",
                f"{result.anonymous / MEGABYTE:,.0f} MB" if result.anonymous else "",
            )
        )
    return rows


def _ratio(result: Result | None, to: Result | None) -> str:
    if not result or not to:
        return ""
    ratio = result.seconds / to.seconds
    return f"{ratio:.1f}" if ratio >= 1 else f"{ratio:.3f}"


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, *cells in rows:
        numbers = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([name.ljust(widths[0]), *numbers]).rstrip())
    return "\n".join(lines) + "\n"


def _sentence(target: Target) -> str:
    return f"{target.promise}: {target.measured}"
