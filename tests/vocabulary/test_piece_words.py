"""Which words contain which pieces, against a definition that looks at every pair of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.vocabulary import Role, Surface, Vocabulary, byte_alphabet
from embedprep.vocabulary.model import Marks
from embedprep.vocabulary.piece_words import LONGEST_WORD, PieceWords, piece_words
from embedprep.vocabulary.word_list import WordList

# Nothing here touches the core.

WORDPIECE, WORD_END = Surface.WORDPIECE, Surface.WORD_END
BYTE_LEVEL, METASPACE = Surface.BYTE_LEVEL, Surface.METASPACE
CLIP = Marks(end="</w>")


def vocabulary(
    tokens: list[str],
    surface: Surface,
    marks: Marks | None = None,
    rows: list[int] | None = None,
    special: str | None = None,
    verbatim: str | None = None,
) -> Vocabulary:
    places = np.arange(len(tokens)) if rows is None else np.array(rows)
    return Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=places,
        roles=np.array([Role.OTHER if t == special else Role.WORD for t in tokens], np.uint8),
        n_rows=int(places.max(initial=-1)) + 1,
        surface=surface,
        marks=marks,
        verbatim=frozenset() if verbatim is None else frozenset({verbatim}),
    )


def word_list(*words: str, counts: list[int] | None = None) -> WordList:
    given = [1] * len(words) if counts is None else counts
    return WordList([word.encode() for word in words], np.array(given, np.int64))


def rows_of(found: PieceWords) -> dict[str, list[int]]:
    """The rows of each word, after everything that the record promises was checked."""
    assert found.first.dtype == found.row.dtype == np.int64
    assert found.weight.dtype == np.float64
    assert len(found.first) == len(found.words) + 1 == len(found.weight) + 1
    assert found.first[0] == 0
    assert found.first[-1] == len(found.row)
    assert (found.weight > 0).all()
    rows = [part.tolist() for part in np.split(found.row, found.first[1:-1])]
    if not found.words:
        rows = []
    assert all(part and part == sorted(set(part)) for part in rows)
    return {word.decode(): part for word, part in zip(found.words, rows, strict=True)}


# Surface, token, the words that contain it, the words that do not.
PLACES: list[tuple[Surface, Marks | None, str, str, str]] = [
    (BYTE_LEVEL, None, "Ġun", "undo union", "un fun run Undo"),
    (BYTE_LEVEL, None, "ing", "going rings inging", "ing ingot"),
    (BYTE_LEVEL, None, "Ã©", "café née", "é éa e"),
    (BYTE_LEVEL, None, "Ã", "", "Ã aÃ é aé"),
    (BYTE_LEVEL, None, "©", "", "a© é aé"),
    (BYTE_LEVEL, None, "Â©", "a©", "© é aé"),
    (METASPACE, None, "▁un", "undo", "un fun"),
    (METASPACE, None, "ing", "going", "ing ingot"),
    (METASPACE, None, "▁", "", "a ▁a"),
    (METASPACE, None, "<0x41>", "", "aA a<0x41>"),
    (METASPACE, Marks(begin="_"), "_un", "undo", "un a_un"),
    (WORDPIECE, None, "un", "undo", "un fun"),
    (WORDPIECE, None, "##ing", "going rings", "ing ingot a##in"),
    (WORDPIECE, Marks(inside="@@"), "@@ing", "going", "ing ingot"),
    (WORD_END, None, "ing</w>", "going ringing", "ing rings ingot"),
    (WORD_END, None, "un", "undo fund unfun", "un fun"),
    (WORD_END, Marks(inside="##", end="</w>"), "un", "undo", "un fun fund"),
    (WORD_END, Marks(inside="##", end="</w>"), "##un", "fund", "un fun undo"),
    (WORD_END, Marks(inside="##", end="</w>"), "##un</w>", "fun", "un fund undo"),
    (WORD_END, Marks(inside="##", end="</w>"), "un</w>", "", "un fund undo"),
    (BYTE_LEVEL, CLIP, "Ã©</w>", "café", "é née"),
    (BYTE_LEVEL, CLIP, "caf", "café", "caf acaf"),
    (Surface.PLAIN, None, "un", "", "undo fund fun un"),
]


@pytest.mark.parametrize(("surface", "marks", "token", "containing", "others"), PLACES)
def test_where_a_piece_stands_in_a_word(
    surface: Surface, marks: Marks | None, token: str, containing: str, others: str
) -> None:
    wanted, unwanted = containing.split(), others.split()
    found = piece_words(vocabulary([token], surface, marks), word_list(*unwanted, *wanted))
    assert rows_of(found) == {word: [0] for word in wanted}


def test_by_hand() -> None:
    tokens = ["[UNK]", "un", "##do", "##ing", "##i", "undo"]
    found = piece_words(
        vocabulary(tokens, WORDPIECE, rows=[0, 2, 3, 5, 7, 8], special="[UNK]"),
        word_list("undoing", "of", "undo", "skiing", "unit", counts=[3, 9, 5, 0, 2]),
    )
    assert found.words == [b"undoing", b"undo", b"unit"]
    assert found.weight.tolist() == [3, 5, 2]
    assert found.first.tolist() == [0, 5, 7, 9]
    assert found.row.tolist() == [2, 3, 5, 7, 8, 2, 3, 2, 7]


def test_a_token_at_two_rows_has_the_words_twice() -> None:
    found = piece_words(vocabulary(["##s", "##s"], WORDPIECE, rows=[1, 4]), word_list("cats"))
    assert rows_of(found) == {"cats": [1, 4]}


@pytest.mark.parametrize("token", ["##s", "cat"])
def test_special_and_added_tokens_are_no_pieces(token: str) -> None:
    words = word_list("cats")
    assert rows_of(piece_words(vocabulary([token], WORDPIECE), words)) == {"cats": [0]}
    for tokens in (
        vocabulary([token], WORDPIECE, special=token),
        vocabulary([token], WORDPIECE, verbatim=token),
    ):
        found = piece_words(tokens, words)
        assert rows_of(found) == {}
        assert found.first.tolist() == [0]


def test_a_word_without_end_is_left_out() -> None:
    tokens = vocabulary(["##a", "a" * 1000], WORDPIECE)
    longest, longer = "b" + "a" * (LONGEST_WORD - 1), "b" + "a" * LONGEST_WORD
    assert list(rows_of(piece_words(tokens, word_list(longer, longest)))) == [longest]


def contains(word: str, token: str, surface: Surface) -> bool:
    """The definition, on bytes, one token and one word at a time."""
    text, data = token, word.encode()
    begin = end = None
    match surface:
        case Surface.BYTE_LEVEL:
            begin = text.startswith("Ġ")
            piece = byte_alphabet.to_bytes(text)
            assert piece is not None
            piece = piece.removeprefix(b" ") if begin else piece
        case Surface.METASPACE:
            begin = text.startswith("▁")
            piece = text.removeprefix("▁").encode()
        case Surface.WORDPIECE:
            begin = not text.startswith("##")
            piece = text.removeprefix("##").encode()
        case _:
            end = text.endswith("</w>")
            piece = text.removesuffix("</w>").encode()
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    if not piece or piece == data:
        return False
    places = [i for i in range(len(data)) if data.startswith(piece, i)]
    if begin is not None:
        places = [i for i in places if (i == 0) == begin]
    if end is not None:
        places = [i for i in places if (i + len(piece) == len(data)) == end]
    return bool(places)


TEXTS = st.text(st.sampled_from("aabé日"), min_size=1, max_size=4)
ALPHABET = st.text(st.sampled_from("aabÃ©æĹ¥"), min_size=1, max_size=5)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Surface, list[str]]:
    surface = draw(st.sampled_from([BYTE_LEVEL, METASPACE, WORDPIECE, WORD_END]))
    texts = draw(st.lists(ALPHABET if surface is BYTE_LEVEL else TEXTS, min_size=1, max_size=6))
    before = {BYTE_LEVEL: "Ġ", METASPACE: "▁", WORDPIECE: "##"}.get(surface, "")
    after = "</w>" if surface is WORD_END else ""
    marked = draw(st.lists(st.booleans(), min_size=len(texts), max_size=len(texts)))
    spelt = [before + t + after if m else t for t, m in zip(texts, marked, strict=True)]
    return surface, spelt


@given(pieces(), st.lists(st.tuples(TEXTS, st.integers(0, 3)), unique_by=lambda p: p[0]))
def test_every_pair_of_a_word_and_a_piece(
    pieces: tuple[Surface, list[str]], words: list[tuple[str, int]]
) -> None:
    surface, tokens = pieces
    names, counts = [word for word, _ in words], [count for _, count in words]
    found = piece_words(vocabulary(tokens, surface), word_list(*names, counts=counts))
    expected = {
        word: rows
        for word, count in words
        if count and (rows := [i for i, t in enumerate(tokens) if contains(word, t, surface)])
    }
    assert rows_of(found) == expected
    assert list(rows_of(found)) == list(expected)
    weights = dict(words)
    assert found.weight.tolist() == [weights[word] for word in expected]
