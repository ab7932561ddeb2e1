"""`--dtype int8`: the matrix, its bill, and every command that meets it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import embedprep
from embedprep.building import quantising
from embedprep.containers import SUFFIXES
from embedprep.containers.quantised import decoded, quantised, scales_of
from embedprep.errors import InputError, UsageError
from embedprep.matrix.shared_table import shared_table
from embedprep.options.steps import STEP_NAMES
from embedprep.report.html import render
from tests.cli.here import run_here
from tests.updating.updates import compared, published

pytestmark = pytest.mark.usefixtures("files")

WORDS = [f"w{number}" for number in range(80)]
VOCAB = ["<pad>", "<unk>", *WORDS[:60], "absent"]
OTHER_VOCAB = ["<pad>", *WORDS[50:], "lacking", "w3"]


@pytest.fixture
def files(workdir: Path) -> None:
    rows = np.random.default_rng(7).standard_normal((len(WORDS), 12))
    lines = zip(WORDS, rows.tolist(), strict=True)
    text = "".join(f"{word} {' '.join(map(repr, row))}\n" for word, row in lines)
    Path("v.txt").write_text(text + "none " + "0 " * 11 + "0\n")
    Path("vocab.json").write_text(json.dumps(VOCAB))
    Path("other.json").write_text(json.dumps(OTHER_VOCAB))


def build(output: str = "m.npy", **options: Any) -> embedprep.matrix.matrix.EmbeddingMatrix:
    given = {"vectors": "v.txt", "vocab": "vocab.json", "dtype": "int8", **options}
    embedprep.build(output=output, **given)
    return embedprep.open(f"{output}model.safetensors" if output.endswith("/") else output)


def floats(**options: Any) -> NDArray[np.float32]:
    return np.array(embedprep.build("v.txt", "vocab.json", **options)[0], np.float32)


OPTIONS: dict[str, dict[str, Any]] = {
    "plain": {},
    "normal": {"oov": "normal"},
    "a narrower space": {"post": "abtt:1,pca:5"},
    "side by side": {"vectors": ["v.txt", "w.txt"], "combine": "concat"},
    "fallback": {"fallback": "all"},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("ending", SUFFIXES)
def test_the_rows_are_those_of_a_build_of_floats(ending: str, options: dict[str, Any]) -> None:
    shutil.copy("v.txt", "w.txt")
    given = {"vectors": "v.txt", "vocab": "vocab.json", **options}
    exact = np.asarray(embedprep.build(**given)[0], np.float32)
    returned, coverage = embedprep.build(**given, output="m" + ending, dtype="int8")
    matrix, scales = embedprep.open("m" + ending), scales_of(exact)
    assert matrix.scales is not None
    assert matrix.scales.tobytes() == scales.tobytes()
    assert matrix.stored.tobytes() == quantised(exact * scales[:, None]).tobytes()
    assert returned.tobytes() == matrix.array.tobytes()
    assert (coverage.matrix.dtype, matrix.dtype.name) == ("int8", "float32")
    assert not matrix.stored[0].any()


@given(st.integers(1, 4), st.sampled_from([1, 7, 100]))
def test_no_byte_depends_on_threads_or_blocks(threads: int, values: int) -> None:
    build(threads=1)
    first = published("m", ".npy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantising, "_BLOCK_VALUES", values)
        build(threads=threads)
    assert published("m", ".npy") == first


def test_the_bill_is_that_of_the_rows() -> None:
    exact, matrix = floats().astype(np.float64), build()
    bill = matrix.coverage.quantisation
    assert bill is not None
    some = exact.any(axis=1)
    lengths = np.linalg.norm(exact, axis=1)[some]
    error = np.linalg.norm(exact - matrix.array, axis=1)[some] / lengths
    assert bill.mean_error == pytest.approx(error.mean(), rel=1e-3)
    assert bill.largest_error == pytest.approx(error.max(), rel=1e-3)
    assert bill.largest_error < 0.02
    stored = np.linalg.norm(matrix.array.astype(np.float64), axis=1)[some]
    cosine = (exact * matrix.array).sum(axis=1)[some] / lengths / stored
    worst = int(np.flatnonzero(some)[cosine.argmin()])
    assert bill.worst_cosine == pytest.approx(cosine.min(), abs=1e-6)
    assert (bill.worst_row, bill.worst_token) == (worst, matrix.tokens[worst])
    assert (bill.rows_compared, bill.rows_among) == (60, 60)
    assert bill.neighbours_kept == kept(exact[2:62], matrix.array[2:62].astype(np.float64))


def kept(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """How many of the ten nearest rows stay among the ten."""
    nearest = []
    for rows in (before, after):
        units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        cosines = units @ units.T
        np.fill_diagonal(cosines, -2)
        nearest.append(np.argsort(-cosines, axis=1)[:, :10])
    same = [len(set(one) & set(other)) for one, other in zip(*nearest, strict=True)]
    return round(float(np.mean(same)), 2)


def test_the_work_for_the_neighbours_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantising, "_MOST_VALUES", 12 * 20)
    monkeypatch.setattr(quantising, "_MOST_PRODUCTS", 12 * 20 * 4)
    bill = build().coverage.quantisation
    assert bill is not None
    assert (bill.rows_compared, bill.rows_among) == (4, 20)


def test_fewer_than_ten_neighbours() -> None:
    bill = build(vocab=["w1", "w2", "w3"]).coverage.quantisation
    assert bill is not None
    assert (bill.neighbours_kept, bill.rows_compared, bill.rows_among) == (10.0, 3, 3)
    alone = build(vocab=["w1"]).coverage.quantisation
    assert alone is not None
    assert (alone.neighbours_kept, alone.rows_compared) == (None, 0)


@pytest.mark.parametrize("value", ["1e-10", "1e-40"])
def test_a_row_too_small_for_a_number_is_lost_and_the_bill_says_so(value: str) -> None:
    Path("v.txt").write_text(f"the 1 2\ndust {value} -{value}\ncat 3 4\n")
    matrix = build(vocab=["the", "dust", "cat"])
    assert not matrix.stored[1].any()
    bill = matrix.coverage.quantisation
    assert bill is not None
    assert (bill.largest_error, bill.worst_cosine, bill.worst_token) == (1.0, 0.0, "dust")
    assert bill.rows_among == 2


def test_the_bill_is_shown() -> None:
    matrix = build(html="m.html")
    bill = matrix.coverage.quantisation
    assert bill is not None
    assert bill.mean_error is not None
    line = f"rows off by {100 * bill.mean_error:.2g} % of their length, at most "
    assert line in str(matrix.coverage)
    assert f"Stored as int8: {line}" in Path("m.html").read_text(encoding="utf-8")
    inspected = run_here("inspect", "m.npy", "--html", "n.html")
    assert inspected.code == 0
    assert f"Stored as int8: {line}" in Path("n.html").read_text(encoding="utf-8")
    # Only the rows that the page looks at are decoded.
    fresh = embedprep.open("m.npy")
    assert render(fresh.parts.report, fresh) == Path("n.html").read_text(encoding="utf-8")
    assert "array" not in vars(fresh)
    assert embedprep.verify("m.npy").ok
    build("f.npy", dtype="float32")
    assert embedprep.open("f.npy").coverage.quantisation is None


def test_there_is_no_such_matrix_in_memory() -> None:
    with pytest.raises(UsageError, match="nothing without their scales") as caught:
        embedprep.build("v.txt", "vocab.json", dtype="int8")
    assert "Name an output" in caught.value.remedy
    build()
    with pytest.raises(UsageError, match="nothing without their scales"):
        embedprep.update("m.npy", "other.json")


def test_several_vocabularies_and_a_file_of_jobs() -> None:
    build("one.npy")
    alone = published("one", ".npy")
    build("two.npy", vocab="other.json")
    other = published("two", ".npy")
    embedprep.build_all(
        {"vectors": "v.txt", "vocab": vocab, "output": output, "dtype": "int8"}
        for vocab, output in (("vocab.json", "one.npy"), ("other.json", "two.npy"))
    )
    assert published("one", ".npy") == alone
    assert published("two", ".npy") == other
    Path("jobs.toml").write_text(
        'vectors = "v.txt"\ndtype = "int8"\n[[build]]\nvocab = "vocab.json"\noutput = "one.npy"\n'
    )
    assert run_here("build", "--jobs", "jobs.toml", "-q").code == 0
    assert published("one", ".npy") == alone


@pytest.mark.parametrize("ending", SUFFIXES)
def test_an_update_is_as_a_fresh_build(ending: str, caplog: pytest.LogCaptureFixture) -> None:
    build("old" + ending)
    taken = compared("v.txt", "other.json", ending=ending, dtype="int8")
    assert taken is not None
    assert taken.reused == 0
    assert "no row of old" + ending + " is reused: they are rounded to int8" in caplog.text


@pytest.mark.parametrize(
    "post", [(), "pca:5", *(f"{name}" for name in STEP_NAMES if ":" not in name)]
)
def test_verify_builds_it_again(post: Any) -> None:
    build(post=post)
    verified = embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json")
    assert verified.ok, str(verified)
    if not post:
        assert embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json", sample=9).ok
    Path("v.txt").write_text(Path("v.txt").read_text().replace("w5 ", "w5 9"))
    assert not embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json").ok


def damage(path: str, part: bytes, value: bytes) -> None:
    content = Path(path).read_bytes()
    assert content.count(part) == 1
    Path(path).write_bytes(content.replace(part, value))


@pytest.mark.parametrize("what", ["numbers", "scales"])
@pytest.mark.parametrize("ending", SUFFIXES)
def test_a_changed_number_or_scale_is_found(ending: str, what: str) -> None:
    matrix = build("m" + ending)
    assert matrix.scales is not None
    if what == "numbers":
        damage("m" + ending, matrix.stored[5].tobytes(), matrix.stored[5][::-1].tobytes())
    else:
        damage("m" + ending, matrix.scales[5].tobytes(), (matrix.scales[5] * 2).tobytes())
    wrong = {one.check for one in embedprep.verify("m" + ending).findings if not one.ok}
    assert wrong == ({"content"} if what == "numbers" else {"content", "seal"})
    with pytest.raises(InputError, match="its rows are not those that were built"):
        shared_table("m" + ending).check_rows()


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_that_is_none(scale: float) -> None:
    matrix = build()
    assert matrix.scales is not None
    damage("m.npy", matrix.scales[5].tobytes(), np.float32(scale).tobytes())
    wrong = {one.check for one in embedprep.verify("m.npy").findings if not one.ok}
    assert "values" in wrong
    embedprep.open("m.npy").explain("w3")  # without a warning
    with pytest.raises(InputError, match="record 'w3' has a value that is not finite"):
        embedprep.build("m.npy", ["w3"])
    rows, report = embedprep.build("m.npy", ["w3", "w4"], oov="zeros", on_malformed="skip")
    assert report.records["nonfinite"] == 1
    assert not rows[0].any()


def test_one_row_is_decoded_and_not_all() -> None:
    matrix = build()
    assert matrix.scales is not None
    expected = decoded(matrix.stored, matrix.scales)
    for row in (3, np.int64(3), np.uint8(3)):
        assert matrix[row].tobytes() == expected[3].tobytes()
    table = shared_table("m.npy")
    ids = np.array([[3, 0], [62, 3]], np.uint64)
    assert table.gather(ids).tobytes() == expected[ids.astype(int)].tobytes()
    assert "array" not in vars(matrix)
    assert "array" not in vars(table.matrix)
    assert np.asarray(matrix).tobytes() == expected.tobytes()
    assert not matrix.array.flags.writeable
    assert not matrix.scales.flags.writeable
    assert matrix[2:4].tobytes() == expected[2:4].tobytes()
    assert repr(matrix) == "<EmbeddingMatrix m.npy: 63 x 12 int8>"


def test_rows_can_be_assigned_to_a_copy() -> None:
    build()
    matrix = embedprep.open("m.npy", copy_on_write=True)
    matrix.array[3] = 7
    assert matrix[3].tolist() == [7] * 12
    assert matrix.vectors(np.array([3])).tolist() == [[7] * 12]
    assert matrix.scales is not None
    assert matrix.scales.flags.writeable
    assert embedprep.open("m.npy")[3].tolist() != [7] * 12
    with pytest.raises(UsageError, match="copy_on_write"):
        shared_table(matrix)


def test_it_is_explained_and_compared() -> None:
    matrix = build()
    exact = build("f.npy", dtype="float32")
    assert [token for token, _ in matrix.neighbours("w3", 5)] == [
        token for token, _ in exact.neighbours("w3", 5)
    ]
    assert matrix.explain("w3").norm == pytest.approx(exact.explain("w3").norm, rel=0.01)
    rounded = embedprep.open("m.npy")
    assert embedprep.compare(rounded, exact).incomparable == "of int8 and float32"
    assert embedprep.compare(rounded, matrix).same
    assert "array" not in vars(rounded)  # nothing was decoded
    assert embedprep.compare("m.npy", build("n.h5")).same
    for change in ("1", "9"):
        text = Path("v.txt").read_text()
        Path("x.txt").write_text(text.replace("w5 ", f"w5 {change}"))
        differing = embedprep.compare("m.npy", build("n.npy", vectors="x.txt"))
        assert differing.changed is not None
        assert [move.token for move in differing.changed.tokens] == ["w5"]


def test_rows_with_other_scales_differ() -> None:
    Path("v.txt").write_text("w1 127 -4 3\n")
    Path("x.txt").write_text("w1 254 -8 6\n")
    one, other = build(vocab=["w1"]), build("n.npy", vocab=["w1"], vectors="x.txt")
    assert np.array_equal(one.stored, other.stored)
    changed = embedprep.compare(one, other).changed
    assert changed is not None
    assert changed.count == 1


@pytest.mark.parametrize("source", SUFFIXES)
@pytest.mark.parametrize("target", SUFFIXES)
def test_it_is_converted_to_the_bit(source: str, target: str) -> None:
    matrix = build("m" + source)
    assert matrix.scales is not None
    embedprep.convert("m" + source, "c" + target)
    converted = embedprep.open("c" + target)
    assert converted.scales is not None
    rows = [matrix.row(token) for token in converted.tokens]
    assert len(rows) == 60
    assert converted.stored.tobytes() == matrix.stored[rows].tobytes()
    assert converted.scales.tobytes() == matrix.scales[rows].tobytes()
    assert embedprep.verify("c" + target).ok
    embedprep.convert("m" + source, "d" + target, vocab=["w7", "zebra", "w3"])
    few = embedprep.open("d" + target)
    assert few.stored.tobytes() == matrix.stored[[matrix.row(one) for one in few.tokens]].tobytes()
    assert sorted(few.tokens) == ["w3", "w7"]


@pytest.mark.parametrize("name", ["c.vec", "c.bin"])
def test_other_formats_get_the_decoded_rows(name: str) -> None:
    matrix = build()
    embedprep.convert("m.npy", name)
    again, _ = embedprep.build(name, WORDS[:60])
    assert again.tobytes() == matrix.array[2:62].tobytes()


@pytest.mark.parametrize("ending", SUFFIXES)
def test_it_is_read_as_vectors(ending: str) -> None:
    matrix = build("m" + ending)
    again, coverage = embedprep.build("m" + ending, ["w9", "absent", "w2"], oov="zeros")
    assert again[0].tobytes() == matrix[matrix.row("w9")].tobytes()
    assert again[2].tobytes() == matrix[matrix.row("w2")].tobytes()
    assert not again[1].any()  # made up, and so no record
    assert coverage.vectors[0].records == 60
    examined = run_here("doctor", "m" + ending)
    assert examined.code == 0, examined.err


def test_one_that_is_read_as_a_stream_is_refused() -> None:
    build()
    shutil.make_archive("packed", "zip", ".", "m.npy")
    np.save("bare.npy", embedprep.open("m.npy").stored)
    Path("bare.tokens.json").write_text(json.dumps(VOCAB))
    for path in ("packed.zip::m.npy", "bare.npy"):
        with pytest.raises(InputError, match="an array of int8, not a matrix") as caught:
            embedprep.build(path, ["w1"])
        assert "If embedprep built it, decompress or save it first" in caught.value.remedy


def test_a_model_of_int8(caplog: pytest.LogCaptureFixture) -> None:
    model2vec = pytest.importorskip("model2vec")
    tokenizers = pytest.importorskip("tokenizers")
    words = {token: number for number, token in enumerate(["[UNK]", *WORDS])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.save("tokenizer.json")
    build("small/", vocab="tokenizer.json")
    assert "load it with model2vec 0.7 or later" in caplog.text
    matrix = embedprep.open("small/model.safetensors")
    assert embedprep.verify(matrix.path).ok
    model = model2vec.StaticModel.from_pretrained("small")
    text = ["w3 w9 w9", "w1", "nothing"]
    expected = [matrix.array[ids].mean(axis=0) for ids in ([4, 10, 10], [2])]
    assert np.allclose(model.encode(text), [*expected, np.zeros(12)], rtol=1e-5, atol=1e-7)
    embedprep.build("v.txt", "tokenizer.json", "large/")
    large = model2vec.StaticModel.from_pretrained("large").encode(text[:2])
    assert np.linalg.norm(model.encode(text[:2]) - large) < 0.02 * np.linalg.norm(large)
    again, _ = embedprep.build("small/", ["w3"])
    assert again[0].tobytes() == matrix[4].tobytes()


def test_a_report_of_a_later_version_may_lack_the_bill() -> None:
    coverage = build().coverage
    told = coverage._replace(quantisation=None).to_dict()
    del told["quantisation"]
    assert type(coverage).from_json(json.dumps(told), "r.json").quantisation is None
