"""Files that are no vocabulary: the message says what they are and the way out."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.array(["the", "cat"]))
    return buffer.getvalue()


def word2vec_binary() -> bytes:
    vectors = np.array([[1.5, -2.25], [0.1, 1e9]], dtype="<f4")
    return b"2 2\n" + b"".join(
        word + b" " + row.tobytes() + b"\n"
        for word, row in zip([b"the", b"cat"], vectors, strict=True)
    )


BINARY: dict[str, tuple[bytes, str, str]] = {
    "pickle 0": (b"\x80\x00.", "pickle", "json.dump"),
    "pickle 5": (pickle.dumps({"the": 1}, protocol=5), "pickle", "json.dump"),
    # As sentencepiece writes it: the piece <unk>, its score, its type; then another piece.
    "SentencePiece model": (
        b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02\n\x0c\n\x03<s>\x15\x00\x00\x00\x00\x18\x03",
        "SentencePiece model",
        "spm_export_vocab",
    ),
    "HDF5": (b"\x89HDF\r\n\x1a\n\x00\x00", "HDF5", "json.dump"),
    "NumPy": (array(), "NumPy array", "tolist"),
    "UTF-16 with mark": ('{"the": 1}'.encode("utf-16"), "UTF-16", "iconv"),
    "UTF-16 big-endian": ('{"the": 1}'.encode("utf-16-be"), "UTF-16", "iconv"),
    "UTF-16 little-endian": ("the\ncat\n".encode("utf-16-le"), "UTF-16", "iconv"),
    "word2vec binary": (word2vec_binary(), "file of vectors", "--vectors"),
}

LOOKALIKES: dict[str, tuple[bytes, str, str]] = {
    "web page": (b"\n<!DOCTYPE html>\n<html>", "web page", "raw"),
    "web page without doctype": (b"<html>\n<head><title>x</title>", "web page", "raw"),
    "Git LFS pointer": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n",
        "LFS pointer",
        "git lfs pull",
    ),
    "merges": ("#version: 0.2\nĠ t\nh e\n".encode(), "merges", "vocab.json"),
    "GloVe": (b"the 0.418 0.24968 -0.41242\n, 0.01 0.2 0.3\n", "file of vectors", "--vectors"),
    "word2vec text": (b"2 3\nthe 0.418 1e-05 -0.4\n", "file of vectors", "--vectors"),
    "Python map": (b"{'the': 1, 'cat': 2}", "Python value", "json.dump"),
    "Python inverse map": (b"{1: 'the', 2: 'cat'}", "Python value", "json.dump"),
    "Python list": (b"['the', 'cat']", "Python value", "json.dump"),
    "Python counter": (b"Counter({'the': 7})", "Python value", "json.dump"),
    "counts": (b"the\t1061396\nof\t593677\n", "positive number", "--counts"),
    "columns": (b"the\tDT\ncat\tNN\n", "several columns", "cut -f1"),
}

OTHERS: dict[str, tuple[bytes, str, str]] = {"empty": (b"", "empty", "again")}


@pytest.mark.parametrize("kind", [*BINARY, *LOOKALIKES, *OTHERS])
def test_the_message_names_the_kind_and_the_way_out(kind: str, tmp_path: Path) -> None:
    data, reason, remedy = (BINARY | LOOKALIKES | OTHERS)[kind]
    file = tmp_path / "vocab.txt"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(file)
    assert reason in caught.value.reason
    assert remedy in caught.value.remedy
    assert caught.value.path == str(file)


@pytest.mark.parametrize("kind", LOOKALIKES)
def test_the_user_knows_better_about_text(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_bytes(LOOKALIKES[kind][0])
    assert read(file, format="lines").format == "lines"


@pytest.mark.parametrize("kind", [*BINARY, *OTHERS])
def test_and_not_about_bytes(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_bytes((BINARY | OTHERS)[kind][0])
    with pytest.raises(InputError):
        read(file, format="lines")


@pytest.mark.parametrize(
    "text",
    [
        # Keras' vocabulary.txt: blank first line, and a short second one.
        "\n[UNK]\nthe",
        "\na\nb\nc\nd",
        "<html>\n<div>\n<br>\n",
        "BZh\nPK\n",
        "#version\n#hashtag\n",
        "['\n{\n'\n",
        "10 5\nthe 0.5\n10 6\n",
    ],
)
def test_a_vocabulary_that_only_begins_like_one_of_them(text: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_text(text)
    assert read(file).format == "lines"


def test_spacys_string_store_is_known_by_name_and_order(tmp_path: Path) -> None:
    store = tmp_path / "strings.json"
    store.write_text('["a", "b", "c"]')
    with pytest.raises(InputError, match="spaCy's string store") as caught:
        read(store)
    assert "--vocab-format token-list" in caught.value.remedy
    assert read(store, format="token-list").tokens == ("a", "b", "c")
    assert read(store.rename(tmp_path / "vocab.json")).tokens == ("a", "b", "c")
    store.write_text('["b", "a"]')
    assert read(store).tokens == ("b", "a")


def missing(path: Path) -> Path:
    return path / "vocab.txt"


def directory(path: Path) -> Path:
    return path


def unreadable(path: Path) -> Path:
    # Root may read every file, but nobody a file whose name is a loop.
    loop = path / "loop"
    loop.symlink_to(loop)
    return loop


@pytest.mark.parametrize(
    ("place", "reason"),
    [(missing, "no such file"), (directory, "a directory"), (unreadable, "cannot read it")],
)
def test_what_cannot_be_opened(place: Callable[[Path], Path], reason: str, tmp_path: Path) -> None:
    file = place(tmp_path)
    with pytest.raises(InputError) as caught:
        read(file)
    assert reason in caught.value.reason
    assert caught.value.path == str(file)
    assert caught.value.exit_code == 3


def test_a_list_or_a_map_in_itself() -> None:
    tokens: list[object] = ["the"]
    tokens.append(tokens)
    ids: dict[str, object] = {"the": 1}
    ids["all"] = ids
    for endless in (tokens, ids):
        with pytest.raises(InputError, match="in itself"):
            read(endless)  # type: ignore[arg-type]
