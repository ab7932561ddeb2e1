"""NumPy arrays (`.npy`): matrices that embedprep built, or any with a token list beside it.

`embedprep build` writes more arrays after the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embedprep.containers import CONTAINERS, npy
from embedprep.containers.layout import Region
from embedprep.errors import InputError
from embedprep.sources.foreign import Foreign, python
from embedprep.sources.rewriting import converting
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors import token_list
from embedprep.vectors.formats.built_matrix import open_built
from embedprep.vectors.forward import Forward
from embedprep.vectors.request import Request
from embedprep.vectors.table import TableVectors
from embedprep.vectors.table_rows import FLOATS, StoredRows

_PICKLED = Foreign(
    "an array of Python objects, a pickle, and loading one can run any code",
    "If it is a map of words to vectors that you trust, write it as text",
    python(
        "import numpy, sys; a = numpy.load(sys.argv[1], allow_pickle=True); "
        "[print(w, *map(float, v)) for w, v in a.item().items()]"
    ),
)


_SAVED_AGAIN = python(
    "import numpy, sys; "
    "numpy.save(sys.argv[2], numpy.ascontiguousarray(numpy.load(sys.argv[1]), 'float32'))"
)


def open_array(source: PlainFile | Stream, request: Request) -> TableVectors:
    """Open the array. Raises if it is no matrix of numbers, or there is no token list for it."""
    matrix = matrix_of(source, (*FLOATS, np.int8))
    if isinstance(source, PlainFile) and matrix.end < source.size:
        return open_built(source, request, container=CONTAINERS["npy"])
    rows = StoredRows(Forward(source), matrix_of(source), file_end=matrix.end)
    path = token_list.find(request, compressed=source.compression is not None)
    records = token_list.read(path, rows.count, source.path)
    return TableVectors(source, request, rows, records, format="npy")


def matrix_of(source: PlainFile | Stream, types: Sequence[type[np.generic]] = FLOATS) -> Region:
    """Return where the matrix at the start of a `.npy` file is; raise unless it has these types."""
    try:
        array, fortran = npy.array_at(0, source.head(npy.HEADER_BYTES))
    except ValueError as error:
        raise InputError(
            str(error), "Download or export the array again.", path=source.path, byte=0
        ) from error
    problem = None
    if array.dtype.hasobject:
        raise _PICKLED.refusal(source.path, source.compression)
    if array.dtype.type not in types:
        problem = f"an array of {array.dtype}"
    elif len(array.shape) != 2:
        problem = f"an array of {len(array.shape)} dimensions"
    elif fortran:
        problem = "a matrix written column by column (Fortran order)"
    if problem is not None:
        remedy = "Name a file with a row of numbers for each token."
        if len(array.shape) == 2 and array.dtype.kind in "iuf":
            command = converting(source.path, _SAVED_AGAIN, source.compression, ".npy")
            built = "\n  If embedprep built it, decompress or save it first, and name the file."
            remedy = f"Write it again:\n    {command}" + built * (array.dtype == np.int8)
        raise InputError(
            f"{problem}, not a matrix of numbers with a row a token", remedy, path=source.path
        )
    return array
