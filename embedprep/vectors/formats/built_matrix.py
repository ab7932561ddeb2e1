"""Matrices that embedprep built, in any container, read again as vectors.

The container's reader in `embedprep.containers` finds the rows and the tokens. They are read here,
so no link, external storage or virtual dataset can lead to another file.
"""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import vocabulary
from embedprep.containers import Container
from embedprep.containers.annotations import Strings
from embedprep.containers.layout import BFLOAT16, SCALES, MatrixLayout, Region
from embedprep.errors import InputError, UsageError, printable
from embedprep.provenance import Provenance
from embedprep.sources.decompressors import SourceFile
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries, TableVectors
from embedprep.vectors.table_rows import FLOATS, StoredRows
from embedprep.vectors.token_list import entries
from embedprep.vocabulary.source import errors_naming


def open_built(
    source: PlainFile | Stream, request: Request, *, container: Container, format: str | None = None
) -> TableVectors:
    """Open the matrix; `format` is its name in the description if the container's does not fit.

    Raises for a file that embedprep did not write.
    """
    if isinstance(source, Stream):
        raise InputError(
            "a matrix that embedprep built, which cannot be read as a stream",
            "Decompress or save it first, and name the file.",
            path=source.path,
        )
    try:
        with errors_naming(source.path):
            layout = container.layout(io.BufferedReader(SourceFile(source)))
        if request.tokens is not None:
            raise UsageError(
                "this matrix has its tokens inside, and --vectors-tokens names others",
                "Drop --vectors-tokens.",
                path=request.path,
            )
        if layout.matrix.dtype not in (*FLOATS, BFLOAT16, np.int8):
            raise ValueError(f"its rows are {layout.matrix.dtype}")
        records = _records(source, layout)
    except ValueError as error:
        if container.format == "hdf5":
            from embedprep.vectors.formats.foreign_hdf5 import describe

            if foreign := describe(io.BufferedReader(SourceFile(source))):
                raise foreign.refusal(source.path, source.compression) from error
        raise InputError(
            f"not {container.name} written by embedprep: {printable(str(error))}",
            "If embedprep built it, download or copy it again. Any other matrix is read from a "
            ".npy or .safetensors that holds nothing else, with its tokens beside it.",
            path=source.path,
        ) from error
    rows = StoredRows(Forward(source), layout.matrix)
    return TableVectors(source, request, rows, records, format=format or container.format)


def _records(source: PlainFile, layout: MatrixLayout) -> Entries:
    """Return the rows that a vector file filled.

    A row is no record if it is padding, has no token, or was made up, wholly or partly, for a word
    without a vector. Raises ValueError if the tokens are damaged.
    """
    text, offsets, provenance, report = (
        array_of(source, layout.beside[name])
        for name in ("tokens", "token_offsets", "provenance", "report")
    )
    tokens = Strings(text, offsets)
    if not tokens.consistent():
        raise ValueError("the places of its tokens do not follow each other")
    try:
        listed = tokens.all()
    except UnicodeDecodeError as error:
        raise ValueError(f"its tokens are not UTF-8: {error.reason}") from error
    found = np.flatnonzero(~np.isin(provenance, _MADE_UP))
    if len(found) == 0:
        return Entries([], found)
    with errors_naming(source.path):
        # The report says how the tokenizer marks its tokens; their spelling does not always show
        # it.
        surface = _surface(report.tobytes())
        # The index of a token is its row.
        every = entries(vocabulary.read(listed)._replace(surface=surface))
    keys = [every.keys[row] for row in found.tolist()]
    scales = None
    if SCALES.name in layout.beside:
        scales = array_of(source, layout.beside[SCALES.name])[found]
        scales[~((scales > 0) & np.isfinite(scales))] = np.nan  # the record is damaged, too
    return Entries(keys, found, scales=scales, keys_are=every.keys_are)


_MADE_UP = (Provenance.UNASSIGNED, Provenance.PADDING, Provenance.OOV, Provenance.PARTIAL)


def _surface(report: bytes) -> vocabulary.Surface:
    try:
        return vocabulary.Surface(json.loads(report)["vocabulary"]["surface"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("its report does not say what kind of tokens it has") from error


def array_of(source: PlainFile, region: Region) -> NDArray[Any]:
    """Read a whole array, whose region is inside the file."""
    data = bytearray(region.end - region.offset)
    source.read_into(data, region.offset)
    return np.frombuffer(data, region.dtype)
