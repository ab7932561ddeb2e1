"""A text file that the workers of a cluster scan."""

from __future__ import annotations

from collections.abc import Iterator

from embedprep.cluster.place import Place
from embedprep.cluster.ranges import Range
from embedprep.cluster.tasks import Tasks
from embedprep.vectors import Hits
from embedprep.vectors.text import TextVectors, in_file


class ClusterText(TextVectors):
    """The same `Hits` as the file itself, but for where its keys stand."""

    def __init__(self, text: TextVectors, place: Place, tasks: Tasks, blocks_a_task: int) -> None:
        super().__init__(text.source, text.layout, text.threads, text.block_bytes)
        self._place = place
        self._tasks = tasks
        self._blocks_a_task = blocks_a_task

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        lines = self.layout.lines_before
        for scanned in self._tasks.scanned(self._ranges(), keys):
            for hits in scanned.chunks:
                yield in_file(hits, lines, hits.bytes)
                lines += hits.lines
            if scanned.error is not None:
                raise scanned.error

    def _ranges(self) -> Iterator[Range]:
        blocks = range(self.layout.start, self._place.size, self.block_bytes)
        for first in range(0, len(blocks), self._blocks_a_task):
            part = blocks[first : first + self._blocks_a_task]
            yield Range(self._place, self.layout, part)
