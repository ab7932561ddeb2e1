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
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import aiohttp
import fsspec
import yarl
from fsspec.asyn import sync

from embedprep.sources.remote import CONNECT_SECONDS, READ_SECONDS, Remote, some
from embedprep.sources.remote_errors import replaced
from embedprep.sources.state import Version
from embedprep.sources.storage import arguments_for, current

_LEGAL = "!#$%&'()*+,/:;=?@[]~"
"""Characters of an address that stay unchanged, because a signature may cover their spelling."""


_CERTAIN_SECONDS = 60
"""How old a file must be for its date to identify it: younger ones may change within a second."""


class WebFile(Remote):
    """A file on a web server."""

    errors: tuple[type[Exception], ...] = (
        OSError,
        aiohttp.ClientError,
        ValueError,  # for an invalid address
    )

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        """Raise UsageError for storage options that there are not.

        `options` are those of the session, by default the user's.
        """
        super().__init__(url)
        own = {
            "client_kwargs": {
                "trust_env": True,  # proxies, as in other programs
                "auto_decompress": False,
                "requote_redirect_url": False,
                "timeout": aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
                ),
            }
        }
        if options is None:
            own = arguments_for(fsspec.get_filesystem_class("http"), own, current(), "https")
        self._filesystem: Any = fsspec.filesystem("http", skip_instance_cache=True, **own)
        self._trust = _trust()
        self._session: Any = sync(self._filesystem.loop, self._filesystem.set_session)

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        loop, answers = self._filesystem.loop, list[Any]()
        address, headers = self._location(), self._request(start, end)
        try:
            piece = sync(loop, self._answer, address, headers, start, answers)
            while piece:
                yield piece
                piece = sync(loop, some, answers[0].content.readany)
        finally:
            for answer in answers:
                loop.call_soon_threadsafe(answer.close)

    async def _answer(
        self, address: str, headers: Mapping[str, str], start: int, answers: list[Any]
    ) -> bytes:
        """Put the answer into the list, and return the first bytes of its body."""
        answers.append(await self._session.get(_spelt(address), headers=headers, ssl=self._trust))
        self._examine(answers[0], start, is_part="Range" in headers)
        return await some(answers[0].content.readany)

    def close(self) -> None:
        self._filesystem.close_session(self._filesystem.loop, self._session)

    def _location(self) -> str:
        """Return the web address to ask."""
        return self.url

    def _login(self) -> Mapping[str, str]:
        """Return the headers that say who asks."""
        return {}

    def _request(self, start: int, end: int | None) -> dict[str, str]:
        """Return the headers that ask for a part, or for the whole file in the first request."""
        self.check_repeatable(start)
        # A server that compresses on the way would make all lengths wrong.
        headers = {"Accept-Encoding": "identity", **self._login()}
        if self.is_known or end is not None:
            headers["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
            headers |= self._condition()
        return headers

    def _condition(self) -> Mapping[str, str]:
        """Return the header by which a server refuses to give another version."""
        tag = None if self.version is None else self.version[0]
        return {} if tag is None else {"If-Match": tag}

    def _examine(self, response: Any, start: int, *, is_part: bool) -> None:
        """Raise unless this is the requested part, of the version that was opened."""
        if self.is_known and response.status == HTTPStatus.PRECONDITION_FAILED:
            raise replaced(self.url, start)
        response.raise_for_status()
        headers = response.headers
        length = headers.get("Content-Length", "")
        size = self.size_told(
            response.status,
            int(length) if re.fullmatch("[0-9]{1,18}", length) else None,
            headers.get("Content-Range", ""),
            start,
            is_part,
        )
        self.settle(size, self.identity(headers), start)

    def identity(self, headers: Mapping[str, str]) -> Version | None:
        """Return what identifies the version of a file; None if nothing does for sure.

        This is a strong ETag, or without any ETag a date at which the file was not new any more
        (RFC 9110, 8.8 and 13.1.5).
        """
        tag, modified = headers.get("ETag"), headers.get("Last-Modified")
        if is_strong(tag):
            return tag, modified
        is_old = self.is_known or _seconds_between(modified, headers.get("Date")) >= (
            _CERTAIN_SECONDS
        )
        return (None, modified) if tag is None and modified is not None and is_old else None


def is_strong(tag: str | None) -> bool:
    """Whether this ETag guarantees that the file is the same to the byte."""
    return tag is not None and not tag.startswith("W/")


def _seconds_between(modified: str | None, now: str | None) -> float:
    """Return how old a file was; 0 if its server gives no dates."""
    try:
        return (
            parsedate_to_datetime(now or "") - parsedate_to_datetime(modified or "")
        ).total_seconds()
    except (TypeError, ValueError):
        return 0.0


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


def certificates() -> str | None:
    """Return the file or folder of certificates that the user names."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")


def _trust() -> ssl.SSLContext:
    """Return the certificates of the system and of certifi, or the named ones, as in requests."""
    named = certificates()
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
