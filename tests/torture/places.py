"""Places where a matrix cannot be, or hardly: full disks, limits, directories, devices.

Each row of a table is one build, by a process of its own. If it fails it must say why, in one
message and with the right exit code, and leave everything as it was.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.torture.builds import Case, message
from tests.torture.forked import PATIENCE, Outcome, exit_code
from tests.torture.tally import Tally

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
ENDINGS = (".npy", ".h5", ".safetensors")
LONGEST = 255
"""Bytes of a name."""
MISSING = range(4, 180, 24)
"""Kilobytes that a full disk would have to have more; at the end it takes none at all."""
WIDE = 100_000
"""Dimensions that make a matrix of 400 MB."""
QUICK = 8
"""Places in the quick part."""


def _nothing(directory: Path) -> None:
    """As it is."""


def _make(name: str, how: Callable[[str], object]) -> Callable[[Path], None]:
    def prepare(directory: Path) -> None:
        how(str(directory / name))

    return prepare


def _link(to: str) -> Callable[[str], object]:
    return lambda path: os.symlink(to, path)


@dataclass(frozen=True)
class Place:
    """Where a build is to write, and what comes of it."""

    what: str
    prepare: Callable[[Path], None]
    code: int
    says: str
    """In its message."""
    output: str = "m.npy"
    more: tuple[str, ...] = ()
    vectors: str = "v.txt"
    before: str = ":"
    """For the shell that starts it."""
    after: str = ""
    """Redirections."""


PLACES = [
    Place("a directory", _make("m.npy", os.mkdir), 5, "this is a directory"),
    Place("a FIFO", _make("m.npy", os.mkfifo), 5, "not a regular file"),
    Place("a device", _make("m.npy", _link("/dev/full")), 5, "not a regular file"),
    Place("a device without a name for it", _nothing, 2, "known container", output="/dev/full"),
    Place("a link that leads to itself", _make("m.npy", _link("m.npy")), 5, "symbolic links"),
    Place("a link to nowhere", _make("m.npy", _link("no/m.npy")), 5, "does not exist"),
    Place("a link to a new name", _make("m.npy", _link("other")), 0, ""),
    Place("a link to a file", _make("m.npy", _link("old.npy")), 0, ""),
    Place("a missing directory", _nothing, 5, "does not exist", output="no/m.npy"),
    Place("a file as a directory", _nothing, 5, "not a directory", output="old.npy/m.npy"),
    Place("a read-only directory", lambda place: place.chmod(0o555), 5, "permission denied"),
    Place(
        "a directory for the report",
        *(_make("m.coverage.json", os.mkdir), 5, "m.coverage.json: this is a directory"),
    ),
    Place("a FIFO for the page", _make("p.html", os.mkfifo), 5, "regular", more=("--html=p.html",)),
    Place("a FIFO for the report", _make("r", os.mkfifo), 5, "regular", more=("--report=r",)),
    Place(
        "the longest name",
        *(_nothing, 0, "", "m" * (LONGEST - 4) + ".npy", ("--report=r.json",)),
    ),
    Place("no name for the report", _nothing, 5, "too long", "m" * (LONGEST - 4) + ".npy"),
    Place("too long a name", _nothing, 5, "too long", "m" * (LONGEST - 3) + ".npy"),
    Place("a name with a line break", _nothing, 5, r"no\n/m.npy", output="no\n/m.npy"),
    Place("standard output on a full disk", _nothing, 5, "no space", after=">/dev/full"),
    Place("standard error on a full disk", _nothing, 5, "", "no/m.npy", after="2>/dev/full"),
    Place("both closed", _nothing, 5, "", "no/m.npy", after=">&- 2>&-"),
    *(
        Place(
            f"at most {blocks * 512} bytes in a file, {ending}",
            *(_nothing, 5, "ulimit -f", f"m{ending}"),
            before=f"ulimit -f {blocks}",
        )
        for ending in ENDINGS
        for blocks in (0, 1, 8)
    ),
    *(
        Place(
            f"{megabytes} MB of address space, {ending}",
            *(_nothing, 5, "memory", f"m{ending}"),
            vectors="wide.txt",
            before=f"ulimit -v {megabytes * 1024}",
        )
        for ending in ENDINGS
        for megabytes in (450, 350, 250)
    ),
]
WRITTEN_ALL_THE_SAME = {"standard output on a full disk"}
"""The files were there before the report could not be printed."""


def run(full: bool) -> Tally:
    """All places, and full disks of many sizes for every ending, in full; else some of both."""
    tally = Tally("places")
    disks = [(ending, missing) for ending in ENDINGS for missing in MISSING]
    if not _can_mount():
        tally.left_out.append(f"{len(disks)} full disks: this user may not mount anything")
        disks = []
    some = random.Random("places")
    places = PLACES if full else some.sample(PLACES, QUICK)
    disks = disks if full else some.sample(disks, min(len(disks), QUICK // 4))
    with ThreadPoolExecutor(2) as pool:
        for broken in pool.map(_try, places):
            tally.counts["places"] += 1
            tally.broken += broken
        for broken in pool.map(_on_a_full_disk, *zip(*disks, strict=True)):
            tally.counts["full disks"] += 1
            tally.broken += broken
    return tally


def _try(place: Place) -> list[str]:
    with tempfile.TemporaryDirectory() as root:
        return [f"{place.what}: {broken}" for broken in _build_in(place, Path(root))]


def _build_in(place: Place, root: Path) -> list[str]:
    inputs, directory = root / "inputs", root / "place"
    _write_inputs(inputs)
    directory.mkdir()
    (directory / "old.npy").write_bytes(b"of yesterday")
    place.prepare(directory)
    before = _contents(directory)
    script = f'{place.before}; exec "$@" {place.after}'
    arguments = [*_arguments(inputs / place.vectors, place.output), *place.more]
    outcome = _run(["sh", "-c", script, "sh", *_without_privileges(), *arguments], directory)
    broken = []
    if outcome.code != place.code or not message(outcome, place.says, silent=bool(place.after)):
        broken.append(f"exit code {outcome.code}, {outcome.err!r}")
    after = _contents(directory)
    if outcome.code != 0 and after != before and place.what not in WRITTEN_ALL_THE_SAME:
        broken.append(f"it wrote {sorted(after.items() ^ before.items())}")
    if outcome.code == 0 and after == before:
        broken.append("it wrote nothing")
    return broken


def _write_inputs(inputs: Path) -> None:
    inputs.mkdir()
    (inputs / "v.txt").write_bytes(b"the 1 2 3\ncat 4 5 6\n")
    (inputs / "vocab.json").write_text(json.dumps(["", "the", "cat", *map(str, range(1000))]))
    (inputs / "wide.txt").write_bytes(b"the" + b" 1" * WIDE + b"\n")


def _arguments(vectors: Path, output: str) -> list[str]:
    vocabulary = vectors.with_name("vocab.json")
    return [EMBEDPREP, "build", f"--vectors={vectors}", f"--vocab={vocabulary}", "-o", output]


def _without_privileges() -> list[str]:
    """The administrator may write everywhere; without capabilities only where the modes say so."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


def _run(command: list[str], directory: Path) -> Outcome:
    # A thread a core would ask for more addresses than the smallest limit has.
    slim = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=directory, env=slim, capture_output=True, timeout=PATIENCE)
    return Outcome(exit_code(done.returncode), done.stdout.decode(), done.stderr.decode())


def _contents(directory: Path) -> dict[str, bytes]:
    """Of each name what it is: bytes of a file, the end of a link, or the sort of anything else."""
    found = {}
    for path in sorted(directory.rglob("*")):
        mode = path.lstat().st_mode
        name = str(path.relative_to(directory))
        if stat.S_ISLNK(mode):
            found[name] = os.fsencode(os.readlink(path))
        else:
            found[name] = path.read_bytes() if stat.S_ISREG(mode) else oct(mode).encode()
    return found


# ---- a disk of its own

_MOUNT = 'mount -t tmpfs -o size="$1"k none "$2" && cp -a "$3"/. "$2" && cd "$2"'
_AND_SHOW = 'shift 3; "$@"; code=$?; cp -a . ../seen; exit $code'


def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    with tempfile.TemporaryDirectory() as place:
        command = ["unshare", "-m", "mount", "-t", "tmpfs", "none", place]
        return subprocess.run(command, capture_output=True).returncode == 0


def _on_a_full_disk(ending: str, missing: int) -> list[str]:
    """A build over an old one, on a disk that has `missing` kilobytes less than both need."""
    with tempfile.TemporaryDirectory() as root:
        outcome, same = _over_an_old_one(Case(ending, old=True), missing, Path(root))
    what = f"{ending}, {missing} KB too little on the disk"
    if outcome.code != 5 or not message(outcome, "no space left"):
        return [f"{what}: exit code {outcome.code}, {outcome.err!r}"]
    return [] if same else [f"{what}: the files are not those of before"]


def _over_an_old_one(case: Case, missing: int, root: Path) -> tuple[Outcome, bool]:
    """How it ended, and whether all is as before."""
    inputs, old, disk, seen = (root / name for name in ("inputs", "old", "disk", "seen"))
    _write_inputs(inputs)
    for path in (old, disk, seen):
        path.mkdir()
    arguments = [*_arguments(inputs / "v.txt", case.matrix), "--quiet"]
    first = _run(arguments, old)
    assert first == Outcome(0, "", ""), first
    before = _contents(old)
    needed = 2 * 4 * sum(-(-len(content) // 4096) for content in before.values())
    script = [f"{_MOUNT} && {{ {_AND_SHOW}; }}", "sh", str(needed - missing)]
    places = [str(disk), str(old)]
    outcome = _run(["unshare", "-m", "sh", "-c", *script, *places, *arguments], root)
    return outcome, _contents(seen) == before
