"""How a matrix was built: the options and the inputs that its report names."""

from __future__ import annotations

import json
import logging
import os
import shlex

from embedprep import __version__
from embedprep.errors import InputError, UsageError, printable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Options, table
from embedprep.report import CoverageReport
from embedprep.sources import is_address, is_pipe, split_member

log = logging.getLogger("embedprep")

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
    """Return the options of the recorded build; those that it lacks are the defaults.

    A later version may have recorded more. The log names those that this version leaves out.
    """
    report = report_of(matrix)
    told = report.options
    if not told:
        raise InputError(
            "it was converted, not built, and has no options", _REMEDY, path=matrix.path
        )
    names = {name for name, _, _ in table(Options)}
    for name in sorted(told.keys() - names):
        log.warning(
            "%s was built by embedprep %s with the option '%s' = %s, which embedprep %s does not "
            "have: the new matrix is made without it",
            printable(matrix.path),
            printable(report.versions.get("embedprep", "(unknown)")),
            printable(name),
            printable(json.dumps(told[name])[:80]),
            __version__,
        )
    try:
        return Options(**{name: value for name, value in told.items() if name in names})
    except (UsageError, TypeError, ValueError) as error:
        raise InputError(
            f"another version of embedprep built it, or it is damaged: {_reason(error)}",
            _REMEDY,
            path=matrix.path,
        ) from error


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, UsageError) else printable(str(error))


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
