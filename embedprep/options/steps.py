"""The steps of `--post`, as a user names them: `center`, `abtt:2`, `pca:0.95`, `unit`, `sif`."""

from __future__ import annotations

from collections.abc import Callable

from embedprep.errors import UsageError, did_you_mean, printable
from embedprep.named_tuples import NamedTuple
from embedprep.options.arguments import bad_value


class Step(NamedTuple):
    """One step, with its number."""

    name: str
    number: float = 0
    """How many directions `abtt` removes and `pca` keeps, or the share of the variance that `pca`
    keeps; the `a` of `sif`.
    """

    def __str__(self) -> str:
        if self.name in _WITHOUT_NUMBER:
            return self.name
        return f"{self.name}:{str(self.number).removesuffix('.0')}"


class _Number(NamedTuple):
    fits: Callable[[float], bool]
    meaning: str
    default: float | None = None


_WITHOUT_NUMBER = ("center", "unit")
_NUMBERS = {
    "abtt": _Number(lambda n: n >= 1 and n == int(n), "the number of directions, as in abtt:2"),
    "pca": _Number(
        lambda n: 0 < n < 1 or (n >= 1 and n == int(n)),
        "the number of columns, as in pca:96, or the share of the variance, as in pca:0.95",
    ),
    "sif": _Number(lambda a: 0 < a < float("inf"), "a number above 0, as in sif:0.001", 1e-3),
}
STEP_NAMES = ("center", "abtt:N", "pca:N", "unit", "sif")
STEPS_WITH_MEAN = ("center", "abtt", "pca")
"""The steps that are fitted; the others know all from their number."""
ROWS_FOUND = "rows"
_RECORDS = "vectors:"


def parsed_step(text: str) -> Step:
    """Return the step that `text` names. Raises UsageError."""
    name, colon, number = text.partition(":")
    if name in _WITHOUT_NUMBER and not colon:
        return Step(name)
    wanted = _NUMBERS.get(name)
    if wanted is None:
        known = (*_WITHOUT_NUMBER, *_NUMBERS)
        raise UsageError(
            f"--post has no step '{printable(text)}'{did_you_mean(name, known)}",
            f"Give some of: {', '.join(STEP_NAMES)}.",
        )
    if not colon and wanted.default is not None:
        return Step(name, wanted.default)
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not (value < float("inf") and wanted.fits(value)):
        raise UsageError(f"--post cannot be '{printable(text)}'", f"Give {name} {wanted.meaning}.")
    return Step(name, value)


def records_to_fit(post_fit: str) -> int | None:
    """Return how many records to fit the steps on; None: the rows found. Raises UsageError."""
    if post_fit == ROWS_FOUND:
        return None
    number = post_fit.removeprefix(_RECORDS)
    if not (number != post_fit and number.isascii() and number.isdigit() and int(number) > 0):
        raise bad_value("post_fit", post_fit, "rows, or vectors:N with N of at least 1")
    return int(number)
