"""The tokenizer that a vocabulary file describes.

Comes in: the file, and the vocabulary that was read from it. Goes out: a `Split` into words, or a
`Library` that gives ids. A file that only lists pieces does not say how a text becomes them, so it
is refused.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from typing import Any

from embedprep.counting import splitting
from embedprep.counting.library import HuggingFace, Library, SentencePiece
from embedprep.counting.splitting import Split
from embedprep.errors import UsageError, printable
from embedprep.vocabulary import Surface, Vocabulary, source
from embedprep.vocabulary.folders import vocabulary_file

_SPLITS = {
    "keras-tokenizer": splitting.keras_tokenizer,
    "keras-layer": splitting.text_vectorization,
}
"""The formats whose settings say how a text is split."""


def tokenizer_of(vocab: Any, vocabulary: Vocabulary, separator: str | None) -> Split | Library:
    """Return the tokenizer of `vocabulary`, which was read from `vocab`.

    `separator` is what `--split` says. Raises `UsageError` for a vocabulary whose tokenizer is not
    known, and for a separator if the file itself says how texts are split.
    """
    library = _library(vocab, vocabulary)
    if library is None and vocabulary.splits is None and vocabulary.surface is Surface.PLAIN:
        return splitting.at(separator)
    if separator is not None:
        raise UsageError(
            f"--split is for plain lists of words, and this is a {vocabulary.format}",
            "Leave it out: the file says how texts are split.",
            path=vocabulary.path,
        )
    if library is not None:
        return library
    if vocabulary.splits is None:
        raise _unknown(vocabulary)
    with source.errors_naming(vocabulary.path):
        return _SPLITS[vocabulary.format](vocabulary.splits)


def _library(vocab: Any, vocabulary: Vocabulary) -> Library | None:
    if vocabulary.format not in ("huggingface-tokenizer", "sentencepiece-model"):
        return None
    given = vocabulary.path if isinstance(vocab, Vocabulary) else vocab
    if isinstance(given, Mapping):
        return HuggingFace(json.dumps(given))
    if given is None:
        raise UsageError(
            "the vocabulary is in memory, and its tokenizer is not",
            "Give the name of its file as vocab.",
        )
    path = vocabulary_file(given)
    with source.errors_naming(path):
        if vocabulary.format == "sentencepiece-model":
            return SentencePiece(source.data_of(path, models=True).content)
        return HuggingFace(source.text_of(path, as_told=True))


def _unknown(vocabulary: Vocabulary) -> UsageError:
    folder = os.path.dirname(vocabulary.path or "")
    beside = os.path.join(folder, "tokenizer.json")
    if vocabulary.path is not None and os.path.isfile(beside):
        remedy = f"The file beside it does: --vocab {shlex.quote(printable(beside))}."
    else:
        remedy = (
            "If it is a model of Hugging Face, write tokenizer.json, which does: "
            "AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER)."
        )
    return UsageError(
        "this vocabulary lists pieces, and does not say how a text is split into them",
        f"{remedy} Or count the tokens with the tokenizer itself: --counts FILE.",
        path=vocabulary.path,
    )
