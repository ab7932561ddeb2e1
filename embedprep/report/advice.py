"""The options that would raise the coverage, and how far: worded once for all reports."""

from __future__ import annotations

from embedprep.coverage import Coverage, Share
from embedprep.named_tuples import NamedTuple
from embedprep.report.wording import percent


class Improved(NamedTuple):
    """The coverage with the recommended rules."""

    vocabulary: Share
    text: Share | None
    fallback: str
    """The value to write after `--fallback`."""

    def gains(self, coverage: Coverage) -> list[str]:
        """Return the shares before and after, of your text first, as far as they are known."""
        before = coverage.counts
        pairs = (
            ("text", before.text, self.text),
            ("vocabulary", before.vocabulary, self.vocabulary),
        )
        return [
            f"{name} {percent(old.ratio)} → {percent(new.ratio)}"
            for name, old, new in pairs
            if old is not None and new is not None
        ]


def improved(coverage: Coverage) -> Improved | None:
    """Return the coverage with the recommended rules; None if there are none."""
    recommended, counts = coverage.recommended, coverage.counts
    if recommended is None:
        return None
    text = counts.text
    # auto begins from nothing, and reads the vectors twice.
    auto = not coverage.fallback and all(file.path != "-" for file in coverage.vectors)
    return Improved(
        _and(counts.vocabulary, recommended.tokens),
        text and _and(text, recommended.occurrences or 0),
        "auto" if auto else ",".join(recommended.fallback),
    )


def with_pieces(coverage: Coverage) -> Improved | None:
    """Return the coverage with `--pieces mean`; None if its gain is not known."""
    gained, counts = coverage.pieces, coverage.counts
    if gained is None:
        return None
    return Improved(
        _and(counts.vocabulary, gained.tokens),
        counts.text and _and(counts.text, gained.occurrences or 0),
        "",
    )


def _and(share: Share, more: int) -> Share:
    return share._replace(found=share.found + more)


def could_compose(coverage: Coverage) -> bool:
    """Whether tokens are missing from a model's table, and --no-compose has left them so."""
    missing = coverage.counts.vocabulary.found < coverage.counts.vocabulary.total
    has_pieces = any(file.keys != "words" and file.format in _TABLES for file in coverage.vectors)
    return missing and has_pieces and coverage.options.get("compose") is False


_TABLES = ("model", "model2vec", "safetensors", "npy")
"""The formats whose keys come from a tokenizer."""


def pieces_advice(coverage: Coverage) -> str | None:
    """Return what to say of missing pieces of words; None if there is nothing to say."""
    pieces = sum(kind.tokens for kind in coverage.counts.kinds if kind.kind == "piece")
    missing = coverage.counts.vocabulary.total - coverage.counts.vocabulary.found
    if after := with_pieces(coverage):
        return (
            f"{', '.join(after.gains(coverage))}, if a piece gets the mean of the words that "
            "contain it:"
        )
    if not pieces or coverage.options.get("pieces") == "mean":
        return None
    return (
        f"{percent(pieces / missing)} of the missing tokens are pieces of words; each gets the "
        "mean of the words of your text that contain it, with:"
    )


def pieces_option(coverage: Coverage) -> str:
    """Return the option of `pieces_advice`; `FILE` is the text, or its words with their counts."""
    if coverage.pieces is not None:
        return "--pieces mean"
    can_split = coverage.vocabulary.format in ("huggingface-tokenizer", "sentencepiece-model")
    return f"--pieces mean {'--text' if can_split else '--words'} FILE"
