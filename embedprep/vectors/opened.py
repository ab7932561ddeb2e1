"""What a reader of any format says of its source."""

from __future__ import annotations

from embedprep.sources.source import PlainFile, Stream


class Opened:
    """A source that is open until `close`; the base of the readers that satisfy `Vectors`."""

    def __init__(self, source: PlainFile | Stream) -> None:
        self.source = source

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def size(self) -> int | None:
        return self.source.size

    def close(self) -> None:
        self.source.close()
