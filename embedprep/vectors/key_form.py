"""How a file writes a word as a key: `/c/en/{}`, `{}_NOUN`, `"{}"`, `B64:{base64}`.

Comes in: a vector file, and the forms that the user names. Goes out: the same file, in which a
lookup of a word tries each of the forms. Only the wanted keys are rewritten, so forms add nothing
to the cost of scanning the file.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import UsageError, printable
from embedprep.named_tuples import NamedTuple
from embedprep.vectors.hits import Description, Hits, Vectors
from embedprep.vocabulary.key_convention import WORDS, AboutKeys

_PLACES: dict[str, Callable[[bytes], bytes]] = {"{}": bytes, "{base64}": base64.b64encode}
"""The placeholders for the word, and how each one writes it."""


class KeyForm(NamedTuple):
    """One way to write a word as a key."""

    before: bytes
    after: bytes
    place: str = "{}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a form as the user writes it, with `{}` for the word. Raises UsageError."""
        places = [place for place in _PLACES for _ in range(text.count(place))]
        if len(places) != 1:
            raise UsageError(
                f"'{printable(text)}' is no form of keys: it must contain {{}} once, for the word",
                "Examples: '/c/en/{}', '{}_NOUN', '\"{}\"', 'B64:{base64}'.",
            )
        before, after = text.split(places[0])
        return cls(before.encode(), after.encode(), places[0])

    def __str__(self) -> str:
        before, after = (side.decode("utf-8", "replace") for side in (self.before, self.after))
        return f"{before}{self.place}{after}"

    def key(self, word: bytes) -> bytes:
        """Return the key of `word` in the file."""
        return self.before + _PLACES[self.place](word) + self.after


def parse_forms(text: str) -> tuple[KeyForm, ...]:
    """Parse a list of forms separated by commas, each once. Raises UsageError."""
    return tuple(dict.fromkeys(map(KeyForm.parse, text.split(","))))


class FormedVectors:
    """A vector file whose keys are written in one of `forms`.

    If a word has several records, such as `cat_NOUN` and `cat_VERB`, it gets the first one in the
    file, which is the most frequent if the file is ordered by frequency. The others count as
    duplicates.
    """

    def __init__(self, vectors: Vectors, forms: Sequence[KeyForm]) -> None:
        """Create it with at least one form."""
        self._vectors = vectors
        self._forms = forms

    @property
    def path(self) -> str:
        return self._vectors.path

    @property
    def size(self) -> int | None:
        return self._vectors.size

    @property
    def dim(self) -> int:
        return self._vectors.dim

    @property
    def declared_records(self) -> int | None:
        return self._vectors.declared_records

    @property
    def has_lines(self) -> bool:
        return self._vectors.has_lines

    def about_keys(self) -> AboutKeys:
        """Say that the keys are words: the user says so by naming their forms."""
        return self._vectors.about_keys()._replace(keys_are=WORDS, certain=True)

    def hits(self, keys: list[bytes] | None, composable: int | None = None) -> Iterator[Hits]:
        """Read the file as `Vectors.hits`. If every record is wanted, `names` are the keys as
        written.
        """
        if keys is None:
            yield from self._vectors.hits(None, composable)
            return
        written, words = _written(keys, self._forms)
        # The written keys begin with those of the first form. Only these may be composed, or a word
        # would have a vector in each form.
        for hits in self._vectors.hits(written, len(keys) if composable is None else composable):
            yield words.owned(hits)

    def describe(self) -> Description:
        """Describe the file without the notes that the forms answer."""
        return self._vectors.describe()._replace(notes=())

    def close(self) -> None:
        self._vectors.close()


class _Words(NamedTuple):
    """The words of each written key: key k belongs to `word[first[k]:first[k + 1]]`."""

    first: NDArray[np.int64]
    word: NDArray[np.int64]

    def owned(self, hits: Hits) -> Hits:
        """Turn `hits` for written keys into hits for words."""
        if np.array_equal(self.first, np.arange(len(self.first))):  # nearly always
            return hits._replace(
                key=self.word[hits.key],
                undecodable=self.word[hits.undecodable],
                nonfinite=self.word[hits.nonfinite],
                untrained=self.word[hits.untrained],
            )
        key, hit = self._of(hits.key)
        return hits.at(hit)._replace(
            key=key,
            undecodable=self._of(hits.undecodable)[0],
            nonfinite=self._of(hits.nonfinite)[0],
            untrained=self._of(hits.untrained)[0],
        )

    def _of(self, key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the words of each written key in `key`, and their indices in `key`."""
        count = self.first[key + 1] - self.first[key]
        of = np.repeat(np.arange(len(key)), count)
        start = np.cumsum(count) - count
        return self.word[np.arange(len(of)) - start[of] + self.first[key][of]], of


def _written(keys: list[bytes], forms: Sequence[KeyForm]) -> tuple[list[bytes], _Words]:
    """Return the distinct keys of the words `keys` in all `forms`, the first form first."""
    numbers: dict[bytes, int] = {}
    every = [numbers.setdefault(form.key(key), len(numbers)) for form in forms for key in keys]
    number = np.array(every, np.int64)
    word = np.tile(np.arange(len(keys)), len(forms))
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(len(numbers) + 1))
    return list(numbers), _Words(first, word[order])
