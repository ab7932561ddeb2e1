"""The coverage report as plain text for a terminal."""

from __future__ import annotations

import shlex

from embedprep.coverage import MISSING_LISTED, Coverage, Share, VectorsInfo
from embedprep.errors import printable, printable_lines
from embedprep.report.advice import could_compose, improved, pieces_advice, pieces_option
from embedprep.report.columns import LONGEST, TOKEN_WIDTH, lined_up, shortened
from embedprep.report.wording import (
    file_name,
    percent,
    post_shown,
    quantisation_shown,
    record_meaning,
    rows_shown,
)

MISSING_SHOWN = 10
KINDS_SHOWN = 6
_WIDTH = 79


def table(coverage: Coverage) -> str:
    """Return the whole report, without a final newline."""
    return printable_lines(
        [
            *_inputs(coverage),
            "",
            *_shares(coverage),
            "",
            *_rows(coverage),
            *_records(coverage),
            *_missing(coverage),
            *_kinds(coverage),
            *_advice(coverage),
        ]
    )


def one_line(coverage: Coverage) -> str:
    """Return the report in one line."""
    counts = coverage.counts
    total, found, _ = counts.vocabulary
    text = "" if counts.text is None else f", {percent(counts.text.ratio)} of the text"
    return (
        f"<CoverageReport {file_name(coverage.matrix.path)}: {found:,} of {total:,} tokens "
        f"({percent(counts.vocabulary.ratio)}){text}>"
    )


def _format(source: VectorsInfo) -> str:
    return f"{source.compression} of {source.format}" if source.compression else source.format


def _inputs(coverage: Coverage) -> list[str]:
    matrix, vocabulary = coverage.matrix, coverage.vocabulary
    lines = [
        f"{'vocabulary':<12}{file_name(vocabulary.path)}  "
        f"({vocabulary.format}, {_tokens(coverage)})"
    ]
    if vocabulary.counts is not None and vocabulary.counted is not None:
        of_tokens, of_text = map(percent, vocabulary.counted.values())
        lines.append(
            f"{'counts':<12}{file_name(vocabulary.counts)}  "
            f"({of_tokens} of the vocabulary, {of_text} of what it counts)"
        )
    if (text := vocabulary.text) is not None:
        lines.append(
            f"{'text':<12}{', '.join(map(file_name, text.files))}  "
            f"({text.tokens:,} tokens, {percent(text.unknown / text.tokens)} unknown)"
        )
    lines += [
        f"{'vectors':<12}{file_name(source.path)}  "
        f"({_format(source)}, {source.records:,} records of {source.dim}"
        + ("" if source.keys == "words" else f", keys: {source.keys}")
        + (f", {source.rows:,} rows)" if len(coverage.vectors) > 1 else ")")
        for source in coverage.vectors
    ]
    if (post := post_shown(coverage)) is not None:
        lines.append(f"{'post':<12}{post}")
    if (cost := quantisation_shown(coverage)) is not None:
        lines.append(f"{'int8':<12}{cost}")
    lines.append(
        f"{'matrix':<12}{file_name(matrix.path)}  ({matrix.rows:,} x {matrix.dim} {matrix.dtype})"
    )
    return lines


def _tokens(coverage: Coverage) -> str:
    special = coverage.counts.special.tokens
    return f"{coverage.vocabulary.tokens:,} tokens" + (f", {special:,} special" if special else "")


def _shares(coverage: Coverage) -> list[str]:
    counts = coverage.counts
    lines = [f"{'coverage':<12}{'found':>14}{'of':>14}", _share("vocabulary", counts.vocabulary)]
    if counts.text is not None:
        return [*lines, _share("your text", counts.text)]
    if coverage.vocabulary.counts is None:
        lines.append("  your text        unknown: --text FILE tells how much of it is found")
    return lines


def _share(name: str, share: Share) -> str:
    line = f"  {name:<10}{share.found:>14,}{share.total:>14,}  {percent(share.ratio):>8}"
    return line + (
        f"  {share.subword:,} of them made of n-grams or pieces" if share.subword else ""
    )


def _rows(coverage: Coverage) -> list[str]:
    rows = rows_shown(coverage)
    lines = lined_up([(name, f"{number:,}") for name, number, _ in rows], (14, 10))
    return ["rows", *(f"{line}  {row[2]}".rstrip() for line, row in zip(lines, rows, strict=True))]


def _records(coverage: Coverage) -> list[str]:
    notable = [
        f"  {number:>24,}  {record_meaning(name)}"
        for name, number in coverage.records.items()
        if number
    ]
    return ["", "records", *notable] if notable else []


def _missing(coverage: Coverage) -> list[str]:
    counts = coverage.counts
    total = counts.vocabulary.total - counts.vocabulary.found
    if not total:
        return []
    order = "most frequent first" if counts.text is not None else "in order of their ids"
    shown = counts.missing[:MISSING_SHOWN]
    rows = [
        (shortened(one.token), "" if one.count is None else f"{one.count:,} x") for one in shown
    ]
    lines = ["", f"missing ({total:,}; {order})"]
    for line, one in zip(lined_up(rows, (TOKEN_WIDTH, 12)), shown, strict=True):
        lines += [line, *(f"      {shortened(place, LONGEST)}" for place in one.context)]
    if total > MISSING_SHOWN:
        more = f"  … and {total - MISSING_SHOWN:,} more"
        if coverage.matrix.path:
            where = shlex.quote(file_name(coverage.matrix.path))
            more += f": embedprep inspect {where} --missing {min(total, MISSING_LISTED)}"
        lines.append(more)
    return lines


def _kinds(coverage: Coverage) -> list[str]:
    kinds = coverage.counts.kinds
    if not kinds:
        return []
    known = coverage.counts.text is not None
    rows = [("", "tokens", "in your text" if known else "")]
    rows += [
        (kind.kind, f"{kind.tokens:,}", "" if kind.occurrences is None else f"{kind.occurrences:,}")
        for kind in kinds[:KINDS_SHOWN]
    ]
    head, *lines = lined_up(rows, (14, 10, 14))
    if (more := len(kinds) - KINDS_SHOWN) > 0:
        lines.append(f"  … and {more} more {'kind' if more == 1 else 'kinds'}")
    return ["", "by kind" + head[len("by kind") :], *lines]


def _advice(coverage: Coverage) -> list[str]:
    lines = []
    if after := improved(coverage):
        named = "" if after.fallback != "auto" else f"    # {_rules(coverage)}"
        lines += ["", f"{', '.join(after.gains(coverage))}, with:"]
        lines.append(f"  --fallback {after.fallback}{named}")
    if could_compose(coverage):
        lines += ["", "missing tokens become the mean of their pieces without --no-compose"]
    if pieces := pieces_advice(coverage):
        from textwrap import wrap

        lines += ["", *wrap(pieces, _WIDTH), f"  {pieces_option(coverage)}"]
    return lines


def _rules(coverage: Coverage) -> str:
    return printable(",".join(coverage.recommended.fallback)) if coverage.recommended else ""
