"""Addresses, against a real server on this machine: the same bytes, or an error that says why."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import io
import ipaddress
import os
import re
import socket
import ssl
import sys
import time
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fsspec.registry import _registry

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.matrix.stored_report import read_report
from embedprep.sources import (
    Stream,
    open_content,
    open_source,
    remote,
    split_member,
    web,
    without_secrets,
)
from embedprep.vectors import blocks
from tests.sources.conftest import TEXT, Server, serving

pytest.importorskip("aiohttp")

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"
pytestmark = pytest.mark.once

MOST_LOST = 1 << 18
"""Bytes that came before a connection broke, and were not handed out."""


def rest(source: Stream) -> bytes:
    return b"".join(iter(lambda: source.read(1 << 20), b""))


def drained(address: str) -> bytes:
    source = open_content(address)
    assert isinstance(source, Stream)
    with contextlib.closing(source):
        return rest(source)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_the_same_matrix_as_from_the_file(compress: object, server: Server, tmp_path: Path) -> None:
    assert callable(compress)
    server.body = compress(TEXT)
    (tmp_path / "file").write_bytes(server.body)
    words = ["word7", "word99999", "absent"]
    expected, of_file = embedprep.build(str(tmp_path / "file"), words)
    matrix, coverage = embedprep.build(server.address, words)
    np.testing.assert_array_equal(matrix, expected)
    ours, theirs = coverage.vectors[0], of_file.vectors[0]
    assert (ours.path, ours.bytes) == (server.address, len(server.body))
    assert ours.fingerprint == theirs.fingerprint
    assert ours.compression == theirs.compression
    assert [asked[1] for asked in server.asked] == [None]


def test_its_size_is_known_beforehand(server: Server) -> None:
    with contextlib.closing(open_source(server.address)) as source:
        assert source.size == len(TEXT)
        assert source.head(10) == TEXT[:10]


@pytest.mark.parametrize("breaks", [[1000], [0], [300_000, 300_000, 5, 400_000], [0, 0, 0]])
def test_a_broken_connection_is_gone_on_with(breaks: list[int], server: Server) -> None:
    server.breaks = list(breaks)
    assert drained(server.address) == TEXT
    assert len(server.asked) == len(breaks) + 1


def test_not_for_ever(server: Server) -> None:
    server.breaks = [300_000, *[0] * 100]
    with pytest.raises(InputError, match="download broke off: the server closed the conn") as error:
        drained(server.address)
    assert error.value.byte is not None
    assert 0 <= 300_000 - error.value.byte < MOST_LOST
    assert f"curl -fLO {server.address}" in error.value.remedy
    assert len(server.asked) == 1 + len(remote._WAITS)


@pytest.mark.parametrize("compress", [bytes, gzip.compress])
def test_a_server_that_knows_no_ranges(compress: object, server: Server) -> None:
    assert callable(compress)
    server.body, server.ranges, server.breaks = compress(TEXT), False, [100_000]
    with pytest.raises(InputError, match="broke off, and this server does not go on") as error:
        embedprep.build(server.address, ["word7"])
    assert error.value.path == server.address


@pytest.mark.parametrize("obeys", [True, False])
@pytest.mark.parametrize("change", [{"ETag": '"2"'}, {"ETag": '"1"', "Last-Modified": "today"}, {}])
def test_a_file_replaced_in_the_meantime(
    change: dict[str, str], obeys: bool, server: Server
) -> None:
    server.breaks, server.obeys = [300_000], obeys
    with contextlib.closing(open_source(server.address)) as source:
        assert isinstance(source, Stream)
        source.read(10)
        server.headers = change
        with pytest.raises(InputError, match="replaced by another"):
            rest(source)


def test_a_server_that_gives_a_piece_at_a_time(server: Server) -> None:
    server.breaks, server.capped = [300_000], 250_000
    assert drained(server.address) == TEXT


def test_the_same_version_is_asked_for(server: Server) -> None:
    server.breaks = [300_000]
    assert drained(server.address) == TEXT
    assert server.matches == [None, '"1"']


LONG_AGO = "Tue, 01 Feb 2022 10:00:00 GMT"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ETag": 'W/"1"'},
        {"ETag": 'W/"1"', "Last-Modified": LONG_AGO},
        {"Last-Modified": "now"},
        {"Last-Modified": "today"},
    ],
)
def test_what_cannot_be_known_to_be_the_same_file(headers: dict[str, str], server: Server) -> None:
    """A weak tag stands for several files, and so does a date within its own second."""
    if headers.get("Last-Modified") == "now":
        headers = {"Last-Modified": formatdate(usegmt=True)}
    server.headers = headers
    assert drained(server.address) == TEXT
    server.breaks = [300_000]
    with pytest.raises(InputError, match="gives nothing to identify the file by") as error:
        drained(server.address)
    assert f"curl -fLO {server.address}" in error.value.remedy


def test_the_date_of_an_old_file_identifies_it(server: Server) -> None:
    server.breaks, server.headers = [300_000], {"Last-Modified": LONG_AGO}
    assert drained(server.address) == TEXT
    server.breaks = [300_000]
    with contextlib.closing(open_source(server.address)) as source:
        assert isinstance(source, Stream)
        source.read(10)
        server.headers = {"Last-Modified": LONG_AGO.replace("10", "11")}
        with pytest.raises(InputError, match="replaced by another"):
            rest(source)


@pytest.mark.parametrize(
    "cut", [b"", b"HTTP", b"HTTP/1.1 206 Partial Content\r\nContent-Ra", b"x\r\n"]
)
def test_a_connection_that_breaks_within_the_headers(cut: bytes, server: Server) -> None:
    """It is no other file, and no answer of the server's."""
    server.breaks, server.cut_answers = [300_000], [None, cut, cut]
    assert drained(server.address) == TEXT
    server.breaks, server.cut_answers = [300_000], [None, *[cut] * 10]
    with pytest.raises(InputError, match="broke off: the server closed the connection"):
        drained(server.address)


def test_a_part_is_not_the_whole(server: Server) -> None:
    server.unasked = 300_000
    with pytest.raises(InputError, match="sends a part of the file for the whole"):
        drained(server.address)
    server.unasked = len(TEXT)
    assert drained(server.address) == TEXT


def test_another_part_than_was_asked_for(server: Server) -> None:
    server.breaks, server.failures = [300_000], []
    with contextlib.closing(open_source(server.address)) as source:
        assert isinstance(source, Stream)
        source.read(10)
        server.failures = [(206, {"ETag": '"1"'})]
        with pytest.raises(InputError, match="another part than was asked for"):
            rest(source)


@pytest.mark.parametrize("status", [203, 226])
def test_an_answer_that_is_no_file(status: int, server: Server) -> None:
    server.status = status
    with pytest.raises(InputError, match=f"cannot fetch it: the server says {status}"):
        drained(server.address)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(
    status: int, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept = list[float]()
    monkeypatch.setattr("embedprep.sources.remote.time.sleep", slept.append)
    server.failures = [(status, {"Retry-After": "7"}), (status, {}), (status, {"Retry-After": "x"})]
    assert drained(server.address) == TEXT
    assert slept == [7, 0, 0]
    server.failures = [(status, {"Retry-After": "3600"})]
    with pytest.raises(InputError, match=f"the server says {status}") as error:
        drained(server.address)
    assert "in 3600 seconds" in error.value.remedy
    slept.clear()
    server.failures = [(status, {"Retry-After": formatdate(time.time() + 9, usegmt=True)})]
    assert drained(server.address) == TEXT
    assert 5 < slept[0] < 10
    server.failures = [(status, {})] * 5
    with pytest.raises(InputError, match=f"the server says {status}"):
        drained(server.address)
    assert len(server.failures) == 1


def test_a_file_that_grew_in_the_meantime(server: Server) -> None:
    server.breaks = [300_000]
    with contextlib.closing(open_source(server.address)) as source:
        assert isinstance(source, Stream)
        source.read(10)
        server.body = TEXT + TEXT
        with pytest.raises(InputError, match="replaced by another"):
            rest(source)


def test_a_length_that_is_too_large(server: Server) -> None:
    server.length, server.ranges = len(TEXT) + 1, False
    with pytest.raises(InputError, match="broke off"):
        drained(server.address)


def test_without_a_length_the_end_is_the_end(server: Server) -> None:
    server.length = -1
    with contextlib.closing(open_source(server.address)) as source:
        assert source.size is None
    assert drained(server.address) == TEXT


def test_without_a_length_a_checksum_tells(server: Server) -> None:
    server.length, server.body = -1, gzip.compress(TEXT)[:-100]
    with pytest.raises(InputError, match="gzip data is damaged or cut off"):
        drained(server.address)


@pytest.mark.parametrize(
    ("status", "reason", "remedy"),
    [
        (404, "404 Not Found", "Check the address"),
        (403, "403 Forbidden", "may read it"),
        (401, "401 Unauthorized", "may read it"),
        (500, "500 Internal Server Error", "later"),
        (503, "503 Service Unavailable", "later"),
        (599, "the server says 599", "later"),
    ],
)
def test_what_the_server_refuses(status: int, reason: str, remedy: str, server: Server) -> None:
    server.status = status
    with pytest.raises(InputError) as error:
        open_content(f"{server.address}?key=secret")
    assert reason in error.value.reason
    assert remedy in error.value.remedy
    assert error.value.path == server.address


def test_a_circle_of_redirections(server: Server) -> None:
    server.status, server.headers = 302, {"Location": "/vectors.txt"}
    with pytest.raises(InputError, match="cannot fetch it"):
        open_content(server.address)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError, match="cannot fetch it: connection refused"):
        open_content(f"http://127.0.0.1:{port}/vectors.txt")


def test_a_proxy_that_is_down(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("http_proxy", "http://me:pa55@127.0.0.1:1")
    with pytest.raises(InputError, match=r"refused by the proxy 127\.0\.0\.1:1\n") as error:
        open_content(server.address)
    assert "HTTP_PROXY" in error.value.remedy
    assert "pa55" not in str(error.value)


def test_a_redirection_to_where_nobody_is(server: Server) -> None:
    server.status, server.headers = 302, {"Location": "http://localhost:1/other.txt?key=s3cret"}
    with pytest.raises(InputError, match="refused, at localhost, to which the address redi") as it:
        open_content(server.address)
    assert "s3cret" not in str(it.value)


def certificate(folder: Path) -> Path:
    """A file with a key and a certificate of its own for 127.0.0.1."""
    pytest.importorskip("cryptography")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    file = folder / "own.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(pem)
    )
    return file


def test_a_certificate_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    with serving(tls) as server:
        with pytest.raises(InputError, match="certificate of the server is not accepted") as error:
            open_content(server.address)
        assert "REQUESTS_CA_BUNDLE" in error.value.remedy
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
        assert drained(server.address) == TEXT


def test_a_server_that_is_silent_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(web, "READ_SECONDS", 1)
    monkeypatch.setattr(remote, "_SILENT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/vectors.txt"
        with pytest.raises(InputError, match="does not answer in time"):
            open_content(address + "?key=s3cret")
    assert f"{address}: waiting for the server" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_slow_line_shows_progress(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that takes long is read in parts."""
    monkeypatch.setattr(remote, "_PIECE_BYTES", 100_000)
    monkeypatch.setattr(blocks, "_PATIENCE_SECONDS", 0.0)
    counted = list[int]()

    @contextlib.contextmanager
    def progress(total: int | None) -> Iterator[Callable[[int], object]]:
        yield counted.append

    matrix, _ = embedprep.build(server.address, ["word7", "word99999"], progress=progress)
    assert matrix[:, 0].tolist() == [7.5, 99_999.5]
    assert len(counted) > 3
    assert sum(counted) == len(TEXT)


def test_no_such_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*details: object, **more: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(InputError, match="the host of the address is not known"):
        open_content("http://nowhere.invalid/vectors.txt")


def test_no_answer(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(InputError, match="does not answer in time"):
            open_content(f"http://127.0.0.1:{port}/vectors.txt")


def test_no_tls(server: Server) -> None:
    with pytest.raises(InputError, match="TLS"):
        open_content(server.address.replace("http:", "https:"))


@pytest.mark.parametrize(
    "address", ["http://", "https:///x", "http://[::1/x", "http://a b/", "http://x:y/"]
)
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(InputError, match="cannot fetch it"):
        open_content(address)


def test_secrets_are_sent_and_not_shown(server: Server, tmp_path: Path) -> None:
    address = server.address.replace("//", "//user:pa55@") + "?sig=s3cret#f"
    matrix = str(tmp_path / "m.npy")
    _, coverage = embedprep.build(address, ["word7"], output=matrix)
    for file in tmp_path.iterdir():
        for secret in (b"user", b"pa55", b"s3cret"):
            assert secret not in file.read_bytes()
    assert coverage.vectors[0].path == server.address
    path, _, authorization = server.asked[0]
    assert path == "/vectors.txt?sig=s3cret"
    assert authorization is not None
    server.breaks, server.ranges = [1000], False
    for broken in (address, address.replace("127.0.0.1", "127.0.0.1:1")):
        with pytest.raises(InputError) as error:
            embedprep.build(broken, ["word7"])
        assert not re.search("user|pa55|s3cret", str(error.value))
        assert error.value.__suppress_context__ or error.value.__cause__ is None


def test_a_file_replaced_between_two_readings(server: Server) -> None:
    """The rules of --fallback auto are chosen by a first reading, and used in a second."""
    first = server.body
    asked = server.asked

    class Replacing(list[Any]):
        def append(self, request: Any) -> None:
            super().append(request)
            if len(self) == 2:
                server.body = first.replace(b"-0.25", b"-9.25")
                server.headers = {"ETag": '"2"'}

    server.asked = Replacing(asked)
    with pytest.raises(InputError, match="replaced by another"):
        embedprep.build(server.address, ["word7", "Word8"], fallback="auto")
    assert len(server.asked) == 2


def test_a_vocabulary_may_be_remote_too(server: Server, tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    server.body = gzip.compress(b'{"the": 0, "cat": 1}')
    address = server.address.replace("//", "//user:pa55@") + "?sig=s3cret"
    matrix, coverage = embedprep.build(str(tmp_path / "v.txt"), address)
    np.testing.assert_array_equal(matrix, [[1, 2], [3, 4]])
    assert coverage.vocabulary.path == server.address
    server.body = b'{"the": '
    with pytest.raises(InputError) as error:
        embedprep.build(str(tmp_path / "v.txt"), address)
    assert error.value.path == server.address


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


NOISE = np.random.default_rng(0).bytes(1_000_000)


@pytest.mark.parametrize("breaks", [[], [1000, 0, 0, 300, 100_000]])
def test_one_member_of_a_zip_archive(breaks: list[int], server: Server, tmp_path: Path) -> None:
    server.body, server.breaks = zipped({"big": NOISE, "v.txt": TEXT, "z": NOISE}), list(breaks)
    (tmp_path / "v.zip").write_bytes(server.body)
    matrix, coverage = embedprep.build(f"{server.address}::v.txt", ["word7"])
    expected, of_file = embedprep.build(f"{tmp_path / 'v.zip'}::v.txt", ["word7"])
    np.testing.assert_array_equal(matrix, expected)
    ours, theirs = coverage.vectors[0], of_file.vectors[0]
    assert (ours.bytes, ours.fingerprint) == (theirs.bytes, theirs.fingerprint)
    assert ours.path == f"{server.address}::v.txt"
    assert len(server.asked) <= 8 + len(breaks)


def test_a_zip_archive_is_damaged(server: Server) -> None:
    server.body = zipped({"v.txt": TEXT})[:-100]
    with pytest.raises(InputError, match="zip archive is damaged"):
        open_content(server.address)
    damaged = bytearray(zipped({"v.txt": TEXT}))
    damaged[len(damaged) // 2] ^= 1
    server.body = bytes(damaged)
    with pytest.raises(InputError, match="zip data is damaged"):
        drained(server.address)


@pytest.mark.parametrize("change", [{"ranges": False}, {"length": -1}])
def test_a_zip_archive_where_nobody_can_jump(change: dict[str, int], server: Server) -> None:
    server.body = zipped({"v.txt": TEXT})
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(InputError, match=r"not go on in the middle|cannot be read as a stream"):
        open_content(f"{server.address}::v.txt")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("https://user:pass@host:8/a/b.txt?key=1#x", "https://host:8/a/b.txt"),
        ("HTTP://host/a@b.txt", "HTTP://…@b.txt"),
        ("https://bob/p4ss@host/f", "https://…@host/f"),
        ("https://me@host/f", "https://host/f"),
        ("https://host?key=a/b@c", "https://…"),
        ("https://u:p/w@host/a", "https://host/a"),
        ("https://bob:s3cr#t@host/f", "https://…"),
        ("https://bob:12?t@host/f", "https://…"),
        ("https://host:8/a?sig=b@c", "https://…"),
        ("https://bob:12/w@host/f", "https://host/f"),
        ("https:bob:pw@host/x", "https:host/x"),
        ("https://cdn.example/npm/x@1.0/f.txt", "https://…@1.0/f.txt"),
        ("http://[::1]:80/a.txt", "http://[::1]:80/a.txt"),
        ("s3://AKIA:abc/def@bucket/key", "s3://bucket/key"),
        ("s3://bucket/C#/v.txt?X-Amz-Signature=1", "s3://bucket/C#/v.txt"),
        ("sftp://me:pw@host/v.txt", "sftp://host/v.txt"),
        ("ftp://me:pw@host/v.txt", "ftp://host/v.txt"),
        ("s3://key:secret@bucket/a?b#c", "s3://bucket/a"),
        ("gs://bucket/a@b", "gs://…@b"),
        ("s3://A:b?c@bucket/key", "s3://…"),
        ("s3://A:b@bucket/key?versionId=1", "s3://bucket/key"),
        ("zip::https://u:p@host/a.zip?x", "zip::https://host/a.zip"),
        ("data/user@host?.txt", "data/user@host?.txt"),
        ("-", "-"),
    ],
)
def test_what_is_shown_of_a_path(path: str, expected: str) -> None:
    assert without_secrets(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("https://h/a.zip::b.txt", ("https://h/a.zip", "b.txt")),
        ("https://h/a.tar.gz?x=1::b/c.txt", ("https://h/a.tar.gz?x=1", "b/c.txt")),
        ("http://[::1]:80/a.txt", ("http://[::1]:80/a.txt", None)),
        ("http://[::1]/a.zip::b", ("http://[::1]/a.zip", "b")),
        ("a.zip::b::c", ("a.zip", "b::c")),
        ("s3://bucket/a.tar::b", ("s3://bucket/a.tar", "b")),
    ],
)
def test_the_member_of_an_address(path: str, expected: tuple[str, str | None]) -> None:
    assert split_member(path) == expected


@pytest.mark.parametrize(
    ("address", "reason", "remedy"),
    [
        ("ftp://me:s3cret@host/v.txt", "cannot read ftp:// addresses", "http, https, s3, s3a, gs"),
        ("file://data/v.txt", "a file on this machine by its whole path", "file:///home"),
        ("s3://box", "no whole address", "s3://BUCKET/KEY"),
        ("s3://box/", "no whole address", "s3://BUCKET/KEY"),
        ("s3://", "no whole address", "s3://BUCKET/KEY"),
        ("gs:box/v.txt", "no whole address", "gs://BUCKET/KEY"),
        ("https:me:s3cret@host/v.txt", "no whole address", "https://HOST/PATH"),
        ("hf://v.txt", "no whole address", "hf://OWNER/REPO/FILE"),
    ],
)
def test_an_address_that_is_none(address: str, reason: str, remedy: str) -> None:
    with pytest.raises(UsageError, match=reason) as error:
        open_content(address)
    assert remedy in error.value.remedy
    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize("name", ["m.npy", "m.safetensors"])
def test_outputs_and_matrices_are_files_here(name: str, workdir: Path) -> None:
    Path("v.txt").write_bytes(TEXT)
    address = f"s3://key:s3cret@box/{name}"
    for attempt in (
        lambda: embedprep.build("v.txt", ["word1"], address),
        lambda: embedprep.build("v.txt", ["word1"], name, report=address),
        lambda: embedprep.convert("v.txt", address),
        lambda: embedprep.open(address),
        lambda: read_report(address),
    ):
        with pytest.raises(UsageError, match="cannot be at an address") as error:
            attempt()
        assert "s3cret" not in str(error.value)
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize(
    ("address", "module", "library"),
    [
        ("https://host/v.txt", "fsspec", "fsspec[http]"),
        ("s3://box/v.txt", "s3fs", "s3fs"),
        ("gs://box/v.txt", "gcsfs", "gcsfs"),
        ("az://box/v.txt", "adlfs", "adlfs"),
        ("sftp://host/v.txt", "sshfs", "sshfs"),
        ("hf://me/repo/v.txt", "huggingface_hub", "huggingface_hub"),
    ],
)
def test_what_to_install(
    address: str, module: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [*sys.modules]:
        if name in ("embedprep.sources.web", "embedprep.sources.stores"):
            monkeypatch.delitem(sys.modules, name)
        elif name.partition(".")[0] == module:
            monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, module, None)
    for name in [*_registry]:
        monkeypatch.delitem(_registry, name)
    with pytest.raises(UsageError, match="the library is missing") as error:
        open_source(address)
    extra = {"http": "remote", "https": "remote"}.get(name := address.partition("://")[0], name)
    assert f"pip install 'embedprep[{extra}]'" in error.value.remedy
    assert f"'{library}'" in error.value.remedy
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    assert any(requirement.startswith(library) for requirement in extras[extra])


def test_an_address_that_is_also_a_file(workdir: Path) -> None:
    Path("s3:/box").mkdir(parents=True)
    Path("s3:/box/v.txt").write_bytes(TEXT)
    with pytest.raises(UsageError, match="also a file of this name here"):
        open_source("s3://box/v.txt")
    with contextlib.closing(open_source("./s3://box/v.txt")) as source:
        assert source.size == len(TEXT)
