"""What a contest is: two input files, the programs that take part, and what embedprep promises."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Contestant:
    """A program; the path of its output, ending in `suffix`, is its last argument.

    An empty `suffix` means that it writes nothing. `watched` asks for one more run, untimed, to
    see how much of its memory is private. What is `heavy` runs once, and is watched meanwhile.
    """

    name: str
    command: tuple[str, ...]
    suffix: str = ".npy"
    watched: bool = False
    heavy: bool = False


@dataclass(frozen=True)
class Promises:
    """What embedprep has to reach in one contest."""

    faster_than: tuple[tuple[str, float], ...] = ()
    """A peer, and how many times as long as embedprep it takes."""
    times_floor: float | None = None
    """Its time in times of the floor."""
    variants: tuple[tuple[str, float], ...] = ()
    """A variant of it, and how many times as long as embedprep itself that may take."""
    besides_matrix: int | None = None
    """Bytes of memory on top of the matrix."""


@dataclass(frozen=True)
class Contest:
    """One task for several programs.

    All have to write the same matrix. Two programs may differ by `tolerance`, one from run to run
    by nothing. The `floor` does the least that anybody has to do, and writes no matrix. Before
    each run the files of `evicted` are put out of the page cache. The `label` tells contests over
    the same files apart.
    """

    vectors: Path
    vocabulary: Path
    tokens: int
    floor: Contestant
    contestants: tuple[Contestant, ...]
    tolerance: float = 0.0
    promises: Promises = Promises()
    evicted: tuple[Path, ...] = ()
    label: str = ""

    @property
    def everybody(self) -> tuple[Contestant, ...]:
        """In the order of the tables."""
        return (self.floor, *self.contestants)

    @property
    def title(self) -> str:
        """Names the contest in the results and on the command line."""
        label = f", {self.label}" if self.label else ""
        return f"{self.tokens:,} tokens wanted of {self.vectors.name}{label}"
