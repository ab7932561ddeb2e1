"""Everything a user can get wrong: the exit code, a message that helps, and nothing written.

One table. Each row is a build (or an inspection) of small, good files in which one thing is wrong.
"""

# ruff: noqa: E501  a row of a table is a line

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle
import stat
import struct
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pytest

from embedprep.cli import door

VECTORS = b"the 1 2\ncat 3 4\ndog 5 6\n"
VOCAB = b'{"the": 1, "cat": 2, "zebra": 3}'
OLD = b"the matrix of yesterday"

USAGE, INPUT, COVERAGE, OUTPUT = 2, 3, 4, 5


@dataclass(frozen=True)
class Case:
    """One thing that is wrong, and what the user is told about it."""

    name: str
    code: int
    says: tuple[str, ...]
    """Fragments of the message: the place, the reason, the remedy."""
    vectors: bytes = VECTORS
    vocab: bytes = VOCAB
    options: tuple[str, ...] = ()
    """Added to `build --vectors v.txt --vocab vocab.json`."""
    command: tuple[str, ...] | None = None
    """Instead of that."""
    prepare: Callable[[], object] = lambda: None
    """Last changes to the directory."""


def vectors(name: str, content: bytes, *says: str, options: tuple[str, ...] = ()) -> Case:
    return Case(f"vectors: {name}", INPUT, ("v.txt", *says), vectors=content, options=options)


def vocab(name: str, content: bytes | str, *says: str) -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"vocabulary: {name}", INPUT, ("vocab.json", *says), vocab=data)


def option(name: str, options: str, *says: str, code: int = USAGE) -> Case:
    return Case(f"option: {name}", code, says, options=tuple(options.split()))


def output(name: str, code: int, options: str, *says: str, prepare: Callable[[], object]) -> Case:
    return Case(f"output: {name}", code, says, options=tuple(options.split()), prepare=prepare)


GOOD_BUILD = "[[build]]\nvectors = 'v.txt'\nvocab = 'vocab.json'\noutput = 'm.npy'\n"


def jobs(
    name: str,
    content: str,
    *says: str,
    code: int = USAGE,
    prepare: Callable[[], object] = lambda: None,
) -> Case:
    def prepared() -> None:
        Path("jobs.toml").write_text(content)
        prepare()

    command = ("build", "--jobs", "jobs.toml")
    return Case(f"jobs: {name}", code, says, command=command, prepare=prepared)


def inspect(
    name: str, code: int, arguments: str, *says: str, prepare: Callable[[], object]
) -> Case:
    return Case(
        f"inspect: {name}", code, says, command=("inspect", *arguments.split()), prepare=prepare
    )


def tarred(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo("vectors.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("glove.txt", content)
    return buffer.getvalue()


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def hdf5() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["embeddings"] = np.zeros((2, 2), np.float32)
    return buffer.getvalue()


def word2vec_binary() -> bytes:
    return b"2 2\n" + b"".join(
        word + b" " + struct.pack("<2f", 0.5, -1) + b"\n" for word in (b"the", b"cat")
    )


def write(path: str, content: bytes = b"") -> Callable[[], object]:
    return lambda: Path(path).write_bytes(content)


def remove(path: str) -> Callable[[], object]:
    return lambda: Path(path).unlink()


def directory_instead(path: str) -> Callable[[], object]:
    def replace() -> None:
        Path(path).unlink(missing_ok=True)
        Path(path).mkdir()

    return replace


def link(path: str, to: str) -> Callable[[], object]:
    return lambda: Path(path).symlink_to(to)


def read_only() -> None:
    directory = Path("closed")
    directory.mkdir(mode=0o555)
    try:
        with tempfile.TemporaryFile(dir=directory):
            pytest.skip("this user may write to any directory (root)")
    except PermissionError:
        pass


MISSING_FILE = "no such file"
DEEP = "[" * 100_000 + "]" * 100_000
LINE_TOO_LONG = b"the 1 2\ncat 3 4\n" + b"x" * (17 << 20)

CASES = [
    # ---- the vector file
    Case(
        "vectors: missing file",
        INPUT,
        ("v.txt", MISSING_FILE, "Check the spelling"),
        prepare=remove("v.txt"),
    ),
    Case(
        "vectors: directory",
        INPUT,
        ("v.txt", "directory", "Name the vector file inside it"),
        prepare=directory_instead("v.txt"),
    ),
    vectors("empty", b"", "empty", "Download"),
    vectors("blank lines only", b"\n \n\n", "empty", "Download"),
    vectors("only a header", b"2 2\n", "line 1", "promises 2 records", "truncated"),
    vectors("truncated, by its header", b"3 2\nthe 1 2\ncat 3 4\n", "promises 3", "has 2", "truncated", "--on-malformed skip"),
    vectors("too many, by its header", b"1 2\nthe 1 2\ncat 3 4\n", "promises 1", "has 2", "Correct the header"),
    vectors("header of another width", b"2 3\nthe 1 2\ncat 3 4\n", "line 1", "promises 3 values", "have 2", "Correct the header"),
    vectors("header of width 0", b"2 0\nthe 1 2\ncat 3 4\n", "line 1", "0 values", "Export"),
    vectors("header of absurd numbers", b"99999999999 300\nthe 1 2\ncat 3 4\n", "line 1", "300 values", "have 2"),
    vectors("short line", b"the 1 2\ncat 3\ndog 5 6\n", "line 2", "'cat' has 1 values, not 2", "--on-malformed skip"),
    vectors("cut off in the last line", b"the 1 2\ndog 5 6\ncat 3", "line 3", "'cat' has 1 values", "cut off"),
    vectors("long line", b"the 1 2\ncat 3 4 5 x 6\ndog 5 6\n", "line 2", "does not end in 2 numbers", "--on-malformed skip"),
    vectors("not a number", b"the 1 2\ncat 3 x\n", "line 2", "'cat'", "value 'x' is not a number", "Repair"),
    vectors("number with an underscore", b"the 1 2\ncat 3 1_0\n", "line 2", "'1_0' is not a number"),
    vectors("hexadecimal number", b"the 1 2\ncat 0x3 4\n", "line 2", "'0x3' is not a number"),
    vectors("nan", b"the 1 2\ncat nan 4\n", "line 2", "'cat'", "'nan' is not a finite float32", "--on-malformed skip"),
    vectors("infinity", b"the 1 2\ncat 3 -inf\n", "line 2", "'-inf' is not a finite float32"),
    vectors("beyond float32", b"the 1 2\ncat 1e39 4\n", "line 2", "'1e39' is not a finite float32"),
    vectors("escape sequence in a value", b"the 1 2\ncat 3 \x1b[31m\n", "line 2", r"\x1b[31m"),
    vectors("column names", b"word d1 d2\nthe 1 2\ncat 3 4\n", "line 1", "column names", "tail -n +2"),
    vectors("comma-separated", b"the,1,2\ncat,3,4\n", "line 1", "separated by commas", "Write spaces for them"),
    vectors("prose", b"The cat sat.\nThe dog sat.\n", "line 1", "no vectors found", "separated by spaces or tabs"),
    vectors("endless line", LINE_TOO_LONG, "byte 16", "more than 16 MiB"),
    vectors("endless first line", b"1 " * (9 << 20), "byte 0", "more than 16 MiB"),
    vectors("gzip, cut off", gzip.compress(VECTORS)[:-9], "gzip data is damaged or cut off", "Download"),
    vectors("gzip, wrong checksum", gzip.compress(VECTORS)[:-8] + bytes(8), "gzip data is damaged", "Download"),
    vectors("bzip2, cut off", bz2.compress(VECTORS)[:-9], "bzip2 data is damaged or cut off", "Download"),
    vectors("xz, cut off", lzma.compress(VECTORS)[:-9], "xz data is damaged or cut off", "Download"),
    vectors("zstd, cut off", b"\x28\xb5\x2f\xfd\x04\x00\x01\x00\x00", "zstd data is damaged or cut off", "Download"),
    vectors("zip, cut off", zipped(VECTORS)[:-9], "zip archive is damaged, cut off", "Download"),
    vectors("gzip in gzip", gzip.compress(gzip.compress(VECTORS)), "twice: gzip inside gzip", "outer"),
    vectors("gzip of nothing", gzip.compress(b""), "empty"),
    vectors("endless line in bzip2", bz2.compress(LINE_TOO_LONG), "byte 16", "more than 16 MiB"),
    vectors("tar.gz, cut off", gzip.compress(tarred(VECTORS)[:900]), "tar data is damaged or cut off", "Download"),
    vectors("tar in zip", zipped(tarred(VECTORS)), "twice: tar inside zip", "outer"),
    vectors("NumPy array", npy(np.zeros((2, 2), np.float32)), "a matrix without keys, and no token list beside it", "--vectors-tokens FILE"),
    vectors("foreign HDF5", hdf5(), "HDF5 file of another program, with no keys beside its matrix", "embeddings", ".npy"),
    vectors("pickle", pickle.dumps({"the": [1.0, 2.0]}), "pickle", "run any code", "Write it as text where you trust it", "pickle.load"),
    vectors("fastText .bin, cut off", b"\xba\x16\x4f\x2f\x0c\x00\x00\x00" + bytes(40), "truncated", "Download"),
    vectors("word2vec .bin, cut off", word2vec_binary()[:-4], "truncated", "Download"),
    vectors("UTF-16", VECTORS.decode().encode("utf-16"), "UTF-16", "iconv"),
    vectors("UTF-16 without a mark", VECTORS.decode().encode("utf-16-le"), "UTF-16", "iconv -f UTF-16LE"),
    vectors("web page", b"<!DOCTYPE html>\n<html><head>404</head></html>\n", "web page", "download failed"),
    vectors("web page after a blank line", b"\n<html>\n<head>404</head></html>\n", "it is a web page", "download failed"),
    vectors("Git LFS pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "LFS pointer", "git lfs pull"),
    vectors("duplicate that shall not be", VECTORS + b"the 7 8\n", "line 4", "token 'the'", "second record", "--on-duplicate first", options=("--on-duplicate", "error")),
    vectors("beyond float16", b"the 1 2\ncat 70000 4\n", "line 2", "'cat'", "beyond the range of float16", "--dtype float32", options=("--dtype", "float16")),
    Case(
        "vectors: no token found, --oov mean",
        INPUT,
        ("vocab.json", "none of its tokens has a vector", "--oov uniform"),
        vectors=b"x 1 2\ny 3 4\n",
        options=("--oov", "mean"),
    ),
    # ---- the vocabulary
    Case(
        "vocabulary: missing file",
        INPUT,
        ("vocab.json", MISSING_FILE, "Check the spelling"),
        prepare=remove("vocab.json"),
    ),
    Case(
        "vocabulary: directory",
        INPUT,
        ("vocab.json", "directory", "Name the file in it"),
        prepare=directory_instead("vocab.json"),
    ),
    vocab("empty", b"", "empty", "write it again"),
    vocab("no token", "{}", "no token", "fitted"),
    vocab("pickle", pickle.dumps({"the": 1}), "pickle", "run any code", "pickle.load"),
    vocab("counts", '{"the": 1061396, "cat": 593677}', "'the'", "--counts"),
    vocab("lines of counts", "the\t1061396\nof\t593677\n", "positive number", "--counts"),
    vocab("duplicate keys", '{"the": 1, "cat": 2, "the": 3}', "'the'", "2 times", "Write the file again"),
    vocab("boolean id", '{"the": true, "cat": 2}', "'the'", "true is not an id", "whole numbers"),
    vocab("fractional id", '{"the": 1.5, "cat": 2}', "'the'", "1.5 is not an id", "whole numbers"),
    vocab("negative id", '{"the": -1, "cat": 2}', "'the'", "-1 is not an id", "negative"),
    vocab("id as text", '{"the": "1", "cat": 2}', "'the'", '"1" is not an id', "whole numbers"),
    vocab("huge id", '{"the": 1, "cat": 9223372036854775808}', "'cat'", "beyond 2^31", "renumber the tokens"),
    vocab("sparse ids", '{"the": 1, "cat": 2000000}', "'cat'", "2000001 rows", "without such gaps"),
    vocab("shared id", '{"the": 1, "cat": 1}', "'the'", "the id 1", '"cat"', "an id of its own"),
    vocab("NaN", '{"the": NaN}', "NaN is not a JSON number", "Write the file again"),
    vocab("deep nesting", DEEP, "nested too deeply", "a few levels"),
    vocab("5,000 digits", '{"the": ' + "9" * 5000 + "}", "thousands of digits", "where the file comes from"),
    vocab("cut-off JSON", '{"the": 1,\n "cat": ', "line 2", "not valid JSON", "cut short"),
    vocab("UTF-16", VOCAB.decode().encode("utf-16"), "UTF-16", "iconv"),
    vocab("invalid UTF-8", b'{"the": 1, "caf\xe9": 2}', "byte 15", "not UTF-8", "0xe9", "iconv -f CP1252"),
    vocab("vectors", b"the 0.5 1.5\ncat 2.5 3.5\n", "file of vectors", "--vectors"),
    vocab("JSON of something else", '{"model": "cat", "layers": [1, 2]}', "not a vocabulary", "convert it"),
    vocab("escape sequence in a token", '{"\\u001b[31m": -1}', r"token '\x1b[31m'", "negative"),
    # ---- counts
    Case("counts: missing file", INPUT, ("c.tsv", MISSING_FILE, "Check the spelling"), options=("--counts", "c.tsv")),
    Case("counts: negative", INPUT, ("c.tsv", "line 2", "'cat'", "is not a count"), options=("--counts", "c.tsv"), prepare=write("c.tsv", b"the\t7\ncat\t-2\n")),
    Case("counts: no number", INPUT, ("c.tsv", "line 1", "no count", "a tab and its count"), options=("--counts", "c.tsv"), prepare=write("c.tsv", b"the\n")),
    Case("counts: of other words", INPUT, ("c.tsv", "contains no token of the vocabulary", "Count the tokens"), options=("--counts", "c.tsv"), prepare=write("c.tsv", b"le\t7\nchat\t2\n")),
    # ---- options
    option("unknown --oov", "--oov random", "--oov", "'random'", "zeros, uniform, normal, mean"),
    option("unknown --dtype", "--dtype float64", "--dtype", "'float64'", "float32, float16"),
    option("unknown --vectors-format", "--vectors-format csv", "'csv'", "text, glove, word2vec, tsv"),
    option("unknown --vocab-format", "--vocab-format xlsx", "'xlsx'", "token-map", "lines"),
    option("unknown --on-malformed", "--on-malformed ignore", "--on-malformed", "'ignore'", "error, skip"),
    option("unknown --on-duplicate", "--on-duplicate mean", "--on-duplicate", "'mean'", "first, last, error"),
    option("negative --oov-scale", "--oov-scale -1", "--oov-scale", "'-1.0'", "from 0 to"),
    option("--oov-scale nan", "--oov-scale nan", "--oov-scale", "'nan'", "from 0 to"),
    option("--oov-scale word", "--oov-scale wide", "--oov-scale", "wide"),
    option("--threads 0", "--threads 0", "--threads", "'0'", "at least 1"),
    option("--num-words 0", "--num-words 0", "--num-words", "'0'", "at least 1", "auto"),
    option("--num-words all", "--num-words all", "--num-words", "'all'", "auto"),
    option("--dim 0", "--dim 0", "--dim", "'0'", "at least 1"),
    option("another --dim", "--dim 300", "v.txt", "2 values", "--dim asks for 300", "Drop --dim", code=INPUT),
    option("--fail-under 2", "--fail-under 2", "--fail-under", "2", "0 to 1"),
    option("--fail-under percent", "--fail-under 90%", "--fail-under", "90%"),
    option("unknown option", "--vector v.txt", "there is no option --vector", "did you mean --vectors?"),
    option("an argument too many", "other.txt", "nothing says what", "other.txt"),
    option("word2vec without a header", "--vectors-format word2vec", "v.txt", "line 1", "not a header", "Drop --vectors-format", code=INPUT),
    option("tsv without a tab", "--vectors-format tsv", "v.txt", "no tab", "Drop --vectors-format", code=INPUT),
    option("wrong --vocab-format", "--vocab-format token-list", "vocab.json", "token-list", "Leave --vocab-format out", code=INPUT),
    Case("option: no --vectors", USAGE, ("--vectors is missing", "--vectors FILE"), command=("build", "--vocab", "vocab.json")),
    Case("option: no --vocab", USAGE, ("--vocab is missing", "--vocab FILE"), command=("build", "--vectors", "v.txt")),
    Case("option: nothing at all", USAGE, ("Examples", "--vectors"), command=("build",)),
    Case("option: no command", USAGE, ("build", "inspect"), command=()),
    Case("option: unknown command", USAGE, ("make",), command=("make",)),
    # ---- several builds
    option("a second --vocab without -o", "--vocab v.txt", "--vocab is given twice", "--output not at all", "one --output for each --vocab"),
    option("a second --vocab with one -o", "--vocab v.txt -o m.npy", "--vocab is given twice", "--output once", "same order"),
    option("an -o too many", "-o m.npy -o n.npy", "--vocab is given once", "--output twice"),
    option("--counts for one of three", "--vocab v.txt --vocab w.txt -o a.npy -o b.npy -o c.npy --counts c.tsv", "--vocab is given 3 times", "--counts once", "or none"),
    option("one -o for two", "--vocab v.txt -o m.npy -o ./m.npy", "m.npy", "two builds would write it", "an output of its own"),
    option("-o of one is --vocab of the other", "--vocab a.npy --vocab v.txt -o m.npy -o n.npy -o a.npy", "a.npy", "one build reads it", "another name"),
    option("--jobs beside options of a build", "--jobs jobs.toml", "jobs.toml", "--vectors is of one build", "Write it into the file"),
    jobs("missing file", "", MISSING_FILE, "Check the spelling", code=INPUT, prepare=remove("jobs.toml")),
    jobs("no TOML", "vocab = vocab.json", "no TOML", "line 1", "[[build]]", code=INPUT),
    jobs("not UTF-8", "\x00\ufffe", "no TOML", code=INPUT),
    jobs("no build", "vectors = 'v.txt'", "has no build", "[[build]]"),
    jobs("build is no list", "build = 3", "not a list of tables", "[[build]]"),
    jobs("no vectors", "[[build]]\nvocab = 'vocab.json'\noutput = 'm.npy'", "build 1", "no 'vectors'", "Add a line"),
    jobs("no output", GOOD_BUILD + "[[build]]\nvocab = 'vocab.json'\nvectors = 'v.txt'", "build 2", "no 'output'"),
    jobs("unknown option", GOOD_BUILD + "voab = 1", "build 1", "no option 'voab'", "embedprep.build"),
    jobs("a number in quotes", GOOD_BUILD + "seed = '1'", "build 1", "'seed' cannot be '1'", "a whole number"),
    jobs("true for a number", GOOD_BUILD + "threads = true", "'threads' cannot be True", "a whole number"),
    jobs("a text for true", GOOD_BUILD + "subwords = 'no'", "'subwords' cannot be 'no'", "true or false"),
    jobs("a number for a file", GOOD_BUILD + "counts = 3", "'counts' cannot be 3", "a text in quotes"),
    jobs("a number in a list", GOOD_BUILD.replace("'v.txt'", "['v.txt', 3]"), "'vectors' cannot be 3", "a text in quotes"),
    jobs("a list of vocabularies", GOOD_BUILD.replace("'vocab.json'", "['vocab.json']"), "'vocab' cannot be ['vocab.json']", "a text in quotes"),
    jobs("unknown value", GOOD_BUILD + "oov = 'random'", "--oov", "'random'", "zeros, uniform"),
    jobs("two of one output", GOOD_BUILD + GOOD_BUILD, "m.npy", "two builds would write it"),
    jobs("the second of two is bad", GOOD_BUILD + "[[build]]\nvectors = 'v.txt'\nvocab = 'vocab.json'\noutput = 'n.npy'\nnum_words = 0", "--num-words", "'0'"),
    # ---- the output
    output("unknown ending", USAGE, "-o matrix.bin", "matrix.bin", "ending", ".npy, .h5, .hdf5, .safetensors", prepare=lambda: None),
    output("no ending", USAGE, "-o matrix", "matrix", "ending", ".npy", prepare=lambda: None),
    output("directory", OUTPUT, "-o m.npy", "m.npy", "directory", "Name a file inside it", prepare=directory_instead("m.npy")),
    output("no directory", OUTPUT, "-o there/m.npy", "there/m.npy", "does not exist", "mkdir -p", prepare=lambda: None),
    output("no directory for the report", OUTPUT, "--report there/r.json", "there/r.json", "does not exist", "mkdir -p", prepare=lambda: None),
    output("file as directory", OUTPUT, "-o v.txt/m.npy", "v.txt/m.npy", "not a directory", prepare=lambda: None),
    output("read-only directory", OUTPUT, "-o closed/m.npy", "closed/m.npy", "permission denied", "you may write to", prepare=read_only),
    output("device", OUTPUT, "-o m.npy", "m.npy", "not a regular file", "Name a file", prepare=link("m.npy", os.devnull)),
    output("FIFO", OUTPUT, "-o m.npy", "m.npy", "not a regular file", prepare=lambda: os.mkfifo("m.npy")),
    output("report is a device", OUTPUT, f"--report {os.devnull}", os.devnull, "not a regular file", prepare=lambda: None),
    output("report is a directory", OUTPUT, "--report r.json", "r.json", "directory", prepare=directory_instead("r.json")),
    output("link in a circle", OUTPUT, "-o m.npy", "m.npy", prepare=link("m.npy", "m.npy")),
    output("exists, --no-clobber", OUTPUT, "--no-clobber", "embeddings.npy", "exists", "another name", prepare=lambda: None),
    output("report exists, --no-clobber", OUTPUT, "--no-clobber -o m.npy --report r.json", "r.json", "exists", "another name", prepare=write("r.json", OLD)),
    output("over the vectors", USAGE, "-o m.npy", "m.npy", "an input", "another name", prepare=link("m.npy", "v.txt")),
    output("report over the vocabulary", USAGE, "--report vocab.json", "vocab.json", "an input", "another name", prepare=lambda: None),
    output("over the counts", USAGE, "--counts embeddings.npy", "embeddings.npy", "an input", prepare=lambda: None),
    output("report is the matrix", USAGE, "--report ./embeddings.npy", "cannot be one file", "another name for --report", prepare=lambda: None),
    output("token list is a directory", OUTPUT, "-o m.safetensors", "m.tokens.json", "directory", prepare=directory_instead("m.tokens.json")),
    output("token list exists, --no-clobber", OUTPUT, "--no-clobber -o m.safetensors", "m.tokens.json", "exists", "another name", prepare=write("m.tokens.json", OLD)),
    output("token list is the report", USAGE, "-o m.safetensors --report m.tokens.json", "m.tokens.json", "cannot be one file", prepare=lambda: None),
    output("name too long", OUTPUT, f"-o {'m' * 300}.npy", "mmm.npy", "too long", prepare=lambda: None),
    # ---- inspect
    inspect("missing file", INPUT, "m.npy", "m.npy", MISSING_FILE, "Check the spelling", prepare=lambda: None),
    inspect("directory", INPUT, "m.npy", "m.npy", "directory", prepare=directory_instead("m.npy")),
    inspect("empty file", INPUT, "m.npy", "m.npy", "not a matrix", "embedprep build", prepare=write("m.npy")),
    inspect("vector file", INPUT, "v.txt", "v.txt", "not a matrix", "embedprep build", prepare=lambda: None),
    inspect("JSON that is no report", INPUT, "vocab.json", "vocab.json", "not a coverage report", ".coverage.json", prepare=lambda: None),
    inspect("JSON cut off", INPUT, "r.json", "r.json", "not a coverage report", prepare=write("r.json", b'{"schema": ')),
    inspect("report of another schema", INPUT, "r.json", "r.json", "embedprep.coverage/9", prepare=write("r.json", b'{"schema": "embedprep.coverage/9"}')),
    inspect("deep JSON", INPUT, "r.json", "r.json", "not a coverage report", prepare=write("r.json", b'{"schema":' * 100_000)),
    inspect("binary after a brace", INPUT, "r.json", "r.json", "not a coverage report", prepare=write("r.json", b"{\xff\xfe\x00")),
    inspect("foreign .npy", INPUT, "m.npy", "m.npy", "not a .npy matrix written by embedprep", "numpy.load", prepare=write("m.npy", npy(np.zeros((2, 2))))),
    inspect("foreign .h5", INPUT, "m.h5", "m.h5", "not an HDF5 matrix written by embedprep", "h5py", prepare=write("m.h5", hdf5())),
    inspect("foreign .safetensors", INPUT, "m.safetensors", "m.safetensors", "not a safetensors matrix written by embedprep", "'embeddings'", "use safetensors", prepare=write("m.safetensors", struct.pack("<Q", 2) + b"{}")),
    inspect("cut-off .h5", INPUT, "m.h5", "m.h5", "not an HDF5 matrix written by embedprep", prepare=write("m.h5", hdf5()[:100])),
    inspect("--missing with --json", USAGE, "vocab.json --missing 3 --json", "--missing", "--json", "exclude", prepare=lambda: None),
    inspect("--missing 0", USAGE, "vocab.json --missing 0", "--missing", "0", prepare=lambda: None),
    inspect("unknown option", USAGE, "vocab.json --all", "there is no option --all", prepare=lambda: None),
]  # fmt: skip


def state(directory: Path) -> dict[str, tuple[int, bytes]]:
    """Every name in the directory with its kind, permissions and content."""
    found = {}
    for path in sorted(directory.rglob("*")):
        mode = path.lstat().st_mode
        content = path.read_bytes() if stat.S_ISREG(mode) else b""
        found[str(path)] = (mode, os.readlink(path).encode() if path.is_symlink() else content)
    return found


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_the_message_helps_and_nothing_is_written(
    case: Case,
    workdir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("v.txt").write_bytes(case.vectors)
    Path("vocab.json").write_bytes(case.vocab)
    Path("embeddings.npy").write_bytes(OLD)
    Path("embeddings.coverage.json").write_bytes(OLD)
    case.prepare()
    before = state(workdir)
    command = case.command
    if command is None:
        command = ("build", "--vectors", "v.txt", "--vocab", "vocab.json", *case.options)
    monkeypatch.setattr(sys, "argv", ["embedprep", *command])

    code = door._exit_code()

    out, err = capfd.readouterr()
    assert (out, code) == ("", case.code), err
    for fragment in case.says:
        assert fragment in err
    assert "Traceback" not in err
    assert "\x1b" not in err
    assert "Errno" not in err
    assert all(len(line) < 600 for line in err.splitlines()), "nobody reads such a line"
    if case.code != USAGE:
        place, _, remedy = err.partition("\n")
        assert place.startswith("embedprep: ")
        assert remedy.startswith("  ")
    assert state(workdir) == before


def test_the_table_has_no_two_rows_of_one_name() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 45
