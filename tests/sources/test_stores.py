"""Objects of stores and files of other machines: the real clients, against servers on this one."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.sources import Stream, open_content, open_source, storage, stores
from tests.sources.conftest import TEXT, Server

pytestmark = pytest.mark.once

WORDS = ["word7", "word99999", "absent"]


def rest(source: Stream) -> bytes:
    return b"".join(iter(lambda: source.read(1 << 20), b""))


def drained(address: str) -> bytes:
    source = open_content(address)
    assert isinstance(source, Stream)
    with contextlib.closing(source):
        return rest(source)


class TestS3:
    @pytest.fixture(autouse=True)
    def store(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("s3fs")
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.address.rpartition("/")[0])
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")

    @pytest.mark.parametrize("compress", [bytes, gzip.compress])
    def test_the_same_matrix_as_from_the_file(
        self, compress: Any, server: Server, tmp_path: Path
    ) -> None:
        server.body = compress(TEXT)
        (tmp_path / "file").write_bytes(server.body)
        expected, of_file = embedprep.build(str(tmp_path / "file"), WORDS)
        matrix, coverage = embedprep.build("s3://box/folder/v.txt", WORDS)
        np.testing.assert_array_equal(matrix, expected)
        assert coverage.vectors[0].fingerprint == of_file.vectors[0].fingerprint
        assert coverage.vectors[0].path == "s3://box/folder/v.txt"
        [(path, part, authorization)] = server.asked
        assert path.startswith("/box/folder/v.txt")
        assert part is None
        assert "of-the-environment" in str(authorization)

    def test_a_broken_connection_is_gone_on_with(self, server: Server) -> None:
        server.breaks = [300_000, 0, 400_000]
        assert drained("s3://box/v.txt") == TEXT
        assert server.matches == [None, '"1"', '"1"', '"1"']

    @pytest.mark.parametrize("obeys", [True, False])
    def test_an_object_replaced_in_the_meantime(self, obeys: bool, server: Server) -> None:
        server.breaks, server.obeys = [300_000], obeys
        with contextlib.closing(open_source("s3://box/v.txt")) as source:
            assert isinstance(source, Stream)
            source.read(10)
            server.headers = {"ETag": '"2"'}
            with pytest.raises(InputError, match="replaced by another"):
                rest(source)

    def test_a_store_that_gives_the_whole_for_a_part(self, server: Server) -> None:
        server.breaks, server.ranges = [300_000], False
        with pytest.raises(InputError, match="does not go on in the middle"):
            drained("s3://box/v.txt")

    def test_a_part_is_not_the_whole(self, server: Server) -> None:
        server.unasked = 300_000
        with pytest.raises(InputError, match="sends a part of the file for the whole"):
            drained("s3://box/v.txt")

    def test_a_store_without_tags(self, server: Server) -> None:
        server.headers = {}
        assert drained("s3://box/v.txt") == TEXT
        server.breaks = [300_000]
        with pytest.raises(InputError, match="gives nothing to identify the file by") as error:
            drained("s3://box/v.txt")
        assert "aws s3 cp s3://box/v.txt ." in error.value.remedy

    def test_a_busy_store(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        slept = list[float]()
        monkeypatch.setattr("embedprep.sources.remote.time.sleep", slept.append)
        server.failures = [(503, {"Retry-After": "7"})] * 3
        assert drained("s3://box/v.txt") == TEXT
        assert {*slept} == {7}

    def test_options_of_the_store(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        with storage.using({"anon": True, "requester_pays": True}):
            assert drained("s3://box/v.txt") == TEXT
        assert server.asked[-1][2] is None
        assert server.payers == ["requester"]
        monkeypatch.setenv(storage.VARIABLE, '{"anon": true}')
        assert drained("s3://box/v.txt") == TEXT
        assert server.asked[-1][2] is None
        with storage.using({"anon": False}):
            assert drained("s3://box/v.txt") == TEXT
        assert server.asked[-1][2] is not None

    @pytest.mark.parametrize("text", ["anon", "[1]", "{"])
    def test_options_that_are_none(self, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(storage.VARIABLE, text)
        with pytest.raises(UsageError, match="is not a JSON object"):
            open_source("s3://box/v.txt")
        with pytest.raises(UsageError, match="is not NAME=VALUE"):
            storage.parsed(["anon"])
        monkeypatch.delenv(storage.VARIABLE)
        with (
            storage.using({"annon": "s3cret"}),
            pytest.raises(UsageError, match="s3:// addresses have no storage option 'annon'") as it,
        ):
            open_source("s3://box/v.txt")
        assert "anon," in it.value.remedy
        assert "s3cret" not in str(it.value)

    def test_a_version_and_credentials_in_the_address(self, server: Server) -> None:
        address = "s3://AKIA:abc/def@box/v.txt?versionId=of-then"
        _, coverage = embedprep.build(address, WORDS)
        assert coverage.vectors[0].path == "s3://box/v.txt"
        path, _, authorization = server.asked[0]
        assert "versionId=of-then" in path
        assert "AKIA" in str(authorization)
        server.status = 403
        with pytest.raises(InputError, match="cannot fetch it") as error:
            embedprep.build(address, WORDS)
        for secret in ("AKIA", "abc", "def", "of-then"):
            assert secret not in str(error.value)
        assert "credentials" in error.value.remedy

    def test_nobody_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        with pytest.raises(InputError, match="cannot fetch it: connection refused"):
            open_source("s3://box/v.txt")

    def test_no_credentials(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        with pytest.raises(InputError, match=r"(?i)unable to locate credentials"):
            open_source("s3://box/v.txt")


class TestGoogle:
    @pytest.fixture(autouse=True)
    def store(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("gcsfs")
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.address.rpartition("/")[0])
        server.headers = {"X-Goog-Generation": "17", "ETag": "CJ3x="}

    def test_the_same_matrix_as_from_the_file(self, server: Server, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(TEXT)
        expected, of_file = embedprep.build(str(tmp_path / "file"), WORDS)
        matrix, coverage = embedprep.build("gs://box/folder/a b.txt", WORDS)
        np.testing.assert_array_equal(matrix, expected)
        assert coverage.vectors[0].fingerprint == of_file.vectors[0].fingerprint
        [(path, part, _)] = server.asked
        assert path == "/download/storage/v1/b/box/o/folder%2Fa%20b.txt?alt=media"
        assert part is None

    def test_each_request_asks_for_the_first_generation(self, server: Server) -> None:
        server.breaks = [300_000, 0]
        assert drained("gs://box/v.txt") == TEXT
        assert ["generation=17" in path for path, _, _ in server.asked] == [False, True, True]

    @pytest.mark.parametrize("status", [404, 206])
    def test_an_object_replaced_in_the_meantime(self, status: int, server: Server) -> None:
        server.breaks = [300_000]
        with contextlib.closing(open_source("gs://box/v.txt")) as source:
            assert isinstance(source, Stream)
            source.read(10)
            server.headers = {"X-Goog-Generation": "18"}
            if status == 404:
                server.failures = [(404, {})]
            with pytest.raises(InputError, match="replaced by another"):
                rest(source)

    def test_who_pays(self, server: Server) -> None:
        with storage.using({"anon": True, "requester_pays": "my-project"}):
            assert drained("gs://box/v.txt") == TEXT
        assert server.asked[0][0].endswith("userProject=my-project")

    def test_nobody_listens(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
        before = time.monotonic()
        with pytest.raises(InputError, match="cannot fetch it: connection refused"):
            open_source("gs://box/v.txt")
        assert time.monotonic() - before < 10


@pytest.fixture
def ssh_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """An SSH server that any user with the password s3cret may enter, known to this user's ssh."""
    pytest.importorskip("sshfs")
    import asyncssh

    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    key = asyncssh.generate_private_key("ssh-ed25519")

    entered = list[Any]()

    class Door(asyncssh.SSHServer):
        def connection_made(self, conn: Any) -> None:
            entered.append(conn)

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return password == "s3cret/@"

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def begin() -> Any:
        return await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Door, server_host_keys=[key], sftp_factory=True
        )

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    port: int = server.get_port()
    (tmp_path / ".ssh").mkdir()
    public = key.export_public_key().decode()
    (tmp_path / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}")
    yield port

    async def end() -> None:
        for connection in entered:
            connection.abort()
            await connection.wait_closed()
        server.close()
        await server.wait_closed()

    asyncio.run_coroutine_threadsafe(end(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class TestSftp:
    def test_the_same_matrix_as_from_the_file(self, ssh_port: int, tmp_path: Path) -> None:
        file = tmp_path / "v.txt"
        file.write_bytes(TEXT)
        address = f"sftp://me:s3cret%2F%40@127.0.0.1:{ssh_port}{file}"
        expected, _ = embedprep.build(str(file), WORDS)
        matrix, coverage = embedprep.build(address, WORDS)
        np.testing.assert_array_equal(matrix, expected)
        assert coverage.vectors[0].path == f"sftp://127.0.0.1:{ssh_port}{file}"

    def test_a_file_replaced_in_the_meantime(
        self, ssh_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(stores, "_FIRST_BYTES", 1000)
        file = tmp_path / "v.txt"
        file.write_bytes(TEXT)
        with contextlib.closing(
            open_source(f"sftp://me:s3cret%2F%40@127.0.0.1:{ssh_port}{file}")
        ) as source:
            assert isinstance(source, Stream)
            source.read(10)
            os.utime(file, (1, 1))
            with pytest.raises(InputError, match="replaced by another"):
                rest(source)

    def test_a_host_that_is_not_known_is_told_nothing(self, ssh_port: int, tmp_path: Path) -> None:
        (tmp_path / ".ssh" / "known_hosts").write_text("")
        with pytest.raises(InputError, match=r"(?i)host key") as error:
            open_source(f"sftp://me:s3cret%2F%40@127.0.0.1:{ssh_port}/v.txt")
        assert "ssh HOST" in error.value.remedy
        assert "s3cret" not in str(error.value)

    def test_a_wrong_password_and_no_file(self, ssh_port: int, tmp_path: Path) -> None:
        for login in ("me:wr0ng", "me:s3cret%2F%40"):
            with pytest.raises(InputError, match="cannot fetch it") as error:
                open_source(f"sftp://{login}@127.0.0.1:{ssh_port}{tmp_path}/none.txt")
            assert not {"wr0ng", "s3cret"} & {*str(error.value).split()}
