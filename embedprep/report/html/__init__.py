"""The coverage report as one HTML page that needs nothing else: no network, no other file."""

from __future__ import annotations

from html import escape

from embedprep.coverage import Coverage
from embedprep.errors import UsageError
from embedprep.report.html.sample import Matrix

__all__ = ["Matrix", "framed", "render"]


def render(coverage: Coverage, matrix: Matrix | None = None) -> str:
    """The page of `coverage`; without the `matrix` it lacks the two pictures of its rows.

    The same report and matrix give the same text. Raises UsageError where the libraries of the
    extra `html` are missing.
    """
    try:
        import jinja2  # noqa: F401
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError(
            "the HTML report needs jinja2 and matplotlib", "pip install 'embedprep[html]'"
        ) from None
    from embedprep.report.html.page import page

    return page(coverage, matrix)


def framed(page: str, height: int = 720) -> str:
    """`page` inside a frame of a notebook: its styles stay inside, and so does its script."""
    return (
        f'<iframe title="Coverage report" srcdoc="{escape(page)}" sandbox="allow-scripts" '
        f'allow="clipboard-write" width="100%" height="{height}" '
        'style="border: 1px solid #8886; border-radius: 6px; resize: vertical"></iframe>'
    )
