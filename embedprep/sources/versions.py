"""One build reads one version of each file at an address, however often it opens it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Version = tuple[str | None, ...]
"""What identifies one version of a file: it differs if a byte of the file does."""

_seen: ContextVar[dict[str, Version] | None] = ContextVar("versions", default=None)
"""The version of each address that the block has opened; None outside of such a block."""


@contextmanager
def one_version() -> Iterator[None]:
    """In this block, `is_another` knows the addresses that were opened before."""
    token = _seen.set({})
    try:
        yield
    finally:
        _seen.reset(token)


def is_another(url: str, version: Version) -> bool:
    """Whether the file at `url` was opened before in this block, in another version."""
    seen = _seen.get()
    return seen is not None and seen.setdefault(url, version) != version
