"""A file behind HTTP, of which the server gives the parts that are asked for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.loopback import listening


@dataclass
class Served:
    """What is served and how, and what was asked for."""

    body: bytes
    address: str = ""
    ranges: bool = True
    status: int = 200
    breaks: list[int] = field(default_factory=list)
    """After how many bytes of the body the connection is closed, an item an answer."""
    before: Callable[[int, int], None] = lambda first, port: None
    """Called with the first byte that is asked for, and the port of who asks."""
    asked: list[tuple[int, int]] = field(default_factory=list)
    """First and last byte of each part."""
    encodings: list[str | None] = field(default_factory=list)
    """In which each may come."""


@contextlib.contextmanager
def serving(body: bytes) -> Iterator[Served]:
    state = Served(body)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"  # a connection a request

        def do_HEAD(self) -> None:
            self._head(self._range())

        def do_GET(self) -> None:
            part = self._range()
            state.before(part.start, self.client_address[1])
            state.encodings.append(self.headers.get("Accept-Encoding"))
            if self.headers.get("Range"):
                state.asked.append((part.start, part.stop - 1))
            self._head(part)
            content = state.body[part.start : part.stop]
            with contextlib.suppress(ConnectionError):  # the reader may go away
                self.wfile.write(content[: state.breaks.pop(0)] if state.breaks else content)

        def _range(self) -> range:
            size = len(state.body)
            asked = re.fullmatch("bytes=([0-9]+)-([0-9]*)", self.headers.get("Range", ""))
            if asked is None or not state.ranges:
                return range(size)
            return range(int(asked[1]), min(int(asked[2] or size) + 1, size))

        def _head(self, part: range) -> None:
            size = len(state.body)
            partial = len(part) < size or (state.ranges and "Range" in self.headers)
            self.send_response(206 if partial and state.status == 200 else state.status)
            self.send_header("Content-Length", str(len(part)))
            self.send_header("ETag", '"1"')
            if partial:
                self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler) as state.address:
        yield state
