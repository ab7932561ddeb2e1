"""A small build, and whether it kept its promise: all files wholly old or wholly new."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import embedprep
from embedprep import containers, indexing
from tests.torture.forked import Outcome, Parent

VECTORS = {
    "old": b"the 1 2 3\ncat 4 5 6\n",
    "new": b"the 7 8 9\ncat 10 11 12\ndog 0.5 0.25 0.125\n",
}
TOKENS = {"old": ["", "the", "zebra"], "new": ["", "the", "cat", "dog", "unicorn"]}


class State(Enum):
    """Of one file, after a build."""

    ABSENT = "absent"
    OLD = "old"
    NEW = "new"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Case:
    """What is built over what."""

    ending: str
    old: bool
    """The files of an earlier build stand there."""
    clobber: bool = True
    page: bool = False
    index: bool = False
    """The vectors lie beside the output, with an index that is of the old ones where there are."""

    def __str__(self) -> str:
        over = "old" if self.old else "nothing"
        more = (
            " --no-clobber" * (not self.clobber) + " --html" * self.page + " --index" * self.index
        )
        return f"{self.ending} over {over}{more}"

    @property
    def matrix(self) -> str:
        return f"m{self.ending}"

    def names(self) -> list[str]:
        """All files that the build makes; the matrix last."""
        tokens = ["m.tokens.json"] * (self.ending == ".safetensors")
        return ["m.coverage.json", *["m.html"] * self.page, *tokens, self.matrix]

    def arguments(self, inputs: Path, which: str = "new") -> list[str]:
        vectors = "v.txt" if self.index else str(inputs / f"{which}.txt")
        return [
            *("build", "--quiet", "--vectors", vectors, *["--index"] * self.index),
            *("--vocab", str(inputs / f"{which}.json"), "--output", self.matrix),
            *["--no-clobber"] * (not self.clobber),
            *(["--html", "m.html"] if self.page else []),
        ]


class Ground:
    """A place for one case: its inputs, and what an earlier build and the new one come to.

    words: so many more make a build that takes its time, at every stage.
    """

    def __init__(self, root: Path, case: Case, parent: Parent, words: int = 0) -> None:
        self.case, self.parent = case, parent
        self._inputs, self.place = root / "inputs", root / "place"
        self._root = root
        self._inputs.mkdir()
        for which in ("old", "new"):
            more = [f"word{number}" for number in range(words)]
            known = b"".join(b"%s 1 2 3\n" % word.encode() for word in more if word[-1] != "7")
            (self._inputs / f"{which}.txt").write_bytes(VECTORS[which] + known)
            (self._inputs / f"{which}.json").write_text(json.dumps(TOKENS[which] + more))
        self._old, self._new = self._make("old"), self._make("new")

    @property
    def arguments(self) -> list[str]:
        return self.case.arguments(self._inputs)

    def prepare(self) -> None:
        """An empty place, or one with the files of an earlier build."""
        shutil.rmtree(self.place, ignore_errors=True)
        if self.case.old:
            shutil.copytree(self._root / "old", self.place)
        else:
            self.place.mkdir()
        self._bring_vectors("new", self.place)

    def states(self) -> dict[str, State]:
        """Of each file that the build makes; the matrix last."""
        states = {}
        for name in self.case.names():
            states[name] = {
                None: State.ABSENT, self._old[name]: State.OLD, self._new[name]: State.NEW
            }.get(_fingerprint(self.place / name), State.DAMAGED)  # fmt: skip
        return states

    def debris(self) -> list[str]:
        return [name for name in os.listdir(self.place) if containers.is_temporary(name)]

    def next_run(self) -> list[str]:
        """What is wrong with the next build in this place."""
        if not self.case.clobber and State.NEW in self.states().values():
            return []  # it is refused, as it should be; `wrong` says whether they may be there
        outcome = self.parent.run(self.arguments, self.place)
        if outcome != Outcome(0, "", "") or not _all(self.states(), State.NEW):
            return [f"the next run: {outcome}, {_shown(self.states())}"]
        return []

    def _make(self, which: str) -> dict[str, str | None]:
        """A fingerprint of each file of a build."""
        directory = self._root / which
        directory.mkdir()
        self._bring_vectors(which, directory)
        outcome = self.parent.run(self.case.arguments(self._inputs, which), directory)
        assert outcome == Outcome(0, "", ""), outcome
        indexed = ["v.txt", "v.txt" + indexing.ENDING] * self.case.index
        assert sorted(os.listdir(directory)) == sorted(self.case.names() + indexed)
        return {name: _fingerprint(directory / name) for name in self.case.names()}

    def _bring_vectors(self, which: str, directory: Path) -> None:
        if self.case.index:
            shutil.copy(self._inputs / f"{which}.txt", directory / "v.txt")


def _fingerprint(path: Path) -> str | None:
    """The same for two files of one build, whenever it ran; None without a file."""
    if not path.exists():
        return None
    content = path.read_bytes()
    try:
        if path.suffix == ".h5":  # a time stands in it
            matrix, notes = containers.read(str(path))
            arrays = (matrix, *notes.arrays())
            content = b"".join(array.tobytes() for array in arrays) + notes.report.encode()
        elif path.name.endswith(".coverage.json"):
            content = json.dumps(json.loads(content) | {"run": None}).encode()
        elif path.suffix == ".html":
            content = re.sub(rb"<tr><th scope=\"row\">(id|seconds)<.*\n", b"", content)
    except (embedprep.EmbedprepError, ValueError):
        return "damaged"
    return hashlib.sha256(content).hexdigest()


def wrong(
    case: Case,
    states: dict[str, State],
    outcome: Outcome,
    codes: Collection[int],
    *,
    mute: bool = False,
    stuck: bool = False,
) -> list[str]:
    """What is broken after a build that met a fault.

    codes: its exit code may be one of these.
    mute: what it wants to say cannot be written.
    stuck: what it wants to remove cannot be removed.
    """
    faults = []
    *beside, matrix = states.values()
    untouched = State.OLD if case.old else State.ABSENT
    if not {*states.values()} <= {untouched, State.NEW}:
        faults.append("a file is neither old nor new")
    if matrix is State.NEW and {*beside} != {State.NEW}:
        faults.append("a new matrix, and what stands beside it is not new")
    if outcome.code == 0 and not _all(states, State.NEW):
        faults.append("success without the files")
    # Who is killed cannot remove what it has published.
    if not (case.clobber or stuck or outcome.code == 137) and len({*states.values()}) > 1:
        faults.append("some files, and not all")
    if outcome.code not in codes:
        faults.append(f"exit code {outcome.code}")
    if not (_plain(outcome) or (mute and outcome.err == "")):
        faults.append(f"its message: {outcome.err!r}")
    return [f"{fault} ({_shown(states)}, exit code {outcome.code})" for fault in faults]


def _plain(outcome: Outcome) -> bool:
    if outcome.code == 130 and outcome.err.endswith("\nKeyboardInterrupt\n"):
        return not had_begun(outcome.err)
    return message(outcome)


def had_begun(traceback: str) -> bool:
    """Whether the command line had begun. Python's own traceback of an interrupt before names no
    line of it; it may name our files, because an editable installation lists them.
    """
    return re.search(r'embedprep.cli.\w+\.py", line', traceback) is not None


def message(outcome: Outcome, says: str = "", *, silent: bool = False) -> bool:
    """Whether it said what it should: one message for an error, nothing for success or a signal,
    but for the names of what it wrote, and that it was stopped.

    silent: its message may have been lost.
    """
    err = re.sub(r"^embedprep: (wrote|stopped).*\n", "", outcome.err, flags=re.MULTILINE)
    if outcome.code == 2:
        return says in outcome.err and "Traceback" not in outcome.err
    if outcome.code not in (3, 5) or (silent and err == ""):
        return err == ""
    return says in err and re.fullmatch(r"embedprep: .+\n  .+\n", err) is not None


def _all(states: dict[str, State], state: State) -> bool:
    return {*states.values()} == {state}


def _shown(states: dict[str, State]) -> str:
    return ", ".join(f"{name} {state.value}" for name, state in states.items())
