"""The page: a template filled with the report, its style, its script and its pictures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from embedprep import __version__
from embedprep.coverage import MISSING_LISTED, Coverage, Share
from embedprep.coverage.kinds import KINDS, RULES_FOR
from embedprep.coverage.record import TextInfo
from embedprep.fallback.table import RULES
from embedprep.named_tuples import NamedTuple
from embedprep.options import table
from embedprep.report.advice import improved, pieces_advice, pieces_option
from embedprep.report.columns import LONGEST, shortened
from embedprep.report.html import pictures
from embedprep.report.html.command import build_command, fallback_option, inspect_command
from embedprep.report.html.sample import Matrix
from embedprep.report.wording import (
    file_name,
    longer_oov,
    percent,
    post_shown,
    quantisation_shown,
    record_meaning,
    rows_shown,
)
from embedprep.vocabulary import Surface

_LEAST_SHARE = 0.4
"""The minimum width of a part of the bar, in per cent, so that every part can be seen."""
_LITTLE = 0.1
"""The share of the vocabulary below which the page begins with a warning."""


def page(coverage: Coverage, matrix: Matrix | None) -> str:
    """Return the page as HTML 5 text, to be written in UTF-8."""
    script = _text("page.js")
    template = _environment().get_template("page.html.jinja")
    counts = coverage.counts
    after = improved(coverage)
    return template.render(
        coverage=coverage,
        counts=counts,
        name=file_name(coverage.matrix.path or coverage.vocabulary.path),
        missing=_missing(counts.vocabulary),
        missing_text=counts.text and _missing(counts.text),
        little=counts.vocabulary.total > 0 and counts.vocabulary.ratio < _LITTLE,
        after=after,
        command=after and build_command(coverage, after.fallback),
        fallback_option=after and fallback_option(after.fallback),
        inspect=inspect_command(coverage),
        pickles=any(file.format.startswith("gensim") for file in coverage.vectors),
        pieces=pieces_advice(coverage),
        pieces_option=pieces_option(coverage),
        listed=MISSING_LISTED,
        parts=_parts(coverage),
        bands=_bands(coverage),
        kinds=_kinds(coverage),
        records=[(record_meaning(name), n) for name, n in coverage.records.items() if n],
        vectors=[_vectors(info._asdict()) for info in coverage.vectors],
        vocabulary=_vocabulary(coverage.vocabulary._asdict()),
        options=_changed(coverage.options),
        norms=matrix and pictures.histogram(matrix),
        post=post_shown(coverage),
        quantisation=quantisation_shown(coverage),
        longer_oov=longer_oov(coverage),
        nearest=matrix and pictures.nearest(matrix),
        style=Markup(_text("page.css")),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        version=__version__,
        # By this `embedprep verify` knows the page of a matrix, which contains this report.
        mark=hashlib.sha256(coverage._replace(run=None).to_json().encode()).hexdigest(),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _missing(share: Share) -> int:
    return share.total - share.found


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,  # a token may be a script
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(_text),
    )
    environment.filters.update(number=_number, percent=percent, shown=_shown, value=_value)
    environment.globals |= {"longest": LONGEST, "rules": RULES}
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
    rows = rows_shown(coverage)
    total = sum(number for _, number, _ in rows)
    widths = {name: max(_LEAST_SHARE, 100 * number / total) for name, number, _ in rows}
    stretched = 100 / sum(widths.values()) if widths else 1.0
    parts: list[_Part] = []
    for name, number, meaning in rows:
        parts.append(
            _Part(
                name=name,
                rows=number,
                share=percent(number / total),
                meaning=meaning,
                colour=name if name in _COLOURED else "rule",
                start=sum(part.width for part in parts),
                width=widths[name] * stretched,
            )
        )
    return parts


_COLOURED = (
    "exact",
    "subword",
    "composed",
    "pieces",
    "partial",
    "oov",
    "special",
    "padding",
    "unassigned",
)
"""The kinds of rows with a colour of their own; fallback rules share one."""


class _Band(NamedTuple):
    """The tokens between two ranks that are missing."""

    first: int
    last: int
    missing: int
    occurrences: int | None
    share: float
    """The share of everything that is missing: of your text, or without counts of the tokens."""


def _bands(coverage: Coverage) -> list[_Band]:
    """Return what is missing by band of rank; nothing if the order of the tokens says nothing."""
    counts = coverage.counts
    if counts.text is None and coverage.vocabulary.surface != Surface.PLAIN.value:
        return []
    bands: list[_Band] = []
    rank = tokens = text = 0
    for top in counts.by_rank.top:
        gone, gone_text = _missing(top.vocabulary), None if top.text is None else _missing(top.text)
        occurrences = None if gone_text is None else gone_text - text
        share = _part(gone - tokens, occurrences, coverage)
        bands.append(_Band(rank + 1, top.rank, gone - tokens, occurrences, share))
        rank, tokens, text = top.rank, gone, gone_text or 0
    return bands if tokens else []


class _Kind(NamedTuple):
    """The missing tokens of one kind."""

    kind: str
    meaning: str
    rules: tuple[str, ...]
    """The unused rules that are made for it, and find something."""
    tokens: int
    occurrences: int | None
    share: float


def _kinds(coverage: Coverage) -> list[_Kind]:
    useful = {advice.rule for advice in coverage.advice}
    return [
        _Kind(
            kind,
            KINDS.get(kind, ""),
            tuple(rule for rule in RULES_FOR.get(kind, ()) if rule in useful),
            tokens,
            occurrences,
            _part(tokens, occurrences, coverage),
        )
        for kind, tokens, occurrences in coverage.counts.kinds
    ]


def _part(tokens: int, occurrences: int | None, coverage: Coverage) -> float:
    """Return the share of the missing text, or of the missing tokens if no text is missing."""
    counts = coverage.counts
    if occurrences is not None and counts.text is not None and (whole := _missing(counts.text)):
        return occurrences / whole
    return tokens / max(1, _missing(counts.vocabulary))


def _changed(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that differ from their defaults, as they are typed."""
    defaults = {name: default for name, _, default in table()}
    return {
        "--" + name.replace("_", "-"): value
        for name, value in options.items()
        if name not in defaults
        or (tuple(value) if isinstance(value, list) else value) != defaults[name]
    }


def _vectors(info: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties of a vector file that the page shows, by readable names."""
    packed = f"{info['compression']} of " if info["compression"] else ""
    return {
        "file": file_name(info["path"]),
        "format": packed + info["format"],
        "records": info["records"],
        "records declared": info["declared_records"],
        "dimension": info["dim"],
        "rows filled": info["rows"],
        "bytes": info["bytes"],
        "header": info["header"],
        "separator": info["separator"],
        "ends with a line break": info["ends_with_newline"],
        "fingerprint": info["fingerprint"],
    }


def _vocabulary(info: Mapping[str, Any]) -> dict[str, Any]:
    text: TextInfo | None = info["text"]
    return {
        "file": file_name(info["path"]),
        "format": info["format"],
        "marks of its tokens": info["surface"],
        "tokens": info["tokens"],
        "rows": info["rows"],
        "num_words": info["num_words"],
        "text": text and ", ".join(map(file_name, text.files)),
        "tokens of the text": text and text.tokens,
        "unknown tokens of the text": text and text.unknown,
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
