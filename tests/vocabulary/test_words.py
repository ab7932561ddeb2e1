"""The word that a token is: by the usual marks, by those that the file declares, and by asking."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.vocabulary import Role, Surface, Vocabulary, byte_alphabet, read
from embedprep.vocabulary.model import Marks, Position
from embedprep.vocabulary.surfaces import USUAL_MARKS, marks_beginnings
from embedprep.vocabulary.words import spelled, words

# Nothing here touches the core.

PLAIN, WORDPIECE, WORD_END = Surface.PLAIN, Surface.WORDPIECE, Surface.WORD_END
BYTE_LEVEL, METASPACE = Surface.BYTE_LEVEL, Surface.METASPACE


def vocabulary(
    *tokens: str,
    surface: Surface,
    marks: Marks | None = None,
    role: Role = Role.WORD,
    verbatim: frozenset[str] = frozenset(),
) -> Vocabulary:
    return Vocabulary(
        format="test",
        tokens=tokens,
        rows=np.arange(len(tokens)),
        roles=np.full(len(tokens), role, np.uint8),
        n_rows=len(tokens),
        surface=surface,
        marks=marks,
        verbatim=verbatim,
    )


# Surface, token, its word, and its word where pieces may match words.
USUAL: list[tuple[Surface, str, str | None, str | None]] = [
    (PLAIN, "the", "the", "the"),
    (PLAIN, "##ing", "##ing", "##ing"),
    (PLAIN, "<0x0A>", "<0x0A>", "<0x0A>"),
    (PLAIN, "\ud800", None, None),
    (BYTE_LEVEL, "Ġun", "un", "un"),
    (BYTE_LEVEL, "un", None, "un"),
    (BYTE_LEVEL, "Ã©s", None, "és"),
    (BYTE_LEVEL, "ĠÃ©", "é", "é"),
    (BYTE_LEVEL, "ĠofĠthe", "of the", "of the"),
    (BYTE_LEVEL, ",", ",", ","),
    (BYTE_LEVEL, "ðŁĺĢ", "😀", "😀"),
    (BYTE_LEVEL, "Ã", None, None),
    (BYTE_LEVEL, "ĠÃ", None, None),
    (BYTE_LEVEL, "©", None, None),
    (BYTE_LEVEL, "aÃ", None, None),
    (BYTE_LEVEL, "æĹ", None, None),
    (BYTE_LEVEL, "日", "日", "日"),  # not of the alphabet: it stands for itself
    (BYTE_LEVEL, "  ", "  ", "  "),
    (METASPACE, "▁un", "un", "un"),
    (METASPACE, "ing", None, "ing"),
    (METASPACE, "▁▁", " ", " "),
    (METASPACE, "▁in▁the", "in the", "in the"),
    (METASPACE, "n▁the", None, "n the"),
    (METASPACE, ".", ".", "."),
    (METASPACE, "<0x0A>", None, None),
    (METASPACE, "▁<0x0A>", None, None),
    (METASPACE, "<0x0a>", None, "<0x0a>"),
    (METASPACE, "▁\ud800", None, None),
    (METASPACE, "\ud800", None, None),
    (WORDPIECE, "un", "un", "un"),
    (WORDPIECE, "##ing", None, "ing"),
    (WORDPIECE, "##.", None, "."),
    (WORDPIECE, "##", "##", "##"),
    (WORDPIECE, "###", None, "#"),
    (WORDPIECE, "<0x0A>", "<0x0A>", "<0x0A>"),
    (WORD_END, "the</w>", "the", "the"),
    (WORD_END, "un", None, "un"),
    (WORD_END, ".", ".", "."),
    (WORD_END, "</w>", "", ""),
    (Surface.BYTE_LEVEL_WORD_END, "cafÃ©</w>", "café", "café"),
    (Surface.BYTE_LEVEL_WORD_END, "cafÃ©", None, "café"),
    (Surface.BYTE_LEVEL_WORD_END, "Ã</w>", None, None),
    (Surface.METASPACE_SUFFIX, "the▁", "the", "the"),
    (Surface.METASPACE_SUFFIX, "of▁the▁", "of the", "of the"),
    (Surface.METASPACE_SUFFIX, "ing", None, "ing"),
    (Surface.METASPACE_SUFFIX, "<0xE2>", None, None),
    (Surface.LEADING_SPACE, " the", "the", "the"),
    (Surface.LEADING_SPACE, "ing", None, "ing"),
    (Surface.UNMARKED, "ing", "ing", "ing"),
]


def encoded(word: str | None) -> bytes | None:
    return None if word is None else word.encode()


@pytest.mark.parametrize(("surface", "token", "word", "matched"), USUAL)
def test_the_word_of_a_token(
    surface: Surface, token: str, word: str | None, matched: str | None
) -> None:
    tokens = vocabulary(token, surface=surface)
    assert words(tokens) == [encoded(word)]
    assert words(tokens, match_pieces=True) == [encoded(matched)]


# As `tokenizer.json` declares them: marks, a token, its word, and its word as a piece.
DECLARED: list[tuple[dict[str, Any], str, str | None, str | None]] = [
    ({"model": {"continuing_subword_prefix": "@@"}}, "@@ing", None, "ing"),
    ({"model": {"continuing_subword_prefix": "@@"}}, "the", "the", "the"),
    ({"model": {"continuing_subword_prefix": "@@"}}, "##ing", "##ing", "##ing"),
    ({"model": {"continuing_subword_prefix": ""}}, "##ing", "##ing", "##ing"),
    ({"model": {"end_of_word_suffix": "_"}}, "the_", "the", "the"),
    ({"model": {"end_of_word_suffix": "_"}}, "un", None, "un"),
    ({"model": {"end_of_word_suffix": "_"}}, "x</w>", None, "x</w>"),
    *(
        ({"model": {"continuing_subword_prefix": "##", "end_of_word_suffix": "</w>"}}, *case)
        for case in (
            ("the</w>", "the", "the"),
            ("un", None, "un"),
            ("##ing</w>", None, "ing"),
            ("##i", None, "i"),
            ("##,</w>", None, ","),
        )
    ),
    # CLIP: bytes in the alphabet, and the end of a word marked.
    *(
        ({"decoder": {"type": "ByteLevel"}, "model": {"end_of_word_suffix": "</w>"}}, *case)
        for case in (
            ("the</w>", "the", "the"),
            ("Ã©</w>", "é", "é"),
            ("un", None, "un"),
            ("Ã</w>", None, None),
            ("!</w>", "!", "!"),
        )
    ),
    *(
        ({"decoder": {"type": "ByteLevel"}, "model": {"continuing_subword_prefix": "##"}}, *case)
        for case in (
            ("Ġthe", "the", "the"),
            ("the", "the", "the"),
            ("##Ã©", None, "é"),
        )
    ),
    ({"pre_tokenizer": {"type": "Metaspace", "replacement": "_"}}, "_the", "the", "the"),
    ({"pre_tokenizer": {"type": "Metaspace", "replacement": "_"}}, "the", None, "the"),
    ({"pre_tokenizer": {"type": "Metaspace", "replacement": "▁"}}, "▁the", "the", "the"),
    ({"decoder": {"type": "Metaspace"}}, "▁the", "the", "the"),
    ({"decoder": {"type": "ByteLevel", "add_prefix_space": False}}, "un", None, "un"),
    ({"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": True}}, "un", None, "un"),
]


@pytest.mark.parametrize(("parts", "token", "word", "matched"), DECLARED)
def test_the_marks_are_those_that_the_file_declares(
    parts: dict[str, Any], token: str, word: str | None, matched: str | None
) -> None:
    model = {"vocab": {token: 0}, **parts.get("model", {})}
    tokens = read({"added_tokens": [], **parts, "model": model})
    assert words(tokens) == [encoded(word)]
    assert words(tokens, match_pieces=True) == [encoded(matched)]


@pytest.mark.parametrize("match_pieces", [False, True])
@pytest.mark.parametrize(
    ("surface", "token", "word"),
    [
        (BYTE_LEVEL, "<|endoftext|>", "<|endoftext|>"),
        (BYTE_LEVEL, "é", "é"),
        (METASPACE, "▁the", "▁the"),
        (METASPACE, "<0xE2>", None),
        (WORDPIECE, "##ing", "##ing"),
        (WORD_END, "the</w>", "the</w>"),
        (PLAIN, "<0xE2>", "<0xE2>"),
    ],
)
def test_special_and_added_tokens_stand_for_themselves(
    surface: Surface, token: str, word: str | None, match_pieces: bool
) -> None:
    special = vocabulary(token, surface=surface, role=Role.OTHER)
    added = vocabulary(token, surface=surface, verbatim=frozenset({token}))
    for tokens in (special, added):
        assert words(tokens, match_pieces=match_pieces) == [encoded(word)]


def test_the_bytes_of_sentencepiece_are_no_words() -> None:
    pieces: Any = [["<unk>", 0.0], ["<0x0A>", 0.0], ["▁the", -1.0], ["▁", -2.0]]
    assert words(read(pieces)) == [b"<unk>", None, b"the", b""]


WORD, INSIDE, UNMARKED = Position.WORD, Position.INSIDE, Position.UNMARKED
UNKNOWN, VERBATIM, FRAGMENT = Position.UNKNOWN, Position.VERBATIM, Position.FRAGMENT


@pytest.mark.parametrize(
    ("surface", "token", "position", "text"),
    [
        (PLAIN, "##ing", WORD, "##ing"),
        (WORDPIECE, "the", WORD, "the"),
        (WORDPIECE, "##ing", INSIDE, "ing"),
        (BYTE_LEVEL, "ĠÃ©", WORD, "é"),
        (BYTE_LEVEL, "ing", UNMARKED, "ing"),
        (BYTE_LEVEL, ",", UNMARKED, ","),
        (BYTE_LEVEL, "Ã", FRAGMENT, None),
        (BYTE_LEVEL, "   ", VERBATIM, "   "),
        (METASPACE, "▁the", WORD, "the"),
        (METASPACE, "ing", UNMARKED, "ing"),
        (METASPACE, "<0xE2>", FRAGMENT, None),
        (WORD_END, "the</w>", WORD, "the"),
        (WORD_END, "th", UNMARKED, "th"),
        (Surface.UNMARKED, "ing", UNKNOWN, "ing"),
    ],
)
def test_the_position_of_a_token(
    surface: Surface, token: str, position: Position, text: str | None
) -> None:
    found = spelled(vocabulary(token, surface=surface))
    assert (found.position.tolist(), found.text) == ([position], [encoded(text)])
    assert spelled(vocabulary(token, surface=surface, role=Role.OTHER)).position.tolist() == [
        FRAGMENT if text is None and surface is METASPACE else VERBATIM
    ]


def test_which_conventions_mark_beginnings() -> None:
    marking = {
        surface for surface in Surface if marks_beginnings(vocabulary("the", surface=surface))
    }
    assert marking == {BYTE_LEVEL, METASPACE, WORDPIECE, Surface.LEADING_SPACE}


def test_every_convention_has_a_title() -> None:
    assert len({surface.title for surface in Surface}) == len(Surface)


@pytest.mark.parametrize(
    ("surface", "token", "is_fragment"),
    [
        (BYTE_LEVEL, "Ã", True),
        (BYTE_LEVEL, "ĠÃ", True),
        (BYTE_LEVEL, "Ã©", False),
        (BYTE_LEVEL, "Ġthe", False),
        (BYTE_LEVEL, "Ã</w>", True),
        (METASPACE, "<0xE2>", True),
        (METASPACE, "▁the", False),
        (WORDPIECE, "<0xE2>", False),
        (PLAIN, "Ã", False),
    ],
)
def test_a_byte_or_a_part_of_a_character_is_no_word(
    surface: Surface, token: str, is_fragment: bool
) -> None:
    [word] = words(vocabulary(token, surface=surface), match_pieces=True)
    assert (word is None) is is_fragment


TOKENS = st.text(st.sampled_from("aé,#▁Ġ©Ã日 \ud800"), max_size=5).flatmap(
    lambda text: st.sampled_from([text, "##" + text, text + "</w>", "▁" + text, "Ġ" + text])
)


@given(st.lists(TOKENS, max_size=5), st.sampled_from(Surface))
def test_matching_pieces_adds_words_and_changes_none(tokens: list[str], surface: Surface) -> None:
    some = vocabulary(*tokens, surface=surface)
    strict, matched = words(some), words(some, match_pieces=True)
    assert all(word in (None, other) for word, other in zip(strict, matched, strict=True))
    for token, word in zip(tokens, matched, strict=True):
        if word is not None:
            word.decode()
            if surface.writes_bytes and (content := byte_alphabet.to_bytes(token)) is not None:
                content.decode()


@given(st.text(st.sampled_from("ab,é"), min_size=1, max_size=4), st.sampled_from(Surface))
def test_a_word_written_with_its_marks_is_that_word(word: str, surface: Surface) -> None:
    marks = USUAL_MARKS[surface]
    spelt = word.replace("é", "Ã©") if surface.writes_bytes else word
    assert words(vocabulary(marks.begin + spelt + marks.end, surface=surface)) == [word.encode()]
