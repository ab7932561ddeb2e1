"""How a matrix was built: the options and the inputs that its report names."""

from __future__ import annotations

import os
import shlex

from embedprep.errors import InputError, UsageError, printable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Options, table
from embedprep.report import CoverageReport
from embedprep.sources import is_address, is_pipe, split_member

_REMEDY = "Build the matrix for the new vocabulary with embedprep build."


def report_of(matrix: EmbeddingMatrix) -> CoverageReport:
    """Return the report inside the file. Raises InputError if another version wrote it."""
    try:
        return matrix.coverage
    except InputError as error:
        raise InputError(
            f"how it was built is not known: {error.reason}", _REMEDY, path=matrix.path
        ) from error


def options_of(matrix: EmbeddingMatrix) -> Options:
    """Return the options of the recorded build.

    Raises InputError if this version has other options, so that the result would be a guess.
    """
    told = report_of(matrix).options
    names = {name for name, _, _ in table(Options)}
    for name in sorted(names ^ told.keys()):
        verb = "lacks" if name in names else "has"
        raise InputError(
            f"another version of embedprep built it: its report {verb} the option '{name}'",
            _REMEDY,
            path=matrix.path,
        )
    try:
        return Options(**told)
    except UsageError as error:
        raise InputError(
            f"another version of embedprep built it, or it is damaged: {error.reason}",
            _REMEDY,
            path=matrix.path,
        ) from error


def still_there(path: str, option: str, matrix: EmbeddingMatrix) -> str:
    """Return `path`, which the report names.

    Raises InputError if it is not where it was, or is an address: a matrix may be that of a
    stranger. `option` says where it is now.
    """
    place = split_member(path)[0]
    if is_pipe(path):
        reason = f"{printable(matrix.path)} was built from it, and a pipe can be read only once"
    elif is_address(place):
        reason = f"only {printable(matrix.path)} names it, and embedprep fetches what you name"
        remedy = f"If you trust it: {option} {shlex.quote(printable(path))}"
        raise InputError(reason, remedy, path=path)
    elif not os.path.exists(place):
        reason = f"{printable(matrix.path)} was built from it, and it is no longer there"
    else:
        return path
    raise InputError(reason, f"Say where its content is now: {option} FILE.", path=path)
