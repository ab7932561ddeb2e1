"""Addresses as text: without their secrets, for whatever is shown or kept.

In: a path or an address as the user wrote it.
Out: the address without user, password and query.

It stands beside the errors, below all rooms, because each of them hides the secrets of its path.
"""

from __future__ import annotations

import re

NAMES = ("https", "http", "s3a", "s3", "gcs", "gs", "az", "abfs", "sftp", "hf")
"""Schemes that begin an address even if its slashes are missing, as in `https:me:secret@host`."""

_ADDRESS = (
    rf"(?is)(?P<scheme>[a-z][a-z0-9+.-]*(?=://)|(?:{'|'.join(NAMES)})(?=:)):(?P<slashes>/{{0,2}})"
    r"(?P<rest>.*)"
)
_CHAINED = r"(?i)(?<=::)[a-z][a-z0-9+.-]*://"
"""The beginning of an address inside another path, as in `zip::https://…`."""
_HIDDEN = "…"


def parsed(path: str) -> re.Match[str] | None:
    """Return the `scheme`, `slashes` and `rest` of an address; None for a path, which has none."""
    return re.fullmatch(_ADDRESS, path) if ":" in path else None


def without_secrets(path: str) -> str:
    """Return `path` without its secrets: the user and the password of an address, and its query.

    Everything up to the last `@` may be part of a password, which may contain `/`, `?` and `#`
    where the user forgot to escape them; everything from the first `?` on may be part of a query.
    Where the two overlap, nothing after the scheme is shown.
    """
    match = parsed(path)
    if match is None:
        inner = re.search(_CHAINED, path) if "::" in path else None
        return path[: inner.start()] + without_secrets(path[inner.start() :]) if inner else path
    login, at, rest = match["rest"].rpartition("@")
    start = f"{match['scheme']}:{match['slashes']}"
    if re.search("[?#]" if _is_web(match) else "[?]", login):
        return start + _HIDDEN
    if "/" in login and ":" not in login.partition("/")[0]:
        start += _HIDDEN + at  # the host is among what is hidden
    return start + re.split("[?#]" if _is_web(match) else "[?]", rest, maxsplit=1)[0]


def _is_web(address: re.Match[str]) -> bool:
    return address["scheme"].lower() in ("http", "https")
