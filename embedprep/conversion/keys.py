"""Which keys a container can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """Why a container cannot hold a key."""

    reason: str
    """The end of a sentence about the key."""
    holder: str | None
    """A format that can hold the key; None if no format can."""

    @property
    def remedy(self) -> str:
        if self.holder is None:
            return "Leave such records out with --on-malformed skip."
        return f"Convert to {self.holder}, or leave such records out with --on-malformed skip."


Refuses = Callable[[bytes], Refusal | None]
"""None for a key that the container can hold."""


def not_text(key: bytes) -> Refusal | None:
    """Containers whose tokens are text."""
    try:
        key.decode()
    except UnicodeDecodeError:
        return Refusal("is not UTF-8", ".bin")
    return None


def not_without(forbidden: dict[bytes, str]) -> Refuses:
    """Containers in which some bytes mean the end of a key; a key needs at least one other."""

    def refuses(key: bytes) -> Refusal | None:
        if not key:
            return Refusal("is empty", None)
        found = next((name for byte, name in forbidden.items() if byte in key), None)
        return None if found is None else Refusal(f"contains {found}", ".npy, .h5 or .safetensors")

    return refuses


def not_longer(most: int) -> Refuses:
    """Containers whose readers look for the end of a key within `most` bytes."""

    def refuses(key: bytes) -> Refusal | None:
        if len(key) <= most:
            return None
        return Refusal(f"has {len(key):,} bytes, more than {most:,}", ".npy, .h5 or .safetensors")

    return refuses


def either(*rules: Refuses) -> Refuses:
    """The first refusal of several rules."""

    def refuses(key: bytes) -> Refusal | None:
        return next((refusal for rule in rules if (refusal := rule(key)) is not None), None)

    return refuses
