"""No input that once broke something breaks it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.hard_inputs import FOLDER, hard_inputs
from tests.fuzz.limits import bounded_time
from tests.fuzz.targets import TARGETS

CASES = [(name, path.name) for name in TARGETS for path in hard_inputs(name)]


@pytest.mark.parametrize(("name", "file"), CASES)
def test_it_is_read_or_refused(name: str, file: str, tmp_path: Path) -> None:
    with bounded_time():
        TARGETS[name].attempt((FOLDER / name / file).read_bytes(), tmp_path)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_read(name: str, tmp_path: Path) -> None:
    assert len(hard_inputs(name)) >= 5
    for seed in TARGETS[name].seeds():
        TARGETS[name].attempt(seed, tmp_path)


def test_every_folder_has_a_target() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(TARGETS)
