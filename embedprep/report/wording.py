"""The meaning of the report's numbers, names and keys, worded once for all of its forms."""

from __future__ import annotations

from embedprep.coverage import Coverage
from embedprep.errors import printable
from embedprep.report.columns import shortened

_ROW_MEANING = {
    "exact": "vector of the token itself",
    "subword": "mean of its n-grams: the model lacks it",
    "composed": "mean of its pieces in the vectors' own tokenizer",
    "partial": "in some of the files; other columns by --oov {oov}",
    "oov": "no vector: filled by --oov {oov}",
    "special": "special tokens, no vector: filled by --oov {oov}",
    "pieces": "mean of the words that contain it",
    "padding": "zeros",
    "unassigned": "zeros: no token has this id",
}

_RECORD_MEANING = {
    "duplicates": "records of a wanted key that came before",
    "malformed": "malformed records left out",
    "nonfinite": "records with nan or infinite values left out",
    "spaced_keys": "records whose key contains spaces",
    "untrained": "wanted records that were never trained",
    "zero_rows": "rows found, but zero: their records are all zeros",
}


def rows_shown(coverage: Coverage) -> list[tuple[str, int, str]]:
    """Return the rows by where they come from, each with its meaning; empty ones are left out.

    Special tokens have a line of their own, so that the line `oov` is what is missing.
    """
    rows: dict[str, int] = {}
    for name, number in coverage.counts.rows.items():
        special = coverage.counts.special.oov if name == "oov" else 0
        rows[name] = number - special
        rows |= {"special": special} if special else {}
    return [(name, number, _row_meaning(name, coverage)) for name, number in rows.items() if number]


def _row_meaning(name: str, coverage: Coverage) -> str:
    if name in _ROW_MEANING:
        return _ROW_MEANING[name].replace("{oov}", str(coverage.options.get("oov")))
    from embedprep.fallback.table import RULES

    return RULES[name].meaning if name in RULES else ""


def record_meaning(name: str) -> str:
    """Say what is counted under `name`, a key of `Coverage.records`."""
    return _RECORD_MEANING.get(name, name)


def post_shown(coverage: Coverage) -> str | None:
    """Say what `--post` did with the rows, in a line; None if it did nothing."""
    post = coverage.post
    if post is None:
        return None
    names = printable(", ".join(one.step for one in post.steps))
    said = [f"{post.dim} to {coverage.matrix.dim} values"]
    if post.fitted_on is not None:
        said.append(f"fitted on {post.fitted_on:,}")
    kept = [one for one in post.steps if one.variance is not None]
    said += [f"{printable(one.step)} leaves {percent(one.variance or 0)}" for one in kept]
    if post.cosine_before is not None and post.cosine is not None:
        before, after = (round(one, 2) + 0 for one in (post.cosine_before, post.cosine))
        said.append(f"mean cosine {before:.2f} → {after:.2f}")  # never -0.00
    if post.frequencies == "id":
        said.append("sif: frequencies by rank of the id")
    return f"{names}  ({', '.join(said)})"


def quantisation_shown(coverage: Coverage) -> str | None:
    """Say what `--dtype int8` cost the rows, in a line; None if that is not known."""
    bill = coverage.quantisation
    if bill is None or bill.mean_error is None or bill.largest_error is None:
        return None
    said = f"rows off by {100 * bill.mean_error:.2g} % of their length, at most "
    said += f"{100 * bill.largest_error:.2g} %; worst cosine {bill.worst_cosine:g}, of "
    said += f"'{shortened(bill.worst_token or '')}'"
    if bill.neighbours_kept is not None:
        said += f"; {bill.neighbours_kept:g} of 10 nearest neighbours kept"
    return said


def longer_oov(coverage: Coverage) -> str | None:
    """Return the option that makes the rows of `--oov uniform` as long as those found; None if they
    are, more or less.
    """
    norms = coverage.norms
    if norms is None or coverage.options.get("oov") != "uniform":
        return None
    if not norms.found or norms.oov is None or 0.5 <= norms.oov / norms.found <= 2:
        return None
    return f"--oov-scale match, here {norms.matching_oov_scale:g}"


def file_name(path: str | None) -> str:
    """Return the name of an input or output, safe to be shown."""
    return {None: "in memory", "-": "standard input"}.get(path) or printable(str(path))


def percent(ratio: float) -> str:
    """Format a share, never rounded to 100 % if some is missing, nor to 0 % if some is not."""
    value = 100 * ratio
    if 99.95 <= value < 100:
        return "> 99.9 %"
    if 0 < value < 0.05:
        return "< 0.1 %"
    return f"{value:.1f} %"
