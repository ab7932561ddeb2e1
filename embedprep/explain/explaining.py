"""Explain tokens and rows of one matrix in one pass through its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import UsageError
from embedprep.explain import naming
from embedprep.explain.explanation import Explanation, Neighbour, Spelling
from embedprep.explain.nearest import nearest, unit
from embedprep.explain.parts import Parts
from embedprep.explain.spelling import alike
from embedprep.provenance import KEY_SEPARATOR, Provenance

SPELLINGS = 5
"""How many tokens of a similar spelling are named."""


def explain(asked: Sequence[str | int], parts: Parts, n: int) -> list[Explanation]:
    """Explain each of `asked`, a token or a row, with its `n` nearest neighbours.

    Raises UsageError for a row that the matrix does not have.
    """
    found = [_row(one, parts) if isinstance(one, int) else _token(one, parts) for one in asked]
    with_vector = [i for i, one in enumerate(found) if one.has_vector]
    lists = nearest(
        parts,
        [unit(parts.array[found[i].rows[0]]) for i in with_vector],
        [np.array(found[i].rows) for i in with_vector],
        n,
    )
    for i, rows in zip(with_vector, lists, strict=True):
        neighbours = tuple(Neighbour(parts.token(row), row, cosine) for row, cosine in rows)
        found[i] = replace(found[i], neighbours=neighbours)
    return found


def _token(asked: str, parts: Parts) -> Explanation:
    meant = naming.forms(asked, parts)
    if not meant:
        blank = _blank(asked, parts)
        return replace(blank, spellings=_alike(naming.likeliest(asked, parts), parts))
    token = meant[0].token
    return _explained(asked, token, parts.rows_of(token), tuple(meant[1:]), parts)


def _row(asked: int, parts: Parts) -> Explanation:
    rows = len(parts.array)
    if not 0 <= asked < rows:
        raise UsageError(
            f"there is no row {asked:,}", f"Its rows are 0 to {rows - 1:,}.", path=parts.path
        )
    token = parts.token(asked)
    every = parts.rows_of(token) if token else np.array([asked])
    return _explained(asked, token or None, every, (), parts)


def _explained(
    asked: str | int,
    token: str | None,
    rows: NDArray[np.int64],
    also: tuple[naming.Form, ...],
    parts: Parts,
) -> Explanation:
    notes, row = parts.annotations, int(rows[0])
    norm = float(np.linalg.norm(np.asarray(parts.array[row], np.float64)))
    missing = next((m for m in parts.report.counts.missing if m.token == token), None)
    found = replace(
        _blank(asked, parts),
        token=token,
        rows=tuple(rows.tolist()),
        also=also,
        provenance=Provenance.label_of(int(notes.provenance[row])),
        keys=tuple(
            key.decode("utf-8", "backslashreplace")
            for key in notes.keys[row].split(KEY_SEPARATOR)
            if key
        ),
        post=_steps(int(notes.provenance[row]), parts),
        norm=norm if np.isfinite(norm) else None,
        count=None if missing is None else missing.count,
        kind=None if missing is None else missing.kind,
        **_place(row, parts),
    )
    if token is None or found.provenance != Provenance.OOV.label:
        return found
    advice = tuple(
        (advice.rule, key)
        for advice in parts.report.advice
        for example, key in advice.examples
        if example == token
    )
    best = parts.report.recommended
    return replace(
        found,
        spellings=_alike(token, parts),
        advice=advice,
        recommended=() if best is None else best.fallback,
    )


def _place(row: int, parts: Parts) -> dict[str, Any]:
    """Return the files of a row, and its record if it comes from one file."""
    bits, record = int(parts.annotations.sources[row]), int(parts.annotations.records[row])
    files = [file for k, file in enumerate(parts.report.vectors) if bits >> k & 1]
    known = len(files) == 1 and record >= 0
    return {
        "files": tuple(file.path for file in files),
        "file_keys": tuple(file.keys for file in files),
        "record": record if known else None,
        "line": record + 1 if known and files[0].format == "text" else None,
    }


def _steps(provenance: int, parts: Parts) -> tuple[str, ...]:
    post = parts.report.post
    found = provenance >= Provenance.EXACT
    return tuple(one.step for one in post.steps) if found and post is not None else ()


def _alike(token: str, parts: Parts) -> tuple[Spelling, ...]:
    return tuple(
        Spelling(parts.token(row), row, edits) for row, edits in alike(token, parts, SPELLINGS)
    )


def _blank(asked: str | int, parts: Parts) -> Explanation:
    return Explanation(
        asked=asked,
        token=None,
        rows=(),
        also=(),
        provenance=None,
        oov=str(parts.report.options.get("oov")),
        keys=(),
        files=(),
        file_keys=(),
        record=None,
        line=None,
        norm=None,
        count=None,
        kind=None,
        neighbours=(),
        spellings=(),
        advice=(),
        recommended=(),
    )
