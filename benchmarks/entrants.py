"""Who takes part: embedprep in its variants, the peers, and the floors."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from benchmarks.contest import Contestant
from benchmarks.gzipped import IGZIP
from embedprep.indexing import ENDING

EMBEDPREP = "embedprep"
FIRST_WITH_INDEX = "embedprep --index"
WITH_INDEX = "embedprep with that index"
SEVERAL = "embedprep, all vocabularies"

# The command that was installed beside this interpreter, as a user would start it.
PROGRAM = str(Path(sys.executable).with_name("embedprep"))

# How long the command takes to say anything at all.
START_UP = Contestant("embedprep --help", (PROGRAM, "--help"), suffix="")


def cat(vectors: Path) -> Contestant:
    """The floor of what has to read a file: reads the bytes and does nothing."""
    return Contestant("cat FILE >/dev/null", ("cat", str(vectors)), suffix="")


def igzip(vectors: Path) -> Contestant:
    """The floor of what has to read a gzip file: decompresses it and does nothing."""
    command = (*IGZIP, "-dc", str(vectors))
    return Contestant("igzip -dc FILE >/dev/null", command, suffix="")


def embedprep(vectors: Path, vocabulary: Path) -> Contestant:
    """As a user would call it, but for the random numbers: no peer draws the same ones."""
    return Contestant(EMBEDPREP, (*_build(vectors, vocabulary), "-o"), watched=True)


def variants(vectors: Path, vocabulary: Path) -> tuple[Contestant, ...]:
    """The same with other numbers of threads and another output."""
    build = _build(vectors, vocabulary)
    cores = len(os.sched_getaffinity(0))
    return (
        # As many threads as there are cores is what plain `embedprep` does already.
        *(
            Contestant(f"{EMBEDPREP} --threads {n}", (*build, "--threads", str(n), "-o"))
            for n in (1, 2)
            if n != cores
        ),
        Contestant(f"{EMBEDPREP} -o FILE.h5", (*build, "-o"), suffix=".h5"),
    )


def with_index(vectors: Path, vocabulary: Path) -> tuple[Contestant, Contestant]:
    """A first build, which writes the index, and the next one, which finds it."""
    build = _build(vectors, vocabulary, index=())
    afresh = ("sh", "-c", 'rm -f "$0" && exec "$@"', f"{vectors}{ENDING}")
    return (
        Contestant(FIRST_WITH_INDEX, (*afresh, *build, "--index", "-o")),
        Contestant(WITH_INDEX, (*build, "-o"), watched=True),
    )


def once(vectors: Path, vocabulary: Path) -> Contestant:
    """For a matrix that is as large as the disk allows."""
    return replace(embedprep(vectors, vocabulary), watched=False, heavy=True)


def several(vectors: Path, vocabularies: Sequence[Path]) -> Contestant:
    """All matrices in one reading; the one that is looked at is that of the first vocabulary."""
    first, *others = vocabularies
    # The folder of the output, the last argument, is only known when it runs. A program that takes
    # the last of the vocabularies alone would be fast, but leaves fewer files there.
    script = 'for out; do :; done; cd "${out%/*}" && "$@" && set -- *.npy && [ $# -eq "$0" ]'
    beside = ("sh", "-c", script, str(len(vocabularies)))
    pairs = [("--vocab", str(path), "-o", f"{path.stem}.npy") for path in others]
    command = (*beside, *_options(vectors), *chain(*pairs), "--vocab", str(first), "-o")
    return Contestant(SEVERAL, command)


def peer(name: str, module: str, vectors: Path, vocabulary: Path) -> Contestant:
    """The program in `benchmarks.peers.<module>`, called `name` in the tables."""
    run = (sys.executable, "-m", "benchmarks.peers", module)
    return Contestant(name, (*run, str(vectors), str(vocabulary)))


def _build(
    vectors: Path, vocabulary: Path, index: tuple[str, ...] = ("--no-index",)
) -> tuple[str, ...]:
    return (*_options(vectors, index), "--vocab", str(vocabulary))


def _options(vectors: Path, index: tuple[str, ...] = ("--no-index",)) -> tuple[str, ...]:
    return (PROGRAM, "build", "--vectors", str(vectors), "--oov", "zeros", "-q", *index)
