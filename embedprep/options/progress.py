"""The signs of life of a running job: levels of the log, and the progress of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from embedprep.errors import UsageError

Progress = Callable[[int | None], AbstractContextManager[Callable[[int], object]]]
"""Given the bytes to read (None: unknown), opens a display and gives what advances it."""

STAGE, WROTE = 15, 25
"""Levels of the log: a stage begins, which only a terminal shows; a file was written."""

_DELAY = 0.3
"""Seconds until a bar appears: most files are read before that."""


def no_bar(total: int | None) -> AbstractContextManager[Callable[[int], object]]:
    """Show nothing."""
    return nullcontext(lambda count: None)


@contextmanager
def bar(tqdm: Any, total: int | None) -> Iterator[Callable[[int], object]]:
    """Show a bar of this `tqdm` class, which disappears at the end."""
    with tqdm(
        total=total, desc="reading", unit="B", unit_scale=True, leave=False, delay=_DELAY
    ) as shown:
        yield shown.update


def _auto_bar(total: int | None) -> AbstractContextManager[Callable[[int], object]]:
    from tqdm.auto import tqdm  # a widget in a notebook, text elsewhere

    return bar(tqdm, total)


def read_progress(value: bool | Progress) -> Progress:
    """Return the display that the argument `progress` of a public function asks for."""
    if isinstance(value, bool):
        return _auto_bar if value else no_bar
    if not callable(value):
        raise UsageError(
            "progress is neither True, False nor a function",
            "Give progress=True for a bar.",
        )
    return value
