"""What is right and still surprises is said once, in the log, and changes nothing."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.matching import census
from embedprep.options.arguments import Vocab

pytestmark = [
    pytest.mark.usefixtures("workdir"),
]

PLAIN = {"the": 1, "cat": 2}
PIECES = {"▁the": 1, "▁cat": 2, "s": 3}


def tokenizer(num_words: int | None) -> str:
    """A Keras tokenizer of two words; its path."""
    config = {"num_words": num_words, "word_index": json.dumps(PLAIN)}
    Path("tokenizer.json").write_text(json.dumps({"class_name": "Tokenizer", "config": config}))
    return "tokenizer.json"


def said(caplog: pytest.LogCaptureFixture, vocab: Vocab, **options: Any) -> tuple[list[str], int]:
    """The warnings of a build, and the rows of its matrix."""
    Path("v.txt").write_text("the 1 2\ncat 3 4\n")
    Path("words.txt").write_text("the\ncats\n")
    matrix, _ = embedprep.build("v.txt", vocab, **options)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert {record.name for record in warnings} <= {"embedprep"}
    return [record.getMessage() for record in warnings], len(matrix)


def test_a_tokenizer_that_emits_fewer_ids_than_it_has(caplog: pytest.LogCaptureFixture) -> None:
    ([warning], rows) = said(caplog, tokenizer(num_words=2))
    assert "emits only ids below num_words = 2" in warning
    assert "--num-words auto" in warning
    assert rows == 3


def test_a_vocabulary_of_special_tokens(caplog: pytest.LogCaptureFixture) -> None:
    ([warning], rows) = said(caplog, ["", "[UNK]"])
    assert "no tokens except special ones" in warning
    assert rows == 2


def test_counts_that_are_all_zero_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    Path("zero.json").write_text('{"the": 0, "cat": 0}')
    ([warning], _) = said(caplog, PLAIN, counts="zero.json")
    assert "every word of the vocabulary is counted 0 times" in warning


@pytest.mark.parametrize(("num_words", "rows"), [(2, 2), ("auto", 2), (3, 3)])
def test_who_has_said_num_words_is_not_told_of_it(
    num_words: int | str, rows: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert said(caplog, tokenizer(num_words=2), num_words=num_words) == ([], rows)


@pytest.mark.parametrize("as_file", [True, False])
def test_auto_where_the_tokenizer_has_no_num_words_keeps_all_rows(
    as_file: bool, caplog: pytest.LogCaptureFixture
) -> None:
    vocab: Vocab = tokenizer(num_words=None) if as_file else PLAIN
    ([warning], rows) = said(caplog, vocab, num_words="auto")
    assert warning == "the tokenizer file has no num_words: --num-words auto keeps all rows"
    assert rows == 3


def test_pieces_are_not_looked_for_among_whole_words(caplog: pytest.LogCaptureFixture) -> None:
    ([warning], _) = said(caplog, PLAIN, pieces="mean", words="words.txt")
    assert warning.startswith("the vocabulary consists of whole words")
    assert "--pieces mean" in warning


def test_an_ordinary_build_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, PLAIN) == ([], 3)
    assert said(caplog, PIECES, pieces="mean", words="words.txt") == ([], 4)


@pytest.mark.parametrize("name", ["<void>", "{pad}", "<fill/>", "$PAD$"])
def test_a_first_token_in_brackets_may_be_padding(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    ([warning], _) = said(caplog, [name, "the", "cat"])
    assert f"no token is known to be the padding: if it is '{name}'" in warning
    caplog.clear()
    assert said(caplog, [name, "the", "cat"], pad_token=name)[0] == []
    assert said(caplog, [name, "the", "cat"], pad_token="none")[0] == []


@pytest.mark.parametrize(
    "vocab",
    [
        ["<unk>", "the", "cat"],
        ["!", "the", "cat"],
        ["the", "<void>", "cat"],
        ["<void>", "<pad>", "the", "cat"],
        {"<void>": 1, "the": 2, "cat": 3},
        {"the": 2, "cat": 3},
    ],
)
def test_other_vocabularies_are_not_asked_for_padding(
    vocab: Vocab, caplog: pytest.LogCaptureFixture
) -> None:
    assert not [text for text in said(caplog, vocab)[0] if "padding" in text]


def test_counts_that_are_the_ids_are_asked_about(caplog: pytest.LogCaptureFixture) -> None:
    Path("counts.tsv").write_text("the\t0\ncat\t1\nof\t2\n")
    ([warning], _) = said(caplog, ["the", "cat", "of"], counts="counts.tsv")
    assert "counts.tsv counts every token as often as its id says: are its numbers ids?" in warning
    caplog.clear()
    Path("counts.tsv").write_text("the\t9\ncat\t1\nof\t2\n")
    assert said(caplog, ["the", "cat", "of"], counts="counts.tsv")[0] == []


def test_a_byte_order_mark_inside_a_text_hides_a_word(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("one.txt").write_text("the 1 2\ncat 3 4\n", "utf-8-sig")
    Path("two.txt").write_text("dog 5 6\nowl 7 8\n", "utf-8-sig")
    Path("both.txt").write_bytes(Path("one.txt").read_bytes() + Path("two.txt").read_bytes())
    vocab = ["the", "dog", "owl", "xyz"]
    matrix, _ = embedprep.build("both.txt", vocab, oov="zeros")
    assert matrix.tolist() == [[1, 2], [0, 0], [7, 8], [0, 0]]
    told = (
        "both.txt: the key 'dog' begins with a byte order mark (U+FEFF), as after files were "
        "joined, so the token has no vector: remove the mark from the text with "
        r"perl -pe 's/^\xEF\xBB\xBF//'"
    )
    assert [record.getMessage() for record in caplog.records].count(told) == 1

    caplog.clear()
    embedprep.build(["one.txt", "two.txt"], vocab, oov="zeros")
    assert "U+FEFF" not in caplog.text
    monkeypatch.setattr(census, "MOST_KEYS", 0)
    embedprep.build("both.txt", vocab, oov="zeros")
    assert "U+FEFF" not in caplog.text
