"""The pictures, drawn by matplotlib as SVG that takes its colours and fonts from the page."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib
import numpy as np
from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from embedprep.report.html.projection import Label

# Placeholders for the colours of the page, which differ by day and by night.
_COLOURS = {
    "#010201": "var(--ink)",
    "#010202": "var(--muted)",
    "#010203": "var(--line)",
    "#010204": "var(--series-1)",
    "#010205": "var(--series-2)",
}
_INK, _MUTED, _LINE, _SERIES_1, _SERIES_2 = _COLOURS

_FONT_SIZE = 12.0
MAP_WIDTH, MAP_HEIGHT = 640.0, 460.0
"""The size of the picture of the rows, in SVG units."""
LABEL_SIZE, LABEL_SIZE_ON_PHONE = 11.5, 22.0


@contextmanager
def _own_style() -> Iterator[None]:
    """Use our own style, and keep the user's settings for plots out of it and unchanged."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "embedprep"})
        yield


@_own_style()
def histogram(norms: NDArray[np.float64], top: float, alternative: str) -> Markup:
    """Draw a histogram of the `norms` up to `top`."""
    low = float(norms.min())
    # all the same: without room around it a bar fills the whole picture
    if top - low <= 1e-3 * top:
        room = 0.1 * top or 0.5
        low, top = max(0.0, low - room), top + room
    numbers, edges = np.histogram(norms, bins=40, range=(low, top))
    figure, axes = _plot(left=62)
    axes.stairs(numbers, edges, fill=True, color=_SERIES_1)
    axes.set_xlim(low, top)
    axes.set_ylim(0, 1.05 * numbers.max())
    axes.grid(axis="y", color=_LINE, linewidth=1)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.6g}"))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: _short(y)))
    axes.set_xlabel("norm of the row")
    axes.set_ylabel("rows")
    return _svg(figure, "norms", alternative)


@_own_style()
def point_map(
    points: NDArray[np.float64],
    labelled: Sequence[Label],
    labelled_on_phone: Sequence[Label],
    alternative: str,
) -> Markup:
    """Draw `points`, shape (n, 2), in units of the picture, and one of two sets of labels."""
    figure = Figure(figsize=(MAP_WIDTH / 72, MAP_HEIGHT / 72))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set_xlim(0, MAP_WIDTH)
    axes.set_ylim(0, MAP_HEIGHT)
    _dots(axes, points, "points", _MUTED, 3.4)
    # matplotlib never sees a token: it would look for formulas and for glyphs in it.
    texts: dict[str, str] = {}
    for name, chosen, size in (
        ("wide", labelled, LABEL_SIZE),
        ("phone", labelled_on_phone, LABEL_SIZE_ON_PHONE),
    ):
        _dots(axes, points[[label.index for label in chosen]], f"{name}-dots", _SERIES_1, size / 2)
        for label in chosen:
            place = f"{name}-{label.index}"
            texts[place] = label.text
            axes.text(
                label.x, label.y - 0.35 * size, place, gid=f"{name}-text-{label.index}",
                ha=label.side, color=_INK, fontsize=size,
            )  # fmt: skip
    return _svg(figure, "map", alternative, texts)


def _dots(axes: Axes, points: NDArray[np.float64], gid: str, colour: str, size: float) -> None:
    """Return dots as lines of length zero with round ends, a third of the size of circles."""
    if len(points):
        twice = np.repeat(points, 2, axis=0)
        path = Path(twice, np.tile([Path.MOVETO, Path.LINETO], len(points)))
        path.should_simplify = False  # it would leave out lines of length zero
        axes.add_patch(
            PathPatch(
                path, gid=gid, facecolor="none", edgecolor=colour, linewidth=size, capstyle="round",
            )
        )  # fmt: skip


def _plot(left: float, width: float = 430, height: float = 270) -> tuple[Figure, Axes]:
    """Create a figure of `width` by `height` with room for the labels of its axes."""
    figure = Figure(figsize=(width / 72, height / 72))
    below, above, right = 42, 10, 16
    axes = figure.add_axes(
        (left / width, below / height, 1 - (left + right) / width, 1 - (below + above) / height)
    )
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_MUTED)
    axes.tick_params(colors=_MUTED, labelsize=_FONT_SIZE, length=0, pad=6)
    axes.xaxis.label.set(color=_MUTED, fontsize=_FONT_SIZE)
    axes.yaxis.label.set(color=_MUTED, fontsize=_FONT_SIZE)
    return figure, axes


def _short(number: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if number >= 10 * unit or (number >= unit and number % unit == 0):
            return f"{number / unit:g}{name}"
    return f"{number:,.6g}"


def _svg(
    figure: Figure, name: str, alternative: str, texts: dict[str, str] | None = None
) -> Markup:
    """Return `figure` as an element of the page; `texts` replace the labels by name."""
    file = io.StringIO()
    figure.savefig(
        file, format="svg", transparent=True,
        metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")),
    )  # fmt: skip
    svg = file.getvalue()
    box = svg[svg.index("viewBox=") : svg.index('"', svg.index("viewBox=") + 9) + 1]
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"<style.*?</style>", "", body, flags=re.DOTALL)
    body = body.replace("xlink:href=", "href=")
    body = re.sub(r'( id="|href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font(-family|-weight|-stretch)?: [^;\"]*'[^;\"]*;? ?", "", body)
    body = re.sub(r"\d+\.\d{3,}", lambda digits: f"{float(digits[0]):.2f}", body)
    body = re.sub(r"\s*\n\s*", "\n", body)
    for colour, variable in _COLOURS.items():
        body = body.replace(colour, variable)
    body = re.sub(
        r">((?:wide|phone)-\d+)<", lambda place: f">{escape((texts or {})[place[1]])}<", body
    )
    start = f'<svg role="img" aria-label="{escape(alternative)}" class="{name}" {box}>'
    return Markup(start + body)  # noqa: S704  # what matplotlib wrote, with escaped texts
