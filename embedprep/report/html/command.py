"""The build of a report again, with other fallback rules: a line for the shell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from embedprep.coverage import Coverage

DEFAULTS = {
    "oov": "uniform",
    "oov_scale": 0.25,
    "seed": 0,
    "num_words": None,
    "dtype": "float32",
    "dim": None,
    "combine": "fill",
    "subwords": True,
    "vectors_format": None,
    "vectors_tokens": None,
    "vocab_format": None,
    "fallback": (),
    "min_gain": 0.001,
    "match_pieces": False,
    "pieces": "none",
    "on_malformed": "error",
    "on_duplicate": "first",
}
"""The defaults of `build`, which the line leaves out."""


def build_command(coverage: Coverage, fallback: Sequence[str]) -> str | None:
    """The whole command; None where an input was no file, or has a name that cannot be shown."""
    paths = [info.path for info in coverage.vectors]
    if coverage.vocabulary.path is None or coverage.matrix.path is None or "-" in paths:
        return None
    words = ["embedprep", "build"]
    for path in paths:
        words += ["--vectors", path]
    words += ["--vocab", coverage.vocabulary.path, "-o", coverage.matrix.path]
    vocabulary = coverage.vocabulary
    for option, file in (("--counts", vocabulary.counts), ("--words", vocabulary.words)):
        words += [] if file is None else [option, file]
    for name, value in coverage.options.items():
        is_default = value is None or value == DEFAULTS.get(name)
        if not is_default and name not in ("fallback", "min_gain"):
            words += _option(name, value)
    words += ["--fallback", ",".join(fallback)]
    return shlex.join(words) if all(word.isprintable() for word in words) else None


def _option(name: str, value: object) -> list[str]:
    flag = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    text = str(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]
