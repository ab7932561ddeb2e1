"""The coverage report as one HTML page that needs nothing else: no network, no other file."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec

from embedprep.coverage import Coverage
from embedprep.errors import UsageError
from embedprep.report.html.sample import Matrix, Unpublished

__all__ = ["Matrix", "Unpublished", "check_libraries", "framed", "render"]


def render(coverage: Coverage, matrix: Matrix | None = None) -> str:
    """Render the page of `coverage`; without the `matrix` it lacks norms and neighbours.

    The same report and matrix give the same text. Raises UsageError if the libraries of the extra
    `html` are missing.
    """
    check_libraries()
    from embedprep.report.html.page import page

    return page(coverage, matrix)


def check_libraries() -> None:
    """Raise UsageError if the libraries of the extra `html` are missing."""
    if find_spec("jinja2") is None:
        raise UsageError("the HTML report needs jinja2", "pip install 'embedprep[html]'")


def framed(page: str, height: int = 720) -> str:
    """Put `page` into a frame of a notebook, which contains its styles and its script."""
    return (
        f'<iframe title="Coverage report" srcdoc="{escape(page)}" '
        'sandbox="allow-scripts allow-downloads" allow="clipboard-write" '
        f'width="100%" height="{height}" '
        'style="border: 1px solid #8886; border-radius: 6px; resize: vertical"></iframe>'
    )
