"""How much of a text each token is, which `sif` weighs its row with."""

from __future__ import annotations

import numpy as np

from embedprep.post.applying import Weights
from embedprep.vocabulary import Role, Vocabulary

BY_COUNT, BY_ID = "count", "id"


def shares(vocabulary: Vocabulary) -> tuple[Weights, str]:
    """Return the share of each row's token, shape (rows,), and whether it is known or from its id.

    Without counts, the ids are taken for ranks, and the shares fall as Zipf has it. Special tokens
    and rows without a token have the share 0.
    """
    words = np.flatnonzero(vocabulary.roles == Role.WORD)
    source = BY_ID
    weight = 1 / np.arange(1.0, len(words) + 1)
    if vocabulary.counts is not None and vocabulary.counts[words].any():
        source, weight = BY_COUNT, vocabulary.counts[words].astype(np.float64)
    share = np.zeros(vocabulary.n_rows)
    share[vocabulary.rows[words]] = weight / np.cumsum(weight)[-1:]
    return share, source
