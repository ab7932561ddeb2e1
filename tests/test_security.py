"""Files of strangers are data: nothing in them runs, leads elsewhere or reaches a terminal raw."""

from __future__ import annotations

import ast
import io
import os
import pickle
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest

import embedprep
from embedprep.errors import EmbedprepError, InputError
from embedprep.matrix.stored_report import read_report
from embedprep.verification import verify

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

PACKAGE = Path(embedprep.__file__).parent

FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "subprocess", "code", "dill", "joblib"}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "system",
    "popen",
    "extract",
    "extractall",
}
"""The last two write what an archive says where it says."""
ALLOWED_MODULES = {
    # The client pickles a task for its own workers, as Dask would: they are one program.
    "cluster/ranges.py": {"pickle"},
    "cluster/tasks.py": {"pickle"},
}
ALLOWED_CALLS = {
    # A pattern of ours, and no code.
    "compile": {"re"},
}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_no_module_runs_unpickles_or_extracts_anything(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.name for alias in node.names]
            module = node.module if isinstance(node, ast.ImportFrom) else None
            tops = {name.partition(".")[0] for name in ([module] if module else names)}
            allowed = ALLOWED_MODULES.get(path.relative_to(PACKAGE).as_posix(), set())
            assert not tops & FORBIDDEN_MODULES - allowed, f"line {node.lineno}"
        if isinstance(node, ast.Call):
            called, owner = _name(node.func)
            if called in FORBIDDEN_CALLS:
                assert owner in ALLOWED_CALLS.get(called, set()), f"line {node.lineno}: {called}"
            for keyword in node.keywords:
                on = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                assert not (keyword.arg in ("shell", "allow_pickle") and on), f"line {node.lineno}"


def _name(function: ast.expr) -> tuple[str, str | None]:
    """What is called, and of what."""
    if isinstance(function, ast.Attribute):
        owner = function.value.id if isinstance(function.value, ast.Name) else "?"
        return function.attr, owner
    return (function.id, None) if isinstance(function, ast.Name) else ("", None)


class Canary:
    """Leaves a file where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, ("canary", "w")


def pickled() -> bytes:
    return pickle.dumps(Canary())


def npy_of_objects() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([[Canary(), Canary()]], dtype=object), allow_pickle=True)
    return file.getvalue()


def zip_of(content: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def tar_of(content: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return file.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a pickle": pickled,
    "a pickle of protocol 0": lambda: pickle.dumps(Canary(), protocol=0),
    "an array of objects": npy_of_objects,
    "a pickle in a zip": lambda: zip_of(pickled(), "v.txt"),
    "an archive that leads out": lambda: zip_of(pickled(), "../canary"),
    "a tar that leads out": lambda: tar_of(pickled(), "../canary"),
    "a tar of an absolute path": lambda: tar_of(pickled(), os.path.abspath("canary")),
    "a shell command": lambda: b"$(touch canary) 1 2\n`touch canary` 1 2\n;touch canary 1 2\n",
    "code": lambda: b"__import__('os').system('touch canary')\n",
    "yaml": lambda: b"!!python/object/apply:os.system ['touch canary']\n",
}
NAMES = ("v.txt", "v.npy", "v.bin", "v.kv", "v.pt", "v.safetensors", "v.json", "v.pkl", "v.h5")


@pytest.mark.parametrize("kind", HOSTILE)
def test_nothing_in_a_file_runs_wherever_it_is_read(kind: str) -> None:
    content = HOSTILE[kind]()
    Path("good.txt").write_text("the 1 2\n")
    before = {*os.listdir(), *os.listdir("..")}
    for name in NAMES:
        Path(name).write_bytes(content)
        for attempt in (
            lambda name=name: embedprep.build(name, ["the"], "out.npy"),
            lambda name=name: embedprep.build("good.txt", name, "out.npy"),
            lambda name=name: embedprep.build("good.txt", ["the"], "out.npy", counts=name),
            lambda name=name: embedprep.examine(name),
            lambda name=name: embedprep.convert(name, "out.vec"),
            lambda name=name: embedprep.open(name),
            lambda name=name: read_report(name),
        ):
            with suppress(EmbedprepError):  # text is text, whatever it says
                attempt()
        assert Path(name).read_bytes() == content
    assert not Path("canary").exists()
    written = {"out.npy", "out.coverage.json", "out.vec", *NAMES}
    assert {*os.listdir(), *os.listdir("..")} - before <= written


def secret() -> None:
    Path("secret.bin").write_bytes(np.arange(64, dtype="<f4").tobytes())
    with h5py.File("secret.h5", "w") as file:
        file["rows"] = np.arange(64, dtype="<f4").reshape(8, 8)


def without(path: str, name: str) -> h5py.File:
    file = h5py.File(path, "r+")
    del file[name]
    return file


def external_storage(path: str) -> None:
    with without(path, "embeddings") as file:
        shape = (3, 2)
        file.create_dataset("embeddings", shape, "<f4", external=[("secret.bin", 0, 24)])


def external_link(path: str) -> None:
    with without(path, "embeddings") as file:
        file["embeddings"] = h5py.ExternalLink("secret.h5", "/rows")


def soft_link(path: str) -> None:
    with h5py.File(path, "r+") as file:
        file["elsewhere"] = file["embeddings"][()]
        del file["embeddings"]
        file["embeddings"] = h5py.SoftLink("/elsewhere")


def virtual_dataset(path: str) -> None:
    with without(path, "embeddings") as file:
        layout = h5py.VirtualLayout((8, 8), "<f4")
        layout[:] = h5py.VirtualSource("secret.h5", "rows", (8, 8))
        file.create_virtual_dataset("embeddings", layout)


def tokens_elsewhere(path: str) -> None:
    with without(path, "tokens") as file:
        file["tokens"] = h5py.ExternalLink("secret.h5", "/rows")


def chunked_bomb(path: str) -> None:
    """Some bytes that say they are a terabyte."""
    with without(path, "embeddings") as file:
        file.create_dataset("embeddings", (1 << 30, 300), "<f4", chunks=(1024, 300))


LEADS = [
    external_storage,
    external_link,
    soft_link,
    virtual_dataset,
    tokens_elsewhere,
    chunked_bomb,
]


@pytest.mark.parametrize("make", LEADS, ids=lambda make: make.__name__)
def test_an_hdf5_file_that_leads_elsewhere_is_refused(make: Callable[[str], None]) -> None:
    Path("v.txt").write_text("the 1 2\n")
    embedprep.build("v.txt", ["", "the", "cat"], "m.h5")
    secret()
    make("m.h5")
    for attempt in (
        lambda: embedprep.open("m.h5"),
        lambda: read_report("m.h5"),
        lambda: verify("m.h5"),
        lambda: embedprep.build("m.h5", ["the"]),
        lambda: embedprep.examine("m.h5"),
        lambda: embedprep.compare("m.h5", "m.h5"),
    ):
        with pytest.raises(InputError):
            attempt()


HOSTILE_TOKENS = ["\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "bell\x07", "line\nfeed", "\u202eback"]


@pytest.mark.parametrize(
    "command",
    [
        ["build", "--vectors", "v.txt", "--vocab", "vocab.json"],
        ["inspect", "m.npy"],
        ["inspect", "m.npy", "--missing", "9"],
        ["explain", "m.npy", *HOSTILE_TOKENS],
        ["diff", "m.npy", "n.npy"],
        ["verify", "m.npy", "--vectors", "v.txt", "--vocab", "other.json"],
        ["doctor", "hostile.txt"],
        ["build", "--vectors", "\x1b[31mnone.txt", "--vocab", "vocab.json"],
        ["verify", "\x1b[31mnone.npy"],
    ],
    ids=lambda command: " ".join(command[:1]),
)
def test_escape_sequences_never_reach_the_terminal(command: list[str]) -> None:
    import json

    Path("v.txt").write_text("the 1 2\n")
    Path("hostile.txt").write_text("".join(f"{token} 1 2\n" for token in HOSTILE_TOKENS[:3]))
    Path("vocab.json").write_text(json.dumps(["", "the", *HOSTILE_TOKENS]))
    Path("other.json").write_text(json.dumps(["", "the", *HOSTILE_TOKENS[::-1]]))
    embedprep.build("v.txt", "vocab.json", "m.npy")
    embedprep.build("v.txt", ["the"], "n.npy")
    program = str(Path(sys.executable).with_name("embedprep"))
    done = subprocess.run([program, *command], capture_output=True)
    shown = (done.stdout + done.stderr).decode()
    assert shown
    assert [c for c in shown if not c.isprintable() and c != "\n"] == []


def test_a_page_of_hostile_tokens_is_text() -> None:
    pytest.importorskip("jinja2")
    Path("v.txt").write_text("the 1 2\n")
    hostile = [
        "<script>alert(1)</script>",
        "</script><img src=x onerror=alert(1)>",
        "{{7*7}}",
        "'\"",
    ]
    embedprep.build("v.txt", ["", "the", *hostile], "m.npy", html="m.html")
    page = Path("m.html").read_text("utf-8")
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "{{7*7}}" in page or "{7*7}" in page
