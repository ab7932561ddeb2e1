"""The roles of tokens: which are words, and which are padding, unknown or control tokens.

Comes in: tokens with their rows, and what the tokenizer file itself says about some of them. Goes
out: one role per token. Names decide only if the file declares nothing: the word "pad" is a word,
and so is the piece `UNK` of a tokenizer that has its special tokens elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary.model import Role

_PADDING = ("pad", "padding", "pad_token", "blank", "null")
_UNKNOWN = ("unk", "unknown", "oov", "unk_token")
_OTHER = ("cls", "sep", "mask", "s", "/s", "bos", "eos", "sos", "sos/eos", "eps", "eod")
_TEXTS = ("start", "end", "endoftext", "startoftext", "end_of_text", "begin_of_text")
_CHATS = ("im_start", "im_end", "system", "user", "assistant")
_WIDE = ("<｜{}｜>", "<｜▁{}▁｜>")  # noqa: RUF001, DeepSeek's bars
_DASHES = ("-{}-", "--{}--")
_ANY_BRACKETS = ("<{}>", "[{}]", "<|{}|>", "<_{}_>", "@@{}@@", "__{}__", *_DASHES, *_WIDE)
_FASTAI = ("xxbos", "xxeos", "xxfld", "xxmaj", "xxup", "xxrep", "xxwrep")


def _in(brackets: Sequence[str], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for spelling in (name, name.upper(), name.capitalize()):
            yield from (pair.format(spelling) for pair in brackets)


ROLE_OF: dict[str, Role] = {
    **dict.fromkeys(_in(("<{}>", "<|{}|>"), (*_OTHER, *_TEXTS)), Role.OTHER),
    **dict.fromkeys(_in(("<|{}|>",), _CHATS), Role.OTHER),
    **dict.fromkeys((f"[{name.upper()}]" for name in _OTHER), Role.OTHER),
    **dict.fromkeys(_in(_ANY_BRACKETS, _PADDING), Role.PADDING),
    **dict.fromkeys(_in(_ANY_BRACKETS, _UNKNOWN), Role.UNKNOWN),
}
"""The roles of names that no word has, in any vocabulary."""

ALWAYS: dict[str, Role] = {
    # BERT reserves [unused0] to [unused993], but its file does not declare them.
    **{f"[unused{number}]": Role.OTHER for number in range(1000)},
    # SentencePiece spells a byte that belongs to no piece like this.
    **{f"<0x{byte:02X}>": Role.OTHER for byte in range(256)},
    # A blank line can match no word; at row 0 it is the padding of Keras' TextVectorization.
    "": Role.OTHER,
}
"""The roles of tokens that are no words even if the file declares its special tokens."""

OF_WORDS: dict[str, Role] = {
    "UNK": Role.UNKNOWN,
    **dict.fromkeys(_in(("_{}_", "_{}"), ("pad",)), Role.PADDING),
    **dict.fromkeys(_in(("_{}_", "_{}"), ("unk",)), Role.UNKNOWN),
    **dict.fromkeys(_in(("_{}_", "_{}"), ("go", "eos")), Role.OTHER),
    "xxpad": Role.PADDING,
    "xxunk": Role.UNKNOWN,
    **dict.fromkeys(_FASTAI, Role.OTHER),
}
"""The roles of more names, for lists of words: in other vocabularies they may be pieces."""

AT_THE_TOP: dict[str, Role] = {
    **dict.fromkeys(("pad", "PAD", "Pad", "padding", "PADDING", "NULL"), Role.PADDING),
    **dict.fromkeys(("unk", "Unk", "oov", "OOV"), Role.UNKNOWN),
    **dict.fromkeys(("BOS", "EOS", "SOS", "GO"), Role.OTHER),
}
"""The roles of words that are special before the first word of a list: no text has them as its
most frequent words.
"""


_TOP = 8
"""How many rows are looked at for these."""


def roles_of(
    tokens: Sequence[str],
    rows: NDArray[np.int64],
    declared: Mapping[str, Role],
    distinct: Set[str],
    *,
    complete: bool = False,
    of_words: bool = True,
) -> NDArray[np.uint8]:
    """Return the role of each token, uint8 of shape (n,); a declared one wins over the name.

    `distinct` are the same tokens as a set. With `complete`, every token that is not in `declared`
    is ordinary. With `of_words`, the vocabulary is a list of words, as far as is known.
    """
    names = ALWAYS if complete else {**ALWAYS, **ROLE_OF, **(OF_WORDS if of_words else {})}
    role_of = {**names, **declared}
    if of_words and not complete:
        for position, (token, row) in enumerate(zip(tokens, rows[:_TOP].tolist(), strict=False)):
            if row != position or (token not in role_of and token not in AT_THE_TOP):
                break
            role_of.setdefault(token, AT_THE_TOP.get(token, Role.OTHER))
    roles = np.zeros(len(tokens), dtype=np.uint8)
    if not any(map(distinct.__contains__, role_of)):  # nearly always in a list of words
        return roles
    named = np.fromiter(map(role_of.__contains__, tokens), np.bool_, len(tokens))
    for position in np.flatnonzero(named).tolist():
        token = tokens[position]
        at_row_zero = token == "" and rows[position] == 0 and not complete
        roles[position] = Role.PADDING if at_row_zero else role_of[token]
    return roles
