"""What the contestants read: vector files and two vocabularies, each made once.

Everything lies in `benchmarks/data/`, which git ignores. `python -m benchmarks.data NAME...` makes
those of the files that are missing and checks those that are there, without a name all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import fasttext_model, glove, gzipped, huge, vocabularies, wide, word2vec_binary
from benchmarks.vocabularies import ALL, LARGE, SEVERAL, SMALL

DATA = Path(__file__).parent / "data"
NARROW = DATA / "glove.6B.50d.txt"
WIDE = DATA / "glove.wide.txt"
HUGE = DATA / "glove.huge.txt"
WIDE_GZIP = DATA / "glove.wide.txt.gz"
WORD2VEC = DATA / "glove.wide.bin"
FASTTEXT = DATA / "fasttext.bin"


def vocabulary_file(tokens: int) -> Path:
    """Where the vocabulary of `tokens` words lies."""
    return DATA / f"vocab.{tokens}.json"


def several_vocabularies() -> tuple[Path, ...]:
    """Where those lie that one build takes together; the first stands for all in `MAKERS`."""
    return tuple(DATA / f"vocab.{SMALL}.{number}.json" for number in range(1, SEVERAL + 1))


def _large_vocabulary() -> None:
    path = vocabulary_file(LARGE)
    if not path.is_file():  # takes half a minute
        vocabularies.write(path, LARGE)


def _wide() -> None:
    glove.restore(NARROW)
    wide.make_text(WIDE, NARROW)


def _huge() -> None:
    _wide()
    huge.make_text(HUGE, WIDE)


def _wide_gzip() -> None:
    if not gzipped.holds(WIDE_GZIP, wide.TEXT_SHA256):
        _wide()
        gzipped.make(WIDE_GZIP, WIDE, wide.TEXT_SHA256)


MAKERS: dict[Path, Callable[[], object]] = {
    # As published, 171 MB.
    NARROW: lambda: glove.restore(NARROW),
    # 400,000 x 300, 1.0 GB: the shape of `glove.6B.300d.txt`.
    WIDE: _wide,
    # 2,200,000 x 300, 5.6 GB: the shape of `glove.840B.300d.txt`.
    HUGE: _huge,
    # The first in 0.4 GB.
    WIDE_GZIP: _wide_gzip,
    # 1,000,000 x 300, 1.2 GB.
    WORD2VEC: lambda: word2vec_binary.make(WORD2VEC),
    # 400,000 words and 2,000,000 buckets x 300: 3.0 GB, of which 0.1 GB are on the disk.
    FASTTEXT: lambda: fasttext_model.make(FASTTEXT, vocabularies.words(SMALL)),
    vocabulary_file(SMALL): lambda: vocabularies.write(vocabulary_file(SMALL), SMALL),
    vocabulary_file(ALL): lambda: vocabularies.write(vocabulary_file(ALL), ALL),
    vocabulary_file(LARGE): _large_vocabulary,
    several_vocabularies()[0]: lambda: vocabularies.write_several(several_vocabularies()),
}


def main() -> None:
    """Make and check the files named, or all."""
    by_name = {path.name: make for path, make in MAKERS.items()}
    for name in sys.argv[1:] or by_name:
        by_name[name]()


if __name__ == "__main__":
    main()
