"""Files that are no text vectors: the message says what they are and the way out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.sources.source import Stream
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.formats.text import open_text

FOREIGN: dict[str, tuple[bytes, str, str]] = {
    "UTF-16": ("the 1 2\n".encode("utf-16"), "UTF-16", "iconv"),
    "UTF-16, big-endian": (b"\xfe\xff" + "the 1 2\n".encode("utf-16-be"), "UTF-16", "iconv"),
    "Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        "LFS pointer",
        "git lfs pull",
    ),
    "web page": (b"<!DOCTYPE html>\n<html><body>404</body>", "web page", "browser"),
    "web page without doctype": (b"<HTML>\n<head>", "web page", "browser"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_the_message_names_the_kind_and_the_way_out(kind: str, tmp_path: Path) -> None:
    data, reason, remedy = FOREIGN[kind]
    file = tmp_path / "vectors.txt"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        open_vectors(Request(str(file)))
    assert reason in caught.value.reason
    assert remedy in caught.value.remedy
    assert (caught.value.path, caught.value.byte) == (str(file), 0)
    with pytest.raises(InputError) as streamed:
        open_text(Stream("-", io.BytesIO(data)))
    assert streamed.value.reason == caught.value.reason


@pytest.mark.parametrize(
    "key", ["<unk>", "<user>", "<", "<htm", "BZ", "PK", "version", "\u00ff", "\u00fe"]
)
def test_a_key_that_only_begins_like_one_of_them(key: str) -> None:
    vectors = open_text(Stream("-", io.BytesIO(f"{key} 1 2\nof 3 4\n".encode())))
    assert [hits.key.tolist() for hits in vectors.hits([key.encode()])] == [[0]]
