"""Objects in stores and files on other machines, through the file systems of fsspec."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from fsspec.asyn import sync
from fsspec.core import url_to_fs

from embedprep.sources.remote import CONNECT_SECONDS, READ_SECONDS, Remote, some
from embedprep.sources.remote_errors import replaced, status_of
from embedprep.sources.web import WebFile

_FIRST_BYTES, _MOST_BYTES = 1 << 18, 1 << 24
"""The sizes of requests to a store: small ones first, so a slow connection shows progress."""
_PATIENCE_SECONDS = 2
_VERSIONS = ("generation", "etag", "ETag", "mtime", "last_modified", "updated", "size")
"""The names that file systems give to the version of a file."""


class StoredFile(Remote):
    """A file that fsspec opens with the file system of its scheme."""

    def __init__(self, url: str, opened: tuple[Any, str] | None = None) -> None:
        super().__init__(url)
        located: tuple[Any, str] = opened or url_to_fs(url, skip_instance_cache=True)
        self._filesystem, self._name = located
        self._file: Any = None

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        if not self.is_known:
            self._version = self._now()
            self.size, self.is_known = self._version["size"], True
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
        if self._now() != self._version:
            raise replaced(self.path, self.size or 0)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _now(self) -> dict[str, Any]:
        self._filesystem.invalidate_cache()
        details = self._filesystem.info(self._name)
        return {name: details.get(name) for name in _VERSIONS}


class S3File(Remote):
    """An object of S3, which comes in one stream, and by its ETag in one version."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        # As in s3://KEY:SECRET@BUCKET/NAME; a secret may contain slashes.
        found = re.fullmatch("([^:]+://)(?:([^:@/]+):([^@]+)@)?(.+)", url, re.DOTALL)
        assert found is not None  # noqa: S101 (the address was checked)
        self._filesystem, name = url_to_fs(
            "s3://" + found[4],
            key=found[2],
            secret=found[3],
            skip_instance_cache=True,
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                "retries": {"total_max_attempts": 1},
            },
        )
        self._filesystem.retries = 2
        bucket, key, version = self._filesystem.split_path(name)
        self._asked = {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})

    def pieces(self, start: int, end: int | None = None) -> Iterator[bytes]:
        loop, bodies = self._filesystem.loop, list[Any]()
        try:
            piece = sync(loop, self._answer, start, end, bodies)
            while piece:
                yield piece
                piece = sync(loop, some, partial(bodies[0].read, _FIRST_BYTES))
        finally:
            for body in bodies:
                loop.call_soon_threadsafe(body.close)

    async def _answer(self, start: int, end: int | None, bodies: list[Any]) -> bytes:
        """Put the body of the answer into the list, and return its first bytes."""
        asked = dict(self._asked)
        if self.is_known or end is not None:
            asked["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        try:
            answer = await self._filesystem._call_s3("get_object", **asked)
        except Exception as error:
            if self.is_known and status_of(error) == HTTPStatus.PRECONDITION_FAILED:
                raise replaced(self.path, start) from None
            raise
        bodies.append(answer["Body"])
        self._examine(answer, start)
        return await some(partial(bodies[0].read, _FIRST_BYTES))

    def _examine(self, answer: dict[str, Any], start: int) -> None:
        total = answer.get("ContentRange", "").rpartition("/")[2]
        size = int(total) if total else answer["ContentLength"]
        if not self.is_known:
            self.size, self.is_known = size, True
            self._asked["IfMatch"] = answer["ETag"]
        if (size, answer["ETag"]) != (self.size, self._asked["IfMatch"]):
            raise replaced(self.path, start)


def _sftp(url: str) -> Remote:
    """Open it over sshfs, because fsspec's own client accepts any host key."""
    from sshfs import SSHFileSystem

    parts = urlsplit(url)
    login = {"username": parts.username, "password": parts.password}
    filesystem = SSHFileSystem(
        parts.hostname,
        **{name: unquote(value) for name, value in login.items() if value is not None},
        **({"port": parts.port} if parts.port else {}),
        known_hosts=(),  # the known hosts of the user's ssh
        connect_timeout=CONNECT_SECONDS,
        keepalive_interval=READ_SECONDS // 3,
        skip_instance_cache=True,
    )
    return StoredFile(url, (filesystem, unquote(parts.path)))


def _google(url: str) -> Remote:
    return StoredFile(url, url_to_fs(url, skip_instance_cache=True, requests_timeout=READ_SECONDS))


def _hugging_face(url: str) -> Remote:
    """Return the file's web address, which resumes like any other."""
    from huggingface_hub import get_token

    filesystem, name = url_to_fs(url, skip_instance_cache=True)
    token = get_token()
    login = {"Authorization": f"Bearer {token}"} if token else {}
    return WebFile(url, filesystem.url(name), login)


OPENERS: dict[str, Callable[[str], Remote]] = {
    "s3fs": S3File,
    "gcsfs": _google,
    "sshfs": _sftp,
    "huggingface_hub": _hugging_face,
}
"""The openers of libraries that need one; the others open the address as it is."""
