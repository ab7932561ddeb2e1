"""Text vectors as they are published, with their odd lines, and what becomes of damaged ones."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.errors import InputError
from embedprep.sources.source import Stream
from embedprep.vectors import Description, Fault
from embedprep.vectors.formats.text import open_text


class Reading:
    """One pass over `data`: the vectors found, and the sums of what the chunks count."""

    def __init__(self, data: bytes, keys: Sequence[str | bytes], style: str = "text") -> None:
        wanted = [key.encode() if isinstance(key, str) else key for key in keys]
        vectors = open_text(Stream("-", io.BytesIO(data)), style=style)
        self.found: list[tuple[bytes, list[float]]] = []
        self.lines: list[int] = []
        self.records = self.malformed = self.nonfinite = self.spaced = 0
        self.faults: list[Fault] = []
        for hits in vectors.hits(wanted):
            rows: list[list[float]] = hits.rows.tolist()
            names = [wanted[number] for number in hits.key.tolist()]
            self.found += zip(names, rows, strict=True)
            self.lines += [record + 1 for record in hits.record.tolist()]
            self.records += hits.records
            self.malformed += hits.malformed + len(hits.undecodable)
            self.nonfinite += len(hits.nonfinite)
            self.spaced += hits.spaced_keys
            self.faults += [hits.fault] if hits.fault else []
        self.declared = vectors.declared_records
        self.description: Description = vectors.describe()

    def tokens(self) -> dict[str, list[float]]:
        return {key.decode(): row for key, row in self.found}


# Published habits: content, keys and the vectors they have, records, keys with a space.
HABITS: dict[str, tuple[bytes, dict[str, list[float]], int, int]] = {
    "glove.6B": (
        b"the 0.418 0.24968\n, 0.013441 0.23682\n-- -.5 1\n",
        {"the": [0.418, 0.24968], ",": [0.013441, 0.23682], "--": [-0.5, 1]},
        3,
        0,
    ),
    "glove.840B: U+00A0 within keys": (
        ".\u00a0.\u00a0. 1 2\nat\u00a0name@domain.com 3 4\n\u00a0 5 6\n. 7 8\n".encode(),
        {
            ".\u00a0.\u00a0.": [1, 2],
            "at\u00a0name@domain.com": [3, 4],
            "\u00a0": [5, 6],
            ".": [7, 8],
        },
        4,
        0,
    ),
    "glove.840B as others rewrote it: spaces within keys": (
        b". . . 1 2\nat name@domain.com 3 4\n. 7 8\n. . 9 1\n",
        {". . .": [1, 2], "at name@domain.com": [3, 4], ".": [7, 8], ". .": [9, 1]},
        4,
        3,
    ),
    "glove.twitter: U+0085 is a key": (
        "<user> 1 2\n\u0085 3 4\n<hashtag> 5 6\n".encode(),
        {"<user>": [1, 2], "\u0085": [3, 4], "<hashtag>": [5, 6]},
        3,
        0,
    ),
    "white space that str.split and splitlines would cut at": (
        "a\u2028b 1 2\n\u3000 3 4\nx\x1cy 5 6\n\x1d\x1e\x1f 7 8\np\rq 9 1\n\x0b\x0c 2 3\n".encode(),
        {
            "a\u2028b": [1, 2],
            "\u3000": [3, 4],
            "x\x1cy": [5, 6],
            "\x1d\x1e\x1f": [7, 8],
            "p\rq": [9, 1],
            "\x0b\x0c": [2, 3],
        },
        6,
        0,
    ),
    "fastText .vec: a space behind every value": (
        b"3 2\n</s> 0.0012 -1.5e-05 \n, 0.25 0.5 \n\xd0\xb8 -0.11189 1E+2 \n",
        {"</s>": [0.0012, -1.5e-05], ",": [0.25, 0.5], "и": [-0.11189, 100]},
        3,
        0,
    ),
    "word2vec text": (
        b"2 2\nNew_York 0.1 0.2\nkangaroo.n.01 -7.369244245224787e-04 -8.269973595356034e-05\n",
        {"New_York": [0.1, 0.2], "kangaroo.n.01": [-0.0007369244245224787, -8.269973595356034e-05]},
        2,
        0,
    ),
    "numberbatch": (
        b"2 2\n/c/en/##_hours 0.1 0.2\n# 0.3 0.4\n",
        {"/c/en/##_hours": [0.1, 0.2], "#": [0.3, 0.4]},
        2,
        0,
    ),
    "tabs, spaces within keys": (
        b"New York\t1\t2\n New  Jersey\t3\t4\n \t5\t6\n",
        {"New York": [1, 2], " New  Jersey": [3, 4], " ": [5, 6]},
        3,
        0,
    ),
    "tabs within keys of a file with tabs": (
        b"the\t1\t2\na\tb\t3\t4\n",
        {"the": [1, 2], "a\tb": [3, 4]},
        2,
        1,
    ),
    "Windows line ends": (b"2 2\r\nthe 1 2\r\nof 3 4\r\n", {"the": [1, 2], "of": [3, 4]}, 2, 0),
    "byte order mark": (b"\xef\xbb\xbfthe 1 2\nof 3 4\n", {"the": [1, 2], "of": [3, 4]}, 2, 0),
    "byte order mark, header": (
        b"\xef\xbb\xbf2 2\nthe 1 2\nof 3 4\n",
        {"the": [1, 2], "of": [3, 4]},
        2,
        0,
    ),
    "blank lines": (b"\nthe 1 2\n\n \r\nof 3 4\n\n", {"the": [1, 2], "of": [3, 4]}, 2, 0),
    "no last newline": (b"the 1 2\nof 3 4", {"the": [1, 2], "of": [3, 4]}, 2, 0),
    "one record": (b"the 1 2\n", {"the": [1, 2]}, 1, 0),
    "one record, no newline": (b"the 1 2", {"the": [1, 2]}, 1, 0),
    "keys that are numbers": (
        b"2007 1 2\n1 3 4\n-0.5 5 6\n1e5 7 8\nnan 9 1\nthe 2 3\n",
        {"2007": [1, 2], "1": [3, 4], "-0.5": [5, 6], "1e5": [7, 8], "nan": [9, 1]},
        6,
        0,
    ),
    "a key that ends in numbers": (
        b"the .1 2\nin 2007 .3 4\nin .5 6\nof .7 8\n",
        {"the": [0.1, 2], "in 2007": [0.3, 4], "in": [0.5, 6]},
        4,
        1,
    ),
    "a key of a space": (
        b"the 1 2\n  5 6\nof 3 4\n",
        {"the": [1, 2], " ": [5, 6]},
        3,
        1,
    ),
    "invalid UTF-8 among the keys": (
        b"the 1 2\n\xff\xfe\x80 3 4\nof 5 6\n",
        {"the": [1, 2], "of": [5, 6]},
        3,
        0,
    ),
    "a last row <unk>": (b"the 1 2\n<unk> 3 4\n", {"the": [1, 2], "<unk>": [3, 4]}, 2, 0),
}


@pytest.mark.parametrize("kind", HABITS)
def test_published_habits(kind: str) -> None:
    data, expected, records, spaced = HABITS[kind]
    reading = Reading(data, [*expected, "absent", "th", "thee"])
    assert reading.tokens().keys() == expected.keys()
    for token, row in reading.tokens().items():
        assert row == np.array(expected[token]).astype(np.float32).tolist()
    assert len(reading.found) == len(expected)
    assert (reading.records, reading.spaced) == (records, spaced)
    assert (reading.malformed, reading.nonfinite, reading.faults) == (0, 0, [])
    assert reading.declared in (None, records)


def test_a_key_with_spaces_does_not_steal_the_vector_of_its_beginning() -> None:
    data = b"the 0 0\n. . . 1 2\n. 3 4\n"
    assert Reading(data, ["."]).found == [(b".", [3, 4])]
    assert Reading(data, [". . ."]).found == [(b". . .", [1, 2])]


def test_any_bytes_can_be_a_key() -> None:
    keys = [b"\xff", b"\xc3", b"\x80\x81", b"a\0b"]
    data = b"the 9 9\n" + b"".join(key + b" %d 2\n" % i for i, key in enumerate(keys))
    assert Reading(data, keys).found == [(key, [i, 2]) for i, key in enumerate(keys)]


def test_every_record_of_a_key_is_reported_with_its_line() -> None:
    reading = Reading(b"3 2\nthe 1 2\n\nof 5 6\nthe 3 4\n", ["the"])
    assert reading.found == [(b"the", [1, 2]), (b"the", [3, 4])]
    assert reading.lines == [2, 5]


# Content below "the 1 2\n", and what is wrong: line, byte, reason; malformed, not finite.
FAULTS: dict[str, tuple[bytes, tuple[int, int, str], int, int]] = {
    "too few values": (b"of 3\n", (2, 8, "record 'of' has 1 values, not 2"), 1, 0),
    "no value": (b"of\n", (2, 8, "record 'of' has 0 values, not 2"), 1, 0),
    "one value is not copied all over the row": (b"of 3 \n", (2, 8, "has 1 values, not 2"), 1, 0),
    "too many values": (b"of x 4 5 y\n", (2, 8, "record 'of' does not end in 2 numbers"), 1, 0),
    "two spaces": (b"of 3  4\n", (2, 8, "record 'of' does not end in 2 numbers"), 1, 0),
    "not a number": (b"of 3 x\n", (2, 13, "record 'of': value 'x' is not a number"), 1, 0),
    "an underscore": (b"of 1_0 4\n", (2, 11, "value '1_0' is not a number"), 1, 0),
    "hexadecimal": (b"of 3 0x10\n", (2, 13, "value '0x10' is not a number"), 1, 0),
    "other digits": ("of 3 ٣\n".encode(), (2, 13, "value '٣' is not a number"), 1, 0),
    "a decimal comma": (b"of 3,5 4\n", (2, 11, "value '3,5' is not a number"), 1, 0),
    "a vertical tab": (b"of 3 4\x0b\n", (2, 13, "value '4\\x0b' is not a number"), 1, 0),
    "nan": (b"of 3 nan\n", (2, 13, "value 'nan' is not a finite float32"), 0, 1),
    "infinity": (b"of -Infinity 4\n", (2, 11, "value '-Infinity' is not a finite"), 0, 1),
    "beyond float32": (b"of 1e39 4\n", (2, 11, "value '1e39' is not a finite float32"), 0, 1),
    "cut": (b"of 3", (2, 8, "has 1 values, not 2, and no end of line: the file seems"), 1, 0),
    "cut within an exponent": (b"of 3 1e-", (2, 13, "value '1e-' is not a number"), 1, 0),
    "an escape sequence": (b"of\x1b[2J 3\n", (2, 8, "record 'of\\x1b[2J' has 1 values"), 1, 0),
    "the first of several": (b"of 3 nan\nof 3\nof 3 x\n", (2, 13, "'nan'"), 2, 1),
    "behind blank lines": (b"\n\r\nof 3\n", (4, 11, "has 1 values"), 1, 0),
}


@pytest.mark.parametrize("header", [b"", b"9 2\n", b"\xef\xbb\xbf"], ids=["", "header", "BOM"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_has_a_place_and_a_reason(kind: str, header: bytes) -> None:
    content, (line, byte, reason), malformed, nonfinite = FAULTS[kind]
    data = header + b"the 1 2\n" + content
    reading = Reading(data, ["the", "of"])
    (fault,) = reading.faults
    assert reason in fault.reason
    assert (fault.line, fault.byte) == (line + header.count(b"\n"), byte + len(header))
    assert (reading.malformed, reading.nonfinite) == (malformed, nonfinite)
    assert reading.found == [(b"the", [1, 2])]


def test_values_of_records_that_nobody_wants_are_not_read() -> None:
    reading = Reading(b"the 1 2\nof 3 x\nto nan 4\n", ["the"])
    assert (reading.records, reading.malformed, reading.nonfinite) == (3, 0, 0)
    # A wrong width is seen all the same.
    assert Reading(b"the 1 2\nof 3\n", ["the"]).malformed == 1


def test_records_of_65536_values() -> None:
    rng = np.random.default_rng(5)
    rows = rng.standard_normal((2, 65_536)).astype(np.float32)
    lines = [b" ".join(b"%.9g" % x for x in row.tolist()) for row in rows]
    data = b"2 65536\nthe " + lines[0] + b"\nof " + lines[1] + b"\n"
    assert Reading(data, ["of"]).found == [(b"of", rows[1].tolist())]


@pytest.mark.parametrize(
    ("data", "header", "separator", "newline"),
    [
        (b"the 1 2\nof 3 4\n", False, "space", True),
        (b"2 2\nthe 1 2\nof 3 4", True, "space", False),
        (b"the\t1\t2\r\n", False, "tab", True),
    ],
)
def test_the_description(data: bytes, header: bool, separator: str, newline: bool) -> None:
    description = Reading(data, ["the"]).description
    assert (description.path, description.format) == ("-", "text")
    assert (description.header, description.separator) == (header, separator)
    assert (description.ends_with_newline, description.bytes) == (newline, len(data))


PREFIXES = {
    "glove": b"the 0.5 -1.25\nof 2 3e-2\nto 44 5\n",
    "header": b"3 2\nthe 0.5 -1.25\nof 2 3e-2\nto 44 5\n",
    "fastText": b"3 2\nthe 0.5 -1.25 \nof 2 3e-2 \nto 44 5 \n",
    "tabs": b"the\t0.5\t-1.25\r\nof\t2\t3e-2\r\nto\t44\t5\r\n",
}


@pytest.mark.parametrize("kind", PREFIXES)
def test_every_prefix_reads_as_itself_or_is_an_error(
    kind: str, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = PREFIXES[kind]
    tokens = ["the", "of", "to"]
    (workdir / "whole").write_bytes(data)
    whole, _ = embedprep.build("whole", tokens, oov="zeros", threads=1)
    read = []
    for size in range(len(data)):
        (workdir / "cut").write_bytes(data[:size])
        caplog.clear()
        try:
            matrix, _ = embedprep.build("cut", tokens, oov="zeros", threads=1)
        except InputError:
            continue
        read.append(size)
        if data[:size].endswith(b"\n"):
            # Whole records without a header: nothing shows that there were more.
            found = data[:size].count(b"\n")
            assert np.array_equal(matrix[:found], whole[:found])
            assert not matrix[found:].any()
            assert kind in ("glove", "tabs")
            assert not caplog.messages
        else:
            # A number may have lost its end, so the user is told.
            assert "does not end with a line break" in caplog.text
    ends = [i + 1 for i, byte in enumerate(data[:-1]) if byte == 0x0A]
    assert [size for size in read if size in ends] == (ends if kind in ("glove", "tabs") else [])
    if kind in ("header", "fastText"):
        # Below a header all records must be there, but for the end of the last line. (Cut in its
        # first record, "3 2" may as well be a key and the one value of a vector.)
        complete = range(data.rindex(b" 5") + 2, len(data))
        assert [size for size in read if size > ends[1]] == list(complete)


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        (1, "promises 1 records, the file has 2"),
        (3, "promises 3 records, the file has 2: it is truncated"),
        (99999999999, "it is truncated"),
        (0, "promises 0 records, the file has 2"),
    ],
)
def test_a_header_that_counts_otherwise_is_an_error(
    declared: int, reason: str, workdir: Path
) -> None:
    (workdir / "vectors").write_bytes(b"%d 2\nthe 1 2\nof 3 4\n" % declared)
    with pytest.raises(InputError, match=reason):
        embedprep.build("vectors", ["the"])
    matrix, _ = embedprep.build("vectors", ["the"], on_malformed="skip")
    assert matrix.tolist() == [[1, 2]]


# Keys that text tools would cut, join or rewrite; never a line end, never only the separator.
keys = st.text(
    st.sampled_from("ab.\u00a0\u0085\u2028\u3000\x1c\x1f\x0b\r\t é中"), min_size=1, max_size=6
).filter(lambda key: key.rstrip(" \t\r") == key and not key.startswith(" "))
tables = st.dictionaries(
    keys,
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
)


@given(
    tables.filter(bool),
    st.sampled_from([b"", b"header", b"\xef\xbb\xbf"]),
    st.sampled_from([b"\n", b"\r\n", b" \n"]),
)
def test_whatever_is_written_is_read_back(
    table: dict[str, list[float]], begin: bytes, end: bytes
) -> None:
    # Tabs may stand in keys only below a first record that shows the separator to be a space.
    records = {"first": [1.5, 2.5, 3.5], **{k: v for k, v in table.items() if "\t" not in k}}
    head = b"%d 3\n" % len(records) if begin == b"header" else begin
    data = head + b"".join(
        b" ".join([key.encode(), *(b"%r" % value for value in row)]) + end
        for key, row in records.items()
    )
    reading = Reading(data, list(records))
    assert reading.found == [(key.encode(), row) for key, row in records.items()]
    assert reading.records == len(records)
    assert reading.spaced == sum(" " in key for key in records)


GENSIM_FILES: dict[str, dict[str, Any]] = {
    "high_precision.kv.txt": {},
    "lee_fasttext.vec": {},
    "toy-model.vec": {},
    "crime-and-punishment.vec": {},
    "EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
    "IT.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt": {},
    "test_glove.txt": {"no_header": True},
    # Some of its keys are not UTF-8.
    "pang_lee_polarity_fasttext.vec": {"unicode_errors": "replace"},
}


# gensim looks at the first lines of a file without a header, and leaves it open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", GENSIM_FILES)
def test_gensim_reads_the_same_bits(name: str) -> None:
    models = pytest.importorskip("gensim.models", reason="no gensim")
    utils = pytest.importorskip("gensim.test.utils", reason="no gensim")
    path: str = utils.datapath(name)
    theirs = models.KeyedVectors.load_word2vec_format(path, **GENSIM_FILES[name])
    tokens = [token for token in theirs.index_to_key if "\ufffd" not in token]
    assert len(tokens) > 1
    matrix, report = embedprep.build(path, tokens, oov="zeros")
    assert matrix.shape == (len(tokens), theirs.vector_size)
    assert matrix.tobytes() == theirs[tokens].tobytes()
    assert report.records == dict.fromkeys(report.records, 0)


@pytest.mark.parametrize("value", ["1,5", "x", "#N/A", "0x1p3", "None", "1.2.3"])
def test_a_first_record_without_numbers_is_no_line_of_names(value: str, workdir: Path) -> None:
    """Deleting it, as is advised for names, would lose its word."""
    line = " ".join(["the", *[value] * 3])
    Path("v.txt").write_text(f"{line}\nof 1.5 2 3\ncat 4.5 5 6\ndog 7.5 8 9\n")
    with pytest.raises(InputError, match=f"'the': value '{value}' is not a number"):
        embedprep.build("v.txt", ["the", "cat"])
