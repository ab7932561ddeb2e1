"""Count the tokens of a text as its tokenizer emits them.

Comes in: a vocabulary, its tokenizer, and a `Text`. Goes out: the counts of the tokens in the order
of the vocabulary. One thread splits a batch while another counts the one before; the library
`tokenizers` splits with all cores. Three batches are in memory at any time, whatever the size of
the text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from embedprep.counting.described import tokenizer_of
from embedprep.counting.library import Library
from embedprep.counting.sample import Sample
from embedprep.counting.splitting import Split
from embedprep.counting.texts import Advance, Text, check_files
from embedprep.errors import InputError
from embedprep.vocabulary import Role, Surface, Vocabulary
from embedprep.vocabulary.word_list import WordList

_MOST_WORDS = 1 << 18
"""The most distinct words that are held for a word list; beyond that, those seen once are
dropped.
"""
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, eq=False)
class CountedText:
    """The counts of a text."""

    text: Text
    vocabulary: Vocabulary
    """The vocabulary, with the counts."""
    counts: NDArray[np.int64]
    """How often each token of the vocabulary occurs, in its order."""
    texts: int
    tokens: int
    """All occurrences, also of words that the vocabulary lacks."""
    unknown: int
    """The occurrences of words that the vocabulary lacks."""
    _tokens: _Tokens = field(repr=False)
    _sample: Sample = field(repr=False)
    _library: Library | None = field(repr=False)
    _runs: Counter[str] | None = field(repr=False)

    def by_token(self) -> dict[str, int]:
        """Return the counts of the tokens that occur, the most frequent first."""
        counts, tokens = self.counts, self.vocabulary.tokens
        order = np.argsort(-counts, kind="stable")[: int(np.count_nonzero(counts))]
        return {tokens[i]: int(counts[i]) for i in order.tolist()}

    def to_json(self) -> str:
        """Return the counts as JSON, a token a line, for `--counts`."""
        members = (f"{json.dumps(token)}: {n}" for token, n in self.by_token().items())
        return "{\n" + ",\n".join(members) + "\n}\n"

    def __str__(self) -> str:
        occur = int(np.count_nonzero(self.counts))
        return (
            f"{self.tokens:,} tokens in {self.texts:,} lines or records, {self.unknown:,} of them "
            f"unknown; {occur:,} of the {len(self.counts):,} tokens of the vocabulary occur"
        )

    def __repr__(self) -> str:
        return f"<CountedText: {self}>"

    def word_list(self) -> WordList | None:
        """Return the words of the text as the tokenizer normalises them.

        None if they were not counted, as for a vocabulary that consists of words.
        """
        if self._runs is None or self._library is None:
            return None
        return _word_list(self._runs, self._library)

    def snippets(self, tokens: Collection[int]) -> dict[int, tuple[str, ...]]:
        """Return up to three places in the text for each of these tokens, by their index."""
        return self._sample.snippets(tokens, self._tokens.places)


def count_text(
    vocab: Any,
    vocabulary: Vocabulary,
    text: Text,
    separator: str | None,
    advance: Advance,
    *,
    with_words: bool = False,
) -> CountedText:
    """Count `text` with the tokenizer of `vocabulary`, which was read from `vocab`.

    `separator` is the regular expression of `--split`. `with_words` also counts the words, for
    `--pieces mean`, if the vocabulary has pieces. Raises `UsageError` if the tokenizer is not
    known, and `InputError` for a text that cannot be read or has no token.
    """
    check_files(text.files)
    tokenizer = tokenizer_of(vocab, vocabulary, separator)
    tokens: _Tokens
    if isinstance(tokenizer, Library):
        tokens = _Ids(vocabulary, tokenizer)
    else:
        tokens = _Words(vocabulary, tokenizer)
    sample, texts = Sample(), 0
    has_pieces = vocabulary.surface is not Surface.PLAIN
    runs: Counter[str] | None = Counter() if with_words and has_pieces else None
    with ThreadPoolExecutor(1) as pool:
        waiting: Future[Any] | None = None
        for batch in text.batches(advance):
            before, waiting = waiting, pool.submit(tokens.split, batch)
            texts += len(batch)
            sample.add(batch)
            if runs is not None:
                _count_runs(runs, batch)
            if before is not None:
                tokens.take(before.result())
        if waiting is not None:
            tokens.take(waiting.result())
    if not tokens.total:
        raise InputError("the text has no token", "Give a text.", path=text.files[0])
    counts = tokens.counts()
    return CountedText(
        text=text,
        vocabulary=vocabulary._replace(counts=counts),
        counts=counts,
        texts=texts,
        tokens=tokens.total,
        unknown=tokens.unknown,
        _tokens=tokens,
        _sample=sample,
        _library=tokenizer if isinstance(tokenizer, Library) else None,
        _runs=runs,
    )


class _Tokens(Protocol):
    """The tokens of a text, as one kind of tokenizer emits them."""

    @property
    def total(self) -> int:
        """All occurrences so far."""

    @property
    def unknown(self) -> int:
        """The occurrences of words that the vocabulary lacks."""

    def split(self, texts: Sequence[str]) -> Any:
        """Return what `take` wants; another thread runs it."""

    def take(self, split: Any) -> None: ...

    def counts(self) -> NDArray[np.int64]: ...

    def places(self, text: str) -> Iterator[tuple[int, int, int]]: ...


class _Ids:
    """Ids from a library."""

    def __init__(self, vocabulary: Vocabulary, library: Library) -> None:
        self._vocabulary = vocabulary
        self._library = library
        self._by_id = np.zeros(int(vocabulary.rows[-1]) + 1, np.int64)

    def split(self, texts: Sequence[str]) -> NDArray[np.int64]:
        return self._library.ids(texts)

    def take(self, split: NDArray[np.int64]) -> None:
        found = np.bincount(split, minlength=len(self._by_id))
        if len(found) > len(self._by_id):
            self._check(int(found.nonzero()[0][-1]), None)
        self._by_id += found

    @property
    def total(self) -> int:
        return int(self._by_id.sum())

    @property
    def unknown(self) -> int:
        vocabulary = self._vocabulary
        return int(self._by_id[vocabulary.rows[vocabulary.roles == Role.UNKNOWN]].sum())

    def counts(self) -> NDArray[np.int64]:
        vocabulary = self._vocabulary
        token_at = dict(zip(vocabulary.rows.tolist(), vocabulary.tokens, strict=True))
        for id in self._by_id.nonzero()[0].tolist():
            self._check(id, token_at.get(id))
        return self._by_id[vocabulary.rows]

    @cached_property
    def _index(self) -> dict[int, int]:
        return {id: i for i, id in enumerate(self._vocabulary.rows.tolist())}

    def places(self, text: str) -> Iterator[tuple[int, int, int]]:
        for id, begin, end in self._library.places(text):
            yield self._index[id], begin, end

    def _check(self, id: int, token: str | None) -> None:
        """Raise if the library calls an id otherwise: the counts would be those of other tokens."""
        emitted = self._library.token(id)
        if emitted != token:
            raise InputError(
                f"its id {id} is {'no token' if token is None else repr(token)} in this file, and "
                f"{emitted!r} for the library",
                "Save the tokenizer again with that library, and name that file.",
                path=self._vocabulary.path,
            )


class _Words:
    """Words from a function."""

    def __init__(self, vocabulary: Vocabulary, split: Split) -> None:
        self._vocabulary = vocabulary
        self._split = split
        self._index = {token: i for i, token in enumerate(vocabulary.tokens)}
        self._by_word = dict.fromkeys(vocabulary.tokens, 0)
        self.total = self.unknown = 0

    def split(self, texts: Sequence[str]) -> Counter[str]:
        found: Counter[str] = Counter()
        for text in texts:
            found.update(self._split(text))
        return found

    def take(self, split: Counter[str]) -> None:
        known = self._by_word
        for word, count in split.items():
            self.total += count
            if word in known:
                known[word] += count
            else:
                self.unknown += count

    def counts(self) -> NDArray[np.int64]:
        """Return the counts; the unknown token stands for each word that the vocabulary lacks."""
        vocabulary = self._vocabulary
        found = map(self._by_word.__getitem__, vocabulary.tokens)
        counts = np.fromiter(found, np.int64, len(vocabulary.tokens))
        counts[np.flatnonzero(vocabulary.roles == Role.UNKNOWN)[:1]] += self.unknown
        return counts

    def places(self, text: str) -> Iterator[tuple[int, int, int]]:
        for run in _WORD.finditer(text):
            for word in self._split(run[0]):
                if word in self._index:
                    yield self._index[word], run.start(), run.end()


def _count_runs(runs: Counter[str], texts: Sequence[str]) -> None:
    """Count what stands between spaces. Rare ones are dropped where there are too many."""
    for text in texts:
        runs.update(text.split())
    least = 1
    while len(runs) > _MOST_WORDS:
        for run in [run for run, count in runs.items() if count <= least]:
            del runs[run]
        least *= 2


def _word_list(runs: Counter[str], library: Library) -> WordList:
    total: Counter[str] = Counter()
    for run, count in runs.items():
        for word in library.words(run):
            total[word] += count
    counts = np.fromiter(total.values(), np.int64, len(total))
    return WordList([word.encode("utf-8", "replace") for word in total], counts)
