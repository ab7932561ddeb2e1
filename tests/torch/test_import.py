"""PyTorch is imported when it is asked for, and its absence is said in one sentence."""

from __future__ import annotations

import subprocess
import sys

# Nothing here comes near the core.


def run(program: str) -> str:
    """The last line of what a fresh Python says."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    return (done.stdout + done.stderr).splitlines()[-1]


def test_without_pytorch() -> None:
    said = run("import sys; sys.modules['torch'] = None; import embedprep.torch")
    assert said.startswith("ModuleNotFoundError: embedprep.torch needs PyTorch (")
    assert said.endswith("): pip install 'embedprep[torch]'")


def test_the_tables_need_no_framework() -> None:
    program = (
        "import sys, embedprep.matrix.shared_table;"
        "print({'torch', 'keras', 'jax'} & {*sys.modules})"
    )
    assert run(program) == "set()"
