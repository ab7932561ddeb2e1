"""Addresses: `https://…` and `http://…`, objects in `s3://…` and `gs://…`, read as streams.

`smart_open` knows how to ask each of them. A connection that breaks must never become a shorter
file, so the bytes are counted here; over HTTP the rest is asked for anew, a few times.
"""

from __future__ import annotations

import io
import re
import time
from http import HTTPStatus
from typing import Any

from embedprep.errors import UsageError
from embedprep.sources.address import shown
from embedprep.sources.remote_errors import broken, objections_to, refused, transport_errors, why
from embedprep.sources.source import Download

_CONNECT_SECONDS, _READ_SECONDS = 30, 60
_WAITS = (1.0, 3.0, 9.0)
"""Seconds before each further attempt to go on where a connection broke."""
_PIECE_BYTES = 1 << 18
"""Asked for at once, so that little is lost when a connection breaks."""


def open_web(url: str) -> Download:
    """Open the file at an `http` or `https` address. Raises for whatever the server answers."""
    path = shown(url)
    body = _Body(url, path)
    return Download(path, body, body.length)


def open_object(url: str) -> Download:
    """Open an object of S3 or of Google's storage, with the credentials that their clients find."""
    path = shown(url)
    with objections_to(path):
        file = _smart_open(url, path)
        length = file.seek(0, io.SEEK_END)
        file.seek(0)
    return Download(path, _Object(file, path, length), length)


class _Object(io.BufferedIOBase):
    """An object whose client repeats what fails; here its bytes are counted."""

    def __init__(self, file: Any, path: str, length: int) -> None:
        self._file, self._path, self._length = file, path, length
        self._position = 0

    def read1(self, count: int = -1, /) -> bytes:
        with objections_to(self._path, self._position):
            data: bytes = self._file.read(min(count, _PIECE_BYTES))
        self._position += len(data)
        if not data and self._position < self._length:
            raise broken(self._path, ": the connection was closed", self._position)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        with objections_to(self._path, offset):
            self._file.seek(offset)
        self._position = offset
        return offset

    def close(self) -> None:
        self._file.close()
        super().close()


class _Body(io.BufferedIOBase):
    """The body of a server's answer, gone on with over a new connection where one breaks."""

    def __init__(self, url: str, path: str) -> None:
        self._url, self._path = url, path
        self._position = 0
        self._file: Any = None
        # The last is raised for what is no address.
        expected: tuple[type[Exception], ...] = (*transport_errors(), ValueError)
        try:
            self._file = self._ask()
        except expected as error:
            raise refused(error, path) from None  # its message has the whole address
        headers = self._file.response.headers
        self.length = _number(headers.get("Content-Length"))
        self._version = _version(headers)
        self._is_connected = True  # to what begins at the position

    def read1(self, count: int = -1, /) -> bytes:
        waits = iter(_WAITS)
        while self.length is None or self._position < self.length:
            try:
                if not self._is_connected:
                    self._go_on()
                data: bytes = self._file.read(min(count, _PIECE_BYTES))
                if not data and self.length is not None:
                    raise ConnectionError("the server closed the connection")
                self._position += len(data)
                return data
            except transport_errors() as error:
                self._is_connected, wait = False, next(waits, None)
                if wait is None or self.length is None:
                    raise broken(self._path, f": {why(error)}", self._position) from None
            time.sleep(wait)
        return b""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self._position, self._is_connected = offset, False
        return offset

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()

    def _ask(self, headers: dict[str, str] | None = None) -> Any:
        return _smart_open(
            self._url,
            self._path,
            # A server that compresses on the way would make all lengths those of something else.
            headers={"Accept-Encoding": "identity", **(headers or {})},
            timeout=(_CONNECT_SECONDS, _READ_SECONDS),
            buffer_size=_PIECE_BYTES,
        )

    def _go_on(self) -> None:
        """Ask for the rest, which must be that of the same file."""
        self._file.close()
        self._file = self._ask({"Range": f"bytes={self._position}-"})
        response = self._file.response
        if response.status_code != HTTPStatus.PARTIAL_CONTENT:
            raise broken(
                self._path, ", and this server does not go on in the middle", self._position
            )
        same_file = rf"bytes {self._position}-[0-9]+/{self.length}"  # or a piece of its rest
        is_same = re.fullmatch(same_file, response.headers.get("Content-Range", ""))
        if not is_same or _version(response.headers) != self._version:
            raise broken(
                self._path, ", and meanwhile the file was replaced by another", self._position
            )
        self._is_connected = True


def _smart_open(url: str, path: str, **parameters: object) -> Any:
    """The library's file for `url`, of the bytes as they are."""
    try:
        import smart_open

        return smart_open.open(url, "rb", compression="disable", transport_params=parameters)
    except ImportError:
        raise UsageError(
            "a library is missing that reads such an address",
            "pip install 'embedprep[remote]', or download the file and give its path.",
            path=path,
        ) from None


def _version(headers: Any) -> tuple[str | None, str | None]:
    return headers.get("ETag"), headers.get("Last-Modified")


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,18}", text) else None
