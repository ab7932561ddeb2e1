"""The checks of everything else that a build wrote into the folder of the matrix.

The files of a build appear one after the other, the matrix last. A build that is killed in between,
and another build under the same name, leave files that do not belong to the matrix.
"""

from __future__ import annotations

import hashlib
import json
import os
import re

from embedprep.containers import SUFFIXES, container_of, is_temporary, tokens_beside
from embedprep.errors import EmbedprepError, InputError, UsageError, printable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.matrix.stored_report import read_report
from embedprep.verification.wrong import Wrong

REPORT_ENDING = ".coverage.json"
_PAGE_ENDINGS = (".html", ".htm")
_PAGE_MARK = re.compile(rb'<meta name="embedprep-report" content="([0-9a-f]{64})">')
_PAGE_HEAD_BYTES = 16 << 10
_MOST_BYTES = 1 << 30


def report(matrix: EmbeddingMatrix) -> str:
    """The report in a file of its own is of the same build as that inside the matrix."""
    path = _stem(matrix) + REPORT_ENDING
    if not os.path.exists(path):
        return "none"
    try:
        beside = read_report(path)._replace(run=None)
    except EmbedprepError as error:
        raise Wrong(error.reason) from error
    own = matrix.coverage
    if beside == own:
        return "of the same build"
    other = _other_container(matrix, beside)
    if other is None:
        raise Wrong("it is of another build")
    if beside._replace(matrix=beside.matrix._replace(path=own.matrix.path)) == own:
        return f"of {other}, from the same build"
    raise Wrong(
        f"it is of {other}, which was built after this matrix and shares its report: give one of "
        "them another name, or its report with --report"
    )


def _other_container(matrix: EmbeddingMatrix, beside: object) -> str | None:
    """Return the matrix of the same name in another container whose report is `beside`."""
    for ending in SUFFIXES:
        path = _stem(matrix) + ending
        if path != matrix.path and os.path.isfile(path):
            try:
                if EmbeddingMatrix(path).coverage == beside:
                    return os.path.basename(path)
            except EmbedprepError:
                continue
    return None


def tokens(matrix: EmbeddingMatrix) -> str:
    """The list of tokens in a file of its own is that of the matrix."""
    path = _stem(matrix) + tokens_beside.ENDING
    if not (_lists_tokens(matrix) and os.path.exists(path)):
        return "none"
    expected = tokens_beside.as_json(matrix.tokens)
    try:
        with open(path, "rb") as file:
            there = file.read(_MOST_BYTES)
        if there == expected:
            return "the tokens of the matrix"
        listed = json.loads(there)
    except (OSError, ValueError, RecursionError) as error:
        raise Wrong("it cannot be read as a list of tokens") from error
    if not isinstance(listed, list) or len(listed) != len(matrix):
        raise Wrong("it is of another build: it does not have a token a row")
    rows = enumerate(zip(listed, matrix.tokens, strict=True))
    row = next((row for row, (there, own) in rows if there != own), None)
    if row is None:
        return "the tokens of the matrix"
    raise Wrong(
        f"it is of another build: row {row} is '{printable(str(listed[row])[:40])}' there, and "
        f"'{printable(matrix.tokens[row][:40])}' in the matrix"
    )


def _lists_tokens(matrix: EmbeddingMatrix) -> bool:
    """Whether the command that wrote the matrix also wrote the list; only a build has options."""
    try:
        container = container_of(matrix.path)
    except UsageError:  # it has another name now
        return False
    return ("build" if matrix.coverage.options else "convert") in container.lists_tokens


def page(matrix: EmbeddingMatrix) -> str:
    """The HTML page with the name of the matrix is of the same build."""
    own = hashlib.sha256(matrix.annotations.report.encode()).hexdigest()
    for path in (_stem(matrix) + ending for ending in _PAGE_ENDINGS):
        try:
            with open(path, "rb") as file:
                mark = _PAGE_MARK.search(file.read(_PAGE_HEAD_BYTES))
        except OSError:
            continue
        if mark is not None and mark[1].decode() != own:
            raise Wrong("it is of another build")
        if mark is not None:
            return "of the same build"
    return "none"


def left_over(matrix: EmbeddingMatrix) -> str:
    """Say which files a build that was killed has left; one that still runs has some, too."""
    folder = os.path.dirname(matrix.path) or "."
    names = sorted(name for name in os.listdir(folder) if is_temporary(name))
    if not names:
        return "nothing of a build that was killed"
    return f"{', '.join(names)}: of a build that was killed, or still runs; delete it if none does"


def without_matrix(path: str) -> InputError | None:
    """The error for a matrix that is not there, if a build left other files under its name."""
    stem = os.path.splitext(path)[0]
    endings = (REPORT_ENDING, tokens_beside.ENDING, *_PAGE_ENDINGS)
    names = [os.path.basename(stem + end) for end in endings if os.path.exists(stem + end)]
    if os.path.lexists(path) or not names:
        return None
    return InputError(
        f"there is no such file, but {', '.join(map(printable, names))}: the matrix appears last, "
        "and a build was stopped before that, or the matrix was moved",
        "Build it again, which replaces them.",
        path=path,
    )


def _stem(matrix: EmbeddingMatrix) -> str:
    return os.path.splitext(matrix.path)[0]
