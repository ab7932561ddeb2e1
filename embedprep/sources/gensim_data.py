"""`gensim:NAME`: vectors that gensim's downloader knows, fetched once into its directory.

No code of a model is run or unpickled: the downloader only returns the path of the file.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from embedprep.errors import InputError, UsageError, printable
from embedprep.sources.source import PlainFile, Stream, open_file

if TYPE_CHECKING:
    from types import ModuleType

_STALLED_SECONDS = 60.0
"""How long a connection may send nothing; the downloader itself would wait forever."""


def open_gensim(path: str) -> PlainFile | Stream:
    """Open the file that `gensim:NAME` names, and download it first if necessary."""
    name = path.partition(":")[2]
    source = open_file(_local_file(_downloader(path), name, path))
    source.path = path
    return source


def _downloader(path: str) -> ModuleType:
    try:
        import gensim.downloader
    except Exception as error:  # without a home a RuntimeError, and another one the second time
        raise without_gensim(
            error,
            "it would know where to fetch these vectors",
            "download the file yourself and give its path",
            path,
        ) from error
    return gensim.downloader  # type: ignore[no-any-return]


def without_gensim(error: Exception, purpose: str, instead: str, path: str) -> UsageError:
    """Return the error to raise where gensim cannot be imported.

    `purpose` says what it would do, and `instead` what the user can do without it.
    """
    if isinstance(error, ModuleNotFoundError) and str(error.name).partition(".")[0] == "gensim":
        reason = "gensim is not installed"
        remedy = "pip install gensim (there is none for Python 3.14 yet)"
    elif isinstance(error, ImportError):
        reason = f"gensim cannot be imported ({printable(str(error))})"
        remedy = "pip install --upgrade gensim scipy"
    else:  # a library of it asks for the home directory
        reason = f"gensim cannot be imported ({printable(str(error))})"
        remedy = "Set HOME to a folder that you may write to before you start"
    return UsageError(f"{reason}, and {purpose}", f"{remedy}, or {instead}.", path=path)


def _local_file(downloader: ModuleType, name: str, path: str) -> str:
    try:
        with _hushed():
            known = downloader.info()["models"]
            if name in known:
                file: str = downloader.load(name, return_path=True)
                return file
    # It raises plain exceptions, besides those of the network, of the disk and of JSON.
    except Exception as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"gensim cannot fetch it: {printable(reason)}",
            f"Check the network and the room in {downloader.BASE_DIR}, or download the file "
            "yourself and give its path.",
            path=path,
        ) from error
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=3, cutoff=0.4) or sorted(known)
    raise InputError(
        "gensim knows no vectors of this name",
        f"Choose another, such as: {', '.join(f'gensim:{printable(other)}' for other in close)}",
        path=path,
    )


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep the downloader's messages off standard output, and limit its waits.

    On a terminal its progress is shown.
    """
    logger = logging.getLogger("gensim.downloader")
    was_disabled, waits = logger.disabled, socket.getdefaulttimeout()
    logger.disabled = True
    socket.setdefaulttimeout(_STALLED_SECONDS)
    try:
        with contextlib.ExitStack() as stack:
            talk: TextIO | None = sys.stderr
            if talk is None or not talk.isatty():
                talk = stack.enter_context(open(os.devnull, "w"))
            stack.enter_context(contextlib.redirect_stdout(talk))
            yield
    finally:
        logger.disabled = was_disabled
        socket.setdefaulttimeout(waits)
