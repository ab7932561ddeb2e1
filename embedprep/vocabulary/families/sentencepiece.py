"""SentencePiece's `.vocab`: `piece<TAB>score`, each at its line number from 0."""

from __future__ import annotations

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, LineShape
from embedprep.vocabulary.family import Family, of_shape
from embedprep.vocabulary.model import Surface


def _read(content: Content) -> Entries:
    # From the right: a piece that the user defined may contain a tab.
    columns = [line.rpartition("\t") for line in content.value]
    for number, (_, tab, _score) in enumerate(columns, start=1):
        if not tab:
            raise InputError(
                reason="not a piece, a tab and a score",
                remedy="Export it again: spm_export_vocab --model=FILE --output=FILE.vocab",
                line=number,
            )
    return Entries(tokens=[piece for piece, _, _ in columns], surface=Surface.METASPACE)


FAMILY = Family(
    name="sentencepiece",
    written_by="SentencePiece .vocab: piece, tab, score",
    medium="text",
    claims=of_shape(LineShape.TOKEN_SCORE),
    read=_read,
)
