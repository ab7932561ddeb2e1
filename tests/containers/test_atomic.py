"""The promise of the output path: wholly old or wholly new, and nothing beside it."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import mmap
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep import _platform, containers
from embedprep.containers import AtomicFile, atomic, is_temporary
from embedprep.errors import InputError, OutputError
from embedprep.post import oov
from tests.descriptors import all_closed_again

OLD = b"of yesterday"
CONTAINERS = ("m.npy", "m.h5", "m.safetensors")


pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX permissions, links and limits")


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")


def build(output: str, **options: Any) -> None:
    embedprep.build("v.txt", ["", "the", "cat", "zebra"], output, **options)


# ---- a file on its own


def test_a_file_appears_when_it_is_published_and_not_before() -> None:
    file = AtomicFile("out")
    os.write(file.fd, b"new")
    assert "out" not in os.listdir()
    file.publish()
    assert Path("out").read_bytes() == b"new"


def test_discarded_it_never_was() -> None:
    Path("out").write_bytes(OLD)
    before = sorted(os.listdir())
    file = AtomicFile("out")
    os.write(file.fd, b"new")
    file.discard()
    file.discard()  # leaving a context after a failure does it again
    assert sorted(os.listdir()) == before
    assert Path("out").read_bytes() == OLD


def test_discarded_after_publishing_it_stays() -> None:
    file = AtomicFile("out")
    file.publish()
    file.discard()
    assert "out" in os.listdir()


def failing_after(call: Callable[..., Any], error: BaseException, number: int = 1) -> Any:
    """`call`, which does its work, but complains behind it, the `number`-th time and from then."""
    calls = 0

    def fail(*arguments: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        done = call(*arguments, **options)
        if calls >= number:
            raise error
        return done

    return fail


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("open", KeyboardInterrupt()),
        ("fstat", OSError(errno.EIO, "no")),
        ("fstat", KeyboardInterrupt()),
    ],
)
def test_what_fails_while_it_is_made_never_was(
    name: str, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.listdir()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing_after(getattr(os, name), error))
        with pytest.raises((KeyboardInterrupt, OutputError)):
            AtomicFile("out")
    assert os.listdir() == before


def test_discarded_where_closing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full or gone may say so only here."""
    before = os.listdir()
    file = AtomicFile("out")
    with monkeypatch.context() as patch:
        patch.setattr(os, "close", failing_after(os.close, OSError(errno.EIO, "no")))
        file.discard()
    assert os.listdir() == before


def test_what_a_signal_leaves_is_discarded_at_the_end_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may arrive when the file has been made, and again when that is being taken back."""

    def interrupt(*arguments: Any) -> None:
        raise KeyboardInterrupt

    before = os.listdir()
    monkeypatch.setattr(atomic, "_pending", set())  # what is left here is nobody else's business
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", failing_after(os.open, KeyboardInterrupt()))
        patch.setattr(os, "unlink", interrupt)
        with pytest.raises(KeyboardInterrupt):
            AtomicFile("out")
    assert len(os.listdir()) == len(before) + 1
    atomic.discard_pending()
    assert os.listdir() == before
    atomic.discard_pending()  # it is gone, which is no error


@pytest.mark.parametrize("clobber", [True, False])
def test_the_end_of_the_process_takes_no_published_file(clobber: bool) -> None:
    """A signal may arrive between the publishing of a file and the end of its build."""
    file, other = AtomicFile("out", clobber=clobber), AtomicFile("never")
    os.write(file.fd, b"new")
    file.publish()
    assert len(os.listdir()) == 3
    atomic.discard_pending()
    assert sorted(os.listdir()) == ["out", "v.txt"]
    assert Path("out").read_bytes() == b"new"
    file.discard()
    other.discard()


@pytest.mark.parametrize("size", [0, 1, 5, 8, 9])
@pytest.mark.parametrize("start", [b"", b"12345", b"123456789", b"123456789012345"])
def test_another_start(size: int, start: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is moved piece by piece, in either direction."""
    monkeypatch.setattr(atomic, "_AT_ONCE", 4)
    content = bytes(range(65, 88))
    file = AtomicFile("there")
    file.write(b"once")
    file.clear()
    file.write(content)
    file.replace_start(size, start)
    file.publish()
    assert Path("there").read_bytes() == start + content[size:]


def test_retracted_it_is_gone_and_another_is_not() -> None:
    file = AtomicFile("out")
    file.publish()
    file.retract()
    assert not os.path.exists("out")
    file = AtomicFile("out")
    file.publish()
    Path("other").write_bytes(OLD)
    os.replace("other", "out")
    file.retract()
    assert Path("out").read_bytes() == OLD


def test_a_missing_directory_is_named_without_harm() -> None:
    """What is to be typed is shown on a terminal: no escape sequence of a name may reach it."""
    with pytest.raises(OutputError, match="does not exist") as caught:
        AtomicFile("no\n\x1b[31m/out")
    assert r"no\n\x1b[31m" in caught.value.remedy


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("pipe", "this is not a regular file"),
        (".", "this is a directory"),
        ("v.txt/out", "cannot write it: not a directory"),
        ("x" * 300, "cannot write it: file name too long"),
    ],
)
def test_what_cannot_be_replaced_is_named_and_left(path: str, reason: str) -> None:
    os.mkfifo("pipe")
    before = sorted(os.listdir())
    with pytest.raises(OutputError) as caught:
        AtomicFile(path)
    assert (caught.value.path, caught.value.reason) == (path, reason)
    assert sorted(os.listdir()) == before


def test_temporary_files_are_known_by_their_names() -> None:
    file = AtomicFile("out")
    assert [name for name in os.listdir() if is_temporary(name)] == [
        os.path.basename(file.temporary)
    ]
    file.discard()


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o027])
def test_the_umask_decides_who_may_read(umask: int) -> None:
    before = os.umask(umask)
    try:
        AtomicFile("out").publish()
        build("m.npy")
    finally:
        os.umask(before)
    for name in ("out", "m.npy", "m.coverage.json"):
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o666 & ~umask


@pytest.mark.parametrize("to", ["target", "missing", "elsewhere/target"])
def test_a_symbolic_link_keeps_pointing_where_it_did(to: str) -> None:
    os.mkdir("elsewhere")
    if to != "missing":
        Path(to).write_bytes(OLD)
    os.symlink(to, "m.npy")
    build("m.npy")
    assert os.readlink("m.npy") == to
    assert np.load(to).shape == (4, 2)
    assert embedprep.open("m.npy").row("cat") == 2


def test_a_name_as_long_as_names_can_be() -> None:
    name = "m" * (255 - len(".coverage.json"))
    build(f"{name}.npy")
    assert f"{name}.coverage.json" in os.listdir()


def test_readers_of_the_old_matrix_keep_it() -> None:
    build("m.npy")
    old = np.load("m.npy", mmap_mode="r")
    Path("v.txt").write_bytes(b"the 7 8\n")
    build("m.npy")
    assert old[1].tolist() == [1, 2]
    assert np.load("m.npy")[1].tolist() == [7, 8]


# ---- --no-clobber


@pytest.mark.parametrize("output", CONTAINERS)
def test_somebody_else_is_faster(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target appears after the check at the start: a link fails where a rename would not."""

    def fill_missing(*arguments: Any) -> None:
        Path(output).write_bytes(OLD)

    monkeypatch.setattr(oov, "fill_missing", fill_missing)
    with pytest.raises(OutputError, match="exists") as caught:
        build(output, clobber=False)
    assert caught.value.path == output
    assert Path(output).read_bytes() == OLD


def test_a_report_describes_the_matrix_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of a matrix that was never published must not stand beside another one."""

    def fill_missing(*arguments: Any) -> None:
        Path("m.npy").write_bytes(OLD)

    monkeypatch.setattr(oov, "fill_missing", fill_missing)
    with pytest.raises(OutputError):
        build("m.npy", clobber=False)
    assert sorted(os.listdir()) == ["m.npy", "v.txt"]


# ---- failures of the system, at every call that can fail


def failing(code: int) -> Callable[..., Any]:
    def fail(*arguments: Any, **options: Any) -> Any:
        raise OSError(code, os.strerror(code))

    return fail


CALLS: list[tuple[str, Any, str, Any]] = [
    ("space for the rows", _platform, "allocate", failing(errno.ENOSPC)),
    ("a quota", _platform, "allocate", failing(errno.EDQUOT)),
    ("a limit", _platform, "allocate", failing(errno.EFBIG)),
    ("memory", _platform, "map_writable", failing(errno.ENOMEM)),
    ("the rows", _platform, "write_back", failing(errno.ENOSPC)),
    ("the header, the report", os, "write", failing(errno.ENOSPC)),
    ("the rows on the disk", _platform, "sync_map", failing(errno.EIO)),
    ("fsync", os, "fsync", failing(errno.EIO)),
    ("the rename", os, "replace", failing(errno.EROFS)),
    ("the directory", _platform, "sync_directory", failing(errno.EIO)),
]


@pytest.mark.parametrize("output", CONTAINERS)
@pytest.mark.parametrize(("module", "name", "replacement"), [
    pytest.param(*call, id=what) for what, *call in CALLS
])  # fmt: skip
def test_a_failing_call_leaves_the_old_matrix(
    module: Any, name: str, replacement: Any, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(output).write_bytes(OLD)
    Path("m.coverage.json").write_bytes(OLD)
    before = sorted(os.listdir())
    with monkeypatch.context() as patch:
        patch.setattr(module, name, replacement)
        with pytest.raises(OutputError) as caught:
            build(output)
    assert caught.value.path in (output, "m.coverage.json")
    assert "cannot write it" in caught.value.reason
    assert caught.value.remedy
    assert sorted(os.listdir()) == before
    assert Path(output).read_bytes() == OLD


@pytest.mark.parametrize("output", CONTAINERS)
def test_no_clobber_on_a_disk_that_fails(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EIO))
    with pytest.raises(OutputError, match="cannot write it"):
        build(output, clobber=False)
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize("output", CONTAINERS)
@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_no_clobber_where_a_file_has_only_one_name(
    output: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on exFAT, many network drives and FUSE."""
    monkeypatch.setattr(os, "link", failing(code))
    build(output, clobber=False)
    assert embedprep.open(output).row("cat") == 2
    before = Path(output).read_bytes()
    with pytest.raises(OutputError, match="exists"):
        build(output, clobber=False)
    assert Path(output).read_bytes() == before


def test_no_clobber_without_links_and_somebody_else_is_faster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fill_missing(*arguments: Any) -> None:
        Path("m.npy").write_bytes(OLD)

    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(oov, "fill_missing", fill_missing)
    with pytest.raises(OutputError, match="exists"):
        build("m.npy", clobber=False)
    assert Path("m.npy").read_bytes() == OLD
    assert sorted(os.listdir()) == ["m.npy", "v.txt"]


def test_no_clobber_without_links_on_a_disk_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name that was taken is given back."""
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    monkeypatch.setattr(os, "replace", failing(errno.EIO))
    with pytest.raises(OutputError, match="cannot write it"):
        build("m.npy", clobber=False)
    assert os.listdir() == ["v.txt"]


UNSUPPORTED = ["fsync", "posix_fallocate", "preadv", "posix_fadvise", "fchmod", "sched_getaffinity"]


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP])
@pytest.mark.parametrize("name", UNSUPPORTED)
def test_a_system_without_the_call(name: str, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(os, name):
        pytest.skip(f"this system has no {name}")
    build("m.h5")
    before = Path("m.h5").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing(code))
        build("m.h5", index="make")
        build("m.h5")
    assert Path("m.h5").read_bytes() == before


@pytest.mark.skipif(sys.platform != "linux", reason="advice that only Linux is given")
def test_a_map_that_takes_no_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Map(mmap.mmap):
        def madvise(self, *arguments: int) -> None:
            raise OSError(errno.EINVAL, "no")

    monkeypatch.setattr("embedprep._platform.mmap.mmap", Map)
    build("m.npy")
    assert embedprep.open("m.npy").row("cat") == 2


def test_a_folder_that_one_may_write_to_and_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    opening = os.open

    def refuse(path: Any, flags: int, *mode: int) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "no")
        return opening(path, flags, *mode)

    monkeypatch.setattr(os, "open", refuse)
    build("m.npy")
    assert embedprep.open("m.npy").row("cat") == 2


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o400, 0o666])
@pytest.mark.parametrize("output", CONTAINERS)
def test_the_permissions_of_a_replaced_file_stay(output: str, mode: int) -> None:
    build(output, html="m.html")
    names = [name for name in os.listdir() if name.startswith("m.")]
    assert len(names) >= 3
    for name in names:
        os.chmod(name, mode)
    build(output, html="m.html", index="make")
    assert {stat.S_IMODE(os.stat(name).st_mode) for name in names} == {mode}
    os.chmod("v.txt.embedprep-index", mode)
    embedprep.index("v.txt")
    assert stat.S_IMODE(os.stat("v.txt.embedprep-index").st_mode) == mode


def test_nobody_else_sees_the_content_before(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("m.npy").write_bytes(OLD)
    os.chmod("m.npy", 0o600)
    file = AtomicFile("m.npy")
    assert stat.S_IMODE(os.fstat(file.fd).st_mode) == 0o600
    file.discard()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_the_owner_of_a_replaced_file_stays() -> None:
    Path("out").write_bytes(OLD)
    os.chown("out", 61234, 61235)
    file = AtomicFile("out")
    file.publish()
    state = os.stat("out")
    assert (state.st_uid, state.st_gid) == (61234, 61235)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may")
def test_a_link_that_another_user_put_into_a_shared_folder() -> None:
    os.mkdir("shared")
    os.chmod("shared", 0o1777)  # noqa: S103  as the temporary folder of every system
    Path("precious").write_bytes(OLD)
    os.symlink("../precious", "shared/m.npy")
    os.chown("shared/m.npy", 61234, 61234, follow_symlinks=False)
    with pytest.raises(OutputError, match="another user put a link there"):
        build("shared/m.npy")
    assert Path("precious").read_bytes() == OLD
    os.chown("shared/m.npy", os.geteuid(), -1, follow_symlinks=False)
    build("shared/m.npy")
    assert os.path.islink("shared/m.npy")


@pytest.mark.parametrize("output", CONTAINERS)
def test_the_same_file_where_space_is_made_by_writing_zeros(
    output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(output)
    before = Path(output).read_bytes()
    monkeypatch.delattr(os, "posix_fallocate", raising=False)
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data)[:1000]))
    build(output)
    assert Path(output).read_bytes() == before


class Reluctant(io.FileIO):
    """Takes a few bytes at a time."""

    def write(self, data: Any) -> int:
        return super().write(bytes(data)[:7])


def test_hdf5_is_written_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda fd, mode, buffering=0: Reluctant(fd, mode))
        build("m.h5")
    assert embedprep.verify("m.h5").ok
    assert embedprep.open("m.h5").row("zebra") == 3


class Interrupting(io.FileIO):
    """A signal arrives during the last of some calls."""

    left = 0

    def write(self, data: Any) -> int:
        Interrupting.left -= 1
        done = super().write(data)
        if Interrupting.left == 0:
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("number", [1, 5, 10, 15, 20])
def test_interrupted_while_hdf5_writes(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """HDF5 must not see it: an error in the middle of a write leaves it in a state it dies of."""
    Interrupting.left = number
    monkeypatch.setattr(os, "fdopen", lambda fd, mode, buffering=0: Interrupting(fd, mode))
    with pytest.raises(KeyboardInterrupt):
        build("m.h5")
    assert Interrupting.left <= 0
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize("output", CONTAINERS)
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    ("module", "name", "error"),
    [
        (os, "link", KeyboardInterrupt()),
        (os, "link", OSError(errno.EIO, "no")),
        (_platform, "sync_directory", OSError(errno.EIO, "no")),
    ],
)
def test_no_clobber_publishes_all_or_nothing(
    module: Any,
    name: str,
    error: BaseException,
    number: int,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Half of it would be in the way of the next run."""
    monkeypatch.setattr(module, name, failing_after(getattr(module, name), error, number))
    with pytest.raises((KeyboardInterrupt, OutputError)):
        build(output, clobber=False)
    assert os.listdir() == ["v.txt"]


@pytest.mark.parametrize("output", CONTAINERS)
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOMEM, "no"), InputError("no:\nreally", "Read it.", path="m")]
)
def test_what_is_written_is_not_called_damaged(
    error: Exception, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mapping the result takes its size in addresses once more, and may fail where all is done."""
    with monkeypatch.context() as patch:
        patch.setattr(containers, "read", failing_after(containers.read, error))
        with pytest.raises(OutputError, match=r"has been written, .* read back: no") as caught:
            build(output)
    assert "\n" not in caught.value.reason
    assert embedprep.open(output).row("zebra") == 3


@pytest.mark.parametrize("output", CONTAINERS)
def test_a_write_may_take_a_part_only(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A nearly full disk writes what fits and says how much that was; the rest must not be lost."""
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: write(fd, bytes(data)[:500]))
        build(output)
    assert json.loads(Path("m.coverage.json").read_bytes())["matrix"]["path"] == output
    assert embedprep.open(output).row("zebra") == 3


@pytest.mark.parametrize("stage", ["words_in", "fill_missing", "settle", "to_json", "publish"])
@pytest.mark.parametrize("output", CONTAINERS)
@pytest.mark.parametrize("kind", [KeyboardInterrupt, MemoryError])
def test_interrupted_at_any_stage(
    kind: type[BaseException], output: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from embedprep import coverage
    from embedprep.building import destination
    from embedprep.lookup import making

    def interrupt(*arguments: Any, **options: Any) -> Any:
        raise kind

    place: Any = {
        "words_in": making,
        "fill_missing": oov,
        "settle": destination.Files,
        "to_json": coverage.Coverage,
        "publish": AtomicFile,
    }[stage]
    Path(output).write_bytes(OLD)
    monkeypatch.setattr(place, stage, interrupt)
    with pytest.raises(kind):
        build(output)
    assert sorted(os.listdir()) == sorted([output, "v.txt"])
    assert Path(output).read_bytes() == OLD


def test_no_descriptor_stays_open() -> None:
    for output in CONTAINERS:
        build(output)
    with all_closed_again():
        for _ in range(3):
            for output in CONTAINERS:
                build(output)
                with contextlib.suppress(OutputError):
                    build(output, clobber=False)


# ---- the real thing

LIMITED = """
import resource, signal, sys
limit = int(sys.argv.pop(1))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
from embedprep.cli import main
main()
"""


@pytest.mark.parametrize("output", CONTAINERS)
def test_a_limit_on_the_size_of_files(output: str) -> None:
    """From a limit that not even the header fits in, to one that is a few bytes short."""
    tokens = [f"made-up-{i}" for i in range(300)]
    Path("vocab.json").write_text(json.dumps(tokens))
    command = ["build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", output]
    embedprep.build("v.txt", "vocab.json", output)
    size = os.path.getsize(output)
    Path(output).write_bytes(OLD)
    Path("m.coverage.json").write_bytes(OLD)
    before = sorted(os.listdir())
    for limit in (0, 100, 2500, size // 2, size - 1):
        done = subprocess.run(
            [sys.executable, "-c", LIMITED, str(limit), *command], capture_output=True, timeout=60
        )
        err = done.stderr.decode()
        assert done.returncode == 5, f"limit {limit}: {err}"
        assert err.startswith(f"embedprep: {output} (--output): cannot write it: file too large")
        assert "ulimit -f" in err
        assert sorted(os.listdir()) == before
        assert Path(output).read_bytes() == Path("m.coverage.json").read_bytes() == OLD


def test_a_system_that_knows_no_modes_of_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fchmod")
    Path("m").write_bytes(OLD)
    file = AtomicFile("m", durable=False)
    file.write(b"new")
    file.publish()
    assert Path("m").read_bytes() == b"new"


def test_windows_refuses_a_file_that_is_open_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_platform, "WINDOWS", True)
    error = atomic._output_error("m", PermissionError(errno.EACCES, "Permission denied"))
    assert "Close the program that has it open" in error.remedy
