"""Who takes part: embedprep in its variants, the peers, and `cat` as the floor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.contest import Contestant

EMBEDPREP = "embedprep"
EMBEDPREP_HELP = "embedprep --help"
FLOOR = "cat FILE >/dev/null"

# The command that was installed beside this interpreter, as a user would start it.
PROGRAM = str(Path(sys.executable).with_name("embedprep"))

# Name in the tables, module in `benchmarks.peers`.
PEERS = {
    "careful loop": "careful_loop",
    "pandas": "pandas_reader",
    "Keras loop": "keras_loop",
    "gensim": "gensim_reader",
}


def start_up() -> Contestant:
    """How long the command takes to say anything at all."""
    return Contestant(EMBEDPREP_HELP, (PROGRAM, "--help"), suffix="")


def entrants(vectors: Path, vocabulary: Path) -> list[Contestant]:
    """Everybody, for one vector file and one vocabulary."""
    return [
        Contestant(FLOOR, ("cat", str(vectors)), suffix=""),
        *_embedprep(vectors, vocabulary),
        *(_peer(name, module, vectors, vocabulary) for name, module in PEERS.items()),
    ]


def _embedprep(vectors: Path, vocabulary: Path) -> list[Contestant]:
    inputs = ("--vectors", str(vectors), "--vocab", str(vocabulary))
    build = (PROGRAM, "build", *inputs, "--oov", "zeros", "-q")
    cores = len(os.sched_getaffinity(0))
    return [
        Contestant(EMBEDPREP, (*build, "-o"), watched=True),
        # As many threads as there are cores is what plain `embedprep` does already.
        *(
            Contestant(f"{EMBEDPREP} --threads {n}", (*build, "--threads", str(n), "-o"))
            for n in (1, 2)
            if n != cores
        ),
        Contestant(f"{EMBEDPREP} -o FILE.h5", (*build, "-o"), suffix=".h5"),
    ]


def _peer(name: str, module: str, vectors: Path, vocabulary: Path) -> Contestant:
    run = (sys.executable, "-m", "benchmarks.peers", module)
    return Contestant(name, (*run, str(vectors), str(vocabulary)))
