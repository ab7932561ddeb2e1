"""Where next to no token has a vector, the last note shows both files and the likeliest cause."""

from __future__ import annotations

import json
import logging
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import embedprep
from embedprep.building.little_found import cause
from embedprep.building.notices import LITTLE

pytestmark = [
    pytest.mark.usefixtures("workdir"),
]

WORDS = ["the", "of", "and", "cat", "dog", "house", "tree", "river", "music", "night"]


def said(
    caplog: pytest.LogCaptureFixture, keys: list[str], vocab: Any, **options: Any
) -> list[str]:
    """The warnings of a build from vectors with these keys."""
    Path("v.txt").write_text("".join(f"{key} {i} 1\n" for i, key in enumerate(keys)))
    caplog.clear()
    embedprep.build("v.txt", vocab, **options)
    return [found.getMessage() for found in caplog.records if found.levelno >= logging.WARNING]


CAUSES = [
    (WORDS, [word.title() for word in WORDS], "--fallback lower"),
    ([word.upper() for word in WORDS], WORDS, "--fallback upper"),
    ([word.title() for word in WORDS], WORDS, "--fallback title"),
    ([f"/c/en/{word}" for word in WORDS], WORDS, "begin with '/c/en/'"),
    ([f"{word}_NOUN" for word in WORDS], WORDS, "such as '_NOUN'"),
    ([f"{w}#{i % 2}" for i, w in enumerate(WORDS)], WORDS, "say --key-form '{}#0,{}#1'"),
    ([f"{word}_1" for word in [*WORDS, *map(str, range(90))]], WORDS, "say --key-form '{}_1'"),
    ([f"'{word}'" for word in WORDS], WORDS, "such as"),
    (["дом", "кот", "река"], WORDS, "in Cyrillic script, the tokens in Latin"),
    (["1", "2", "3"], WORDS, "keys are numbers"),
    (WORDS, ["13", "262", "284"], "tokens are numbers"),
    (["cafÃ©", "naÃ¯ve"], WORDS, "keys are UTF-8 that was read as Latin-1"),
    (WORDS, ["cafÃ©", "naÃ¯ve"], "tokens are UTF-8 that was read as Latin-1"),
    (WORDS, ["def f ( x ) :", "return x + 1"], "lines of text"),
    (WORDS, ["a\t1", "b\t2"], "columns"),
    ([f"{word}@@" for word in WORDS], WORDS, "marks"),
    (["quux", "flarp"], WORDS, "do not belong together"),
    (["!", "?"], ["%", "&"], "do not belong together"),
]


@pytest.mark.parametrize(("keys", "tokens", "told"), CAUSES)
def test_the_likely_cause(
    keys: list[str], tokens: list[str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    note = said(caplog, keys, tokens)[-1]  # after what the file alone already showed
    first, *rest = note.splitlines()
    assert first == f"none of the {len(tokens)} tokens has a vector"
    assert rest[0].startswith(f"  first keys of v.txt: {keys[0]}, {keys[1]}")
    assert rest[1].startswith("  first tokens of the vocabulary: ")
    assert rest[2].startswith("  likely cause: ")
    assert told in rest[2]


@pytest.mark.parametrize(
    "write",
    [
        lambda word, i: f"[{word}]",
        lambda word, i: f"<{word}>",
        lambda word, i: f"{word}_{('Vf', 'nn', 'AJ')[i % 3]}",
        lambda word, i: f"{word}.{'nv'[i % 2]}.01",
        lambda word, i: f"({word})",
    ],
)
def test_the_option_in_the_likely_cause_finds_the_words(
    write: Callable[[str, int], str], caplog: pytest.LogCaptureFixture
) -> None:
    keys = [write(word, i) for i, word in enumerate(WORDS)]
    cause = said(caplog, keys, WORDS)[-1].splitlines()[-1]
    _, _, form = cause.partition(": say --key-form ")
    matrix, report = embedprep.build("v.txt", WORDS, key_form=shlex.split(form)[0])
    assert matrix[:, 0].tolist() == [*range(len(WORDS))]
    assert report.counts.vocabulary.found == len(WORDS)


def test_parts_that_no_option_can_write_get_none(caplog: pytest.LogCaptureFixture) -> None:
    [*_, last] = said(caplog, [f"{word}\u00a0" for word in WORDS], WORDS)
    assert last.endswith("such as '\\xa0'")


def test_keys_that_are_not_utf_8() -> None:
    assert "the keys are not UTF-8" in cause(["café".encode("latin-1"), b"the"], WORDS, WORDS)


def test_marks_of_another_kind() -> None:
    keys = [f"Ġ{word}".encode() for word in WORDS]
    assert "marks" in cause(keys, [f"▁{word}" for word in WORDS], [])


def test_without_keys_or_tokens_nothing_is_guessed() -> None:
    for keys, tokens in (([], WORDS), ([b"the"], []), ([], [])):
        assert "belong together" in cause(keys, tokens, tokens)


def test_one_of_many_is_still_next_to_none(caplog: pytest.LogCaptureFixture) -> None:
    many = [f"{word}{number}" for word in WORDS for number in range(4)]
    [note] = said(caplog, [f"x{number}" for number in range(100)] + [many[0]], many)
    assert note.startswith("only 1 of the 40 tokens have a vector")
    enough = many[: round(LITTLE * len(many))]
    assert said(caplog, enough + [f"x{number}" for number in range(100)], many) == []


def test_a_small_file_that_is_used_up_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    assert said(caplog, ["w1"], [f"w{number}" for number in range(100)]) == []


def test_a_vocabulary_without_words_has_nothing_to_miss(caplog: pytest.LogCaptureFixture) -> None:
    [note] = said(caplog, WORDS, ["<pad>", "<unk>"])
    assert "no tokens except special ones" in note


@pytest.mark.parametrize(("count", "notes"), [(100, 0), (3, 1)])
def test_the_text_may_be_found_all_the_same(
    count: int, notes: int, caplog: pytest.LogCaptureFixture
) -> None:
    many = {f"w{number}": 1 for number in range(50)}
    Path("counts.json").write_text(json.dumps(many | {"w0": count}))
    others = [f"x{number}" for number in range(100)]
    found = said(caplog, ["w0", *others], list(many), counts="counts.json")
    assert len(found) == notes


def test_it_is_the_last_line_on_standard_error_and_no_failure() -> None:
    Path("v.txt").write_text("the 1 1\n")
    Path("vocab.json").write_text(json.dumps(["Qwx"]))
    command = [str(Path(sys.executable).with_name("embedprep")), "build"]
    command += ["--vectors", "v.txt", "--vocab", "vocab.json", "-v"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "likely cause" in done.stderr.splitlines()[-1]
    assert "first tokens of vocab.json: Qwx" in done.stderr


# ---- counts and words


def test_counts_of_another_vocabulary(caplog: pytest.LogCaptureFixture) -> None:
    Path("counts.json").write_text(json.dumps({"the": 1, "The": 9}))
    [note] = said(caplog, WORDS, WORDS, counts="counts.json")
    assert note.startswith("counts.json has counts for 10.0 % of the vocabulary")
    assert "10.0 % of what it counts" in note
    Path("counts.json").write_text(json.dumps(dict.fromkeys(WORDS[:5], 1)))
    assert said(caplog, WORDS, WORDS, counts="counts.json") == []
    Path("counts.json").write_text(json.dumps(dict.fromkeys(WORDS[:4], 1) | {"x": 1}))
    assert len(said(caplog, WORDS, WORDS, counts="counts.json")) == 1
    Path("counts.json").write_text(json.dumps(dict.fromkeys(WORDS, 1) | {"x": 11}))
    assert len(said(caplog, WORDS, WORDS, counts="counts.json")) == 1


def test_counts_of_a_small_text(caplog: pytest.LogCaptureFixture) -> None:
    # It has few of the tokens, and the tokens are all of it.
    Path("counts.json").write_text(json.dumps({"the": 9}))
    assert said(caplog, WORDS, WORDS, counts="counts.json") == []


def test_the_report_says_what_the_counts_are_of() -> None:
    Path("v.txt").write_text("the 1 1\n")
    Path("counts.json").write_text(json.dumps({"the": 3, "The": 1}))
    _, coverage = embedprep.build("v.txt", ["the", "of"], counts="counts.json")
    assert coverage.vocabulary.counted == {"of_tokens": 0.5, "of_text": 0.75}
    assert "(50.0 % of the vocabulary, 75.0 % of what it counts)" in str(coverage)


@pytest.mark.parametrize(
    ("listed", "notes"), [("the\ncats\n", 0), ("qqq\t9\ncats\t1\n", 1), ("qqq\n", 1)]
)
def test_words_of_another_text(listed: str, notes: int, caplog: pytest.LogCaptureFixture) -> None:
    Path("words.txt").write_text(listed)
    vocab = ["▁the", "▁cat", "s"]
    found = said(caplog, ["the", "cat", "cats"], vocab, pieces="mean", words="words.txt")
    assert len(found) == notes
    assert all("words.txt contain" in note for note in found)
