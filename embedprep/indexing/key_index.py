"""The position of each key in a file of records, in a side-car that one damaged byte invalidates.

The file: a line with its layout and the version that wrote it, the CRC-32 of everything else, a
line of JSON (`Stamp` and `KeyIndex` without its arrays), the hashes, the places, the checks.
Little-endian; 20 bytes per record.
"""

from __future__ import annotations

import json
import operator
import os
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from embedprep import __version__, core
from embedprep.core.marks import MARKS
from embedprep.indexing.indexable import Indexable
from embedprep.indexing.place import BEGINNING, opened

_LAYOUT = 4
_MOST_HEAD_BYTES = 1 << 16
_SMALLEST_RECORD = 4
"""The bytes of the shortest record of a text, `a 1` and a line break. They bound the memory that an
index can claim.
"""
_CRC_BYTES = 9
"""The length of the checksum: eight digits and the end of the line."""
_KNOWN_KEY = b"a key whose hash tells how keys are hashed"


@dataclass(frozen=True)
class Stamp:
    """The state of a file, and how it is read: an index of another state is useless.

    Only reading the whole file would show that its content is the same. So the state includes the
    time of the last change, which a file that was moved, copied or written to gets from the system,
    whatever time of modification it is given.
    """

    bytes: int
    modified_ns: int
    changed_ns: int
    ends: str
    """sha256 over the size and the first and last 64 KiB."""
    layout: dict[str, str | int]
    """The layout, as in `Indexable.layout`."""
    hashing: int
    """The hash of a known key."""


def stamp_of(vectors: Indexable) -> Stamp:
    """Return the state of an open file. Raises InputError if the file has been modified since."""
    source = vectors.file
    return Stamp(
        bytes=source.size,
        modified_ns=source.state.modified_ns,
        changed_ns=source.state.changed_ns,
        ends=source.fingerprint(),
        layout=vectors.layout,
        hashing=int(core.load().hash_keys([_KNOWN_KEY])[0]),
    )


@dataclass(frozen=True, eq=False)
class KeyIndex:
    """The keys of all records of a file, in its order."""

    stamp: Stamp
    fingerprint: str
    """The fingerprint of the file that was read, as in its description."""
    spaced_keys: int
    """The number of records whose key contains the separator."""
    capitals: bool
    """Whether a key contains an ASCII capital letter."""
    marks: NDArray[np.int64]
    """How many keys have each of the `MARKS` of tokenizers."""
    hashes: NDArray[np.int64]
    """The `hash_keys` of the keys, shape (records,)."""
    places: NDArray[np.int64]
    """The first byte of each record's key, and the end of the file, shape (records + 1,)."""
    checks: NDArray[np.uint32]
    """The lower half of each record's digest, shape (records,)."""

    def records_of(self, keys: list[bytes]) -> NDArray[np.int64]:
        """Return the records, ascending, whose keys have the hash of one of `keys`.

        These are the records with one of the keys, and by chance another.
        """
        implementation = core.load()
        return implementation.find_hashes(self.hashes, implementation.hash_keys(keys))

    def parts(self) -> list[bytes | memoryview]:
        """Yield the content of the file in parts, in order."""
        facts = {
            "stamp": asdict(self.stamp),
            "fingerprint": self.fingerprint,
            "records": len(self.hashes),
            "spaced_keys": self.spaced_keys,
            "capitals": self.capitals,
            "marks": self.marks.tolist(),
        }
        head = json.dumps(facts).encode() + b"\n"
        arrays: list[memoryview] = [
            array.astype(array.dtype.newbyteorder("<"), copy=False).data.cast("B")
            for array in (self.hashes, self.places, self.checks)
        ]
        layout = b"%s%d %s\n" % (BEGINNING, _LAYOUT, __version__.encode())
        crc = 0
        for part in (layout, head, *arrays):
            crc = isal_zlib.crc32(part, crc)
        return [layout, b"%08x\n" % crc, head, *arrays]

    @classmethod
    def read(cls, path: str, most_bytes: int) -> Self:
        """Read an index of a file of `most_bytes` or fewer.

        Raises ValueError for a damaged or wrong file, and OSError.
        """
        with opened(path) as file:
            layout = file.readline(_MOST_HEAD_BYTES)
            _check_layout(layout)
            told, head = file.read(_CRC_BYTES), file.readline(_MOST_HEAD_BYTES)
            size = os.fstat(file.fileno()).st_size - file.tell()
            records, rest = divmod(size - 8, 20)
            if rest or not 0 <= records <= most_bytes // _SMALLEST_RECORD + 1:
                raise ValueError(_DAMAGED)
            content = np.empty(size, np.uint8)
            file.readinto(content.data)
        crc = 0
        for part in (BEGINNING, layout, head, content.data):
            crc = isal_zlib.crc32(part, crc)
        if told != b"%08x\n" % crc:
            raise ValueError(_DAMAGED)
        places = content[8 * records :]
        try:
            facts: dict[str, Any] = json.loads(head)
            stamp, marks = Stamp(**facts["stamp"]), np.array(facts["marks"], np.int64)
            told_records, spaced_keys = operator.index(facts["records"]), facts["spaced_keys"]
            index = cls(
                stamp=stamp,
                fingerprint=str(facts["fingerprint"]),
                spaced_keys=operator.index(spaced_keys),
                capitals=bool(facts["capitals"]),
                marks=marks,
                hashes=content[: 8 * records].view("<i8"),
                places=places[: 8 * records + 8].view("<i8"),
                checks=places[8 * records + 8 :].view("<u4"),
            )
        # A stranger can give any JSON the right checksum.
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
            raise ValueError(_DAMAGED) from error
        if told_records != records or marks.shape != (len(MARKS),):
            raise ValueError(_DAMAGED)
        return index


_DAMAGED = "it is damaged; delete it"


def _check_layout(line: bytes) -> None:
    """Raise ValueError for the layout of another version, in the rest of the first line."""
    layout, _, version = line.decode("latin-1").strip().partition(" ")
    if layout != str(_LAYOUT):
        raise ValueError(
            f"it has the layout {layout[:20]} of embedprep {version[:20] or '(unknown)'}, and "
            f"embedprep {__version__} reads {_LAYOUT}"
        )
