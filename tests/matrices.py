"""Matrix files with whatever rows, provenance and report a test wants."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import embedprep
from embedprep.containers import Annotations, AtomicFile, writer
from embedprep.containers.annotations import Strings
from embedprep.containers.digest import sha256_of
from embedprep.coverage.record import Coverage
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance


@cache
def blank_report() -> Coverage:
    """That of a build, to be filled in; needs `v.txt` the first time."""
    return embedprep.build("v.txt", ["the"])[1]


def written(
    tokens: Sequence[str],
    rows: NDArray[Any],
    provenance: Sequence[int] | None = None,
    *,
    path: str = "m.npy",
    keys: dict[int, bytes] | None = None,
    sources: Sequence[int] | None = None,
    records: Sequence[int] | None = None,
    surface: str = "plain",
    **report: Any,
) -> EmbeddingMatrix:
    """A matrix file of these rows; all are exact, of no known record, unless said otherwise."""
    Path("v.txt").write_bytes(b"the 1\n")
    n = len(tokens)
    blank = blank_report()
    settled = blank.matrix._replace(sha256_of_pieces=sha256_of(np.ascontiguousarray(rows)))
    told = {"matrix": settled, "vocabulary": blank.vocabulary._replace(surface=surface)}
    text = blank._replace(**(told | report))
    keys = keys or {}
    file = AtomicFile(path, durable=False)
    container = writer(file, rows.shape, rows.dtype)
    container.matrix[:] = rows
    container.settle()
    container.annotate(
        Annotations(
            tokens=Strings.of(
                [token.encode("utf-8", "surrogatepass") for token in tokens], np.arange(n), n
            ),
            keys=Strings.of(keys.values(), np.array(list(keys), np.int64), n),
            provenance=np.array(
                [Provenance.EXACT] * n if provenance is None else provenance, np.uint8
            ),
            sources=np.array([1] * n if sources is None else sources, np.uint8),
            records=np.array([-1] * n if records is None else records, np.int64),
            report=text.to_json(),
        )
    )
    file.publish()
    return EmbeddingMatrix(path)


def random_rows(n: int, dim: int = 8, dtype: str = "float32", seed: int = 1) -> NDArray[Any]:
    return np.random.default_rng(seed).normal(size=(n, dim)).astype(dtype)
