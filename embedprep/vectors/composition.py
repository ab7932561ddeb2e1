"""Tokens that a model's table lacks, as pieces that it has.

Comes in: a model's `tokenizer.json`, and a key as the table would spell it. Goes out: the keys of
the pieces into which the tokenizer splits the text of the key, at that place of a word.

The tokenizer itself normalises, splits and models the text, so that digits and punctuation come out
as the model really sees them. The text is put after a letter, or after a letter and a space, so the
first piece is one from inside a word, or one that begins a word.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import UsageError
from embedprep.provenance import KEY_SEPARATOR
from embedprep.vocabulary.key_convention import KeyConvention
from embedprep.vocabulary.words import piece_of

_BEFORE = "a"
"""A letter that every normaliser and splitter leaves as it is."""


class Unreadable(Exception):  # noqa: N818  the vectors can be read, only not composed
    """Raised if the library cannot use the tokenizer."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Which records make up which keys."""

    key: NDArray[np.int64]
    """The number of each key."""
    pieces: list[list[bytes]]
    """The keys of its pieces."""
    first: NDArray[np.int64]
    term: NDArray[np.int64]
    """Key k is the mean of the rows of `records[term[first[k]:first[k + 1]]]`."""
    records: NDArray[np.int64]
    """The distinct records that are needed, ascending."""

    def means(
        self, rows: NDArray[np.float32], usable: NDArray[np.bool_], at_once: int
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32], list[bytes]]]:
        """Yield the keys whose pieces are all `usable`, their means, and their pieces, joined.

        `rows` are those of `records`. The means are computed in float64.
        """
        complete = np.flatnonzero(np.logical_and.reduceat(usable[self.term], self.first[:-1]))
        for begin in range(0, len(complete), at_once):
            some = complete[begin : begin + at_once]
            means = np.empty((len(some), rows.shape[1]), np.float32)
            for place, k in enumerate(some.tolist()):
                terms = self.term[self.first[k] : self.first[k + 1]]
                means[place] = rows[terms].mean(axis=0, dtype=np.float64)
            yield self.key[some], means, [KEY_SEPARATOR.join(self.pieces[k]) for k in some.tolist()]


class Composition:
    """The tokenizer of a table, asked for the pieces of texts."""

    def __init__(self, tokenizer: str, keys_are: KeyConvention) -> None:
        """Read the tokenizer from its file.

        Raises UsageError without the library for it, and Unreadable if the library refuses it.
        """
        try:
            from tokenizers import Tokenizer
        except ModuleNotFoundError as error:
            raise UsageError(
                "some tokens have no row of their own, and composing them from the pieces of the "
                "model's tokenizer needs the package tokenizers",
                "Install it: pip install 'embedprep[tokenizers]'. Or leave these tokens to --oov "
                "with --no-compose.",
                path=tokenizer,
            ) from error
        self._keys_are = keys_are
        try:
            self._tokenizer: Any = Tokenizer.from_file(tokenizer)
        except Exception as error:  # the library raises no class of its own
            raise Unreadable(str(error)) from error
        with open(tokenizer, encoding="utf-8") as file:
            saved = json.load(file)["model"]
        self._is_list = saved.get("type") == "WordLevel"
        self._inside = _inside(saved, self._tokenizer)
        self._before = "".join(self._words(_BEFORE))

    def plan(
        self, keys: Sequence[bytes], absent: NDArray[np.int64], table: Mapping[bytes, int]
    ) -> Plan | None:
        """Plan the `absent` ones of `keys`, as indices; `table` maps the keys that exist to their
        records. None if no key can be composed.
        """
        found = {}
        for k in absent.tolist():
            pieces = self.pieces(keys[k])
            if pieces and all(piece in table for piece in pieces):
                found[k] = pieces
        if not found:
            return None
        every = np.array([table[one] for pieces in found.values() for one in pieces], np.int64)
        records, term = np.unique(every, return_inverse=True)
        first = np.cumsum([0, *map(len, found.values())])
        return Plan(np.array(list(found), np.int64), list(found.values()), first, term, records)

    def pieces(self, key: bytes) -> list[bytes] | None:
        """Return the keys of the pieces of `key`; None if the model does not know a part of it."""
        text = key.decode("utf-8", "surrogatepass")
        piece = piece_of(text, self._keys_are.surface, self._keys_are.marks)
        if self._is_list or piece is None or not piece.ends or not piece.text.strip():
            return None
        try:
            ids = self._ids(piece.text, begins=piece.begins)
        except UnicodeEncodeError:  # half of a surrogate pair
            return None
        found = [str(self._tokenizer.id_to_token(id)).encode() for id in ids or ()]
        return found if found and set(found).isdisjoint(self._keys_are.unknown) else None

    def _ids(self, text: str, *, begins: bool) -> list[int] | None:
        """Return the ids of the pieces; None if the model has none for a part of the text."""
        words = self._words(_BEFORE + " " * begins + text)
        if not words or not words[0].startswith(self._before):
            return None
        first, *others = words
        rest = first.removeprefix(self._before)
        pieces = [(self._tokenizer.model, word) for word in others]
        if rest:
            model = self._tokenizer.model if begins else self._inside
            if model is None:
                return None
            pieces.insert(0, (model, rest))
        ids: list[int] = []
        for model, word in pieces:
            try:
                tokens = model.tokenize(word)
            except Exception:  # an unknown character, and no token for it
                return None
            # A model without an unknown token leaves out what it does not know.
            if sum(end - begin for begin, end in (one.offsets for one in tokens)) < len(word):
                return None
            ids += [one.id for one in tokens]
        return ids

    def _words(self, text: str) -> list[str]:
        """Return the words that the model gets, in the model's spelling."""
        tokenizer = self._tokenizer
        if tokenizer.normalizer is not None:
            text = tokenizer.normalizer.normalize_str(text)
        if tokenizer.pre_tokenizer is None:
            return [text]
        return [word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text)]


def _inside(saved: dict[str, Any], tokenizer: Any) -> Any:
    """Return the model for text that continues a word; None if it cannot be told to continue one.

    WordPiece marks such pieces. A WordPiece model in which they have no mark at the beginning of a
    text, and no other piece exists, splits the text as the original continues a word.
    """
    prefix = saved.get("continuing_subword_prefix") or ""
    if not prefix and not saved.get("end_of_word_suffix"):
        return tokenizer.model
    if saved.get("type") != "WordPiece":
        return None
    from tokenizers import models

    marked = {token: id for token, id in saved["vocab"].items() if token.startswith(prefix)}
    vocab = {token.removeprefix(prefix): id for token, id in marked.items()} | marked
    unknown = saved["unk_token"]
    if unknown in saved["vocab"]:
        vocab[unknown] = saved["vocab"][unknown]
    return models.WordPiece(
        vocab,
        unk_token=unknown,
        max_input_chars_per_word=saved["max_input_chars_per_word"],
        continuing_subword_prefix=prefix,
    )
