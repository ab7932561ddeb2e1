"""Check and order what a family read: the last step of every way to a `Vocabulary`.

Comes in: `Entries`, the tokens with the ids their file gives them. Goes out: the `Vocabulary`,
whose rows are checked against everything that would build a wrong or an absurd matrix.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence, Set
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep.errors import InputError, UsageError
from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary import surfaces
from embedprep.vocabulary.counts import count_array
from embedprep.vocabulary.json_text import as_json
from embedprep.vocabulary.model import Marks, Role, Surface, Vocabulary
from embedprep.vocabulary.options import NOTHING_TOLD, VocabularyOptions, as_told
from embedprep.vocabulary.special_tokens import ROLE_OF, roles_of

# A row takes a kilobyte. More rows than these for few tokens are a mistake in the file, not a
# matrix that anyone wants.
_FREE_ROWS = 1_000
_ROWS_PER_TOKEN = 10
_LARGEST_ID = 2**31 - 1

UNMARKED_NOTE = (
    "this tokenizer marks neither where words begin nor where they end, so a piece from inside a "
    "word gets the vector of the word that is spelt the same"
)
SPECIAL_NOTE = (
    "the file does not list the tokenizer's special tokens: say --special NAME=ID for each that "
    "your texts have, such as --special '<|endoftext|>=50256', or --rows N for the number of ids"
)
_COUNTS_HINT = "If the numbers are counts, not ids, pass the file with --counts."


class Entries(NamedTuple):
    """The tokens of one file, in any order, with what the file says about them.

    `ids` is None if a token's position is its id. Only then may a token occur twice, and both rows
    are its own. `roles` contains what the file declares (its own unknown token), `counts` one
    number per token. `surface` is None if the file does not declare it.
    """

    tokens: Sequence[str]
    ids: Sequence[Any] | None = None
    roles: Mapping[str, Role] = MappingProxyType({})
    counts: Sequence[Any] | None = None
    surface: Surface | None = None
    marks: Marks | None = None
    verbatim: frozenset[str] = frozenset()
    num_words: int | None = None
    one_based: bool = False
    """Whether a smallest id of 1 means that row 0 is kept for padding."""
    distinct: Set[str] | None = None
    """All tokens as a set, if one already exists: the keys of a map."""
    declares_special: bool = False
    """Whether the file says which tokens are special, so that names prove nothing."""
    lacks_special: bool = False
    """Whether the tokenizer has special tokens that its file never lists."""
    splits: Mapping[str, Any] | None = None
    """The settings by which a tokenizer of Keras splits a text."""
    rows: int = 0
    """The minimum number of rows: it includes ids for which the file has no token."""
    notes: tuple[str, ...] = ()


def assemble(
    entries: Entries,
    family: str,
    path: str | None,
    told: VocabularyOptions = NOTHING_TOLD,
) -> Vocabulary:
    """Return the vocabulary of `entries`, with the user's options applied.

    Raises `InputError` naming the token that is wrong, and `UsageError` if an option does not fit.
    """
    entries = with_special(entries, told.special) if told.special else entries
    tokens = entries.tokens
    if not any(tokens):
        raise InputError(
            reason=f"read as {family}, it has no token",
            remedy="Check that the tokenizer was fitted (or adapted) before it was saved.",
        )
    counts = None if entries.counts is None else count_array(tokens, entries.counts)
    if entries.ids is None:
        rows = np.arange(len(tokens), dtype=np.int64)
    else:
        rows = _checked_ids(tokens, entries.ids)
        if np.any(rows[1:] < rows[:-1]):
            order = np.argsort(rows, kind="stable")
            rows = rows[order]
            tokens = [tokens[position] for position in order.tolist()]
            counts = None if counts is None else counts[order]
    needed = int(rows[-1]) + 1
    _refuse_shared(tokens, rows)
    distinct = set(tokens) if entries.distinct is None else entries.distinct
    if told.rows is None:
        _refuse_sparse(tokens, needed, len(distinct) - ("" in distinct))
    surface = surfaces.guess(tokens, distinct) if entries.surface is None else entries.surface
    complete, of_words = entries.declares_special, surface is Surface.PLAIN
    roles = roles_of(tokens, rows, entries.roles, distinct, complete=complete, of_words=of_words)
    vocabulary = Vocabulary(
        format=family,
        tokens=tuple(tokens),
        rows=rows,
        roles=roles,
        n_rows=max(needed, entries.rows),
        counts=counts,
        surface=surface,
        verbatim=entries.verbatim,
        marks=entries.marks,
        num_words=entries.num_words,
        repeated=len(distinct) < len(tokens),
        padding_row=0 if entries.one_based and rows[0] == 1 else None,
        path=path,
        splits=entries.splits,
        notes=tuple(_notes(entries, surface, needed, told)),
    )
    return as_told(vocabulary, told)


def _notes(entries: Entries, surface: Surface, rows: int, told: VocabularyOptions) -> Iterator[str]:
    yield from entries.notes
    if 2 * len(entries.tokens) < rows and told.rows is None:
        yield (
            f"its {len(entries.tokens)} ids go up to {rows - 1}, so most rows have no token: if "
            "the numbers are counts, pass the file with --counts"
        )
    if surface.marks_nothing:
        yield UNMARKED_NOTE
    if surface is Surface.PLAIN:
        yield from _note_of_space(entries.tokens)
    if entries.lacks_special and not told.special and told.rows is None:
        yield SPECIAL_NOTE


def _note_of_space(tokens: Sequence[str]) -> Iterator[str]:
    """White space around words, which no tokenizer puts there."""
    together = "".join(tokens)
    if any(space in together for space in " \t\r"):
        spaced = [token for token in tokens if token.strip() and token != token.strip(" \t\r")]
        if spaced:
            yield (
                f"{len(spaced)} of its tokens have white space around them, as "
                f"{as_json(spaced[0])}: only a key with the same white space is theirs"
            )


def with_special(entries: Entries, special: Sequence[tuple[str, int]]) -> Entries:
    """Return `entries` and the special tokens that the user named, at their ids.

    A token that already has that id becomes special.
    """
    ids = range(len(entries.tokens)) if entries.ids is None else entries.ids
    at = dict(zip(entries.tokens, ids, strict=True))
    new = [(name, id) for name, id in dict(special).items() if at.get(name) != id]
    for name, id in new:
        if name in at:
            raise UsageError(
                reason=f"--special {name}={id}: the vocabulary has this token at id {at[name]}",
                remedy=f"If it is special, say --special {shlex.quote(f'{name}={at[name]}')}.",
            )
        known = (*zip(entries.tokens, ids, strict=True), *new)
        taken = (other for other, given in known if type(given) is int and given == id)
        if other := next((other for other in taken if other != name), None):
            raise UsageError(
                reason=f"--special {name}={id}: the token {as_json(other)} has this id",
                remedy=f"Give {name} the id that it has in your tokenizer.",
            )
    counts = entries.counts
    return entries._replace(
        tokens=[*entries.tokens, *(name for name, _ in new)],
        ids=[*ids, *(id for _, id in new)],
        roles={
            **entries.roles,
            **{name: ROLE_OF.get(name, Role.OTHER) for name, _ in special},
        },
        counts=None if counts is None else [*counts, *(0 for _ in new)],
        distinct=None,
    )


def _checked_ids(tokens: Sequence[str], ids: Sequence[Any]) -> NDArray[np.int64]:
    # The exact type, because bool is a subclass of int, but `true` is no id.
    for token, given in zip(tokens, ids, strict=True) if set(map(type, ids)) != {int} else ():
        if type(given) is not int:
            raise InputError(
                reason=f"{as_json(given)} is not an id",
                remedy="Ids are whole numbers from 0 up: write the vocabulary again with those.",
                token=token,
            )
    try:
        rows = np.fromiter(ids, np.int64, len(ids))
    except OverflowError:  # the smallest or the largest is out of bounds
        rows = np.empty(0, np.int64)
    if len(rows) and rows.min() >= 0 and rows.max() <= _LARGEST_ID:
        return rows
    lowest, highest = min(ids), max(ids)
    if lowest < 0:
        raise InputError(
            reason=f"{as_json(lowest)} is not an id: it is negative",
            remedy="Ids are the row numbers of the matrix, from 0 up: renumber the tokens.",
            token=tokens[ids.index(lowest)],
        )
    raise InputError(
        reason=f"the id {as_json(highest)} is beyond 2^31",
        remedy=f"No matrix has that many rows: renumber the tokens. {_COUNTS_HINT}",
        token=tokens[ids.index(highest)],
    )


def _refuse_shared(tokens: Sequence[str], rows: NDArray[np.int64]) -> None:
    """Raise if two tokens share a row. `rows` ascends, so comparing neighbours is enough."""
    shared = np.flatnonzero(rows[1:] == rows[:-1])
    if shared.size:
        first = int(shared[0])
        raise InputError(
            reason=f"has the id {rows[first]}, and so has the token {as_json(tokens[first + 1])}",
            remedy=f"Each token needs an id of its own. {_COUNTS_HINT}",
            token=tokens[first],
        )


def _refuse_sparse(tokens: Sequence[str], n_rows: int, distinct: int) -> None:
    """Raise if nearly all rows would have no token, a blank one, or the token of another row.

    A compressed file of a few kilobytes may contain millions of blank lines.
    """
    if n_rows > max(_FREE_ROWS, _ROWS_PER_TOKEN * distinct):
        raise InputError(
            reason=f"the id {n_rows - 1} needs a matrix of {n_rows} rows, for only "
            f"{distinct} tokens"
            + ("" if distinct == len(tokens) else ", if blank and repeated ones do not count"),
            remedy="If the matrix is to have all these rows, say so: "
            f"--rows {n_rows}. Otherwise renumber the tokens without such gaps. {_COUNTS_HINT}",
            token=tokens[-1],
        )
