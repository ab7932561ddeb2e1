"""The coverage report as plain text for a terminal."""

from __future__ import annotations

from embedprep.coverage import MISSING_LISTED, Coverage, Share, VectorsInfo
from embedprep.errors import printable, printable_lines
from embedprep.report.wording import file_name, percent, record_meaning, row_meaning

MISSING_SHOWN = 10
KINDS_SHOWN = 6
_TOKEN_WIDTH = 30

_ALWAYS = ("exact", "oov", "padding", "unassigned")
"""The rows that are shown even if there are none."""


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


def _format(source: VectorsInfo) -> str:
    return f"{source.compression} of {source.format}" if source.compression else source.format


def _inputs(coverage: Coverage) -> list[str]:
    matrix, vocabulary = coverage.matrix, coverage.vocabulary
    lines = [
        f"{'vocabulary':<12}{file_name(vocabulary.path)}  "
        f"({vocabulary.format}, {vocabulary.tokens:,} tokens)"
    ]
    if vocabulary.counts is not None and vocabulary.counted is not None:
        of_tokens, of_text = map(percent, vocabulary.counted.values())
        lines.append(
            f"{'counts':<12}{file_name(vocabulary.counts)}  "
            f"({of_tokens} of the vocabulary, {of_text} of what it counts)"
        )
    lines += [
        f"{'vectors':<12}{file_name(source.path)}  "
        f"({_format(source)}, {source.records:,} records of {source.dim}"
        + ("" if source.keys == "words" else f", keys: {source.keys}")
        + (f", {source.rows:,} rows)" if len(coverage.vectors) > 1 else ")")
        for source in coverage.vectors
    ]
    lines.append(
        f"{'matrix':<12}{file_name(matrix.path)}  ({matrix.rows:,} x {matrix.dim} {matrix.dtype})"
    )
    return lines


def _shares(coverage: Coverage) -> list[str]:
    counts = coverage.counts
    lines = [f"{'coverage':<12}{'found':>14}{'of':>14}"]
    lines.append(_share("types", counts.types))
    if counts.tokens is not None:
        lines.append(_share("tokens", counts.tokens))
    return lines


def _share(name: str, share: Share) -> str:
    line = f"  {name:<10}{share.found:>14,}{share.total:>14,}  {percent(share.ratio):>8}"
    return line + (
        f"  {share.subword:,} of them made of n-grams or pieces" if share.subword else ""
    )


def _rows(coverage: Coverage) -> list[str]:
    lines = ["rows"]
    for name, number in coverage.counts.rows.items():
        if name not in _ALWAYS and not number:
            continue
        meaning = row_meaning(name, coverage)
        width = max(0, 24 - len(name))  # "strip-punctuation" is longer than others
        lines.append(f"  {name}{number:>{width},}  {meaning}".rstrip())
    return lines


def _records(coverage: Coverage) -> list[str]:
    notable = [
        f"  {number:>24,}  {record_meaning(name)}"
        for name, number in coverage.records.items()
        if number
    ]
    return ["", "records", *notable] if notable else []


def _missing(coverage: Coverage) -> list[str]:
    counts = coverage.counts
    total = counts.types.total - counts.types.found
    if not total:
        return []
    order = "most frequent first" if counts.tokens is not None else "in order of their ids"
    lines = ["", f"missing ({total:,}; {order})"]
    for missing in counts.missing[:MISSING_SHOWN]:
        token = printable(missing.token)
        if len(token) > _TOKEN_WIDTH:
            token = token[: _TOKEN_WIDTH - 1] + "…"
        number = "" if missing.count is None else f"{missing.count:>10,} x"
        lines.append(f"  {token:<{_TOKEN_WIDTH}}{number}".rstrip())
    rest = total - MISSING_SHOWN
    if rest > 0:
        where = file_name(coverage.matrix.path)
        lines.append(
            f"  … and {rest:,} more"
            + (
                f": embedprep inspect {where} --missing {min(total, MISSING_LISTED)}"
                if coverage.matrix.path
                else ""
            )
        )
    return lines


def _kinds(coverage: Coverage) -> list[str]:
    kinds = coverage.counts.kinds
    if not kinds:
        return []
    known = coverage.counts.tokens is not None
    lines = ["", f"{'by kind':<19}{'types':>7}" + (f"{'tokens':>14}" if known else "")]
    for kind in kinds[:KINDS_SHOWN]:
        tokens = "" if kind.tokens is None else f"{kind.tokens:>14,}"
        lines.append(f"  {kind.kind:<17}{kind.types:>7,}{tokens}")
    if len(kinds) > KINDS_SHOWN:
        lines.append(f"  … and {len(kinds) - KINDS_SHOWN} more kinds")
    return lines


def _advice(coverage: Coverage) -> list[str]:
    line = advice_line(coverage)
    return [] if line is None else ["", line]


def advice_line(coverage: Coverage) -> str | None:
    """Return the one line of advice, or None if there is nothing to advise."""
    recommended = coverage.recommended
    if recommended is None:
        return None
    what = "text" if coverage.counts.tokens is not None else "types"
    rules = ",".join(recommended.fallback)
    return (
        f"{percent(recommended.share)} of the missing {what} would be found with: "
        f"--fallback {rules}"
    )
