"""Key indexes: a second build from the same vectors reads only what it wants.

In: an opened vector file.
Out: one that yields the same `Hits` with the help of an index, or that writes one on its way.
May import: vocabulary, sources, containers, vectors.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from embedprep.errors import InputError, printable
from embedprep.indexing.indexable import Indexable, indexable
from embedprep.indexing.place import ENDING, places_of
from embedprep.options import UseOfIndex
from embedprep.vectors import Vectors

if TYPE_CHECKING:
    from embedprep.indexing.key_index import KeyIndex
    from embedprep.indexing.reuse import Reuse

__all__ = ["ENDING", "UseOfIndex", "make_index", "with_index"]

log = logging.getLogger("embedprep")


def with_index(vectors: Vectors, use: UseOfIndex, reuse: Reuse | None = None) -> Vectors:
    """Return `vectors`, read with an index as `use` says, without the rows that `reuse` has.

    If there can be no index, the log says why.
    """
    if use == "ignore":
        return vectors
    try:
        found = indexable(vectors)
    except InputError as obstacle:
        if use == "make":
            log.warning("no index of %s: %s", printable(vectors.path), obstacle.reason)
        return vectors
    index = _fresh(found)
    if index is not None:
        from embedprep.indexing.indexed import Indexed

        return Indexed(found, index, reuse)
    if reuse is not None:
        now = "embedprep writes one for the next update (--no-index: none)"
        how = now if use == "make" else "--index writes one for the next update"
        reuse.hindered(vectors.path, f"there was no index of it; {how}")
    if use == "make":
        from embedprep.indexing.recording import Recording

        return Recording(found)
    return vectors


def make_index(vectors: Vectors, progress: Callable[[int], object]) -> str:
    """Read `vectors` and write an index, replacing an old one; return its path.

    Calls `progress` with the bytes read since the last call. Raises InputError if no index is
    possible, and OutputError if it cannot be stored anywhere.
    """
    from embedprep.indexing.recording import Recording

    return Recording(indexable(vectors)).record(progress)


def _fresh(vectors: Indexable) -> KeyIndex | None:
    """Return an index of the file in its present state."""
    for place in filter(os.path.lexists, places_of(vectors.file.path)):
        from embedprep.indexing.key_index import KeyIndex, stamp_of

        try:
            index = KeyIndex.read(place, vectors.file.size)
        except (ValueError, OSError) as error:
            log.warning("%s is not used: %s", printable(place), printable(str(error)))
            continue
        if index.stamp == stamp_of(vectors):
            log.info("reading with the index %s", printable(place))
            return index
        log.warning(
            "%s is not used: the file was written, moved or copied since it was indexed, or is now "
            "read in another way; embedprep index makes a new one",
            printable(place),
        )
    return None
