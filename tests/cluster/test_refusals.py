"""What `--engine dask` cannot do is said at once, with the way out; no cluster is asked."""

from __future__ import annotations

import bz2
import gzip
import os
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.cluster import connection
from embedprep.cluster.failures import ClusterError
from embedprep.errors import UsageError
from tests.cluster.served import Served, serving

pytestmark = pytest.mark.once

TEXT = b"".join(b"word%d %d -0.25\n" % (i, i) for i in range(100))


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("v.txt", TEXT)


def npy(path: Path) -> None:
    np.save(path, np.zeros((2, 2), np.float32))
    path.with_suffix(".tokens.json").write_text('["a", "b"]')


def word2vec(path: Path) -> None:
    path.write_bytes(b"1 2\nthe " + np.zeros(2, "<f4").tobytes())


def pipe(path: Path) -> None:
    os.mkfifo(path)
    threading.Thread(target=path.write_bytes, args=(TEXT,), daemon=True).start()


@pytest.mark.parametrize(
    ("name", "write", "reason"),
    [
        ("v.txt.gz", lambda path: path.write_bytes(gzip.compress(TEXT)), r"compressed .*\(gzip\)"),
        ("v.txt.bz2", lambda path: path.write_bytes(bz2.compress(TEXT)), r"\(bzip2\)"),
        ("v.zip", zipped, r"\(zip\)"),
        ("v.bin", word2vec, "only the lines of a text are shared out"),
        ("v.npy", npy, "only the lines of a text are shared out"),
        ("pipe", pipe, "it is a stream"),
    ],
)
def test_what_cannot_be_cut(
    name: str, write: Callable[[Path], object], reason: str, workdir: Path
) -> None:
    write(workdir / name)
    with pytest.raises(UsageError, match=reason) as error:
        embedprep.build(name, ["the"], engine="dask", scheduler="tcp://127.0.0.1:1")
    assert error.value.path == name
    assert "Drop --engine dask; or give a text file, unpacked" in error.value.remedy


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setenv("NO_PROXY", "*")
    with serving(TEXT) as served:
        yield served


def test_an_address_without_parts(server: Served) -> None:
    server.ranges = False
    with pytest.raises(UsageError, match="in parts: the download broke off, and this server") as it:
        embedprep.build(server.address, ["the"], engine="dask")
    assert it.value.path == server.address


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"engine": "spark"}, "--engine cannot be 'spark'"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "--scheduler names a cluster"),
        ({"engine": "dask", "index": "make"}, "an index is written by --engine local"),
        ({"engine": "dask", "scheduler": "host"}, "--scheduler cannot be 'host'"),
        ({"worker_timeout": 0}, "--worker-timeout cannot be '0'"),
        ({"worker_timeout": float("nan")}, "--worker-timeout cannot be 'nan'"),
        ({"storage_option": "anon"}, "--storage-option is not NAME=VALUE"),
        ({"storage_option": ["a-b=c"]}, "--storage-option is not NAME=VALUE"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], reason: str, workdir: Path) -> None:
    Path("v.txt").write_bytes(TEXT)
    with pytest.raises(UsageError, match=reason):
        embedprep.build("v.txt", ["the"], **options)


def test_without_the_library(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("v.txt").write_bytes(TEXT)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="is not installed") as error:
        embedprep.build("v.txt", ["the"], engine="dask")
    assert "pip install 'embedprep[dask]'" in error.value.remedy


def test_no_scheduler(workdir: Path, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_CONNECT_SECONDS", 0.2)
    Path("v.txt").write_bytes(TEXT)
    Path("file").write_bytes(TEXT)
    for address, reason in {
        "tcp://127.0.0.1:1": "Timed out",
        server.address.removeprefix("http://").removesuffix("/vectors.txt"): "does not answer",
        "xyz://127.0.0.1:1": "unknown address scheme",
    }.items():
        with pytest.raises(ClusterError, match=f"no scheduler at {address}: .*{reason}") as error:
            embedprep.build("v.txt", ["the"], engine="dask", scheduler=address)
        assert error.value.exit_code == 5
    with pytest.raises(UsageError, match="--scheduler cannot be 'file'"):
        embedprep.build("v.txt", ["the"], engine="dask", scheduler="file")
