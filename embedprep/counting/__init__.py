"""The counts of a text: how often it has each token of a vocabulary.

In: a vocabulary, and files of text.
Out: the occurrences of each token, and places where some of them occur.
May import: sources, vocabulary, containers.

`texts` reads the files; `described` finds the tokenizer that the vocabulary file describes, which
is in `library` (a library has it) or in `splitting` (it is a few lines); `counting` counts, and
keeps a `sample` of the text to show a token in its context.
"""

from __future__ import annotations

from embedprep.counting.counting import CountedText, count_text
from embedprep.counting.texts import Text

__all__ = ["CountedText", "Text", "count_text"]
