"""The page: a template filled with the report, its style, its script and its pictures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from embedprep._version import __version__
from embedprep.coverage import MISSING_LISTED, Coverage
from embedprep.coverage.kinds import KINDS
from embedprep.fallback.table import RULES
from embedprep.report.html import figures, pictures
from embedprep.report.html.command import build_command
from embedprep.report.html.sample import Matrix
from embedprep.report.wording import (
    LONGEST,
    file_name,
    percent,
    record_meaning,
    row_meaning,
    shortened,
)

_LEAST_SHARE = 0.4
"""The minimum width of a part of the bar, in per cent, so that every part can be seen."""


def page(coverage: Coverage, matrix: Matrix | None) -> str:
    """Return the page as HTML 5 text, to be written in UTF-8."""
    script = _text("page.js")
    template = _environment().get_template("page.html.jinja")
    counts = coverage.counts
    return template.render(
        coverage=coverage,
        counts=counts,
        name=file_name(coverage.matrix.path),
        missing=counts.types.total - counts.types.found,
        missing_tokens=None if counts.tokens is None else counts.tokens.total - counts.tokens.found,
        listed=MISSING_LISTED,
        parts=_parts(coverage),
        command=coverage.recommended and build_command(coverage, coverage.recommended.fallback),
        records=[(record_meaning(name), n) for name, n in coverage.records.items() if n],
        vectors=[_vectors(info._asdict()) for info in coverage.vectors],
        vocabulary=_vocabulary(coverage.vocabulary._asdict()),
        curve=_curve(coverage),
        norms=matrix and pictures.norms_picture(matrix),
        map=matrix and pictures.map_picture(matrix),
        style=Markup(_text("page.css")),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        version=__version__,
        # By this `embedprep verify` knows the page of a matrix, which contains this report.
        mark=hashlib.sha256(replace(coverage, run=None).to_json().encode()).hexdigest(),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,  # a token may be a script
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_text),
    )
    environment.filters.update(number=_number, percent=percent, shown=_shown, value=_value)
    environment.globals |= {"longest": LONGEST, "rules": RULES, "meanings": KINDS}
    return environment


def _text(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


@dataclass(frozen=True)
class _Part:
    """A part of the bar of rows, in per cent of its width, and its line in the legend."""

    name: str
    rows: int
    share: str
    meaning: str
    colour: str
    start: float
    width: float


def _parts(coverage: Coverage) -> list[_Part]:
    """Return the rows by where they come from, without empty kinds."""
    rows = {name: number for name, number in coverage.counts.rows.items() if number}
    total = sum(rows.values())
    widths = {name: max(_LEAST_SHARE, 100 * number / total) for name, number in rows.items()}
    stretched = 100 / sum(widths.values()) if widths else 1.0
    parts: list[_Part] = []
    for name, number in rows.items():
        parts.append(
            _Part(
                name=name,
                rows=number,
                share=percent(number / total),
                meaning=row_meaning(name, coverage),
                colour=name if name in _COLOURED else "rule",
                start=sum(part.width for part in parts),
                width=widths[name] * stretched,
            )
        )
    return parts


_COLOURED = ("exact", "subword", "pieces", "partial", "oov", "padding", "unassigned")
"""The kinds of rows with a colour of their own; fallback rules share one."""


@dataclass(frozen=True)
class _Curve:
    svg: Markup
    caption: str


def _curve(coverage: Coverage) -> _Curve | None:
    points = coverage.counts.by_rank.curve
    if not points:
        return None
    by = "their counts" if coverage.counts.by_rank.order == "count" else "their ids"
    last, types, tokens = points[-1]
    caption = (
        f"Types in the order of {by}, the most frequent first. Of all {last:,}, "
        f"{percent(types)} are found"
    )
    caption += "." if tokens is None else f", which is {percent(tokens)} of the text."
    return _Curve(figures.curve(coverage, f"Line chart. {caption}"), caption)


def _vectors(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a vector file that the page shows, by readable names."""
    packed = f"{info['compression']} of " if info["compression"] else ""
    return {
        "file": file_name(info["path"]),
        "format": packed + info["format"],
        "records": info["records"],
        "records declared": info["declared_records"],
        "dimension": info["dim"],
        "rows given": info["rows"],
        "bytes": info["bytes"],
        "header": info["header"],
        "separator": info["separator"],
        "ends with a line break": info["ends_with_newline"],
        "fingerprint": info["fingerprint"],
    }


def _vocabulary(info: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "file": file_name(info["path"]),
        "format": info["format"],
        "surface forms": info["surface"],
        "tokens": info["tokens"],
        "rows": info["rows"],
        "num_words": info["num_words"],
    }


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _value(value: object) -> str:
    """Return the value of an option or a property, as the page shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return _shown(", ".join(map(str, value)) or "none")
    return f"{value:,}" if isinstance(value, int) else _shown(str(value))


def _shown(text: str, longest: int = LONGEST) -> str:
    return shortened(text, longest)
