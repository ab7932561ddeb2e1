"""The inputs and options of two builds that differ, as their reports tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embedprep.coverage.record import Coverage, VectorsInfo
from embedprep.diff.difference import Setting

_OF_THE_VOCABULARY = ("path", "format", "surface", "num_words", "counts", "words")
"""The tokens themselves are compared, not counted."""


def settings(before: Coverage, after: Coverage) -> tuple[Setting, ...]:
    """A vector file is known by its fingerprint, whatever it is called."""
    named = {one.name: one for one in _named(_of_both(before), _of_both(after))}
    if "fallback rules" in named:  # which say what the option led to
        named.pop("--fallback", None)
    return (*_vectors(before.vectors, after.vectors), *named.values())


def _of_both(report: Coverage) -> dict[str, Any]:
    vocabulary = {
        f"vocabulary {name}": getattr(report.vocabulary, name) for name in _OF_THE_VOCABULARY
    }
    text = report.vocabulary.text
    vocabulary["vocabulary text"] = None if text is None else list(text.files)
    options = {f"--{name.replace('_', '-')}": value for name, value in report.options.items()}
    return vocabulary | {"fallback rules": list(report.fallback)} | options


def _named(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Setting]:
    for name in before | after:
        old, new = before.get(name), after.get(name)
        if old != new:
            yield Setting(name, old, new)


def _vectors(before: tuple[VectorsInfo, ...], after: tuple[VectorsInfo, ...]) -> Iterator[Setting]:
    for number in range(max(len(before), len(after))):
        old, new = (_file(files, number) for files in (before, after))
        if (old and old["fingerprint"]) != (new and new["fingerprint"]):
            yield Setting(f"vectors {number + 1}", old, new)


def _file(files: tuple[VectorsInfo, ...], number: int) -> dict[str, str] | None:
    if number >= len(files):
        return None
    return {"path": files[number].path, "fingerprint": files[number].fingerprint}
