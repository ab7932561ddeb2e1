"""Files at addresses, read as streams: in order, from any byte on, or one part of them.

A broken connection must never lead to a shorter file or a mixture of two. So embedprep counts the
bytes and requests the rest again, from the same version of the file, a few times.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from embedprep.errors import EmbedprepError, UsageError, printable
from embedprep.errors.addresses import without_secrets
from embedprep.sources.address import SCHEMES, checked, scheme_of
from embedprep.sources.remote_errors import (
    asks_to_wait,
    broken,
    no_file,
    refused,
    replaced,
    unrepeatable,
    why,
)
from embedprep.sources.source import Download
from embedprep.sources.state import Version, is_another

CONNECT_SECONDS, READ_SECONDS = 20, 40
_WAITS = (1.0, 3.0, 9.0)
"""The seconds before each further attempt to resume a broken connection."""
_LONGEST_WAIT = 20
"""The longest wait in seconds that a server may ask for before an attempt."""
_SILENT_SECONDS = 4
"""How long embedprep waits for a server before it says so."""

_PIECE_BYTES, _PATIENCE_SECONDS = 1 << 20, 0.25
"""How many bytes of a connection are read at once, if they come within this time."""

log = logging.getLogger("embedprep")


class Remote:
    """One version of a file at an address: the version of the first answer."""

    errors: tuple[type[Exception], ...] = (Exception,)
    """The exceptions of the library for a refusal or a broken connection."""
    size: int | None = None
    version: Version | None = None
    """None if nothing identifies the version; then there is one request, and no other."""
    is_known = False
    """Whether size and version are known."""
    is_answered = False
    """Whether there was an answer."""

    def __init__(self, url: str) -> None:
        self.url, self.path = url, without_secrets(url)

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from `start` on, up to `end` at most, over a new connection.

        Raises InputError if they are of another version, or their version is not known.
        """
        raise NotImplementedError

    def expect(self, size: int, version: Version | None) -> None:
        """Accept only this version, which the client of a cluster has opened."""
        self.size, self.version, self.is_known = size, version, True

    def check(self) -> None:
        """Raise InputError if the file was replaced since the first answer."""

    def close(self) -> None:
        """Close everything that is open."""

    def check_repeatable(self, start: int) -> None:
        """Raise before a second request if its answer could be of another version."""
        if self.is_known and self.version is None:
            raise unrepeatable(self.url, start)

    def settle(self, size: int | None, version: Version | None, start: int) -> None:
        """Remember size and version of the first answer. Raises InputError for another version."""
        if self.is_known and (size, version) != (self.size, self.version):
            raise replaced(self.url, start)
        self.size, self.version, self.is_known, self.is_answered = size, version, True, True

    def size_told(
        self, status: int, length: int | None, content_range: str, start: int, is_part: bool
    ) -> int | None:
        """Return the size of the whole file, as an answer over HTTP gives it.

        `is_part` tells whether a part was asked for. Raises InputError for bytes that are not those
        from `start` on, or not the whole file where the whole was asked for.
        """
        if status == HTTPStatus.PARTIAL_CONTENT:
            part = re.fullmatch("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})", content_range)
            if part is None or int(part[1]) != start:
                raise no_file(self.url, "the server sends another part than was asked for")
            if not is_part and int(part[2]) + 1 < int(part[3]):
                raise no_file(self.url, "the server sends a part of the file for the whole")
            return int(part[3])
        if is_part:
            if not self.is_answered:
                raise no_file(self.url, "its server gives no parts of it")
            raise broken(self.url, ", and this server does not go on in the middle", start)
        if status != HTTPStatus.OK:
            raise no_file(self.url, f"the server says {status} to a request for the file")
        return length


def fetched(remote: Remote, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """Yield the bytes of a file from `start` to `end` or its end, even if connections break."""
    position, waits = start, iter(_WAITS)
    pieces: Iterator[bytes] | None = None
    while not (remote.is_known and position == _stop(remote, end)):
        try:
            pieces = pieces or remote.pieces(position, end)
            with telling(remote.path):
                piece, stop = next(pieces, b""), _stop(remote, end)
                if stop is not None:
                    piece = piece[: stop - position]
                    if not piece and position < stop:
                        raise ConnectionError("the server closed the connection")
                if position + len(piece) == stop:
                    remote.check()
        except EmbedprepError:
            raise
        except remote.errors as error:
            # The library's own message may contain the whole address, so it does not become our
            # cause.
            wait, asked, pieces = next(waits, None), asks_to_wait(error), None
            if not remote.is_answered and (asked is None or wait is None or asked > _LONGEST_WAIT):
                raise refused(error, remote.url) from None
            if wait is None or (remote.is_known and remote.size is None):
                raise broken(remote.url, f": {why(error, remote.url)}", position) from None
            wait = max(wait, min(asked or 0.0, _LONGEST_WAIT))
            if wait >= _SILENT_SECONDS:
                reason = why(error, remote.url)
                log.warning("%s: %s; trying again in %.0f s", printable(remote.path), reason, wait)
            time.sleep(wait)
            continue
        if not piece:
            return
        yield piece
        position, waits = position + len(piece), iter(_WAITS)


@contextmanager
def telling(path: str) -> Iterator[None]:
    """Say that a server is silent, if it is for some seconds."""
    timer = threading.Timer(
        _SILENT_SECONDS,
        log.warning,
        ("%s: waiting for the server, which is silent", printable(path)),
    )
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


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
        body = Body(remote)
        if remote.version is not None and is_another(url, remote.version):
            raise replaced(url, 0)
        return Download(remote.path, body, remote.size, remote.version)
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
            with telling(without_secrets(url)):
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
            path=url,
        ) from None
