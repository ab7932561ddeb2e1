"""The compiled core against its plain-Python twin, and both against NumPy's parser."""

from __future__ import annotations

import importlib
import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, localcontext
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from embedprep import core as seam
from embedprep.core import Core
from embedprep.core import reference as _reference

REFERENCE = cast("Core", _reference)
NONE = -1


@pytest.fixture(autouse=True)
def implementation() -> None:
    """Instead of one run per implementation: these tests load both themselves."""


@pytest.fixture(scope="module")
def native() -> Core:
    return cast("Core", pytest.importorskip("embedprep._core", reason="no compiled core"))


@pytest.fixture(params=["_core", "core.reference"], scope="module")
def core(request: pytest.FixtureRequest) -> Core:
    return cast("Core", pytest.importorskip(f"embedprep.{request.param}"))


# --- numbers ---------------------------------------------------------------------------------


def beside_midpoints() -> list[bytes]:
    """Decimals exactly between two float32, and as little beside as no double can tell."""
    bits = np.array([1, 0x3F800000, 0x3F800001, 0x3DCCCCCD, 0x7F7FFFFE, 0x00800000, 0x33D6BF95])
    low = bits.astype(np.uint32).view(np.float32)
    high = (bits + 1).astype(np.uint32).view(np.float32)
    texts = []
    with localcontext() as context:
        context.prec = 200
        for a, b in zip(low.tolist(), high.tolist(), strict=True):
            middle = (Decimal(a) + Decimal(b)) / 2
            for factor in ("0", "1e-9", "-1e-9", "1e-16", "-1e-16", "1e-25", "-1e-25"):
                number = middle * (1 + Decimal(factor))
                texts += [f"{number:f}"[:180], f"{number:e}"[:170].partition("E")[0]]
    return [text.encode() for text in texts]


FINITE = [
    *(b"0 -0 +0 0.0 -0.0 1 +1 -1 5. .5 -.5 +5. 0. .0 1e5 1E-5 1e+5 -1.5E+05 00012 007.50").split(),
    # Up to seven decimals behind one digit take one path, anything else another.
    *(b"0.1 0.12 0.123 0.1234 0.12345 0.123456 0.1234567 0.12345678 -9.9999999").split(),
    *(b"10.5 12.3456 -123.4 1234567.8 0.1234567e1 1.5e3 -2.e-3 2.E5 .25e+2").split(),
    # Limits of the exact path: 2^53, ten to the 22nd, 19 digits, 2^64.
    *(b"9007199254740991 9007199254740992 9007199254740993 9007199254740995e3 1e22 1e23").split(),
    *(b"1e-22 1e-23 9007199254740993e-22 8.5e22 123456789012345678 1234567890123456789").split(),
    *(b"12345678901234567890 18446744073709551615 18446744073709551616").split(),
    *(b"18446744073709551617 1.8446744073709551617 0.18446744073709551617 -9.99999999").split(),
    *(b"0.1234567890123456789 0.12345678901234567890 3.141592653589793238462643 2.5e-17").split(),
    # The decimal is nearer to the upper float32, its double lies between two: ties go to even.
    *(b"1.0000000596046447753906250001 1.000000178813934326171874999 16777217").split(),
    *(b"16777217.0000000001 99999999999999999999999").split(),
    # On midpoints of float32, where one more rounding, of 10^23 or of 2^53 and more, shows.
    *(b"4676592091357179e-23 2370668374643378e23 2.789795994758606102").split(),
    # Denormals of float32 and of double, and what is smaller than any of them.
    *(b"1.17549435e-38 1.1754942e-38 1e-38 1.4e-45 7.1e-46 7e-46 1e-46 4.9e-324 2.5e-324").split(),
    *(b"2.4703282292062327e-324 1e-320 1e-400 -1e-400 1e-99999999999 0e400 0e99999999999").split(),
    *(b"0.0e-99999999999 3.4028235e38 3.4028235677973361e38").split(),
    *(b"340282350000000000000000000000000000000").split(),
    b"0." + b"0" * 30 + b"1", b"0." + b"0" * 400 + b"1", b"0" * 300 + b"1.5", b"0" * 25,
    b"0." + b"0" * 400, b"0." + b"0" * 400 + b"25e401", b"1" + b"0" * 400 + b"e-400",
    b"0.1" + b"0" * 800 + b"1", b"1e0000000000000000000000000001", b"1e-0000000000000000000000002",
    *beside_midpoints(),
]  # fmt: skip

NONFINITE = [
    *(b"nan NaN -nan +NAN inf Inf -inf +INF infinity -Infinity INFINITY 1e39 -1e39 1e308").split(),
    *(b"1e309 1e400 -1e400 1e99999999999 3.4028235677973367e38 3.5e38 2e308").split(),
    b"1" + b"0" * 39, b"1" + b"0" * 400, b"9" * 309 + b".5", b"1" * 320 + b"e-1",
]  # fmt: skip

NOT_A_NUMBER = [
    *(b"1_0 _1 0x1 0x1p3 1e 1e+ 1E- e5 . -. +. + - -- +-1 -+1 1.2.3 1..2 1- 1e5.0 1e5e5").split(),
    *(b"1,5 1d5 1f 0b1 --1 1e1_0 nan1 na infinit infi infinityx in n nan(1) $1 1% x 1x x1").split(),
    *(b"1.5x 0.12345x 0.1234567x -0.1.2 0.12-3 1:23 0/2 0.1/ 0.1: 1.\xb1 0.12\xb9\xff").split(),
    *("١ 1٢ 1.٣ ½ １ ² 1\u00a0 \u00a01 1\u2003".encode().split(b" ")),
    b"", b"\t1", b"1\t", b"\r", b"1\r", b"\x0b1", b"1\x0b", b"\x1c1", b"1\x85", b"1\0", b"\0",
]  # fmt: skip

FILLER = (b"-0.25", b"7.125", b"0.0625")


def decode(
    core: Core, payloads: Sequence[bytes], dim: int, separator: bytes = b" "
) -> tuple[NDArray[np.uint32], list[int], list[int]]:
    """Bits of the rows, and the places of their faults counted from the start of the payload."""
    block = np.frombuffer(b"\n".join(payloads) + b"\n", np.uint8)
    sizes = np.array([len(payload) for payload in payloads], np.int64)
    start = np.cumsum(sizes + 1) - sizes - 1
    rows = np.zeros((len(payloads), dim), np.float32)
    bad, nonfinite = np.full((2, len(payloads)), -7, np.int64)
    core.decode_text(block, start, start + sizes, separator, rows, bad, nonfinite)

    def relative(places: NDArray[np.int64]) -> list[int]:
        return [int(place) for place in np.where(places == NONE, NONE, places - start)]

    return rows.view(np.uint32), relative(bad), relative(nonfinite)


def numpy_bits(texts: Iterable[bytes]) -> NDArray[np.uint32]:
    with np.errstate(over="ignore"):
        doubles = np.array([text.decode() for text in texts], dtype=np.float64)
        return doubles.astype(np.float32).view(np.uint32)


def padded(texts: Sequence[bytes], separator: bytes = b" ") -> list[bytes]:
    """Each text with more values behind it: near its end a row is read in another way."""
    return [separator.join((text, *FILLER)) for text in texts]


@pytest.mark.parametrize("separator", [b" ", b"\t"])
def test_finite_numbers_have_the_bits_that_numpy_gives(core: Core, separator: bytes) -> None:
    expected = numpy_bits(FINITE)
    alone, *faults = decode(core, FINITE, 1, separator)
    assert faults == [[NONE] * len(FINITE)] * 2
    assert [t for t, a, b in zip(FINITE, alone[:, 0], expected, strict=True) if a != b] == []
    rows, *faults = decode(core, padded(FINITE, separator), 4, separator)
    assert faults == [[NONE] * len(FINITE)] * 2
    assert [t for t, a, b in zip(FINITE, rows[:, 0], expected, strict=True) if a != b] == []
    assert np.array_equal(rows[:, 1:], np.tile(numpy_bits(FILLER), (len(FINITE), 1)))


def test_rounding_goes_through_double(core: Core) -> None:
    # Rounded to float32 at once this would be 1.0000001, 0x3F800001.
    rows, _, _ = decode(core, [b"1.0000000596046447753906250001"], 1)
    assert rows.tolist() == [[0x3F800000]]


def test_the_sign_of_zero_is_kept(core: Core) -> None:
    rows, _, _ = decode(core, padded([b"-0.0", b"-0", b"-1e-400", b"0.0", b"-.0e5"]), 4)
    assert rows[:, 0].tolist() == [1 << 31, 1 << 31, 1 << 31, 0, 1 << 31]


@pytest.mark.parametrize("wrap", [list, padded])
def test_what_float32_cannot_hold_is_nonfinite(core: Core, wrap: Any) -> None:
    payloads = wrap(NONFINITE)
    dim = payloads[0].count(b" ") + 1
    _, bad, nonfinite = decode(core, payloads, dim)
    assert bad == [NONE] * len(payloads)
    assert nonfinite == [0] * len(payloads)
    assert not np.isfinite(numpy_bits(NONFINITE).view(np.float32)).any()


@pytest.mark.parametrize("separator", [b" ", b"\t"])
def test_anything_else_is_not_a_number(core: Core, separator: bytes) -> None:
    texts = [text for text in NOT_A_NUMBER if separator not in text]
    for dim, payloads in ((1, texts), (4, padded(texts, separator))):
        _, bad, nonfinite = decode(core, payloads, dim, separator)
        accepted = [t for t, place in zip(texts, bad, strict=True) if place != 0]
        assert accepted == []
        assert nonfinite == [NONE] * len(texts)


@pytest.mark.parametrize(
    ("payload", "bad", "nonfinite"),
    [
        (b"1 2 3", NONE, NONE),
        (b"1.5 2.5 3.5", NONE, NONE),
        (b"1 x 3", 2, NONE),
        (b"1 2 x", 4, NONE),
        (b"1.123456 2.1234567 x", 19, NONE),
        (b"x y z", 0, NONE),
        (b"1 2 nan", NONE, 4),
        (b"1 1e39 nan", NONE, 2),
        (b"inf 2 3", NONE, 0),
        # The first field that is no number counts before one that is not finite.
        (b"nan 2 x", 6, NONE),
        (b"1 2", 3, NONE),
        (b"1 2 ", 4, NONE),
        (b"", 0, NONE),
        (b"1", 1, NONE),
        (b"1  3", 2, NONE),
        (b" 1 2 3", 0, NONE),
        (b"1 2 3 4", 6, NONE),
        (b"1 2 3 ", 6, NONE),
        (b"1 2 3 x", 6, NONE),
        (b"1 nan 3 4", 8, NONE),
        (b"1\t2 2 3", 0, NONE),
    ],
)
def test_the_first_fault_of_a_row_has_a_place(
    core: Core, payload: bytes, bad: int, nonfinite: int
) -> None:
    _, *places = decode(core, [payload], 3)
    assert places == [[bad], [nonfinite]]


def assert_same_rows(native: Core, payloads: Sequence[bytes], dim: int, separator: bytes) -> None:
    rows, *faults = decode(native, payloads, dim, separator)
    expected, *expected_faults = decode(REFERENCE, payloads, dim, separator)
    assert faults == expected_faults
    good = [bad == nonfinite == NONE for bad, nonfinite in zip(*faults, strict=True)]
    assert np.array_equal(rows[good], expected[good])


@pytest.mark.parametrize("alphabet", [b"019.e-+", b"05.E_x", b"naif.1", b"1.\x00\xb0\xff:/"])
def test_every_short_field(native: Core, alphabet: bytes) -> None:
    texts = [bytes(text) for n in range(6) for text in itertools.product(alphabet, repeat=n)]
    assert_same_rows(native, texts, 1, b" ")
    assert_same_rows(native, [text + b" 0.12345678" for text in texts], 2, b" ")


def test_random_numbers_as_writers_write_them(core: Core) -> None:
    rng = np.random.default_rng(20)
    values = rng.standard_normal(2000) * 10.0 ** rng.integers(-12, 12, 2000)
    formats = ["%.5g", "%.6f", "%.9g", "%.17g", "%.18e", "%.25f", "%+.3e"]
    texts = [(formats[i % len(formats)] % x).encode() for i, x in enumerate(values.tolist())]
    rows, *_ = decode(core, padded(texts), 4)
    assert np.array_equal(rows[:, 0], numpy_bits(texts))


digits = st.text("0123456789", max_size=25)
exponents = st.builds(
    "{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 420)
)
numbers = st.one_of(
    st.builds(
        "{}{}{}{}".format,
        st.sampled_from(["", "-", "+"]),
        st.builds("{}.{}".format, digits, digits) | digits,
        st.just("") | exponents,
        st.sampled_from(["", "", "", "x", " "]),
    ),
    st.floats().map(repr),
    st.floats(width=32).map(repr),
    st.decimals().map(str),
).map(lambda text: text.strip(" ").encode())


@given(st.lists(numbers, min_size=1, max_size=30))
def test_generated_numbers(native: Core, texts: list[bytes]) -> None:
    assert_same_rows(native, texts, 1, b" ")
    assert_same_rows(native, padded(texts, b"\t"), 4, b"\t")
    assert_same_rows(native, [b" ".join(texts)], len(texts), b" ")


# --- blocks ----------------------------------------------------------------------------------


def scanned(core: Core, block: bytes, keys: list[bytes], dim: int, separator: bytes) -> Any:
    """Everything that a scan reports, and the rows it leads to, as plain values."""
    array = np.frombuffer(block, np.uint8)
    scan = core.scan_text(array, core.Keys(keys), dim, separator)
    arrays = (scan.key, scan.line, scan.start, scan.end, scan.malformed)
    assert {a.dtype for a in arrays} == {np.dtype(np.int64)}
    rows = np.zeros((len(scan.key), dim), np.float32)
    bad, nonfinite = np.zeros((2, len(rows)), np.int64)
    core.decode_text(array, scan.start, scan.end, separator, rows, bad, nonfinite)
    rows[(bad != NONE) | (nonfinite != NONE)] = 0
    found = [a.tolist() for a in (*arrays, rows.view(np.uint32), bad, nonfinite)]
    return [scan.lines, scan.records, scan.spaced, *found]


def test_a_block_by_hand(core: Core) -> None:
    block = b"the 1 2\n\r\n. . . 3 4\r\n. 5 6 \nthe 7\ncat 8 9\nx y 1 z\nthe 0.5 x"
    keys = [b".", b"the", b". . .", b"dog", b"x y"]
    lines, records, spaced, key, line, start, end, malformed, _, bad, nonfinite = scanned(
        core, block, keys, 2, b" "
    )
    assert (lines, records, spaced) == (8, 7, 1)
    assert key == [1, 2, 0, 1]
    assert line == [0, 2, 3, 7]
    payloads = [block[a:b] for a, b in zip(start, end, strict=True)]
    assert payloads == [b"1 2", b"3 4", b"5 6", b"0.5 x"]
    assert malformed == [block.index(b"the 7"), block.index(b"x y")]
    assert bad == [NONE, NONE, NONE, block.rindex(b"x")]
    assert nonfinite == [NONE] * 4


KEYS = [
    b"the", b"th", b"the ", b".", b". .", b". . .", b"", b" ", b"1", b"1 2", b"-0.5", b"\xff\xfe",
    *(k.encode() for k in ["a\u00a0b", "\u00a0", "\x85", "\u2028", "\u3000", "\x1c", "\x1fx"]),
    b"a\rb", b"\r", b"a\tb", b"\t", b"nan", b"a" * 40, b"a" * 41,
]  # fmt: skip

values = st.sampled_from(FINITE[:40] + NONFINITE[:4] + [b"", b"x", b"1_0"]) | numbers
endings = st.sampled_from(
    [b"\n", b"\x0b\n", b"\x0c\x1c\n", b"\r\n", b" \n", b"\t \r\n", b"\n\n", b"\r\n \n", b""]
)


@st.composite
def lines(draw: st.DrawFn, separator: bytes) -> bytes:
    key = draw(st.sampled_from(KEYS) | st.binary(max_size=12))
    fields = draw(st.lists(values, max_size=5))
    return separator.join([key, *fields]) + draw(endings)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[bytes, bytes]:
    separator = draw(st.sampled_from([b" ", b"\t"]))
    parts = st.lists(lines(separator) | st.binary(max_size=30), max_size=8)
    return b"".join(draw(parts)), separator


@given(blocks(), st.integers(1, 4))
@example((b". . . 1 2\n. 3 4\n", b" "), 2)
@example((b"the 1\x0b\nthe 1\x0c \n1\x1c\n", b" "), 1)
@example((b"the 1\r\r\n\n \t\r\nthe 2", b" "), 1)
@example((b"the" + b" 0" * 700 + b"\n", b" "), 300)
def test_generated_blocks(native: Core, block: tuple[bytes, bytes], dim: int) -> None:
    content, separator = block
    assert scanned(native, content, KEYS, dim, separator) == scanned(
        REFERENCE, content, KEYS, dim, separator
    )


@pytest.mark.parametrize("dim", [1, 239, 240, 241, 255, 256, 257, 600, 65_536])
def test_wide_records(native: Core, dim: int) -> None:
    one = b" 0" * dim
    block = b"a" + one + b"\nb" + one[2:] + b"\na b" + one + b"\nc" + one + b" 0\n"
    keys = [b"a", b"a b", b"c 0", b"c"]
    found = scanned(native, block, keys, dim, b" ")
    assert found == scanned(REFERENCE, block, keys, dim, b" ")
    assert found[:4] == [4, 4, 2, [0, 1, 2]]


def test_lines_of_every_length_at_every_place(native: Core) -> None:
    lines = [b"the" + b" 1" * dim + b" " * (dim % 3) + b"\n" for dim in range(1, 100)]
    for shift in range(64):
        block = b"y" * shift + b"\n" + b"".join(lines) + b"of" + b" 1" * shift
        for dim in (3, 30, 90):
            expected = scanned(REFERENCE, block, [b"the", b"of"], dim, b" ")
            assert scanned(native, block, [b"the", b"of"], dim, b" ") == expected


@given(blocks(), st.integers(1, 4))
@example((b"the 1\nthe 2\n\n. . 3\nof\n", b" "), 1)
def test_without_keys_every_record_is_found(
    native: Core, block: tuple[bytes, bytes], dim: int
) -> None:
    content, separator = block
    array = np.frombuffer(content, np.uint8)
    scan = native.scan_text(array, None, dim, separator)
    expected = REFERENCE.scan_text(array, None, dim, separator)
    assert in_full(scan) == in_full(expected)
    assert scan.key.tolist() == list(range(scan.records - len(scan.malformed)))
    # The keys that stand there are those that a table of all of them finds.
    names = [content[first:end] for first, end in zip(scan.first, scan.start - 1, strict=True)]
    distinct = sorted(set(names))
    again = native.scan_text(array, native.Keys(distinct), dim, separator)
    assert [distinct[number] for number in again.key] == names
    assert in_full(again)[6:] == in_full(scan)[6:]


# --- binary word2vec -------------------------------------------------------------------------


def in_full(scan: Any) -> list[Any]:
    arrays = (scan.key, scan.line, scan.first, scan.start, scan.end, scan.malformed)
    assert {a.dtype for a in arrays} == {np.dtype(np.int64)}
    counts = [scan.lines, scan.records, scan.spaced, scan.consumed]
    return [*counts, scan.key.tolist(), scan.line.tolist(), *(a.tolist() for a in arrays[2:])]


def same_scan(native: Core, name: str, block: bytes, keys: list[bytes] | None, last: int) -> Any:
    """The scan of both cores, which must be one."""
    results = []
    for core in (native, REFERENCE):
        wanted = None if keys is None else core.Keys(keys)
        results.append(getattr(core, name)(np.frombuffer(block, np.uint8), wanted, last))
    assert in_full(results[0]) == in_full(results[1])
    return results[1]


WRITTEN: dict[str, Callable[[bytes], bytes]] = {
    "scan_text": lambda key: key + b" 1 2\n",
    "scan_word2vec": lambda key: key + b" AAAABBBB\n",
    "scan_fasttext": lambda key: key + bytes(10),
}
"""A record of this key, as each scan reads it."""


@pytest.mark.parametrize(
    ("names", "capitals"),
    [
        ([b"Cat", b"the", b"dog"], True),
        ([b"the", b"doG"], True),
        (["Ä".encode(), b"the", b"3-[{@"], False),
    ],
)
@pytest.mark.parametrize("scan", WRITTEN)
def test_all_keys_are_told_wanted_or_not(
    scan: str, names: list[bytes], capitals: bool, core: Core
) -> None:
    block = np.frombuffer(b"".join(map(WRITTEN[scan], names)), np.uint8)
    last = {"scan_text": (2, b" "), "scan_word2vec": (2,), "scan_fasttext": (len(names),)}[scan]
    of_some = getattr(core, scan)(block, core.Keys([b"the", b"x"]), *last)
    assert of_some.capitals is capitals
    assert of_some.hashes.tolist() == core.hash_keys(names).tolist()
    of_all = getattr(core, scan)(block, None, *last)
    assert (of_all.capitals, of_all.hashes.tolist()) == (False, [])


MARKED: dict[str, int | None] = {
    **dict.fromkeys(("Ġthe", "Ġ▁", "ĠĠ", "Ġ##"), 0),
    **dict.fromkeys(("▁the", "▁▁", "▁the▁", "▁the</w>"), 1),
    **dict.fromkeys(("##ing", "###", "##▁"), 3),
    **dict.fromkeys(("the</w>", "<</w>", "#</w>"), 4),
    **dict.fromkeys(("the▁", "Ä▁", "â▁"), 5),
    # A mark alone, a part of one, and one in the middle.
    **dict.fromkeys(("Ġ", "▁", "##", "</w>", "a", "#", "", "Ģa", "▂a", "a##", "aĠ", "a▁b"), None),
    **dict.fromkeys(("#a", "#▂", "a>", "</w", "w>", "a/w>", "aâ", "äx", "▀a", "ġa"), None),
}
"""Keys and the number of their mark."""


def test_which_mark_a_key_has(core: Core) -> None:
    for scan, written in WRITTEN.items():
        for key, mark in MARKED.items():
            block = np.frombuffer(written(key.encode()), np.uint8)
            last = {"scan_text": (2, b" "), "scan_word2vec": (2,), "scan_fasttext": (1,)}[scan]
            counted = getattr(core, scan)(block, core.Keys([]), *last).marks
            assert np.flatnonzero(counted).tolist() == ([] if mark is None else [mark]), key
            assert not getattr(core, scan)(block, None, *last).marks.any()


def test_the_space_that_begins_a_key_is_a_mark_where_a_tab_ends_it(core: Core) -> None:
    block = np.frombuffer(b" the\t1\n the\t2\na b\t3\n", np.uint8)
    assert core.scan_text(block, core.Keys([]), 1, b"\t").marks.tolist() == [0, 0, 2, 0, 0, 0]


def test_binary_records_by_hand(core: Core) -> None:
    block = b"\nthe AAAABBBB\n\nof \n\n\n\n    a CCCC"
    scan = core.scan_word2vec(np.frombuffer(block, np.uint8), core.Keys([b"of", b"x"]), 2)
    of = block.index(b"of")
    # The newline that a key ends with, or a value holds, is none behind a record.
    assert in_full(scan) == [
        2,
        2,
        0,
        block.index(b"a CCCC"),
        [0],
        [1],
        [of],
        [of + 3],
        [of + 11],
        [],
    ]
    rows, nonfinite = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    core.copy_rows(np.frombuffer(block, np.uint8), scan.start, rows, nonfinite)
    assert rows.tobytes() == np.array([0x0A0A0A0A, 0x20202020], "<u4").view("<f4").tobytes()
    assert nonfinite.tolist() == [NONE]


odd_keys = st.sampled_from([b"the", b"", b"\xff\x80", b"a\nb", b"\0", b"</s>", b"12", b"\t", b"\r"])
binary_keys = odd_keys | st.binary(max_size=6)


@st.composite
def binary_blocks(draw: st.DrawFn) -> tuple[bytes, int]:
    dim = draw(st.integers(1, 5))
    payload = st.binary(min_size=4 * dim, max_size=4 * dim)
    records = st.tuples(binary_keys, payload, st.sampled_from([b"", b"", b"\n", b"\n\n"]))
    written = draw(st.lists(records, max_size=6))
    return b"".join(key + b" " + values + end for key, values, end in written), dim


@given(binary_blocks(), st.lists(binary_keys, unique=True, max_size=8) | st.none())
def test_generated_binary_blocks(
    native: Core, block: tuple[bytes, int], keys: list[bytes] | None
) -> None:
    content, dim = block
    for cut in range(len(content) + 1):
        same_scan(native, "scan_word2vec", content[:cut], keys, dim)
    whole = same_scan(native, "scan_word2vec", content, None, dim)
    # A record that two blocks share is read from where the first of them was left.
    for cut in range(len(content)):
        first = native.scan_word2vec(np.frombuffer(content[:cut], np.uint8), None, dim)
        second = native.scan_word2vec(np.frombuffer(content[first.consumed :], np.uint8), None, dim)
        assert first.records + second.records == whole.records
        starts = [*first.start.tolist(), *(second.start + first.consumed).tolist()]
        assert starts == whole.start.tolist()
    assert copied(native, content, whole.start, dim) == copied(REFERENCE, content, whole.start, dim)


def copied(core: Core, block: bytes, start: NDArray[np.int64], dim: int) -> Any:
    rows = np.zeros((len(start), dim), np.float32)
    nonfinite = np.full(len(start), -7, np.int64)
    core.copy_rows(np.frombuffer(block, np.uint8), start, rows, nonfinite)
    return rows.tobytes(), nonfinite.tolist()


@given(
    st.lists(
        st.floats(width=32) | st.sampled_from([np.nan, -np.inf, np.inf, -0.0, 1e-45]),
        min_size=5,
        max_size=40,
    ),
    st.integers(0, 3),
)
def test_copied_values_have_the_bits_of_the_file(
    core: Core, values: list[float], shift: int
) -> None:
    expected = np.array(values[: len(values) // 5 * 5], "<f4").reshape(-1, 5)
    block = b"x" * shift + expected.tobytes()
    start = shift + 20 * np.arange(len(expected), dtype=np.int64)[::-1]
    bits, nonfinite = copied(core, block, start, 5)
    assert bits == expected[::-1].tobytes()
    for row, begin, place in zip(expected[::-1], start.tolist(), nonfinite, strict=True):
        faults = np.flatnonzero(~np.isfinite(row))
        assert place == (begin + 4 * int(faults[0]) if len(faults) else NONE)


@pytest.mark.parametrize(("scan", "last"), [("scan_word2vec", 1), ("scan_fasttext", 9)])
@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 70_000])
def test_a_key_has_at_most_64_kib(native: Core, scan: str, last: int, size: int) -> None:
    end = b" abcd" if scan == "scan_word2vec" else b"\0" + bytes(9)
    block = b"a" + end + b"k" * size + end + b"b" + end
    found = same_scan(native, scan, block, None, last)
    allowed = size <= 65_536
    assert found.records == (3 if allowed else 1)
    assert found.consumed == (len(block) if allowed else 1 + len(end))


# --- fastText --------------------------------------------------------------------------------


def entry(key: bytes, kind: int = 0, count: int = 7) -> bytes:
    return key + b"\0" + count.to_bytes(8, "little", signed=True) + bytes([kind])


def test_a_dictionary_by_hand(core: Core) -> None:
    block = entry(b"the") + entry(b"__label__x", 1) + entry(b"of", 2) + entry(b"") + entry(b"to")
    array, wanted = np.frombuffer(block, np.uint8), core.Keys([b"to", b"", b"__label__x", b"of"])
    scan = core.scan_fasttext(array, wanted, 4)
    first = block.index(b"of") + 12
    assert in_full(scan) == [4, 3, 0, first + 10, [1], [3], [first], [first + 1], [first + 1], [33]]
    scan = core.scan_fasttext(array, None, 99)
    assert scan.key.tolist() == [0, 1, 2]
    assert scan.line.tolist() == [0, 3, 4]
    assert core.scan_fasttext(array, None, 0).consumed == 0


fasttext_keys = odd_keys.filter(lambda key: b"\0" not in key) | st.binary(max_size=6).map(
    lambda key: key.replace(b"\0", b"")
)
entries = st.builds(
    entry,
    fasttext_keys,
    st.sampled_from([0, 0, 0, 1, 2, 127, 128, 255]),
    st.integers(-(2**63), 2**63 - 1),
)


@given(
    st.lists(entries, max_size=6).map(b"".join) | st.binary(max_size=60),
    st.lists(fasttext_keys, unique=True, max_size=8) | st.none(),
    st.integers(-1, 8),
)
def test_generated_dictionaries(
    native: Core, block: bytes, keys: list[bytes] | None, limit: int
) -> None:
    for cut in range(len(block) + 1):
        scan = same_scan(native, "scan_fasttext", block[:cut], keys, limit)
        assert scan.lines <= max(limit, 0)
        assert scan.consumed <= cut


def buckets(core: Core, words: list[bytes], minn: int, maxn: int, bucket: int) -> list[list[int]]:
    first, rows = core.ngrams(words, minn, maxn, bucket)
    assert (first.dtype, rows.dtype) == (np.dtype(np.int64), np.dtype(np.int64))
    assert first[-1] == len(rows)
    return [rows[a:b].tolist() for a, b in itertools.pairwise(first.tolist())]


def fnv1a(data: bytes) -> int:
    """As the paper has it; equal to fastText's for ASCII."""
    value = 0x811C9DC5
    for byte in data:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def test_ngrams_by_hand(core: Core) -> None:
    hashed = [fnv1a(gram) for gram in (b"<a", b"<ab", b"a", b"ab", b"ab>", b"b", b"b>")]
    assert buckets(core, [b"ab"], 1, 3, 2**31) == [[h % 2**31 for h in hashed]]
    # Published vectors of FNV-1a, 32 bits.
    assert (fnv1a(b"a"), fnv1a(b"foobar")) == (0xE40C292C, 0xBF9CF968)
    # "é" is one character of two bytes, 0xC3 0xA9, which count as -61 and -87.
    first = (0x811C9DC5 ^ 0xFFFFFFC3) * 0x01000193 & 0xFFFFFFFF
    both = (first ^ 0xFFFFFFA9) * 0x01000193 & 0xFFFFFFFF
    assert buckets(core, ["é".encode(), b"", b"a"], 1, 1, 2**31) == [
        [both % 2**31],
        [],
        [0xE40C292C % 2**31],
    ]


characters = st.text("ab<>éß中\U0001f600", max_size=8).map(str.encode)


@given(
    st.lists(characters | st.binary(max_size=12) | odd_keys, max_size=6),
    st.integers(-1, 5),
    st.integers(-1, 8) | st.sampled_from([2**31 - 1, 2**62]),
    st.sampled_from([1, 2, 3, 100, 2_000_000, 2**31, 2**32 - 1]),
)
@example([b"\x80\x80", b"a\x80\x80\x80", b"\xc3", b"\xff>"], 1, 3, 2**31)
def test_generated_ngrams(
    native: Core, words: list[bytes], minn: int, maxn: int, bucket: int
) -> None:
    found = buckets(native, words, minn, maxn, bucket)
    assert found == buckets(REFERENCE, words, minn, maxn, bucket)
    if maxn < minn or maxn < 1:
        assert not any(found)
    for word, rows in zip(words, found, strict=True):
        try:
            length = len(word.decode()) + 2
        except UnicodeDecodeError:
            continue
        sizes = range(max(minn, 1), min(maxn, length) + 1)
        assert len(rows) == sum(length - n + 1 - 2 * (n == 1) for n in sizes)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=30),
    st.integers(1, 4),
    st.integers(0, 2**32 - 1),
)
def test_rows_are_added_one_after_the_other(
    native: Core, terms: list[tuple[int, int]], dim: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    # Of such different sizes that another order would show.
    rows = (rng.normal(size=(5, dim)) * 10.0 ** rng.integers(-20, 20, (5, dim))).astype(np.float32)
    source, target = np.array(terms, np.int64).reshape(-1, 2).T.copy()
    expected = np.ones((3, dim))
    for s, t in terms:
        expected[t] += rows[s].astype(np.float64)
    for core in (native, REFERENCE):
        sums = np.ones((3, dim))
        core.add_rows(rows, source, target, sums)
        assert sums.tobytes() == expected.tobytes()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=10),
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(0, 2),
)
def test_rows_are_placed_one_after_the_other(
    native: Core, pairs: list[tuple[int, int]], dim: int, before: int, behind: int
) -> None:
    rows = np.arange(5 * dim, dtype=np.float32).reshape(5, dim)
    source, target = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    expected = np.full((3, before + dim + behind), -1, np.float32)
    for s, t in pairs:
        expected[t, before : before + dim] = rows[s]
    for core in (native, REFERENCE):
        whole = np.full_like(expected, -1)
        core.place_rows(rows, source, target, whole[:, before : before + dim])
        assert whole.tobytes() == expected.tobytes()


# --- keys ------------------------------------------------------------------------------------


HASHES = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(HASHES, max_size=20), st.lists(HASHES, max_size=20), st.data())
def test_hashes_are_found_where_they_are(
    native: Core, wanted: list[int], others: list[int], data: st.DataObject
) -> None:
    # Those that are not wanted are often like one that is, in their lower half or in their upper.
    others += [hash ^ data.draw(st.sampled_from([1, 1 << 40, -(2**63)])) for hash in wanted]
    hashes = data.draw(st.permutations([*wanted, *wanted, *others]))
    expected = [place for place, hash in enumerate(hashes) if hash in wanted]
    for core in (native, REFERENCE):
        assert core.find_hashes(ints(*hashes), ints(*wanted)).tolist() == expected


def test_many_hashes_are_found_among_more(core: Core) -> None:
    hashes = core.hash_keys([b"%d" % number for number in range(30_000)])
    for step in (1, 3, 1_000):
        assert core.find_hashes(hashes, hashes[::-step].copy()).tolist() == list(
            range(29_999 % step, 30_000, step)
        )


def test_many_keys(core: Core) -> None:
    # Words that share beginnings, of all lengths around the eight bytes hashed at a time.
    keys = [b"%d" % i + b"abcdefghijklmnopqrstuvwxyz"[: i % 27] for i in range(50_000)]
    wanted = core.Keys(keys)
    assert len(wanted) == 50_000
    block = b"".join(key + b" 1\n" for key in keys[::-1])
    scan = core.scan_text(np.frombuffer(block, np.uint8), wanted, 1, b" ")
    assert scan.key.tolist() == list(range(50_000))[::-1]
    others = b"".join(key + b"- 1\n" for key in keys)
    scan = core.scan_text(np.frombuffer(others, np.uint8), wanted, 1, b" ")
    assert (scan.records, len(scan.key)) == (50_000, 0)


def test_keys_that_differ_in_length_or_in_a_zero_byte(core: Core) -> None:
    keys = [b"a" * n for n in range(30)] + [b"\0" * n for n in range(1, 30)]
    block = b"".join(key + b" 1\n" for key in keys)
    scan = core.scan_text(np.frombuffer(block, np.uint8), core.Keys(keys), 1, b" ")
    assert scan.key.tolist() == list(range(len(keys)))


def test_no_keys_and_no_bytes(core: Core) -> None:
    assert scanned(core, b"the 1\n", [], 1, b" ")[:4] == [1, 1, 0, []]
    assert scanned(core, b"", [b"the"], 1, b" ")[:4] == [0, 0, 0, []]


@pytest.mark.parametrize("keys", [[b"a", b"a"], [b"", b"x", b""], [b"a" * 20, b"b", b"a" * 20]])
def test_a_key_given_twice_is_an_error(core: Core, keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="twice"):
        core.Keys(keys)


# --- the seam --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["", "0", None])
def test_the_compiled_core_is_the_default(
    value: str | None, native: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EMBEDPREP_PURE", raising=False)
    if value is not None:
        monkeypatch.setenv("EMBEDPREP_PURE", value)
    assert seam.implementation() == "native"
    assert seam.load() is native


@pytest.mark.parametrize("value", ["1", "yes"])
def test_the_variable_forces_the_reference(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDPREP_PURE", value)
    assert seam.implementation() == "reference"
    assert seam.load() is REFERENCE


def test_without_a_compiled_core_the_reference_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        if name == "embedprep._core":
            raise ImportError(name)
        return original(name)

    original = importlib.import_module
    monkeypatch.setenv("EMBEDPREP_PURE", "0")
    monkeypatch.setattr(importlib, "import_module", absent)
    assert seam.implementation() == "reference"
    assert seam.load() is REFERENCE


@pytest.mark.parametrize(
    ("start", "end", "rows", "error"),
    [
        ([-1], [3], 1, IndexError),
        ([0], [4], 1, IndexError),
        ([2], [1], 1, IndexError),
        ([0, 0], [1, 1], 1, ValueError),
        ([0], [1], 2, ValueError),
    ],
)
def test_the_compiled_core_never_reads_outside_its_block(
    native: Core, start: list[int], end: list[int], rows: int, error: type[Exception]
) -> None:
    matrix = np.zeros((rows, 1), np.float32)
    first, last = (np.array(place, np.int64) for place in (start, end))
    bad, nonfinite = np.zeros((2, rows), np.int64)
    block = np.frombuffer(b"1 2", np.uint8)
    with pytest.raises(error):
        native.decode_text(block, first, last, b" ", matrix, bad, nonfinite)


@pytest.mark.parametrize(("dim", "separator"), [(0, b" "), (1, b""), (1, b"  ")])
def test_senseless_arguments_are_refused(native: Core, dim: int, separator: bytes) -> None:
    with pytest.raises(ValueError, match=r"dim|separator"):
        native.scan_text(np.frombuffer(b"a 1", np.uint8), native.Keys([b"a"]), dim, separator)


BLOCK = np.frombuffer(b"a 12345678", np.uint8)


def ints(*numbers: int) -> NDArray[np.int64]:
    return np.array(numbers, np.int64)


@pytest.mark.parametrize("start", [-1, -(2**63), 3, 7, 10, 11, 2**62, 2**63 - 1])
def test_the_compiled_core_copies_nothing_from_outside_its_block(native: Core, start: int) -> None:
    rows, nonfinite = np.zeros((1, 2), np.float32), np.zeros(1, np.int64)
    native.copy_rows(BLOCK, ints(2), rows, nonfinite)  # the last place that is inside
    assert rows.tobytes() == b"12345678"
    with pytest.raises(IndexError, match="outside"):
        native.copy_rows(BLOCK, ints(start), rows, nonfinite)
    with pytest.raises(IndexError, match="outside"):
        native.copy_rows(BLOCK[:0], ints(0), rows, nonfinite)


@pytest.mark.parametrize(("function", "dtype"), [("place_rows", "f4"), ("add_rows", "f8")])
@pytest.mark.parametrize("number", [-1, -(2**63), 3, 2**62, 2**63 - 1])
def test_the_compiled_core_writes_nothing_outside_its_arrays(
    native: Core, number: int, function: str, dtype: str
) -> None:
    rows, written, write = np.ones((3, 2), "f4"), np.zeros((3, 2), dtype), getattr(native, function)
    write(rows, ints(2), ints(2), written)
    for source, target in ((number, 0), (0, number)):
        with pytest.raises(IndexError, match="outside"):
            write(rows, ints(0, source), ints(0, target), written)
    assert written.tolist() == [[0, 0], [0, 0], [1, 1]]  # nothing was written before it was seen


def test_arrays_that_do_not_fit_each_other_are_refused(native: Core) -> None:
    rows, nonfinite, sums = np.zeros((1, 2), np.float32), ints(0), np.zeros((1, 2))
    for wrong in (
        lambda: native.copy_rows(BLOCK, ints(0, 0), rows, nonfinite),
        lambda: native.copy_rows(BLOCK, ints(0), rows, ints(0, 0)),
        lambda: native.add_rows(rows, ints(0), ints(0, 0), sums),
        lambda: native.add_rows(rows, ints(0), ints(0), np.zeros((1, 3))),
        lambda: native.place_rows(rows, ints(0), ints(0, 0), rows),
        lambda: native.place_rows(rows, ints(0), ints(0), np.zeros((1, 3), np.float32)),
        lambda: native.place_rows(rows, ints(0), ints(0), np.zeros((2, 2), np.float32).T),
        lambda: native.scan_word2vec(BLOCK, None, 0),
        lambda: native.ngrams([b"a"], 1, 2, 0),
    ):
        with pytest.raises(ValueError, match=r"row|source|shapes|dim|bucket"):
            wrong()


@pytest.mark.parametrize("dim", [2**62, 2**63, 2**64 - 1])
def test_a_dimension_that_overflows_finds_nothing(native: Core, dim: int) -> None:
    assert native.scan_word2vec(BLOCK, None, dim).records == 0


ROWS, FAULTS, SUMS = np.zeros((2, 2), np.float32), ints(0, 0), np.zeros((2, 2))
READ_ONLY = np.frombuffer(bytes(16), np.float32).reshape(2, 2)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("Keys", [["a"]]),
        ("Keys", [7]),
        ("ngrams", [["a"], 1, 2, 3]),
        ("ngrams", [[b"a"], 1, 2, -1]),
        ("ngrams", [[b"a"], 1, 2, 2**32]),
        ("scan_word2vec", [BLOCK, None, -1]),
        ("scan_word2vec", [BLOCK, {}, 1]),
        ("scan_word2vec", [BLOCK.astype(np.int64), None, 1]),
        ("scan_fasttext", [np.zeros((20, 2), np.uint8)[:, 0], None, 1]),
        ("scan_fasttext", [BLOCK.reshape(2, 5), None, 1]),
        ("scan_fasttext", [BLOCK, None, 2**63]),
        # Converted they would be copies, and the result would be lost.
        ("copy_rows", [BLOCK, FAULTS, ROWS.astype(np.float64), FAULTS]),
        ("copy_rows", [BLOCK, FAULTS, ROWS.T, FAULTS]),
        ("copy_rows", [BLOCK, FAULTS, READ_ONLY, FAULTS]),
        ("copy_rows", [BLOCK, FAULTS, ROWS, FAULTS.astype(np.int32)]),
        ("copy_rows", [BLOCK, [0, 0], ROWS, FAULTS]),
        ("place_rows", [ROWS, FAULTS, FAULTS, ROWS.astype(np.float16)]),
        ("place_rows", [ROWS, FAULTS, FAULTS, READ_ONLY]),
        ("place_rows", [ROWS[:, :1], FAULTS, FAULTS, ROWS[:, :1]]),
        ("find_hashes", [FAULTS.astype(np.uint64), FAULTS]),
        ("find_hashes", [np.zeros((2, 2), np.int64)[:, 0], FAULTS]),
        ("add_rows", [ROWS, FAULTS, FAULTS, SUMS.astype(np.float32)]),
        ("add_rows", [ROWS, FAULTS, FAULTS, SUMS.T]),
        ("add_rows", [ROWS[0], FAULTS, FAULTS, SUMS]),
        ("decode_text", [BLOCK, FAULTS, FAULTS, b" ", ROWS.astype(np.float64), FAULTS, FAULTS]),
    ],
)
def test_arguments_of_another_type_are_refused(
    native: Core, function: str, arguments: list[Any]
) -> None:
    with pytest.raises(TypeError):
        getattr(native, function)(*arguments)
