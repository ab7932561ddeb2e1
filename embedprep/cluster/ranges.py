"""The work of one worker: open the file, scan the blocks of one range, send back the hits.

A range is several consecutive blocks of a local build. A line belongs to the block in which it
begins, so the ranges together give the same chunks as a local build.
"""

from __future__ import annotations

import logging
import pickle
import socket
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

from embedprep import core
from embedprep.cluster.failures import ClusterError
from embedprep.cluster.place import Place
from embedprep.cluster.wanted import Wanted
from embedprep.errors import EmbedprepError, InputError
from embedprep.sources.source import PlainFile, open_file
from embedprep.sources.storage import using
from embedprep.vectors import Hits
from embedprep.vectors.blocks import LINE_ROOM, work_on_range
from embedprep.vectors.formats.text import block_hits
from embedprep.vectors.formats.text_layout import TextLayout
from embedprep.vectors.hits import no_numbers
from embedprep.vectors.row_buffers import RowBuffers

log = logging.getLogger("embedprep")
_QUIET = logging.NullHandler()


@dataclass(frozen=True)
class Range:
    """One range to scan."""

    place: Place
    layout: TextLayout
    blocks: range
    """The starts of its blocks; the step is their length in bytes."""
    hashes: bool = True
    """Whether the hashes of the keys are sent back."""


@dataclass(frozen=True, eq=False)
class Scanned:
    """The hits of a range, one chunk per block, and the error that ended it early.

    Lines in a chunk count from its start. An error is a value here, because the log of the worker
    would show a raised one with all arguments.
    """

    chunks: list[Hits]
    error: EmbedprepError | None = None
    seen: tuple[str, int] | None = None
    """The host, and when the file there was written; None at an address."""

    def __sizeof__(self) -> int:
        """The size for a worker that must decide what it keeps in memory."""
        return sum(hits.rows.nbytes + hits.hashes.nbytes for hits in self.chunks)


def scan_sent(wanted: bytes | None, part: bytes) -> Scanned:
    """Return what `scan` does; the task of a worker, whose arguments are plain bytes."""
    log.addHandler(_QUIET)  # a local worker would write to the user's terminal
    return scan(Wanted.unpacked(wanted), pickle.loads(part))  # noqa: S301 (made by our client)


def scan(wanted: Wanted, part: Range) -> Scanned:
    """Return the hits of the records that begin in `part`."""
    try:
        with using(part.place.storage), closing(_opened(part)) as file:
            scanned = _scan(file, wanted, part)
            _check(file, part.place)  # nothing wrote to it in the meantime
    except EmbedprepError as error:
        return Scanned([], error)
    if part.place.is_address:
        return scanned
    return replace(scanned, seen=(socket.gethostname(), file.state.modified_ns))


def _scan(file: PlainFile, wanted: Wanted, part: Range) -> Scanned:
    implementation, rows = core.load(), RowBuffers(part.layout.dim)
    table = wanted.table(implementation)
    work = partial(block_hits, implementation, table, part.layout, rows)
    start, length = part.layout.start, part.blocks.step
    hits_at = partial(work_on_range, file, start, length, threading.local(), work)
    chunks: list[Hits] = []
    try:
        for begin in part.blocks:
            hits = hits_at(begin)
            # The positions of the keys are only needed for an index, which no cluster makes.
            hashes = hits.hashes if part.hashes else no_numbers()
            hits = hits._replace(places=no_numbers(), hashes=hashes)
            chunks.append(hits)  # one by one, so the chunks before an error are kept
    except InputError as error:
        return Scanned(chunks, error)
    return Scanned(chunks)


def _opened(part: Range) -> PlainFile:
    """Open the file, which is the one that the client has opened."""
    place = part.place
    file = _remote(part) if place.is_address else _local(place)
    try:
        _check(file, place)
    except BaseException:
        file.close()
        raise
    return file


_compared = set[tuple[object, ...]]()
"""The files at addresses whose head and tail this worker has compared with the client's."""


def _check(file: PlainFile, place: Place) -> None:
    _compare(place, file.size, file.fingerprint())


def _compare(place: Place, size: int, fingerprint: str) -> None:
    if (size, fingerprint) != (place.size, place.fingerprint):
        raise InputError(
            f"{_here()} finds another file under this name",
            "Give a file that all workers share, or the same copy to each of them.",
            path=place.shown,
        )


def _local(place: Place) -> PlainFile:
    try:
        file = open_file(place.name)
    except InputError as error:
        raise ClusterError(
            f"{_here()} cannot open it: {error.reason.removeprefix('cannot read it: ')}",
            "Put it where every worker sees it under the same path, on a shared file system, or "
            f"at an address. The path there: {place.name}",
            path=place.shown,
        ) from None
    if not isinstance(file, PlainFile):
        file.close()
        raise ClusterError(
            f"{_here()} finds a pipe under this name", "Give a file.", path=place.shown
        )
    file.path = place.shown
    return file


def _remote(part: Range) -> PlainFile:
    from embedprep.cluster.remote_file import RemoteFile

    place = part.place
    if (place.name, place.version, place.fingerprint) not in _compared:
        with closing(RemoteFile(place, 0)) as file:
            _compare(place, file.size, file.fingerprint_there())
        _compared.add((place.name, place.version, place.fingerprint))
    return RemoteFile(place, part.blocks.stop + LINE_ROOM)


def _here() -> str:
    return f"the worker on {socket.gethostname()}"
