"""The same inputs and options give the same bytes, whatever else differs.

Threads, sizes of blocks, containers of the source and of the output, the two cores, an index, other
builds in the same reading, a cluster; then hash seeds and locales, in processes of their own, with
builds whose hashes stand in `golden.json`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import embedprep
from embedprep import containers, core
from embedprep.building import reading
from embedprep.errors import InputError
from embedprep.vectors.blocks import BLOCK_BYTES
from tests import vector_samples
from tests.building.blocks import in_blocks_of
from tests.torture import golden
from tests.torture.tally import Tally

THREADS = (1, 2, 4, 8)
ENDINGS = (".npy", ".h5", ".safetensors")
READINGS = ("alone", "with another", "indexed")
"""By itself; together with the build of another vocabulary; with an index, once there is one."""
SEEDS = ("0", "1", "4242")
QUICK_WAYS = 1
"""Of reading a source, in a short run: other sources hold the same rows."""
PATIENCE = 120.0
"""Seconds after which a process hangs."""


def run(full: bool) -> Tally:
    """All combinations, or of each of them some."""
    tally = Tally("determinism")
    quiet = mock.patch.object(logging.getLogger("embedprep"), "disabled", True)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), quiet:
        _in_this_process(full, tally)
        _in_others(full, tally)
    return tally


# In this process: how it is read and written.


@dataclass(frozen=True)
class _Source:
    """Vectors that are read in several ways."""

    path: str
    same_rows: str
    """What other sources hold, too: all of them give the same rows."""
    blocks: tuple[int, ...]
    """Sizes: a small prime, 64 KiB, the usual one."""
    options: dict[str, Any]

    def arguments(self) -> dict[str, Any]:
        """Of `embedprep.build`, beside the output and the threads."""
        return {"vectors": self.path, "durable": False, **self.options}


class _Seen:
    """The first hash of each case, which all others must equal."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._first: dict[str, tuple[str, str]] = {}

    def compare(self, case: str, digest: str, how: str) -> None:
        self._tally.counts["hashes compared"] += 1
        before, first = self._first.setdefault(case, (digest, how))
        if digest != before:
            self._tally.broken.append(f"{case}: {how} gives another hash than {first}")

    def __len__(self) -> int:
        return len(self._first)


def _in_this_process(full: bool, tally: Tally) -> None:
    seen = _Seen(tally)
    cores = ["native"] * (core.implementation() == "native") + ["reference"]
    for number, source in enumerate([*_small(full), *_large(full)]):
        ways = list(itertools.product(THREADS, source.blocks, cores, READINGS))
        random.Random(source.path).shuffle(ways)
        # Reading and writing know nothing of each other, so each way of reading meets one ending.
        endings = itertools.cycle(ENDINGS if full else [ENDINGS[number % len(ENDINGS)]])
        for way, ending in zip(ways if full else ways[:QUICK_WAYS], endings, strict=False):
            _compare(seen, source, ending, *way)
            tally.counts["builds"] += 1
        if full and source.path.endswith(".txt") and importlib.util.find_spec("distributed"):
            for processes in (1, 2):
                _compare(seen, source, ".npy", processes, BLOCK_BYTES, "native", "by a cluster")
                tally.counts["builds by a cluster"] += 1
    tally.counts["cases"] += len(seen)


def _compare(
    seen: _Seen,
    source: _Source,
    ending: str,
    threads: int,
    block: int,
    implementation: str,
    reading: str,
) -> None:
    how = f"{threads} threads, blocks of {block}, {implementation}, {reading}"
    output = "m" + ending
    build = {**source.arguments(), "output": output, "threads": threads, **_HOW[reading]}
    other = {**build, "vocab": ["the", "word40", "Word1"], "output": None, "oov": "zeros"}
    builds = [other, build] if reading == "with another" else [build]
    try:
        with _reading(block, implementation):
            matrix, report = embedprep.build_all(builds)[-1]
    except InputError as error:
        where = repr((error.reason, error.path, error.line, error.byte, error.token))
        seen.compare(f"error of {source.path}", golden.sha256(where.encode()), how)
        return
    rows = golden.sha256(matrix.tobytes())
    seen.compare(f"rows of {source.same_rows}", rows, f"{source.path}, {how}")
    case = f"{source.path} as {ending}"
    seen.compare(f"report of {case}", golden.report_hash(report.to_dict()), how)
    seen.compare(f"file of {case}", _file_hash(output), how)


_HOW: dict[str, dict[str, Any]] = {
    "alone": {"index": "ignore"},
    "with another": {"index": "ignore"},
    "indexed": {"index": "make"},
    "by a cluster": {"index": "ignore", "engine": "dask"},
}
"""The options of each reading."""


@contextlib.contextmanager
def _reading(block: int, implementation: str) -> Iterator[None]:
    pure = "1" if implementation == "reference" else "0"
    with (
        mock.patch.object(reading, "open_vectors", in_blocks_of(block)),
        mock.patch.dict(os.environ, EMBEDPREP_PURE=pure),
    ):
        yield


def _file_hash(path: str) -> str:
    content = Path(path).read_bytes()
    if path.endswith(".h5"):  # a time stands in it
        matrix, notes = containers.read(path)
        arrays = (matrix, *notes.arrays())
        content = b"".join(array.tobytes() for array in arrays) + notes.report.encode()
    return golden.sha256(content)


def _small(full: bool) -> Iterator[_Source]:
    """All containers of the same 200 vectors, each in a folder of its own."""
    options = {"vocab": vector_samples.VOCAB, "oov": "normal", "fallback": ("lower", "compound")}
    for name, (file_name, write) in (vector_samples.FILES | vector_samples.OTHERS).items():
        path = Path(name.replace(" ", "-"), file_name)
        path.parent.mkdir()
        write(path)
        trust = {"trust_pickle": path.suffix == ".kv"}
        yield _Source(str(path), "200 words", (31, 65_536, BLOCK_BYTES), options | trust)
        if name in vector_samples.FILES:
            for packing in vector_samples.COMPRESSIONS if full else ["zip"]:
                ending, compress = vector_samples.COMPRESSIONS[packing]
                packed = Path(str(path) + ending)
                packed.write_bytes(compress(path.read_bytes()))
                yield _Source(str(packed), "200 words", (127, 65_536, BLOCK_BYTES), options)


def _large(full: bool) -> Iterator[_Source]:
    """Files of several blocks of any size, with records that stand twice, and damaged ones."""
    chance = random.Random(1)
    words = [f"word{chance.randrange(20_000)}" for _ in range(40_000)]
    rows = np.random.default_rng(2).normal(size=(len(words), 12)).astype(np.float32)
    lines = [
        f"{word} {' '.join(map(repr, row))}\n".encode()
        for word, row in zip(words, rows.tolist(), strict=True)
    ]
    text = b"".join(lines)
    damaged = lines.copy()
    for number in range(1000, len(lines), 997):
        short = lines[number].rsplit(b" ", 1)[0] + b"\n"
        key = b"word%d" % (number % 50)
        damaged[number] = chance.choice([b"\n", short, key + b" nan" * 12 + b"\n"])
    records = zip(words, rows, strict=True)
    binary = b"".join(word.encode() + b" " + row.tobytes() + b"\n" for word, row in records)
    contents = {"large.bin": b"%d 12\n" % len(words) + binary, "damaged.txt": b"".join(damaged)}
    if full:
        contents["large.txt"] = text
        contents["large.txt.gz"] = vector_samples.COMPRESSIONS["gzip"][1](text)
        contents["large.zip"] = vector_samples.COMPRESSIONS["zip"][1](text)
    assert len(text) > 2 * BLOCK_BYTES
    vocab = ["", *(f"word{number}" for number in range(0, 20_000, 40)), "Word1", "none", "word40s"]
    for name in contents:
        Path(name).write_bytes(contents[name])
        options: dict[str, Any] = {"vocab": vocab, "on_duplicate": "last", "oov": "mean"}
        if name.startswith("large"):
            yield _Source(name, "large", (4_099, 65_536, BLOCK_BYTES), options)
            continue
        yield _Source(name, name, (4_099, 65_536, BLOCK_BYTES), options)
        skipping = options | {"on_malformed": "skip"}
        yield _Source("./" + name, name, (4_099, 65_536, BLOCK_BYTES), skipping)


# In processes of their own: where it runs.


@dataclass(frozen=True)
class _Locale:
    variables: dict[str, str]
    decimal_point: str = "."


def _in_others(full: bool, tally: Tally) -> None:
    expected = golden.stored()
    if expected.keys() != golden.BUILDS.keys():
        tally.broken.append("golden.json and the builds do not have the same names")
    locales = _locales()
    if all(place.decimal_point == "." for place in locales):
        tally.left_out.append("a decimal comma: no locale de_DE can be made (apt install locales)")
    ways = list(itertools.product(SEEDS, locales, ("0", "1")))
    # An odd step meets both cores, from here on with a decimal comma where there is one.
    for seed, place, pure in ways if full else ways[4::7]:
        how = f"hash seed {seed}, {place.variables}, EMBEDPREP_PURE={pure}"
        variables = {"PYTHONHASHSEED": seed, "EMBEDPREP_PURE": pure, **place.variables}
        found = _hashes_elsewhere(variables, place.decimal_point)
        if isinstance(found, str):
            tally.broken.append(f"{how}: {found}")
            continue
        tally.counts["processes"] += 1
        if place.decimal_point == ",":
            tally.counts["processes with a decimal comma"] += 1
        for name in found:
            for part, digest in found[name].items():
                tally.counts["golden hashes compared"] += 1
                if digest != expected.get(name, {}).get(part):
                    tally.broken.append(f"{part} of '{name}' with {how} is not the golden one")


def _hashes_elsewhere(variables: dict[str, str], point: str) -> dict[str, golden.Digests] | str:
    """Of the golden builds in a new process, or what is wrong with that."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture.golden", point],
        cwd=golden.ROOT,
        env=kept | variables,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        return f"exit code {done.returncode}: {done.stderr.decode()[-300:]}"
    digests: dict[str, golden.Digests] = json.loads(done.stdout)
    return digests


def _locales() -> Sequence[_Locale]:
    """C, UTF-8, and one with a decimal comma where the system can make it."""
    usual = [_Locale({"LC_ALL": "C"}), _Locale({"LC_ALL": "C.UTF-8"})]
    localedef = shutil.which("localedef")
    if localedef is None:
        return usual
    # It complains of trifles by its exit code, and needs no rights to write here.
    subprocess.run(
        [localedef, "-i", "de_DE", "-f", "UTF-8", "./de_DE.UTF-8"],
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    if not Path("de_DE.UTF-8", "LC_NUMERIC").exists():
        return usual
    german = {"LC_ALL": "de_DE.UTF-8", "LOCPATH": os.getcwd()}
    return [*usual, _Locale(german, decimal_point=",")]
