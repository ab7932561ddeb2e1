"""All campaigns: a new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable

from tests.torture import (
    altered,
    cuts,
    determinism,
    faults,
    flips,
    fuzzing,
    histories,
    hostile,
    limits,
    mutations,
    places,
    signals,
)
from tests.torture.tally import Tally

Campaign = Callable[[bool], Tally]
"""Given whether to run in full, for minutes, or in seconds."""

CAMPAIGNS: dict[str, Campaign] = {
    "altered": altered.run,
    "cuts": cuts.run,
    "determinism": determinism.run,
    "faults": faults.run,
    "flips": flips.run,
    "fuzzing": fuzzing.run,
    "hostile": hostile.run,
    "histories": histories.run,
    "limits": limits.run,
    "mutations": mutations.run,
    "places": places.run,
    "signals": signals.run,
}
