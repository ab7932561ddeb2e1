"""Comparing with the reference catches bugs in the core: each one planted here is found.

Copies of the core's headers, each with one bug, are compiled together into one library and run on
a few hundred bytes of hard cases.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.core import reference as _reference

NATIVE = Path(embedprep.__file__).parent / "_native"


@pytest.fixture(autouse=True)
def implementation() -> None:
    """Instead of one run per implementation: these tests compile their own."""


Outcome = list[list[object]]
Edit = tuple[str, str, str]
"""Header, text that occurs in it once, what to write instead."""

SAME_HASH: Edit = (
    "keys.hpp",
    "value() const { return state_; }",
    "value() const { return 7; }",
)

PORTABLE: Edit = ("words.hpp", "#if defined(__SSE2__)\n    const", "#if 0\n    const")

WITHOUT_AVX2: Edit = ("lines.hpp", "return line_avx2;", "return line_anywhere;")
WITHOUT_AVX512: list[Edit] = [
    ("lines.hpp", "if (has_avx512()) return line_avx512;", ""),
    ("text.hpp", "if (has_avx512()) return row_avx512;", ""),
]

CORRECT: dict[str, list[Edit]] = {
    "as it is": [],
    # Slow and right: only a comparison of the bytes tells keys apart.
    "one hash for all keys": [SAME_HASH],
    "with shorter vectors": WITHOUT_AVX512,
    "without instructions of one processor": [PORTABLE, WITHOUT_AVX2, *WITHOUT_AVX512],
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
    "the sign lost": [*WITHOUT_AVX512, ("numbers.hpp", "bits |= negative << 63;", "")],
    "digits shifted by a bit": [
        *WITHOUT_AVX512,
        ("numbers.hpp", "<< (others - 8)", "<< (others - 9)"),
    ],
    "digits weighted wrongly": [
        *WITHOUT_AVX512,
        ("numbers.hpp", "42949672960001u", "42949672960000u"),
    ],
    "text behind a common number": [
        *WITHOUT_AVX512,
        ("numbers.hpp", "if (non_digits(word) << others != 0) return false;", ""),
    ],
    "the sign of the exponent lost": [("numbers.hpp", "if (down) exponent = -exponent;", "")],
    "an exponent without digits": [
        ("numbers.hpp", "if (p == end || !is_digit(*p)) return false;", ""),
    ],
    "overflow taken for underflow": [
        ("numbers.hpp", "first, p, magnitude > 0)", "first, p, false)"),
    ],
    "text behind any number": [("numbers.hpp", "if (p < end) return false;", "")],
    "a last field that nobody reads": [
        *WITHOUT_AVX512,
        ("text.hpp", " | std::uint64_t{1} << left", ""),
    ],
    "separators found with their neighbours": [
        *WITHOUT_AVX512,
        PORTABLE,
        ("words.hpp", "(differs & low) + low | differs", "(differs & low) + low"),
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
        WITHOUT_AVX2,
        *WITHOUT_AVX512,
        ("lines.hpp", "end - p > 240 ? p + 240 : end", "end - p > 512 ? p + 512 : end"),
    ],
    "records without keys numbered where they are no hits": [
        ("scan.hpp", "static_cast<std::int64_t>(scan.key.size())", "scan.records"),
    ],
    "a key of 64 KiB refused": [("scan.hpp", "max_key_bytes + 1)", "max_key_bytes)")],
    "a key of any length": [
        ("scan.hpp", "std::min(block_end - p, max_key_bytes + 1)", "block_end - p"),
    ],
    "newlines behind a binary record kept": [
        ("word2vec.hpp", "while (p < block_end && *p == '\\n') ++p;", ""),
    ],
    "one newline skipped at most": [
        ("word2vec.hpp", "while (p < block_end && *p == '\\n') ++p;",
         "if (p < block_end && *p == '\\n') ++p;"),
    ],
    "a payload that begins with its space": [
        ("word2vec.hpp", "scan.start.push_back(key_end + 1 - block)",
         "scan.start.push_back(key_end - block)"),
    ],
    "the next record sought four bytes early": [
        ("word2vec.hpp", "p = key_end + 1 + payload;", "p = key_end + 1 + payload - 4;"),
    ],
    "a binary record that something must follow": [
        (
            "word2vec.hpp",
            "(block_end - key_end - 1) / sizeof(float) < dim)",
            "(block_end - key_end - 1) / sizeof(float) <= dim)",
        ),
    ],
    "the beginning of a binary record consumed": [
        ("word2vec.hpp", "scan.consumed = p - block;", "scan.consumed = size;"),
    ],
    "binary hits counted for records": [
        ("word2vec.hpp", "scan.line.push_back(scan.records)",
         "scan.line.push_back(scan.key.size() - 1)"),
    ],
    "bytes of a value in another order": [
        ("word2vec.hpp", "b[0] | b[1] << 8", "b[1] | b[0] << 8"),
    ],
    "infinity among binary values": [
        ("word2vec.hpp", "!std::isfinite(row[i])", "std::isnan(row[i])"),
    ],
    "the place of the row for that of the value": [
        ("word2vec.hpp", "return start + static_cast<std::int64_t>(i * sizeof(float));",
         "return start;"),
    ],
    "labels as hits": [("fasttext.hpp", "type == 0 ? key_number", "type <= 1 ? key_number")],
    "labels counted as words": [("fasttext.hpp", "if (type != 1) ++scan.records;",
                                 "++scan.records;")],
    "a type read from the count": [
        ("fasttext.hpp", "key_end[behind_key - 1]", "key_end[behind_key - 2]"),
    ],
    "counts of 32 bits": [
        ("fasttext.hpp", "1 + sizeof(std::int64_t) + 1", "1 + sizeof(std::int32_t) + 1"),
    ],
    "types of 128 and more": [("fasttext.hpp", "type != 0 && type != 1", "type > 1")],
    "an entry too many": [("fasttext.hpp", "scan.lines < entries;", "scan.lines <= entries;")],
    "an entry that something must follow": [("fasttext.hpp", "< behind_key) break",
                                        "<= behind_key) break")],
    "an n-gram hashed as unsigned bytes": [
        ("fasttext.hpp", "static_cast<std::int8_t>(p[i])", "static_cast<std::uint8_t>(p[i])"),
    ],
    "FNV-1 for FNV-1a": [
        ("fasttext.hpp", "h *= 16777619u;", ""),
        ("fasttext.hpp", "h ^= static", "h *= 16777619u; h ^= static"),
    ],
    "another way to the bucket": [("fasttext.hpp", "% bucket", "& (bucket - 1)")],
    "a mark alone is an n-gram": [
        ("fasttext.hpp", "n == 1 && (i == 0 || j == marked.size())", "false"),
    ],
    "the first mark alone is an n-gram": [("fasttext.hpp", "i == 0 || j ==", "j ==")],
    "n-grams that begin within a character": [("fasttext.hpp", "if (continues(i)) continue;", "")],
    "n-grams that end within a character": [
        ("fasttext.hpp", "while (continues(j));", "while (false);"),
    ],
    "every byte beyond ASCII continues a character": [
        ("fasttext.hpp", "& 0xC0) == 0x80", "& 0x80) == 0x80"),
    ],
    "the longest n-grams left out": [("fasttext.hpp", "n <= maxn", "n < maxn")],
    "the shortest n-grams left out": [("fasttext.hpp", "n >= minn", "n > minn")],
    "words without their marks": [
        ("fasttext.hpp", '"<" + std::string(word) + ">"', "std::string(word)"),
    ],
    "a filter of another bit": [("hashes.hpp", "|= std::uint64_t{1} << low % 64",
                                 "|= std::uint64_t{2} << low % 64")],
    "hashes found by half of their bits": [
        ("hashes.hpp", " && std::binary_search(wanted.begin(), wanted.end(), hashes[i])", ""),
    ],
    "random numbers of even columns alone": [
        ("random.hpp", "if (first % 2 == 1 && count > 0)", "if (false)"),
    ],
    "the second half of an output first": [
        ("random.hpp", "static_cast<std::uint32_t>(z);", "static_cast<std::uint32_t>(z >> 32);"),
    ],
    "the salt left out": [("random.hpp", "h[4] ^= salt;", "")],
    "a block of 128 bytes that another one must follow": [
        ("random.hpp", "message.size() - begin > 128", "message.size() - begin >= 128"),
    ],
    "blocks without their place": [("random.hpp", "begin + 128, false", "128, false")],
    "ten rounds of BLAKE2b": [("random.hpp", "round < 12", "round < 10")],
    "wanted hashes in the order given": [("hashes.hpp",
                                          "std::sort(wanted.begin(), wanted.end());", "")],
}  # fmt: skip

WITH_AVX2: dict[str, list[Edit]] = {
    "separators of the next line counted": [
        *WITHOUT_AVX512,
        ("lines.hpp", "found & before", "found"),
    ],
    "half of the bytes not looked at": [
        *WITHOUT_AVX512,
        ("lines.hpp", "of_low | static_cast<std::uint64_t>(of_high) << 32",
         "std::uint64_t{of_low}"),
    ],
    "separators before the last 64 bytes not counted": [
        *WITHOUT_AVX512,
        ("lines.hpp", "{end, count + count_byte(p", "{end, count_byte(p"),
    ],
}  # fmt: skip

WITH_AVX512: dict[str, list[Edit]] = {
    "in 64 bytes: separators of the next line counted": [("lines.hpp", "found &= before;", "")],
    "in 64 bytes: the last line has no end": [
        (
            "lines.hpp",
            "if (left < 64) ends |= std::uint64_t{1} << left;",
            "if (left == 0) ends |= 1;",
        ),
    ],
    "eight: the sign lost": [
        ("eight_numbers.hpp", "mask_or_epi64(bits, negative,", "mask_or_epi64(bits, 0,"),
    ],
    "eight: bytes that are no digits": [
        ("eight_numbers.hpp", "_mm512_test_epi64_mask(beyond, beyond)", "0"),
    ],
    "eight: any byte for a point": [
        ("eight_numbers.hpp", "_mm512_and_si512(unsigned_start, each(0xFF00))", "each('.' << 8)"),
    ],
    "eight: any number of digits": [("eight_numbers.hpp", "each(1)), each(6))", "each(1)), all)")],
    "eight: digits weighted wrongly": [("eight_numbers.hpp", "each(10000)", "each(1000)")],
    "eight: more fields than lanes": [("eight_numbers.hpp", "0xFF, stops);", "0xFFFF, stops);")],
    "eight: no long fields": [("text.hpp", "!read_any_number(p, last, value)", "true")],
    "eight: infinity passes": [
        ("text.hpp", "store_value(row, i + k, value, nonfinite);", "row[i + k] = float(value);"),
    ],
}
"""Bugs that only show where the processor has these instructions."""

if Path("/proc/cpuinfo").exists():
    instructions = Path("/proc/cpuinfo").read_text()
    BUGS |= WITH_AVX2 if "avx2" in instructions else {}
    BUGS |= WITH_AVX512 if "avx512_vbmi2" in instructions else {}

# What the binding offers to Python, offered to C: one call scans a block and decodes its hits,
# makes n-grams of a word, finds hashes, or draws random numbers. Without keys all records are
# wanted.
SHIM = r"""
#include "{directory}/fasttext.hpp"
#include "{directory}/hashes.hpp"
#include "{directory}/random.hpp"
#include "{directory}/text.hpp"
#include "{directory}/word2vec.hpp"

namespace {name} {{

static void run(char format, const char* block, std::size_t size,
                const std::vector<std::string>& names, std::size_t number, std::int64_t* out,
                float* rows) {{
    Keys table(names.size(), Seed{{1, 2}});
    for (const auto& key : names) table.append(key);
    for (std::size_t i = 0; i < names.size(); ++i) table.enter(static_cast<std::int32_t>(i));
    const Keys* const keys = names.empty() ? nullptr : &table;
    const Scan scan = format == 't'   ? scan_text(block, size, keys, number, ' ')
                      : format == 'b' ? scan_word2vec(block, size, keys, number)
                                      : scan_fasttext(block, size, keys, number);
    for (auto count : {{scan.lines, scan.records, scan.spaced, scan.consumed}}) *out++ = count;
    *out++ = static_cast<std::int64_t>(scan.key.size());
    *out++ = static_cast<std::int64_t>(scan.malformed.size());
    for (auto offset : scan.malformed) *out++ = offset;
    for (std::size_t i = 0; i < scan.key.size(); ++i, out += 7) {{
        const std::int64_t found[] = {{scan.key[i],   scan.line[i], scan.first[i], scan.start[i],
                                      scan.end[i], -1,           -1}};
        std::memcpy(out, found, sizeof found);
        if (format == 't')
            decode_row(row_reader(), block, scan.start[i], scan.end[i], number, ' ',
                       rows + i * number, out[5], out[6]);
        if (format == 'b') out[6] = copy_row(block, scan.start[i], number, rows + i * number);
    }}
}}

}}  // namespace {name}

extern "C" void {name}_run(char format, const char* block, std::size_t size, const char* text,
                           const std::int64_t* key_sizes, std::size_t n_keys, std::size_t number,
                           std::int64_t* out, float* rows) {{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < n_keys; text += key_sizes[i++])
        names.emplace_back(text, key_sizes[i]);
    {name}::run(format, block, size, names, number, out, rows);
}}

extern "C" std::size_t {name}_ngrams(const char* word, std::size_t size, std::int64_t minn,
                                     std::int64_t maxn, std::uint32_t bucket, std::int64_t* out) {{
    std::vector<std::int64_t> rows;
    {name}::append_ngrams(std::string_view(word, size), minn, maxn, bucket, rows);
    for (auto row : rows) *out++ = row;
    return rows.size();
}}

extern "C" std::size_t {name}_find(const std::int64_t* hashes, std::size_t count,
                                   const std::int64_t* wanted, std::size_t n_wanted,
                                   std::int64_t* out) {{
    const auto places = {name}::find_hashes(hashes, count, {{wanted, wanted + n_wanted}});
    for (auto place : places) *out++ = place;
    return places.size();
}}

extern "C" void {name}_random(const char* token, std::size_t size, std::uint64_t salt,
                              std::uint64_t first, std::size_t count, std::uint32_t* out) {{
    {name}::random_bits({name}::blake2b(std::string_view(token, size), salt), first, count, out);
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

TEXTS = [
    # Each number at the end of its row and before others.
    (b"".join(b"the %b\n" % n for n in NUMBERS), 1),
    (b"".join(b"x %b 0.25 -7.125\n" % n for n in NUMBERS), 3),
    (b"the 1\r\nth 2 \n\n \r\nt 3\t\r\na. 4\n\xc2\xa0 5\n\xc2\x85 6\nab 7\n\n. 8", 1),
    (b". . . 1 2\n. . 3 4\n. 5 6\nk 1 2 3\nk 1 x 3\nthe 1\n\n 7 8\nx 1 2 \nthe x 2\n", 2),
    (b"aaaaaaaab 1\naaaaaaaac 2\naaaaaaaa 3\naaaaaaaad 4\nthe1 5\nthe2 6\nabc 7\n", 1),
    # Bytes that are nearly a space, where one is looked for.
    (b"the 1 2\xa03\nthe 1!2 3\nthe 1\0002 3\nthe 1 2\xa0\nthe \xa01 2\n", 2),
    (
        b"the%b\nth%b\nthe%b\n. .%b" % (b" 0" * 300, b" 3" * 300, b" 1" * 299, b" 2" * 300),
        300,
    ),
]


def floats(*values: float) -> bytes:
    return np.array(values, "<f4").tobytes()


BINARIES = [
    (
        b"the \x01\x02\x03\x04\nth "
        + floats(-1.5)
        + b"\n\nx "
        + floats(0.1)
        + b"t \n\n\n\nab abcd",
        1,
    ),
    (b"the " + floats(1, 2) + b"no " + floats(3, 4) + b"x     " + floats(5) + b"\n", 2),
    (b"the " + floats(1, np.inf, 3) + b"x " + floats(1, 2, -np.nan) + b"the " + floats(1, 2), 3),
    (b"the " + floats(1, np.nan, np.inf) + b"\xc2\xa0 " + floats(1, 2, 3) + b"the", 3),
    (b"x 1234" + b"k" * 65_536 + b" 1234the 5678", 1),
    (b"x 1234" + b"k" * 65_537 + b" 1234the 5678", 1),
]


def entry(key: bytes, kind: int = 0) -> bytes:
    return key + b"\0" + (0x0102030405060708).to_bytes(8, "little") + bytes([kind])


DICTIONARIES = [
    (entry(b"the") + entry(b"th", 1) + entry(b"x") + entry(b"no") + entry(b"t") + b"a.\0", 5),
    (entry(b"the") + entry(b"th", 2) + entry(b"x") + entry(b"t", 128) + entry(b"a.", 255), 5),
    (entry(b"the") + entry(b"", 1) + entry(b"") + entry(b"x") + entry(b"t"), 3),
    (entry(b"the") + entry(b"x")[:-1], 2),
    (entry(b"k" * 65_536) + entry(b"the"), 2),
]

WORDS = [b"the", b"a", b"", "é".encode(), "naïve".encode(), "中文".encode(), b"\xff\x80b", b"\x80"]
# Some wanted ones, in no order; the others are like one of them in most of their bits.
WANTED = np.array([7, -5, 1 << 40, 3, -(1 << 63), 0], np.int64)
HASHES = np.array([3, 5, 7, 7 | 1 << 50, -5, 1 << 41, 1 << 40, 0, 64, -(1 << 63), 1], np.int64)

TOKENS = [b"", b"the", b"a" * 127, b"b" * 128, b"c" * 129, b"d" * 300]
DRAWN = [(0, 1), (0, 4), (1, 1), (3, 5)]
"""The first column, and how many."""

NGRAMS = [(1, 1, 2**31), (1, 3, 100), (3, 6, 2_000_000), (2, 2, 3), (0, 0, 5), (4, 3, 5)]


def by_the_reference(format: str, block: bytes, keys: list[bytes], number: int) -> Outcome:
    wanted = _reference.Keys(keys) if keys else None
    if format == "t":
        scan = _reference.scan_text(block, wanted, number, b" ")
    elif format == "b":
        scan = _reference.scan_word2vec(block, wanted, number)
    else:
        scan = _reference.scan_fasttext(block, wanted, number)
    rows = np.zeros((len(scan.key), number), np.float32)
    bad, nonfinite = np.full((2, len(rows)), -1, np.int64)
    if format == "t":
        _reference.decode_text(block, scan.start, scan.end, b" ", rows, bad, nonfinite)
    elif format == "b":
        _reference.copy_rows(block, scan.start, rows, nonfinite)
    columns = [scan.key, scan.line, scan.first, scan.start, scan.end, bad, nonfinite]
    counts = [scan.lines, scan.records, scan.spaced, scan.consumed, len(rows), len(scan.malformed)]
    return outcome(counts, scan.malformed.tolist(), np.stack(columns, axis=1), rows)


def by_the_library(
    library: ctypes.CDLL, name: str, format: str, block: bytes, keys: list[bytes], number: int
) -> Outcome:
    most = len(block) // 4 + 1
    out = np.full(6 + 8 * most, -7, np.int64)
    rows = np.zeros((most, number), np.float32)
    sizes = np.array([len(key) for key in keys], np.int64)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    padded = block + bytes(4096)  # a bug that reads too far should not end the test
    getattr(library, f"{name}_run")(
        ctypes.c_char(format.encode()), padded, size(len(block)), b"".join(keys),
        pointer(sizes.ctypes.data), size(len(keys)), size(number), pointer(out.ctypes.data),
        pointer(rows.ctypes.data),
    )  # fmt: skip
    hits, malformed = out[4:6].tolist()
    columns = out[6 + malformed :][: 7 * hits].reshape(hits, 7)
    return outcome(out[:6].tolist(), out[6 : 6 + malformed].tolist(), columns, rows[:hits])


def outcome(
    counts: list[int], malformed: list[int], columns: np.ndarray, rows: np.ndarray
) -> Outcome:
    good = (columns[:, 5:] == -1).all(axis=1)
    return [list(counts), list(malformed), columns.tolist(), rows[good].view(np.uint32).tolist()]


def disagreements(library: ctypes.CDLL, title: str) -> list[object]:
    """The cases in which a variant of the core does not give what the reference gives."""
    name = symbol(title)
    cases = [("t", *case) for case in TEXTS] + [("b", *case) for case in BINARIES]
    cases += [("d", *case) for case in DICTIONARIES]
    found: list[object] = [
        (format, block, bool(keys))
        for format, block, number in cases
        for keys in (KEYS, [])
        if by_the_library(library, name, format, block, keys, number)
        != by_the_reference(format, block, keys, number)
    ]
    for word in WORDS:
        for minn, maxn, bucket in NGRAMS:
            out = np.zeros(1000, np.int64)
            count = getattr(library, f"{name}_ngrams")(
                word, ctypes.c_size_t(len(word)), ctypes.c_int64(minn), ctypes.c_int64(maxn),
                ctypes.c_uint32(bucket), ctypes.c_void_p(out.ctypes.data),
            )  # fmt: skip
            _, expected = _reference.ngrams([word], minn, maxn, bucket)
            if out[:count].tolist() != expected.tolist():
                found.append((word, minn, maxn, bucket))
    places = np.zeros(len(HASHES), np.int64)
    pointer, size = ctypes.c_void_p, ctypes.c_size_t
    count = getattr(library, f"{name}_find")(
        pointer(HASHES.ctypes.data), size(len(HASHES)), pointer(WANTED.ctypes.data),
        size(len(WANTED)), pointer(places.ctypes.data),
    )  # fmt: skip
    if places[:count].tolist() != _reference.find_hashes(HASHES, WANTED).tolist():
        found.append("hashes")
    for token in TOKENS:
        for first, dim in DRAWN:
            bits = np.zeros((2, dim), np.uint32)
            getattr(library, f"{name}_random")(
                token, size(len(token)), ctypes.c_uint64(1 << 63 | 5), ctypes.c_uint64(first),
                size(dim), pointer(bits.ctypes.data),
            )  # fmt: skip
            _reference.random_bits([token], 1 << 63 | 5, first, bits[1:])
            if bits[0].tolist() != bits[1].tolist():
                found.append((token, first, dim))
    return found


@pytest.fixture
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    """Every variant, each in a namespace of its own."""
    candidates = [os.environ.get("CXX", ""), "c++", "g++"]
    compiler = next(filter(None, map(shutil.which, candidates)), None)
    if compiler is None:
        pytest.skip("no C++ compiler: tried $CXX, c++, g++")
    place = tmp_path_factory.mktemp("planted")
    shims = [plant(place, name, edits) for name, edits in (CORRECT | BUGS).items()]
    (place / "all.cpp").write_text("#include <initializer_list>\n" + "".join(shims))
    flags = ["-std=c++17", "-O0", "-w", "-ffp-contract=off", "-fPIC", "-shared"]
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
    return re.sub(r"\W", "_", title)


def numbers_as_writers_write_them() -> tuple[bytes, int]:
    """Lines of numbers in every usual form, with their dimension."""
    rng, dim = np.random.default_rng(0), 37
    values = rng.standard_normal((300, dim)) * 10.0 ** rng.integers(-4, 3, (300, 1))
    forms = ["%.3f", "%.4f", "%.5g", "%.6f", "%.6g", "%.7f", "%.8f", "%.9g", "%.17g", "%.3e", "%d"]
    lines = (
        b"the " + b" ".join((rng.choice(forms) % value).encode() for value in row) + b"\n"
        for row in values
    )
    return b"".join(lines), dim


def test_bugs_are_caught_and_correct_cores_are_not(library: ctypes.CDLL) -> None:
    """In one test: it takes a compiler half a minute to make the library."""
    assert [title for title in CORRECT if disagreements(library, title)] == []
    block, dim = numbers_as_writers_write_them()
    expected = by_the_reference("t", block, KEYS, dim)
    for title in CORRECT:
        assert by_the_library(library, symbol(title), "t", block, KEYS, dim) == expected
    assert [title for title in BUGS if not disagreements(library, title)] == []
