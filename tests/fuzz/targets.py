"""All targets of the fuzzers."""

from __future__ import annotations

from tests.fuzz import core_targets, file_targets
from tests.fuzz.target import Target

TARGETS: dict[str, Target] = core_targets.TARGETS | file_targets.TARGETS
"""By name, which is also that of a folder in `regressions`."""
