"""Texts as vectors, gathered outside the model, so it needs no table at all.

The words are looked up once; each batch is gathered from the mapped matrix on request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from embedprep.errors import UsageError
from embedprep.matrix.shared_table import Source, Table, shared_table

Text = str | Sequence[str] | Sequence[int] | NDArray[np.integer]
"""One text: as a string, as tokens, or as ids."""


class EncodedTexts(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """Batches of vectors for `fit`, `evaluate` and `predict`: `encode` makes it."""

    def __init__(
        self,
        table: Table,
        ids: list[NDArray[np.int64]],
        targets: NDArray[Any] | None,
        batch_size: int,
        length: int,
        unknown: int,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ids = ids
        """The matrix rows of each text; -1 for a token without a row."""
        self.length = length
        """How many tokens of each text are used: the second axis of a batch."""
        self.unknown = unknown
        """How many tokens the vocabulary lacks."""
        self._table = table
        self._targets = targets
        self._batch_size = batch_size

    def __len__(self) -> int:
        return -(-len(self.ids) // self._batch_size)

    def __getitem__(self, batch: int) -> tuple[NDArray[Any], ...]:
        """Return vectors, float32 of shape (texts, length, dim), padded with zeros; and targets."""
        if not 0 <= batch < len(self):
            raise IndexError(f"batch {batch} of {len(self)}")
        chosen = slice(batch * self._batch_size, (batch + 1) * self._batch_size)
        texts = self.ids[chosen]
        vectors = np.zeros((len(texts), self.length, self._table.identity.dim), np.float32)
        for filled, ids in zip(vectors, texts, strict=True):
            known = np.flatnonzero(ids >= 0)
            filled[known] = self._table.gather(ids[known])
        return (vectors,) if self._targets is None else (vectors, self._targets[chosen])


def encode(
    path: Source,
    texts: Iterable[Text],
    targets: Any = None,
    *,
    tokenize: Callable[[str], Iterable[str]] = str.split,
    max_length: int | None = None,
    batch_size: int = 32,
    **kwargs: Any,
) -> EncodedTexts:
    """Encode `texts` as a `keras.utils.PyDataset` of vectors, by the matrix at `path`.

    A token that the vocabulary lacks gets the row of its unknown token, or zeros if it has none;
    `unknown` of the result counts such tokens.

    The batches contain the same texts in every epoch: `fit` shuffles whole batches only, so shuffle
    the texts first. `keras.layers.Masking` hides every vector of zeros: the end of a text, and a
    token without a vector in a matrix that was built with `--oov zeros`.

    Args:
        path: The matrix.
        texts: Strings, lists of tokens as the vocabulary spells them, or lists of ids.
        targets: What `fit` learns: an array with one item a text. None for `predict`.
        tokenize: Makes the tokens of a string, as the tokenizer of the vocabulary does.
        max_length: How many tokens of a text are used, from its start. By default all of the
            longest text. Shorter texts end in zeros, which `keras.layers.Masking` hides.
        batch_size: Texts a batch.
        **kwargs: Arguments of the PyDataset, such as `workers`.

    Raises:
        InputError: `build` did not write the file, or an id has no row.
        UsageError: The arguments contradict each other.
    """
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise UsageError(
            f"texts is of type {type(texts).__name__}, and not a list of texts",
            "Give a list, also of one text: [TEXT].",
        )
    texts = list(texts)
    if len(texts) == 0 or batch_size < 1 or (max_length is not None and max_length < 1):
        raise UsageError(
            f"{len(texts)} texts, batches of {batch_size}, at most {max_length} tokens each",
            "Give at least one of each.",
        )
    targets = None if targets is None else np.asarray(targets)
    if targets is not None and len(targets) != len(texts):
        raise UsageError(
            f"{len(texts)} texts and {len(targets)} targets", "Give one target a text, in order."
        )
    table = shared_table(path)
    row_of = _RowOfToken(table)
    ids = [row_of.text(number, text, tokenize)[:max_length] for number, text in enumerate(texts)]
    longest = max(map(len, ids))
    length = max(longest, 1) if max_length is None else max_length
    return EncodedTexts(table, ids, targets, batch_size, length, row_of.unknown, **kwargs)


class _RowOfToken:
    """The rows of tokens; counts those that the vocabulary lacks."""

    def __init__(self, table: Table) -> None:
        self.unknown = 0
        self._table = table
        self._row_of = table.matrix.row_of
        unknown = table.matrix.unknown_row
        self._unknown_row = -1 if unknown is None else unknown

    def text(
        self, number: int, text: Any, tokenize: Callable[[str], Iterable[str]]
    ) -> NDArray[np.int64]:
        """Return one row per token, shape (tokens,); -1 for a token without a row.

        `number` is the position of the text in the list, for messages.
        """
        tokens = tokenize(text) if isinstance(text, str) else text
        if isinstance(tokens, np.ndarray):
            words = tokens.ndim == 1 and tokens.dtype.kind in "UO"
        elif isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
            raise self._no_text(number, f"{tokens!r:.40}")
        else:
            tokens = list(tokens)
            words = True
        if words and all(isinstance(token, str) for token in tokens):
            rows = [self._row_of.get(token) for token in tokens]
            self.unknown += rows.count(None)
            return np.array([self._unknown_row if row is None else row for row in rows], np.int64)
        try:
            ids = np.asarray(tokens)
        except ValueError as error:
            raise self._no_text(number, "a list of lists") from error
        if ids.ndim != 1 or ids.dtype.kind not in "iu":
            raise self._no_text(number, f"{ids.dtype} of shape {ids.shape}")
        if len(ids):
            self._table.check_range(int(ids.min()), int(ids.max()))
        return ids.astype(np.int64)

    def _no_text(self, number: int, found: str) -> UsageError:
        return UsageError(
            f"text {number} is {found}",
            "A text is a string, a list of tokens, or a list of ids; tokenize makes a list of "
            "tokens from a string.",
            path=self._table.path,
        )
