"""How a file is laid out is read off its first lines: separator, header, dimension."""

from __future__ import annotations

import re

import pytest

from embedprep.errors import InputError, UsageError
from embedprep.vectors.formats.text_layout import STYLES, TextLayout, detect


def found(data: bytes, style: str = "text", *, complete: bool = True) -> TextLayout:
    return detect(data, complete, "vectors", style=style)


# Content, and what it is: dimension, separator, first byte of the records, declared records.
SHOWN: dict[str, tuple[bytes, tuple[int, bytes, int, int | None]]] = {
    "glove": (b"the 0.1 0.2\nof 0.3 0.4\n", (2, b" ", 0, None)),
    "word2vec": (b"2 3\nthe 1 2 3\nof 4 5 6\n", (3, b" ", 4, 2)),
    "fastText": (b"2 3\n</s> 1 2 3 \nthe 4e-05 5 6 \n", (3, b" ", 4, 2)),
    "tabs": (b"the\t0.1\t0.2\nof\t0.3\t0.4\n", (2, b"\t", 0, None)),
    "tabs, spaces in keys": (b"New York\t1\t2\nNew Jersey\t3\t4\n", (2, b"\t", 0, None)),
    "tabs and a header": (b"2\t3\nthe\t1\t2\t3\nof\t4\t5\t6\n", (3, b"\t", 4, 2)),
    "tabs below a header with a space": (b"2 2\nthe\t1\t2\nof\t4\t5\n", (2, b"\t", 4, 2)),
    "carriage returns": (b"2 3\r\nthe 1 2 3\r\nof 4 5 6\r\n", (3, b" ", 5, 2)),
    "byte order mark": (b"\xef\xbb\xbfthe 1 2\n", (2, b" ", 3, None)),
    "byte order mark, header": (b"\xef\xbb\xbf2 2\nthe 1 2\nof 3 4\n", (2, b" ", 7, 2)),
    "one record": (b"the 0.1 0.2\n", (2, b" ", 0, None)),
    "one record, no newline": (b"the 0.1 0.2", (2, b" ", 0, None)),
    "one value": (b"the 0.1\nof 0.2\n", (1, b" ", 0, None)),
    "header and one record": (b"1 2\nthe 0.1 0.2", (2, b" ", 4, 1)),
    "header and blank lines": (b"1 2\n\r\n\nthe 0.1 0.2\n", (2, b" ", 4, 1)),
    "blank lines first": (b"\n\nthe 1 2\nof 3 4\n", (2, b" ", 0, None)),
    "trailing spaces": (b"the 1 2  \nof 3 4 \t\n", (2, b" ", 0, None)),
    # A header is two integers above records of another width.
    "numeric keys, one value": (b"12 5.5\n13 6.5\n14 7.5\n", (1, b" ", 0, None)),
    "numeric keys, two values": (b"12 5 1\n13 6 2\n", (2, b" ", 0, None)),
    "numeric first key": (b"7 2 3\nthe 4 5\n", (2, b" ", 0, None)),
    "a decimal is no header": (b"2 3.0\nthe 1\n", (1, b" ", 0, None)),
    "a sign is no header": (b"+2 3.5\nthe 1.5\n", (1, b" ", 0, None)),
    # Keys that hold the separator, first of all or among others.
    "spaces in the first key": (b". . . 1 2\nthe 3 4\nof 5 6\n", (2, b" ", 0, None)),
    "spaces below a header": (b"2 2\n. . . 1 2\nthe 3 4\n", (2, b" ", 4, 2)),
    "numbers in a key": (b"in 2007 1 2\nthe 3 4\nof 5 6\n", (2, b" ", 0, None)),
    "white space that separates nothing": (
        "a\u00a0b 1 2\n\u3000 3 4\n\x85 5 6\n\u2028 7 8\n\x1c 9 1\nx\ry 2 3\n".encode(),
        (2, b" ", 0, None),
    ),
    "a short first record": (b"cut 1\nthe 1 2\nof 3 4\n", (2, b" ", 0, None)),
    "a word for a value": (b"the 1 2\nodd 1 x\nof 3 4\nto 5 6\n", (2, b" ", 0, None)),
    "values that are not finite": (b"the nan -inf\nof 3 4\n", (2, b" ", 0, None)),
    "exponents": (b"the 1e-05 -2.5E+3 .5 5.\n", (4, b" ", 0, None)),
    "an invalid key": (b"\xff\xfe\xfd 1 2\nthe 3 4\n"[1:], (2, b" ", 0, None)),
}


@pytest.mark.parametrize("kind", SHOWN)
def test_what_a_file_shows(kind: str) -> None:
    data, (dim, separator, start, declared) = SHOWN[kind]
    layout = found(data)
    lines_before = 0 if declared is None else 1
    assert layout == TextLayout(dim, separator, start, lines_before, declared)


def test_a_header_with_one_value_a_record_needs_the_style() -> None:
    data = b"2 1\nthe 0.5\nof 0.25\n"
    assert found(data).declared_records is None  # "2" may be a key as well
    assert found(data, "glove") == TextLayout(1, b" ", 0, 0, None)
    assert found(data, "word2vec") == TextLayout(1, b" ", 4, 1, 2)


def test_the_glove_style_takes_a_header_for_a_record() -> None:
    assert found(b"2 3\nthe 1 2 3\nof 4 5 6\n", "glove") == TextLayout(3, b" ", 0, 0, None)


def test_the_tsv_style_needs_tabs() -> None:
    assert found(b"a b\t1\t2\n", "tsv").separator == b"\t"
    with pytest.raises(InputError, match="no tab"):
        found(b"the 1 2\n", "tsv")


def test_records_of_65536_values() -> None:
    record = b"the" + b" 0.125" * 65_536
    assert found(b"2 65536\n" + record + b"\n" + record).dim == 65_536
    assert found(record).dim == 65_536


def test_a_line_that_the_sample_cuts_is_not_looked_at() -> None:
    assert found(b"the 1 2\nof 3 4\ncut 5", complete=False).dim == 2
    assert found(b"2 2\nthe 1 2\nof 3", complete=False).dim == 2


def test_a_few_broken_records_do_not_outvote_the_others() -> None:
    broken = b"".join(b"b%d 1 2\n" % i for i in range(3))
    assert found(broken + b"the 1 2 3\n" * 4).dim == 3


@pytest.mark.parametrize(
    ("data", "style", "line", "reason"),
    [
        (b"", "text", None, "the file is empty"),
        (b"\n\r\n \t\n", "text", None, "the file is empty"),
        (b"\xef\xbb\xbf", "text", None, "the file is empty"),
        (
            b"2 5\nthe 1 2 3\nof 4 5 6\n",
            "text",
            1,
            "promises 5 values a record, the records have 3",
        ),
        (
            b"2 2\nthe 1 2 3\nof 4 5 6\n",
            "text",
            1,
            "promises 2 values a record, the records have 3",
        ),
        (b"2 2\nthe x y\n", "text", 1, "'the x y' does not end in a number"),
        (b"0 0\nthe 1 2\n", "text", 1, "vectors of 0 values"),
        (b"99999999999 300\nthe 1 2\n", "text", 1, "promises 300 values"),
        (b"400000 300\n", "text", 1, "promises 400000 records, and there is none"),
        (b"400000 300", "text", 1, "promises 400000 records, and there is none"),
        (b"3 -1\nthe 1 2\n", "word2vec", 1, "not a header"),
        (b"the 1 2\n", "word2vec", 1, "not a header"),
        (b"hello\nworld\n", "text", 1, "'hello' does not end in a number"),
        (b"a b c\nd e f\n", "text", 1, "'a b c' does not end in a number"),
        (b"the 1,5 2,5\nof 1,5 2,5\n", "text", 1, "decimal commas"),
        (b"the 1_0 0x1\n", "text", 1, "does not end in a number"),
        (b"word x y\nthe 1 2\nof 3 4\n", "text", 1, "a line of column names: 'word x y'"),
        (b"word\tx\ty\nthe\t1\t2\n", "text", 1, "a line of column names: 'word\\tx\\ty'"),
        (b"x" * 50 + b" y\n", "text", 1, "x" * 40 + "…"),
    ],
)
def test_what_cannot_be_laid_out(data: bytes, style: str, line: int | None, reason: str) -> None:
    with pytest.raises(InputError, match=re.escape(reason)) as caught:
        found(data, style)
    assert (caught.value.path, caught.value.line) == ("vectors", line)
    assert caught.value.remedy


@pytest.mark.parametrize("data", [b"the 1 2\n", b"1 2\nthe 1 2\n"])
def test_another_dimension_than_the_user_expects(data: bytes) -> None:
    assert detect(data, True, "vectors", dim=2).dim == 2
    with pytest.raises(InputError, match="have 2 values, and --dim asks for 3") as caught:
        detect(data, True, "vectors", dim=3)
    assert caught.value.path == "vectors"


def test_an_unknown_style_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no vector format 'parquet'") as caught:
        found(b"the 1 2\n", "parquet")
    assert all(style in caught.value.remedy for style in STYLES)


def test_a_file_cut_off_in_its_first_record_is_not_one_of_dimension_one() -> None:
    with pytest.raises(InputError) as caught:
        detect(b"3 2\nthe 0.5", True, "v.txt")
    assert "promises 2 values a record, the records have 1" in caught.value.reason


def test_an_endless_number_is_no_endless_search() -> None:
    with pytest.raises(InputError, match="does not end in a number"):
        found(b"the " + b"1" * 1_000_000 + b"x\n")
    assert found(b"the 1" + b"0" * 1_000_000 + b" 2\n").dim == 2


def test_a_damaged_first_record_is_not_a_line_of_names() -> None:
    assert detect(b"odd 1 x\nthe 0.5 1\na 2 3\n", True, "v.txt").dim == 2
