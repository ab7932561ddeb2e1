"""Files at http and https addresses, over the session of fsspec's file system.

fsspec's own files hide the status and the headers of answers, which tell a part from the whole, and
one version of a file from another. So this module uses the session itself.
"""

from __future__ import annotations

import contextlib
import os
import re
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import fsspec
import yarl
from fsspec.asyn import sync

from embedprep.sources.remote import CONNECT_SECONDS, READ_SECONDS, Remote, some
from embedprep.sources.remote_errors import broken, no_file, replaced

_LEGAL = "!#$%&'()*+,/:;=?@[]~"
"""Characters of an address that stay unchanged, because a signature may cover their spelling."""


class WebFile(Remote):
    """A file on a web server."""

    errors = (OSError, aiohttp.ClientError, ValueError)  # the last one for an invalid address

    def __init__(
        self, url: str, location: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(url)
        self._location = location or url
        # A server that compresses on the way would make all lengths wrong.
        self._headers = {"Accept-Encoding": "identity", **(headers or {})}
        self._version: tuple[str | None, str | None] | None = None
        self._filesystem: Any = fsspec.filesystem(
            "http",
            skip_instance_cache=True,
            client_kwargs={
                "trust_env": True,  # proxies, as in other programs
                "auto_decompress": False,
                "requote_redirect_url": False,
                "timeout": aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
                ),
            },
        )
        self._trust = _trust()
        self._session: Any = sync(self._filesystem.loop, self._filesystem.set_session)

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        loop, answers = self._filesystem.loop, list[Any]()
        try:
            piece = sync(loop, self._answer, start, end, answers)
            while piece:
                yield piece
                piece = sync(loop, some, answers[0].content.readany)
        finally:
            for answer in answers:
                loop.call_soon_threadsafe(answer.close)

    async def _answer(self, start: int, end: int | None, answers: list[Any]) -> bytes:
        """Put the answer into the list, and return the first bytes of its body."""
        headers = self._request(start, end)
        answers.append(
            await self._session.get(_spelt(self._location), headers=headers, ssl=self._trust)
        )
        self._examine(answers[0], start, end)
        return await some(answers[0].content.readany)

    def close(self) -> None:
        self._filesystem.close_session(self._filesystem.loop, self._session)

    def _is_part(self, end: int | None) -> bool:
        return self.is_known or end is not None

    def _request(self, start: int, end: int | None) -> dict[str, str]:
        """Return the headers that ask for a part, or for the whole file in the first request."""
        headers = dict(self._headers)
        if self._is_part(end):
            if self.is_known and self._version is None:
                raise broken(
                    self.path, ", and its server gives nothing to identify the file by", start
                )
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
            if self._version is not None and is_strong(self._version[0]):
                headers["If-Match"] = str(self._version[0])
        return headers

    def _examine(self, response: Any, start: int, end: int | None) -> None:
        """Raise unless this is the requested part, of the version that was opened."""
        if self.is_known and response.status == HTTPStatus.PRECONDITION_FAILED:
            raise replaced(self.path, start)
        response.raise_for_status()
        headers, version = response.headers, _version(response.headers)
        length = headers.get("Content-Length")
        size = int(length) if length is not None and re.fullmatch("[0-9]{1,18}", length) else None
        part = re.fullmatch("bytes ([0-9]+)-([0-9]+)/([0-9]+)", headers.get("Content-Range", ""))
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            if part is None or int(part[1]) != start:
                raise no_file(self.path, "the server sends another part than was asked for")
            size = int(part[3])
            if not self._is_part(end) and int(part[2]) + 1 < size:
                raise no_file(self.path, "the server sends a part of the file for the whole")
        elif self._is_part(end):
            if not self.is_known:
                raise no_file(self.path, "its server gives no parts of it")
            raise broken(self.path, ", and this server does not go on in the middle", start)
        elif response.status != HTTPStatus.OK:
            raise no_file(self.path, f"the server says {response.status} {response.reason}")
        if self.is_known and (size, version) != (self.size, self._version):
            raise replaced(self.path, start)
        self.size, self._version, self.is_known = size, version, True


def is_strong(tag: str | None) -> bool:
    """Whether this ETag guarantees that the file is the same to the byte."""
    return tag is not None and not tag.startswith("W/")


def _version(headers: Any) -> tuple[str | None, str | None] | None:
    """Return what identifies the version of a file; None if nothing does."""
    tag, modified = headers.get("ETag"), headers.get("Last-Modified")
    return (tag, modified) if is_strong(tag) or modified else None


def _spelt(url: str) -> yarl.URL:
    """Return `url` with escapes for the characters that no address may contain, and no others."""
    known, parts = yarl.URL(url), urlsplit(url)
    if not known.host:
        raise ValueError("no host")
    return yarl.URL.build(
        scheme=known.scheme,
        authority=known.raw_authority,
        path=quote(parts.path, _LEGAL) or "/",
        query_string=quote(parts.query, _LEGAL),
        encoded=True,
    )


def _trust() -> ssl.SSLContext:
    """Return the certificates of the system and of certifi, or the named ones, as in requests."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if named:
        if os.path.isdir(named):
            return ssl.create_default_context(capath=named)
        return ssl.create_default_context(cafile=named)
    context = ssl.create_default_context()
    if "SSL_CERT_FILE" not in os.environ:
        with contextlib.suppress(ImportError):  # some systems have none of their own
            import certifi

            context.load_verify_locations(certifi.where())
    return context
