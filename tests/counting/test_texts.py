"""Texts in files of every kind: what is a text, what is refused, and that memory is bounded."""

from __future__ import annotations

import bz2
import gzip
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import embedprep
from embedprep.counting import texts
from embedprep.counting.sample import Sample
from embedprep.counting.texts import Text
from embedprep.errors import EmbedprepError, InputError, UsageError

pytestmark = pytest.mark.usefixtures("workdir")

LINES = ["one two", "", "drei vier \u00e9\U0001f600", " five ", "six"]
AS_BYTES = "\n".join(LINES).encode()


def read(*files: str, field: str | None = None) -> list[str]:
    return [text for batch in Text(files, field).batches(lambda count: None) for text in batch]


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 1000])
def test_any_size_of_blocks(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_BLOCK", block)
    Path("t.txt").write_bytes(AS_BYTES + b"\n")
    assert read("t.txt") == LINES
    Path("t.txt.gz").write_bytes(gzip.compress(AS_BYTES))
    assert read("t.txt.gz") == LINES
    records = "\n".join(json.dumps({"id": 1, "text": line}) for line in LINES)
    Path("t.jsonl").write_text(records + "\n\n")
    assert read("t.jsonl", field="text") == LINES


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (AS_BYTES, LINES),
        (AS_BYTES.replace(b"\n", b"\r\n") + b"\r\n", LINES),
        (b"\xef\xbb\xbf" + AS_BYTES, LINES),
        ("a\u2028b\x0bc\x85d\re\n".encode(), ["a\u2028b\x0bc\x85d\re"]),
    ],
)
def test_a_line_is_a_text(data: bytes, expected: list[str]) -> None:
    Path("t.txt").write_bytes(data)
    assert read("t.txt") == expected


def test_a_record_is_a_text_with_its_line_breaks() -> None:
    Path("t.jsonl.bz2").write_bytes(bz2.compress(b'{"a": "x\\ny", "b": 1}\n{"a": "z"}'))
    assert read("t.jsonl.bz2", field="a") == ["x\ny", "z"]


def test_a_folder_stands_for_its_files() -> None:
    for name in ("d/b.txt", "d/a/2.txt", "d/a/1.txt", "d/.hidden", "e/only.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    assert read("d", "e/only.txt") == ["d/b.txt", "d/a/1.txt", "d/a/2.txt", "e/only.txt"]
    Path("nothing").mkdir()
    with pytest.raises(InputError, match="a folder without a file"):
        read("nothing")


def test_a_member_of_an_archive() -> None:
    with zipfile.ZipFile("t.zip", "w") as archive:
        archive.writestr("a.txt", "a")
        archive.writestr("b.txt", "b")
    assert read("t.zip::b.txt") == ["b"]
    with pytest.raises(InputError, match=r"--text ARCHIVE::MEMBER"):
        read("t.zip")
    Path("one.txt").write_text("one")
    with tarfile.open("t.tar.gz", "w:gz") as tar:
        tar.add("one.txt")
    assert read("t.tar.gz") == ["one"]


def test_progress_adds_up_to_the_size() -> None:
    Path("a.txt").write_bytes(AS_BYTES)
    Path("b.gz").write_bytes(gzip.compress(AS_BYTES * 50))
    told: list[int] = []
    text = Text(("a.txt", "b.gz"))
    for _ in text.batches(told.append):
        pass
    assert sum(told) == text.size() == sum(Path(p).stat().st_size for p in ("a.txt", "b.gz"))
    assert Text(("a.txt", "-")).size() is None


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"good\nbad \xe9 one\n", None, "byte 9: not UTF-8: .* 0xe9"),
        (b"PAR1\0\0", None, "byte 4: a binary file"),
        (b"%PDF-1.7\n%\xe2\xe3", None, "a document"),
        ("the cat\n".encode("utf-16"), None, "byte 0: it is UTF-16 .*iconv -f UTF-16"),
        ("the cat sat\n".encode("utf-16-le"), None, "byte 0: .*without a mark.*iconv -f UTF-16LE"),
        (b'{"a": "x", "n": 1, "b": "y"}\n', None, r"the first has: a, b\n  Name it: --field a"),
        (b'{"n": 1}\n', None, r"none that is a text\n  Name it: --field NAME"),
        (b'[\n{"a": 1}]', None, "a JSON list"),
        (b'["a", "b"]', None, "a JSON list"),
        (b'{"a": "x"}\n\n{"b": "x"}\n', "a", "line 3: it has no 'a'; it has: b"),
        (b'{"a": "x"}\n{"a": null}\n', "a", "line 2: its 'a' is not a text"),
        (b'{"a": "x"}\nplain\n', "a", "line 2: not a JSON record"),
        (b'["x"]\n', "a", "line 1: not a JSON record"),
    ],
)
def test_what_is_no_text(data: bytes, field: str | None, reason: str) -> None:
    Path("t.txt").write_bytes(data)
    with pytest.raises(InputError, match=rf"(?s)t\.txt, {reason}|t\.txt: .*{reason}"):
        read("t.txt", field=field)


def test_the_ending_says_that_records_follow() -> None:
    Path("t.ndjson.gz").write_bytes(gzip.compress(b"plain\n"))
    with pytest.raises(InputError, match="JSON lines"):
        read("t.ndjson.gz")


def test_a_bad_byte_is_named_in_the_second_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_BLOCK", 4)
    Path("t.txt").write_bytes(b"good\nline\nbad \xe9\n")
    with pytest.raises(InputError) as caught:
        read("t.txt")
    assert caught.value.byte == 14


@pytest.mark.parametrize("as_records", [False, True])
def test_a_long_line_is_cut_before_a_space_with_a_note(
    as_records: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(texts, "LONGEST", 20)
    monkeypatch.setattr(texts, "_BLOCK", 16)
    line = "word " * 30 + "\u00e9" * 60 + " end"
    field = "t" if as_records else None
    Path("t.txt").write_text(json.dumps({"t": line}) if as_records else line + "\n", "utf-8")
    found = read("t.txt", field=field)
    assert "".join(found) == line
    assert max(map(len, found)) <= 40
    assert sum(text.split().count("word") for text in found) == 30
    assert [record.message for record in caplog.records] == [
        "t.txt has texts of more than a million characters, which were cut before a space"
    ]


def test_a_record_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_LONGEST_RECORD", 1 << 20)
    monkeypatch.setattr(texts, "_BLOCK", 1 << 19)
    Path("t.txt").write_text('{"t": "' + "x" * (1 << 21))
    with pytest.raises(InputError, match="a line of more than 1 MiB"):
        read("t.txt", field="t")


@pytest.mark.parametrize("data", [b"", b"\n \n"])
def test_a_text_without_a_token(data: bytes) -> None:
    Path("t.txt").write_bytes(data)
    with pytest.raises(InputError, match="the text has no token"):
        embedprep.count(["a"], "t.txt")


def test_no_text_counts_twice() -> None:
    Path("t.txt").write_text("a")
    with pytest.raises(UsageError, match="given twice"):
        embedprep.count(["a"], ["t.txt", "t.txt"])
    with pytest.raises(EmbedprepError, match="no such file"):
        embedprep.count(["a"], "absent.txt")


def test_the_sample_is_bounded_and_from_all_over_the_text() -> None:
    sample = Sample()
    for batch in range(1000):
        sample.add([f"{batch} {line} here" for line in range(100)])
    numbers = [int(text.split()[0]) for piece in sample._pieces for text in piece]
    assert len(sample._pieces) <= 32
    assert max(numbers) - min(numbers) > 900
    small = Sample()
    small.add(["a b", "c"])
    assert [text for piece in small._pieces for text in piece] == ["a b", "c"]


def test_snippets_are_whole_words_around_the_token() -> None:
    text = "An old   man\tsaid something here about the old cat that sat on the mat all day long"
    begin = text.index("cat")
    sample = Sample()
    sample.add([text, text, "the cat", "a cat", "cat", "cats and cat"])

    def places(text: str) -> list[tuple[int, int, int]]:
        begin = text.find("cat")
        return [(7, begin, begin + 3), (8, 0, 1)]

    assert sample.snippets([7, 9], places) == {
        7: ("…something here about the old cat that sat on the mat all day…", "the cat", "a cat")
    }
    assert begin


MEMORY = """
import resource, sys
import embedprep
embedprep.count(["the", "of"], sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_text() -> None:
    peaks = []
    for size in (8, 64):
        with open("t.txt", "w") as file:
            for number in range(size << 15):
                file.write(f"the word{number} of a text\n")
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, "t.txt"], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] < 1.2 * peaks[0]
