"""Secrets of addresses: a build from addresses alone, and all that it writes or says."""

from __future__ import annotations

import contextlib
import json
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from embedprep.errors import EmbedprepError, InputError
from embedprep.errors.addresses import without_secrets
from embedprep.sources.paths import local_path
from tests.sources.conftest import Server, serving

pytestmark = pytest.mark.once

SECRETS = ("hunter2", "pa55", "wr0ng", "s1gned", "t0ken")
VECTORS = b"".join(b"word%d %d.5 -0.25\n" % (i, i) for i in range(100))


def addressed(server: Server, query: str = "?sig=s1gned&x=t0ken") -> str:
    return server.address.replace("//", "//hunter2:pa55@") + query


def told(*words: str) -> str:
    """Everything that a command says, and the traceback of its error."""
    from embedprep.cli.commands import cli

    result = CliRunner().invoke(cli, words)
    error = result.exception
    return result.output + ("".join(traceback.format_exception(error)) if error else "")


def test_nothing_that_is_written_or_said_has_one(server: Server, workdir: Path) -> None:
    with contextlib.ExitStack() as servers:
        vectors, vocab, counts = (servers.enter_context(serving()) for _ in range(3))
        vectors.body = VECTORS
        vocab.body = b'["word1", "word2", "absent"]'
        counts.body = b"word1\t3\nabsent\t1\n"
        words = ["build", "--vectors", addressed(vectors), "--vocab", addressed(vocab)]
        said = ""
        for output in ("m.npy", "m.h5", "m.safetensors"):
            said += told(
                *words, "--counts", addressed(counts), "-o", output, "-v", "--storage-option",
                'client_kwargs={"headers": {"X-Key": "wr0ng"}}',
            )  # fmt: skip
            said += told("inspect", output) + told("inspect", output, "--json")
        said += told("update", output, *words[1:], "--counts", addressed(counts), "-o", "again.npy")
        said += told("doctor", addressed(vectors)) + told("doctor", addressed(vectors), "--json")
        for status in (401, 503):
            vectors.status = status
            said += told(*words) + told("verify", output, *words[1:])
        vectors.status, vectors.body = 200, b"word1 1\nword2 1 2 3\n"
        said += told(*words) + told(*words, "--dim", "7")
    assert vectors.address in said
    assert len(list(workdir.iterdir())) >= 6
    for file in workdir.iterdir():
        said += file.read_bytes().decode("latin-1")
    assert not [secret for secret in SECRETS if secret in said]


SCHEMES = ("https", "http", "s3", "gs", "az", "sftp", "hf", "ftp", "HTTPS")


@given(
    st.sampled_from(SCHEMES),
    st.text("XYZQ/?#@:%&=.", max_size=12),
    st.text("XYZQ/?#@:%&=.", max_size=12),
    st.sampled_from(["", "::member.txt"]),
)
def test_a_login_and_a_query_of_any_form(scheme: str, login: str, query: str, member: str) -> None:
    for address in (
        f"{scheme}://{login}@host/file.txt{member}",
        f"{scheme}://host/file.txt?{query}{member}",
        f"{scheme}://{login}@host/file.txt?{query}{member}",
    ):
        assert not set("XYZQ") & {*without_secrets(address)}
        error = InputError("it is no file", "Give another.", path=address)
        assert not set("XYZQ") & {*str(error.path)}


def test_an_error_hides_them_whatever_raised_it() -> None:
    for kind in EmbedprepError.__subclasses__():
        assert "pa55" not in str(kind("a", "b", path="https://me:pa55@host/f?x=pa55"))


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///data/a%20b.txt", "/data/a b.txt"),
        ("FILE://localhost/data/v.txt", "/data/v.txt"),
        ("file://data/v.txt", "file://data/v.txt"),
        ("file:v.txt", "file:v.txt"),
        ("https://host/v.txt", "https://host/v.txt"),
        ("v.txt", "v.txt"),
    ],
)
def test_the_path_of_a_file_address(address: str, path: str) -> None:
    assert local_path(address) == path


def test_file_addresses_work_wherever_a_path_does(workdir: Path) -> None:
    from embedprep.cli.commands import cli

    here = f"file://{workdir}/"
    Path("v.txt").write_bytes(VECTORS)
    Path("t.json").write_text('["word1", "word2"]')
    for command in (
        ["build", "--vectors", here + "v.txt", "--vocab", here + "t.json", "-o", here + "m.npy"],
        ["inspect", here + "m.npy"],
        ["verify", here + "m.npy", "--vectors", here + "v.txt", "--vocab", here + "t.json"],
        ["explain", here + "m.npy", "word1"],
        ["diff", here + "m.npy", here + "m.npy"],
        ["doctor", here + "v.txt"],
        ["convert", here + "v.txt", here + "w.bin"],
        ["index", here + "v.txt"],
        ["update", here + "m.npy", "--vocab", here + "t.json", "-o", here + "n.npy"],
    ):
        result = CliRunner().invoke(cli, command)
        assert result.exit_code == 0, (command[0], result.exception)
    report = json.loads(Path("m.coverage.json").read_bytes())
    assert report["vectors"][0]["path"] == str(workdir / "v.txt")
    assert {"m.npy", "n.npy", "w.bin"} < {path.name for path in workdir.iterdir()}
