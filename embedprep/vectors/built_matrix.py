"""Matrices that embedprep built, read as vectors again: which of their rows are records."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from embedprep import vocabulary
from embedprep.errors import InputError, UsageError
from embedprep.provenance import Provenance
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries
from embedprep.vectors.token_list import entries
from embedprep.vocabulary.source import errors_naming


def records(
    text: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    provenance: NDArray[np.uint8],
    report: str | bytes,
    request: Request,
) -> Entries:
    """The rows that a vector file filled; token i is `text[offsets[i]:offsets[i + 1]]`.

    `report` is the coverage as JSON; of it counts how the tokenizer marks its tokens, which their
    spelling does not always show.
    A row of padding, without a token, or made up, wholly or partly, for a word that had no vector
    is no record.
    """
    if request.tokens is not None:
        raise UsageError(
            "this matrix has its tokens inside, and --vectors-tokens names others",
            "Drop --vectors-tokens.",
            path=request.path,
        )
    tokens = _tokens(text, offsets, request.path)
    found = np.flatnonzero(~np.isin(provenance, _MADE_UP))
    if len(found) == 0:
        return Entries([], found)
    with errors_naming(request.path):
        surface = _surface(report, request.path)
        # The token of a row stands at its place.
        listed = entries(replace(vocabulary.read(tokens), surface=surface))
    keys = [listed.keys[row] for row in found.tolist()]
    return Entries(keys, found, keys_are=listed.keys_are)


def _surface(report: str | bytes, path: str) -> vocabulary.Surface:
    try:
        return vocabulary.Surface(json.loads(report)["vocabulary"]["surface"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged("its report does not say what its tokens are like", path) from error


_MADE_UP = (Provenance.UNASSIGNED, Provenance.PADDING, Provenance.OOV, Provenance.PARTIAL)


def _tokens(text: NDArray[np.uint8], offsets: NDArray[np.int64], path: str) -> list[str]:
    if offsets[0] != 0 or offsets[-1] != len(text) or (offsets[1:] < offsets[:-1]).any():
        raise _damaged("the places of its tokens do not follow each other", path)
    data = text.tobytes()
    try:
        return [
            data[start:stop].decode("utf-8", "surrogatepass")
            for start, stop in itertools.pairwise(offsets.tolist())
        ]
    except UnicodeDecodeError as error:
        raise _damaged(f"its tokens are not UTF-8: {error.reason}", path) from error


def _damaged(reason: str, path: str) -> InputError:
    return InputError(reason, "The file is damaged: build it again.", path=path)
