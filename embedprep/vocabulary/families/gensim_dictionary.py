"""gensim's `Dictionary.save_as_text`: the number of documents, then `id<TAB>token<TAB>count`.

The count is the number of documents that contain the token, not its number of occurrences. It would
distort the coverage of the text, so it is not used as the token's count.
"""

from __future__ import annotations

import re

from embedprep.errors import InputError
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import Content, without_blank_end
from embedprep.vocabulary.model import Surface


def read(content: Content) -> Entries:
    lines: list[str] = without_blank_end(content.value)
    # Files of gensim before 0.13 lack the first line.
    header = 1 if re.fullmatch("[0-9]+", lines[0]) else 0
    ids, tokens = [], []
    record_of = re.compile(r"([0-9]{1,18})\t([^\t]*)\t[0-9]+")
    for number, line in enumerate(lines[header:], start=header + 1):
        record = record_of.fullmatch(line)
        if record is None:
            raise InputError(
                reason="not an id, a token and a count with tabs between",
                remedy="Save it again: dictionary.save_as_text(FILE)",
                line=number,
            )
        ids.append(int(record[1]))
        tokens.append(record[2])
    return Entries(tokens=tokens, ids=ids, surface=Surface.PLAIN)
