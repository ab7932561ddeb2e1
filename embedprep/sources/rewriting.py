"""The shell command that writes a repaired copy of a file, for errors: ready to be pasted."""

from __future__ import annotations

import os
import re
import shlex

_CONTENT = {
    "gzip": "gzip -dc",
    "bzip2": "bzip2 -dc",
    "xz": "xz -dc",
    "zstd": "zstd -dc",
    "zip": "unzip -p",
}
"""The programs that write the content of a compressed file to standard output."""

_PACKED = (
    *(".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz"),
    *(".lzma", ".lz4", ".Z", ".lz", ".lzo", ".sz"),
)


def rewriting(path: str, program: str, compression: str | None = None, ending: str = "") -> str:
    """Return the command that runs the content of the file at `path` through `program`.

    `compression` is that of `Description`. The new file is beside the old one; its name ends in
    `ending`, or like the old name.
    """
    place, _, member = path.partition("::")
    shown = reading(path, program, compression)
    if not _has_name(place):
        return f"{shown} >NEW"
    return f"{shown} >{shlex.quote(_new_name(member or place, place, ending))}"


def reading(path: str, program: str, compression: str | None = None) -> str:
    """Return the command that shows what `program` makes of the content of the file at `path`."""
    place, _, member = path.partition("::")
    first, bar, rest = program.partition(" | ")
    if not _has_name(place):
        return f"{first} <FILE{bar}{rest}"
    if compression is None:
        return f"{first} <{shlex.quote(place)}{bar}{rest}"
    # `tar` detects the compression of an archive.
    content = "tar -xOf" if compression.endswith("tar") else _CONTENT[compression]
    source = " ".join([content, shlex.quote(place), *([shlex.quote(member)] if member else [])])
    return f"{source} | {program}"


def _has_name(place: str) -> bool:
    """Whether there is a file yet, and its name can be shown."""
    return place != "-" and "://" not in place and shlex.quote(place).isprintable()


def command(program: str, ending: str = ".txt") -> str:
    """Return the end of a sentence: a colon and, on a line of its own, the command that runs the
    content of a file through `program`. The file, which the caller does not know, gets its name by
    `naming`.
    """
    return f":\n    {program} <FILE >NEW{ending}"


_UNNAMED = r"(?m)^    (.+) <FILE(?: >NEW(\S*))?$"


def naming(remedy: str, path: str, compression: str | None) -> str:
    """Return `remedy` with the names of the files in each `command`, and in one that writes no new
    file: `PROGRAM <FILE`.
    """

    def named(unnamed: re.Match[str]) -> str:
        program, ending = unnamed.groups()
        if ending is None:
            return "    " + reading(path, program, compression)
        return "    " + rewriting(path, program, compression, ending)

    return re.sub(_UNNAMED, named, remedy)


def converting(
    path: str,
    program: str,
    compression: str | None,
    writes: str | None = None,
    also: str | None = None,
) -> str:
    """Return the command that runs `program` on the file at `path` and writes text to a new file.

    `writes` is the ending of the file that the program writes itself, `also` another argument. A
    compressed file is decompressed first, because such programs need a file.
    """
    place, _, member = path.partition("::")
    if not _has_name(place):
        return f"{program} FILE" + (" NEW" if writes else " >NEW")
    if compression is not None:
        unpacked = _new_name(member or place, place, "")
        then = converting(unpacked, program, None, writes, also)
        return f"{rewriting(path, 'cat', compression)} && {then}"
    words = [program, shlex.quote(place), *([also] if also else [])]
    new = shlex.quote(_new_name(place, place, writes or ".txt"))
    if program.endswith((" x", " get")):  # these choose the names of their output
        return " ".join(words)
    return " ".join([*words, new if writes else f">{new}"])


def _new_name(name: str, place: str, ending: str) -> str:
    stem, extension = os.path.splitext(os.path.basename(name))
    while extension in _PACKED:
        stem, extension = os.path.splitext(stem)
    return os.path.join(os.path.dirname(place), f"{stem}.fixed{ending or extension or '.txt'}")
