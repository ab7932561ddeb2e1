"""`embedprep verify` sees every file that a build writes, and what a build that was killed left."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.containers import AtomicFile
from embedprep.errors import InputError

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

OLD, NEW = ["", "the", "cat"], ["", "cat", "the"]


def build(path: str, vocab: list[str], **options: Any) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    embedprep.build("v.txt", vocab, path, **options)


def seen(path: str, check: str) -> tuple[bool, str]:
    [found] = [one for one in embedprep.verify(path).findings if one.check == check]
    return found.ok, found.seen


class Killed(BaseException):
    pass


@pytest.mark.parametrize("published", [0, 1, 2, 3])
def test_a_build_that_is_killed_between_its_files(
    published: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New files beside an old matrix, whatever the name of the report."""
    build("m.safetensors", OLD, html="m.html")
    publish, done = AtomicFile.publish, list[str]()

    def killed(file: AtomicFile) -> None:
        if len(done) == published:
            raise Killed
        done.append(file.path)
        publish(file)

    with monkeypatch.context() as patch:
        patch.setattr(AtomicFile, "publish", killed)
        with pytest.raises(Killed):
            build("m.safetensors", NEW, html="m.html")
    assert done == ["m.coverage.json", "m.html", "m.tokens.json"][:published]
    wrong = {one.check for one in embedprep.verify("m.safetensors").findings if not one.ok}
    assert wrong == set(["report beside", "page beside", "tokens beside"][:published])


def test_only_the_list_of_tokens_is_new() -> None:
    build("m.safetensors", OLD, report="r.json")
    tokens = json.dumps(NEW)
    Path("m.tokens.json").write_text(tokens)
    said = "it is of another build: row 1 is 'cat' there, and 'the' in the matrix"
    assert seen("m.safetensors", "tokens beside") == (False, said)
    Path("m.tokens.json").write_text(json.dumps(OLD, indent=1))
    assert seen("m.safetensors", "tokens beside") == (True, "the tokens of the matrix")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", "it does not have a token a row"),
        (b'["", "the"]', "it does not have a token a row"),
        (b"[1, 2, 3]", "row 0 is '1' there"),
        (b"[" * 100_000, "it cannot be read as a list of tokens"),
        (b"\xff\xff\x00", "it cannot be read as a list of tokens"),
    ],
)
def test_a_list_that_is_none(content: bytes, said: str) -> None:
    build("m.safetensors", OLD)
    Path("m.tokens.json").write_bytes(content)
    ok, text = seen("m.safetensors", "tokens beside")
    assert not ok
    assert said in text


def test_a_list_that_is_of_another_container() -> None:
    """A build of a .npy writes none; a conversion does."""
    build("m.safetensors", NEW)
    build("m.npy", OLD)
    assert seen("m.npy", "tokens beside") == (True, "none")
    embedprep.convert("v.txt", "c.npy")
    assert seen("c.npy", "tokens beside") == (True, "the tokens of the matrix")
    Path("c.tokens.json").write_text('["the", "dog"]')
    assert not seen("c.npy", "tokens beside")[0]
    os.rename("m.npy", "renamed")
    assert seen("renamed", "tokens beside") == (True, "none")


@pytest.mark.parametrize("other", ["m.h5", "m.safetensors"])
def test_two_containers_that_share_a_report(other: str) -> None:
    build("m.npy", OLD)
    build(other, OLD)
    assert seen("m.npy", "report beside") == (True, f"of {other}, from the same build")
    build(other, NEW)
    ok, text = seen("m.npy", "report beside")
    assert not ok
    assert text.startswith(f"it is of {other}, which was built after this matrix and shares its")
    assert embedprep.verify(other).ok
    Path(other).write_bytes(b"damaged")
    assert seen("m.npy", "report beside") == (False, "it is of another build")


def test_pages() -> None:
    build("m.npy", OLD)
    assert seen("m.npy", "page beside") == (True, "none")
    Path("m.html").write_text("<html>somebody else's</html>")
    os.mkdir("m.htm")
    assert seen("m.npy", "page beside") == (True, "none")
    build("m.npy", OLD, html="m.html")
    assert seen("m.npy", "page beside") == (True, "of the same build")
    build("m.npy", NEW)
    assert seen("m.npy", "page beside") == (False, "it is of another build")


def test_temporary_files_that_were_left() -> None:
    os.mkdir("out")
    build("out/m.npy", OLD)
    assert seen("out/m.npy", "left over") == (True, "nothing of a build that was killed")
    Path("out/.embedprep-0123.tmp").touch()
    ok, text = seen("out/m.npy", "left over")
    assert ok
    assert text.startswith(".embedprep-0123.tmp: of a build that was killed, or still runs")


def test_everything_but_the_matrix() -> None:
    build("m.safetensors", OLD, html="m.html")
    os.unlink("m.safetensors")
    with pytest.raises(InputError, match=r"no such file, but m\.coverage\.json, m\.tokens\.json"):
        embedprep.verify("m.safetensors")
    with pytest.raises(InputError, match=r"other\.npy: no such file"):
        embedprep.verify("other.npy")
