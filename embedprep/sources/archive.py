"""Archives: which member holds the data.

Published archives contain one file (glove.840B.300d.zip) or several (glove.6B.zip, one file per
dimension). If there are several, the user names one, as in `glove.6B.zip::glove.6B.300d.txt`.
"""

from __future__ import annotations

import os
import re
import shlex

from embedprep.errors import InputError, printable

SEPARATOR = "::"

_LISTED = 20
_HOST = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
"""The host of an address; an IPv6 host contains colons of its own."""


def split_member(path: str) -> tuple[str, str | None]:
    """Return the path of an archive, and the member that `path` names, if any."""
    host = _HOST.match(path)
    place = path.find(SEPARATOR, host.end() if host else 0)
    if place < 0 or os.path.exists(path):
        return path, None
    return path[:place], path[place + len(SEPARATOR) :]


def is_shadow(name: str) -> bool:
    """Whether macOS added the member, as it does to keep the attributes of a file."""
    return name.startswith("__MACOSX/") or os.path.basename(name).startswith("._")


def choose(names: list[str], path: str, wanted: str | None, *, complete: bool = True) -> int:
    """Return the member to read: the `wanted` one of `names`, or the only one.

    `path` is the archive's, for messages. If not `complete`, the archive may have more members.
    """
    if not names:
        raise InputError("the archive holds no file", "Download it again.", path=path)
    if wanted is None and len(names) == 1:
        return 0
    if wanted is not None and names.count(wanted) == 1:
        return names.index(wanted)
    if wanted in names:
        raise InputError(
            f"the archive holds '{printable(wanted)}' {names.count(wanted)} times",
            "Extract the one that is meant, and give the file.",
            path=path,
        )
    listed = ", ".join(printable(name) for name in names[:_LISTED])
    if len(names) > _LISTED:
        listed += f", … ({len(names)} in all)"
    if not complete:
        listed += " and perhaps more"
    raise InputError(
        f"the archive holds several files: {listed}"
        if wanted is None
        else f"the archive has no member '{printable(wanted)}', but: {listed}",
        f"Name the one to read: {shlex.quote(printable(f'{path}{SEPARATOR}{names[0]}'))}",
        path=path,
    )
