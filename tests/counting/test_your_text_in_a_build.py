"""`build --text`: coverage of a text, its misses in context, and words for the means of pieces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import embedprep
from embedprep.cli.commands import cli
from embedprep.coverage import Coverage
from embedprep.errors import OutputError, UsageError
from embedprep.report.html import render

TEXT = "the cat sat on the mat\nA cat? no\nthe dog ate the <b>cake</b>\n"


@pytest.fixture(autouse=True)
def files(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\ncat 3 4\nsat 5 6\nmat 7 8\n")
    Path("w.txt").write_text("<pad>\n<unk>\nthe\ncat\ndog\n<b>cake</b>\nzebra\non\n")
    Path("t.txt").write_text(TEXT)


def build(**options: Any) -> Coverage:
    return embedprep.build("v.txt", "w.txt", "m.npy", text="t.txt", **options)[1]


def run(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(cli, list(words), **more)


def test_coverage_is_that_of_the_text() -> None:
    counts = build().counts
    assert counts.text is not None
    assert (counts.text.found, counts.text.total) == (5, 8)
    missing = {one.token: (one.count, one.context) for one in counts.missing}
    assert missing == {
        "dog": (1, ("the dog ate the <b>cake</b>",)),
        "<b>cake</b>": (1, ("the dog ate the <b>cake</b>",)),
        "on": (1, ("the cat sat on the mat",)),
        "zebra": (0, ()),
    }


def test_the_report_tells_of_the_text_and_is_read_back() -> None:
    coverage = build()
    told = json.loads(Path("m.coverage.json").read_text())
    assert told["vocabulary"]["text"] == {
        "files": ["t.txt"], "texts": 3, "tokens": 14, "unknown": 6,
    }  # fmt: skip
    again = Coverage.from_json(json.dumps(told), "m.coverage.json")
    assert again.vocabulary == coverage.vocabulary
    assert again.counts.missing == coverage.counts.missing
    assert "context" not in told["missing"][-1]
    old = {**told, "missing": [{k: v for k, v in one.items() if k != "context"}
                               for one in told["missing"]]}  # fmt: skip
    assert Coverage.from_json(json.dumps(old), "old").counts.missing[0].context == ()


def test_the_terminal_and_the_page_show_the_context() -> None:
    coverage = build()
    shown = str(coverage)
    assert "text        t.txt  (14 tokens, 42.9 % unknown)" in shown
    assert (
        "  dog                                    1 x\n      the dog ate the <b>cake</b>" in shown
    )
    pytest.importorskip("jinja2")
    page = render(coverage)
    assert "<small><bdi>the cat sat on the mat</bdi></small>" in page
    assert "<b>cake" not in page


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"counts": "c.json"}, "--text and --counts both say"),
        ({"vectors": ("-",), "text": ("-",)}, "both the vectors and the text"),
        ({"text": (), "field": "text"}, "--field is for --text"),
        ({"text": (), "split": " "}, "--split is for --text"),
        ({"text": (), "pieces": "mean"}, "--pieces mean --text FILE"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], reason: str) -> None:
    given = {"vectors": "v.txt", "vocab": "w.txt", "text": "t.txt"} | options
    with pytest.raises(UsageError, match=reason):
        embedprep.build(**given)


def test_two_builds_do_not_share_a_pipe() -> None:
    build = {"vectors": "v.txt", "vocab": "w.txt", "text": "-"}
    other = build | {"key_form": "{}", "output": "o.npy"}
    with pytest.raises(UsageError, match="read only once"):
        embedprep.build_all([build | {"output": "m.npy"}, other])
    with pytest.raises(UsageError, match="read only once"):
        embedprep.build_all([build | {"output": "m.npy"}, build | {"output": "o.npy"}])


def test_a_text_of_another_language_is_told() -> None:
    Path("t.txt").write_text("le chat est sur le the\n")
    result = run("build", "--vectors", "v.txt", "--vocab", "w.txt", "--text", "t.txt")
    assert result.exit_code == 0
    assert "83.3 % of the text are words that the vocabulary lacks" in result.stderr


def test_an_update_measures_the_same_text() -> None:
    Path("t.jsonl").write_text(json.dumps({"body": TEXT}) + "\n")
    embedprep.build("v.txt", "w.txt", "m.npy", text="t.jsonl", field="body", split="[^a-z]+")
    Path("new.txt").write_text("the\ncake\n")
    scratch = embedprep.build(
        "v.txt", "new.txt", "s.npy", text="t.jsonl", field="body", split="[^a-z]+"
    )[1]
    updated = embedprep.update("m.npy", "new.txt", output="u.npy").coverage
    assert updated.counts == scratch.counts
    assert updated.counts.text is not None
    assert updated.counts.text.total == 5
    Path("c.json").write_text('{"the": 9}')
    counted = embedprep.update("m.npy", "new.txt", output="u.npy", counts="c.json").coverage
    assert counted.counts.text is not None
    assert (counted.counts.text.total, counted.vocabulary.text) == (9, None)
    assert embedprep.verify("m.npy", vectors="v.txt", vocab="w.txt").ok


@pytest.fixture
def pieces() -> None:
    """A tokenizer of pieces, and a text."""
    tokenizers = pytest.importorskip("tokenizers")
    vocab = {"[UNK]": 0, "ca": 1, "##t": 2, "sa": 3, "the": 4, "##zz": 5}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocab, unk_token="[UNK]"))
    tokenizer.normalizer = tokenizers.normalizers.Lowercase()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save("tokenizer.json")
    Path("t.txt").write_text("the CAT, the cat. sat\n")


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("vectors", [["v.txt"], ["other.txt", "v.txt"]])
def test_the_advice_on_pieces_is_true_to_the_token(vectors: list[str]) -> None:
    Path("other.txt").write_text("the 0 1\n")
    before = embedprep.build(vectors, "tokenizer.json", text="t.txt")[1]
    after = embedprep.build(vectors, "tokenizer.json", text="t.txt", pieces="mean")[1]
    assert before.pieces is not None
    assert before.counts.text is not None
    assert after.counts.text is not None
    assert before.pieces.tokens == 3
    assert before.pieces == (
        after.counts.vocabulary.found - before.counts.vocabulary.found,
        after.counts.text.found - before.counts.text.found,
    )
    assert after.pieces is None
    shown = (
        "text 25.0 % → 100.0 %, vocabulary 20.0 % → 80.0 %, if a piece gets the mean of the words "
        "that contain it:"
    )
    assert f" {shown} --pieces mean" in " ".join(str(before).split())
    assert Coverage.from_json(before.to_json(), "r.json").pieces == before.pieces
    pytest.importorskip("jinja2")
    assert shown in render(before)


@pytest.mark.usefixtures("pieces")
def test_no_advice_on_pieces_that_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.txt").write_text("zebra 0 1\n")
    assert embedprep.build("other.txt", "tokenizer.json", text="t.txt")[1].pieces is None
    both: dict[str, Any] = {"vectors": ["v.txt", "other.txt"], "vocab": "tokenizer.json"}
    assert embedprep.build(**both, text="t.txt", combine="concat")[1].pieces is None
    monkeypatch.setattr("embedprep.matching.census.MOST_KEYS", 1)
    assert embedprep.build("v.txt", "tokenizer.json", text="t.txt")[1].pieces is None
    assert build().pieces is None  # it consists of words


@pytest.mark.usefixtures("pieces")
def test_pieces_become_means_of_the_words_of_the_text(implementation: str) -> None:
    matrix, coverage = embedprep.build(
        "v.txt", "tokenizer.json", "m.npy", text="t.txt", pieces="mean", oov="zeros"
    )
    Path("words.tsv").write_text("the\t2\ncat\t2\nsat\t1\n")
    expected, _ = embedprep.build(
        "v.txt", "tokenizer.json", pieces="mean", words="words.tsv", oov="zeros"
    )
    assert np.array_equal(matrix, expected)
    assert matrix[1].tolist() == [3, 4]
    assert np.allclose(matrix[2], [(2 * 3 + 5) / 3, (2 * 4 + 6) / 3])
    assert coverage.vocabulary.words is None
    inputs: dict[str, Any] = {"vectors": "v.txt", "vocab": "tokenizer.json"}
    assert embedprep.verify("m.npy", **inputs, text="t.txt").ok
    assert embedprep.verify("m.npy", **inputs, words="words.tsv").ok


def test_count_writes_what_counts_reads() -> None:
    result = run("count", "--vocab", "w.txt", "--text", "t.txt", "-o", "c.json")
    assert result.exit_code == 0
    assert result.stdout.startswith("14 tokens in 3 lines or records, 6 of them unknown")
    assert json.loads(Path("c.json").read_text()) == {
        "<unk>": 6, "the": 4, "cat": 1, "dog": 1, "<b>cake</b>": 1, "on": 1,
    }  # fmt: skip
    counted = embedprep.build("v.txt", "w.txt", counts="c.json")[1]
    assert counted.counts.text == build().counts.text
    kept = run("count", "--vocab", "w.txt", "--text", "t.txt", "-o", "c.json", "--no-clobber")
    assert isinstance(kept.exception, OutputError)
    own = run("count", "--vocab", "w.txt", "--text", "t.txt", "-o", "t.txt")
    assert isinstance(own.exception, UsageError)
    assert Path("t.txt").read_text() == TEXT


def test_count_from_a_pipe_to_a_pipe() -> None:
    result = run("count", "--vocab", "w.txt", "--text", "-", input=TEXT)
    assert json.loads(result.stdout)["the"] == 4
    assert result.stderr == ""


def test_the_page_names_the_text_in_its_command() -> None:
    from embedprep.report.html.command import build_command

    command = build_command(build(split=" "), "lower")
    assert command is not None
    assert "--text t.txt" in command
    assert "--split ' '" in command
