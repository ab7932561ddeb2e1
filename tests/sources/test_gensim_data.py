"""`gensim:NAME`: the downloader says where the file is, and nothing else of it is used."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import socket
import sys
import urllib.error
from pathlib import Path
from types import ModuleType

import pytest

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.sources import Stream, open_content

pytestmark = pytest.mark.once

TEXT = b"2 2\nthe 1 2\ncat 3 4\n"
NAME = "glove-wiki-gigaword-50"


@pytest.fixture
def downloader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The real one, offline, with one model in its directory."""
    module: ModuleType = pytest.importorskip("gensim.downloader")

    def offline(*details: object, **more: object) -> object:
        raise urllib.error.URLError("no network in this test")

    directory = tmp_path / NAME
    directory.mkdir()
    (directory / f"{NAME}.gz").write_bytes(gzip.compress(TEXT))
    entry = {"file_name": f"{NAME}.gz", "parts": 1, "checksum": "0"}
    known = {"corpora": {"text8": entry}, "models": {NAME: entry, "glove-twitter-25": entry}}
    (tmp_path / "information.json").write_text(json.dumps(known))
    monkeypatch.setattr(module, "BASE_DIR", str(tmp_path))
    monkeypatch.setattr(module, "urlopen", offline)
    monkeypatch.setattr(module.urllib, "urlretrieve", offline)
    return module


def test_a_file_that_is_there(
    downloader: ModuleType, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    matrix, coverage = embedprep.build(f"gensim:{NAME}", ["the", "cat"])
    assert matrix.tolist() == [[1, 2], [3, 4]]
    assert coverage.vectors[0].path == f"gensim:{NAME}"
    assert coverage.vectors[0].compression == "gzip"
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_what_it_prints_is_not_our_output(
    downloader: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    waits = socket.getdefaulttimeout()

    def load(name: str, return_path: bool) -> str:
        assert (name, return_path) == (NAME, True)
        assert socket.getdefaulttimeout()
        sys.stdout.write("\r[==--] 50% downloaded")
        return str(tmp_path / NAME / f"{NAME}.gz")

    monkeypatch.setattr(downloader, "load", load)
    with contextlib.closing(open_content(f"gensim:{NAME}")) as source:
        assert isinstance(source, Stream)
        assert source.read(100) == TEXT
    assert capfd.readouterr() == ("", "")
    assert socket.getdefaulttimeout() == waits
    assert not logging.getLogger("gensim.downloader").disabled
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    open_content(f"gensim:{NAME}").close()
    assert capfd.readouterr() == ("", "\r[==--] 50% downloaded")


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [("glove-wiki-gigaword-5", f"gensim:{NAME}"), ("", f"gensim:{NAME}"), ("text8", "gensim:")],
)
def test_an_unknown_name(name: str, suggestion: str, downloader: ModuleType) -> None:
    with pytest.raises(InputError, match="gensim knows no vectors of this name") as error:
        open_content(f"gensim:{name}")
    assert suggestion in error.value.remedy
    assert error.value.path == f"gensim:{name}"


def test_no_network_and_not_there(downloader: ModuleType) -> None:
    with pytest.raises(InputError, match=r"gensim cannot fetch it: .*no network") as error:
        open_content("gensim:glove-twitter-25")
    assert "download the file yourself" in error.value.remedy


def test_no_network_at_the_first_time(downloader: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "information.json").unlink()
    with pytest.raises(InputError, match="gensim cannot fetch it: unable to read local cache"):
        open_content(f"gensim:{NAME}")


def test_a_download_that_was_interrupted(downloader: ModuleType, tmp_path: Path) -> None:
    (tmp_path / NAME / f"{NAME}.gz").unlink()
    with pytest.raises(InputError, match="no such file") as error:
        open_content(f"gensim:{NAME}")
    assert str(tmp_path / NAME) in str(error.value)


def test_without_gensim(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gensim", None)
    monkeypatch.setitem(sys.modules, "gensim.downloader", None)
    with pytest.raises(UsageError, match="gensim is not installed") as error:
        open_content(f"gensim:{NAME}")
    assert "pip install gensim" in error.value.remedy


@pytest.mark.parametrize(
    ("program", "reason", "remedy"),
    [
        ("raise RuntimeError('Could not determine home directory.')", "home directory", "Set HOME"),
        # The same without a home, when a program tries again.
        ("raise AttributeError('smart_open is half there')", "half there", "Set HOME"),
        (
            "from math import triu",
            "cannot import name 'triu'",
            "pip install --upgrade gensim scipy",
        ),
    ],
)
def test_a_gensim_that_cannot_be_imported(
    program: str, reason: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a home directory, or with a SciPy that is too new for it."""
    (tmp_path / "gensim").mkdir()
    (tmp_path / "gensim" / "__init__.py").write_text(program)
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "gensim"]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(UsageError, match=f"gensim cannot be imported .*{reason}") as error:
        open_content(f"gensim:{NAME}")
    assert remedy in error.value.remedy


def test_a_file_of_that_name_goes_first(workdir: Path) -> None:
    Path("gensim:v").write_bytes(TEXT)
    with contextlib.closing(open_content("gensim:v")) as source:
        assert source.size == len(TEXT)
