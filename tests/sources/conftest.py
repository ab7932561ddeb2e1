"""A server of one file, real but on this machine: over HTTP, and as the API of S3 has it."""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import pytest

from embedprep.sources import remote
from tests.loopback import listening

TEXT = b"".join(b"word%d %d.5 -0.25\n" % (i, i) for i in range(100_000))


@dataclass
class Server:
    """What is served, how it fails, and what was asked for."""

    address: str = ""
    body: bytes = TEXT
    status: int = 200
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers of the next answers, which are not the file."""
    headers: dict[str, str] = field(default_factory=lambda: {"ETag": '"1"'})
    breaks: list[int] = field(default_factory=list)
    """After how many bytes of the body the connection is closed, an item an answer."""
    ranges: bool = True
    unasked: int | None = None
    """How many bytes are given as a part to those who asked for the whole."""
    obeys: bool = True
    """If-Match."""
    length: int | None = None
    """Content-Length, where it is a lie; negative: none is sent."""
    cut_answers: list[bytes | None] = field(default_factory=list)
    """What is sent before the connection is closed, an item an answer; None: a whole answer."""
    capped: int | None = None
    """At most so many bytes are given of a range."""
    asked: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    """Path, Range and Authorization of each request."""
    payers: list[str] = field(default_factory=list)
    """Who pays for the requests in which somebody says so."""
    matches: list[str | None] = field(default_factory=list)
    """If-Match of each."""


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted, match = self.headers.get("Range"), self.headers.get("If-Match")
            state.asked.append((self.path, wanted, self.headers.get("Authorization")))
            state.matches.append(match)
            if payer := self.headers.get("x-amz-request-payer"):
                state.payers.append(payer)
            cut = state.cut_answers.pop(0) if state.cut_answers else None
            if cut is not None:
                self.wfile.write(cut)
                return
            size = len(state.body)
            part, status, headers = range(size), state.status, state.headers
            if state.failures:
                status, headers = state.failures.pop(0)
            elif match and match != headers.get("ETag") and state.obeys:
                status = 412
            elif state.unasked is not None and not wanted:
                status, part = 206, range(state.unasked)
            elif wanted and state.ranges and status == 200:
                first, last = re.findall("[0-9]+|$", wanted)[:2]
                status, part = 206, range(int(first), min(int(last or size) + 1, size))
                part = part[: state.capped]
            body = state.body[part.start : part.stop]
            length = len(body) if state.length is None else state.length
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if length >= 0:
                self.send_header("Content-Length", str(length))
            if status == 206:
                self.send_header("Content-Range", f"bytes {part.start}-{part.stop - 1}/{size}")
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the reader may go away
                self.wfile.write(body[: state.breaks.pop(0)] if state.breaks else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with listening(Handler, tls) as state.address:
        yield state


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(remote, "_WAITS", (0.0, 0.0, 0.0))
    with serving() as state:
        yield state
