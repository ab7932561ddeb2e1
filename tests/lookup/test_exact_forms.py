"""The table of what a token is looked up as: what it is, and what the keys of the file are."""

from __future__ import annotations

import numpy as np
import pytest

from embedprep.fallback.table import RULES
from embedprep.lookup import EXACT, SPELLING, look_up
from embedprep.vocabulary import Role, Surface, Vocabulary
from embedprep.vocabulary.key_convention import WORDS, KeyConvention, of_keys
from embedprep.vocabulary.surfaces import USUAL_MARKS


def keys_are(surface: Surface, unknown: tuple[bytes, ...] = ()) -> KeyConvention:
    return KeyConvention(surface, USUAL_MARKS[surface], unknown)


def looked_up(
    token: str,
    surface: Surface,
    convention: KeyConvention,
    role: Role = Role.WORD,
    *,
    verbatim: bool = False,
    match_pieces: bool = False,
) -> list[str]:
    """The keys of the exact form of a token, the best first, without its other normal forms."""
    vocabulary = Vocabulary(
        format="test",
        tokens=(token,),
        rows=np.zeros(1, np.int64),
        roles=np.array([role], np.uint8),
        n_rows=1,
        surface=surface,
        verbatim=frozenset({token} if verbatim else ()),
    )
    keys = look_up(vocabulary, match_pieces=match_pieces).keys_for(convention)
    ranks = dict(zip(keys.key_of_pair().tolist(), keys.rank.tolist(), strict=True))
    assert set(ranks.values()) <= {SPELLING, EXACT, EXACT + 1, EXACT + 2}
    exact = [number for number, rank in ranks.items() if rank <= EXACT]
    return [keys.keys[number].decode() for number in sorted(exact, key=ranks.__getitem__)]


PLAIN, BYTES, META = Surface.PLAIN, Surface.BYTE_LEVEL, Surface.METASPACE
BERT, END, CLIP = Surface.WORDPIECE, Surface.WORD_END, Surface.BYTE_LEVEL_WORD_END
SUFFIX, SPACE, BARE = Surface.METASPACE_SUFFIX, Surface.LEADING_SPACE, Surface.UNMARKED

TABLE: list[tuple[Surface, str, Surface, list[str]]] = [
    # A token that begins a word: in a list of words, in a table with the same marks, in others.
    (META, "▁the", PLAIN, ["▁the", "the"]),
    (META, "▁the", META, ["▁the"]),
    (META, "▁the", BYTES, ["Ġthe"]),
    (META, "▁the", BERT, ["the"]),
    (META, "▁the", SPACE, [" the"]),
    (META, "▁the", END, ["the</w>"]),
    (BYTES, "Ġthe", PLAIN, ["Ġthe", "the"]),
    (BYTES, "Ġthe", BYTES, ["Ġthe"]),
    (BYTES, "ĠcafÃ©", META, ["▁café"]),
    (META, "▁café", BYTES, ["ĠcafÃ©"]),
    (BERT, "the", PLAIN, ["the"]),
    (BERT, "the", BERT, ["the"]),
    (BERT, "the", META, ["▁the"]),
    (PLAIN, "the", META, ["▁the"]),
    (PLAIN, "the", BERT, ["the"]),
    (PLAIN, "New York", META, ["▁New▁York"]),
    (META, "▁in▁the", BYTES, ["ĠinĠthe"]),
    (BARE, "the", META, ["▁the"]),
    (BARE, "the", PLAIN, ["the"]),
    (BARE, "the", BARE, ["the"]),
    (PLAIN, "the", BARE, ["the"]),
    (META, "▁the", BARE, ["the"]),
    # Inside of a word, with a mark.
    (BERT, "##ing", PLAIN, ["##ing"]),
    (BERT, "##ing", BERT, ["##ing"]),
    (BERT, "##ing", BYTES, ["ing"]),
    (BERT, "##ing", META, ["ing"]),
    (BERT, "##ing", END, []),
    # Inside, without a mark: the word `ing` is another thing.
    (BYTES, "ing", PLAIN, []),
    (BYTES, "ing", BYTES, ["ing"]),
    (BYTES, "ing", META, ["ing"]),
    (BYTES, "ing", BERT, ["##ing"]),
    (META, "ing", PLAIN, []),
    (META, "ing", BERT, ["##ing"]),
    (META, "ing", BARE, []),
    (BYTES, ".", PLAIN, ["."]),  # punctuation is a token of its own
    (BYTES, ".", BERT, ["##."]),
    # Where the ends of words are marked.
    (END, "the</w>", PLAIN, ["the</w>", "the"]),
    (END, "th", PLAIN, []),
    (END, "th", END, ["th"]),
    (END, "th", META, []),
    (END, "th", SUFFIX, ["th"]),
    (END, "the</w>", SUFFIX, ["the▁"]),
    (CLIP, "cafÃ©</w>", END, ["cafÃ©</w>"]),  # the ends are marked alike
    # A piece that is no text has its own spelling alone.
    (BYTES, "Ã", PLAIN, []),
    (BYTES, "Ã", BYTES, ["Ã"]),
    (BYTES, "Ã", META, []),
    (META, "<0xE2>", META, ["<0xE2>"]),
    (META, "<0xE2>", BYTES, []),
    # A token of a plain list that is written as the table writes.
    (PLAIN, "▁the", META, ["▁the", "▁▁the"]),
]


@pytest.mark.parametrize(("surface", "token", "convention", "expected"), TABLE)
def test_the_exact_form(
    surface: Surface, token: str, convention: Surface, expected: list[str]
) -> None:
    assert looked_up(token, surface, keys_are(convention)) == expected


@pytest.mark.parametrize("convention", Surface)
def test_what_stands_for_itself_is_spelt_as_it_is(convention: Surface) -> None:
    assert looked_up("<s>", META, keys_are(convention), Role.OTHER) == ["<s>"]
    assert looked_up("covid", META, keys_are(convention), verbatim=True) == ["covid"]
    assert looked_up("<pad>", META, keys_are(convention), Role.PADDING) == []


def test_an_unknown_token_may_have_another_name_in_another_table() -> None:
    other = keys_are(BERT, (b"[UNK]",))
    assert looked_up("<unk>", META, other, Role.UNKNOWN) == ["<unk>", "[UNK]"]
    assert looked_up("[UNK]", META, other, Role.UNKNOWN) == ["[UNK]"]
    assert looked_up("\ud800", META, other, Role.UNKNOWN) == []
    assert looked_up("<unk>", META, keys_are(META, (b"x",)), Role.UNKNOWN) == ["<unk>"]
    assert looked_up("<unk>", META, WORDS, Role.UNKNOWN) == ["<unk>"]


def test_pieces_match_words_in_lists_of_words_alone() -> None:
    assert looked_up("##ing", BERT, WORDS, match_pieces=True) == ["##ing", "ing"]
    assert looked_up("ing", BYTES, WORDS, match_pieces=True) == ["ing"]
    assert looked_up("##ing", BERT, keys_are(BERT), match_pieces=True) == ["##ing"]
    assert looked_up("ing", BYTES, keys_are(BERT), match_pieces=True) == ["##ing"]


def _of(tokens: list[str], surface: Surface = PLAIN) -> Vocabulary:
    return Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=np.arange(len(tokens)),
        roles=np.zeros(len(tokens), np.uint8),
        n_rows=len(tokens),
        surface=surface,
    )


def test_a_list_of_tokens_is_of_pieces_by_the_evidence_of_files() -> None:
    tokens = [*map(str, range(80)), "▁the", "▁of"]
    keys = look_up(_of(tokens)).keys_for(of_keys([token.encode() for token in tokens]))
    assert [key.decode() for key in keys.keys] == tokens
    assert not keys.foreign


def test_forms_of_words_are_spelt_as_the_file_spells() -> None:
    lookup = look_up(_of(["ĠDon't", "Ġing"], BYTES), tuple(RULES.values()))
    keys = lookup.keys_for(keys_are(META))
    assert all(key.startswith("▁".encode()) for key in keys.keys)
    assert keys.composable == 2
    assert keys.means is not None
    assert lookup.differs(WORDS, keys_are(META))
    assert not lookup.differs(WORDS, WORDS)
    assert lookup.has_other_forms([keys_are(META)])
    assert not look_up(_of(["the"])).has_other_forms([WORDS, keys_are(META)])
    assert lookup.keys_for(WORDS) is lookup.keys
