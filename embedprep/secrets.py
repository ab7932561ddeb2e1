"""An address without its secrets, for everything that is shown or kept.

In: a path or an address as the user wrote it.
Out: the same without user, password and query.

This is a module of its own, below all rooms, because every error hides the secrets of its path.
"""

from __future__ import annotations

import re

NAMES = ("https", "http", "s3a", "s3", "gcs", "gs", "az", "abfs", "sftp", "hf")
"""Schemes that begin an address even if its slashes are missing, as in `https:me:secret@host`."""

ADDRESS = re.compile(
    rf"(?P<scheme>[a-z][a-z0-9+.-]*(?=://)|(?:{'|'.join(NAMES)})(?=:)):(?P<slashes>/{{0,2}})"
    r"(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_CHAINED = re.compile(r"(?<=::)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""The beginning of an address inside another path, as in `zip::https://…`."""
_HIDDEN = "…"


def without_secrets(path: str) -> str:
    """Return `path` without its secrets: the user and the password of an address, and its query.

    Everything up to the last `@` may be part of a password, which may contain `/`, `?` and `#`
    where the user forgot to escape them; everything from the first `?` on may be part of a query.
    Where the two overlap, nothing after the scheme is shown.
    """
    match = ADDRESS.fullmatch(path)
    if match is None:
        inner = _CHAINED.search(path)
        at = inner.start() if inner else len(path)
        return path[:at] + without_secrets(path[at:]) if inner else path
    login, at, rest = match["rest"].rpartition("@")
    start = f"{match['scheme']}:{match['slashes']}"
    if re.search("[?#]" if _is_web(match) else "[?]", login):
        return start + _HIDDEN
    if "/" in login and ":" not in login.partition("/")[0]:
        start += _HIDDEN + at  # the host is among what is hidden
    return start + re.split("[?#]" if _is_web(match) else "[?]", rest, maxsplit=1)[0]


def _is_web(address: re.Match[str]) -> bool:
    return address["scheme"].lower() in ("http", "https")
