"""Comparing with the reference catches bugs in the core: each one planted here is found.

Copies of the core's headers, each with one bug, are compiled together into one library and run on
a few hundred bytes of hard cases.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from embedprep import _reference

NATIVE = Path(_reference.__file__).parent / "_native"


@pytest.fixture(autouse=True)
def implementation() -> None:
    """Instead of one run per implementation: these tests compile their own."""


Edit = tuple[str, str, str]
"""Header, text that occurs in it once, what to write instead."""

SAME_HASH: Edit = (
    "keys.hpp",
    "hash_bytes(const char* p, std::size_t n) {",
    "hash_bytes(const char* p, std::size_t n) { if (n < 1000) return 7;",
)

CORRECT: dict[str, list[Edit]] = {
    "as it is": [],
    # Slow and right: only a comparison of the bytes tells keys apart.
    "one hash for all keys": [SAME_HASH],
}

BUGS: dict[str, list[Edit]] = {
    "a power of ten that is not exact": [
        ("numbers.hpp", "scale >= -22 && scale <= 22", "scale >= -23 && scale <= 23"),
        ("numbers.hpp", "1e21, 1e22}", "1e21, 1e22, 1e23}"),
    ],
    "a mantissa that is not exact": [
        ("numbers.hpp", " && mantissa <= (std::uint64_t{1} << 53)", ""),
    ],
    "digits that overflow the mantissa": [("numbers.hpp", "digits <= 19", "digits <= 25")],
    "slow numbers rounded to float32 at once": [
        ("numbers.hpp", "double value = 0;", "float value = 0;"),
    ],
    "the sign lost": [("numbers.hpp", "bits |= negative << 63;", "")],
    "digits shifted by a bit": [("numbers.hpp", "<< (63 - bit)", "<< (62 - bit)")],
    "digits weighted wrongly": [("numbers.hpp", "42949672960001u", "42949672960000u")],
    "text behind a common number": [
        ("numbers.hpp", "if (p[2 + n] != separator) return nullptr;", ""),
    ],
    "the sign of the exponent lost": [("numbers.hpp", "if (down) exponent = -exponent;", "")],
    "an exponent without digits": [
        ("numbers.hpp", "if (p == end || !is_digit(*p)) return nullptr;", ""),
    ],
    "overflow taken for underflow": [
        ("numbers.hpp", "first, p, magnitude > 0)", "first, p, false)"),
    ],
    "infinity only where double overflows": [
        ("text.hpp", "!std::isfinite(row[i])", "!std::isfinite(value)"),
    ],
    "keys compared without their length": [
        SAME_HASH,
        (
            "keys.hpp",
            "at(slots_[i].number) == std::string_view(p, n)",
            "at(slots_[i].number).substr(0, n) == std::string_view(p, n)",
        ),
    ],
    "carriage returns kept": [("text.hpp", " || end[-1] == '\\r'", "")],
    "one value too few behind a key with spaces": [
        ("text.hpp", "std::size_t n = 0; n < dim; ++n)", "std::size_t n = 1; n < dim; ++n)"),
    ],
    "a key with spaces before anything": [
        ("text.hpp", "(std::size_t, double) {}) != nullptr)", "(std::size_t, double) {}) == p)"),
    ],
    "blank lines taken for records": [("text.hpp", "if (first == last) continue;", "")],
    "records counted for lines": [
        ("text.hpp", "scan.line.push_back(scan.lines)", "scan.line.push_back(scan.records - 1)"),
    ],
    "more than 255 separators in one count": [
        ("text.hpp", "end - p > 240 ? p + 240 : end", "end - p > 512 ? p + 512 : end"),
    ],
}  # fmt: skip

# What the binding offers to Python, offered to C: one call scans a block and decodes its hits.
SHIM = r"""
#include "{directory}/text.hpp"

extern "C" void {name}_run(const char* block, std::size_t size, const char* text,
                           const std::int64_t* key_sizes, std::size_t n_keys, std::size_t dim,
                           std::int64_t* out, float* rows) {{
    {name}::Keys keys(n_keys);
    for (std::size_t i = 0; i < n_keys; text += key_sizes[i++])
        keys.add(std::string_view(text, static_cast<std::size_t>(key_sizes[i])));
    const auto scan = {name}::scan_text(block, size, keys, dim, ' ');
    for (auto count : {{scan.lines, scan.records, scan.spaced}}) *out++ = count;
    *out++ = static_cast<std::int64_t>(scan.key.size());
    *out++ = static_cast<std::int64_t>(scan.malformed.size());
    for (auto offset : scan.malformed) *out++ = offset;
    for (std::size_t i = 0; i < scan.key.size(); ++i, out += 6) {{
        out[0] = scan.key[i], out[1] = scan.line[i], out[2] = scan.start[i], out[3] = scan.end[i];
        {name}::decode_row(block, scan.start[i], scan.end[i], dim, ' ', rows + i * dim, out[4],
                           out[5]);
    }}
}}
"""

KEYS = [
    *(b"the th t the1 a. ab . x 0 1".split()),
    *(b". .", b". . .", b"", b"k 1", b"\xc2\xa0", b"\xc2\x85", b"aaaaaaaab", b"aaaaaaaac"),
]

NUMBERS = [
    *(b"0 -0 5. .5 +1.5 -1.5 0.1 -0.12 0.123 0.1234 0.12345 0.123456 -0.1234567").split(),
    *(b"0.12345678 12.25 1e5 1E-5 1.5e3 -2.25e-3 1e22 1e-22 9007199254740993").split(),
    *(b"18446744073709551617 1.8446744073709551617 1e-45 7e-46 1e-400 1e39 -1e39 1e400").split(),
    # On midpoints of float32: one more rounding of the double shows.
    *(b"4676592091357179e-23 2370668374643378e23 2.789795994758606102").split(),
    *(b"1.0000000596046447753906250001 1e99999999999 nan -inf infinity").split(),
    *(b"1e 1e+ 1e-x 1_0 0x1 1.5x 0.12345x 0.1.2 x - . 1- 1..2").split(),
    b"1" + b"0" * 400,
]

BLOCKS = [
    # Each number at the end of its row and before others.
    (b"".join(b"the %b\n" % n for n in NUMBERS), 1),
    (b"".join(b"x %b 0.25 -7.125\n" % n for n in NUMBERS), 3),
    (b"the 1\r\nth 2 \n\n \r\nt 3\t\r\na. 4\n\xc2\xa0 5\n\xc2\x85 6\nab 7\n\n. 8", 1),
    (b". . . 1 2\n. . 3 4\n. 5 6\nk 1 2 3\nk 1 x 3\nthe 1\n\n 7 8\nx 1 2 \nthe x 2\n", 2),
    (b"aaaaaaaab 1\naaaaaaaac 2\naaaaaaaa 3\naaaaaaaad 4\nthe1 5\nthe2 6\nabc 7\n", 1),
    (b"the" + b" 0" * 300 + b"\nthe" + b" 1" * 299 + b"\n" + b". ." + b" 2" * 300, 300),
]


def by_the_reference(block: bytes, dim: int) -> list[list[object]]:
    scan = _reference.scan_text(block, _reference.Keys(KEYS), dim, b" ")
    rows = np.empty((len(scan.key), dim), np.float32)
    bad, nonfinite = np.empty((2, len(rows)), np.int64)
    _reference.decode_text(block, scan.start, scan.end, b" ", rows, bad, nonfinite)
    columns = np.stack([scan.key, scan.line, scan.start, scan.end, bad, nonfinite], axis=1)
    counts = [scan.lines, scan.records, scan.spaced, len(rows), len(scan.malformed)]
    return outcome(counts, scan.malformed.tolist(), columns, rows)


def by_the_library(library: ctypes.CDLL, name: str, block: bytes, dim: int) -> list[list[object]]:
    lines = block.count(b"\n") + 1
    out = np.full(5 + 7 * lines, -7, np.int64)
    rows = np.zeros((lines, dim), np.float32)
    sizes = np.array([len(key) for key in KEYS], np.int64)
    pointer = ctypes.c_void_p
    getattr(library, f"{name}_run")(
        block, ctypes.c_size_t(len(block)), b"".join(KEYS), pointer(sizes.ctypes.data),
        ctypes.c_size_t(len(KEYS)), ctypes.c_size_t(dim), pointer(out.ctypes.data),
        pointer(rows.ctypes.data),
    )  # fmt: skip
    hits, malformed = out[3:5].tolist()
    columns = out[5 + malformed :][: 6 * hits].reshape(hits, 6)
    return outcome(out[:5].tolist(), out[5 : 5 + malformed].tolist(), columns, rows[:hits])


def outcome(
    counts: list[int], malformed: list[int], columns: np.ndarray, rows: np.ndarray
) -> list[list[object]]:
    good = (columns[:, 4:] == -1).all(axis=1)
    return [list(counts), list(malformed), columns.tolist(), rows[good].view(np.uint32).tolist()]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Every variant, each in a namespace of its own."""
    candidates = [os.environ.get("CXX", ""), "c++", "g++"]
    compiler = next(filter(None, map(shutil.which, candidates)), None)
    if compiler is None:
        pytest.skip("no C++ compiler: tried $CXX, c++, g++")
    place = tmp_path_factory.mktemp("planted")
    shims = [plant(place, name, edits) for name, edits in (CORRECT | BUGS).items()]
    (place / "all.cpp").write_text("#include <initializer_list>\n" + "".join(shims))
    flags = ["-std=c++17", "-O1", "-w", "-ffp-contract=off", "-fPIC", "-shared"]
    subprocess.run([compiler, *flags, "-o", "all.so", "all.cpp"], cwd=place, check=True)
    return ctypes.CDLL(str(place / "all.so"))


def plant(place: Path, title: str, edits: list[Edit]) -> str:
    """Write the headers with `edits`; returns the C++ that makes them callable."""
    name = symbol(title)
    (place / name).mkdir()
    for header in NATIVE.glob("*.hpp"):
        text = header.read_text(encoding="utf-8")
        for file, old, new in edits:
            if file == header.name:
                assert text.count(old) == 1, f"'{old}' is not there once: plant '{title}' anew"
                text = text.replace(old, new)
        text = text.replace("namespace embedprep", f"namespace {name}")
        (place / name / header.name).write_text(text, encoding="utf-8")
    return SHIM.format(directory=name, name=name)


def symbol(title: str) -> str:
    return title.replace(" ", "_")


@pytest.mark.parametrize("title", CORRECT)
def test_a_correct_core_agrees_with_the_reference(title: str, library: ctypes.CDLL) -> None:
    for block, dim in BLOCKS:
        found = by_the_library(library, symbol(title), block, dim)
        assert found == by_the_reference(block, dim)


@pytest.mark.parametrize("title", BUGS)
def test_a_bug_is_caught(title: str, library: ctypes.CDLL) -> None:
    disagreements = [
        block
        for block, dim in BLOCKS
        if by_the_library(library, symbol(title), block, dim) != by_the_reference(block, dim)
    ]
    assert disagreements
