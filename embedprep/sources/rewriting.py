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
    first, bar, rest = program.partition(" | ")
    if place == "-" or "://" in place or not shlex.quote(place).isprintable():
        return f"{first} <FILE{bar}{rest} >NEW"  # there is no file yet, or its name cannot be shown
    new = shlex.quote(_new_name(member or place, place, ending))
    if compression is None:
        return f"{first} <{shlex.quote(place)}{bar}{rest} >{new}"
    # `tar` detects the compression of an archive.
    content = "tar -xOf" if compression.endswith("tar") else _CONTENT[compression]
    source = " ".join([content, shlex.quote(place), *([shlex.quote(member)] if member else [])])
    return f"{source} | {program} >{new}"


def command(program: str, ending: str = ".txt") -> str:
    """Return the end of a sentence: a colon and, on a line of its own, the command that runs the
    content of a file through `program`. The file, which the caller does not know, gets its name by
    `naming`.
    """
    return f":\n    {program} <FILE >NEW{ending}"


_UNNAMED = re.compile(r"^    (.+) <FILE(?: >NEW(\S*))?$", re.MULTILINE)


def naming(remedy: str, path: str, compression: str | None) -> str:
    """Return `remedy` with the names of the files in each `command`, and in one that writes no new
    file: `PROGRAM <FILE`.
    """

    def named(unnamed: re.Match[str]) -> str:
        program, ending = unnamed.groups()
        rewritten = rewriting(path, program, compression, ending or "")
        return "    " + (rewritten if ending is not None else rewritten.rpartition(" >")[0])

    return _UNNAMED.sub(named, remedy)


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
    place = path.partition("::")[0]
    if place == "-" or "://" in place or not shlex.quote(place).isprintable():
        return f"{program} FILE" + (" NEW" if writes else " >NEW")
    if compression is not None:
        unpacking = rewriting(path, "cat", compression)
        unpacked = shlex.split(unpacking.rpartition(">")[2])[0]
        return f"{unpacking} && {converting(unpacked, program, None, writes, also)}"
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
