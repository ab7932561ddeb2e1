"""Cut a source into blocks of whole lines, process them in parallel, keep the file's order.

The workers read the byte ranges of a plain file themselves. A stream has one reader, which cuts it
at line ends. The block size decides which lines share a block, never the order of the lines.
"""

from __future__ import annotations

import mmap
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError
from embedprep.sources.source import PlainFile, Stream

if TYPE_CHECKING:
    from embedprep.core.scan import Scan

BLOCK_BYTES = 4 << 20
"""Large enough that Python's share of the work is small, small enough for the processor's cache."""

MAX_LINE_BYTES = 16 << 20
"""The limit on the memory that a damaged or hostile file can claim; 65,536 values need 2 MiB."""

MAX_DIM = MAX_LINE_BYTES // 4
"""The largest dimension of a binary file, whose record may be as long as the longest line."""

Block = NDArray[np.uint8]
Result = TypeVar("Result")
Item = TypeVar("Item")


def map_blocks(
    source: PlainFile | Stream,
    start: int,
    work: Callable[[Block, int], Result],
    *,
    threads: int,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Result]:
    """Yield `work(block, offset of the block)` for all lines from byte `start` on, in file order.

    A block is only valid during the call: a later call uses its memory again.
    """
    if isinstance(source, PlainFile):
        ranges = range(start, source.size, block_bytes)
        buffers = threading.local()
        read_and_work = partial(work_on_range, source, start, block_bytes, buffers, work)
        return ordered(read_and_work, ranges, threads)
    blocks = _stream_blocks(source, start, block_bytes)
    return ordered(lambda block: work(*block), blocks, threads)


def ordered(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int, most: int | None = None
) -> Iterator[Result]:
    """Do the work of `map` on a pool, with only a few results waiting.

    The next item is requested only when at most `most` items are without their result; by default
    two for each thread.
    """
    most = 2 * threads if most is None else most  # with one more than the threads can work on
    if threads == 1:
        yield from map(work, items)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="embedprep")
    waiting: deque[Future[Result]] = deque()
    coming = iter(items)
    broken: Exception | None = None
    try:
        while True:
            try:
                item = next(coming)
            except StopIteration:
                break
            except Exception as error:
                # Raised after the results of everything before it. One of these may be an error
                # too, so the first error is the same for any number of threads.
                broken = error
                break
            waiting.append(pool.submit(work, item))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        if broken is not None:
            raise broken
    finally:
        pool.shutdown(cancel_futures=True)


_PATIENCE_SECONDS = 1.0
"""How long the next block of a slow stream may take: a smaller one shows progress."""

LINE_ROOM = 64 << 10
"""Room for the rest of the line that crosses the end of a range."""


def work_on_range(
    file: PlainFile,
    start: int,
    length: int,
    buffers: threading.local,
    work: Callable[[Block, int], Result],
    begin: int,
) -> Result:
    """Call `work` on the lines of one range of the file, which may begin and end within lines.

    `begin` and `end` cut the file into ranges of `length` bytes. A range skips the line that
    `begin` cuts, which belongs to the range before it, and takes all of the line that `end` cuts.
    In the drawing, `|` ends a line, and the range takes the lines b, c and d:

        header|aaaaaaaaa|bbbbbbbbb|cccccccccc|dddddddd|eeeee|
               ^    ^    ^                    ^   ^    ^
               |    |    first                |   end  stop
               |    begin                     crossing
               start

    The first line of the file begins at `start`; the range that begins there skips nothing. The
    line that `end` cuts begins at `crossing` and ends at `stop`. Only this line may be longer than
    the buffer, which then grows until it holds the whole line. In the code,
    `crossing`, `end - begin`, `stop` and `first` count from `begin`, where the buffer begins. The
    range also takes a line that begins exactly at `end`, because the next range skips it.

    `buffers` keeps memory for the next call of a thread.
    """
    end = min(begin + length, file.size)
    buffer = getattr(buffers, "buffer", None)
    if buffer is None:
        buffer = page_aligned(length + LINE_ROOM)
    filled = file.read_into(buffer, begin)
    crossing = buffer.rfind(b"\n", 0, end - begin) + 1
    while (stop := _line_end(buffer, end - begin, filled)) < 0 and begin + filled < file.size:
        if filled - crossing > MAX_LINE_BYTES:
            break
        buffer = page_aligned(2 * len(buffer))
        filled = file.read_into(buffer, begin)
    buffers.buffer = buffer
    if stop < 0:
        stop = filled
    if stop - crossing > MAX_LINE_BYTES:
        raise line_too_long(file.path, begin + crossing)
    first = 0
    if begin > start:
        # The line that `begin` cuts belongs to the range before.
        first = _line_end(buffer, 0, stop)
        if first < 0:
            first = stop
    return work(np.frombuffer(buffer, np.uint8)[first:stop], begin + first)


def page_aligned(size: int) -> mmap.mmap:
    """Memory that starts on a page: the system copies a file into it five times as fast."""
    return mmap.mmap(-1, size)


def _line_end(buffer: mmap.mmap, start: int, stop: int) -> int:
    """Return the offset after the first newline in `buffer[start:stop]`, or -1."""
    newline = buffer.find(b"\n", start, stop)
    return newline + 1 if newline >= 0 else -1


def _stream_blocks(stream: Stream, start: int, length: int) -> Iterator[tuple[Block, int]]:
    while stream.consumed < start:
        stream.read(start - stream.consumed)
    rest = b""
    offset = start
    while chunk := stream.read(length, _PATIENCE_SECONDS):
        data = rest + chunk
        cut = data.rfind(b"\n") + 1
        # The block's first line, or its unfinished last one, came in several chunks.
        if max(data.find(b"\n") + 1, len(data) - cut) > MAX_LINE_BYTES:
            raise line_too_long(stream.path, offset)
        if cut:
            yield np.frombuffer(data, np.uint8, cut), offset
        offset += cut
        rest = data[cut:]
    if rest:
        yield np.frombuffer(rest, np.uint8), offset


def line_too_long(path: str, byte: int) -> InputError:
    """Return the error for the line that begins at `byte`."""
    return InputError(
        f"a line of more than {MAX_LINE_BYTES >> 20} MiB",
        "This is not a text file of vectors, or it is damaged: compare its checksum.",
        path=path,
        byte=byte,
    )


def key_names(block: Block, scan: Scan) -> list[bytes]:
    """The keys of the records that a scan found."""
    data = block.tobytes()
    ends = (scan.start - 1).tolist()
    return [data[first:end] for first, end in zip(scan.first.tolist(), ends, strict=True)]
