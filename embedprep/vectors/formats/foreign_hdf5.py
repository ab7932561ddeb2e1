"""HDF5 files of other programs: what they hold, and the command that makes it readable.

Comes in: an HDF5 file that is no matrix of embedprep. Goes out: what it is, by the names, shapes
and types of its datasets. No data are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from embedprep.named_tuples import NamedTuple
from embedprep.sources.foreign import Foreign, python

if TYPE_CHECKING:
    import h5py

_WHAT = "an HDF5 file of another program"
_MOST = 10_000
"""The most datasets that are looked at."""
_SAFE = re.compile(r"[\w ./:-]+")
"""Names that a shell takes as they are, between double quotes."""


class _Dataset(NamedTuple):
    name: str
    shape: tuple[int, ...]
    is_text: bool


def describe(file: BinaryIO) -> Foreign | None:
    """Return what the file is; None if it shows no vectors, or embedprep wrote it."""
    import h5py

    try:
        with h5py.File(file, "r") as root:  # the library opens no file itself
            ours = "provenance" in root or "token_offsets" in root
            found = [] if ours else _datasets(root)
    except Exception:  # damaged structures make the library raise almost anything
        return None
    named = [one for one in found if _SAFE.fullmatch(one.name)]
    matrices = [one for one in named if len(one.shape) == 2 and not one.is_text]
    matrices.sort(key=lambda one: one.shape, reverse=True)
    for matrix in matrices:
        for keys in named:
            if keys.is_text and keys.shape == matrix.shape[:1]:
                return Foreign(
                    f"{_WHAT}, with keys in '{keys.name}' and vectors in '{matrix.name}'",
                    "Write it as text",
                    _reading(
                        f"[print(k.decode(), *v) for k, v in zip(f['{keys.name}'], "
                        f"f['{matrix.name}'])]"
                    ),
                )
    if matrices:
        table = matrices[0].name
        others = f", the largest of {len(matrices)}" if len(matrices) > 1 else ""
        return Foreign(
            f"{_WHAT}, with no keys beside its matrix '{table}'{others}",
            "If that has a vector for each token, write it as .npy, and name the tokens with "
            "--vectors-tokens",
            _reading(f"numpy.save(sys.argv[2], f['{table}'])"),
            writes=".npy",
        )
    if len(found) > 1 and all(len(one.shape) == 1 and "/" not in one.name for one in found):
        return Foreign(
            f"{_WHAT}, with a dataset for each key",
            "Write it as text",
            _reading("[print(k, *v[:]) for k, v in f.items()]"),
        )
    return None


def _datasets(root: h5py.Group) -> list[_Dataset]:
    """Return the datasets of numbers and of texts; links to other files are not followed."""
    import h5py

    found: list[_Dataset] = []

    def visit(name: str, one: object) -> bool | None:
        if isinstance(one, h5py.Dataset) and one.shape is not None:
            is_text = h5py.check_string_dtype(one.dtype) is not None
            if is_text or one.dtype.kind in "fiu":
                found.append(_Dataset(name, one.shape, is_text))
        return True if len(found) == _MOST else None

    root.visititems(visit)
    return found


def _reading(code: str) -> str:
    return python(f"import h5py, numpy, sys; f = h5py.File(sys.argv[1]); {code}")
