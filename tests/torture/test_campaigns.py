"""A quick part of every campaign; `make torture` runs them in full."""

from __future__ import annotations

import pytest

from tests.torture.bugs import BUGS
from tests.torture.campaigns import CAMPAIGNS
from tests.torture.mutations import PACKAGE

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.no_cover,
]


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_nothing_breaks(name: str) -> None:
    tally = CAMPAIGNS[name](False)
    assert tally.broken == []
    assert all(count > 0 for count in tally.counts.values())
    if tally.left_out:
        pytest.skip(f"all but {'; '.join(tally.left_out)}")
    assert tally.counts, "nothing was tried"


def test_every_bug_can_still_be_planted() -> None:
    moved = [
        name
        for name, bug in BUGS.items()
        if (PACKAGE / bug.file).read_text(encoding="utf-8").count(bug.old) != 1
    ]
    assert moved == []
