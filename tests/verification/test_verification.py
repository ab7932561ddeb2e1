"""`embedprep verify`: a whole file passes every check, and a changed one fails the right one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.cli import door
from embedprep.containers.digest import sha256_of
from embedprep.errors import InputError, UsageError
from embedprep.fallback import forms
from embedprep.verification import recomputing, verify
from tests.matrices import blank_report, random_rows, written

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

VOCABULARY = ["", "[UNK]", "the", "cat", "unseen", "unseen too"]


def built(path: str = "m.npy", **options: Any) -> str:
    Path("v.txt").write_text("the 1 2 3\ncat 4 5 6\nother 7 8 9\n")
    embedprep.build("v.txt", VOCABULARY, path, **options)
    return path


def wrong(path: str) -> dict[str, str]:
    """The checks that fail, and what they have seen."""
    return {finding.check: finding.seen for finding in verify(path).findings if not finding.ok}


@pytest.mark.parametrize("options", [{}, {"dtype": "float16"}, {"oov": "zeros"}])
@pytest.mark.parametrize("path", ["m.npy", "m.h5", "m.safetensors"])
def test_what_build_wrote_passes_every_check(path: str, options: dict[str, Any]) -> None:
    found = verify(built(path, **options))
    assert found.ok, str(found)
    assert [finding.check for finding in found.findings] == [
        "matrix", "content", "seal", "values", "tokens", "provenance", "padding", "report beside",
        "tokens beside", "page beside", "left over",
    ]  # fmt: skip


def test_what_convert_wrote_passes_too() -> None:
    built()
    embedprep.convert("v.txt", "c.npy")
    assert verify("c.npy").ok


def test_a_flipped_byte_is_found_by_the_check_of_its_place() -> None:
    data = Path(built()).read_bytes()
    rows = data.index(embedprep.open("m.npy").array.tobytes())
    tokens = data.index(b"[UNK]thecat")

    def wrong_with(place: int) -> list[str]:
        Path("m.npy").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        return list(wrong("m.npy"))

    assert wrong_with(rows + 40) == ["content"]
    assert wrong_with(tokens + 8) == ["seal"]
    assert wrong_with(len(data) - 5) == ["seal"]  # in the seal itself
    with pytest.raises(InputError, match=r"Cannot parse header|damaged or cut off"):
        wrong_with(rows - 20)


def report_of(rows: np.ndarray[Any, Any], **parts: Any) -> dict[str, Any]:
    """The parts of the report that a file of these rows, all words, needs to pass."""
    blank = blank_report()
    n = len(rows)
    return {
        "matrix": blank.matrix._replace(
            rows=n, dim=rows.shape[1], dtype=rows.dtype.name, sha256_of_pieces=sha256_of(rows)
        ),
        "counts": blank.counts._replace(rows={"exact": n}),
        **parts,
    }


def words(n: int) -> list[str]:
    return [f"w{i}" for i in range(n)]


def test_a_report_of_another_shape() -> None:
    rows = random_rows(1)
    written(words(1), rows)
    report = report_of(rows)
    matrix = report["matrix"]._replace(dim=9)
    written(words(1), rows, **{**report, "matrix": matrix})
    assert wrong("m.npy") == {"matrix": "1 x 8 float32, and its report says 1 x 9 float32"}


def test_rows_of_another_sort_than_the_report_counts() -> None:
    rows = random_rows(1)
    written(words(1), rows)
    written(words(1), rows, provenance=[2], **report_of(rows))
    assert wrong("m.npy") == {"provenance": "rows that are oov: 1, and its report says 0"}


def test_a_sort_that_there_is_not() -> None:
    rows = random_rows(1)
    written(words(1), rows)
    written(words(1), rows, provenance=[99], **report_of(rows))
    assert "provenance" in wrong("m.npy")


def test_padding_that_is_not_zeros() -> None:
    rows = random_rows(1)
    written(words(1), rows)
    report = report_of(rows)
    counts = report["counts"]._replace(rows={"padding": 1})
    written(words(1), rows, provenance=[1], **{**report, "counts": counts})
    assert wrong("m.npy") == {"padding": "row 0 is padding or has no token, and is not zeros"}


def test_values_that_are_not_finite() -> None:
    for value in (np.nan, np.inf, -np.inf):
        rows = random_rows(1)
        rows[0, 3] = value
        written(words(1), rows)
        written(words(1), rows, **report_of(rows))
        assert wrong("m.npy") == {"values": "some are not finite"}


def test_more_tokens_than_the_report_says() -> None:
    rows = random_rows(2)
    written(words(2), rows)
    written(words(2), rows, **report_of(rows))
    assert wrong("m.npy") == {"tokens": "2 tokens, and its report says 1"}


def test_a_report_beside_it_of_another_build() -> None:
    built()
    report = Path("m.coverage.json").read_text()
    built(seed=1)
    Path("m.coverage.json").write_text(report)
    assert wrong("m.npy") == {"report beside": "it is of another build"}
    Path("m.coverage.json").write_text("{")
    assert "not a coverage report" in wrong("m.npy")["report beside"]
    os.unlink("m.coverage.json")
    seen = {finding.check: finding.seen for finding in verify("m.npy").findings}
    assert seen["report beside"] == "none"


def test_keras_gives_the_rows_of_the_file() -> None:
    pytest.importorskip("keras")
    assert "gives the same vector for every id" in verify(built(), keras=True).findings[-1].seen


def test_a_keras_that_gives_other_rows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    keras = pytest.importorskip("keras")
    take = keras.ops.take

    def shifted(x: Any, ids: Any, axis: int) -> Any:
        return take(x, keras.ops.maximum(ids - (ids == 3), 0), axis=axis)

    monkeypatch.setattr("keras.src.layers.core.embedding.ops.take", shifted)
    found = verify(built(), keras=True).findings[-1]
    assert not found.ok
    assert "gives another vector for id 3" in found.seen


def test_a_keras_that_does_not_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    for name in ("embedprep.keras", "embedprep.keras.checking", "keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)

    class Refusing:
        """As Keras does where keras.json names a backend that it does not know."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "keras":
                raise ValueError("Unable to import backend : mxnet")

    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    with pytest.raises(UsageError, match="Keras does not start: Unable to import backend"):
        verify("m.npy", keras=True)


def test_keras_gives_float32_whatever_it_is_configured_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keras = pytest.importorskip("keras")
    before = keras.config.floatx()
    keras.config.set_floatx("float16")
    try:
        assert "gives the same vector" in verify(built(), keras=True).findings[-1].seen
    finally:
        keras.config.set_floatx(before)


def test_without_keras_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    for name in ("embedprep.keras", "embedprep.keras.checking"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(UsageError, match=r"embedprep\.keras needs Keras"):
        verify("m.npy", keras=True)


def test_what_is_no_matrix_is_an_error_and_no_finding() -> None:
    np.save("plain.npy", random_rows(2))
    with pytest.raises(InputError, match=r"not a \.npy matrix written by embedprep"):
        verify("plain.npy")


OPTIONS: list[dict[str, Any]] = [
    {},
    {"oov": "normal", "seed": 3, "dtype": "float16"},
    {"oov": "mean"},
    {"fallback": "lower,strip-punctuation"},
    {"fallback": "auto", "oov": "zeros"},
    {"num_words": 4},
    {"on_duplicate": "last"},
]


def seen(**inputs: Any) -> tuple[bool, str]:
    """What the last check says, that of the inputs."""
    finding = verify("m.npy", **inputs).findings[-1]
    assert finding.check == "inputs"
    return finding.ok, finding.seen


@pytest.mark.parametrize("options", OPTIONS)
def test_the_inputs_give_the_same_rows(options: dict[str, Any]) -> None:
    built(**options)
    rows = options.get("num_words", 6)
    given = {"vectors": "v.txt", "vocab": VOCABULARY}
    assert seen(**given) == (True, f"the inputs give the same {rows} rows")
    for size in (1, 1, 1, 4, 4):
        ok, text = seen(**given, sample=size)
        assert ok, text
        assert text.endswith("tokens, chosen at random")


def test_inputs_that_give_another_vector_are_found() -> None:
    built()
    Path("v.txt").write_text("the 1 2 3\ncat 4 5 7\nother 7 8 9\n")
    assert seen(vectors="v.txt", vocab=VOCABULARY) == (
        False,
        "rows that are not what the inputs give: 1; the first is row 3, 'cat'",
    )
    assert not seen(vectors="v.txt", vocab=VOCABULARY, sample=6)[0]


def test_another_vocabulary_is_found() -> None:
    built()
    swapped = [*VOCABULARY[:2], "cat", "the", *VOCABULARY[4:]]
    assert seen(vectors="v.txt", vocab=swapped) == (
        False,
        "the vocabulary has 'cat' at row 2, and the matrix 'the'",
    )
    assert seen(vectors="v.txt", vocab=VOCABULARY[:5])[1] == (
        "the inputs give 5 x 3 float32, not 6 x 3 float32"
    )


def test_the_same_rows_by_another_way_are_found() -> None:
    """The vector is right, but the report says that it is of another form of the word."""
    vocab = ["", "Cat"]
    Path("v.txt").write_text("cat 4 5 6\n")
    embedprep.build("v.txt", vocab, "m.npy", fallback="lower")
    assert seen(vectors="v.txt", vocab=vocab)[0]
    Path("v.txt").write_text("cat 4 5 6\nCat 4 5 6\n")
    for sample in (None, 2):
        assert seen(vectors="v.txt", vocab=vocab, sample=sample) == (
            False,
            "row 1 did not come from where the matrix says",
        )


def test_two_vector_files_that_share_the_rows() -> None:
    Path("w.txt").write_text("unseen 1 1 1\n")
    Path("v.txt").write_text("the 1 2 3\n")
    embedprep.build(["v.txt", "w.txt"], VOCABULARY, "m.npy")
    assert seen(vectors=["v.txt", "w.txt"], vocab=VOCABULARY)[0]
    assert not seen(vectors="v.txt", vocab=VOCABULARY)[0]


@pytest.mark.parametrize(
    "inputs",
    [
        {"vectors": "v.txt"},
        {"vocab": ["a"]},
        {"sample": 3},
        {"counts": "c.json"},
        {"words": "w.txt"},
        {"text": "t.txt"},
        {"vectors_tokens": "k.txt"},
        {"vectors": "v.txt", "vocab": ["a"], "sample": 0},
    ],
)
def test_half_of_the_inputs_is_refused(inputs: dict[str, Any]) -> None:
    built()
    with pytest.raises(UsageError):
        verify("m.npy", **inputs)


def test_the_command_takes_the_inputs(capfd: pytest.CaptureFixture[str]) -> None:
    built()
    Path("vocab.json").write_text(json.dumps(VOCABULARY))
    inputs = ["--vectors", "v.txt", "--vocab", "vocab.json"]
    code, shown, _ = run(capfd, "m.npy", *inputs)
    assert (code, shown.splitlines()[-1]) == (
        0,
        "inputs          ok      the inputs give the same 6 rows",
    )
    code, _, error = run(capfd, "m.npy", *inputs, "--sample", "0")
    assert code == 2
    assert "--sample cannot be '0'" in error


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["embedprep", "verify", *arguments])
        code = door._exit_code()
    return code, *capfd.readouterr()


def test_the_command_shows_a_table(capfd: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = run(capfd, built())
    assert code == 0
    assert shown.startswith("m.npy\n\nmatrix          ok      6 x 3 float32, as its report says\n")


def spoil(path: str) -> None:
    rows = embedprep.open(path, copy_on_write=False).array
    data = Path(path).read_bytes()
    Path(path).write_bytes(data.replace(rows.tobytes(), np.zeros_like(rows).tobytes()))


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_what_is_wrong_is_exit_code_3(
    arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(built())
    code, shown, error = run(capfd, "m.npy", *arguments)
    assert code == 3
    assert "m.npy: 1 of 11 checks found something wrong" in error
    if arguments:
        assert json.loads(shown)["ok"] is False
        assert json.loads(shown)["schema"] == "embedprep.verification/1"
    else:
        assert "content         WRONG   the rows are not those that were built" in shown


def test_python_has_it_too() -> None:
    check: Callable[..., Any] = embedprep.verify
    assert check(built()).ok


def test_what_the_user_said_of_the_vocabulary_holds_for_a_sample_too(workdir: Path) -> None:
    (workdir / "w.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    told: dict[str, Any] = {"pad_token": "nothing", "special": "<x>=7", "rows": 10}
    embedprep.build("w.txt", ["nothing", "the", "cat"], "told.npy", **told)
    for sample in (None, 1, 2):
        found = verify("told.npy", vectors="w.txt", vocab=["nothing", "the", "cat"], sample=sample)
        assert found.ok, str(found)


def test_a_sample_has_the_rules_that_auto_chose_for_all_tokens() -> None:
    """Of all tokens, too few gain by `lower`; of a sample that has one of them, many do."""
    Path("v.txt").write_text("the 1 2 3\ncat 4 5 6\n")
    vocab = ["the", "Cat", *(f"unseen{i}" for i in range(6))]
    for gain in (0.2, 0.1):
        embedprep.build("v.txt", vocab, "m.npy", fallback="auto", min_gain=gain)
        for _ in range(12):
            ok, text = seen(vectors="v.txt", vocab=vocab, sample=4)
            assert ok, text


@pytest.mark.parametrize("options", [{"fallback": "auto", "min_gain": 0.5}, {"post": "sif"}])
def test_a_matrix_that_was_built_with_counts(options: dict[str, Any]) -> None:
    Path("v.txt").write_text("the 1 2 3\ncat 4 5 6\n")
    Path("c.json").write_text(json.dumps({"Cat": 1000, "the": 1}))
    given: dict[str, Any] = {"vectors": "v.txt", "vocab": ["the", "Cat", "unseen", "unseen too"]}
    embedprep.build(given["vectors"], given["vocab"], "m.npy", counts="c.json", **options)
    assert seen(**given, counts="c.json")[0]
    if "fallback" in options:
        for size in (1, 2, 4):
            assert seen(**given, counts="c.json", sample=size)[0]
    if "post" in options:
        with pytest.raises(UsageError, match=r"from c\.json") as raised:
            verify("m.npy", **given)
        assert raised.value.remedy == "Give it, too: --counts FILE."
    else:
        assert seen(**given)[0]


def test_a_matrix_that_was_built_with_a_text() -> None:
    Path("v.txt").write_text("the 1 2 3\ncat 4 5 6\n")
    Path("t.txt").write_text("the cat cat cat\n")
    given: dict[str, Any] = {"vectors": "v.txt", "vocab": ["the", "cat"]}
    embedprep.build(given["vectors"], given["vocab"], "m.npy", text="t.txt", post="sif")
    assert seen(**given, text="t.txt")[0]
    with pytest.raises(UsageError, match=r"from t\.txt"):
        verify("m.npy", **given)


def test_a_sample_that_does_not_show_the_limit_of_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "FORMS_OF_FEW", 0)
    monkeypatch.setattr(forms, "FORMS_A_WORD", 3)
    Path("v.txt").write_text("new_york 1 2 3\n")
    vocab = [*(f"A{i}-B" for i in range(6)), "New-York"]
    for fallback in ("all", "auto"):
        embedprep.build("v.txt", vocab, "m.npy", fallback=fallback)
        assert seen(vectors="v.txt", vocab=vocab)[0]
    embedprep.build("v.txt", vocab, "m.npy", fallback="all")
    # Any token may be the sample. Alone, the last one has all its forms.
    monkeypatch.setattr(recomputing, "_sample", lambda whole, _: whole.only(np.array([6])))
    with pytest.raises(UsageError, match="which a sample does not show") as raised:
        verify("m.npy", vectors="v.txt", vocab=vocab, sample=1)
    assert raised.value.remedy == "Leave out --sample: every row is compared then."
