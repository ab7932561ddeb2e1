"""Every test of an update has a directory and a cache of its own, as those of an index."""

from __future__ import annotations

from tests.indexing.conftest import private_cache

__all__ = ["private_cache"]
