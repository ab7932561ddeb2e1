"""The two pictures of the rows themselves, each with its caption, or the reason why it is
missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from embedprep.provenance import Provenance
from embedprep.report.html import figures
from embedprep.report.html.projection import fitted, labels, principal_components
from embedprep.report.html.sample import Matrix, first_found, norms
from embedprep.report.wording import percent, shortened

_LABELS, _LABELS_ON_PHONE = 40, 12
_LABEL_CHARACTERS = 18
_MARGIN = 14.0


@dataclass(frozen=True)
class Picture:
    """An SVG element, empty if there is nothing to see, and its caption."""

    svg: Markup
    caption: str


def norms_picture(matrix: Matrix) -> Picture:
    lengths = norms(matrix)
    values = lengths.values
    if not len(values):
        return Picture(Markup(), "No row has a vector, so there are no norms to show.")
    low, middle, high = (float(value) for value in np.quantile(values, (0, 0.5, 1)))
    caption = f"Norms from {low:.4g} to {high:.4g}, median {middle:.4g}, of "
    if lengths.read < lengths.found:
        caption += f"{lengths.read:,} rows, evenly spread over the {lengths.found:,} found."
    else:
        caption += f"all {lengths.found:,} rows found."
    top = float(np.quantile(values, 0.999))
    if high <= 3 * top:
        top = high
    else:  # a few giant norms would press all others into one bar
        beyond = int((values > top).sum())
        caption += f" The {beyond:,} above {top:.4g} are not drawn."
    if unusual := lengths.read - len(values):
        caption += f" {unusual:,} rows hold values that are not finite."
    return Picture(figures.histogram(values, top, "Histogram. " + caption), caption)


def map_picture(matrix: Matrix) -> Picture:
    rows, vectors = first_found(matrix)
    projected = principal_components(vectors)
    if projected is None:
        return Picture(
            Markup(),
            "There is no map: it takes at least three different vectors of two dimensions.",
        )
    points, (first, second) = projected
    points = fitted(points, figures.MAP_WIDTH, figures.MAP_HEIGHT, _MARGIN)
    tokens = matrix.tokens
    texts = [
        shortened(tokens[row], _LABEL_CHARACTERS) if tokens[row] else "" for row in rows.tolist()
    ]
    large, small = (
        labels(
            points, texts, width=figures.MAP_WIDTH, height=figures.MAP_HEIGHT, size=size, most=most
        )
        for size, most in (
            (figures.LABEL_SIZE, _LABELS),
            (figures.LABEL_SIZE_ON_PHONE, _LABELS_ON_PHONE),
        )
    )
    found = int((matrix.provenance >= Provenance.EXACT).sum())
    which = f"first {len(rows):,} of {found:,}" if len(rows) < found else f"{found:,}"
    caption = (
        f"The {which} rows found, seen along their two principal components, which show "
        f"{percent(first)} and {percent(second)} of the variance."
    )
    names = ", ".join(label.text for label in large)
    return Picture(
        figures.point_map(points, large, small, f"Scatter plot. {caption} Labelled: {names}."),
        caption,
    )
