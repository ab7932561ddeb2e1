"""Explaining rows: what filled them, the nearest vectors, the nearest spellings, analogies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import embedprep
from embedprep.coverage.record import Advice, Missing
from embedprep.errors import InputError, UsageError
from embedprep.explain import Explanation, explain, parse
from embedprep.explain.explanation import Neighbour, Spelling
from embedprep.explain.naming import Form
from embedprep.explain.spelling import distances, edits_allowed
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.provenance import Provenance
from tests.matrices import blank_report, random_rows, written

pytestmark = [
    # Nothing here comes near the core.
    pytest.mark.usefixtures("workdir"),
]

laws = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

EXACT, OOV = Provenance.EXACT, Provenance.OOV


# ---- what filled a row


def test_a_word_of_the_file() -> None:
    Path("v.txt").write_bytes(b"a 3 4\nthe 0 2\ncat 0 1\n")
    embedprep.build("v.txt", ["", "the", "cat"], "m.npy")
    assert EmbeddingMatrix("m.npy").explain("the", 1) == Explanation(
        asked="the",
        token="the",
        rows=(1,),
        also=(),
        provenance="exact",
        oov="uniform",
        keys=(),
        files=("v.txt",),
        file_keys=("words",),
        record=1,
        line=2,
        norm=2.0,
        count=None,
        kind=None,
        neighbours=(Neighbour("cat", 2, 1.0),),
        spellings=(),
        advice=(),
        recommended=(),
    )


@pytest.mark.parametrize(("format", "line"), [("text", 6), ("npy", None)])
def test_lines_count_from_one_records_from_zero(format: str, line: int | None) -> None:
    one = blank()._replace(format=format)
    found = written(["a"], random_rows(1), records=[5], vectors=(one,)).explain("a")
    assert (found.record, found.line) == (5, line)
    where = f"line {line}" if line else "record 5 (the first is 0)"
    assert f"  file        v.txt, {where}\n" in str(found)


def blank() -> Any:
    Path("v.txt").write_bytes(b"the 1\n")
    return blank_report().vectors[0]


def test_of_two_files_both_are_named_and_no_record() -> None:
    two = tuple(blank()._replace(path=path) for path in ("one", "two", "3"))
    matrix = written(
        ["a", "b"], random_rows(2), sources=[0b101, 0b010], records=[4, 7], vectors=two
    )
    found = matrix.explain("a")
    assert (found.files, found.record, found.line) == (("one", "3"), None, None)
    found = matrix.explain("b")
    assert (found.files, found.record, found.line) == (("two",), 7, 8)


def test_a_fallback_rule_and_its_key() -> None:
    matrix = written(
        ["The", "well-known", "x"],
        random_rows(3),
        [Provenance.LOWER, Provenance.COMPOUND, EXACT],
        keys={0: b"the", 1: b"well\0known\xff"},
    )
    found = matrix.explain("The", 0)
    assert (found.provenance, found.keys) == ("lower", ("the",))
    assert str(found).splitlines()[1:4] == [
        "  row         0",
        "  vector      of another form, by --fallback lower",
        "  key         'the'",
    ]
    found = matrix.explain("well-known", 0)
    assert found.keys == ("well", "known\\xff")
    assert "the mean of 2 keys, by --fallback compound" in str(found)


@pytest.mark.parametrize("code", [*Provenance, 200])
def test_every_provenance_has_words(code: int) -> None:
    found = written(["a", "b"], random_rows(2), [code, EXACT]).explain("a")
    assert found.has_vector == (code >= EXACT)
    assert bool(found.neighbours) == (code >= EXACT)
    line = str(found).splitlines()[2]
    assert line.startswith("  vector      ")
    named = str(found.provenance) in line or code in (EXACT, OOV, 0, 1, 4, 5, 6, 7)
    assert named, line


def test_a_token_without_a_vector() -> None:
    matrix = written(
        ["marin", "maren", "mare", "other"],
        random_rows(4),
        [EXACT, OOV, EXACT, EXACT],
        counts=written(["a"], random_rows(1)).coverage.counts._replace(
            missing=(Missing("maren", 1, 1234, "name"),),
        ),
        advice=(
            Advice("lower", 3, None, (("Other", "other"),)),
            Advice("accents", 1, None, (("maren", "mären"),)),
        ),
        options={"oov": "normal"},
    )
    found = matrix.explain("maren")
    assert (found.count, found.kind, found.provenance) == (1234, "name", "oov")
    assert found.neighbours == ()
    assert found.spellings == (Spelling("marin", 0, 1), Spelling("mare", 2, 1))
    assert found.advice == (("accents", "mären"),)
    lines = str(found).splitlines()
    assert "  vector      none: filled by --oov normal" in lines
    assert "  occurs      1,234 x" in lines
    assert "  kind        name" in lines
    assert "  advice      --fallback accents finds 'mären'" in lines
    assert lines[-2:] == [f"    {'marin':<30}   1 edit", f"    {'mare':<30}   1 edit"]


def test_padding_is_not_misspelt() -> None:
    found = written(["<pad>", "<pat>"], random_rows(2), [Provenance.PADDING, EXACT]).explain(0)
    assert (found.token, found.spellings) == ("<pad>", ())


def test_a_token_that_the_vocabulary_lacks() -> None:
    found = written(["the", "cat"], random_rows(2)).explain("teh")
    assert (found.token, found.rows, found.provenance, found.norm) == (None, (), None, None)
    assert found.spellings == (Spelling("the", 0, 1),)
    assert str(found).splitlines()[:2] == ["teh", "  row         none: it is not in the vocabulary"]


def test_a_row() -> None:
    matrix = written(["", "the", "the", ""], random_rows(4), [1, EXACT, EXACT, 0])
    assert matrix.explain(2) == replace(matrix.explain("the"), asked=2)
    assert matrix.explain(2).rows == (1, 2)
    padding = matrix.explain(0)
    assert (padding.token, padding.rows, padding.provenance) == (None, (0,), "padding")
    assert str(padding).splitlines()[:2] == ["row 0", "  row         0"]
    for row in (-1, 4):
        with pytest.raises(UsageError, match=f"no row {row}"):
            matrix.explain(row)


def test_the_norm_is_of_the_row_as_it_is() -> None:
    rows = np.array([[3e38, 3e38], [3e-45, 0], [0, 0], [np.nan, 1]], np.float32)
    matrix = written(["a", "b", "c", "d"], rows)
    norms = [matrix.explain(i).norm for i in range(4)]
    assert norms[0] == pytest.approx(3e38 * 2**0.5, rel=1e-6)
    assert norms[1:] == [pytest.approx(3e-45, rel=0.1), 0.0, None]


def test_json_holds_no_number_that_is_none() -> None:
    rows = np.array([[np.inf, 1], [1, 1]], np.float32)
    text = json.dumps(written(["a", "b"], rows).explain("a").to_dict(), allow_nan=False)
    assert json.loads(text)["neighbours"] == []


# ---- finding a token


TOKEN = st.text(st.sampled_from("abé\u0301日\ud800\x00"), max_size=3)


@laws
@given(st.lists(TOKEN, min_size=1, max_size=12), TOKEN)
def test_a_token_is_found_at_all_its_rows_and_nowhere_else(tokens: list[str], sought: str) -> None:
    parts = written(tokens, np.ones((len(tokens), 1), np.float32)).parts
    expected = [i for i, token in enumerate(tokens) if token == sought != ""]
    assert parts.rows_of(sought).tolist() == expected


@pytest.mark.parametrize(
    ("surface", "tokens", "asked", "meant", "also"),
    [
        ("byte-level", ["Ġthe"], "the", "Ġthe", []),
        ("byte-level", ["the", "Ġthe"], "the", "the", ["Ġthe"]),
        ("byte-level", ["ĠcafÃ©"], "café", "ĠcafÃ©", []),
        ("byte-level", ["cafÃ©"], "café", "cafÃ©", []),
        ("byte-level", ["Ġthe"], "Ġthe", "Ġthe", []),
        ("metaspace", ["▁the"], "the", "▁the", []),
        ("metaspace", ["Ġthe"], "the", None, []),
        ("word-end", ["the</w>"], "the", "the</w>", []),
        ("wordpiece", ["##ing"], "ing", "##ing", []),
        ("wordpiece", ["##ing", "ing"], "ing", "ing", ["##ing"]),
        ("plain", ["▁the", "Ġthe", "the</w>", "##the"], "the", None, []),
        ("of a later version", ["the"], "the", "the", []),
    ],
)
def test_a_plain_word_finds_the_token_of_its_tokenizer(
    surface: str, tokens: list[str], asked: str, meant: str | None, also: list[str]
) -> None:
    rows = random_rows(len(tokens))
    found = written(tokens, rows, surface=surface).explain(asked, 0)
    assert found.token == meant
    assert found.also == tuple(Form(token, tokens.index(token)) for token in also)
    if meant not in (None, asked):
        assert str(found).startswith(f"{meant}  (the token of '{asked}')\n")


def test_what_the_vocabulary_lacks_is_spelt_as_its_tokenizer_would() -> None:
    matrix = written(["Ġ", "Ġthe", "the"], random_rows(3), surface="byte-level")
    assert [one.token for one in matrix.explain("teh").spellings] == ["Ġthe"]
    matrix = written(["##the", "the"], random_rows(2), surface="wordpiece")
    assert [one.token for one in matrix.explain("teh").spellings] == ["the"]


def test_tokens_that_are_not_utf8_are_an_error_not_a_bug() -> None:
    written(["ab", "cd"], random_rows(2))
    content = Path("m.npy").read_bytes()
    assert content.count(b"abcd") == 1
    Path("m.npy").write_bytes(content.replace(b"abcd", b"ab\xff\xff"))
    for ask in ("ab", "xx", 1):
        with pytest.raises(InputError, match="not UTF-8") as caught:
            EmbeddingMatrix("m.npy").explain(ask)
        assert caught.value.path == "m.npy"


# ---- the nearest vectors


def oracle(tokens: Sequence[str], rows: NDArray[Any]) -> Any:
    gensim = pytest.importorskip("gensim.models")
    vectors = gensim.KeyedVectors(rows.shape[1])
    vectors.add_vectors(list(tokens), rows.astype(np.float32))
    return vectors


def agree(found: list[tuple[str, float]], expected: list[tuple[str, float]]) -> None:
    assert [token for token, _ in found] == [token for token, _ in expected]
    assert [c for _, c in found] == pytest.approx([c for _, c in expected], abs=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("suffix", [".npy", ".h5"])
@pytest.mark.parametrize("dim", [1, 7, 300])
def test_neighbours_are_those_of_gensim(dtype: str, suffix: str, dim: int) -> None:
    n = 3000  # several pieces at 300 dimensions
    tokens = [f"w{i}" for i in range(n)]
    rows = random_rows(n, dim, dtype)
    matrix, reference = written(tokens, rows, path=f"m{suffix}"), oracle(tokens, rows)
    if dim == 1:  # all cosines are 1 or -1: the order is ours
        same = [token for token, row in zip(tokens, rows, strict=True) if row[0] * rows[5, 0] > 0]
        same.remove("w5")
        assert matrix.neighbours("w5") == [(token, 1.0) for token in same[:10]]
        return
    for word in ("w0", "w7", "w2999"):
        agree(matrix.neighbours(word), reference.most_similar(word))
    every = dict(reference.most_similar("w11", topn=n))
    assert dict(matrix.neighbours(11, n=n)) == pytest.approx(every, abs=1e-6)
    agree(
        matrix.analogy(["w1", "w2"], ["w3"], n=5),
        reference.most_similar(["w1", "w2"], ["w3"], topn=5),
    )
    agree(matrix.analogy(["w1"]), reference.most_similar("w1"))
    agree(matrix.analogy([], ["w1"]), reference.most_similar([], ["w1"]))


def test_only_rows_with_a_vector_are_neighbours_and_never_the_word_itself() -> None:
    tokens = ["a", "oov", "b", "a", "pad", "zero", "c"]
    rows = np.array([[1, 0], [1, 0], [1, 1], [1, 0], [0, 0], [0, 0], [-1, 0]], np.float32)
    matrix = written(tokens, rows, [EXACT, OOV, EXACT, EXACT, 1, EXACT, Provenance.SUBWORD])
    assert matrix.neighbours("a") == [("b", pytest.approx(0.5**0.5)), ("c", -1.0)]
    assert matrix.neighbours(3) == matrix.neighbours("a")
    assert matrix.neighbours("zero") == []
    assert matrix.neighbours("b", n=0) == []


def test_a_repeated_token_is_one_neighbour() -> None:
    tokens = ["a", "b", "b", "b", "b", "c", "d"]
    rows = np.array([[1, 0], *[[2, 1]] * 4, [1, 1], [1, 2]], np.float32)
    matrix = written(tokens, rows)
    assert [token for token, _ in matrix.neighbours("a", n=2)] == ["b", "c"]
    assert [token for token, _ in matrix.neighbours("a", n=99)] == ["b", "c", "d"]
    assert matrix.explain("a", 1).neighbours[0].row == 1
    assert [one.row for one in matrix.explain("bb").spellings] == [1]


@pytest.mark.parametrize("scale", [1e-44, 1e-22, 1e25, 3e38])
def test_values_at_the_ends_of_float32(scale: float) -> None:
    """Where squares of the values overflow, or vanish, or lose their digits."""
    directions = np.array([[1, 0], [1, 1], [0, 1], [-1, 0.5]])
    rows = np.concatenate([directions * scale, directions]).astype(np.float32)
    found = written(list("abcdABCD"), rows).neighbours("a", n=7)
    assert [token.lower() for token, _ in found] == ["a", "b", "b", "c", "c", "d", "d"]
    expected = [1, 0.5**0.5, 0.5**0.5, 0, 0]
    assert [cosine for _, cosine in found[:5]] == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("scale", [1e-22, 1e-16, 1, 1e18, 1e25])
def test_the_length_of_a_row_does_not_decide_whether_it_is_looked_at(scale: float) -> None:
    """Of a few that are asked for, among many that are almost as near."""
    angles = np.array([0, *(0.3 + 0.001 * np.arange(60))])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    rows[2::2] *= scale
    found = written([f"w{i}" for i in range(61)], rows.astype(np.float32)).explain("w0", 5)
    assert [one.row for one in found.neighbours] == [1, 2, 3, 4, 5]


def test_rows_without_any_value() -> None:
    found = written(["a", "b"], np.zeros((2, 0), np.float32)).explain("a")
    assert (found.norm, found.neighbours) == (0.0, ())


def test_equally_near_rows_come_in_their_order() -> None:
    """Thousands of candidates that float32 cannot tell apart."""
    rows = np.ones((5000, 30), np.float32)
    rows[4000] *= 3
    rows[0, 0] = 1.001
    found = written([f"w{i}" for i in range(5000)], rows).explain("w1", 3)
    assert [one.row for one in found.neighbours] == [2, 3, 4]


def test_rows_that_only_float64_can_tell_apart() -> None:
    direction, noise = random_rows(1, 300)[0], random_rows(500, 300, seed=2)
    rows = (direction + noise * 2e-5).astype(np.float32)
    exact = rows.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    expected = np.argsort(-(exact @ exact[0])[1:], kind="stable")[:10] + 1
    found = written([f"w{i}" for i in range(500)], rows).explain("w0")
    assert [one.row for one in found.neighbours] == expected.tolist()


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = written([f"w{i}" for i in range(2000)], random_rows(2000, 300))
    results = set()
    for cores in (1, 2, 7):
        monkeypatch.setattr("embedprep._platform.available_cores", lambda cores=cores: cores)
        results.add(tuple(matrix.neighbours("w3", n=50)))
    assert len(results) == 1


def test_many_tokens_take_several_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = written([f"w{i}" for i in range(7)], random_rows(7))
    alone = [matrix.explain(i, 3) for i in range(7)]
    monkeypatch.setattr("embedprep.explain.nearest._TOGETHER", 2)
    assert explain(range(7), matrix.parts, 3) == alone


def test_a_word_without_a_vector_has_no_neighbours() -> None:
    matrix = written(["a", "b"], random_rows(2), [EXACT, OOV])
    for ask, says in (("b", "no vector"), (1, "no vector"), ("c", "vocabulary"), (2, "0 to 1")):
        with pytest.raises(InputError, match=says) as caught:
            matrix.neighbours(ask)
        assert caught.value.token == str(ask)
    with pytest.raises(InputError, match="no vector"):
        matrix.analogy(["a"], ["b"])


def test_a_plain_word_with_a_vector_goes_before_a_piece_without() -> None:
    matrix = written(
        ["the", "Ġthe", "Ġa"], random_rows(3), [OOV, EXACT, EXACT], surface="byte-level"
    )
    assert [token for token, _ in matrix.neighbours("the")] == ["Ġa"]


def test_a_sum_of_nothing_has_no_direction() -> None:
    matrix = written(["a", "b", "c"], random_rows(3))
    assert matrix.analogy(["a"], ["a"]) == []
    assert matrix.analogy([]) == []


# ---- the nearest spellings


def plain_distance(a: str, b: str) -> int:
    """Optimal string alignment, as the textbook has it."""
    d = [[i + j if i * j == 0 else 0 for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i][j] = min(
                d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])
            )
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1)
    return d[-1][-1]


def test_the_oracle_swaps_neighbours_once() -> None:
    assert plain_distance("teh", "the") == 1
    assert plain_distance("ca", "abc") == 3


def code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


WORD = st.text("abc日", min_size=1, max_size=9)


@laws
@given(WORD, st.lists(WORD, min_size=1, max_size=20), st.integers(1, 3))
def test_distances_are_those_of_the_textbook(sought: str, tokens: list[str], most: int) -> None:
    near = [token for token in tokens if abs(len(token) - len(sought)) <= most]
    width = len(sought) + most
    columns = np.zeros((width, len(near)), np.uint32)
    for t, token in enumerate(near):
        columns[: len(token), t] = code_points(token)
    lengths = np.array([len(token) for token in near], np.int64)
    found = distances(code_points(sought), columns, lengths, most)
    expected = [min(plain_distance(sought, token), most + 1) for token in near]
    assert found.tolist() == expected


@laws
@given(st.text("abé日", min_size=1, max_size=7), st.lists(WORD, min_size=1, max_size=30))
def test_the_nearest_spellings_are_the_nearest(sought: str, tokens: list[str]) -> None:
    distinct = [token for token in dict.fromkeys(tokens) if token != sought]
    matrix = written(["", *distinct], np.ones((len(distinct) + 1, 1), np.float32))
    most = edits_allowed(sought)
    ranked = sorted(
        (plain_distance(sought, token), row, token) for row, token in enumerate(distinct, 1)
    )
    expected = [Spelling(token, row, edits) for edits, row, token in ranked if edits <= most]
    assert list(matrix.explain(sought, 0).spellings) == expected[:5]


def test_spellings_are_of_tokens_with_a_vector() -> None:
    matrix = written(["hause", "mouse", "house"], random_rows(3), [OOV, EXACT, OOV])
    assert [one.token for one in matrix.explain("house").spellings] == ["mouse"]


def test_long_tokens_are_compared_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedprep.explain.spelling._CHARACTERS_AT_ONCE", 500)
    tokens = ["a" * 60 + chr(0x100 + i) for i in range(50)] + ["a" * 1000]
    matrix = written(tokens, random_rows(51))
    assert matrix.explain("a" * 60).spellings == tuple(
        Spelling(token, row, 1) for row, token in enumerate(tokens[:5])
    )


def test_hostile_lengths() -> None:
    matrix = written(["a" * 1001, "", "b"], random_rows(3))
    assert [one.edits for one in matrix.explain("a" * 1000).spellings] == [1]
    assert matrix.explain("a" * 100_000).spellings == ()
    assert matrix.explain("").spellings == ()
    assert matrix.explain("").rows == ()
    assert matrix.explain("c").spellings == ()  # one letter is like any other


# ---- analogies


@pytest.mark.parametrize(
    ("expression", "signed"),
    [
        (["king - man + woman"], [(1, "king"), (-1, "man"), (1, "woman")]),
        (["king", "-", "man", "+", "woman"], [(1, "king"), (-1, "man"), (1, "woman")]),
        (["- man + king"], [(-1, "man"), (1, "king")]),
        (["new york", "-", "usa"], [(1, "new york"), (-1, "usa")]),
        (["+", "e-mail", "+", "b"], [(1, "e-mail"), (1, "b")]),
    ],
)
def test_expressions(expression: list[str], signed: list[tuple[int, str]]) -> None:
    assert parse(expression) == signed


@pytest.mark.parametrize(
    "expression",
    [
        [], [""], ["king"], ["king - - + woman"], ["king -"], ["king", "-"], ["king - - man"],
        ["king man"], ["- king"], ["king-man"], ["-"], ["+ +"], ["+ + +", "-"],
        ["king - man woman"], ["a -"],
    ],
)  # fmt: skip
def test_malformed_expressions(expression: list[str]) -> None:
    with pytest.raises(UsageError, match="is no analogy") as caught:
        parse(expression)
    assert "king - man + woman" in caught.value.remedy
