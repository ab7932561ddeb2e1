"""Files that are often given as vectors and cannot be read as such: what they are, what to do."""

from __future__ import annotations

import re

from embedprep.errors import InputError

_BY_BEGINNING = [
    (
        rb"\xba\x16\x4f\x2f",
        "it is a fastText model (.bin)",
        "Use the .vec file published beside it.",
    ),
    (
        rb"\x93NUMPY",
        "it is a NumPy array, which has no keys",
        "Export it as text: key, then values.",
    ),
    (rb"\x89HDF\r\n\x1a\n", "it is an HDF5 file", "Export it as text: key, then values."),
    (rb"\x80", "it is a Python pickle, which could run any code", "Export it as word2vec text."),
    (rb"\xff\xfe|\xfe\xff", "it is UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE > NEW"),
    (rb"version https://git-lfs", "it is a Git LFS pointer, not the file itself", "git lfs pull"),
    (  # not any "<": a key may begin with it
        rb"(?i)<(!doctype )?html",
        "it is a web page",
        "The download failed: open the address in a browser to see why.",
    ),
    (
        rb"(?s).{257}ustar",
        "it is a tar archive",
        "tar -xOf FILE MEMBER | embedprep build --vectors - …",
    ),
]


def refuse_foreign(head: bytes, path: str) -> None:
    """Raise for a file that its first bytes show to be something else than text vectors."""
    for beginning, reason, remedy in _BY_BEGINNING:
        if re.match(beginning, head):
            raise InputError(reason, remedy, path=path, byte=0)
    if _is_word2vec_binary(head):
        raise InputError(
            "it is a binary word2vec file",
            "Convert it with gensim: KeyedVectors.load_word2vec_format(FILE, binary=True)"
            ".save_word2vec_format(NEW).",
            path=path,
            byte=0,
        )


def _is_word2vec_binary(head: bytes) -> bool:
    """A text header, and then records of raw floats, in which zero bytes soon occur."""
    header, newline, body = head.partition(b"\n")
    fields = header.split()
    if not (newline and len(fields) == 2 and all(map(bytes.isdigit, fields)) and b"\0" in body):
        return False
    # A text key may hold a zero byte, but its line ends in a digit.
    return not body.partition(b"\n")[0].rstrip(b" \t\r")[-1:].isdigit()
