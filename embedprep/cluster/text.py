"""A text file that the workers of a cluster scan."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from embedprep.cluster.place import Place
from embedprep.cluster.ranges import Range
from embedprep.cluster.tasks import Tasks
from embedprep.errors import InputError
from embedprep.matching import census
from embedprep.sources import PlainFile
from embedprep.vectors import Hits
from embedprep.vectors.content import Content
from embedprep.vectors.formats.text import TextVectors, in_file


class ClusterText(TextVectors):
    """The same `Hits` as the file itself, without the positions of its keys.

    If a file has more keys than a census keeps, the later ones come without their hashes.
    """

    def __init__(self, text: TextVectors, place: Place, tasks: Tasks, blocks_a_task: int) -> None:
        super().__init__(text.source, text.layout, text.threads, text.block_bytes)
        self._place = place
        self._tasks = tasks
        self._blocks_a_task = blocks_a_task
        self._hashes = 0
        """The number of hashes that have come in this reading."""

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        lines, self._hashes = self.layout.lines_before, 0
        seen: dict[str, int] = {}
        self._content = Content()
        for scanned in self._tasks.scanned(self._ranges(), keys):
            if scanned.seen is not None and seen.setdefault(*scanned.seen) != scanned.seen[1]:
                raise self._replaced()
            for hits in scanned.chunks:
                self._content.add(hits)
                yield in_file(hits, lines, hits.bytes)
                lines += hits.lines
                self._hashes += len(hits.hashes)
            if scanned.error is not None:
                raise scanned.error

        if not self._place.is_address and self._is_replaced():
            raise self._replaced()

    def _is_replaced(self) -> bool:
        """Whether the path names another file now, which a worker may have read."""
        source = self.source
        assert isinstance(source, PlainFile)  # noqa: S101 (what is no address is one)
        with suppress(OSError):
            now = os.stat(self._place.name)
            return (now.st_size, now.st_mtime_ns) != (source.size, source.state.modified_ns)
        return True

    def _replaced(self) -> InputError:
        return InputError(
            "the file was replaced while it was being read",
            "Wait until its download or copy has finished, then run again.",
            path=self._place.shown,
        )

    def _ranges(self) -> Iterator[Range]:
        """Yield the ranges while the results of earlier ones come in."""
        blocks = range(self.layout.start, self._place.size, self.block_bytes)
        for first in range(0, len(blocks), self._blocks_a_task):
            part = blocks[first : first + self._blocks_a_task]
            # One key more, and a census forgets everything. The number of keys is not known sooner:
            # neither the size of a file nor its header says it for sure.
            hashes = self._hashes <= census.MOST_KEYS
            yield Range(self._place, self.layout, part, hashes)
