"""How a vocabulary marks the beginning and end of words: as its file declares, or by a guess.

Comes in: the tokens. Goes out: a `Surface`, and its marks. A wrong guess would hide words from the
vector file, so the whole vocabulary is the evidence: a mark must be frequent, and one odd token
neither makes nor breaks a convention.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set

from embedprep.vocabulary import byte_alphabet
from embedprep.vocabulary.model import Marks, Surface, Vocabulary

METASPACE_MARK = "▁"
WORDPIECE_MARK = "##"
WORD_END_MARK = "</w>"

USUAL_MARKS: dict[Surface, Marks] = {
    Surface.PLAIN: Marks(),
    Surface.BYTE_LEVEL: Marks(begin=byte_alphabet.SPACE),
    Surface.METASPACE: Marks(begin=METASPACE_MARK),
    Surface.WORDPIECE: Marks(inside=WORDPIECE_MARK),
    Surface.WORD_END: Marks(end=WORD_END_MARK),
    Surface.BYTE_LEVEL_WORD_END: Marks(end=WORD_END_MARK),
    Surface.METASPACE_SUFFIX: Marks(end=METASPACE_MARK),
    Surface.LEADING_SPACE: Marks(begin=" "),
    Surface.UNMARKED: Marks(),
    Surface.BYTE_LEVEL_UNMARKED: Marks(),
}

# A trained tokenizer marks a third of its tokens or more; a word list that happens to contain a
# mark stays far below a tenth.
_GOOD_SHARE = 0.1
# Enough tokens, evenly spread, to tell a share of a tenth from none.
_SAMPLE = 2_000
# Byte-level tokenizers begin with all 256 characters; a pruned vocabulary may lack some.
_MOST_OF_THE_ALPHABET = 240
_FEW = 10
# In the byte alphabet the first two are control characters, and the third is none of it.
_MALTESE = frozenset("ċġżŻ")
# Tokens that were added to a byte-level vocabulary.
_MOST_FOREIGN = 0.05


def marks_of(vocabulary: Vocabulary) -> Marks:
    """Return the marks that the file declares, or else the usual ones of the surface."""
    return USUAL_MARKS[vocabulary.surface] if vocabulary.marks is None else vocabulary.marks


def marks_beginnings(vocabulary: Vocabulary) -> bool:
    """Whether the spelling of a piece shows if it begins a word: not if only ends are marked."""
    marks = marks_of(vocabulary)
    return bool(marks.begin or marks.inside)


def guess(tokens: Sequence[str], distinct: Set[str]) -> Surface:
    """Guess the surface from the spelling of `tokens`; `PLAIN` if none is clear.

    `distinct` are the same tokens as a set.
    """
    step = max(1, len(tokens) // _SAMPLE)
    # A single character has no mark, and byte-level vocabularies begin with 256 of them.
    sample = [token for token in tokens[::step] if len(token) > 1]

    def many(is_marked: Callable[[str], bool]) -> bool:
        return sum(map(is_marked, sample)) >= max(1.0, _GOOD_SHARE * len(sample))

    if many(lambda token: METASPACE_MARK in (token[0], token[-1])):
        return metaspace(sample)
    if many(lambda token: token.endswith(WORD_END_MARK)):
        return Surface.BYTE_LEVEL_WORD_END if _has_alphabet(distinct) else Surface.WORD_END
    if many(begins_with_byte_space) and writes_bytes(tokens, distinct):
        return Surface.BYTE_LEVEL
    if many(lambda token: token[0] == " " and not token[1].isspace()):
        return Surface.LEADING_SPACE
    inside = sum(token.startswith(WORDPIECE_MARK) for token in sample)
    if "[UNK]" in distinct and any(token.startswith(WORDPIECE_MARK) for token in tokens):
        return Surface.WORDPIECE
    return Surface.WORDPIECE if inside > max(_FEW, _GOOD_SHARE * len(sample)) else Surface.PLAIN


def metaspace(tokens: Sequence[str]) -> Surface:
    """Return how `▁` marks words: at their beginning, as is usual, or at their end."""
    pieces = [token for token in tokens if len(token) > 1]
    begin = sum(token[0] == METASPACE_MARK for token in pieces)
    end = sum(token[-1] == METASPACE_MARK for token in pieces)
    return Surface.METASPACE_SUFFIX if end > begin else Surface.METASPACE


def begins_with_byte_space(token: str) -> bool:
    """Whether `token` begins like a word of a byte-level vocabulary."""
    return token[:1] == byte_alphabet.SPACE and len(token) > 1


def writes_bytes(tokens: Sequence[str], distinct: Set[str]) -> bool:
    """Whether a vocabulary in which `Ġ` begins many tokens is spelt in bytes.

    Maltese has the letter, too, and others that spell no byte of a text. A byte-level vocabulary
    has nearly all characters of the alphabet as tokens, or none of these letters and next to no
    token of other characters, except runs of spaces and added special tokens in brackets.
    """
    if byte_alphabet.covers("".join(tokens)) or _has_alphabet(distinct):
        return True
    others = [token for token in tokens if not byte_alphabet.covers(token)]
    if all(token.isspace() or _in_brackets(token) for token in others):
        return True
    is_maltese = any(len(token) > 1 and not _MALTESE.isdisjoint(token) for token in tokens)
    return not is_maltese and len(others) <= _MOST_FOREIGN * len(tokens)


def _has_alphabet(distinct: Set[str]) -> bool:
    return sum(map(distinct.__contains__, byte_alphabet.CHARACTERS)) >= _MOST_OF_THE_ALPHABET


def _in_brackets(token: str) -> bool:
    return token[0] + token[-1] in ("<>", "[]") and len(token) > 2
