"""Which token of the vocabulary an argument means: the tokenizer's spelling, or a plain word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from embedprep.explain.parts import Parts


@dataclass(frozen=True)
class Form:
    """A token, and its first row."""

    token: str
    row: int


def forms(asked: str, parts: Parts) -> list[Form]:
    """Return the tokens that `asked` may mean, the likeliest first; none if there is none."""
    found = []
    for token in dict.fromkeys((asked, *marked(asked, parts.report.vocabulary.surface))):
        rows = parts.rows_of(token)
        if len(rows):
            found.append(Form(token, int(rows[0])))
    return found


def likeliest(asked: str, parts: Parts) -> str:
    """Return the tokenizer's likeliest spelling of `asked`, which the vocabulary lacks."""
    return (marked(asked, parts.report.vocabulary.surface) or [asked])[0]


def marked(word: str, surface: str) -> list[str]:
    """Return how a tokenizer with these marks may write `word`, the whole word first."""
    write = _WRITE.get(surface)  # None: plain, or of a later version
    return [] if write is None else write(word)


# The marks stand with the readers of vocabularies, which few arguments need.


def _byte_level(word: str) -> list[str]:
    from embedprep.vocabulary import byte_alphabet

    spelt = byte_alphabet.from_bytes(word.encode("utf-8", "surrogatepass"))
    return [byte_alphabet.SPACE + spelt, spelt]


def _metaspace(word: str) -> list[str]:
    from embedprep.vocabulary.surfaces import METASPACE_MARK

    return [METASPACE_MARK + word]


def _word_end(word: str) -> list[str]:
    from embedprep.vocabulary.surfaces import WORD_END_MARK

    return [word + WORD_END_MARK]


def _wordpiece(word: str) -> list[str]:
    from embedprep.vocabulary.surfaces import WORDPIECE_MARK

    return [word, WORDPIECE_MARK + word]


def _byte_level_word_end(word: str) -> list[str]:
    return [_byte_level(word)[1] + mark for mark in (*_word_end(""), "")]


def _metaspace_suffix(word: str) -> list[str]:
    return [word + mark for mark in _metaspace("")]


def _leading_space(word: str) -> list[str]:
    return [" " + word, word]


_WRITE: dict[str, Callable[[str], list[str]]] = {
    "byte-level": _byte_level,
    "metaspace": _metaspace,
    "word-end": _word_end,
    "wordpiece": _wordpiece,
    "byte-level-word-end": _byte_level_word_end,
    "metaspace-suffix": _metaspace_suffix,
    "leading-space": _leading_space,
}
"""By the name of a `Surface`."""
