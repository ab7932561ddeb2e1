"""Text of strangers in every field of every command's output, at a terminal: none of it acts."""

from __future__ import annotations

import copy
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import embedprep
from tests.cli.here import open_terminal

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = "\x1b]0;t\x07\x9b31m\u202eevil\u2066\x08\x7f\nSPOOF\rSPOOF"
SHORT = "\x1b[2J\x9b\u202e\nSPOOF"
"""For what is cut after some characters."""

ACTS = re.compile(rf"[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f{BIDIRECTIONAL}]|\r(?!\r*\n)|^SPOOF", re.M)
"""What acts on a terminal, or begins a line that embedprep did not write. A terminal itself writes
`\\r\\n` for a line break.
"""


def at_a_terminal(cases: list[dict[str, Any]]) -> str:
    Path("cases.json").write_text(json.dumps(cases))
    master, slave = open_terminal()
    # Without embedprep's own colours and progress.
    environment = os.environ | {"TERM": "dumb", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.cli.at_a_terminal", "cases.json"],
        stdout=slave, stderr=slave, stdin=subprocess.DEVNULL, env=environment,
    ) as process:  # fmt: skip
        os.close(slave)
        output = b"".join(iter(lambda: _read(master), b""))
    os.close(master)
    text = output.decode()
    assert process.returncode == 0, text[-2000:]
    assert text.count("\n== ") + text.startswith("== ") == len(cases)
    return text


def _read(master: int) -> bytes:
    try:
        return os.read(master, 1 << 16)
    except OSError:  # Linux says so at the end
        return b""


def check(cases: list[dict[str, Any]]) -> None:
    text = at_a_terminal(cases)
    for one in re.split(r"(?<=\n)(?=== )", text):
        found = ACTS.search(one)
        assert found is None, (found[0], one)


def changed(value: Any, by: str) -> Iterator[tuple[str, Any]]:
    """`value` with one leaf, or one key of a map, replaced at a time; and the place."""
    if isinstance(value, dict):
        for key in value:
            for place, inner in changed(value[key], by):
                yield f"{key}.{place}", {**value, key: inner}
            renamed = {(by if name == key else name): one for name, one in value.items()}
            yield f"{key}, the name", renamed
    elif isinstance(value, list):
        for number, one in enumerate(value):
            for place, inner in changed(one, by):
                yield f"{number}.{place}", [*value[:number], inner, *value[number + 1 :]]
    else:
        yield "", by


def report() -> dict[str, Any]:
    """One with something in every field, whose matrix is m.npy."""
    Path("v.txt").write_text("the 1 2\ncat 3 4\ncat 5 6\nNew York 1 1\n")
    Path("w.txt").write_text("dog 1 2\n")
    Path("counts.txt").write_text("the\t5\nCat\t2\nzzz\t1\ndog\t1\nDog's\t7\n")
    Path("vocab.json").write_text(json.dumps(["", "the", "Cat", "zzz", "dog", "Dog's"]))
    embedprep.build(["v.txt", "w.txt"], "vocab.json", "m.npy", counts="counts.txt")
    embedprep.build(["v.txt"], "vocab.json", "other.npy", oov="zeros")
    whole: dict[str, Any] = json.loads(Path("m.coverage.json").read_text())
    return whole


def test_a_report_in_a_file() -> None:
    cases = [
        {"name": f"{place} {word}", "words": ["inspect", "r.json", *word.split()],
         "files": {"r.json": json.dumps(one)}}
        for place, one in changed(report(), HOSTILE)
        for word in ("", "--missing 9")
    ]  # fmt: skip
    check(cases)


COMMANDS = {
    "inspect": ["inspect", "m.npy"],
    "explain": ["explain", "m.npy", "Cat", "the", "zzz", "--row", "0"],
    "diff": ["diff", "other.npy", "m.npy"],
    "verify": ["verify", "m.npy"],
    "update": ["update", "m.npy", "--vocab", "vocab.json", "-o", "new.npy"],
    "doctor": ["doctor", "m.npy"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_report_in_a_matrix(command: str) -> None:
    cases = [
        {"name": place, "words": COMMANDS[command], "report": json.dumps(one)}
        for place, one in changed(report(), HOSTILE)
    ]
    check(cases)


ADDED = [{"id": 0, "content": "[PAD]", "special": True}]
VOCABULARIES: list[Any] = [
    ["[PAD]", "the", "cat"],
    {"the": 1, "cat": 2},
    {"1": "the", "2": "cat"},
    [["the", -1.5], ["cat", -2.5]],
    [["the", 0], ["cat", 1]],
    {"model": {"type": "WordPiece", "vocab": {"[PAD]": 0, "cat": 1, "##s": 2}},
     "added_tokens": ADDED, "pre_tokenizer": {"type": "Whitespace"}, "decoder": {"type": "x"}},
    {"model": {"type": "Unigram", "vocab": [["<pad>", 0.0], ["cat", -1.0]]}, "added_tokens": []},
    {"class_name": "Tokenizer", "config": {"num_words": 2, "word_index": '{"the": 1}',
     "word_counts": '{"the": 2}', "index_word": '{"1": "the"}', "document_count": 1}},
    {"class_name": "TextVectorization", "config": {"vocabulary": ["the", "cat"], "idf_weights": 1,
     "num_oov_indices": 1, "mask_token": None, "standardize": "lower", "output_mode": "int"}},
    {"config": {"pattern": "x"}, "vocab": [{"rank": 0, "token_bytes": "AA==", "token_str": "a"}],
     "special_tokens": [{"rank": 0, "token_str": "<s>", "is_control": True}]},
    {"word_index": {"the": 1}}, {"tokenizer_class": "BertTokenizer", "vocab_size": 3},
]  # fmt: skip
LINES = [
    "the\ncat\n[UNK]", "the 5\ncat 3", "the\t5\ncat\t3", "the,0\ncat,1", "token,id\nthe,0\ncat,1",
    "0 the\n1 cat", "<unk>\t0\n▁the\t-1.5\ncat\t-2", "the: 0\ncat: 1", "0\tthe\t5\n1\tcat\t3",
    "### SubwordTextEncoder\n### Metadata: {}\n'the_'\n'cat'", "@@UNKNOWN@@\nthe\ncat",
    "1 'the' 3\n2 b'cat' 3", "dGhl 0\nY2F0 1",
]  # fmt: skip


def vocabularies(by: str) -> Iterator[tuple[str, str]]:
    for number, value in enumerate(VOCABULARIES):
        for place, one in changed(copy.deepcopy(value), by):
            yield f"json {number} {place}", json.dumps(one)
            yield f"json {number} {place}, raw", json.dumps(one, ensure_ascii=False)
        yield f"json {number}, cut off", json.dumps(value)[:-3] + by
    for number, text in enumerate(LINES):
        fields = re.split(r"([\s,:]+)", text)
        for field in range(0, len(fields), 2):
            for with_ in (by, by.replace("\n", "").replace("\r", "")):
                one = "".join([*fields[:field], with_, *fields[field + 1 :]])
                yield f"lines {number} {field}", one


@pytest.mark.parametrize("by", [HOSTILE, SHORT])
def test_a_vocabulary(by: str) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    build = ["build", "--vectors", "v.txt", "--vocab", "x", "-o", "new.npy"]
    cases = [
        {"name": place, "words": build, "files": {"x": text}} for place, text in vocabularies(by)
    ]
    cases += [
        {"name": f"counts {text!r}", "words": [*build[:3], "--vocab", "y", "-o", "new.npy", option,
         "x", *more], "files": {"x": text, "y": '["the", "cat"]'}}
        for option, more in (("--counts", []), ("--words", ["--pieces", "mean"]))
        for text in (f"the\t{by}", f"{by}\t5", by, f"the\t1\n{by}\t1\n{by}\t1",
                     json.dumps({"the": by}), json.dumps({by: 1, "the": -1}),
                     json.dumps({by: by}, ensure_ascii=False))
    ]  # fmt: skip
    check(cases)


def safetensors(header: Any) -> list[int]:
    text = json.dumps(header).encode()
    return list(struct.pack("<Q", len(text)) + text + bytes(16))


def vectors(by: str) -> Iterator[tuple[str, dict[str, Any]]]:
    flat = by.replace("\n", "").replace("\r", "")
    for text in (
        f"{flat} 1 2\nthe 3 4\n", f"the 1 {flat}\ncat 3 4\n", f"the 1 2\ncat 3 {flat}\n",
        f"the 1 2\n{flat}\ncat 3 4\n", f"{flat} 2\nthe 3 4\ncat 1 1\n", f"the\t1\t{flat}\n",
        f"{flat}\n", f"the,1,{flat}\n", f"the 1 2\ncat nan 3 {flat}\n", f'"{flat}" 1 2\nb 1 2\n',
        f"word x y {flat}\nthe 1 2 3\n", f"2 2\n{flat} 1 2\n{flat} 1 2\n", f"{{{flat}\n",
        f"<{flat}>\n",
    ):  # fmt: skip
        yield repr(text), {"x": text}
    yield "word2vec", {"x": [*f"2 2\n{flat} ".encode(), *bytes([0, 0, 192, 127] * 2), *b"x "]}
    header = {"embeddings": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]}}
    folder = {"tokens.json": '["a", "b"]', "__metadata__": {"format": "np"}}
    for place, one in changed(header | {"__metadata__": folder["__metadata__"]}, by):
        yield f"safetensors {place}", {
            "x.safetensors": safetensors(one), "x.tokens.json": '["the", "cat"]',
        }  # fmt: skip
    yield "tokens", {
        "x.safetensors": safetensors(header), "x.tokens.json": json.dumps([by, by]),
    }  # fmt: skip
    described = f"{{'descr': '{flat}', 'fortran_order': False, 'shape': (2, 2)}}".encode() + b"\n"
    yield (
        "npy",
        {"x.npy": list(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(described)) + described)},
    )


@pytest.mark.parametrize("by", [HOSTILE, SHORT])
def test_vectors(by: str) -> None:
    Path("y").write_text(json.dumps(["the", "cat", by]))
    cases = []
    for place, files in vectors(by):
        name = next(iter(files))
        cases += [
            {"name": f"{words[0]} {place}", "words": words, "files": files}
            for words in (
                ["build", "--vectors", name, "--vocab", "y", "-o", "new.npy"],
                ["build", "--vectors", name, "--vocab", "y", "-o", "new.npy", "--dim", "9", "-v"],
                ["doctor", name],
                ["convert", name, "new.vec"],
                ["index", name],
            )
        ]
    check(cases)


def test_names_of_files_and_words_of_the_command_line() -> None:
    report()
    flat = HOSTILE.replace("/", "")
    build = ["build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", "new.npy"]
    words: list[list[str]] = [[*build[:index], flat, *build[index + 1 :]] for index in (0, 2, 4, 6)]
    words += [
        [*build, option, flat]
        for option in ("--oov", "--seed", "--dim", "--fallback", "--vocab-format", "--report",
                       "--vectors-format", "--special", "--pad-token", "--unk-token", "--html",
                       "--key-form", "--counts", "--words", "--dtype", "--fail-under", "--combine",
                       "--num-words", "--scheduler", "--member", "--vectors-tokens", f"--{flat}")
    ]  # fmt: skip
    words += [[command, flat] for command in ("inspect", "verify", "doctor", "index")]
    words += [["explain", "m.npy", flat], ["explain", flat, "x"], ["diff", "m.npy", flat]]
    words += [["explain", "m.npy", "--analogy", flat], ["convert", "v.txt", flat]]
    words += [["convert", "v.txt", "x.bin", "--to", flat], ["build", "--jobs", "jobs.toml"]]
    cases: list[dict[str, Any]] = [
        {"name": " ".join(map(ascii, one)), "words": one} for one in words
    ]
    quoted = json.dumps(HOSTILE)
    cases += [
        {"name": f"jobs {line!r}", "words": ["build", "--jobs", "jobs.toml"],
         "files": {"jobs.toml": f'vectors = "v.txt"\n[[build]]\nvocab = "y"\noutput = "n"\n{line}'}}
        for line in (f"{quoted} = 1", f"oov = {quoted}", f"dim = {quoted}", f"report = {quoted}",
                     f"vectors = {quoted}", HOSTILE)
    ]  # fmt: skip
    Path(flat).write_text("the 1 2\n")
    for command in ("doctor", "index", "build"):
        more = ["--vocab", "vocab.json", "-o", "new.npy"] if command == "build" else []
        given = ["--vectors", flat] if command == "build" else [flat]
        cases.append({"name": f"{command} there", "words": [command, *given, *more]})
    check(cases)


def test_tokens_of_a_matrix() -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    Path("vocab.json").write_text(json.dumps([HOSTILE, SHORT, "the", f"{SHORT}2"]))
    build = ["build", "--vectors", "v.txt", "--vocab", "vocab.json"]
    words = [
        [*build, "-o", "m.npy"],
        ["inspect", "m.npy", "--missing", "9"],
        ["explain", "m.npy", HOSTILE, SHORT, "the"],
        ["explain", "m.npy", "--analogy", "the", "+", SHORT],
        [*build[:3], "--vocab", "v.txt", "--vocab-format", "lines", "-o", "n.npy"],
        ["diff", "m.npy", "n.npy"],
        ["verify", "m.npy", "--vectors", "v.txt", "--vocab", "v.txt"],
        [*build, "-o", "f.npy", "--fallback", "all"],
    ]  # fmt: skip
    check([{"name": " ".join(map(ascii, one)), "words": one} for one in words])


def test_the_test_would_see_it() -> None:
    for seen in ("\x1b", "\x9b", "\u202e", "\x08", "a\rb", "a\nSPOOF"):
        assert ACTS.search(seen)
    assert not ACTS.search("naïve …\r\n  the 5 %\r\n")
