"""A gzip file of another file, with the command line of isal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.files import publishing, sha256_of

IGZIP = (sys.executable, "-m", "isal.igzip")


def make(path: Path, content: Path, expected: str) -> None:
    """Compress `content`, whose SHA-256 is `expected`, to `path`.

    Raises `ValueError` where it cannot be read back.
    """
    with publishing(path) as out:
        subprocess.run(
            [*IGZIP, "-1", "--no-name", "--stdout", str(content)], stdout=out, check=True
        )
    if not holds(path, expected):
        path.unlink()
        raise ValueError(f"{path.name}: does not hold {content.name}")


def holds(path: Path, expected: str) -> bool:
    """Whether the content has the SHA-256 `expected`; compressed bytes change with the library."""
    if not path.is_file():
        return False
    with subprocess.Popen(
        [*IGZIP, "-dc", str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as child:
        assert child.stdout is not None
        found = sha256_of(child.stdout)
    return child.returncode == 0 and found == expected
