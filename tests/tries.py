"""How often a test tries something at random: seldom in the suite, often in `make torture`."""

from __future__ import annotations

import pytest
from hypothesis import settings

sampled = pytest.mark.sampled
"""For a test that calls `tries`, by which `make torture` finds it."""


def tries(often: int) -> int:
    """This number in `make torture`, else a quarter of it."""
    return often if settings().max_examples > 100 else often // 4
