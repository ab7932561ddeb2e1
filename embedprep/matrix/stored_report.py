"""Read a coverage report from its JSON file, or from the matrix that contains a copy."""

from __future__ import annotations

from embedprep.errors import InputError, unreadable
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.report import CoverageReport
from embedprep.sources import refuse_address
from embedprep.sources.paths import local_path

_MAX_BYTES = 64 << 20
"""The limit of the file size: a report lists at most 1,000 tokens, so anything near it is something
else.
"""


def read_report(path: str) -> CoverageReport:
    """Return the report at `path`, which is a report or a matrix."""
    return read_report_and_matrix(path)[0]


def read_report_and_matrix(path: str) -> tuple[CoverageReport, EmbeddingMatrix | None]:
    """Return the report at `path`, and the matrix if it is one."""
    path = local_path(path)
    refuse_address(path, "a matrix")
    try:
        with open(path, "rb") as file:
            start = file.read(1)
            if start != b"{":
                matrix = EmbeddingMatrix(path)
                return matrix.coverage, matrix
            content = start + file.read(_MAX_BYTES)  # a pipe may have no end
            if len(content) > _MAX_BYTES:
                raise InputError(
                    "too large for a coverage report", "Name a .coverage.json.", path=path
                )
            return CoverageReport.from_json(content, path), None
    except OSError as error:
        raise unreadable(path, error) from error
