"""fastText models: the vectors that fastText itself and gensim give, and damaged files."""

from __future__ import annotations

import contextlib
import gzip
import io
import struct
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.errors import InputError
from embedprep.sources.source import Stream
from embedprep.vectors import Vectors, open_vectors
from embedprep.vectors.formats import fasttext
from embedprep.vectors.formats.fasttext import FastText, claims
from embedprep.vectors.request import Request

Table = dict[bytes, NDArray[np.float32]]


class Reading:
    """One pass over a model: the vectors found, and the sums of what the chunks count."""

    def __init__(self, vectors: Vectors, keys: Sequence[bytes] | None = None) -> None:
        self.known: Table = {}
        self.composed: Table = {}
        self.record: list[int] = []
        self.records = self.nonfinite = self.bytes = 0
        self.reasons: list[str] = []
        wanted = None if keys is None else list(keys)
        with contextlib.closing(vectors):
            for hits in vectors.hits(wanted):
                names = hits.names if wanted is None else wanted
                table = self.composed if hits.composed else self.known
                for number, row in zip(hits.key.tolist(), hits.rows, strict=True):
                    table[names[number]] = row.copy()
                self.record += hits.record.tolist()
                self.records += hits.records
                self.nonfinite += len(hits.nonfinite)
                self.bytes += hits.bytes
                self.reasons += [hits.fault.reason] if hits.fault else []
            self.description = vectors.describe()
            self.size = vectors.size

    def content(self) -> Any:
        tables = [[(k, v.tobytes()) for k, v in t.items()] for t in (self.known, self.composed)]
        return [*tables, self.record, self.records]


def read(path: str | Path, keys: Sequence[bytes] | None = None, **options: Any) -> Reading:
    return Reading(open_vectors(Request(str(path), **options)), keys)


def read_bytes(data: bytes, keys: Sequence[bytes] | None = None, **options: Any) -> Reading:
    return Reading(FastText(Stream("-", io.BytesIO(data)), Request("-", **options)), keys)


# --- a model that a person can check ---------------------------------------------------------


@dataclass(frozen=True)
class Model:
    """What is written into a model; `</s>` and the rest of the defaults as fastText has them."""

    entries: Sequence[tuple[bytes, int]]
    rows: Sequence[Sequence[float]]
    bucket: int
    minn: int
    maxn: int
    version: int | None = 12
    """None: the format of 2016."""
    model: int = 2
    pruned: int = -1
    quantised: int = 0
    size: int | None = None
    words: int | None = None
    labels: int | None = None
    dim: int | None = None
    matrix: tuple[int, int] | None = None
    output: tuple[int, int] | None = None

    def written(self) -> bytes:
        width = len(self.rows[0])
        kinds = [kind for _, kind in self.entries]
        flag = b"" if self.version is None else bytes([self.quantised])
        words = kinds.count(0) if self.words is None else self.words
        labels = kinds.count(1) if self.labels is None else self.labels
        size = words + labels if self.size is None else self.size
        arguments = [self.dim or width, 5, 5, 1, 5, 1, 2, self.model]
        output = self.output or (2, width)
        parts = [
            b"" if self.version is None else struct.pack("<2i", 793712314, self.version),
            struct.pack("<12id", *arguments, self.bucket, self.minn, self.maxn, 100, 1e-4),
            struct.pack("<3iq", size, words, labels, 1000),
            b"" if self.version is None else struct.pack("<q", self.pruned),
            *(key + b"\0" + struct.pack("<qb", 9, kind) for key, kind in self.entries),
            flag,
            struct.pack("<2q", *(self.matrix or (len(self.rows), width))),
            np.array(self.rows, "<f4").tobytes(),
            flag[:1] and b"\0",
            struct.pack("<2q", *output),
            bytes(4 * 2 * width),
        ]
        return b"".join(parts)


# N-grams of two characters, whose buckets are the last two bits of their hashes, FNV-1a:
#   <a 0x68f6dc6e: 2   ab 0x4d2505ca: 2   b> 0x932c2fc1: 1
#   <b 0x67f6dadb: 3   ba 0x3c2ba6cc: 0   a> 0x1124a756: 2
SMALL = Model(
    entries=[(b"ab", 0), (b"b", 0)],
    rows=[
        [100, 0],  # ab
        [0, 120],  # b
        [5, 50],  # bucket 0
        [2, 20],  # bucket 1
        [3, 30],  # bucket 2
        [4, 40],  # bucket 3
    ],
    bucket=4,
    minn=2,
    maxn=2,
)


def test_a_model_by_hand(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(SMALL.written())
    reading = read(tmp_path / "model.bin", [b"b", b"ba", b"ab"])
    assert {key: row.tolist() for key, row in reading.known.items()} == {
        b"ab": [27, 20],  # (100 + 3 + 3 + 2) / 4, (0 + 30 + 30 + 20) / 4
        b"b": [2, 60],  # (0 + 4 + 2) / 3, (120 + 40 + 20) / 3
    }
    assert {key: row.tolist() for key, row in reading.composed.items()} == {
        b"ba": [4, 40]  # (4 + 5 + 3) / 3, (40 + 50 + 30) / 3
    }
    assert reading.record == [0, 1, -1]
    assert reading.records == 2
    description = reading.description
    assert (description.format, description.header) == ("fasttext", True)
    assert description.bytes == reading.bytes == len(SMALL.written())
    everything = read(tmp_path / "model.bin")
    assert list(everything.known) == [b"ab", b"b"]
    assert everything.composed == {}
    assert everything.record == [0, 1]


@pytest.mark.parametrize("version", [12, 11, None])
def test_a_supervised_model_of_version_11_has_no_ngrams(version: int | None) -> None:
    # fastText: "backward compatibility: old supervised models do not use char ngrams".
    reading = read_bytes(replace(SMALL, version=version, model=3).written(), [b"ab", b"ba"])
    if version == 11:
        assert reading.known[b"ab"].tolist() == [100, 0]
    else:
        assert reading.known[b"ab"].tolist() != [100, 0]
    assert len(reading.composed) == (version != 11)


def test_the_end_of_a_sentence_has_ngrams_only_in_the_format_of_2016() -> None:
    model = replace(SMALL, entries=[(b"</s>", 0), (b"b", 0)])
    assert read_bytes(model.written()).known[b"</s>"].tolist() == [100, 0]
    old = read_bytes(replace(model, version=None).written()).known[b"</s>"]
    grams = subwords(b"</s>", 2, 2, 4)
    rows = np.array(model.rows)
    assert old.tolist() == rows[[0, *(2 + g for g in grams)]].mean(axis=0).astype("f4").tolist()
    # Nor is it made of any where the dictionary lacks it.
    assert read_bytes(SMALL.written(), [b"</s>"]).composed == {}
    assert list(read_bytes(replace(SMALL, version=None).written(), [b"</s>"]).composed) == [b"</s>"]


def test_labels_are_no_words() -> None:
    entries = [(b"ab", 0), (b"b", 0), (b"__label__x", 1), (b"__label__y", 1)]
    data = replace(SMALL, entries=entries).written()
    everything = read_bytes(data)
    assert list(everything.known) == [b"ab", b"b"]
    assert everything.content() == read_bytes(SMALL.written()).content()
    assert FastText(Stream("-", io.BytesIO(data)), Request("-")).declared_records == 2
    # Asked for, a label is a word like any that the model does not know.
    reading = read_bytes(data, [b"__label__x"])
    assert (list(reading.known), list(reading.composed)) == ([], [b"__label__x"])
    assert read_bytes(data, [b"__label__x"], subwords=False).composed == {}


@pytest.mark.parametrize("key", [b"\xff\xfe", b"\xc3", b"\x80", b"a\xe9b", b"", b" ", b"a\nb"])
def test_any_bytes_can_be_a_key(key: bytes) -> None:
    data = replace(SMALL, entries=[(key, 0), (b"b", 0)]).written()
    for keys in (None, [b"b", key]):
        reading = read_bytes(data, keys)
        grams = subwords(key, 2, 2, 4)
        expected = np.array(SMALL.rows)[[0, *(2 + g for g in grams)]].mean(axis=0)
        assert reading.known[key].tolist() == expected.astype(np.float32).tolist()
        assert list(reading.known) == [key, b"b"]


def test_without_subwords_unknown_words_have_no_vector() -> None:
    keys = [b"ba", b"ab", b"zz"]
    with_subwords = read_bytes(SMALL.written(), keys)
    without = read_bytes(SMALL.written(), keys, subwords=False)
    assert sorted(with_subwords.composed) == [b"ba", b"zz"]
    assert without.composed == {}
    # The vector of a known word is the one of the .vec file all the same.
    assert without.known[b"ab"].tobytes() == with_subwords.known[b"ab"].tobytes()


def test_a_word_too_short_for_an_ngram_has_no_vector() -> None:
    model = replace(SMALL, minn=5, maxn=6)
    reading = read_bytes(model.written(), [b"xy", b"xyz", b"ab"])
    assert list(reading.composed) == [b"xyz"]
    assert reading.known[b"ab"].tolist() == [100, 0]


def test_values_that_are_not_finite_are_left_out() -> None:
    rows = [[100, np.inf], *SMALL.rows[1:2], [0, np.nan], *SMALL.rows[3:]]
    data = replace(SMALL, rows=rows).written()
    reading = read_bytes(data, [b"ab", b"b", b"ba", b"bb"])
    assert {key: row.tolist() for key, row in reading.known.items()} == {b"b": [2, 60]}
    assert list(reading.composed) == [b"bb"]
    assert reading.nonfinite == 2
    assert reading.reasons == [f"the vector of '{word}' is not finite" for word in ("ab", "ba")]
    assert list(read_bytes(data).known) == [b"b"]
    # The mean of the largest values is one of them, whatever their sum is.
    largest = float(np.finfo(np.float32).max)
    reading = read_bytes(replace(SMALL, rows=[[largest, -largest]] * 6).written())
    assert reading.known[b"ab"].tolist() == [largest, -largest]


# --- gensim, and what fastText wrote ---------------------------------------------------------

UNKNOWN = [
    "unknownword", "nights", "Nights", "naïve", "Straße", "наука", "中文字", "\U0001f600\U0001f600",
    "<>", "12", "x", "New York", "a\u00a0b", "e\u0301e\u0301", "x" * 40,
]  # fmt: skip

END_OF_SENTENCE = {"</s>"}
"""It has n-grams in gensim, whatever the format, and in fastText only in the format of 2016: the
.vec files that fastText wrote of such models show it, and a test below compares with them."""
# File: words, and those of which gensim says otherwise.
ORACLE: dict[str, tuple[int, set[str]]] = {
    "lee_fasttext.bin": (1762, set()),  # the format of 2016
    "lee_fasttext_new.bin": (1763, END_OF_SENTENCE),  # version 11
    "non_ascii_fasttext.bin": (171, set()),  # the format of 2016
    "crime-and-punishment.bin": (291, END_OF_SENTENCE),
    "toy-model.bin": (22, set()),
    "toy-model-pretrained.bin": (24, set()),
}


def datapath(name: str) -> str:
    path: str = pytest.importorskip("gensim.test.utils", reason="no gensim").datapath(name)
    return path


def by_gensim(path: str, encoding: str = "utf-8") -> Any:
    return pytest.importorskip("gensim.models.fasttext").load_facebook_vectors(path, encoding)


def differing(ours: Table, theirs: Any, words: Sequence[str], encoding: str = "utf-8") -> set[str]:
    return {w for w in words if np.abs(ours[w.encode(encoding)] - theirs[w]).max() > 1e-6}


@pytest.mark.parametrize("name", ORACLE)
def test_gensim_gives_the_same_vectors(name: str) -> None:
    count, intended = ORACLE[name]
    theirs = by_gensim(datapath(name))
    everything = read(datapath(name))
    assert len(everything.known) == count == everything.records
    assert [key.decode() for key in everything.known] == theirs.index_to_key
    assert everything.record == list(range(count))
    assert everything.composed == {}
    assert differing(everything.known, theirs, theirs.index_to_key) == intended

    unknown = [word for word in UNKNOWN if word not in theirs.key_to_index]
    some = [*unknown, *theirs.index_to_key[::7]]
    reading = read(datapath(name), [word.encode() for word in some])
    assert sorted(reading.composed) == sorted(word.encode() for word in unknown)
    assert differing(reading.composed, theirs, unknown) == set()
    for key, row in reading.known.items():
        assert row.tobytes() == everything.known[key].tobytes()
    assert len(reading.known) == len(theirs.index_to_key[::7])


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("lee_fasttext.bin", "lee_fasttext.vec"),
        ("crime-and-punishment.bin", "crime-and-punishment.vec"),
        ("toy-model.bin", "toy-model.vec"),
        ("pang_lee_polarity_fasttext.bin", "pang_lee_polarity_fasttext.vec"),
    ],
)
def test_fasttext_itself_wrote_the_same_vectors(model: str, text: str) -> None:
    lines = Path(datapath(text)).read_bytes().split(b"\n")[1:-1]
    written: Table = {}
    units = {}
    for line in lines:
        key, *values = line.rstrip(b" ").split(b" ")
        written[key] = np.array(values, np.float32)
        # Five digits. Not by a logarithm, which for 0.01 is above or below -2 as processors please.
        units[key] = [10.0 ** (Decimal(value.decode()).adjusted() - 4) for value in values]
    ours = read(datapath(model)).known
    assert list(ours) == list(written)
    for key, expected in written.items():
        unit = np.array(units[key])  # 2e-7: a float32 that was summed in another order
        assert (np.abs(ours[key] - expected) <= 0.5001 * unit + 2e-7).all(), key
    # The one word with an exception: in one of each format.
    assert (b"</s>" in written) == (text != "toy-model.vec")


def test_a_supervised_model_has_words_and_no_labels() -> None:
    reading = read(datapath("pang_lee_polarity_fasttext.bin"))
    assert not any(key.startswith(b"__label__") for key in reading.known)
    with_invalid = [key for key in reading.known if b"\xef\xbf\xbd" in key or not is_utf8(key)]
    assert with_invalid  # the corpus was not UTF-8, and nothing is lost of it
    some = read(datapath("pang_lee_polarity_fasttext.bin"), [*with_invalid, b"unknownword"])
    assert list(some.known) == with_invalid
    assert some.composed == {}  # it was trained without n-grams


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_words_in_another_encoding_are_hashed_as_the_bytes_of_the_file() -> None:
    # gensim decodes them, and hashes their UTF-8, which fastText never saw.
    path = datapath("cp852_fasttext.bin")
    theirs = by_gensim(path, "cp852")
    ours = read(path).known
    assert list(ours) == [word.encode("cp852") for word in theirs.index_to_key]
    intended = differing(ours, theirs, theirs.index_to_key, "cp852")
    assert intended == {word for word in theirs.index_to_key if not word.isascii()}
    assert len(intended) == 69
    rows = matrix_of(path, len(ours), 2, 1000)
    for entry, (key, row) in enumerate(ours.items()):
        parts = [entry, *(len(ours) + g for g in subwords(key, 2, 4, 1000))]
        assert np.allclose(row, rows[parts].astype(np.float64).mean(axis=0), atol=1e-6), key


def subwords(word: bytes, minn: int, maxn: int, bucket: int) -> list[int]:
    """What fastText does in `Dictionary::computeSubwords` and `hash`, line by line."""
    word, found = b"<" + word + b">", []
    for i in range(len(word)):
        if word[i] & 0xC0 == 0x80:
            continue
        j, n, gram = i, 1, b""
        while j < len(word) and n <= maxn:
            gram += word[j : j + 1]
            j += 1
            while j < len(word) and word[j] & 0xC0 == 0x80:
                gram += word[j : j + 1]
                j += 1
            if n >= minn and not (n == 1 and (i == 0 or j == len(word))):
                h = 2166136261
                for byte in struct.unpack(f"{len(gram)}b", gram):
                    h = (h ^ (byte & 0xFFFFFFFF)) * 16777619 & 0xFFFFFFFF
                found.append(h % bucket)
            n += 1
    return found


def matrix_of(path: str, words: int, dim: int, bucket: int) -> NDArray[np.float32]:
    """The input matrix of a model, found by its header."""
    data = Path(path).read_bytes()
    offset = data.index(struct.pack("<2q", words + bucket, dim)) + 16
    count = (words + bucket) * dim
    return np.frombuffer(data, "<f4", count, offset).reshape(-1, dim)


# --- sources, passes, blocks -----------------------------------------------------------------

KEYS = [b"the", b"unknownword", b"of", "Straße".encode(), b"absent", b"</s>", b"Afghanistan"]


@pytest.mark.parametrize("keys", [None, KEYS], ids=["all", "some"])
@pytest.mark.parametrize("block_bytes", [7, 1000, 1 << 21])
@pytest.mark.parametrize("name", ["lee_fasttext.bin", "lee_fasttext_new.bin"])
def test_the_same_bytes_from_any_source(
    name: str, block_bytes: int, keys: list[bytes] | None, tmp_path: Path
) -> None:
    data = Path(datapath(name)).read_bytes()
    plain = read(datapath(name), keys)
    expected = plain.content()
    assert plain.known
    assert bool(plain.composed) == (keys is not None)
    assert read(datapath(name), keys, block_bytes=block_bytes).content() == expected
    stream = read_bytes(data, keys, block_bytes=block_bytes)
    (tmp_path / "model.bin.gz").write_bytes(gzip.compress(data))
    packed = read(tmp_path / "model.bin.gz", keys, block_bytes=block_bytes)
    assert stream.content() == expected
    assert packed.content() == expected
    assert (packed.description.format, packed.description.compression) == ("fasttext", "gzip")
    # The progress bar ends at 100 %.
    assert plain.bytes == plain.size == len(data)
    assert stream.bytes == len(data)
    assert packed.size is not None
    assert 0 < packed.bytes <= packed.size


@pytest.mark.parametrize(("budget", "passes"), [(1, 199), (5_000, 66), (1 << 20, 1)])
def test_sums_in_several_passes_give_the_same_bytes(
    budget: int, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = datapath("lee_fasttext.bin")
    keys = read(path).content()[0][::9]
    wanted = [b"unknownword", *(key for key, _ in keys), "Straße".encode(), b"nights"]
    expected = read(path, wanted)
    monkeypatch.setattr(fasttext, "_PASS_BYTES", budget)
    calls = counted(monkeypatch, "gather")
    found = read(path, wanted)
    assert len(calls) == passes
    assert found.known.keys() == expected.known.keys()
    for ours, theirs in ((found.known, expected.known), (found.composed, expected.composed)):
        assert {k: v.tobytes() for k, v in ours.items()} == {
            k: v.tobytes() for k, v in theirs.items()
        }
    assert found.bytes == found.size


def counted(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    calls: list[str] = []
    original: Callable[..., Any] = getattr(fasttext, name)

    def counting(*arguments: Any) -> Any:
        calls.append(name)
        return original(*arguments)

    monkeypatch.setattr(fasttext, name, counting)
    return calls


@pytest.mark.parametrize("implementation", ["native"], indirect=True)
def test_n_grams_of_long_keys_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [b"%04d" % i + b"a" * 1000 for i in range(100)]
    model = Model(
        entries=[(word, 0) for word in words],
        rows=[[1, 2]] * (len(words) + 1),
        bucket=1,
        minn=1,
        maxn=31,
    )
    budget = 4 << 20
    monkeypatch.setattr(fasttext, "_PASS_BYTES", budget)
    (tmp_path / "m.bin").write_bytes(model.written())
    tracemalloc.start()
    try:
        assert len(read(tmp_path / "m.bin", words).known) == len(words)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # All at once they would be 31,000 n-grams a word, of 48 bytes: 150 MB.
    assert peak < 6 * budget


def test_a_very_long_unknown_word_is_not_composed() -> None:
    longest, longer = b"ab" * 500, b"ab" * 500 + b"a"
    reading = read_bytes(SMALL.written(), [longest, longer, b"a" * (8 << 20), b"ba"])
    assert list(reading.composed) == [longest, b"ba"]
    model = replace(SMALL, entries=[(longer, 0), (b"b", 0)])
    assert list(read_bytes(model.written(), [longer]).known) == [longer], "that is its vector"


def test_a_stream_is_read_once_and_says_so_when_memory_does_not_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_word = 8 * 2 + 4 * fasttext._NGRAM_BYTES  # "<ab>" has no more n-grams than letters
    monkeypatch.setattr(fasttext, "_STREAM_BYTES", 2 * a_word)
    assert len(read_bytes(SMALL.written(), [b"ab", b"ba"]).composed) == 1
    with pytest.raises(InputError, match="sums for 3 words do not fit") as caught:
        read_bytes(SMALL.written(), [b"ab", b"ba", b"zz"])
    assert "Decompress it first" in caught.value.remedy


def test_the_native_core_and_its_twin_give_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("lee_fasttext_new.bin", "cp852_fasttext.bin"):
        results = []
        for pure in ("0", "1"):
            monkeypatch.setenv("EMBEDPREP_PURE", pure)
            results.append(read(datapath(name), KEYS).content())
        assert results[0] == results[1]


# --- damaged files ---------------------------------------------------------------------------


@pytest.mark.parametrize("model", [replace(SMALL, quantised=1), replace(SMALL, pruned=7)])
def test_a_quantised_model_is_refused(model: Model, tmp_path: Path) -> None:
    (tmp_path / "model.ftz").write_bytes(model.written())
    with pytest.raises(InputError, match="quantised") as caught:
        read(tmp_path / "model.ftz")
    assert ".bin" in caught.value.remedy
    assert ".vec" in caught.value.remedy


def test_a_model_whose_ngrams_were_all_left_out_is_refused() -> None:
    with pytest.raises(InputError, match="quantised"):
        read_bytes(replace(SMALL, pruned=0).written())


@pytest.mark.parametrize("version", [0, -1, 10, 13, 2**31 - 1])
def test_another_version_is_refused(version: int) -> None:
    with pytest.raises(InputError, match=f"of version {version}"):
        read_bytes(replace(SMALL, version=version).written())


HOSTILE: dict[str, tuple[dict[str, Any], str]] = {
    "huge dictionary": ({"words": 2**31 - 1}, "ends within its dictionary|neither a word"),
    "negative words": ({"words": -1, "labels": 3}, "make no sense"),
    "negative labels": ({"words": 3, "labels": -1}, "make no sense"),
    "counts that do not add up": ({"size": 3}, "make no sense"),
    "fewer words": ({"words": 1}, "."),
    "more words": ({"words": 3}, "ends within its dictionary|neither a word"),
    "words that are said to be labels": ({"words": 1, "labels": 1}, "not in order|6 rows"),
    "a type that is none": ({"entries": [(b"ab", 0), (b"b", 2)], "words": 2}, "neither a word"),
    "labels first": ({"entries": [(b"x", 1), (b"b", 0)]}, "not in order|6 rows"),
    "huge bucket": ({"bucket": 2**31 - 1}, "matrix is said to have 6 rows"),
    "huge bucket and matrix": ({"bucket": 2**31 - 1, "matrix": (2**31 + 1, 2)}, "ends within its"),
    "negative bucket": ({"bucket": -1}, "make no sense"),
    "no bucket": ({"bucket": 0}, "matrix is said to have 6 rows"),
    "huge dimension": ({"dim": 2**31 - 1}, "make no sense"),
    "large dimension": ({"dim": 4_000_000}, "matrix is said to have"),
    "negative dimension": ({"dim": -2}, "make no sense"),
    "another dimension": ({"dim": 3}, "matrix is said to have 6 rows of 2 values"),
    "huge n-grams": ({"maxn": 2**31 - 1}, "make no sense"),
    "negative maxn": ({"maxn": -1}, "make no sense"),
    "negative minn": ({"minn": -1}, "make no sense"),
    "fewer rows": ({"matrix": (5, 2)}, "matrix is said to have 5 rows"),
    "more rows": ({"matrix": (7, 2)}, "matrix is said to have 7 rows"),
    "negative rows": ({"matrix": (-6, 2)}, "matrix is said to have -6 rows"),
    "another width": ({"matrix": (6, 3)}, "of 3 values"),
    "output of another width": ({"output": (2, 3)}, "output matrix is said to have 2 rows of 3"),
    "output with fewer rows": ({"output": (1, 2)}, "continues after the end"),
    "output with more rows": ({"output": (3, 2)}, "ends within its output matrix"),
    "output of a negative size": ({"output": (-1, 2)}, "output matrix is said to have -1"),
    "huge output": ({"output": (2**62, 2)}, "ends within its output matrix"),
}


def read_from(source: str, data: bytes, place: Path, keys: list[bytes] | None) -> Reading:
    if source == "stream":
        return read_bytes(data, keys)
    (place / "model.bin").write_bytes(data)
    return read(place / "model.bin", keys, format="fasttext")


def test_a_word_behind_a_label_is_an_error() -> None:
    model = replace(SMALL, entries=[(b"x", 1), (b"b", 0)], rows=SMALL.rows[1:])
    with pytest.raises(InputError, match="not in order"):
        read_bytes(model.written(), [b"b"])


@pytest.mark.parametrize("source", ["file", "stream"])
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_header_is_an_error(kind: str, source: str, tmp_path: Path) -> None:
    changes, reason = HOSTILE[kind]
    data = replace(SMALL, **changes).written()
    for keys in (None, [b"ab", b"unknown"], [b"b"]):
        with pytest.raises(InputError, match=reason):
            read_from(source, data, tmp_path, keys)


@pytest.mark.parametrize("source", ["file", "stream"])
@pytest.mark.parametrize("version", [12, None])
def test_cut_anywhere_it_is_an_error(version: int | None, source: str, tmp_path: Path) -> None:
    data = replace(SMALL, version=version).written()
    for size in range(len(data)):
        with pytest.raises(InputError):
            read_from(source, data[:size], tmp_path, [b"ab", b"ba"])
    assert read_bytes(data, [b"ab", b"ba"]).composed


@pytest.mark.parametrize("name", ["lee_fasttext.bin", "crime-and-punishment.bin"])
def test_a_real_model_cut_at_fifty_places_is_an_error(name: str, tmp_path: Path) -> None:
    data = Path(datapath(name)).read_bytes()
    for size in np.linspace(0, len(data) - 1, 50).astype(int).tolist():
        (tmp_path / "model.bin").write_bytes(data[:size])
        with pytest.raises(InputError):
            read(tmp_path / "model.bin", KEYS)
        if size % 2:
            (tmp_path / "model.bin").write_bytes(gzip.compress(data[:size], 1))
            with pytest.raises(InputError):
                read(tmp_path / "model.bin", KEYS)


@pytest.mark.parametrize("behind", [b"\0", b"x", bytes(100), b"\n"])
def test_what_follows_the_model_is_an_error(behind: bytes, tmp_path: Path) -> None:
    data = SMALL.written() + behind
    (tmp_path / "model.bin").write_bytes(data)
    for wanted in (None, [], [b"ab"]):
        with pytest.raises(InputError, match="continues after the end of the model"):
            read(tmp_path / "model.bin", wanted)
        with pytest.raises(InputError, match="continues after the end of the model"):
            read_bytes(data, wanted)


def test_a_flipped_bit_of_the_header_is_an_error_or_changes_nothing(tmp_path: Path) -> None:
    data = Path(datapath("crime-and-punishment.bin")).read_bytes()
    # Nothing in the file shows how long its n-grams were: a flip within minn and maxn goes unseen,
    # like one within a key or a value. There is no checksum.
    unseen = range(8 + 4 * 9, 8 + 4 * 11)
    expected = read(datapath("crime-and-punishment.bin"), KEYS).content()
    refused = 0
    for bit in range(0, 92 * 8, 3):
        if bit // 8 in unseen:
            continue
        damaged = bytearray(data)
        damaged[bit // 8] ^= 1 << bit % 8
        (tmp_path / "model.bin").write_bytes(damaged)
        try:
            found = read(tmp_path / "model.bin", KEYS)
        except InputError:
            refused += 1
        else:
            assert found.content() == expected, bit
    assert refused > 60


def test_a_key_without_end_is_an_error() -> None:
    for size, allowed in ((65_536, True), (65_537, False), (3_000_000, False)):
        model = replace(SMALL, entries=[(b"ab", 0), (b"k" * size, 0)], bucket=0, maxn=0, minn=0)
        data = replace(model, rows=SMALL.rows[:2]).written()
        for block_bytes in (1000, 1 << 21):
            if allowed:
                assert len(read_bytes(data, block_bytes=block_bytes).known) == 2
            else:
                with pytest.raises(InputError, match=r"than 64 KiB|its dictionary"):
                    read_bytes(data, block_bytes=block_bytes)


def test_the_dimension_asked_for_is_checked() -> None:
    with pytest.raises(InputError, match="have 2 values, and --dim asks for 3"):
        read_bytes(SMALL.written(), dim=3)


# --- detection -------------------------------------------------------------------------------


def test_models_are_recognised_by_their_first_bytes() -> None:
    for name in [*ORACLE, "cp852_fasttext.bin", "pang_lee_polarity_fasttext.bin"]:
        assert claims(Path(datapath(name)).read_bytes()[:4096]), name
    assert claims(SMALL.written()[:4096])
    assert claims(replace(SMALL, version=None).written()[:4096])


def test_other_files_are_no_models() -> None:
    folder = Path(datapath("lee_fasttext.bin")).parent
    claimed = {
        path.name
        for path in folder.iterdir()
        if path.is_file() and claims(path.read_bytes()[:4096])
    }
    assert claimed == {*ORACLE, "cp852_fasttext.bin", "pang_lee_polarity_fasttext.bin"}
    for head in (
        b"",
        bytes(4096),
        b"2 3\nthe 1 2 3\n" * 9,
        b"\xba\x16\x4f",
        "a b".encode("utf-32"),
    ):
        assert not claims(head)


def test_a_signalling_nan_is_an_error_like_any_other(tmp_path: Path) -> None:
    nan = b"\0\0\xa0\x7f"  # to convert it raises a flag of the processor, and a warning of NumPy
    data = SMALL.written().replace(np.array([100, 0], "<f4").tobytes(), nan + bytes(4))
    (tmp_path / "m.bin").write_bytes(data)
    with pytest.raises(InputError, match="'ab' is not finite"):
        embedprep.build(tmp_path / "m.bin", ["ab"])
