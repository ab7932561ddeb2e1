"""A difference as plain text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from embedprep.coverage.record import Share
from embedprep.diff.difference import Difference, Move, Side, Unpaired
from embedprep.errors import printable, printable_lines
from embedprep.report.columns import TOKEN_WIDTH, padded, shortened
from embedprep.report.wording import percent

EXAMPLES = 5


def table(found: Difference, examples: int = EXAMPLES) -> str:
    """All of it, with so many tokens of each sort; without a final newline."""
    return printable_lines(
        [
            *_side("before", found.before),
            *_side("after", found.after),
            "",
            *_tokens(found, examples),
            *_vectors(found, examples),
            "",
            *_coverage(found),
            *_settings(found),
        ]
    )


def _side(name: str, side: Side) -> list[str]:
    return [f"{name:<12}{printable(side.path)}  ({side.rows:,} x {side.dim} {side.dtype})"]


def _tokens(found: Difference, examples: int) -> list[str]:
    if found.same:
        return [
            f"tokens      the same {found.unchanged:,}, at the same rows, with the same vectors"
        ]
    what = "row and vector" if found.incomparable is None else "row and provenance"
    return [
        "tokens",
        _count(found.unchanged, f"unchanged: the same {what}"),
        *_sort(found.added.count, "added", found.added.tokens, examples),
        *_sort(found.removed.count, "removed", found.removed.tokens, examples),
        *_sort(found.moved.count, "at another row", found.moved.tokens, examples),
    ]


def _vectors(found: Difference, examples: int) -> list[str]:
    if found.incomparable is not None:
        lines = ["", f"vectors     not compared: they are {found.incomparable}"]
    elif found.changed is not None and found.changed.count:
        lines = ["", "vectors", _count(found.changed.count, "changed")]
    else:
        lines = ["", "vectors     the same"] if not found.same else []
    if not found.transitions:
        return lines
    lines += ["", "rows that came from"]
    for one in found.transitions:
        meaning = (
            f"{one.before}, with another vector"
            if one.before == one.after
            else f"{one.before} → {one.after}"
        )
        lines += _sort(one.count, meaning, one.tokens, examples)
    return lines


def _coverage(found: Difference) -> list[str]:
    before, after = found.before, found.after
    lines = [
        f"{'coverage':<12}{'before':>14}{'after':>14}",
        _share("vocabulary", before.vocabulary, after.vocabulary),
    ]
    if before.text is not None or after.text is not None:
        lines.append(_share("your text", before.text, after.text))
    for number, meaning in (
        (found.found.count, "had no vector before, and have one"),
        (found.lost.count, "had a vector before, and have none"),
    ):
        if number:
            lines.append(_count(number, meaning))
    return lines


def _share(name: str, before: Share | None, after: Share | None) -> str:
    shown = ["unknown" if share is None else percent(share.ratio) for share in (before, after)]
    return f"  {name:<10}{shown[0]:>14}{shown[1]:>14}"


def _settings(found: Difference) -> list[str]:
    lines = ["", "inputs and options"] if found.settings else []
    for setting in found.settings:
        before, after = _value(setting.before), _value(setting.after)
        if before == after:  # two files of one name
            after += " of other content"
        lines.append(f"  {printable(setting.name)}: {before} → {after}")
    return lines


def _value(value: Any) -> str:
    if isinstance(value, dict) and "path" in value:
        value = value["path"]
    if value is None or value == []:
        return "none"
    if isinstance(value, list):
        return printable(",".join(map(str, value)))
    return printable(value if isinstance(value, str) else json.dumps(value))


def _count(number: int, meaning: str) -> str:
    return f"  {number:>14,}  {meaning}"


def _sort(
    count: int, meaning: str, tokens: Sequence[Unpaired] | Sequence[Move], examples: int
) -> list[str]:
    if not count:
        return []
    shown = tokens[:examples]
    lines = [_count(count, meaning)]
    lines += [
        f"{'':<18}{padded(shortened(one.token), TOKEN_WIDTH)}  {_place(one)}" for one in shown
    ]
    if examples and count > len(shown):
        lines.append(f"{'':<18}…")
    return lines


def _place(one: Unpaired | Move) -> str:
    if isinstance(one, Unpaired):
        return f"row {one.row:,}"
    if one.before == one.after:
        return f"row {one.before:,}"
    return f"row {one.before:,} → {one.after:,}"
