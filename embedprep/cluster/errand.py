"""Plain Python that is sent to a worker as text, and runs there even without embedprep.

A function sent by its name makes a worker without embedprep fail before it can say why. So this
module imports nothing of ours at its top, and the client sends its source.
"""

from __future__ import annotations


def ask(paths: list[tuple[str, int]], libraries: list[str]) -> dict[str, object]:
    """Return what this worker has: host, versions, libraries that it lacks, and its files.

    `paths` come with the number of bytes of head and tail that identify a file. Of each file, the
    answer has size and sha256, or the reason why it cannot be read.
    """
    import hashlib
    import importlib
    import os
    import socket

    versions: dict[str, str | None] = {}
    reasons: dict[str, str] = {}
    for name in ("embedprep", "distributed", *libraries):
        try:
            versions[name] = str(getattr(importlib.import_module(name), "__version__", ""))
        except Exception as error:  # an installation may be broken in any way
            versions[name], reasons[name] = None, f"{type(error).__name__}: {error}"
    files: list[object] = []
    for path, count in paths:
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                head = file.read(min(count, size))
                file.seek(max(size - count, 0))
                content = b"%d\n" % size + head + file.read(count)
                files.append((size, hashlib.sha256(content).hexdigest()))
        except OSError as error:
            files.append(error.strerror or str(error))
    return {"host": socket.gethostname(), "versions": versions, "reasons": reasons, "files": files}


def scan(version: str, wanted: bytes | None, part: bytes) -> object:
    """Return what `scan_sent` finds; or a text that says why this worker cannot do it."""
    import importlib
    import socket

    try:
        found = importlib.import_module("embedprep").__version__
        from embedprep.cluster.ranges import scan_sent
    except Exception as error:
        return f"the worker on {socket.gethostname()} has no embedprep: {error}"
    if found != version:
        return f"the worker on {socket.gethostname()} has embedprep {found}, not {version}"
    return scan_sent(wanted, part)
