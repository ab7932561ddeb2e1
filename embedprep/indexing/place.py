"""The place of an index: beside the vector file, or else in the user's cache.

A folder may come from a stranger, who can put anything there under the name of an index. So an
index is never read or written through a link, a pipe never waits for its other end, and a file that
is not an index stays as it is.
"""

from __future__ import annotations

import hashlib
import os
import stat
from io import BufferedReader

from embedprep.errors import OutputError, printable, system_reason

ENDING = ".embedprep-index"
BEGINNING = b"embedprep-index "
"""The first bytes of an index of any version."""


def places_of(path: str) -> tuple[str, ...]:
    """Return the possible places of the index of a file, the better one first."""
    cache = _cache()
    if cache is None:
        return (path + ENDING,)
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return path + ENDING, os.path.join(cache, name + ENDING)


def _cache() -> str | None:
    # The rule of most Unix programs, on any system: a library that knows all rules takes thirty
    # milliseconds to import, and every build asks. Both are absolute, or not known.
    home = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(home):
        home = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "embedprep") if os.path.isabs(home) else None


def opened(place: str) -> BufferedReader:
    """Open the index at `place`, after its first bytes.

    Raises OSError, and ValueError for anything that is not an index.
    """
    if os.path.islink(place):
        raise ValueError("it is a link, and an index is never read or written through one")
    flags = (getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    fd = os.open(place, os.O_RDONLY | sum(flags))
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ValueError("it is not a file")
        if os.read(fd, len(BEGINNING)) != BEGINNING:
            raise ValueError("it is not an index of embedprep")
        return os.fdopen(fd, "rb")
    except BaseException:
        os.close(fd)
        raise


def check_replaceable(place: str) -> None:
    """Raise OutputError if something stands at `place` that is not an index."""
    if not os.path.lexists(place):
        return
    try:
        opened(place).close()
    except (ValueError, OSError) as error:
        reason = system_reason(error) if isinstance(error, OSError) else str(error)
        raise OutputError(
            f"the index is not written over {printable(place)}: {reason}",
            "Move it away, or build with --no-index.",
        ) from error
