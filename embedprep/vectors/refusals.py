"""Files that are often given as vectors and cannot be read as such: what they are, what to do."""

from __future__ import annotations

import re

from embedprep.errors import InputError

_BY_BEGINNING = [
    (rb"\xff\xfe|\xfe\xff", "it is UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    (rb"version https://git-lfs", "it is a Git LFS pointer, not the file itself", "git lfs pull"),
    (  # not any "<": a key may begin with it
        rb"(?i)<(!doctype )?html",
        "it is a web page",
        "The download failed: open the address in a browser to see why.",
    ),
]


def refuse_foreign(head: bytes, path: str) -> None:
    """Raise for a file that its first bytes show to be something else than text vectors."""
    for beginning, reason, remedy in _BY_BEGINNING:
        if re.match(beginning, head):
            raise InputError(reason, remedy, path=path, byte=0)
