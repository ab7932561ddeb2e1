"""A worker reads parts of a file at an address, or says why not and tells no secret."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from fsspec.registry import _registry

from embedprep.cluster.place import place_of
from embedprep.cluster.ranges import Range, Scanned, scan
from embedprep.cluster.wanted import Wanted
from embedprep.errors import InputError, UsageError
from embedprep.sources import open_content, remote
from embedprep.vectors.formats.text import open_text
from tests.cluster.served import Served, serving

pytestmark = pytest.mark.once

TEXT = b"".join(b"word%d %d.5 -0.25\n" % (i, i) for i in range(20_000))
BLOCK = 100_000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(remote, "_WAITS", (0.0, 0.0))
    with serving(TEXT) as served:
        yield served


def a_range(address: str) -> Range:
    with closing(open_text(open_content(address), block_bytes=BLOCK)) as vectors:
        text, place = place_of(vectors, address)
        return Range(place, text.layout, range(0, place.size, BLOCK)[1:3])


def found(scanned: Scanned) -> list[float]:
    assert scanned.error is None
    return [float(row[0]) for hits in scanned.chunks for row in hits.rows]


WANTED = [b"word1", b"word8000", b"word9999", b"word19999"]


def test_only_its_range_is_read(server: Served) -> None:
    part = a_range(server.address + "?key=secret")
    assert part.place.shown == server.address
    server.asked.clear()
    assert found(scan(Wanted(WANTED), part)) == [8000.5, 9999.5]
    assert set(server.encodings) == {"identity"}, "or lengths are those of something else"
    assert sum(last - first + 1 for first, last in server.asked) < 2 * (BLOCK + (70 << 10)) + (
        4 * (64 << 10)
    )


@pytest.mark.parametrize("breaks", [[0], [1000], [1000, 0]])
def test_a_broken_connection_is_made_anew(breaks: list[int], server: Served) -> None:
    part = a_range(server.address)
    server.breaks = list(breaks)
    assert found(scan(Wanted(WANTED), part)) == [8000.5, 9999.5]
    assert server.breaks == []


def test_not_for_ever(server: Served) -> None:
    part = a_range(server.address + "?key=secret")
    server.breaks = [10] + [0] * 100
    scanned = scan(Wanted(WANTED), part)
    assert isinstance(scanned.error, InputError)
    assert "the download broke off" in scanned.error.reason
    assert "secret" not in str(scanned.error)
    assert len(server.breaks) == 98


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "404 Not Found"), (403, "403 Forbidden"), (500, "500 Internal")]
)
def test_what_the_server_answers(status: int, reason: str, server: Served) -> None:
    part = a_range(server.address + "?key=secret")
    server.status = status
    error = scan(Wanted(WANTED), part).error
    assert isinstance(error, InputError)
    assert "secret" not in str(error)
    assert error.path == server.address
    assert "cannot fetch it" in error.reason
    assert reason in error.reason


def test_a_server_that_gives_no_parts_to_workers(server: Served) -> None:
    part = a_range(server.address)
    server.ranges = False
    error = scan(Wanted(WANTED), part).error
    assert isinstance(error, InputError)
    assert "its server gives no parts of it" in error.reason


@pytest.mark.parametrize("body", [TEXT[:-1], TEXT.replace(b"word19999", b"WORD19999")])
def test_another_file_at_the_address(body: bytes, server: Served) -> None:
    part = a_range(server.address)
    server.body = body
    error = scan(Wanted(WANTED), part).error
    assert isinstance(error, InputError)
    assert re.search("finds another file|replaced by another", error.reason)


def test_a_worker_without_the_library(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    part = a_range(server.address)
    monkeypatch.delitem(sys.modules, "embedprep.sources.web")
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    error = scan(Wanted(WANTED), part).error
    assert isinstance(error, UsageError)
    assert "a worker cannot read it: the library is missing that reads http://" in error.reason


class Store(MemoryFileSystem):  # type: ignore[misc]
    """Stands for the client of Azure."""

    protocol = "az"
    store: ClassVar[dict[str, object]] = {}

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        details: dict[str, Any] = super().info(path, **options)
        return details | {"etag": "1"}


def test_an_object_of_a_store(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_registry, "az", Store)
    Store().pipe_file("az://box/v.txt", TEXT)
    part = a_range("az://box/v.txt")
    assert found(scan(Wanted(WANTED), part)) == [8000.5, 9999.5]
    absent = replace(part.place, name="az://box/w.txt")
    error = scan(Wanted(WANTED), replace(part, place=absent)).error
    assert isinstance(error, InputError)
    assert "cannot fetch it" in error.reason
    assert "AZURE_STORAGE_ACCOUNT_NAME" in error.remedy
