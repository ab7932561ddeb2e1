"""Objects in stores and files on other machines, through the file systems of fsspec."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import fsspec
from fsspec.asyn import sync
from fsspec.core import url_to_fs

from embedprep.sources.address import scheme_of
from embedprep.sources.remote import CONNECT_SECONDS, READ_SECONDS, Remote, some
from embedprep.sources.remote_errors import replaced, status_of
from embedprep.sources.state import Version
from embedprep.sources.storage import arguments_for, current
from embedprep.sources.web import WebFile, certificates

_FIRST_BYTES, _MOST_BYTES = 1 << 18, 1 << 24
"""The sizes of requests to a store: small ones first, so a slow connection shows progress."""
_PATIENCE_SECONDS = 2
_VERSIONS = ("generation", "etag", "ETag", "mtime", "last_modified", "updated")
"""The names that file systems give to the version of a file."""


def file_system(
    url: str, plain: str | None = None, options: Mapping[str, Any] | None = None, **own: Any
) -> tuple[Any, str]:
    """Return the file system of an address, and its name there.

    `options` are by default the user's, and go before `own` arguments. `plain` is the address
    without what only `own` says. Raises UsageError for options that there are not.
    """
    scheme, options = scheme_of(url) or "", current() if options is None else options
    arguments = arguments_for(fsspec.get_filesystem_class(scheme), own, options, scheme)
    located: tuple[Any, str] = url_to_fs(plain or url, skip_instance_cache=True, **arguments)
    return located


class StoredFile(Remote):
    """A file that fsspec opens with the file system of its scheme."""

    def __init__(self, url: str, opened: tuple[Any, str] | None = None) -> None:
        super().__init__(url)
        self._filesystem, self._name = opened or file_system(url)
        self._file: Any = None

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        self._settle_now(start)
        self.close()  # also closes a connection that broke
        self._file = self._filesystem.open(self._name, "rb", cache_type="none")
        self._file.seek(start)
        end, count = self.size if end is None else end, _FIRST_BYTES
        while end is None or start < end:
            before = time.monotonic()
            piece = self._file.read(count if end is None else min(count, end - start))
            if not piece:
                return
            yield piece
            start += len(piece)
            is_quick = time.monotonic() - before < _PATIENCE_SECONDS
            count = min(count * 2, _MOST_BYTES) if is_quick else _FIRST_BYTES

    def check(self) -> None:
        self._settle_now(self.size or 0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _settle_now(self, start: int) -> None:
        """Ask for the version. Raises InputError if it is not the first one any more."""
        self._filesystem.invalidate_cache()
        details = self._filesystem.info(self._name)
        version = tuple(None if name not in details else str(details[name]) for name in _VERSIONS)
        self.settle(details["size"], version if any(version) else None, start)


class S3File(Remote):
    """An object of S3, which comes in one stream, and by its ETag in one version."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        # As in s3://KEY:SECRET@BUCKET/NAME; a secret may contain slashes.
        found = re.fullmatch("([^:]+://)(?:([^:@/]+):([^@]+)@)?(.+)", url, re.DOTALL)
        assert found is not None  # noqa: S101 (the address was checked)
        login: dict[str, Any] = {"key": found[2], "secret": found[3]} if found[2] else {}
        trusted = None if "AWS_CA_BUNDLE" in os.environ else certificates()
        self._filesystem, name = file_system(
            url,
            "s3://" + found[4],
            **login,
            client_kwargs={"verify": trusted} if trusted else {},
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                "retries": {"total_max_attempts": 1},
            },
        )
        self._filesystem.retries = 2
        bucket, key, version = self._filesystem.split_path(name)
        self._asked = {"Bucket": bucket, "Key": key, **self._filesystem.req_kw}
        if version:
            self._asked["VersionId"] = version

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        self.check_repeatable(start)
        asked = dict(self._asked)
        if self.is_known or end is not None:
            asked["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if self.version is not None:
            asked["IfMatch"] = self.version[0]
        loop, bodies = self._filesystem.loop, list[Any]()
        try:
            piece = sync(loop, self._answer, asked, start, bodies)
            while piece:
                yield piece
                piece = sync(loop, some, partial(bodies[0].read, _FIRST_BYTES))
        finally:
            for body in bodies:
                loop.call_soon_threadsafe(body.close)

    async def _answer(self, asked: Mapping[str, Any], start: int, bodies: list[Any]) -> bytes:
        """Put the body of the answer into the list, and return its first bytes."""
        try:
            answer = await self._filesystem._call_s3("get_object", **asked)
        except Exception as error:
            if self.is_known and status_of(error) == HTTPStatus.PRECONDITION_FAILED:
                raise replaced(self.url, start) from None
            raise
        bodies.append(answer["Body"])
        size = self.size_told(
            answer["ResponseMetadata"]["HTTPStatusCode"],
            answer.get("ContentLength"),
            answer.get("ContentRange", ""),
            start,
            "Range" in asked,
        )
        tag = answer.get("ETag")
        self.settle(size, (tag,) if tag else None, start)
        return await some(partial(bodies[0].read, _FIRST_BYTES))


class GoogleFile(WebFile):
    """An object of Google's store, in one generation, over its web address.

    fsspec's own file would take each of its parts from the newest generation.
    """

    errors = (Exception,)  # the library that logs in has its own

    def __init__(self, url: str) -> None:
        options = current()
        if options.pop("anon", False):
            options["token"] = "anon"
        self._store, self._name = file_system(url, options=options)
        super().__init__(url, {})

    def _location(self) -> str:
        address: str = self._store.url(self._name)
        payer = self._store.requester_pays
        if payer:
            payer = payer if isinstance(payer, str) else self._store.project
            address += f"&userProject={quote(str(payer), safe='')}"
        if self.version is not None and self.version[0] is not None:
            address += f"&generation={self.version[0]}"
        return address

    def _condition(self) -> Mapping[str, str]:
        return {}  # the address names the generation

    def _login(self) -> Mapping[str, str]:
        headers: dict[str, str] = {}
        self._store.credentials.apply(headers)
        return headers

    def _examine(self, response: Any, start: int, *, is_part: bool) -> None:
        # A generation that was overwritten is no longer there.
        if self.is_known and response.status == HTTPStatus.NOT_FOUND:
            raise replaced(self.url, start)
        super()._examine(response, start, is_part=is_part)

    def identity(self, headers: Mapping[str, str]) -> Version | None:
        generation = headers.get("X-Goog-Generation")
        return (generation,) if generation else None


def _sftp(url: str) -> Remote:
    """Open it over sshfs, because fsspec's own client accepts any host key."""
    from sshfs import SSHFileSystem

    parts = urlsplit(url)
    login = {"username": parts.username, "password": parts.password}
    arguments: dict[str, Any] = {
        **{name: unquote(value) for name, value in login.items() if value is not None},
        **({"port": parts.port} if parts.port else {}),
        "known_hosts": (),  # the known hosts of the user's ssh
        "connect_timeout": CONNECT_SECONDS,
        "keepalive_interval": READ_SECONDS // 3,
        **current(),
    }
    filesystem = SSHFileSystem(parts.hostname, **arguments, skip_instance_cache=True)
    return StoredFile(url, (filesystem, unquote(parts.path)))


class HuggingFaceFile(WebFile):
    """A file of Hugging Face, over its web address, which resumes like any other."""

    def __init__(self, url: str) -> None:
        filesystem, name = file_system(url)
        self._address: str = filesystem.url(name)
        self._token = filesystem.token
        super().__init__(url, {})

    def _location(self) -> str:
        return self._address

    def _login(self) -> Mapping[str, str]:
        from huggingface_hub import get_token

        token = get_token() if self._token is None else self._token
        return {"Authorization": f"Bearer {token}"} if token else {}


OPENERS: dict[str, Callable[[str], Remote]] = {
    "s3fs": S3File,
    "gcsfs": GoogleFile,
    "sshfs": _sftp,
    "huggingface_hub": HuggingFaceFile,
}
"""The openers of libraries that need one; the others open the address as it is."""
