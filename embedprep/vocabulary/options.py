"""The options for facts about a vocabulary that its file omits or gets wrong.

Comes in: the values of `--vocab-format`, `--pad-token`, `--unk-token`, `--special` and `--rows`,
and a `Vocabulary`. Goes out: the vocabulary with these roles and rows, or the `UsageError` that
says what does not fit it.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import numpy as np

from embedprep.errors import UsageError, printable
from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary.model import Role, Vocabulary

NO_TOKEN = "none"
"""The value of `--pad-token` and `--unk-token` for a vocabulary without such a token."""

_MOST_ROWS = 2**31
# Enough to tell a typing error from a wrong vocabulary.
_SUGGESTED = 5
_EXAMINED = 2_000


class VocabularyOptions(NamedTuple):
    """The user's options for a vocabulary; None, or an empty value, leaves it to the file."""

    format: str | None = None
    """The family of the file, one of `FORMATS`."""
    pad_token: str | None = None
    """The padding token, or "none"."""
    unk_token: str | None = None
    """The unknown token, or "none"."""
    special: tuple[tuple[str, int], ...] = ()
    """The special tokens with their ids, whether the file contains them or not."""
    rows: int | None = None
    """The number of rows of the matrix: at least the number of ids."""


NOTHING_TOLD = VocabularyOptions()


def parsed_special(text: str) -> tuple[str, int]:
    """Return the name and the id in `NAME=ID`; raise `UsageError` for anything else."""
    name, equals, digits = text.rpartition("=")
    if not (name and equals and re.fullmatch("[0-9]{1,10}", digits)):
        raise UsageError(
            reason=f"--special {printable(text)} is not a name and an id",
            remedy="Write the token, an equals sign and its id, such as "
            "--special '<|endoftext|>=50256'.",
        )
    return name, int(digits)


def as_told(vocabulary: Vocabulary, told: VocabularyOptions) -> Vocabulary:
    """Return `vocabulary` with the padding token, unknown token and rows that the user named."""
    for name, role, option in (
        (told.pad_token, Role.PADDING, "--pad-token"),
        (told.unk_token, Role.UNKNOWN, "--unk-token"),
    ):
        if name is not None:
            vocabulary = _with_role(vocabulary, name, role, option)
    if told.rows is None:
        return vocabulary
    if told.rows < vocabulary.n_rows:
        raise UsageError(
            reason=f"--rows {told.rows} is less than the vocabulary needs: its highest id is "
            f"{vocabulary.n_rows - 1}",
            remedy=f"Say --rows {vocabulary.n_rows} or more, or keep fewer ids with --num-words.",
        )
    if told.rows > _MOST_ROWS:
        raise UsageError(
            reason=f"--rows {told.rows} is more than the {_MOST_ROWS} rows of the largest matrix",
            remedy=f"The vocabulary needs {vocabulary.n_rows}.",
        )
    return vocabulary._replace(n_rows=told.rows)


def _with_role(vocabulary: Vocabulary, name: str, role: Role, option: str) -> Vocabulary:
    """The token called `name` has the role, and no other one has it.

    `none` is no token, even where there is one so spelt: that is a word of English.
    """
    chosen = np.array([token == name != NO_TOKEN for token in vocabulary.tokens])
    if name != NO_TOKEN and not chosen.any():
        near = ", ".join(shlex.quote(printable(token)) for token in _near(vocabulary, name))
        raise UsageError(
            reason=f"{option} {shlex.quote(printable(name))}: the vocabulary has no such token",
            remedy=f"Name one that it has, such as {near}; or say {option} {NO_TOKEN}.",
        )
    roles = vocabulary.roles.copy()
    roles[roles == role] = Role.OTHER
    roles[chosen] = role
    padding_row = None if role is Role.PADDING else vocabulary.padding_row
    return vocabulary._replace(roles=roles, padding_row=padding_row)


def _near(vocabulary: Vocabulary, name: str) -> list[str]:
    """Return tokens that the user may mean: spelt alike, or special, or the first ones."""
    import difflib

    alike = difflib.get_close_matches(name, list(_candidates(vocabulary)), _SUGGESTED, 0.5)
    special = [vocabulary.tokens[i] for i in np.flatnonzero(vocabulary.roles).tolist()]
    return list(dict.fromkeys([*alike, *special, *vocabulary.tokens[:_SUGGESTED]]))[:_SUGGESTED]


def _candidates(vocabulary: Vocabulary) -> Iterator[str]:
    for i in np.flatnonzero(vocabulary.roles)[:_EXAMINED].tolist():
        yield vocabulary.tokens[i]
    yield from vocabulary.tokens[:_EXAMINED]
    yield from vocabulary.tokens[-_EXAMINED:]
