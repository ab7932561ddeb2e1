"""Print the lowest version of each requirement in pyproject.toml, one a line, as pip's constraints.

`make test-oldest` installs these, so a bound is written down once, where it is promised.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lower_bounds() -> dict[str, str]:
    """By package: the lowest version allowed to build, to run (with every extra) and to test."""
    tables = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    project = tables["project"]
    requirements = [
        *tables["dependency-groups"]["test"],
        *tables["build-system"]["requires"],
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    bounds: dict[str, str] = {}
    for requirement in requirements:
        parts = re.match(r"([\w.-]+)(?:\[.*?\])?[>=]=([\w.]+)", requirement)
        if parts is None:
            raise SystemExit(f"{PYPROJECT.name}: no lower bound in {requirement!r}")
        name, version = parts.groups()
        if bounds.setdefault(name, version) != version and name != "torch":
            raise SystemExit(f"{PYPROJECT.name}: two lower bounds of {name}")
    return bounds


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}=={version}\n" for name, version in lower_bounds().items())
