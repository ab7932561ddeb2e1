"""The roles of tokens: which are words, and which are padding, unknown or control tokens.

Comes in: tokens with their rows, and what the tokenizer file itself says about some of them.
Goes out: one role a token. Only the conventional spellings below are known by name; the word
"pad" is a word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np
from numpy.typing import NDArray

from embedprep.vocabulary.model import Role

ROLE_OF: dict[str, Role] = {
    **dict.fromkeys(("[PAD]", "<pad>", "<PAD>"), Role.PADDING),
    **dict.fromkeys(("[UNK]", "<unk>", "<UNK>", "<OOV>", "UNK"), Role.UNKNOWN),
    **dict.fromkeys(("[CLS]", "[SEP]", "[MASK]", "<mask>", "<|endoftext|>"), Role.OTHER),
    **dict.fromkeys(("<s>", "</s>", "<bos>", "<eos>"), Role.OTHER),
    # BERT reserves [unused0] to [unused993].
    **{f"[unused{number}]": Role.OTHER for number in range(1000)},
    # SentencePiece spells a byte that is no piece so.
    **{f"<0x{byte:02X}>": Role.OTHER for byte in range(256)},
    # A blank line can match no word; at row 0 it is the padding of Keras' TextVectorization.
    "": Role.OTHER,
}


def roles_of(
    tokens: Sequence[str],
    rows: NDArray[np.int64],
    declared: Mapping[str, Role],
    distinct: Set[str],
) -> NDArray[np.uint8]:
    """The role of each token, uint8 of shape (n,); what the file declares wins over the name.

    `distinct` are the same tokens as a set.
    """
    role_of = {**ROLE_OF, **declared}
    roles = np.zeros(len(tokens), dtype=np.uint8)
    if not any(map(distinct.__contains__, role_of)):  # nearly always in a list of words
        return roles
    named = np.fromiter(map(role_of.__contains__, tokens), np.bool_, len(tokens))
    for position in np.flatnonzero(named).tolist():
        token = tokens[position]
        at_row_zero = token == "" and rows[position] == 0
        roles[position] = Role.PADDING if at_row_zero else role_of[token]
    return roles
