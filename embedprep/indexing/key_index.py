"""The position of each key in a file of records, in a side-car that one damaged byte invalidates.

The file: a line that identifies it, the CRC-32 of everything after it, a line of JSON (`Stamp` and
`KeyIndex` without its arrays), the hashes, the places. Little-endian; 16 bytes per record.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from embedprep import core
from embedprep.indexing.indexable import Indexable

_MAGIC = b"embedprep-index 3\n"
_CRC_BYTES = 9
"""The length of the checksum: eight digits and the end of the line."""
_KNOWN_KEY = b"a key whose hash tells how keys are hashed"


@dataclass(frozen=True)
class Stamp:
    """The state of a file, and how it is read: an index of another state is useless."""

    bytes: int
    modified_ns: int
    fingerprint: str
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
        modified_ns=source.modified_ns,
        fingerprint=source.fingerprint(),
        layout=vectors.layout,
        hashing=int(core.load().hash_keys([_KNOWN_KEY])[0]),
    )


@dataclass(frozen=True, eq=False)
class KeyIndex:
    """The keys of all records of a file, in its order."""

    stamp: Stamp
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
            "records": len(self.hashes),
            "spaced_keys": self.spaced_keys,
            "capitals": self.capitals,
            "marks": self.marks.tolist(),
        }
        head = json.dumps(facts).encode() + b"\n"
        arrays = [array.astype("<i8", copy=False).data.cast("B") for array in self._arrays]
        crc = 0
        for part in (head, *arrays):
            crc = isal_zlib.crc32(part, crc)
        return [_MAGIC, b"%08x\n" % crc, head, *arrays]

    @property
    def _arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.hashes, self.places

    @classmethod
    def read(cls, path: str) -> Self:
        """Read an index. Raises ValueError for a damaged or wrong file, and OSError."""
        with open(path, "rb") as file:
            if file.read(len(_MAGIC)) != _MAGIC:
                raise ValueError("it is no index of this version of embedprep")
            told, head = file.read(_CRC_BYTES), file.readline()
            size, rest = divmod(os.fstat(file.fileno()).st_size - file.tell(), 8)
            content = np.empty(size, "<i8")
            file.readinto(content.data.cast("B"))
        crc = isal_zlib.crc32(content.data.cast("B"), isal_zlib.crc32(head))
        if rest or told != b"%08x\n" % crc:
            raise ValueError("it is damaged; delete it")
        facts: dict[str, Any] = json.loads(head)
        records = facts["records"]
        if size != 2 * records + 1:
            raise ValueError(f"it does not have the {records} records that it promises; delete it")
        return cls(
            stamp=Stamp(**facts["stamp"]),
            spaced_keys=facts["spaced_keys"],
            capitals=facts["capitals"],
            marks=np.array(facts["marks"], np.int64),
            hashes=content[:records],
            places=content[records:],
        )
