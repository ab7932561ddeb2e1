"""A path as a user, a jobs file or the report of a stranger gives it.

In: a path, or a `file://` address.
Out: the path that the system knows, or an error if no file can have this name.
"""

from __future__ import annotations

import os

from embedprep.errors import InputError


def local_path(path: str) -> str:
    """Return the path of a `file://` address; anything else as it is.

    Raises `InputError` for a path that no file can have.
    """
    here = _path_of(path)
    if not _is_possible(here):
        raise InputError("no file can have this name", "Check the spelling.", path=path)
    return here


def _path_of(path: str) -> str:
    if not path.lower().startswith("file://") or os.path.lexists(path):
        return path
    from urllib.parse import unquote

    host, slash, rest = path[len("file://") :].partition("/")
    is_here = slash and host.lower() in ("", "localhost")
    return "/" + unquote(rest) if is_here else path


def _is_possible(path: str) -> bool:
    try:
        return b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can contain
        return False
