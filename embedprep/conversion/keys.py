"""Which keys a container can hold."""

from __future__ import annotations

from collections.abc import Callable

Refuses = Callable[[bytes], str | None]
"""Why a container cannot hold a key, as the end of a sentence; None if it can."""


def not_text(key: bytes) -> str | None:
    """Containers whose tokens are text."""
    try:
        key.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return None


def not_without(forbidden: dict[bytes, str]) -> Refuses:
    """Containers in which some bytes mean the end of a key; a key needs at least one other."""

    def refuses(key: bytes) -> str | None:
        if not key:
            return "is empty"
        return next((f"contains {name}" for byte, name in forbidden.items() if byte in key), None)

    return refuses


def either(*rules: Refuses) -> Refuses:
    """The first reason of several."""

    def refuses(key: bytes) -> str | None:
        return next((reason for rule in rules if (reason := rule(key)) is not None), None)

    return refuses
