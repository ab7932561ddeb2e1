"""The hot path behind one seam: the compiled core, or its plain-Python twin.

In: blocks of bytes, tables of keys, tokens.
Out: the positions of wanted records, their float32 rows, random numbers for tokens.
May import: nothing above the ground floor.

`EMBEDPREP_PURE=1` forces the twin. The choice is made at each call of `load`, so that one process
(a test run) can use both. Nothing else in the package imports the twin.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from embedprep.core.scan import Keys as KeyTable
    from embedprep.core.scan import Scan


class Core(Protocol):
    """The functions that both implementations export; `embedprep.core.reference` specifies them."""

    def Keys(self, keys: list[bytes]) -> KeyTable: ...  # noqa: N802  the name of a class

    def hash_keys(self, keys: list[bytes]) -> NDArray[np.int64]: ...

    def count_marks(self, keys: list[bytes]) -> NDArray[np.int64]: ...

    def find_hashes(
        self, hashes: NDArray[np.int64], wanted: NDArray[np.int64]
    ) -> NDArray[np.int64]: ...

    def scan_text(
        self, block: NDArray[np.uint8], keys: KeyTable | None, dim: int, separator: bytes
    ) -> Scan: ...

    def decode_text(
        self,
        block: NDArray[np.uint8],
        start: NDArray[np.int64],
        end: NDArray[np.int64],
        separator: bytes,
        rows: NDArray[np.float32],
        bad: NDArray[np.int64],
        nonfinite: NDArray[np.int64],
    ) -> None: ...

    def read_ranges(
        self,
        fd: int,
        memory: NDArray[np.uint8],
        offset: NDArray[np.int64],
        begin: NDArray[np.int64],
        end: NDArray[np.int64],
    ) -> NDArray[np.int64]: ...

    def scan_word2vec(self, block: NDArray[np.uint8], keys: KeyTable | None, dim: int) -> Scan: ...

    def digest_word2vec(
        self, block: NDArray[np.uint8], places: NDArray[np.int64], dim: int
    ) -> NDArray[np.int64]: ...

    def copy_rows(
        self,
        block: NDArray[np.uint8],
        start: NDArray[np.int64],
        rows: NDArray[np.float32],
        nonfinite: NDArray[np.int64],
    ) -> None: ...

    def scan_fasttext(
        self, block: NDArray[np.uint8], keys: KeyTable | None, entries: int
    ) -> Scan: ...

    def ngrams(
        self, words: list[bytes], minn: int, maxn: int, bucket: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...

    def random_bits(
        self, tokens: list[bytes], salt: int, first: int, bits: NDArray[np.uint32]
    ) -> None: ...

    def place_rows(
        self,
        rows: NDArray[np.float32],
        source: NDArray[np.int64],
        target: NDArray[np.int64],
        matrix: NDArray[np.float32],
    ) -> None: ...

    def add_rows(
        self,
        rows: NDArray[np.float32],
        source: NDArray[np.int64],
        target: NDArray[np.int64],
        sums: NDArray[np.float64],
    ) -> None: ...


def implementation() -> str:
    """Return which one `load` returns now: `native` or `reference`."""
    return "reference" if _twin_is_asked_for() or why_missing() is not None else "native"


def _twin_is_asked_for() -> bool:
    return os.environ.get("EMBEDPREP_PURE", "") not in ("", "0")


def why_missing() -> str | None:
    """Return what is wrong, and the remedy, if the compiled core cannot be used."""
    try:
        importlib.import_module("embedprep._core")
    except ImportError as error:
        what = "is missing" if error.name == "embedprep._core" else f"cannot be loaded ({error})"
        return (
            f"the compiled core {what}; the one in plain Python does the same, several times "
            "slower. If there are a C++ compiler and the headers of Python, get it with: "
            "pip install --force-reinstall --no-deps --no-cache-dir embedprep"
        )
    return None


def load() -> Core:
    """Return the implementation to use."""
    name = "embedprep._core" if implementation() == "native" else "embedprep.core.reference"
    return cast("Core", importlib.import_module(name))


def count_marks(keys: list[bytes]) -> NDArray[np.int64]:
    """Count how many of `keys` have each of `MARKS`, int64 of shape (len(MARKS),)."""
    return load().count_marks(keys)
