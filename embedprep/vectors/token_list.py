"""The token list of a matrix that contains none: where it is, and the key of each row."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from embedprep import vocabulary
from embedprep.containers import SUFFIXES
from embedprep.errors import InputError, printable
from embedprep.sources import without_secrets
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries
from embedprep.vocabulary import Surface, Vocabulary
from embedprep.vocabulary.key_convention import of_tokenizer

_ENDINGS = (".tokens.json", ".tokens.txt", ".vocab.json", ".vocab.txt", ".json", ".txt")
"""The endings of token lists: the list of `matrix.npy` may be `matrix.tokens.json`."""
_OF_WORDS = (".tokens.json", ".tokens.txt")
"""The endings of lists of keys, as conversions write them: only all keys together show their kind.
"""


_TOKENIZER_JSON = "huggingface-tokenizer"


def find(request: Request, *, compressed: bool, also: Sequence[str] = ()) -> str:
    """Return the token list that the user names, or the one beside the matrix.

    `also` are other names that it may have, in the same directory.
    """
    if request.tokens is not None:
        return request.tokens
    stem, ending = os.path.splitext(request.path)
    while compressed and ending not in ("", *SUFFIXES):
        stem, ending = os.path.splitext(stem)
    directory = os.path.dirname(request.path)
    places = [os.path.join(directory, name) for name in also] + [stem + end for end in _ENDINGS]
    found = [place for place in places if place != request.path and os.path.isfile(place)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(os.path.basename(place) for place in found or places)
    raise InputError(
        f"a matrix without keys, and several token lists beside it: {names}"
        if found
        else f"a matrix without keys, and no token list beside it: no {names}",
        "Name the list of its tokens, a row each, with --vectors-tokens FILE."
        + (" If embedprep built it, decompress it first." if compressed else ""),
        path=request.path,
    )


_MOST_PADDING = 511
_SHARE_OF_PADDING = 0.06
"""The most rows without an id, for a few ids and for many. Tables are made longer for the sake of
the hardware: Phi-2's has 50,295 ids and 51,200 rows, others a multiple of 64, 128 or 512.
"""


def read(path: str, rows: int, matrix: str, *, may_be_longer: bool = False) -> Entries:
    """Read the keys of the `rows` rows of `matrix` from the vocabulary at `path`; ids are rows.

    If the vocabulary is a model's tokenizer, the matrix `may_be_longer` than it has ids.
    """
    tokens = vocabulary.read(path)
    if path.endswith(_OF_WORDS):
        tokens = tokens._replace(surface=Surface.PLAIN)
    is_tokenizer = tokens.format == _TOKENIZER_JSON and os.path.isfile(path)
    padding = rows - tokens.n_rows
    most = max(_MOST_PADDING, _SHARE_OF_PADDING * tokens.n_rows)
    if padding and not (may_be_longer and is_tokenizer and 0 < padding <= most):
        raise InputError(
            f"the matrix has {rows} rows, and its token list "
            f"{printable(without_secrets(path))} has {tokens.n_rows} ids",
            "Name the token list that belongs to the matrix with --vectors-tokens FILE.",
            path=matrix,
        )
    return replace(entries(tokens), tokenizer=path if is_tokenizer else None)


def entries(tokens: Vocabulary) -> Entries:
    """Return one record per token, whose key is the token as its tokenizer spells it."""
    keys = [token.encode("utf-8", "surrogatepass") for token in tokens.tokens]
    return Entries(keys, tokens.rows, keys_are=of_tokenizer(tokens, keys))
