"""The place of an index: beside the vector file, or else in the user's cache."""

from __future__ import annotations

import hashlib
import os

ENDING = ".embedprep-index"


def places_of(path: str) -> tuple[str, str]:
    """Return the possible places of the index of a file, the better one first."""
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return path + ENDING, os.path.join(_cache(), name + ENDING)


def _cache() -> str:
    # The rule of most Unix programs, on any system: a library that knows all rules takes thirty
    # milliseconds to import, and every build asks.
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "embedprep")
