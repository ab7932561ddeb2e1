"""Fallback rules in a build: what they fill, what is said of it, and that advice keeps its word."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep import Provenance, UsageError
from embedprep.fallback.table import RULES
from embedprep.matching import census
from embedprep.provenance import KEY_SEPARATOR

VECTORS = """\
the 1 10
paris 2 20
Nato 3 30
do 4 40
n't 5 50
well 6 60
known 7 71
'' 8 80
year 9 90
"""
VOCAB = {"the": 1, "Paris": 2, "don't": 3, "well-known": 4, "year's": 5, "zebra": 6, "[UNK]": 7}
COUNTS = {"the": 100, "Paris": 10, "don't": 7, "well-known": 5, "year's": 3, "zebra": 1}


@pytest.fixture(autouse=True)
def files(workdir: Path) -> None:
    (workdir / "v.txt").write_text(VECTORS)
    (workdir / "vocab.json").write_text(json.dumps(VOCAB))
    (workdir / "counts.json").write_text(json.dumps(COUNTS))


def build(**options: Any) -> tuple[embedprep.EmbeddingMatrix, embedprep.CoverageReport]:
    settings: dict[str, Any] = {"vectors": "v.txt", "vocab": "vocab.json", "durable": False}
    if "vocab" not in options:
        settings["counts"] = "counts.json"
    _, coverage = embedprep.build(output="m.npy", **(settings | options))
    return embedprep.open("m.npy"), coverage


def matched(matrix: embedprep.EmbeddingMatrix, token: str) -> tuple[str, str, int]:
    """The provenance of a token's row, its matched key where that is another, its record."""
    row = matrix.row(token)
    return (
        Provenance(matrix.provenance[row]).label,
        matrix.annotations.keys[row].replace(KEY_SEPARATOR, b"+").decode(),
        int(matrix.annotations.records[row]),
    )


def test_each_rule_fills_its_rows_and_says_so() -> None:
    matrix, coverage = build(fallback="lower,possessive,contraction,compound")
    assert matrix[2].tolist() == [2, 20]
    assert matrix[3].tolist() == [4.5, 45]
    assert matrix[4].tolist() == [6.5, 65.5]
    assert matched(matrix, "the") == ("exact", "", 0)
    assert matched(matrix, "Paris") == ("lower", "paris", 1)
    assert matched(matrix, "don't") == ("contraction", "do+n't", -1)
    assert matched(matrix, "well-known") == ("compound", "well+known", -1)
    assert matched(matrix, "year's") == ("possessive", "year", 8)
    assert matched(matrix, "zebra") == ("oov", "", -1)
    assert coverage.counts.rows == {
        "exact": 1, "lower": 1, "possessive": 1, "contraction": 1, "compound": 1,
        "subword": 0, "partial": 0, "oov": 2, "padding": 1, "unassigned": 0,
    }  # fmt: skip
    assert coverage.fallback == ("lower", "possessive", "contraction", "compound")
    assert [missing.token for missing in coverage.counts.missing] == ["zebra"]
    assert coverage.recommended is None


def test_special_tokens_do_not_fall_back() -> None:
    Path("v.txt").write_text("unk 1 2\nUNK 3 4\npad 5 6\n")
    matrix, _ = build(vocab={"[PAD]": 0, "[UNK]": 1, "[SEP]": 2}, fallback="all")
    assert matrix.provenance.tolist() == [Provenance.PADDING, Provenance.OOV, Provenance.OOV]


def test_rules_are_used_in_the_order_given() -> None:
    Path("v.txt").write_text("APPLE 1 1\napple 2 2\n")
    first, _ = build(vocab=["Apple"], fallback="lower,upper")
    assert first[0].tolist() == [2, 2]
    second, _ = build(vocab=["Apple"], fallback=["upper", "lower"])
    assert second[0].tolist() == [1, 1]


def test_a_later_rule_sees_what_an_earlier_one_made() -> None:
    matrix, _ = build(vocab=['"PARIS,'], fallback="lower,strip-punctuation")
    assert matched(matrix, '"PARIS,') == ("strip-punctuation", "paris", 1)


def test_the_advice_of_a_build_without_rules() -> None:
    _, coverage = build()
    assert [(a.rule, a.tokens, a.occurrences, a.examples) for a in coverage.advice] == [
        ("lower", 1, 10, (("Paris", "paris"),)),
        ("contraction", 1, 7, (("don't", "do + n't"),)),
        ("compound", 1, 5, (("well-known", "well + known"),)),
        ("possessive", 1, 3, (("year's", "year"),)),
    ]
    recommended = coverage.recommended
    assert recommended is not None
    assert recommended.fallback == ("lower", "possessive", "contraction", "compound")
    assert (recommended.tokens, recommended.occurrences) == (4, 25)
    assert recommended.share == 25 / 26
    assert str(coverage).endswith(
        "\ntext 79.4 % → 99.2 %, vocabulary 16.7 % → 83.3 %, with:\n"
        "  --fallback auto    # lower,possessive,contraction,compound"
    )


def test_a_rule_that_gains_less_is_not_recommended() -> None:
    _, coverage = build(min_gain=6 / 126)
    assert coverage.recommended is not None
    assert coverage.recommended.fallback == ("lower", "contraction")
    assert len(coverage.advice) == 4
    assert build(min_gain=1)[1].recommended is None


def test_without_counts_distinct_tokens_decide() -> None:
    _, coverage = build(counts=None)
    recommended = coverage.recommended
    assert recommended is not None
    assert (recommended.tokens, recommended.occurrences, recommended.share) == (4, None, 0.8)
    assert "\nvocabulary 16.7 % → 83.3 %, with:\n" in str(coverage)


def test_used_rules_stand_in_what_is_recommended() -> None:
    _, coverage = build(fallback="possessive,lower")
    assert coverage.recommended is not None
    assert coverage.recommended.fallback == ("possessive", "lower", "contraction", "compound")
    assert {advice.rule for advice in coverage.advice} == {"contraction", "compound"}


def test_auto_is_the_recommended_rules_to_the_byte() -> None:
    recommended = build()[1].recommended
    assert recommended is not None
    build(fallback=recommended.fallback)
    named, report = Path("m.npy").read_bytes(), json.loads(Path("m.coverage.json").read_bytes())
    build(fallback="auto")
    again = json.loads(Path("m.coverage.json").read_bytes())
    for one in (report, again):
        del one["run"], one["options"]
    assert again == report
    length = embedprep.open("m.npy").array.nbytes
    assert Path("m.npy").read_bytes()[:length] == named[:length]


def test_auto_with_nothing_to_gain_uses_no_rule() -> None:
    _, coverage = build(fallback="auto", min_gain=0.5)
    assert (coverage.fallback, coverage.options["fallback"]) == ((), ("auto",))
    assert coverage.counts.rows["oov"] == 6


def test_all_is_every_rule() -> None:
    assert build(fallback="all")[1].fallback == tuple(RULES)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"fallback": "lower,uper"}, "--fallback does not know 'uper'"),
        ({"fallback": ["lower", "lower"]}, "--fallback has 'lower' twice"),
        ({"fallback": "lower,all"}, "--fallback all goes with no other rule"),
        ({"fallback": "auto", "vectors": "-"}, "a pipe can be read only once"),
        ({"fallback": ["lower", 3]}, "--fallback does not know '3'"),
        ({"min_gain": 2.0}, "--min-gain cannot be '2.0'"),
        ({"min_gain": "a"}, "--min-gain cannot be 'a'"),
        ({"min_gain": float("nan")}, "--min-gain cannot be 'nan'"),
    ],
)
def test_what_cannot_be_is_refused_at_once(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        build(**options)


def test_the_remedy_lists_the_rules() -> None:
    with pytest.raises(UsageError) as caught:
        build(fallback="lowercase")
    assert all(name in caught.value.remedy for name in ("all", "auto", *RULES))


# ---- several files, several records


def test_the_exact_form_in_a_later_file_replaces_a_fallback() -> None:
    Path("b.txt").write_text("Paris 7 7\nzebra 8 8\n")
    matrix, _ = build(vectors=["v.txt", "b.txt"], fallback="lower")
    assert matched(matrix, "Paris") == ("exact", "", 0)
    assert matrix[2].tolist() == [7, 7]
    assert matrix.sources[2] == 0b10


@pytest.mark.parametrize("on_duplicate", ["first", "last"])
def test_of_equal_forms_the_earlier_file_stays(on_duplicate: str) -> None:
    Path("b.txt").write_text("paris 7 7\n")
    matrix, _ = build(vectors=["v.txt", "b.txt"], fallback="lower", on_duplicate=on_duplicate)
    assert (matrix[2].tolist(), int(matrix.sources[2])) == ([2, 20], 0b01)


def test_the_parts_of_a_mean_are_of_one_file() -> None:
    Path("v.txt").write_text("well 6 60\n")
    Path("b.txt").write_text("known 7 71\n")
    matrix, coverage = build(vectors=["v.txt", "b.txt"], fallback="compound")
    assert matched(matrix, "well-known")[0] == "oov"
    assert coverage.recommended is None


def test_side_by_side_each_file_has_its_own_form() -> None:
    Path("b.txt").write_text("Paris 7\nthe 8\n")
    matrix, _ = build(vectors=["v.txt", "b.txt"], fallback="lower", combine="concat")
    assert matrix[2].tolist() == [2, 20, 7]
    assert matched(matrix, "Paris") == ("lower", "paris", -1)
    assert matched(matrix, "the") == ("exact", "", -1)


@pytest.mark.parametrize(("on_duplicate", "value"), [("first", 5.0), ("last", 50.0)])
def test_duplicates_among_the_parts(on_duplicate: str, value: float) -> None:
    Path("v.txt").write_text("well 4 4\nknown 6 6\nwell 94 94\n")
    matrix, coverage = build(fallback="compound", on_duplicate=on_duplicate)
    assert matrix[4].tolist() == [value, value]
    assert coverage.records["duplicates"] == 1


def test_float16_means_are_rounded_once() -> None:
    Path("v.txt").write_text("well 0.1 1\nknown 0.2 2\n")
    matrix, _ = build(fallback="compound", dtype="float16")
    both = np.array([np.float32(0.1), np.float32(0.2)], np.float64)
    assert matrix[4][0] == np.float16(both.mean())


def test_a_file_too_large_for_a_census_has_no_advice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(census, "MOST_KEYS", 8)
    matrix, coverage = build(fallback="lower")
    assert (coverage.advice, coverage.recommended) == ((), None)
    assert matched(matrix, "Paris")[0] == "lower"
    assert "which --fallback rules would help is not known" in caplog.text
    assert build(fallback="auto")[1].fallback == ()


@pytest.mark.parametrize(
    ("bad", "number"), [(b"Paris nan 1\n", "nonfinite"), (b"Paris x 1\n", "malformed")]
)
def test_a_bad_record_is_counted_once(bad: bytes, number: str) -> None:
    Path("v.txt").write_bytes(b"q 1 1\n" + bad + b"paris 2 2\n")
    for fallback in ([], ["lower"], ["upper"]):
        _, coverage = build(vocab=["Paris", "PARIS"], fallback=fallback, on_malformed="skip")
        assert coverage.records[number] == 1, fallback
        assert coverage.records["duplicates"] == 0


def test_a_bad_record_of_another_form_is_counted() -> None:
    Path("v.txt").write_bytes(b"q 1 1\nparis nan 1\n")
    _, coverage = build(vocab=["Paris"], on_malformed="skip")
    assert coverage.records["nonfinite"] == 0
    _, coverage = build(vocab=["Paris"], fallback="lower", on_malformed="skip")
    assert coverage.records["nonfinite"] == 1
    # That the file has the key is known, and that it is of no use, too.
    assert (coverage.advice, coverage.recommended) == ((), None)


def test_no_form_is_left_out_however_many_there_are() -> None:
    Path("v.txt").write_text("ﬁn 1 1\nÉa 2 2\n1990’s 6 6\n")
    word = "‘ﬁn-Éa_1990’s.’"
    for fallback in ("compound", "all"):
        matrix, _ = build(vocab=[word], fallback=fallback)
        assert matrix[0].tolist() == [3, 3]
    assert build(vocab=[word])[1].advice[0].rule == "compound"


def test_a_token_of_more_than_64_characters_has_no_other_form() -> None:
    Path("v.txt").write_text(f"{'a' * 64} 1 1\n{'b' * 65} 2 2\n")
    _, coverage = build(vocab=["A" * 64, "B" * 65], fallback="lower")
    assert coverage.counts.vocabulary.found == 1


def test_what_stands_between_keys_is_in_none() -> None:
    Path("v.txt").write_bytes(b"a\0b 1 1\n")
    assert build(vocab=["A\0B"], fallback="all")[1].counts.vocabulary.found == 0
    assert build(vocab=["A\0B"])[1].advice == ()


def test_side_by_side_the_farthest_form_tells() -> None:
    Path("v.txt").write_text("paris 1 1\nonly 2 2\n")
    Path("b.txt").write_text("q 9 9\nPARIS 7 7\nlate 8 8\n")
    matrix, _ = build(
        vectors=["v.txt", "b.txt"],
        vocab=["Paris", "only", "late"],
        fallback="lower,upper",
        combine="concat",
    )
    assert matched(matrix, "Paris") == ("upper", "PARIS", -1)
    assert matched(matrix, "only") == ("partial", "", 1)
    assert matched(matrix, "late") == ("partial", "", 2)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_list_of_keys_from_a_pipe_is_read_once() -> None:
    np.save("a.npy", np.array([[1, 1], [2, 2]], np.float32))
    os.mkfifo("keys")
    writer = threading.Thread(target=lambda: Path("keys").write_text('["q", "paris"]'), daemon=True)
    writer.start()
    matrix, _ = build(vectors="a.npy", vectors_tokens="keys", vocab=["Paris"], fallback="lower")
    assert matrix[0].tolist() == [2, 2]
    writer.join()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of POSIX")
def test_a_pipe_gives_the_same_as_a_file() -> None:
    content = VECTORS + "paris 5 5\nthe 6 6\n"
    Path("v.txt").write_text(content)
    matrix, coverage = build(fallback="all")
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_text(content), daemon=True)
    writer.start()
    piped, again = build(vectors="pipe", fallback="all")
    writer.join()
    assert np.array_equal(piped.array, matrix.array)
    assert (again.counts, again.records) == (coverage.counts, coverage.records)


# ---- whatever the words

WORDS = st.lists(
    st.text(st.sampled_from("aB1-'.s é’"), min_size=1, max_size=6).filter(str.strip),
    min_size=1,
    max_size=12,
    unique=True,
)


def coverage_of(
    words: list[str], fallback: tuple[str, ...]
) -> tuple[embedprep.EmbeddingMatrix, embedprep.CoverageReport]:
    counts = {word: 3**i % 1009 for i, word in enumerate(words)}
    Path("words.json").write_text(json.dumps(counts))
    files: dict[str, Any] = {"vectors": "k.vec", "vocab": words, "counts": "words.json"}
    return build(**files, fallback=fallback, threads=1)  # starting threads takes longer than these


# A thousand builds: on both cores each rule is held by a build of `torture/golden.py`.
@pytest.mark.no_cover
@pytest.mark.parametrize("implementation", ["native"], indirect=True)
@given(
    words=WORDS,
    keys=WORDS,
    near=st.booleans(),
    used=st.lists(st.sampled_from(list(RULES)), unique=True),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_advice_keeps_its_word_and_no_rule_loses_anything(
    words: list[str], keys: list[str], near: bool, used: list[str]
) -> None:
    if near:  # for most of them several rules are needed at once
        keys = list({*keys, *(word.lower().strip("-'.s ’") for word in words)} - {""})
    keys = sorted(key for key in keys if " " not in key)
    Path("k.vec").write_text(
        f"{len(keys) + 1} 2\nq 1 1\n" + "".join(f"{key} {i} 1\n" for i, key in enumerate(keys))
    )
    before, old = coverage_of(words, tuple(used))
    assert old.counts.text is not None
    gains = {advice.rule: (advice.tokens, advice.occurrences) for advice in old.advice}
    lists = {(rule,): in_place(used, rule) for rule in RULES if rule not in used}
    if old.recommended is not None:
        lists["recommended",] = list(old.recommended.fallback)
        gains["recommended"] = (old.recommended.tokens, old.recommended.occurrences)
    for (name,), rules in lists.items():
        after, new = coverage_of(words, tuple(rules))
        assert new.counts.text is not None
        gain = (
            new.counts.vocabulary.found - old.counts.vocabulary.found,
            new.counts.text.found - old.counts.text.found,
        )
        assert gain == gains.get(name, (0, 0)), (name, rules)
        exact = before.provenance == Provenance.EXACT
        assert np.array_equal(after.provenance == Provenance.EXACT, exact)
        assert np.array_equal(after.array[exact], before.array[exact])
        assert ((after.provenance >= Provenance.EXACT) >= (before.provenance >= 3)).all()


def in_place(used: list[str], rule: str) -> list[str]:
    """`used` with one rule more, where the recommended order has it."""
    order = list(RULES)
    place = next((i for i, name in enumerate(used) if order.index(name) > order.index(rule)), None)
    place = len(used) if place is None else place
    return [*used[:place], rule, *used[place:]]
