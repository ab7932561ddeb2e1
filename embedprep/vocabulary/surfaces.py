"""How a vocabulary marks the beginning and end of words: as its file declares, or by a guess.

Comes in: the tokens. Goes out: a `Surface`, and its marks. A wrong guess would hide words from
the vector file, so a mark must be frequent, and a byte-level vocabulary must consist of the
256-character alphabet throughout.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

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
}

# A trained tokenizer marks a third of its tokens or more; a word list that happens to contain
# a mark stays far below a tenth.
_GOOD_SHARE = 0.1
# Enough tokens, evenly spread, to tell a share of a tenth from none.
_SAMPLE = 2_000


def marks_of(vocabulary: Vocabulary) -> Marks:
    """The marks that the vocabulary's file declares, or else the usual ones of its surface."""
    return USUAL_MARKS[vocabulary.surface] if vocabulary.marks is None else vocabulary.marks


def marks_beginnings(vocabulary: Vocabulary) -> bool:
    """Whether the spelling of a piece tells if it begins a word: not where only ends are marked."""
    marks = marks_of(vocabulary)
    return bool(marks.begin or marks.inside)


def guess(tokens: Sequence[str], distinct: Set[str]) -> Surface:
    """The surface that the spelling of `tokens` shows, `PLAIN` if none shows clearly.

    `distinct` are the same tokens as a set.
    """
    step = max(1, len(tokens) // _SAMPLE)
    # A single character carries no mark, and byte-level vocabularies begin with 256 of them.
    sample = [token for token in tokens[::step] if len(token) > 1]
    threshold = max(1.0, _GOOD_SHARE * len(sample))
    if sum(token[0] == METASPACE_MARK for token in sample) >= threshold:
        return Surface.METASPACE
    if sum(token.endswith(WORD_END_MARK) for token in sample) >= threshold:
        return Surface.WORD_END
    begins_with_space = sum(token[0] == byte_alphabet.SPACE for token in sample)
    # The special tokens known by name are ASCII, and so of the alphabet like the others.
    if begins_with_space >= threshold and byte_alphabet.covers("".join(tokens)):
        return Surface.BYTE_LEVEL
    if "[UNK]" in distinct and any(token.startswith(WORDPIECE_MARK) for token in tokens):
        return Surface.WORDPIECE
    return Surface.PLAIN
