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


Refuses = Callable[[list[bytes]], dict[int, Refusal]]
"""Why a container cannot hold some of the keys, by their index. Mostly it can hold all of them, so
a rule looks at all together first.
"""


def not_text(keys: list[bytes]) -> dict[int, Refusal]:
    """Containers whose tokens are text."""
    if _is_text(b"\n".join(keys)):
        return {}
    refusal = Refusal("is not UTF-8", ".bin")
    return {i: refusal for i, key in enumerate(keys) if not _is_text(key)}


def _is_text(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def not_without(forbidden: dict[bytes, str]) -> Refuses:
    """Containers in which some bytes mean the end of a key; a key needs at least one other."""

    def refuses(keys: list[bytes]) -> dict[int, Refusal]:
        together = b"\0".join(keys)
        found = {i: Refusal("is empty", None) for i, key in enumerate(keys) if not key}
        for byte, name in forbidden.items():
            if byte in together:
                refusal = Refusal(f"contains {name}", ".npy, .h5 or .safetensors")
                found = {i: refusal for i, key in enumerate(keys) if byte in key} | found
        return found

    return refuses


def not_longer(most: int) -> Refuses:
    """Containers whose readers look for the end of a key within `most` bytes."""

    def refuses(keys: list[bytes]) -> dict[int, Refusal]:
        return {
            i: Refusal(f"has {len(key):,} bytes, more than {most:,}", ".npy, .h5 or .safetensors")
            for i, key in enumerate(keys)
            if len(key) > most
        }

    return refuses


def either(*rules: Refuses) -> Refuses:
    """The first refusal of several rules."""

    def refuses(keys: list[bytes]) -> dict[int, Refusal]:
        found: dict[int, Refusal] = {}
        for rule in rules:
            found = rule(keys) | found
        return found

    return refuses
