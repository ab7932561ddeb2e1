"""A file that is indexed while it is read from start to end."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.publication import Publication, refuse_inputs
from embedprep.errors import InputError, OutputError, UsageError, printable
from embedprep.indexing.indexable import Indexable
from embedprep.indexing.key_index import KeyIndex, stamp_of
from embedprep.indexing.place import places_of
from embedprep.indexing.same_file import SameFile
from embedprep.vectors import Hits
from embedprep.vectors.hits import no_marks

log = logging.getLogger("embedprep")


class Recording(SameFile):
    """The same `Hits` as the file itself; after all of them, the index is written."""

    def __init__(self, indexable: Indexable) -> None:
        super().__init__(indexable.vectors)
        self._indexable = indexable
        self._stamp = stamp_of(indexable)
        self._hashes = [np.empty(0, np.int64)]  # a file may have no records
        self._places: list[NDArray[np.int64]] = []
        self._spaced_keys = 0
        self._capitals = False
        self._marks = no_marks()
        self._obstacle: str | None = None

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        for hits in self.vectors.hits(keys, composable):
            self._add(hits)
            yield hits
        if keys is not None:
            try:
                path = self._written()
            except (InputError, OutputError) as error:
                log.warning("no index of %s: %s", printable(self.path), error.reason)
            else:
                log.info("indexed in %s", printable(path))

    def record(self, progress: Callable[[int], object]) -> str:
        """Read the file only to make the index; return its path.

        Calls `progress` with the bytes read since the last call. Raises InputError if no index is
        possible, and OutputError if it cannot be stored anywhere.
        """
        for hits in self.vectors.hits([]):
            progress(hits.bytes)
            self._add(hits)
        return self._written()

    def _add(self, hits: Hits) -> None:
        if hits.malformed:
            self._obstacle = "malformed records"
        elif self.has_lines and hits.lines != hits.records:
            self._obstacle = "blank lines"
        self._hashes.append(hits.hashes.copy())
        self._places.append(hits.places.copy())
        self._spaced_keys += hits.spaced_keys
        self._capitals |= hits.capitals
        self._marks += hits.marks

    def _written(self) -> str:
        if self._obstacle is not None:
            raise InputError(
                f"it has {self._obstacle}, which an index does not cover",
                "Remove them, or download or export the file again.",
                path=self.path,
            )
        stamp_of(self._indexable)  # raises if the file was modified
        index = KeyIndex(
            stamp=self._stamp,
            spaced_keys=self._spaced_keys,
            capitals=self._capitals,
            marks=self._marks,
            hashes=np.concatenate(self._hashes),
            places=np.concatenate([*self._places, [self._stamp.bytes]]),
        )
        return _write(index, self.path)


def _write(index: KeyIndex, path: str) -> str:
    """Write the index beside the vector file, or in the cache if that is not possible."""
    beside, in_cache = places_of(path)
    try:
        refuse_inputs([beside], [path])
        return _publish(index, beside)
    except (OutputError, UsageError):
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(in_cache), exist_ok=True)
        return _publish(index, in_cache)


def _publish(index: KeyIndex, place: str) -> str:
    # Not durable: one more reading restores a lost index.
    with Publication([place], durable=False) as publication:
        for part in index.parts():
            publication.files[place].write(part)
        publication.publish()
    return place
