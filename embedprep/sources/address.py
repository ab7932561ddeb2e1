"""Addresses as they may be shown: in errors, and in the report."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"(https?|s3|gs)://", re.IGNORECASE)


def shown(path: str) -> str:
    """`path` without what may be a secret of it: user and password, and the query of an address."""
    if not _ADDRESS.match(path):
        return path
    scheme, _, rest = path.partition("://")
    if scheme.lower() in ("http", "https"):
        rest = re.split("[?#]", rest, maxsplit=1)[0]
    host, slash, name = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{name}"
