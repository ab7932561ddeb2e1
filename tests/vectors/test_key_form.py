"""Files that write a word as `/c/en/the`, `the_DET`, `"the"` or in Base64."""

from __future__ import annotations

import base64
import io
import json
import re
import shlex
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.errors import UsageError
from embedprep.sources.source import Stream
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.formats.text import open_text
from embedprep.vectors.hits import Vectors
from embedprep.vectors.key_form import FormedVectors, KeyForm, parse_forms
from embedprep.vectors.key_habits import OPTION, notes

WORDS = ["the", "of", "cat", "dog", "new_york", "Grüße", "in", "ran", "blue", "."]


def opened(keys: list[str]) -> Vectors:
    text = "".join(f"{key} {i}.5 2\n" for i, key in enumerate(keys))
    return open_text(Stream("v.txt", io.BytesIO(text.encode())))


def found(vectors: Vectors, words: list[str]) -> dict[str, list[float]]:
    """The first value of the records of each word."""
    values: dict[str, list[float]] = {word: [] for word in words}
    for hits in vectors.hits([word.encode() for word in words]):
        for key, row in zip(hits.key.tolist(), hits.vectors().tolist(), strict=True):
            values[words[key]].append(row[0])
    return values


# How a word is written, and the option that a note advises.
HABITS: dict[str, tuple[Callable[[str, int], str], str]] = {
    "ConceptNet": (lambda word, i: f"/c/en/{word}", "/c/en/{}"),
    "Freebase": (lambda word, i: f"/en/{word}", "/en/{}"),
    "entities": (lambda word, i: f"ENTITY/{word}", "ENTITY/{}"),
    "one tag": (lambda word, i: f"{word}_NOUN", "{}_NOUN"),
    "bars": (lambda word, i: f"{word}|NOUN", "{}|NOUN"),
    "slashes": (lambda word, i: f"{word}/NN", "{}/NN"),
    "WordNet": (lambda word, i: f"{word}#n", "{}#n"),
    "quotes": (lambda word, i: f'"{word}"', '"{}"'),
    "single quotes": (lambda word, i: f"'{word}'", "'{}'"),
    "bytes of Python": (lambda word, i: f"b'{word}'", "b'{}'"),
    "colons": (lambda word, i: f"{word}:", "{}:"),
    "a sign and a space": (lambda word, i: f"> {word}", "> {}"),
    "a space and a sign": (lambda word, i: f"{word} =", "{} ="),
    "Base64": (
        lambda word, i: "B64:" + base64.b64encode(word.encode()).decode(),
        "B64:{base64}",
    ),
}


@pytest.mark.parametrize("count", [3, len(WORDS)])
@pytest.mark.parametrize("kind", HABITS)
def test_the_option_that_a_note_advises_finds_the_words(kind: str, count: int) -> None:
    write, form = HABITS[kind]
    words = WORDS[:count]
    vectors = opened([write(word, i) for i, word in enumerate(words)])
    [note] = vectors.describe().notes
    option, _, value = note.rpartition(f"{OPTION} ")
    assert option
    [text] = shlex.split(value)
    assert text == form
    assert found(FormedVectors(vectors, parse_forms(text)), words) == {
        word: [i + 0.5] for i, word in enumerate(words)
    }


def binary(path: Path, keys: list[str]) -> None:
    rows = [b"%b " % key.encode() + np.array([i, 2], "<f4").tobytes() for i, key in enumerate(keys)]
    path.write_bytes(b"%d 2\n" % len(keys) + b"".join(rows))


def array(path: Path, keys: list[str]) -> None:
    np.save(path, np.array([[i, 2] for i in range(len(keys))], np.float32))
    path.with_suffix(".tokens.json").write_text(json.dumps(keys))


@pytest.mark.parametrize(("name", "write"), [("v.bin", binary), ("v.npy", array)])
def test_forms_are_noted_in_every_format(
    name: str, write: Callable[[Path, list[str]], None], tmp_path: Path
) -> None:
    write(tmp_path / name, [f"/c/en/{word}" for word in WORDS])
    with closing(open_vectors(Request(str(tmp_path / name)))) as vectors:
        assert not found(vectors, ["the"])["the"]
        [note] = vectors.describe().notes
    assert f"{OPTION} '/c/en/{{}}'" in note


def test_tags_are_listed_the_most_frequent_first() -> None:
    keys = [*(f"w{i}_VERB" for i in range(9)), *(f"w{i}_NOUN" for i in range(9, 20))]
    [note] = notes([key.encode() for key in keys], "v.txt", None)
    assert f"{OPTION} '{{}}_NOUN,{{}}_VERB'" in note


@pytest.mark.parametrize(
    "keys",
    [
        ["the", "of", "cat"],
        ["new_york", "new_jersey", "new_delhi"],
        ["▁the", "▁of", "▁cat"],
        ["Ġthe", "Ġof", "Ġcat"],
        ["##ing", "##ed", "##s"],
        ["the</w>", "of</w>", "cat</w>"],
        ["reading", "running", "sing"],
        ["/", "//", "/c/en/the", "of", "in", "cat"],
        ["B64:", "B64:x", "cat", "dog"],
        ["2007", "1", "the"],
        ["U.S.", "etc.", "the"],
        ["日本語", "日本人", "日本"],
        ["a|b", "c|d", "e|f"],
    ],
)
def test_other_keys_are_no_news(keys: list[str]) -> None:
    assert notes([key.encode() for key in keys], "v.txt", None) == ()


def test_keys_that_are_all_numbers_are_said_to_be() -> None:
    [note] = notes([b"1", b"4", b"7"], "v.txt", None)
    assert "all numbers" in note
    assert re.search(r"\n    paste -d ' ' WORDS - <v.txt >v.fixed.txt$", note)


def test_phrases_are_said_to_be() -> None:
    [note] = notes([b"New York", b"ice cream", b"the"], "v.txt", None)
    assert "most of its keys contain spaces, as 'New York'" in note


def test_the_first_record_of_any_form_comes_first() -> None:
    vectors = opened(["cat_VERB", "of_ADP", "cat_NOUN", "cat"])
    forms = parse_forms("{}_NOUN,{}_VERB,{}_NOUN")
    assert list(map(str, forms)) == ["{}_NOUN", "{}_VERB"]
    assert found(FormedVectors(vectors, forms), ["cat", "of"]) == {"cat": [0.5, 2.5], "of": []}


def test_one_key_of_two_words() -> None:
    vectors = opened(["cat_NOUN", "dog", "dog_NOUN_NOUN"])
    words = ["cat", "cat_NOUN", "dog", "dog_NOUN"]
    assert found(FormedVectors(vectors, parse_forms("{},{}_NOUN")), words) == {
        "cat": [0.5],
        "cat_NOUN": [0.5],
        "dog": [1.5],
        "dog_NOUN": [2.5],
    }


def test_faults_keep_their_word() -> None:
    text = b"x_N 0.5 1\ncat_N 1 x\ndog_N nan 2\n"
    vectors = open_text(Stream("v.txt", io.BytesIO(text)))
    formed = FormedVectors(vectors, parse_forms("{}_N,{}"))
    [hits] = formed.hits([b"dog", b"cat", b"x", b"cat_N"])
    assert sorted(hits.undecodable.tolist()) == [1, 3]
    assert hits.nonfinite.tolist() == [0]
    assert hits.key.tolist() == [2]


@pytest.mark.parametrize(("encoding", "name"), [("latin-1", "LATIN1"), ("cp1252", "CP1252")])
def test_keys_that_were_encoded_twice(encoding: str, name: str) -> None:
    words = ["the", "café", "naïve", "ça", "d’a" if name == "CP1252" else "été"]
    keys = [word.encode().decode(encoding).encode() for word in words]
    [note] = notes(keys, "v.txt", None)
    assert f"iconv -f UTF-8 -t {name} <v.txt" in note
    written_as = {"LATIN1": "latin-1", "CP1252": "cp1252"}[name]
    assert [key.decode().encode(written_as).decode() for key in keys] == words
    assert notes([word.encode() for word in words], "v.txt", None) == ()


@pytest.mark.parametrize("shape", ["[unused{}]", "<0x{:02}>", "<extra_id_{}>"])
def test_special_tokens_at_the_beginning_are_no_form_of_words(shape: str) -> None:
    assert notes([shape.format(i).encode() for i in range(99)] + [b"the"], "v.txt", None) == ()


@pytest.mark.parametrize("shape", ["\xff({}", "{})\xff"])
def test_what_cannot_be_typed_is_no_form(shape: str) -> None:
    keys = [shape.format(word).encode("latin-1") for word in ("cat", "dog", "hen")]
    assert not any(OPTION in note for note in notes(keys, "v.txt", None))


def test_what_is_not_a_key_is_that_of_the_file() -> None:
    vectors = opened(['"the"', '"of"', '"cat"'])
    formed = FormedVectors(vectors, parse_forms('"{}"'))
    assert (formed.path, formed.size, formed.dim) == ("v.txt", None, 2)
    assert (formed.declared_records, formed.has_lines) == (None, True)
    [hits] = formed.hits(None)
    assert list(hits.names) == [b'"the"', b'"of"', b'"cat"']
    assert formed.describe().notes == ()
    assert vectors.describe().notes
    formed.close()


@pytest.mark.parametrize("text", ["", "_NOUN", "{}{}", "{}{base64}", "{} ,x"])
def test_a_form_has_one_place_for_the_word(text: str) -> None:
    with pytest.raises(UsageError, match="no form of keys"):
        parse_forms(text)


@given(
    st.lists(st.text("abN_{}", min_size=1, max_size=3), min_size=1, max_size=6, unique=True),
    st.lists(st.text("abN_{}", min_size=1, max_size=4), min_size=1, max_size=9, unique=True),
    st.lists(st.sampled_from(["{}", "{}_N", "a{}", "{base64}"]), min_size=1, unique=True),
)
def test_a_word_is_found_as_a_loop_finds_it(
    words: list[str], keys: list[str], forms: list[str]
) -> None:
    every = [KeyForm.parse(form) for form in forms]
    expected: dict[str, list[float]] = {word: [] for word in words}
    for i, key in enumerate(keys):
        for word in words:
            if any(form.key(word.encode()) == key.encode() for form in every):
                expected[word].append(i + 0.5)
    assert found(FormedVectors(opened(keys), every), words) == expected


def test_composed_vectors_are_those_of_the_first_form() -> None:
    """A model of n-grams makes a vector for each key that it is asked for."""
    asked: list[tuple[list[bytes] | None, int | None]] = []
    vectors = opened(["the_N", "of_N", "in_N"])

    class Spy(FormedVectors):
        def hits(self, keys, composable=None):  # type: ignore[no-untyped-def]
            asked.append((keys, composable))
            return super().hits(keys, composable)

    spy = Spy(vectors, [KeyForm.parse("{}")])
    list(FormedVectors(spy, parse_forms("{}_N,{}_V")).hits([b"the", b"of", b"x"], 2))
    assert asked == [([b"the_N", b"of_N", b"x_N", b"the_V", b"of_V", b"x_V"], 2)]
    list(FormedVectors(spy, parse_forms("{}_N")).hits([b"the"]))
    assert asked[-1] == ([b"the_N"], 1)
    assert np.array_equal(spy.dim, 2)
