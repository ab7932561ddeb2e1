"""What comes of reading a file, with an index or without: the same, or a test is red."""

from __future__ import annotations

import dataclasses
import os
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.indexing import ENDING
from embedprep.indexing.indexable import indexable
from embedprep.indexing.key_index import KeyIndex, stamp_of
from embedprep.sources import PlainFile
from embedprep.vectors import Request, Vectors, open_vectors
from embedprep.vectors.hits import no_marks


def reading(vectors: Vectors, keys: list[bytes]) -> dict[str, Any]:
    """All that a reading gives, however it is cut into chunks."""
    found: list[tuple[int, int, bytes]] = []
    total = {"records": 0, "spaced": 0, "malformed": 0}
    undecodable: list[int] = []
    nonfinite: list[int] = []
    hashes, capitals, marks, faults = [], False, no_marks(), []
    for hits in vectors.hits(keys):
        rows = [row.tobytes() for row in hits.rows]
        found += zip(hits.key.tolist(), hits.record.tolist(), rows, strict=True)
        total["records"] += hits.records
        total["spaced"] += hits.spaced_keys
        total["malformed"] += hits.malformed
        undecodable += hits.undecodable.tolist()
        nonfinite += hits.nonfinite.tolist()
        hashes += hits.hashes.tolist()
        capitals |= hits.capitals
        marks += hits.marks
        faults += [tuple(hits.fault)] if hits.fault else []
    description = vectors.describe()
    vectors.close()
    return {
        "found": found,
        "total": total,
        "undecodable": undecodable,
        "nonfinite": nonfinite,
        "hashes": hashes,
        "capitals": capitals,
        "marks": marks.tolist(),
        "first fault": faults[:1],
        "description": description,
    }


def built(path: str, vocab: list[str], **options: Any) -> tuple[bytes, dict[str, Any]]:
    """The bytes of the rows and the report of a build."""
    matrix, coverage = embedprep.build(path, vocab, **options)
    report = coverage.to_dict()
    del report["run"]
    return matrix.tobytes(), report


def outcome(path: str, vocab: list[str], **options: Any) -> tuple[bytes, dict[str, Any]] | str:
    """The same, or the error."""
    try:
        return built(path, vocab, **options)
    except embedprep.InputError as error:
        return str(error)


def replaced(path: str, content: bytes) -> None:
    """Other content of the same size and time of modification, as after `cp -p`."""
    before = os.stat(path)
    Path(path).write_bytes(content)
    assert len(content) == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced_unseen(path: str, content: bytes) -> None:
    """The same, and the index believes that it is of this file: some systems note no changes."""
    replaced(path, content)
    index = KeyIndex.read(path + ENDING, 1 << 30)
    vectors = open_vectors(Request(path, format=str(index.stamp.layout["format"])))
    stamp = dataclasses.replace(stamp_of(indexable(vectors)), ends=index.stamp.ends)
    vectors.close()
    Path(path + ENDING).write_bytes(b"".join(dataclasses.replace(index, stamp=stamp).parts()))


def read_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How much each read of a file gives from now on, in one range or several."""
    sizes: list[int] = []
    read_into, read_ranges = PlainFile.read_into, PlainFile.read_ranges

    def counted_into(file: PlainFile, buffer: bytearray | memoryview | mmap, offset: int) -> int:
        sizes.append(read_into(file, buffer, offset))
        return sizes[-1]

    def counted_ranges(file: PlainFile, memory: Any, offset: Any, begin: Any, end: Any) -> None:
        sizes.extend((end - begin).tolist())
        read_ranges(file, memory, offset, begin, end)

    monkeypatch.setattr(PlainFile, "read_into", counted_into)
    monkeypatch.setattr(PlainFile, "read_ranges", counted_ranges)
    return sizes
