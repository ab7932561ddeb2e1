"""AllenNLP's `vocabulary/tokens.txt`: one token per line from id 1; id 0 is padding and not listed.

The first line is the unknown token, which tells such a file from a plain list.
"""

from __future__ import annotations

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import ALLENNLP_UNKNOWN, Content, notes_of_blank_end
from embedprep.vocabulary.model import Role


def read(content: Content) -> Entries:
    tokens = [line.replace("@@NEWLINE@@", "\n") for line in content.value]
    return Entries(
        tokens=tokens,
        ids=range(1, len(tokens) + 1),
        roles={ALLENNLP_UNKNOWN: Role.UNKNOWN},
        one_based=True,
        notes=notes_of_blank_end(tokens),
    )
