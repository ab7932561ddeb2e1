"""A fuzzer that looks at the paths which the Python code takes, for one target.

`python -m tests.fuzz.guided TARGET FLAG …`; the flags and the output are libFuzzer's. Wants
`atheris` (https://github.com/google/atheris).
"""

from __future__ import annotations

import importlib
import pkgutil
import resource
import sys
import tempfile
import warnings
from pathlib import Path

from tests.fuzz.limits import MEGABYTES

_PACKAGES = ("sources", "vectors", "vocabulary")
_ELSEWHERE = ("remote", "gensim")
"""In the names of modules that read no file of the targets, but import much."""


def _instrument() -> None:
    """Import all that is under attack, which is imported in functions otherwise.

    The source beside this folder first: what an installation in place finds it with loads it in a
    way that atheris cannot look into.
    """
    sys.meta_path.sort(key=lambda finder: "editable" in type(finder).__module__)
    for name in _PACKAGES:
        package = importlib.import_module(f"embedprep.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in module.name for part in _ELSEWHERE):
                importlib.import_module(module.name)


def main() -> None:
    """Fuzz until the flags say that it is enough; ends the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["embedprep"]):
        _instrument()
    from tests.fuzz.targets import TARGETS

    name, *flags = sys.argv[1:]
    target = TARGETS[name]
    directory = Path(tempfile.mkdtemp())
    resource.setrlimit(resource.RLIMIT_AS, (2 * MEGABYTES << 20, 2 * MEGABYTES << 20))
    warnings.simplefilter("error")
    atheris.Setup([sys.argv[0], *flags], lambda data: target.attempt(data, directory))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
