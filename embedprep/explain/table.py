"""An explanation, or an analogy, as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from embedprep.errors import printable, printable_lines
from embedprep.explain.explanation import Explanation, Neighbour, Term
from embedprep.report.columns import TOKEN_WIDTH, padded, shortened

_WIDTH = 14
_ROWS_SHOWN = 8

_MEANING = {
    "exact": "of the word itself",
    "subword": "the mean of its n-grams: the model lacks it",
    "composed": "the mean of its pieces in the tokenizer of the vectors:",
    "pieces": "the mean of the words that contain this piece",
    "partial": "in some of the files; other columns by --oov {oov}",
    "oov": "none: filled by --oov {oov}",
    "padding": "none: padding, zeros",
    "unassigned": "none: no token has this id, zeros",
}
"""By provenance; the others are fallback rules."""


def table(found: Explanation) -> str:
    """Return the explanation, without a final newline."""
    if not found.rows:
        lines = [_line("row", "none: it is not in the vocabulary")]
    else:
        lines = [_line("row", _rows(found.rows)), _line("vector", _vector(found))]
        lines += [_line("key", _quoted(key)) for key in found.keys]
        for path, keys in zip(found.files, found.file_keys, strict=True):
            lines.append(_line("file", f"{printable(path)}{_record(found)}"))
            if keys != "words":
                lines.append(_line("its keys", printable(keys)))
        if found.post:
            lines.append(_line("changed", f"by --post {printable(','.join(found.post))}"))
        if found.norm is not None:
            lines.append(_line("norm", f"{found.norm:.4g}"))
        if found.count is not None:
            lines.append(_line("occurs", f"{found.count:,} x"))
        if found.kind is not None:
            lines.append(_line("kind", printable(found.kind)))
    lines += [
        _line("also", f"{_quoted(form.token)}, row {form.row:,}: the word with another mark")
        for form in found.also
    ]
    lines += [
        _line("advice", f"--fallback {printable(rule)} finds {_quoted(key)}")
        for rule, key in found.advice
    ]
    if found.recommended and not found.advice:
        rules = printable(",".join(found.recommended))
        lines.append(_line("advice", f"perhaps --fallback {rules}, which the report recommends"))
    if found.neighbours:
        lines += ["  nearest", *_nearest(found.neighbours)]
    if found.spellings:
        lines.append("  spelt alike, with a vector")
        for one in found.spellings:
            edits = "1 edit" if one.edits == 1 else f"{one.edits} edits"
            lines.append(f"    {padded(shortened(one.token), TOKEN_WIDTH)}  {edits:>7}")
    return printable_lines([_title(found), *lines])


def analogy_table(sum_of: Sequence[Term], neighbours: Sequence[Neighbour]) -> str:
    """Return the sum in the tokenizer's spelling, and the tokens nearest to it."""
    signed = " ".join(f"{'-' if term.sign < 0 else '+'} {printable(term.token)}" for term in sum_of)
    return printable_lines([signed.removeprefix("+ "), *_nearest(neighbours)])


def _nearest(neighbours: Sequence[Neighbour]) -> list[str]:
    """Return a line for each neighbour, with its cosine."""
    return [
        f"    {padded(shortened(one.token), TOKEN_WIDTH)}  {one.cosine:>7.4f}" for one in neighbours
    ]


def _title(found: Explanation) -> str:
    if found.token is None:
        return f"row {found.asked:,}" if isinstance(found.asked, int) else printable(found.asked)
    if isinstance(found.asked, str) and found.asked != found.token:
        return f"{printable(found.token)}  (the token of {_quoted(found.asked)})"
    return printable(found.token)


def _rows(rows: tuple[int, ...]) -> str:
    shown = ", ".join(f"{row:,}" for row in rows[:_ROWS_SHOWN])
    return shown + (f" and {len(rows) - _ROWS_SHOWN:,} more" if len(rows) > _ROWS_SHOWN else "")


def _vector(found: Explanation) -> str:
    rule = str(found.provenance)
    if rule == "exact" and found.keys:
        return "of the token itself, which the file spells so:"
    if rule == "exact" and not {"words"}.issuperset(found.file_keys):
        return "of the token itself, spelt the same in the file"
    if rule in _MEANING:
        return _MEANING[rule].format(oov=found.oov)
    if len(found.keys) > 1:
        return f"the mean of {len(found.keys)} keys, by --fallback {rule}"
    return f"of another form, by --fallback {rule}"


def _record(found: Explanation) -> str:
    if found.line is not None:
        return f", line {found.line:,}"
    return "" if found.record is None else f", record {found.record:,} (the first is 0)"


def _line(name: str, text: str) -> str:
    return f"  {name:<{_WIDTH - 2}}{text}"


def _quoted(text: str) -> str:
    return f"'{printable(text)}'"
