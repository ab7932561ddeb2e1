"""A file that is indexed while it is read from start to end."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.publication import Publication
from embedprep.errors import InputError, OutputError, printable
from embedprep.indexing.indexable import Indexable
from embedprep.indexing.key_index import KeyIndex, stamp_of
from embedprep.indexing.place import check_replaceable, places_of
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
        self._checks = [np.empty(0, np.uint32)]
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
        self._checks.append(hits.digests.astype(np.uint32))

    def _written(self) -> str:
        if self._obstacle is not None:
            raise InputError(
                f"it has {self._obstacle}, which an index does not cover",
                "Remove them, or download or export the file again.",
                path=self.path,
            )
        _wait_for_the_clock(self._stamp.changed_ns)
        index = KeyIndex(
            stamp=self._stamp,
            fingerprint=self.vectors.describe().fingerprint,  # raises if the file was modified
            spaced_keys=self._spaced_keys,
            capitals=self._capitals,
            marks=self._marks,
            hashes=np.concatenate(self._hashes),
            places=np.concatenate([*self._places, [self._stamp.bytes]]),
            checks=np.concatenate(self._checks),
        )
        return _write(index, self.path)


def _wait_for_the_clock(changed_ns: int) -> None:
    """Wait until a change of the file would have another time than its last one."""
    passed = time.time_ns() - changed_ns
    if 0 <= passed < _TICK_NS:
        time.sleep((_TICK_NS - passed) / 1e9)


_TICK_NS = 20_000_000
"""Some systems note the time of a change only to their last tick, up to ten milliseconds ago."""


def _write(index: KeyIndex, path: str) -> str:
    """Write the index beside the vector file, or in the cache if that is not possible."""
    *better, last = places_of(path)
    for place in better:
        try:
            return _publish(index, place)
        except OutputError as error:
            log.info("%s", error.reason)
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(last), exist_ok=True)
    try:
        return _publish(index, last)
    except OutputError as error:
        remedy = (
            f"{error.remedy} Where it cannot lie beside the vectors, an index goes into the folder "
            "that XDG_CACHE_HOME names."
        )
        raise OutputError(error.reason, remedy, path=error.path) from error


def _publish(index: KeyIndex, place: str) -> str:
    check_replaceable(place)
    # Not durable: one more reading restores a lost index.
    with Publication([place], durable=False, follow_link=False) as publication:
        for part in index.parts():
            publication.files[place].write(part)
        check_replaceable(place)  # writing took time
        publication.publish()
    return place
