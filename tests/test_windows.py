"""Every command that writes, where a file in use keeps its name: see `tests.windows`."""

from __future__ import annotations

import json
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.windows import in_use

ROOT = Path(__file__).parents[1]
BUILD = ("build", "--vectors", "v.txt", "--vocab", "vocab.json")
AGAIN = ("--vectors", "v.txt", "--vocab", "vocab.json")

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux shows its maps"),
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
]


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> Path:
    Path("v.txt").write_text("the 1 2\ncat 3 4\nthe 9 9\n")
    Path("vocab.json").write_text(json.dumps({"the": 1, "cat": 2, "zebra": 3}))
    Path("more.json").write_text(json.dumps({"cat": 1, "the": 2, "dog": 3}))
    Path("temporary").mkdir()
    return workdir


def embedprep(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "TMPDIR": "temporary",
        "XDG_CACHE_HOME": "cache",
    }
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def on_windows(*arguments: str, code: int = 0) -> str:
    """Standard error of a command that must end with `code`, and leave nothing temporary."""
    done = embedprep("tests.windows", *arguments)
    assert done.returncode == code, done.stderr
    assert os.listdir("temporary") == []
    assert [name for name in os.listdir() if name.startswith(".embedprep-")] == []
    return done.stderr


def test_what_is_open_or_mapped_is_in_use(workdir: Path) -> None:
    """The emulation itself: without it, all tests below would pass."""
    with open("v.txt", "rb") as file:
        assert in_use("v.txt")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert in_use("v.txt")
    mapped.close()
    assert not in_use("v.txt")


@pytest.mark.parametrize("ending", [".npy", ".h5", ".safetensors"])
@pytest.mark.parametrize("options", [(), ("--no-sync",), ("--no-clobber",)])
def test_a_build_writes_the_same_bytes(ending: str, options: tuple[str, ...]) -> None:
    here = embedprep("embedprep", *BUILD, *options, "-o", f"m{ending}")
    assert here.returncode == 0
    written = Path(f"m{ending}").read_bytes()
    for file in Path().glob("m.*"):
        file.unlink()
    on_windows(*BUILD, *options, "-o", f"m{ending}")
    assert Path(f"m{ending}").read_bytes() == written


def test_a_build_replaces_the_last_one_and_writes_a_page() -> None:
    for _ in range(2):
        on_windows(*BUILD, "-o", "m.npy", "--html", "m.html", "--index")
    assert Path("v.txt.embedprep-index").exists()


def test_several_builds_in_one_reading() -> None:
    more = ("--vocab", "more.json", "-o", "more.h5")
    on_windows(*BUILD, "-o", "m.npy", *more)
    assert Path("more.h5").exists()


@pytest.mark.parametrize(
    "output", ["out.bin", "out.vec", "out.npy", "out.h5", "out.safetensors", "out/", "out.tsv"]
)
def test_a_conversion(output: str) -> None:
    on_windows("convert", "v.txt", output)
    assert Path(output).exists()


def test_a_count_replaces_the_last_one() -> None:
    for _ in range(2):
        on_windows("count", "--vocab", "vocab.json", "--text", "v.txt", "-o", "counts.json")
    assert Path("counts.json").exists()


def test_an_index_replaces_one_that_is_out_of_date() -> None:
    on_windows("index", "v.txt")
    with open("v.txt", "a") as file:
        file.write("dog 5 6\n")
    on_windows("index", "v.txt")
    assert "indexed" not in on_windows(*BUILD, "--index")


def test_an_update_a_page_and_a_check_against_the_inputs() -> None:
    on_windows(*BUILD, "-o", "m.npy")
    on_windows("update", "m.npy", "--vocab", "more.json", "-o", "more.npy")
    on_windows("inspect", "m.npy", "--html", "m.html")
    on_windows("verify", "m.npy", *AGAIN)


def test_a_check_that_finds_another_row_removes_what_it_built() -> None:
    on_windows(*BUILD, "-o", "m.npy")
    Path("v.txt").write_text("the 1 2\ncat 3 5\n")
    on_windows("verify", "m.npy", *AGAIN, code=3)


def test_a_build_that_fails_late_leaves_nothing() -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 x\n")
    on_windows(*BUILD, "-o", "m.npy", code=3)
    assert sorted(os.listdir()) == ["more.json", "temporary", "v.txt", "vocab.json"]


def test_an_output_that_a_program_has_open_stays_and_the_message_says_so() -> None:
    on_windows(*BUILD, "-o", "m.npy")
    before = Path("m.npy").read_bytes()
    program = (
        "import sys; from tests import windows; import embedprep; windows.become_windows();"
        "matrix = embedprep.open('m.npy');"
        "embedprep.build('v.txt', 'more.json', 'm.npy')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "m.npy: cannot write it" in done.stderr
    assert "Close the program that has it open" in done.stderr
    assert Path("m.npy").read_bytes() == before
