"""Which tests run on both cores: those of the rooms whose own code calls the core."""

from __future__ import annotations

from tests.conftest import PACKAGE, TESTS, rooms_on_both_cores


def test_the_rooms_are_found_in_the_code() -> None:
    rooms = rooms_on_both_cores()
    assert rooms >= {"core", "vectors", "matching", "indexing"}
    assert rooms.isdisjoint({"vocabulary", "fallback", "coverage", "report", "cli"})


def test_every_such_room_has_tests() -> None:
    assert [room for room in rooms_on_both_cores() if not (TESTS / room).is_dir()] == []


def test_nobody_takes_the_core_in_another_way() -> None:
    """Then the rule would not see it."""
    found = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.glob("**/*.py")
        if file.relative_to(PACKAGE).parts[0] != "core"
        and any(
            f"from embedprep{how}" in file.read_text(encoding="utf-8")
            for how in (".core import load", "._core", ".core.reference import load")
        )
    ]
    assert found == []
