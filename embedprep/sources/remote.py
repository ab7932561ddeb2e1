"""Files at addresses, read as streams: in order, from any byte on, or one part of them.

A broken connection must never lead to a shorter file or a mixture of two. So embedprep counts the
bytes and requests the rest again, from the same version of the file, a few times.
"""

from __future__ import annotations

import io
import time
from collections.abc import Awaitable, Callable, Iterator

from embedprep.errors import EmbedprepError, UsageError
from embedprep.sources.address import SCHEMES, checked, scheme_of, shown
from embedprep.sources.remote_errors import asks_to_wait, broken, refused, why
from embedprep.sources.source import Download

CONNECT_SECONDS, READ_SECONDS = 20, 40
_WAITS = (1.0, 3.0, 9.0)
"""The seconds before each further attempt to resume a broken connection."""
_LONGEST_WAIT = 20
"""The longest wait in seconds that a server may ask for before an attempt."""

_PIECE_BYTES, _PATIENCE_SECONDS = 1 << 20, 0.25
"""How many bytes of a connection are read at once, if they come within this time."""


class Remote:
    """One version of a file at an address: the version of the first answer."""

    errors: tuple[type[Exception], ...] = (Exception,)
    """The exceptions of the library for a refusal or a broken connection."""
    size: int | None = None
    is_known = False
    """Whether there was an answer; after it, `size` and version are known."""

    def __init__(self, url: str) -> None:
        self.url, self.path = url, shown(url)

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` on, up to `end` at most, over a new connection.

        Raises InputError if they are of another version, or their version is not known.
        """
        raise NotImplementedError

    def check(self) -> None:
        """Raise InputError if the file was replaced since the first answer."""

    def close(self) -> None:
        """Close everything that is open."""


def fetched(remote: Remote, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file from `start` to `end` or its end, even if connections break."""
    position, waits = start, iter(_WAITS)
    pieces: Iterator[bytes] | None = None
    while not (remote.is_known and position == _stop(remote, end)):
        try:
            pieces = pieces or remote.pieces(position, end)
            piece, stop = next(pieces, b""), _stop(remote, end)
            if stop is not None:
                piece = piece[: stop - position]
                if not piece and position < stop:
                    raise ConnectionError("the server closed the connection")
            if position + len(piece) == remote.size:
                remote.check()
        except EmbedprepError:
            raise
        except remote.errors as error:
            # The library's own message may contain the whole address, so it does not become our
            # cause.
            wait, asked, pieces = next(waits, None), asks_to_wait(error), None
            if not remote.is_known and (asked is None or wait is None or asked > _LONGEST_WAIT):
                raise refused(error, remote.url) from None
            if wait is None or (remote.is_known and remote.size is None):
                raise broken(remote.path, f": {why(error, remote.url)}", position) from None
            time.sleep(max(wait, min(asked or 0.0, _LONGEST_WAIT)))
            continue
        if not piece:
            return
        yield piece
        position, waits = position + len(piece), iter(_WAITS)


def _stop(remote: Remote, end: int | None) -> int | None:
    return remote.size if end is None else end


class Body(io.BufferedIOBase):
    """The bytes of a file as a stream that can continue at another position."""

    def __init__(self, remote: Remote) -> None:
        self._remote, self._fetched = remote, fetched(remote)
        self._rest = memoryview(next(self._fetched, b""))  # the first answer contains the size

    def read1(self, count: int = -1, /) -> bytes:
        self._rest = self._rest or memoryview(next(self._fetched, b""))
        data = self._rest[: count if count >= 0 else None]
        self._rest = self._rest[len(data) :]
        return bytes(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._fetched, self._rest = fetched(self._remote, offset), memoryview(b"")
        return offset

    def close(self) -> None:
        self._remote.close()
        super().close()


async def some(read: Callable[[], Awaitable[bytes]]) -> bytes:
    """Return the bytes that a body gives by `read` at once, or soon after it; nothing at its end.

    It waits here for the next bytes: those that the library holds when a connection breaks are
    lost. An error that comes after some bytes is raised again for the next ones.
    """
    parts, count = list[bytes](), 0
    until = time.monotonic() + _PATIENCE_SECONDS
    while count < _PIECE_BYTES and time.monotonic() < until:
        try:
            part = await read()
        except Exception:  # many libraries raise their own
            if not parts:
                raise
            break
        if not part:
            break
        parts.append(part)
        count += len(part)
    return b"".join(parts)


def open_address(url: str) -> Download:
    """Open the file at an address. Raises for any other answer of its server."""
    remote = remote_at(url)
    try:
        return Download(remote.path, Body(remote), remote.size)
    except BaseException:
        remote.close()
        raise


def remote_at(url: str) -> Remote:
    """Return the file at an address without a request. Raises for an invalid address."""
    scheme = checked(url)
    name = scheme_of(url)
    try:
        if scheme is SCHEMES["https"]:
            from embedprep.sources.web import WebFile

            return WebFile(url)
        from embedprep.sources import stores

        try:
            return stores.OPENERS.get(scheme.library, stores.StoredFile)(url)
        except (ImportError, EmbedprepError):
            raise
        except Exception as error:
            raise refused(error, url) from None
    except ImportError:
        raise UsageError(
            f"the library is missing that reads {name}:// addresses, {scheme.library}",
            f"pip install 'embedprep[{scheme.extra}]' (or no more than '{scheme.library}'), or "
            "download the file and give its path.",
            path=shown(url),
        ) from None
