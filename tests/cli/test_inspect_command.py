"""`embedprep inspect`: the table of a build again, from the matrix or from its report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from embedprep import api
from embedprep.cli import door

EMBEDPREP = str(Path(sys.executable).with_name("embedprep"))
OUTPUTS = ("m.npy", "m.h5", "m.hdf5")
HOSTILE = ["red\x1b[31m", "new\nline", "back\bspace", "\u202egnirts", "\ud800", "nul\x00"]


@pytest.fixture(autouse=True)
def small_files(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    Path("vocab.json").write_text(json.dumps({"the": 7, "zebra": 2, "cat": 0, "yak": 1}))
    Path("counts.tsv").write_text("zebra\t5\nyak\t50\nthe\t500\n")


def run(capfd: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """Standard output and error of the command line, run here, which must end with `code`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", *arguments])
        got = door._exit_code()
    out, err = capfd.readouterr()
    assert got == code, err
    return out, err


def built(output: str, vocab: list[str] | str = "vocab.json", counts: str | None = None) -> str:
    _, report = api.build("v.txt", vocab, output, counts=counts)
    return f"{report}\n"


def report_of(output: str) -> str:
    return f"{output.rpartition('.')[0]}.coverage.json"


@pytest.mark.parametrize("output", OUTPUTS)
def test_matrix_and_report_show_what_build_showed(
    output: str, capfd: pytest.CaptureFixture[str]
) -> None:
    table = built(output)
    assert run(capfd, "inspect", output) == (table, "")
    assert run(capfd, "inspect", report_of(output)) == (table, "")
    Path(output).rename("renamed")
    assert run(capfd, "inspect", "renamed") == (table, "")


@pytest.mark.parametrize("output", OUTPUTS)
def test_json_is_the_report_and_the_copy_inside_the_matrix_lacks_the_run_alone(
    output: str, capfd: pytest.CaptureFixture[str]
) -> None:
    built(output)
    published = Path(report_of(output)).read_text()
    out, err = run(capfd, "inspect", report_of(output), "--json")
    assert (out, err) == (published, "")
    inside = json.loads(run(capfd, "inspect", output, "--json")[0])
    expected = json.loads(published)
    del expected["run"]
    assert inside == expected


@pytest.mark.parametrize(
    ("counts", "wanted", "listed"),
    [
        (None, "9", ["yak", "zebra"]),
        (None, "1", ["yak"]),
        ("counts.tsv", "9", ["yak", "zebra"]),
        ("counts.tsv", "1", ["yak"]),
    ],
)
def test_missing_tokens_one_a_line(
    counts: str | None, wanted: str, listed: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    built("m.npy", counts=counts)
    for path in ("m.npy", "m.coverage.json"):
        out, err = run(capfd, "inspect", path, "--missing", wanted)
        assert out.splitlines() == listed
        assert err == ""


def test_missing_most_frequent_first(capfd: pytest.CaptureFixture[str]) -> None:
    Path("counts.tsv").write_text("zebra\t50\nyak\t5\n")
    built("m.npy", counts="counts.tsv")
    assert run(capfd, "inspect", "m.npy", "--missing", "2")[0] == "zebra\nyak\n"


def test_more_missing_tokens_than_a_report_names(capfd: pytest.CaptureFixture[str]) -> None:
    built("m.npy", [f"made-up-{i}" for i in range(1500)])
    out, err = run(capfd, "inspect", "m.npy", "--missing", "1000")
    assert out.count("\n") == 1000
    assert err == ""
    out, err = run(capfd, "inspect", "m.npy", "--missing", "1001")
    assert out.count("\n") == 1000
    assert "1,000 most frequent of 1,500" in err
    assert "… and 1,490 more" in run(capfd, "inspect", "m.npy")[0]


@pytest.mark.parametrize("output", OUTPUTS)
def test_hostile_tokens_never_reach_the_terminal_raw(
    output: str, capfd: pytest.CaptureFixture[str]
) -> None:
    built(output, ["the", *HOSTILE])
    lines = run(capfd, "inspect", output, "--missing", "9")[0].splitlines()
    assert lines == [
        r"red\x1b[31m", r"new\nline", r"back\x08space", r"\u202egnirts", r"\ud800", r"nul\x00",
    ]  # fmt: skip
    table = run(capfd, "inspect", output)[0]
    assert all(line in table for line in lines)
    assert all(c.isprintable() or c == "\n" for c in table)
    assert [m["token"] for m in json.loads(run(capfd, "inspect", output, "--json")[0])["missing"]] == HOSTILE  # fmt: skip  # noqa: E501


def test_a_report_of_a_later_version_is_read(capfd: pytest.CaptureFixture[str]) -> None:
    table = built("m.npy")
    report = json.loads(Path("m.coverage.json").read_bytes())
    report["future"] = {"a": 1}
    report["matrix"]["colour"] = "blue"
    report["coverage"]["rows"] = {"exact": 2, "lemma": 0, **report["coverage"]["rows"]}
    Path("later.json").write_text(json.dumps(report))
    out, _ = run(capfd, "inspect", "later.json")
    assert out == table


@pytest.mark.parametrize("output", OUTPUTS)
def test_html_of_a_matrix_has_pictures_that_a_report_alone_cannot_have(
    output: str, capfd: pytest.CaptureFixture[str]
) -> None:
    built(output, ["the", "cat", "zebra"])
    wrote = "embedprep: wrote page.html"
    assert run(capfd, "inspect", output, "--html", "page.html") == ("", f"{wrote}\n")
    page = Path("page.html").read_text("utf-8")
    assert "of all 2 rows found" in page
    assert "zebra" in page
    replaced = ("", f"{wrote} (replaced)\n")
    assert run(capfd, "inspect", report_of(output), "--html", "page.html") == replaced
    assert "--html FILE</code>" in Path("page.html").read_text("utf-8")


def test_html_of_a_report_from_a_pipe(capfd: pytest.CaptureFixture[str]) -> None:
    built("m.npy")
    os.mkfifo("pipe")
    copy = "import shutil; shutil.copyfileobj(open('m.coverage.json', 'rb'), open('pipe', 'wb'))"
    with subprocess.Popen([sys.executable, "-c", copy]):
        assert run(capfd, "inspect", "pipe", "--html", "page.html")[0] == ""
    assert "yak" in Path("page.html").read_text("utf-8")


@pytest.mark.parametrize("path", ["m.npy", "m.coverage.json"])
def test_html_never_overwrites_what_it_reads(path: str, capfd: pytest.CaptureFixture[str]) -> None:
    built("m.npy")
    before = Path(path).read_bytes()
    _, err = run(capfd, "inspect", path, "--html", f"./{path}", code=2)
    assert "not a name for an HTML page" in err
    assert Path(path).read_bytes() == before


@pytest.mark.parametrize("other", [("--json",), ("--missing", "3")])
def test_html_is_asked_for_alone(other: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    built("m.npy")
    assert "--html" in run(capfd, "inspect", "m.npy", "--html", "page.html", *other, code=2)[1]
    assert not Path("page.html").exists()


def test_html_into_a_place_that_is_none(capfd: pytest.CaptureFixture[str]) -> None:
    built("m.npy")
    _, err = run(capfd, "inspect", "m.npy", "--html", "none/page.html", code=5)
    assert "the directory does not exist" in err


@pytest.mark.parametrize("output", OUTPUTS)
def test_html_of_hostile_tokens(output: str, capfd: pytest.CaptureFixture[str]) -> None:
    built(output, ["the", "<script>alert(1)</script>", *HOSTILE])
    run(capfd, "inspect", output, "--html", "page.html")
    page = Path("page.html").read_text("utf-8")
    assert "<script>alert" not in page
    assert page.isprintable() or all(c.isprintable() or c == "\n" for c in page)
    assert all(entry in page for entry in (r"red\x1b[31m", r"\u202egnirts", r"\ud800"))


def test_html_without_its_libraries(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    built("m.npy")
    monkeypatch.setitem(sys.modules, "jinja2", None)
    _, err = run(capfd, "inspect", "m.npy", "--html", "page.html", code=2)
    assert "the HTML report needs jinja2" in err
    assert "pip install 'embedprep[html]'" in err
    assert not Path("page.html").exists()


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_the_libraries_of_the_page_are_loaded_for_nothing_else(arguments: tuple[str, ...]) -> None:
    built("m.npy")
    script = (
        "import sys; sys.argv = ['embedprep', 'inspect', 'm.npy', *sys.argv[1:]]\n"
        "from embedprep.cli import door; door._exit_code()\n"
        "assert not {'jinja2', 'markupsafe'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, *arguments], check=True, timeout=60)


@pytest.mark.parametrize("arguments", [("m.npy",), ("m.npy", "--missing", "2")])
@pytest.mark.parametrize("place", ["closed pipe", "/dev/full"])
def test_a_reader_that_went_away_and_a_full_disk(place: str, arguments: tuple[str, ...]) -> None:
    built("m.npy")
    if place == "closed pipe":
        read_end, stdout = os.pipe()
        os.close(read_end)
    elif os.path.exists(place):
        stdout = os.open(place, os.O_WRONLY)
    else:
        pytest.skip("no /dev/full on this system")
    done = subprocess.run(
        [EMBEDPREP, "inspect", *arguments], stdout=stdout, stderr=subprocess.PIPE, timeout=60
    )
    os.close(stdout)
    if place == "closed pipe":
        assert (done.stderr, done.returncode) == (b"", 0)
    else:
        assert b"Traceback" not in done.stderr
        assert b"no space left on device" in done.stderr
        assert done.returncode == 5
