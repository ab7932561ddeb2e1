"""The rows of a matrix that can be taken instead of being read again."""

from __future__ import annotations

import logging
import os

import numpy as np
from numpy.typing import NDArray

from embedprep import __version__, containers
from embedprep.containers.annotations import Strings
from embedprep.containers.digest import sha256_of
from embedprep.errors import printable, unreadable
from embedprep.indexing.reuse import Claimed, Reuse
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Options
from embedprep.provenance import Provenance
from embedprep.vocabulary import Surface
from embedprep.vocabulary.surfaces import USUAL_MARKS
from embedprep.vocabulary.words import piece_of

log = logging.getLogger("embedprep")


def reusable(matrix: EmbeddingMatrix, options: Options) -> Reuse:
    """Return the rows of `matrix` that are vectors of its files, for a build with the same options.

    There are none if the rows may be anything else; the log says why.
    """
    try:
        modified_ns = os.stat(matrix.path).st_mtime_ns
    except OSError as error:
        raise unreadable(matrix.path, error) from error
    reuse = Reuse(matrix.path, modified_ns, matrix.stored, {})
    obstacle = _obstacle(matrix, options)
    if obstacle is not None:
        log.warning("no row of %s is reused: %s", printable(matrix.path), obstacle)
        return reuse
    bits: dict[str, int] = {}
    for number, file in enumerate(matrix.coverage.vectors):  # two may be copies of one
        bits[file.fingerprint] = bits.get(file.fingerprint, 0) | 1 << number
    claimed = {fingerprint: _claimed(matrix, some) for fingerprint, some in bits.items()}
    return Reuse(matrix.path, modified_ns, matrix.stored, claimed)


def _obstacle(matrix: EmbeddingMatrix, options: Options) -> str | None:
    """Return why a row may differ from what a build would read; None if it cannot."""
    report = matrix.coverage
    if len(report.vectors) > 1 and options.combine == "concat":
        return "the vectors of several files stand side by side in it"
    if options.dtype == "float16" and (options.fallback or options.pieces != "none"):
        return "a mean of vectors cannot be made of its float16"
    if options.dtype == "int8":
        return "they are rounded to int8"
    if report.post is not None:
        return f"they went through --post {','.join(one.step for one in report.post.steps)}"
    known = {surface.value for surface in Surface}
    if report.versions.get("embedprep") != __version__ or report.vocabulary.surface not in known:
        return "another version of embedprep built it"
    unchanged = sha256_of(matrix.stored, matrix.scales) == report.matrix.sha256_of_pieces
    if not unchanged or not containers.is_sealed(matrix.path):
        return "it was changed after it was built"
    return None


def _claimed(matrix: EmbeddingMatrix, bits: int) -> Claimed:
    """Return the claims about the records of one file, which has the `bits` of `sources`."""
    notes = matrix.annotations
    of_record = (notes.sources & bits != 0) & (notes.records >= 0)
    exact = np.flatnonzero(of_record & (notes.provenance == Provenance.EXACT))
    other = np.flatnonzero(of_record & (notes.provenance >= Provenance.LOWER))
    surface = Surface(matrix.coverage.vocabulary.surface)
    told = _strings(notes.keys, exact)
    words = [
        (key,) if key else _words(token, surface)
        for key, token in zip(told, _strings(notes.tokens, exact), strict=True)
    ]
    row = np.concatenate([np.repeat(exact, [len(found) for found in words]), other])
    keys = [word for found in words for word in found] + _strings(notes.keys, other)
    return Claimed(notes.records[row], keys, row)


def _strings(strings: Strings, rows: NDArray[np.int64]) -> list[bytes]:
    text = strings.text.tobytes()
    begins, ends = strings.offsets[rows].tolist(), strings.offsets[rows + 1].tolist()
    return [text[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _words(token: bytes, surface: Surface) -> tuple[bytes, ...]:
    """Return the keys that `token` may have been looked up as: as it is, or without its marks.

    Only the tokenizer's file told which; the index of the vectors confirms one of them.
    """
    if surface is Surface.PLAIN:
        return (token,)
    text = token.decode("utf-8", "surrogatepass")
    piece = piece_of(text, surface, USUAL_MARKS[surface])
    return (token,) if piece is None or piece.text == text else (token, piece.text.encode())
