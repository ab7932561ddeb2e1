"""Files that are no vocabulary: the message says what they are and the way out."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read
from tests.pasting import commands, only_command, paste


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
    "pickle 0": (b"\x80\x00.", "Python pickle", "json.dump"),
    "pickle 5": (pickle.dumps({"the": 1}, protocol=5), "Python pickle", "json.dump"),
    "pickle of protocol 0": (pickle.dumps({"the": 1}, protocol=0), "Python pickle", "json.dump"),
    "pickle of Python 2": (b"(lp1\nVthe\np2\naVof\np3\na.", "Python pickle", "json.dump"),
    "pickle of protocol 1": (pickle.dumps(["the"], protocol=1), "Python pickle", "json.dump"),
    "GGUF": (b"GGUF\x03\x00\x00\x00", "GGUF", "tokenizer.json"),
    "safetensors": (
        b'\x50\x00\x00\x00\x00\x00\x00\x00{"w":{"dtype":"F32","shape":[1]}}',
        "safetensors",
        "--vectors",
    ),
    "other binary": (b"\xff\x00\xfa\x07\x00", "binary file", "tokenizer.json"),
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
    "merges of CLIP": (b'"bpe_simple#version: 0.2\ni n\n', "merges", "vocab.json"),
    "codes of fastBPE": (b"t h 70\nth e</w> 65\n", "merges", "dict.txt"),
    "subwords of tfds": (b"### SubwordTextEncoder\n", "SubwordTextEncoder", "json.dump"),
    "subwords of tensor2tensor": (b"'the_'\n'of_'\n'a'\n", "in quotes", "json.dump"),
    "a list without its brackets": (b'"the",\n"of"\n', "in quotes", "json.dump"),
    "a map without its brackets": (b'"the": 0,\n"of": 1\n', "no form that is known", "grep -nvE"),
    "scores after spaces": (
        "<unk> 0\n▁the -1.5\n▁of -2e-1\n".encode(),
        "no form that is known",
        "grep",
    ),
    "other separators": (b"the|0\nof|1\n", "no form that is known", "grep -nvE"),
    "numbers in a list": (b"0. the\n1. of\n", "no form that is known", "grep -nvE"),
    "aligned columns": (b"the  0\nof   1\n", "spaces after its tokens", "tr -s ' '"),
    "aligned columns with tabs": (b"the \t0\nof  \t1\n", "spaces after its tokens", "tr -s"),
    "spaces at the ends": (b"the \nof \n", "spaces after its tokens", "sed 's/ $//'"),
    "one column with its name": (b"word\nthe\nof\n", "the header of a table", "tail -n +2"),
    "ids or counts": (b"the 3\nof 2\ncat 1\n", "ids from counts", "--vocab-format token-id"),
    "words or Base64": (b"them 0\nthis 1\n", "Base64", "--vocab-format tiktoken"),
    "ids of ids": (b"13 0\n262 1\n", "two numbers", "encoder.json"),
    "row names of R": (b'"","word"\n"1","the"\n"2","of"\n', "numbers from 1", "echo id,token"),
    "table with names of columns alone": (b",0\n0,the\n1,of\n", "no header", "tail -n +2"),
    "quotes around whole lines": (b'"token;id"\n"the;0"\n', "several fields", "CSV library"),
    "tokens in quotes, the first in brackets": (b'"[PAD]"\n"the"\n', "in quotes", "json.dump"),
    "counts of uniq": (b"   9 the\n   4 of\n", "number before each token", "--counts"),
    "list in YAML": (b"- the\n- of\n- cat\n", "YAML", "yaml.load"),
    "TOML": (b'[vocab]\nthe = 0\n"," = 1\n', "equals sign", "tomllib"),
    "merges without a header": (
        b"t h\nth e\ni n\nin g\nth in\nthe s\n",
        "merges",
        "tokenizer.json",
    ),
    "zero bytes": (b"PAR1\0\0\0\x15\0", "zero bytes", "tokenizer.json"),
    "counts first": (b"9 the\n4 of\n", "number before each token", "--counts"),
    "vectors of whole numbers": (b"the 1 2\nof 3 4\n", "file of vectors", "--vectors"),
    "table of counts": (b"word,count\nthe,9\n", "without ids", "--counts"),
    "table without header": (b"the,0\nof,1\n", "no header", "echo token,id"),
    "one line is another": (b"the 0\nof 1\ncat\n", "no form that is known", "grep -nvE"),
    "settings in lines": (b"lower: true\nname: x\n", "names and values", "tokenizer.json"),
    "source code": (b"def f(x):\n    return x\n\n\n\n\n", "source code", "your tokenizer wrote"),
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
        "10 5\nthe 0.5\nten\ntwenty\n",
        "the\nword\n",
        "word\n",
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


# A file, the number of the command that is run, and the tokens of what it writes.
UNCLEAR: dict[str, tuple[str, int, list[str]]] = {
    "counts after tabs": ("<s>\t0\nthe\t9\n\u3000 7\t7\n", 0, ["<s>", "the", "\u3000 7"]),
    "counts after spaces": ("<s> 0\nthe 9\n\u3000 7 7\n", 0, ["<s>", "the", "\u3000 7"]),
    "columns": ("the\tDT\ncat\tNN\n", 0, ["the", "cat"]),
    "a header": ("word\nthe\nof\n", 0, ["the", "of"]),
    "blank lines": ("the\n\nof\n\na\n\ncat\n", 0, ["the", "of", "a", "cat"]),
    "zero bytes": ("the\0of\0cat\0", 0, ["the", "of", "cat"]),
    "quotes": ('"the",\n"of"\n', 0, ["the", "of"]),
    "quotes of bytes": ("b'the'\nb'caf\\xc3\\xa9'\n", 0, ["the", "café"]),
    "quotes beside ids": ('"the"\t0\n"o\'f"\t1\n', 0, ["the", "o'f"]),
    "quotes behind ids": ("0 'the'\n1 'of'\n", 0, ["the", "of"]),
    "quotes before a space": ('"the" 0\n"of" 1\n', 0, ["the", "of"]),
    "printed pairs": ("('the', 0)\n('of', 1)\n(',', 2)\n", 0, ["the", "of", ","]),
    "printed pairs of numbers first": ("(0, b'the'),\n(1, b'of'),\n", 0, ["the", "of"]),
    "XML": (
        '<vocab>\n<w id="0">a</w>\n<w id="1">b</w>\n<w>c</w>\n</vocab>\n',
        0,
        ["a", "b", "c"],
    ),
    "a list with stars": ("* the\n* of\n* *\n", 0, ["the", "of", "*"]),
    "a list with bullets": ("• the\n• of\n", 0, ["the", "of"]),
    "commas at the ends": ("the,\nof,\n,,\n", 0, ["the", "of", ","]),
    "line breaks that are spelt": ("the\\n\nof\\n\n", 0, ["the", "of"]),
    "TOML": ('[vocab]\nthe = 0\n"," = 1\n', 0, ["the", ","]),
    "equals signs": ("the = 0\nof = 1\n", 1, ["the", "of"]),
    "numbers from 1": ('"","word"\n"1","the"\n"2","of"\n', 1, ["the", "of"]),
    "numbers from 1 that are ids": ('"","word"\n"1","the"\n"2","of"\n', 0, ["the", "of"]),
    "a table without a header": ("the,0\nof,1\n", 0, ["the", "of"]),
    "a table of counts": ("word,count\nthe,9\nof,3\n", 0, ["the", "of"]),
    "aligned columns": ("the  0\nof   1\n", 0, ["the", "of"]),
    "spaces at the ends": ("the \nof \n", 0, ["the", "of"]),
}


@pytest.mark.parametrize("kind", UNCLEAR)
@pytest.mark.parametrize("name", ["vocab.txt", "vocab.txt.gz"])
def test_each_command_writes_a_vocabulary_and_not_over_the_file(
    kind: str, name: str, tmp_path: Path
) -> None:
    text, number, expected = UNCLEAR[kind]
    file = tmp_path / name
    data = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(file)
    paste(commands(str(caught.value))[number], tmp_path)
    assert file.read_bytes() == data
    [made] = set(tmp_path.iterdir()) - {file}
    assert list(read(made).tokens) == expected


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
    [(missing, "no such file"), (directory, "a directory without"), (unreadable, "cannot read it")],
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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tokenizer_config.json", {"do_lower_case": True, "model_max_length": 512}),
        ("special_tokens_map.json", {"pad_token": "[PAD]", "unk_token": {"content": "[UNK]"}}),
        ("config.json", {"model_type": "bert", "vocab_size": 30522, "architectures": ["X"]}),
    ],
)
def test_settings_name_the_vocabulary_beside_them(name: str, content: Any, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(json.dumps(content))
    with pytest.raises(InputError, match="the settings of a tokenizer") as caught:
        read(file)
    assert "tokenizer.json, vocab.json, vocab.txt" in caught.value.remedy
    (tmp_path / "vocab.json").write_text('{"the": 0}')
    with pytest.raises(InputError) as caught:
        read(file)
    assert f"--vocab {tmp_path / 'vocab.json'}" in caught.value.remedy


def test_words_that_are_names_of_settings() -> None:
    assert read({"pad_token": 0, "vocab_size": 1}).format == "token-map"


def test_added_tokens_alone_are_no_vocabulary(tmp_path: Path) -> None:
    file = tmp_path / "added_tokens.json"
    file.write_text('{"<new>": 3}')
    with pytest.raises(InputError, match="only the tokens that were added"):
        read(file)
    assert read(file, format="token-map").tokens == ("<new>",)


@pytest.mark.parametrize(
    ("pairs", "format"),
    [
        ([["a", 1], ["b", 2]], "pairs"),
        ([["a", 2], ["b", 0], ["c", 1]], "pairs"),
        ([[0, "a"], [4, "b"]], "pairs"),
        ([["a", -1.5], ["b", 0]], "scored-list"),
        ([["a", 0.0], ["b", 0]], "scored-list"),
        ([["a", 100], ["b", 50]], None),
        ([["a", 0.5], ["b", -1]], None),
        ([["a", 1], ["b", True]], None),
    ],
)
def test_numbers_in_a_list_of_pairs(pairs: Any, format: str | None, tmp_path: Path) -> None:
    file = tmp_path / "vocab.json"
    file.write_text(json.dumps(pairs))
    if format is not None:
        assert read(file).format == format
        return
    with pytest.raises(InputError, match="could be ids or counts"):
        read(file)


def test_a_pair_that_is_none() -> None:
    with pytest.raises(InputError, match="entry 1 of the list is"):
        read([[0, "a"], [1, 2]])  # type: ignore[list-item]


def pickled_object() -> bytes:
    """As of gensim, scikit-learn or torchtext: an object with the tokens as one of its parts."""
    holder = types.SimpleNamespace(token2id={"the": np.int64(0), "cat": np.int64(1)})
    return pickle.dumps(holder)


CONVERTED: dict[str, Callable[[], bytes]] = {
    "compressed pickle": lambda: gzip.compress(pickle.dumps(["the", "cat"])),
    "pickled map": lambda: pickle.dumps({"the": 0, "cat": 1}),
    "pickled object": pickled_object,
    "pickled list": lambda: pickle.dumps(["the", "cat"], protocol=2),
    "NumPy array": array,
    "printed map": lambda: b"{'the': 0, 'cat': 1}\n",
    "printed list": lambda: b"['the', 'cat']",
    "printed map of ids": lambda: b"{0: 'the', 1: 'cat'}",
    "printed defaultdict": lambda: b"defaultdict(<class 'int'>, {'the': 0, 'cat': 1})",
    "printed OrderedDict": lambda: b"OrderedDict([('the', 0), ('cat', 1)])",
}


@pytest.mark.parametrize("kind", CONVERTED)
def test_the_command_makes_a_vocabulary_of_it(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "my words.txt"
    file.write_bytes(CONVERTED[kind]())
    with pytest.raises(InputError) as caught:
        read(file)
    paste(only_command(str(caught.value)), tmp_path)
    [made] = map(read, tmp_path.glob("my words.*fixed.json"))
    assert made.tokens == ("the", "cat")
    assert made.rows.tolist() == [0, 1]


def test_a_parquet_file_becomes_csv(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    file = tmp_path / "words.parquet"
    parquet.write_table(pyarrow.table({"token": ["the", "cat, a"], "id": [1, 0]}), file)
    with pytest.raises(InputError, match="a Parquet file") as caught:
        read(file)
    paste(only_command(str(caught.value)), tmp_path)
    assert read(tmp_path / "words.fixed.csv").tokens == ("cat, a", "the")
