"""Tokenizers that a library has: Hugging Face's `tokenizers`, and SentencePiece.

Comes in: the file of the tokenizer, as text or bytes. Goes out: the ids that it gives to texts,
without special tokens around them, and where each token stands in a text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, UsageError
from embedprep.vocabulary.surfaces import METASPACE_MARK

log = logging.getLogger("embedprep")

Place = tuple[int, int, int]
"""An id, and where its token begins and ends in a text."""


class HuggingFace:
    """A `tokenizer.json`, asked by the library of that format."""

    def __init__(self, saved: str) -> None:
        """Raises UsageError without the library, and InputError if the library refuses the file."""
        try:
            from tokenizers import Tokenizer
        except ModuleNotFoundError as error:
            raise _missing("tokenizers", "'embedprep[tokenizers]'") from error
        try:
            self._tokenizer: Any = Tokenizer.from_str(saved)
        except Exception as error:  # the library raises no class of its own
            raise InputError(
                f"the library tokenizers cannot use it: {error}",
                "Try a newer one: pip install --upgrade tokenizers. Or count with the program that "
                "wrote the file, and pass the counts with --counts FILE.",
            ) from error
        if self._tokenizer.truncation is not None:
            log.warning(
                "the tokenizer cuts a text after %d tokens; all of your text is counted",
                self._tokenizer.truncation["max_length"],
            )
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        # The faster one, since 0.20.1, gives the same ids without their places.
        self._encode = getattr(self._tokenizer, "encode_batch_fast", self._tokenizer.encode_batch)

    def ids(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the ids of all texts, in order. The library uses all cores."""
        encoded = _told(self._encode, list(texts), add_special_tokens=False)
        return np.fromiter(chain.from_iterable(one.ids for one in encoded), np.int64)

    def places(self, text: str) -> Iterator[Place]:
        """Yield the tokens of a text with their places."""
        encoded = _told(self._tokenizer.encode, text, add_special_tokens=False)
        for id, (begin, end) in zip(encoded.ids, encoded.offsets, strict=True):
            yield id, begin, end

    def token(self, id: int) -> str | None:
        token: str | None = self._tokenizer.id_to_token(id)
        return token

    def words(self, text: str) -> list[str]:
        """Return the words of a text as the tokenizer normalises and splits it."""
        tokenizer = self._tokenizer
        if tokenizer.normalizer is not None:
            text = tokenizer.normalizer.normalize_str(text)
        if tokenizer.pre_tokenizer is None:
            return _words(text)
        split = tokenizer.pre_tokenizer.pre_tokenize_str(text)
        return [word for _, (begin, end) in split for word in _words(text[begin:end])]


class SentencePiece:
    """A SentencePiece `.model`, asked by the library of that name."""

    def __init__(self, saved: bytes) -> None:
        try:
            from sentencepiece import SentencePieceProcessor
        except ModuleNotFoundError as error:
            raise _missing("sentencepiece", "sentencepiece") from error
        self._model: Any = SentencePieceProcessor(model_proto=saved)

    def ids(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the ids of all texts, in order."""
        encoded = self._model.encode(list(texts), out_type=int, num_threads=-1)
        return np.fromiter(chain.from_iterable(encoded), np.int64)

    def places(self, text: str) -> Iterator[Place]:
        """Yield the pieces of each word of a text, with the place of the word."""
        for word in re.finditer(r"\S+", text):
            for id in self._model.encode(word[0]):
                yield id, word.start(), word.end()

    def token(self, id: int) -> str | None:
        token: str = self._model.id_to_piece(id)
        return token

    def words(self, text: str) -> list[str]:
        return _words(self._model.normalize(text))


Library = HuggingFace | SentencePiece


def _words(text: str) -> list[str]:
    """Return the parts of a text between spaces, without the marks of Metaspace."""
    return text.replace(METASPACE_MARK, " ").split()


def _told(encode: Any, *given: Any, **more: Any) -> Any:
    try:
        return encode(*given, **more)
    except Exception as error:
        raise InputError(
            f"the tokenizer fails at your text: {error}",
            "Its vocabulary may lack the token for unknown words, which its file names.",
        ) from error


def _missing(library: str, installed: str) -> UsageError:
    return UsageError(
        f"counting a text with this tokenizer needs the package {library}",
        f"Install it: pip install {installed}. Or count the tokens elsewhere, and pass them with "
        "--counts FILE.",
    )
