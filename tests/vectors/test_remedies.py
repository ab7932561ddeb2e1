"""What a message advises works: its command is run on the very file, and the build after it gives
the right matrix.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import shutil
import sqlite3
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.formats.text_evidence import NUMBER
from tests.pasting import only_command, paste

native = pytest.mark.parametrize("implementation", ["native"], indirect=True)

WORDS = ["the", "of", "cat", "café", "-", "in", ",", "[", ":", "#"]
ROWS = [
    [0.5, -0.25, 1.125, 0.75],
    [0.75, 0.5, -0.5, -0.0625],
    [-1.0, 0.25, 0.5, 2.5],
    [1.5, -2.25, -0.125, 0.375],
    [-0.25, -0.5, -0.75, -1.25],
    [0.25, 0.25, -0.75, 3.0],
    [0.5, 1.5, -2.5, 3.5],
    [0.125, 1.25, -2.25, 3.25],
    [0.5, 1.5, -2.5, 3.75],
    [0.625, 1.5, -2.5, 3.75],
]
EXPECTED = np.array(ROWS, np.float32)


def lines(line: str, end: str = "\n", *, start: int = 0) -> str:
    """`line` once a record, with its word as {w}, its values as {0} to {3}, its number as {n}."""
    return "".join(
        line.format(*row, w=word, n=start + i) + end
        for i, (word, row) in enumerate(zip(WORDS, ROWS, strict=True))
    )


PLAIN = lines("{w} {0} {1} {2} {3}")


def table(header: list[str], column: str, delimiter: str = ",") -> str:
    """What pandas writes: an index, the word, and the vector as `column` prints it."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header] if header else [])
    writer.writerows(
        [i, word, column.format(*row)]
        for i, (word, row) in enumerate(zip(WORDS, ROWS, strict=True))
    )
    return text.getvalue()


def commas(text: str) -> str:
    return re.sub(r"(?<=[0-9])\.(?=[0-9])", ",", text)


# Content of a file, and what is said of it.
TEXTS: dict[str, tuple[str, str]] = {
    "two spaces after the key": (lines("{w}  {0} {1} {2} {3}"), "several blanks"),
    "printed tuples": (lines("('{w}', [{0}, {1}, {2}, {3}])"), "in brackets"),
    "key last": (lines("{0} {1} {2} {3} {w}"), "keys are after their vectors"),
    "vertical tabs": (lines("{w} {0} {1} {2} {3}", "\v"), "other characters than line breaks"),
    "line separators": (
        lines("{w} {0} {1} {2} {3}", "\u2028"),
        "other characters than line breaks",
    ),
    "minus signs": (PLAIN.replace(" -", " \u2212"), "typographic minus"),
    "minus signs in the first record alone": (
        "top \u22120.5 \u22121.5 \u22122.5 \u22123.5\n" + PLAIN,
        "typographic minus",
    ),
    "dashes": (PLAIN.replace(" -", " \u2013"), "typographic minus"),
    "room for the sign": (lines("{w} {0: .4f} {1: .4f} {2: .4f} {3: .4f}"), "several blanks"),
    "columns": (lines("{w:<8} {0:>8} {1:>8} {2:>8} {3:>8}"), "several blanks"),
    "columns, keys to the right": (lines("{w:>8} {0:>8} {1:>8} {2:>8} {3:>8}"), "several blanks"),
    "a tab and spaces": (lines("{w}\t{0} {1} {2} {3}"), "tabs and spaces"),
    "tabs and spaces": (lines("{w}\t {0}\t {1}\t {2}\t{3}"), "tabs and spaces"),
    "columns below a header": ("10 4\n" + lines("{w}  {0}  {1}  {2} {3}"), "several blanks"),
    "carriage returns": (PLAIN.replace("\n", "\r"), "carriage return"),
    "carriage returns, header": ("10 4\n".replace("\n", "\r") + PLAIN.replace("\n", "\r"), "carr"),
    "names of columns": ("word x0 x1 x2 x3\n" + PLAIN, "column names"),
    "names of columns, none for the keys": ("x0 x1 x2 x3\n" + PLAIN, "column names"),
    "names of columns in quotes": ('"V1" "V2" "V3" "V4"\n' + PLAIN, "column names"),
    "numbered columns": ("0 1 2 3\n" + PLAIN, "column names"),
    "numbered columns, blank first": (" 0 1 2 3\n" + PLAIN, "column names"),
    "numbered columns, from 1": ("1 2 3 4\n" + PLAIN, "column names"),
    "numbered columns, a name for the keys": ("word 0 1 2 3\n" + PLAIN, "column names"),
    "an index": (lines("{n} {w} {0} {1} {2} {3}"), "a number stands before each key"),
    "an index, tabs": (lines("{n}\t{w}\t{0}\t{1}\t{2}\t{3}"), "a number stands before each key"),
    "an index from 7": (lines("{n} {w} {0} {1} {2} {3}", start=7), "a number stands before"),
    "a table of pandas": (" word 0 1 2 3\n" + lines("{n} {w} {0} {1} {2} {3}"), "number|column"),
    "a count before the values": (lines("{w} 9{n} {0} {1} {2} {3}"), "a whole number stands"),
    "commas": (lines("{w},{0},{1},{2},{3}"), "separated by commas"),
    "commas and spaces": (lines("{w}, {0}, {1}, {2}, {3}"), "separated by commas"),
    "commas, quotes": (lines('"{w}",{0},{1},{2},{3}'), "separated by commas"),
    "commas, numbered columns": (",0,1,2,3\n" + lines("{w},{0},{1},{2},{3}"), "by commas"),
    "semicolons": (lines("{w};{0};{1};{2};{3}"), "separated by semicolons"),
    "semicolons, decimal commas": (commas(lines("{w};{0};{1};{2};{3}")), "by semicolons"),
    "bars": (lines("{w}|{0}|{1}|{2}|{3}"), "separated by bars"),
    "decimal commas": (commas(PLAIN), "decimal commas"),
    "decimal commas, tabs": (commas(lines("{w}\t{0}\t{1}\t{2}\t{3}")), "decimal commas"),
    "brackets": (lines("{w} [{0}, {1}, {2}, {3}]"), "brackets"),
    "brackets, no commas": (lines("{w}\t[{0} {1}  {2} {3}]"), "brackets"),
    "brackets in CSV": (lines('{w},"[{0}, {1}, {2}, {3}]"'), "brackets"),
    "parentheses": (lines("{w} ({0}, {1}, {2}, {3})"), "brackets"),
    "equals signs": (lines("{w} = [{0}, {1}, {2}, {3}]"), "brackets"),
    "TOML": (lines('"{w}" = [{0}, {1}, {2}, {3}]'), "brackets"),
    "YAML": (lines("{w}: [{0}, {1}, {2}, {3}]"), "brackets"),
    "brackets below a header": ("word,v\n" + lines('"{w}","[{0}, {1}, {2}, {3}]"'), "a column"),
    "a column of lists": (table(["", "word", "v"], "[{0}, {1}, {2}, {3}]"), "a column"),
    "a column of lists, no header": (table([], "[{0}, {1}, {2}, {3}]"), "a column"),
    "a column of lists, semicolons": (
        table(["", "word", "v"], "[{0}, {1}, {2}, {3}]", ";"),
        "a column",
    ),
    "a column of arrays": (table(["", "word", "v"], "[{0} {1}  {2} {3}]"), "a column"),
    "a column of long arrays": (table(["", "word", "v"], "[ {0} {1}\n  {2} {3}]"), "a column"),
    "a column of tensors": (table(["", "word", "v"], "tensor([{0}, {1}, {2}, {3}])"), "a column"),
    "tensors": (lines("{w} tensor([{0}, {1}, {2}, {3}])"), "brackets"),
    "arrays": (lines("{w}: array([{0}, {1}, {2}, {3}], dtype=float32)"), "brackets"),
    "commas at the ends": (lines('"{w}",{0},{1},{2},{3},'), "end in a sign"),
    "semicolons at the ends": (lines("{w} {0} {1} {2} {3};", "\r\n"), "end in a sign"),
    "rows of LaTeX": (lines("{w} & {0} & {1} & {2} & {3} \\\\"), "end in a sign"),
    "a comma after the key": (lines("{w},{0} {1} {2} {3}"), "other signs than blanks"),
    "ampersands": (lines("{w} & {0} & {1} & {2} & {3}"), "other signs than blanks"),
    "an index, commas, names": (
        "id,word,0,1,2,3\n" + lines('{n},"{w}",{0},{1},{2},{3}'),
        "separated by commas",
    ),
    "a printed map": (repr(dict(zip(WORDS, ROWS, strict=True))), "as Python prints it"),
    "a table in Markdown": (
        "| word | a | b | c | d |\n|:---|---|---|---|---:|\n"
        + lines("| {w} | {0} | {1} | {2} | {3} |"),
        "Markdown",
    ),
    "numbered values": (lines("{w} 1:{0} 2:{1} 3:{2} 4:{3}"), "LIBSVM"),
    "numbered values without zeros": (
        "top 2:1.5 4:-2\n" + lines("{w} 1:{0} 2:{1} 3:{2} 4:{3}"),
        "LIBSVM",
    ),
    "exponents of Fortran": (re.sub(r"(?<=[0-9])(?=[ \n])", "D+00", PLAIN), "Fortran"),
    "no keys": (lines("{0} {1} {2} {3}"), "no keys"),
    "no keys, header": ("10 4\n" + lines("{0} {1} {2} {3}"), "no keys"),
    "no keys, tabs": (lines("{0}\t{1}\t{2}\t{3}"), "no keys"),
    "no-break spaces": (lines("{w}\u00a0{0}\u00a0{1}\u00a0{2}\u00a0{3}"), "other blanks"),
    "JSON map": (json.dumps(dict(zip(WORDS, ROWS, strict=True))), "map of words"),
    "JSON map, indented": (
        json.dumps(dict(zip(WORDS, ROWS, strict=True)), indent=1),
        "map of words",
    ),
    "JSON map in another": (
        json.dumps({"vectors": dict(zip(WORDS, ROWS, strict=True))}),
        "inside another",
    ),
    "JSON maps": (
        json.dumps(
            {w: dict(zip("abcd", row, strict=True)) for w, row in zip(WORDS, ROWS, strict=True)}
        ),
        "a map to maps",
    ),
    "JSON columns": (
        json.dumps(
            {f"dim_{i}": {w: row[i] for w, row in zip(WORDS, ROWS, strict=True)} for i in range(4)}
        ),
        "a map to maps",
    ),
    "JSON lists": (json.dumps({"words": WORDS, "vectors": ROWS}), "lists of words"),
    "JSON lists, vectors first": (json.dumps({"v": ROWS, "w": WORDS}), "lists of words"),
    "JSON records": (
        json.dumps([{"id": i, "w": w, "v": ROWS[i]} for i, w in enumerate(WORDS)]),
        "list of records",
    ),
    "JSON rows": (json.dumps([[w, *ROWS[i]] for i, w in enumerate(WORDS)]), "list of records"),
    "JSON lines": (
        "".join(json.dumps({"w": w, "v": ROWS[i]}) + "\n" for i, w in enumerate(WORDS)),
        "a record a line",
    ),
    "JSON lines of lists": (
        "".join(json.dumps([w, ROWS[i]]) + "\n" for i, w in enumerate(WORDS)),
        "a record a line",
    ),
    "JSON lines of one word": (
        "".join(json.dumps({w: ROWS[i]}) + "\n" for i, w in enumerate(WORDS)),
        "a record a line",
    ),
    "JSON matrix": (json.dumps(ROWS), "a matrix without keys"),
}


def repaired(name: str, folder: Path, tries: int = 4) -> tuple[str, list[str]]:
    """Run what the messages say, until the file can be opened; its name, and the messages."""
    messages = []
    for _ in range(tries):
        try:
            open_vectors(Request(name)).close()
        except InputError as error:
            messages.append(str(error))
            name = run_advised(str(error), folder)
        else:
            return name, messages
    raise AssertionError(messages)


def run_advised(message: str, folder: Path) -> str:
    """Run the command that stands on a line of its own; the file that it wrote."""
    before = set(folder.iterdir())
    paste(only_command(message), folder)
    [new] = set(folder.iterdir()) - before
    return new.name


def check(name: str, folder: Path, reason: str, expected: np.ndarray = EXPECTED) -> None:
    (folder / "WORDS").write_text("\n".join(WORDS) + "\n")
    with pytest.raises(InputError) as caught:
        embedprep.build(name, WORDS, oov="zeros")
    assert re.search(reason, caught.value.reason), caught.value.reason
    readable, messages = repaired(name, folder)
    matrix, _ = embedprep.build(readable, WORDS, oov="zeros")
    assert matrix.tolist() == expected.tolist(), messages


@native
@pytest.mark.parametrize("kind", TEXTS)
def test_the_command_makes_the_text_readable(kind: str, workdir: Path) -> None:
    content, reason = TEXTS[kind]
    (workdir / "my vectors.txt").write_bytes(content.encode())
    check("my vectors.txt", workdir, reason)


@native
@pytest.mark.parametrize("program", ["gzip", "bzip2", "xz", "zstd", "zip", "tar"])
def test_the_command_decompresses(program: str, workdir: Path) -> None:
    (workdir / "v.txt").write_text(TEXTS["columns"][0])
    if program == "zip":
        with zipfile.ZipFile("v.zip", "w") as archive:
            archive.write("v.txt")
        (workdir / "v.txt").unlink()
    elif program == "tar":
        with tarfile.open("v.tgz", "w:gz") as tar:
            tar.add("v.txt")
        (workdir / "v.txt").unlink()
    elif shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    else:
        subprocess.run(
            [program, *(["-q", "--rm"] if program == "zstd" else []), "v.txt"], check=True
        )
    [packed] = workdir.iterdir()
    check(packed.name, workdir, "several blanks")


@native
@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-16-be with a mark"]
)
def test_other_encodings(encoding: str, workdir: Path) -> None:
    text = PLAIN.encode(encoding.split()[0])
    (workdir / "v.txt").write_bytes(b"\xfe\xff" + text if "mark" in encoding else text)
    check("v.txt", workdir, "UTF-")


@native
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_note_says_that_keys_are_not_utf8(
    encoding: str, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (workdir / "v.txt").write_bytes(PLAIN.encode(encoding))
    with caplog.at_level(logging.WARNING):
        matrix, _ = embedprep.build("v.txt", WORDS, oov="zeros")
    assert matrix.tolist() != EXPECTED.tolist()
    [message] = [text for text in caplog.messages if "UTF-8" in text]
    matrix, _ = embedprep.build(run_advised(message, workdir), WORDS, oov="zeros")
    assert matrix.tolist() == EXPECTED.tolist()


def parquet(path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    pq.write_table(pyarrow.table({"word": WORDS, "vector": ROWS}), path)


def parquet_columns(path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    import pyarrow

    columns = {str(i): [row[i] for row in ROWS] for i in range(4)}
    pq.write_table(pyarrow.table(columns | {"__index_level_0__": WORDS}), path)


def feather(path: Path) -> None:
    writer = pytest.importorskip("pyarrow.feather")
    import pyarrow

    writer.write_feather(pyarrow.table({"word": WORDS, "vector": ROWS}), str(path))


def magnitude(path: Path) -> None:
    """The tables that pymagnitude makes; its vectors have the length 1, which these lack."""
    database = sqlite3.connect(path)
    database.execute(
        "CREATE TABLE magnitude (key TEXT COLLATE NOCASE, dim_0 INTEGER, dim_1 INTEGER, "
        "dim_2 INTEGER, dim_3 INTEGER)"
    )
    database.execute("CREATE TABLE magnitude_format (key TEXT COLLATE NOCASE, value INTEGER)")
    for word, row in zip(WORDS, ROWS, strict=True):
        values = [round(value * 10**7) for value in row]
        database.execute("INSERT INTO magnitude VALUES (?, ?, ?, ?, ?)", (word, *values))
    for fact in (("size", 6), ("dim", 4), ("precision", 7)):
        database.execute("INSERT INTO magnitude_format VALUES (?, ?)", fact)
    database.commit()
    database.close()


def torchtext(path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save((WORDS, {w: i for i, w in enumerate(WORDS)}, torch.tensor(ROWS), 4), path)


def torchtext_old(path: Path) -> None:
    torch = pytest.importorskip("torch")
    facts = (WORDS, {w: i for i, w in enumerate(WORDS)}, torch.tensor(ROWS), 4)
    torch.save(facts, path, _use_new_zipfile_serialization=False)


def npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, words=np.array(WORDS), vectors=np.array(ROWS))


def npy_of_objects(path: Path) -> None:
    np.save(path, np.array(dict(zip(WORDS, np.array(ROWS), strict=True))))


def npy_by_columns(path: Path) -> None:
    np.save(path, np.asfortranarray(EXPECTED))
    path.with_suffix(".fixed.tokens.txt").write_text("\n".join(WORDS))


def numberbatch_hdf5(path: Path) -> None:
    """As pandas writes a frame; beside it stand numbers and texts that are no keys."""
    with h5py.File(path, "w") as file:
        file["mat/axis0"] = np.arange(4)
        file["mat/axis1"] = np.array([word.encode() for word in WORDS])
        file["mat/block0_values"] = np.array(ROWS)
        file["notes"] = np.array([b"of something else"])


def words_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("words", data=WORDS, dtype=h5py.string_dtype())
        file.create_dataset("vectors", data=np.array(ROWS, np.float32), chunks=True)
        file["a"] = np.ones((2, 2))


def dataset_per_word(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for word, row in zip(WORDS, ROWS, strict=True):
            file[word] = np.array(row, np.float32)


def glove_binary(path: Path) -> None:
    """As GloVe writes it: vectors and biases of words, then of contexts; their sum is the text."""
    halves = np.array([[*row, 0.7] for row in ROWS]) / [2, 2, 2, 2, 1]
    np.concatenate([halves, halves]).tofile(path)
    (path.parent / "vocab.txt").write_text("".join(f"{word} 9\n" for word in WORDS))


def float32_raw(path: Path) -> None:
    np.array(ROWS, np.float32).tofile(path)


def big_endian(path: Path) -> None:
    records = (
        b"%b " % w.encode() + np.array(r, ">f4").tobytes() for w, r in zip(WORDS, ROWS, strict=True)
    )
    path.write_bytes(b"10 4\n" + b"\n".join(records))


def old_lzma(path: Path) -> None:
    import lzma

    path.write_bytes(lzma.compress(PLAIN.encode(), format=lzma.FORMAT_ALONE))


def lz4(path: Path) -> None:
    program = shutil.which("lz4")
    if program is None:
        pytest.skip("no lz4")
    made = subprocess.run([program, "-c"], input=PLAIN.encode(), check=True, capture_output=True)
    path.write_bytes(made.stdout)


# The name of a file, what makes it, and what is said of it.
FILES: list[tuple[str, Callable[[Path], None], str]] = [
    ("v.parquet", parquet, "Parquet"),
    ("v.parquet", parquet_columns, "Parquet"),
    ("v.feather", feather, "Feather"),
    ("v.magnitude", magnitude, "Magnitude"),
    ("v.txt.pt", torchtext, "PyTorch"),
    ("v.txt.pt", torchtext_old, "PyTorch"),
    ("v.npz", npz, "NumPy archive"),
    ("v.npy", npy_of_objects, "array of Python objects"),
    ("v.npy", npy_by_columns, "column by column"),
    ("v.h5", numberbatch_hdf5, "keys in 'mat/axis1' and vectors in 'mat/block0_values'"),
    ("v.hdf5", words_hdf5, "keys in 'words' and vectors in 'vectors'"),
    ("v.h5", dataset_per_word, "a dataset for each key"),
    ("vectors.bin", glove_binary, "GloVe's own"),
    ("v.f32", float32_raw, "float32 numbers without keys"),
    ("v.bin", big_endian, "big-endian"),
    ("v.lzma", old_lzma, "lzma"),
    ("v.txt.lz4", lz4, "lz4"),
]


@native
@pytest.mark.parametrize(
    ("name", "make", "reason"), FILES, ids=lambda x: getattr(x, "__name__", "")
)
def test_the_command_converts_another_format(
    name: str, make: Callable[[Path], None], reason: str, workdir: Path
) -> None:
    make(workdir / name)
    check(name, workdir, reason)


@native
def test_a_table_of_an_hdf5_model_becomes_an_array(workdir: Path) -> None:
    with h5py.File("m.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = np.ones((2, 4))
        file["layers/embedding/vars/0"] = np.array(ROWS, np.float32)
        file["layers/$(touch harm)/vars/0"] = np.ones((99, 4))  # not put into a command
    with pytest.raises(InputError, match="'layers/embedding/vars/0', the largest of 2") as caught:
        open_vectors(Request("m.weights.h5"))
    assert run_advised(str(caught.value), workdir) == "m.weights.fixed.npy"
    (workdir / "m.weights.fixed.tokens.txt").write_text("\n".join(WORDS))
    built, _ = embedprep.build("m.weights.fixed.npy", WORDS, oov="zeros")
    assert np.array_equal(built, EXPECTED)


@native
@pytest.mark.parametrize("damage", [False, True])
def test_an_hdf5_file_without_vectors_is_not_explained(damage: bool, workdir: Path) -> None:
    if damage:
        Path("m.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\xff" * 500)
    else:
        with h5py.File("m.h5", "w") as file:
            file["words"] = np.array([b"the"])
    with pytest.raises(InputError, match="written by embedprep"):
        open_vectors(Request("m.h5"))


@native
def test_a_table_of_a_torch_model_becomes_an_array(workdir: Path) -> None:
    torch = pytest.importorskip("torch")
    for old in (False, True):
        state = {"bias": torch.zeros(4), "emb.weight": torch.tensor(ROWS)}
        torch.save(
            torch.nn.Module().state_dict() | state,
            "m.pt",
            _use_new_zipfile_serialization=not old,
        )
        with pytest.raises(InputError, match="PyTorch") as caught:
            open_vectors(Request("m.pt"))
        assert run_advised(str(caught.value), workdir) == "m.fixed.npy"
        (workdir / "m.fixed.tokens.txt").write_text("\n".join(WORDS))
        matrix, _ = embedprep.build("m.fixed.npy", WORDS, oov="zeros")
        assert matrix.tolist() == EXPECTED.tolist()
        for file in workdir.iterdir():
            file.unlink()


# Beginnings of files that are only named, and words of the message.
NAMED: dict[str, tuple[bytes, str]] = {
    "7-Zip": (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(30), "7-Zip archive.*\n.*\n    7z x v.x"),
    "RAR": (b"Rar!\x1a\x07\x01\0" + bytes(30), "RAR archive.*\n.*\n    unrar x v.x"),
    "finalfusion": (b"FiFu\0\0\0\0\2", "finalfusion.*\n.*\n    ffp-convert"),
    "GGUF": (b"GGUF\3\0\0\0", "GGUF"),
    "ONNX": (b"\x08\x07\x12\x07pytorch\x1a", "ONNX"),
    "R": (b"X\n\0\0\0\3", "data of R"),
    "pickle of protocol 0": (b"((Vthe\np0\nVof\np1\n", "Python pickle"),
    "pickle of Python 2": (b"(dp1\nS'the'\np2\nI0\n", "Python pickle"),
    "index of a model": (
        b'{"metadata": {"total_size": 9}, "weight_map": {"wte.weight": "a.safetensors"}}',
        "index of a model in several files.*\n.*FOLDER",
    ),
    "PDF": (b"%PDF-1.4\n", "no data"),
    "tokenizer": (b'{\n  "version": "1.0",\n', "a tokenizer.*\n.*--vocab"),
    "vocabulary in JSON": (b'{"the": 0, "of": 1}', "a vocabulary.*\n.*--vocab"),
    "list of tokens in JSON": (b'["the", "of"]', "list of tokens.*\n.*--vocab"),
    "other JSON": (b'{"a": "b"}', "no map of words"),
    "a list of words": (b"the\nof\ncat\n", "does not end in a number\n.*--vocab"),
    "frequencies": (b"the 0.0612\nof 0.0311\ncat 0.0001\n", "these are frequencies.*\n.*--dim 1"),
    "counts": (b"the 1061396\nof 593677\ncat 5\n", "counts or ids.*\n.*--counts"),
    "pieces with scores": ("<unk>\t0\n▁the\t-3.2\n▁of\t-3.5\n".encode(), "a vocabulary"),
    "git-annex": (b"/annex/objects/SHA256E-s5--0.txt\n", "git-annex"),
    "anything binary": (bytes(range(256)) * 9, "binary, in no format"),
    "digits in groups": (b"the 1_000.5 2 3\nof 1_200.5 5 6\n", "'1_000.5' is not a number"),
    "hexadecimal": (b"the 0x1p0 2 3\nof 0x2p0 5 6\n", "'0x1p0' is not a number"),
    "lines that disagree": (b"a .1\nb 1 .2\nc 1 2 .3\nd 1 2 3 .4\n", "of one dimension"),
}


@native
@pytest.mark.parametrize("kind", NAMED)
def test_a_foreign_file_is_named(kind: str, workdir: Path) -> None:
    content, message = NAMED[kind]
    (workdir / "v.x").write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_vectors(Request("v.x"))
    assert re.search(message, str(caught.value)), str(caught.value)
    with pytest.raises(InputError) as examined:
        embedprep.examine("v.x")
    assert str(examined.value) == str(caught.value)


@native
def test_folders_of_other_programs(workdir: Path) -> None:
    (workdir / "saved").mkdir()
    (workdir / "saved" / "saved_model.pb").write_bytes(b"\x08\1")
    (workdir / "checkpoint").mkdir()
    (workdir / "checkpoint" / "m.ckpt.index").write_bytes(b"\0")
    (workdir / "torch").mkdir()
    (workdir / "torch" / "pytorch_model.bin").write_bytes(b"PK\3\4")
    for name, message in [
        ("saved", "SavedModel"),
        ("checkpoint", "checkpoint of TensorFlow"),
        ("torch", "torch/pytorch_model.bin"),
    ]:
        with pytest.raises(InputError, match=message):
            open_vectors(Request(name))


@native
@pytest.mark.parametrize(
    "text",
    [
        "{ 0.5 1.5\n} 2 3\n",
        "[ 0.5 1.5\n[[ 2 3\n",
        '{" 0.5 1.5\n[" 2 3\n',
        "PAR1 0.5 1.5\nGGUF 2 3\nFiFu 1 2\n",
        "7z 0.5 1.5\nRar! 2 3\nLZIP 1 2\n",
        "%PDF 0.5 1.5\n<?xml 2 3\n",
        "], 0.5 1.5\n, 2.5 3\n; 1 2\n| 1 4\n",
        "1,000 0.5 1.5\na,b 2.5 3\nc;d 1 2\n",
        "a|NOUN 0.5 1.5\n[x] 2.5 3\n(y) 1 2\n",
    ],
)
def test_keys_that_only_begin_like_something_else(text: str, workdir: Path) -> None:
    (workdir / "v.txt").write_text(text)
    words = [line.split(" ")[0] for line in text.splitlines()]
    matrix, _ = embedprep.build("v.txt", words, oov="zeros")
    expected = [[float(value) for value in line.split(" ")[1:]] for line in text.splitlines()]
    assert matrix.tolist() == expected
    assert not any(map(NUMBER.fullmatch, (word.encode() for word in words)))


# Lines among good ones of three values, and what is said of them.
DAMAGED: dict[str, tuple[bytes, str]] = {
    "no line break": (b"cat .2 .2 .2dog .1 .1 .1", "'cat': two records stand on one line"),
    "a space for the line break": (b"cat .2 .2 .2 dog .1 .1 .1", "two records"),
    "whole numbers": (b"cat 2 2 2dog 1 1 1", "two records"),
    "a numeric second key": (b"cat .2 .2 .22007 .1 .1 .1", "numbers follow its key"),
    "a header glued on": (b"cat .2 .2 .2400000 3", "numbers follow its key"),
    "a value too many": (b"cat .2 .2 .2 .1", "more than 3 numbers follow its key"),
    "a second space": (b"cat  .2 .2 .2", "a second separator"),
    "a space first": (b" cat .2 .2 .2", "a second separator"),
    "three records": (b"cat .2 .2 .2dog .1 .1 .1eel .1 .1 .1", "two records"),
}


@native
@pytest.mark.parametrize("place", [0, 3, 5000])
@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_line_is_found_where_it_stands(kind: str, place: int, workdir: Path) -> None:
    line, reason = DAMAGED[kind]
    good = [b"w%d 0.5 0.25 %d.5" % (i, i) for i in range(6000)]
    good[place:place] = [line]
    (workdir / "v.txt").write_bytes(b"\n".join(good) + b"\n")
    with pytest.raises(InputError, match=reason) as caught:
        embedprep.build("v.txt", ["cat", "dog", "w7"])
    assert caught.value.line == place + 1
    matrix, report = embedprep.build("v.txt", ["cat", "w7"], on_malformed="skip", oov="zeros")
    assert matrix.tolist() == [[0, 0, 0], [0.5, 0.25, 7.5]]
    assert report.records["malformed"] == 1
    found = embedprep.examine("v.txt")
    assert found.malformed == 1


@native
@pytest.mark.parametrize(
    "key", [". . .", "at name@domain.com", "in 2007", "the 3D film", "uncle nan", " ", "10 % off"]
)
def test_a_phrase_is_a_key(key: str, workdir: Path) -> None:
    good = b"".join(b"w%d 0.5 0.25\n" % i for i in range(100))
    (workdir / "v.txt").write_bytes(good + key.encode() + b" 0.75 -1.5\n")
    matrix, report = embedprep.build("v.txt", [key, "w1"], oov="zeros")
    assert matrix.tolist() == [[0.75, -1.5], [0.5, 0.25]]
    assert report.records["spaced_keys"] == 1


def test_the_commands_for_a_pipe_name_no_file() -> None:
    from embedprep.sources.source import Stream
    from embedprep.vectors.formats.text import open_text

    with pytest.raises(InputError, match=r"<FILE .*>NEW"):
        open_text(Stream("-", io.BytesIO(TEXTS["columns"][0].encode())))
    with pytest.raises(InputError, match="FILE >NEW"):
        open_text(Stream("-", io.BytesIO(TEXTS["JSON map"][0].encode())))


def test_the_matrix_of_a_numpy_archive_is_not_its_words(workdir: Path) -> None:
    npz(Path("v.npz"))
    with pytest.raises(InputError, match=r"v\.npz::vectors\.npy, and"):
        open_vectors(Request("v.npz"))
    Path("words.txt").write_text("".join(f"{word}\n" for word in WORDS))
    built = embedprep.build("v.npz::vectors.npy", WORDS, vectors_tokens="words.txt", oov="zeros")
    assert np.array_equal(built[0], EXPECTED)
