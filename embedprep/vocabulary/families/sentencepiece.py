"""SentencePiece's `.vocab`: `piece<TAB>score`, each at its position from 0.

A piece that contains newlines takes several lines: its record ends after the score.
"""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.vocabulary import surfaces
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end


def read(content: Content) -> Entries:
    from embedprep.vocabulary.numbered_lines import merged

    # From the right: a piece that the user defined may contain a tab.
    columns = [line.rpartition("\t") for line in merged(without_blank_end(content.value))]
    for number, (_, tab, _score) in enumerate(columns, start=1):
        if not tab:
            raise InputError(
                reason="not a piece, a tab and a score",
                remedy="Export it again: spm_export_vocab --model=FILE --output=FILE.vocab",
                line=number,
            )
    tokens = [piece for piece, _, _ in columns]
    return Entries(tokens=tokens, surface=surfaces.metaspace(tokens))
