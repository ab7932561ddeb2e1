"""An examination as plain text for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from embedprep.errors import printable, printable_lines
from embedprep.report.wording import percent

if TYPE_CHECKING:
    from embedprep.doctor.examination import Examination, Kind

_SPECIAL_SHOWN = 8

_SEPARATORS = {"space": "separated by spaces", "tab": "separated by tabs"}
_DIGITS = {
    "digits": "as they are",
    "hash": "each written as #",
    "hash-runs": "two or more in a row written as #",
    "zero": "each written as 0",
    "none": "none",
}


def table(found: Examination) -> str:
    """The whole examination, without a final newline."""
    return printable_lines(
        [
            *_file(found),
            "",
            *_records(found),
            "",
            *_keys(found),
            *_problems(found),
            *_build(found),
        ]
    )


def _file(found: Examination) -> list[str]:
    name = "standard input" if found.path == "-" else printable(found.path)
    format = found.format or "of a format that cannot be told"
    if found.compression:
        format = f"{found.compression} of {format}"
    size = "" if found.bytes is None else f", {found.bytes:,} bytes"
    lines = [f"{'file':<12}{name}  ({format}{size})"]
    layout = []
    if found.declared_records is not None:
        layout.append(f"its header says {found.declared_records:,} records")
    elif found.header is False:
        layout.append("no header")
    if found.separator is not None:
        layout.append(_SEPARATORS[found.separator])
    if layout:
        lines.append(f"{'layout':<12}{', '.join(layout)}")
    lines += [f"{'':<12}{sentence}" for sentence in found.contents]
    lines.append(f"{'published':<12}{_published(found)}")
    if found.published is not None:
        lines.append(f"{'':<12}{found.published.about}")
    truncated = {True: "yes", False: "no", None: "unknown"}[found.truncated]
    lines.append(f"{'truncated':<12}{truncated}: {printable(found.truncated_reason)}")
    return lines


def _published(found: Examination) -> str:
    match = found.published
    if match is None:
        return "not known to be"
    if match.certain:
        return f"{match.name}: its records, dimension and size"
    if match.difference is not None:
        return f"looks like {match.name}, but {match.difference}"
    return f"looks like {match.name}, by its records and dimension"


def _records(found: Examination) -> list[str]:
    lines = [
        "records" if found.complete else "records, up to where reading failed",
        _count(found.records, f"of {found.dim} values"),
    ]
    if found.malformed:
        lines.append(_count(found.malformed, "malformed"))
    if found.nonfinite:
        lines.append(_count(found.nonfinite, "with nan or infinite values"))
    lines += [
        f"{'':<18}{_place(fault.line, fault.byte)}{printable(fault.reason)}"
        for fault in found.faults
    ]
    if found.zero_rows:
        lines.append(_count(found.zero_rows, "of zeros only"))
    lines += _kind(found.duplicates, "of a key that came before")
    lines += _kind(found.untrained, "that were never trained")
    if found.norms is not None:
        norms = found.norms
        lines.append(
            f"{'  norms':<18}{norms.min:.4g} to {norms.max:.4g}, {norms.mean:.4g} on average"
        )
    return lines


def _keys(found: Examination) -> list[str]:
    keys, habits = found.keys, found.habits
    lines = ["keys"]
    if keys.empty:
        lines.append(_count(keys.empty, "empty"))
    if keys.absent:
        lines.append(_count(keys.absent, "absent: pieces from inside a word"))
    lines += _kind(keys.spaced, "with spaces")
    lines += _kind(keys.odd, "with other white space or control characters")
    lines += _kind(keys.invalid_utf8, "that are not UTF-8")
    if found.norms is None:  # there is no vector, so no key
        return lines if len(lines) > 1 else ["keys", "  none"]
    lines.append(f"{'  case':<18}{_case(found)}")
    lines.append(f"{'  digits':<18}{_DIGITS[habits.digits]}")
    if habits.joiner is not None:
        joiner = "a space" if habits.joiner == " " else habits.joiner
        lines.append(f"{'  phrases':<18}joined by {joiner}: {percent(habits.joiner_share)} of keys")
    if keys.special:
        more = len(keys.special) - _SPECIAL_SHOWN
        names = " ".join(keys.special[:_SPECIAL_SHOWN]) + (f" and {more} more" if more > 0 else "")
        lines.append(f"{'  special':<18}{names}")
    return lines


def _case(found: Examination) -> str:
    habits = found.habits
    if not habits.cased_keys:
        return "lower case only"
    if habits.case == "lower":
        return f"lower case, but for {habits.cased_keys:,} of the keys"
    return f"mixed: {percent(habits.cased_share)} of keys have capitals"


def _problems(found: Examination) -> list[str]:
    if not found.problems:
        return []
    lines = ["", "problems: build would fail"]
    for problem in found.problems:
        lines.append(f"  {_place(problem.line, problem.byte)}{printable(problem.reason)}")
        lines.append(f"    {printable(problem.remedy)}")
    return lines


def _build(found: Examination) -> list[str]:
    lines = [""]
    if found.build is not None:
        lines += ["build", f"  {printable(found.build)}"]
        lost = found.malformed + found.nonfinite
        if lost:
            lines.append(f"    leaves out {lost:,} of {found.records:,} records")
    lines += [f"  {sentence}" for sentence in found.advice]
    return lines if len(lines) > 1 else []


def _count(number: int, meaning: str) -> str:
    return f"  {number:>14,}  {meaning}"


def _kind(kind: Kind, meaning: str) -> list[str]:
    if not kind.count:
        return []
    more = " …" if kind.count > len(kind.examples) else ""
    return [_count(kind.count, f"{meaning}: {', '.join(map(_quoted, kind.examples))}{more}")]


def _quoted(key: str) -> str:
    return f"'{key}'"


def _place(line: int | None, byte: int | None) -> str:
    if line is not None:
        return f"line {line}: "
    return f"byte {byte}: " if byte is not None else ""
