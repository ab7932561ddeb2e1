"""A quick part of every campaign; `make torture` runs them in full."""

from __future__ import annotations

import pytest

from tests.torture.campaigns import CAMPAIGNS

pytestmark = pytest.mark.parametrize("implementation", ["native"], indirect=True)


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_nothing_breaks(name: str) -> None:
    tally = CAMPAIGNS[name](False)
    assert tally.broken == []
    assert tally.counts, "nothing was tried"
    assert min(tally.counts.values()) > 0
