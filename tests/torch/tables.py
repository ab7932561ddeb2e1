"""Matrix files for models, each with the sha256 of its own rows in its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

import embedprep
from embedprep.containers.digest import sha256_of
from tests.matrices import blank_report, random_rows, written

WORDS, DIM = 20, 4


def table_file(
    path: str = "m.npy",
    rows: NDArray[Any] | None = None,
    provenance: Sequence[int] | None = None,
) -> NDArray[Any]:
    """Write a matrix file of `rows`, 20 random ones of 4 unless given, and return them."""
    rows = random_rows(WORDS, DIM) if rows is None else rows
    Path("v.txt").write_bytes(b"the 1\n")
    info = blank_report().matrix._replace(
        rows=rows.shape[0],
        dim=rows.shape[1],
        sha256_of_pieces=sha256_of(rows),
    )
    tokens = [f"w{i}" for i in range(len(rows))]
    written(tokens, rows, provenance, path=path, matrix=info)
    return rows


def edit(path: str, row: int) -> None:
    """Assign other values to a row of a matrix file, in place."""
    rows = embedprep.open(path).array[row].tobytes()
    content = Path(path).read_bytes()
    at = content.index(rows)
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(bytes(len(rows)))


def private_pages(path: str) -> tuple[int, int]:
    """Bytes of the maps of a file in this process: resident, and no longer those of the file."""
    resident = changed = 0
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, _, value = line.partition(":")
        if "-" in line.split(" ", 1)[0]:  # the head of a map: its addresses, …, its file
            inside = line.endswith("/" + path)
        elif inside and name == "Rss":
            resident += int(value.split()[0]) * 1024
        elif inside and name == "Anonymous":
            changed += int(value.split()[0]) * 1024
    return resident, changed
