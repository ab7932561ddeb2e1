"""What the keys of a file are, all of them tell; and a convention spells what a tokenizer would."""

from __future__ import annotations

import errno
import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embedprep
from embedprep.errors import InputError
from embedprep.sources.source import Stream
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.key_convention import WORDS, KeyConvention, of_keys, of_tokenizer
from embedprep.vocabulary import Position, Role, Surface, Vocabulary
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.surfaces import USUAL_MARKS
from embedprep.vocabulary.words import spelled

PLAIN = ["the", "of", "cat", "#tag", "Ġ", "▁", "##", "a_b", "e▁f", "x>", "ġ"]

SHOWN = [
    (PLAIN, Surface.PLAIN),
    ([], Surface.PLAIN),
    (["▁the", "the", "▁of", "ing"], Surface.METASPACE),
    (["Ġthe", "the", "Ġof", "ing"], Surface.BYTE_LEVEL),
    (["the", "##ing"], Surface.WORDPIECE),
    (["the</w>", "th", "of</w>"], Surface.WORD_END),
    (["the▁", "th", "of▁"], Surface.METASPACE_SUFFIX),
    ([" the", "th", " of"], Surface.LEADING_SPACE),
    # One key alone is no evidence where words would be lost, nor are a few of very many.
    ([*PLAIN, "▁the"], Surface.PLAIN),
    ([*PLAIN, "Ġorġ"], Surface.PLAIN),
    ([*PLAIN * 10, "Ġorġ", "Ġwanni"], Surface.PLAIN),
    ([*PLAIN * 10, "▁the", "▁of", "▁cat"], Surface.METASPACE),
    ([*PLAIN * 100, "▁the", "▁of", "▁cat"], Surface.PLAIN),
]


@pytest.mark.parametrize(("keys", "surface"), SHOWN)
def test_what_keys_show(keys: list[str], surface: Surface) -> None:
    assert of_keys([key.encode() for key in keys]).surface is surface


def vocabulary(tokens: list[str], surface: Surface, roles: list[Role] | None = None) -> Vocabulary:
    return Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=np.arange(len(tokens)),
        roles=np.array(roles or [Role.WORD] * len(tokens), np.uint8),
        n_rows=len(tokens),
        surface=surface,
    )


def test_a_tokenizer_says_what_its_table_is() -> None:
    tokens = vocabulary(["a", "b", "c"], Surface.BYTE_LEVEL, [Role.UNKNOWN, Role.WORD, Role.WORD])
    found = of_tokenizer(tokens, [b"a", b"b", b"c"])
    assert (found.surface, found.unknown) == (Surface.BYTE_LEVEL, (b"a",))


@pytest.mark.parametrize("surface", [Surface.PLAIN, Surface.UNMARKED])
def test_unless_it_marks_nothing_and_the_keys_do(surface: Surface) -> None:
    keys = ["▁the", "▁of", "s"]
    encoded = [key.encode() for key in keys]
    assert of_tokenizer(vocabulary(keys, surface), encoded).surface is Surface.METASPACE
    assert of_tokenizer(vocabulary(["the"], surface), [b"the"]).surface is surface


MARKED = [surface for surface in Surface if USUAL_MARKS[surface] != Marks()]
texts = st.text(st.characters(codec="utf-8", exclude_characters="▁#"), min_size=1, max_size=5)


@given(texts, st.sampled_from(MARKED))
def test_what_is_spelt_is_read_again(text: str, surface: Surface) -> None:
    keys_are = KeyConvention(surface, USUAL_MARKS[surface])
    text = text.strip()
    if not text or text.endswith("</w>"):
        return
    word, part = keys_are.word(text.encode()), keys_are.part(text.encode())
    read = spelled(vocabulary([word.decode(), part.decode()], surface))
    assert read.text == [text.encode()] * 2
    assert read.position[0] == Position.WORD
    assert read.position[1] in (Position.INSIDE, Position.UNMARKED)
    assert keys_are.has_mark(word) or surface is Surface.WORDPIECE


def test_marks_of_a_tokenizers_own() -> None:
    keys_are = KeyConvention(Surface.WORDPIECE, Marks(inside="@@"))
    assert (keys_are.word(b"the"), keys_are.part(b"ing")) == (b"the", b"@@ing")
    assert keys_are.has_mark(b"@@ing")
    assert not keys_are.has_mark(b"##ing")
    assert not keys_are.is_of(vocabulary(["##ing"], Surface.WORDPIECE))
    assert WORDS.title == "words"


# ---- the first keys of files of every kind


def _written(keys: list[str]) -> dict[str, bytes]:
    text = "".join(f"{key} 1 2\n" for key in keys).encode()
    binary = b"%d 2\n" % len(keys) + b"".join(
        key.encode() + b" " + np.ones(2, "<f4").tobytes() for key in keys
    )
    return {
        "v.txt": text,
        "h.vec": b"%d 2\n" % len(keys) + text,
        "v.txt.gz": gzip.compress(text),
        "v.bin": binary,
        "v.bin.gz": gzip.compress(binary),
        "no_newline.txt": text[:-1],
    }


@pytest.mark.parametrize("name", _written(["the"]))
def test_the_first_keys(name: str, workdir: Path) -> None:
    keys = ["▁the", "s", "▁of", "▁cat"]
    Path(name).write_bytes(_written(keys)[name])
    vectors = open_vectors(Request(name))
    about = vectors.about_keys()
    assert about.keys_are.surface is Surface.METASPACE
    complete = keys if name != "no_newline.txt" else keys[:-1]
    assert [key.decode() for key in about.first] == complete
    assert not about.certain
    found = [hits.records for hits in vectors.hits([b"s"])]  # nothing is lost by asking
    assert sum(found) == 4
    vectors.close()


def test_a_line_that_is_no_line_yet(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2")
    vectors = open_vectors(Request("v.txt"))
    assert vectors.about_keys().first == (b"the",)
    vectors.close()


class _BreaksOff(io.BytesIO):
    def read1(self, size: int | None = -1, /) -> bytes:
        data = super().read1(size)
        if not data:
            raise OSError(errno.EIO, "Input/output error")
        return data


def test_a_stream_that_breaks_off_is_told_when_it_is_read() -> None:
    lines = "".join(f"w{number} {number} {number}.5\n" for number in range(20_000))
    vectors = open_text(Stream("pipe", _BreaksOff(lines.encode())))
    assert vectors.about_keys().keys_are == WORDS
    with pytest.raises(InputError, match="input/output error"):
        list(vectors.hits([b"w1"]))


def test_a_table_knows_all_its_keys(workdir: Path) -> None:
    np.save("m.npy", np.ones((3, 2), np.float32))
    Path("m.tokens.json").write_text(json.dumps(["▁the", "▁of", "s"]))
    vectors = open_vectors(Request("m.npy"))
    about = vectors.about_keys()
    assert about.certain
    assert about.keys_are.surface is Surface.METASPACE
    assert about.first == ("▁the".encode(), "▁of".encode(), b"s")
    vectors.close()


def test_an_index_knows_them_too(workdir: Path) -> None:
    keys = [f"w{number}" for number in range(9)] + ["▁the", "▁of"]
    Path("v.txt").write_text("".join(f"{key} 1 2\n" for key in keys))
    _, before = embedprep.build("v.txt", ["▁the", "w1"], index="make")
    _, after = embedprep.build("v.txt", ["▁the", "w1"])
    assert before.vectors == after.vectors
    assert after.vectors[0].keys.startswith("pieces, Metaspace")
