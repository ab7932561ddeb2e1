"""A token is looked up as the word it would be in running text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.fallback import forms
from embedprep.fallback.table import RULES
from embedprep.lookup import EXACT, SPELLING, LookupKeys, look_up, look_up_again
from embedprep.provenance import Provenance
from embedprep.vocabulary import Role, Surface, Vocabulary, byte_alphabet
from embedprep.vocabulary.key_convention import of_keys


def vocabulary(
    tokens: list[str],
    surface: Surface = Surface.PLAIN,
    roles: list[Role] | None = None,
    rows: list[int] | None = None,
) -> Vocabulary:
    places = np.array(rows if rows is not None else range(len(tokens)), np.int64)
    return Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=places,
        roles=np.array(roles or [Role.WORD] * len(tokens), np.uint8),
        n_rows=int(places.max(initial=-1)) + 1,
        surface=surface,
        repeated=len(set(tokens)) < len(tokens),
    )


def pairs(keys: LookupKeys) -> list[tuple[bytes, int]]:
    """Key and row, by row, without the keys that are tokens with their marks."""
    assert len(keys.first) == len(keys.keys) + 1
    assert keys.first[0] == 0
    assert keys.first[-1] == len(keys.row) == len(keys.rank)
    assert len(set(keys.keys)) == len(keys.keys)
    numbers = np.repeat(np.arange(len(keys.keys)), np.diff(keys.first)).tolist()
    triples = zip(numbers, keys.row.tolist(), keys.rank.tolist(), strict=True)
    named = [(keys.keys[number], row) for number, row, rank in triples if rank != SPELLING]
    return sorted(named, key=lambda pair: pair[1])


# Surface, token, the key to look for. None: a piece from inside a word, which has no vector.
WORDS: list[tuple[Surface, str, bytes | None]] = [
    (Surface.PLAIN, "the", b"the"),
    (Surface.PLAIN, "New York", b"New York"),
    (Surface.PLAIN, "##s", b"##s"),
    (Surface.PLAIN, "▁the", "▁the".encode()),
    (Surface.PLAIN, "é", b"\xc3\xa9"),
    (Surface.PLAIN, "\u00a0", b"\xc2\xa0"),
    (Surface.PLAIN, "", None),
    (Surface.PLAIN, "\ud800", None),
    (Surface.PLAIN, "a\udfffb", None),
    (Surface.BYTE_LEVEL, "Ġthe", b"the"),
    (Surface.BYTE_LEVEL, "the", None),
    (Surface.BYTE_LEVEL, "ĠcafÃ©", "café".encode()),
    (Surface.BYTE_LEVEL, "Ã©", None),
    (Surface.BYTE_LEVEL, "Ġ", None),
    (Surface.BYTE_LEVEL, "ĠĠ", b" "),
    (Surface.BYTE_LEVEL, "!", b"!"),
    (Surface.BYTE_LEVEL, "Ġ!", b"!"),
    (Surface.BYTE_LEVEL, "...", b"..."),
    (Surface.BYTE_LEVEL, "Ãł", None),
    # Not of the alphabet: an added token, which stands for itself.
    (Surface.BYTE_LEVEL, "中", "中".encode()),
    (Surface.BYTE_LEVEL_UNMARKED, "the", b"the"),
    (Surface.BYTE_LEVEL_UNMARKED, "cafÃ©", "café".encode()),
    (Surface.METASPACE, "▁the", b"the"),
    (Surface.METASPACE, "the", None),
    (Surface.METASPACE, "▁", None),
    (Surface.METASPACE, "▁▁", b" "),
    (Surface.METASPACE, "▁in▁the", b"in the"),
    (Surface.METASPACE_SUFFIX, "the▁", b"the"),
    (Surface.METASPACE_SUFFIX, "the", None),
    (Surface.METASPACE_SUFFIX, "<0xE2>", None),
    (Surface.BYTE_LEVEL_WORD_END, "cafÃ©</w>", "café".encode()),
    (Surface.BYTE_LEVEL_WORD_END, "cafÃ©", None),
    (Surface.BYTE_LEVEL_WORD_END, "Ã</w>", None),
    (Surface.LEADING_SPACE, " the", b"the"),
    (Surface.LEADING_SPACE, "the", None),
    (Surface.UNMARKED, "the", b"the"),
    (Surface.METASPACE, ",", b","),
    (Surface.METASPACE, "▁,", b","),
    (Surface.METASPACE, "7", None),
    (Surface.METASPACE, "▁\ud800", None),
    (Surface.WORDPIECE, "the", b"the"),
    (Surface.WORDPIECE, "##s", None),
    (Surface.WORDPIECE, "##!", None),
    (Surface.WORDPIECE, "##", b"##"),
    (Surface.WORDPIECE, "#", b"#"),
    (Surface.WORD_END, "the</w>", b"the"),
    (Surface.WORD_END, "the", None),
    (Surface.WORD_END, "</w>", None),
    (Surface.WORD_END, "!", b"!"),
    (Surface.WORD_END, "!</w>", b"!"),
]


@pytest.mark.parametrize(("surface", "token", "key"), WORDS)
def test_the_exact_form(surface: Surface, token: str, key: bytes | None) -> None:
    keys = look_up(vocabulary([token], surface)).keys
    assert pairs(keys)[:1] == ([] if key is None else [(key, 0)])
    assert set(keys.rank[keys.code == Provenance.EXACT].tolist()) <= {
        *(SPELLING, EXACT),
        *(EXACT + 1, EXACT + 2),  # other normal forms
    }


@pytest.mark.parametrize("surface", Surface)
def test_every_surface_has_a_rule(surface: Surface) -> None:
    assert surface in {known for known, _, _ in WORDS}
    look_up(vocabulary(["the"], surface))


@pytest.mark.parametrize("surface", Surface)
def test_a_special_token_stands_for_itself_and_padding_for_nothing(surface: Surface) -> None:
    roles = [Role.PADDING, Role.UNKNOWN, Role.OTHER]
    keys = look_up(vocabulary(["<pad>", "<unk>", "<s>"], surface, roles)).keys
    assert pairs(keys) == [(b"<unk>", 1), (b"<s>", 2)]


def test_one_key_may_serve_many_rows() -> None:
    tokens = ["Ġ!", "Ġthe", "!", "the", "Ġof"]
    keys = look_up(vocabulary(tokens, Surface.BYTE_LEVEL, rows=[2, 3, 5, 7, 11])).keys
    assert sorted(keys.keys[: keys.composable]) == [b"!", b"of", b"the"]
    assert pairs(keys) == [(b"!", 2), (b"the", 3), (b"!", 5), (b"of", 11)]


def test_a_vocabulary_without_a_word_wants_nothing() -> None:
    keys = look_up(vocabulary(["##a", "##b"], Surface.WORDPIECE)).keys
    assert (keys.composable, pairs(keys)) == (0, [])


BEGIN = {Surface.PLAIN: "", Surface.METASPACE: "▁", Surface.BYTE_LEVEL: "Ġ"}


@pytest.mark.parametrize(
    ("surface", "token"),
    [
        (Surface.PLAIN, ""),
        (Surface.PLAIN, "\ud800"),
        (Surface.PLAIN, "a\udfffB-c"),
        (Surface.METASPACE, "▁\ud800"),
        (Surface.METASPACE, "<0xE2>"),
        (Surface.BYTE_LEVEL, "Ã"),
        (Surface.BYTE_LEVEL, "ĠâĢ"),
    ],
)
def test_what_is_no_text_has_no_other_form_either(surface: Surface, token: str) -> None:
    """Half a surrogate pair, or a part of a character: no rule makes a word of it."""
    tokens = [token, BEGIN[surface] + "Don't"]
    keys = look_up(vocabulary(tokens, surface), tuple(RULES.values())).keys
    assert {row for _, row in pairs(keys)} == {1}
    assert keys.means is not None
    assert set(keys.means.row.tolist()) == {1}


tokens = st.lists(st.text(st.characters() | st.sampled_from("Ġ▁#!a\ud800"), max_size=4), max_size=8)


@given(tokens, st.sampled_from(Surface))
def test_together_as_one_by_one(tokens: list[str], surface: Surface) -> None:
    expected = [
        (key, row)
        for row, token in enumerate(tokens)
        for key, _ in pairs(look_up(vocabulary([token], surface)).keys)
    ]
    assert pairs(look_up(vocabulary(tokens, surface)).keys) == expected


@given(st.text(st.characters(codec="utf-8", exclude_characters="▁"), min_size=1))
def test_a_word_comes_back_from_its_marked_spelling(word: str) -> None:
    spelt = {
        Surface.PLAIN: word,
        Surface.BYTE_LEVEL: byte_alphabet.from_bytes(b" " + word.encode()),
        Surface.METASPACE: "▁" + word,
        Surface.WORD_END: word + "</w>",
    }
    for surface, token in spelt.items():
        assert pairs(look_up(vocabulary([token], surface)).keys)[:1] == [(word.encode(), 0)]


def test_a_note_counts_tokens_with_too_many_forms(caplog: pytest.LogCaptureFixture) -> None:
    assert len(look_up(vocabulary(["The", "mid-1990s"]), list(RULES.values())).keys.keys) > 40
    assert caplog.text == ""
    keys = look_up(vocabulary(["“COVID-19’s”", "The"]), list(RULES.values())).keys
    assert "more than 64 other forms, or after those with more than 12, or 96 char" in caplog.text
    assert "average: 1; only the forms that one or two rules make are looked for" in caplog.text
    assert {b"COVID-19", b"the"} <= set(keys.keys)


def test_all_forms_of_a_vocabulary_together_are_limited(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 0)
    monkeypatch.setattr(forms, "FORMS_A_WORD", 3)
    tokens = ["Mid-May", "New-York", "the"]
    rules = [RULES["lower"], RULES["underscore"]]
    keys = look_up(vocabulary(tokens), rules).keys.keys
    assert {b"mid_may", b"new_york"} <= set(keys)
    assert caplog.text == ""
    monkeypatch.setattr(forms, "FORMS_A_WORD", 1)
    keys = look_up(vocabulary(tokens), rules).keys.keys
    # The first token has all its forms, the second those of single rules, the third has none.
    assert {b"mid_may", b"new-york", b"New_York"} <= set(keys)
    assert b"new_york" not in keys
    assert "average: 1; only" in caplog.text


def test_it_does_not_matter_for_the_limit_how_many_words_were_found_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The vectors of a pipe are read once, for all words; those of a file for the missing ones."""
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 0)
    monkeypatch.setattr(forms, "FORMS_A_WORD", 2)
    rules = [RULES["lower"], RULES["underscore"]]
    words = vocabulary(["the", "cat", "dog", "Mid-May", "New-York"])
    missing = np.array([False, False, False, True, True])
    for lookup in (look_up(words, rules), look_up_again(look_up(words), rules, missing)):
        assert {b"mid_may", b"new_york"} <= set(lookup.keys.keys)
        assert not lookup.forms_are_limited()
    monkeypatch.setattr(forms, "FORMS_A_WORD", 1)
    for lookup in (look_up(words, rules), look_up_again(look_up(words), rules, missing)):
        assert lookup.forms_are_limited()


def test_the_note_appears_once_for_several_kinds_of_keys(caplog: pytest.LogCaptureFixture) -> None:
    lookup = look_up(vocabulary(["“COVID-19’s”", "The"]), list(RULES.values()))
    for keys in ([b"the", b"cat"], ["Ġthe".encode(), "Ġcat".encode(), b"s"]):
        lookup.keys_for(of_keys(keys))
    assert caplog.text.count("tokens with more than 64 other forms") == 1
