"""Builds that read their vectors in small blocks, so that a small file has many."""

from __future__ import annotations

from collections.abc import Callable

from embedprep.vectors import Request, Vectors, open_vectors


def in_blocks_of(size: int) -> Callable[[Request], Vectors]:
    """`open_vectors`, with blocks of `size` bytes."""
    return lambda request: open_vectors(request._replace(block_bytes=size))
