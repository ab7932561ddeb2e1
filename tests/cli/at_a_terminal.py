"""Run many commands in one process, whose output is a terminal: `python -m … CASES`.

CASES is a JSON list of cases: a name, the words of a command, and the files that are written before
it, by name: text, or a list of bytes. A case may also have a report, which then stands in every
matrix.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from embedprep import containers
from embedprep.cli.door import _exit_code
from embedprep.matrix import matrix as matrix_module


def run(case: dict[str, Any]) -> None:
    for name, content in case.get("files", {}).items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else bytes(content))
    report = case.get("report")

    def read(path: str, **how: Any) -> Any:
        array, annotations = containers.read(path, **how)
        return array, annotations if report is None else annotations._replace(report=report)

    setattr(matrix_module, "containers", type("Changed", (), {"read": staticmethod(read)}))  # noqa: B010
    sys.argv = ["embedprep", *case["words"]]
    code = _exit_code()
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, f"== {code} {case['name']}\n".encode())


if __name__ == "__main__":
    for case in json.loads(Path(sys.argv[1]).read_text()):
        run(case)
