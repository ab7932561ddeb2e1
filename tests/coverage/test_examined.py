"""Millions of missing tokens: only the most frequent are looked at one by one, and it is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import embedprep
from embedprep.coverage import advice, measuring
from embedprep.coverage.advice import Finds
from embedprep.fallback import forms
from embedprep.fallback.forms import MOST_FORMS, Forms, Reached
from embedprep.fallback.rule import Rule
from embedprep.matching.census import Census

# Found in lower case are the first and the third; the second is not found in any form.
COUNTS = {"the": 50, "Cat": 2, "zzz": 9, "DOG": 7, "Bird": 1, "End.": 1}
MISSING = sum(COUNTS.values()) - COUNTS["the"]


def coverage(tmp_path: Path) -> embedprep.CoverageReport:
    (tmp_path / "vectors.txt").write_text("the 1 1\ncat 2 2\ndog 3 3\nbird 4 4\nend 5 5\n")
    (tmp_path / "counts.tsv").write_text("".join(f"{t}\t{n}\n" for t, n in COUNTS.items()))
    return embedprep.build(
        vectors=str(tmp_path / "vectors.txt"),
        vocab=list(COUNTS),
        counts=str(tmp_path / "counts.tsv"),
    )[1]


@pytest.mark.parametrize(
    ("most", "kinds", "found"),
    [
        (3, {"case": (2, 9), "other": (1, 9), "not examined": (2, 2)}, 9),
        (4, {"case": (3, 10), "other": (1, 9), "not examined": (1, 1)}, 10),
        (5, {"case": (3, 10), "other": (1, 9), "attached punctuation": (1, 1)}, 11),
    ],
)
def test_the_rest_is_a_kind_of_its_own(
    most: int,
    kinds: dict[str, tuple[int, int]],
    found: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measuring, "MOST_EXAMINED", most)
    report = coverage(tmp_path)
    assert {kind.kind: (kind.tokens, kind.occurrences) for kind in report.counts.kinds} == kinds
    assert report.recommended is not None
    assert report.recommended.occurrences == found
    assert report.recommended.share == found / MISSING
    assert len(report.counts.missing) == min(most, 5)


@pytest.mark.parametrize(("most", "misspelled"), [(1, ["kitten"]), (2, ["kitten", "houze"])])
def test_a_misspelling_is_one_of_the_most_frequent_words(
    most: int, misspelled: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "MOST_COMPARED", most)
    vectors = tmp_path / "v.txt"
    vectors.write_bytes(b"house 1 2\nmitten 3 4\n")
    counts = tmp_path / "counts.tsv"
    counts.write_text("mitten\t9\nhouse\t2\nkitten\t1\nhouze\t1\n")
    vocab = ["house", "mitten", "kitten", "houze"]
    _, report = embedprep.build(vectors, vocab, counts=counts)
    found = [one.token for one in report.counts.missing if one.kind == "likely misspelling"]
    assert found == misspelled


def test_words_of_very_many_forms_are_not_all_examined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 2)  # dog and cat
    monkeypatch.setattr(forms, "FORMS_A_WORD", 0)
    report = coverage(tmp_path)
    assert report.recommended is not None
    assert (report.recommended.fallback, report.recommended.occurrences) == (("lower",), 9)
    kinds = {kind.kind: kind.occurrences for kind in report.counts.kinds}
    assert kinds == {"other": 9, "case": 9, "not examined": 2}


def test_the_forms_of_a_whole_vocabulary_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    reached = Forms.reached

    def counted(self: Forms, word: str) -> Reached:
        nonlocal made
        found = reached(self, word)
        made += len(found.forms)
        return found

    monkeypatch.setattr(Forms, "reached", counted)
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 500)
    monkeypatch.setattr(forms, "FORMS_A_WORD", 4)
    vocab = [f"“É{number:04}-b’" for number in range(1_000)]
    (tmp_path / "v.txt").write_text("the 1 2\nTHE 1 2\n")
    _, report = embedprep.build(tmp_path / "v.txt", vocab)
    kinds = {kind.kind: kind.tokens for kind in report.counts.kinds}
    assert 100 < kinds["not examined"] < 1_000
    assert made <= 500 + 4 * len(vocab) + MOST_FORMS


def test_the_kind_of_a_long_word_is_that_of_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "v.txt").write_text("the 1 2\n")
    _, report = embedprep.build(tmp_path / "v.txt", ["a" * 100 + "-1" * 5_000, "1" * 9_000])
    assert {kind.kind: kind.tokens for kind in report.counts.kinds} == {"other": 1, "number": 1}


def test_ordinary_words_are_all_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 0)
    report = coverage(tmp_path)
    assert "not examined" not in {kind.kind for kind in report.counts.kinds}


def test_many_forms_are_looked_up_in_portions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = coverage(tmp_path)
    monkeypatch.setattr(advice, "_FORMS_AT_ONCE", 1)
    assert coverage(tmp_path).counts == whole.counts
    assert coverage(tmp_path).advice == whole.advice


def test_nothing_is_examined_where_every_rule_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No other form is left to advise; making them all again took as long as the lookup."""
    tokens = [f"{number}‘É-b’" for number in range(50)]
    (tmp_path / "v.txt").write_text("the 1 2\n")

    class Never(Forms):
        def reached(self, word: str) -> Reached:
            pytest.fail("made again")

    monkeypatch.setattr(advice, "Forms", Never)
    _, report = embedprep.build(tmp_path / "v.txt", tokens, fallback="all")
    assert report.advice == ()
    assert "not examined" not in {kind.kind for kind in report.counts.kinds}


def test_words_that_no_rule_finds_are_examined_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "v.txt").write_text("the 1 2\n")
    tokens = ["the", "Hyphen-Ated", "it’s"]
    _, without = embedprep.build(tmp_path / "v.txt", tokens)
    calls = []
    find = advice.find

    def counted(
        words: Sequence[str | None], used: Sequence[Rule], censuses: Sequence[Census]
    ) -> Finds | None:
        calls.append(words)
        return find(words, used, censuses)

    monkeypatch.setattr(advice, "find", counted)
    _, chosen = embedprep.build(tmp_path / "v.txt", tokens, fallback="auto")
    assert len(calls) == 1
    assert (chosen.counts, chosen.advice) == (without.counts, without.advice)
    (tmp_path / "v.txt").write_text("the 1 2\nhyphen-ated 3 4\n")
    _, chosen = embedprep.build(tmp_path / "v.txt", tokens, fallback="auto")
    assert (chosen.fallback, len(calls)) == (("lower",), 3)
    assert sum(kind.tokens for kind in chosen.counts.kinds) == 1
