"""--post: the rows found in another space, and every other row as it should be there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.post import exact
from embedprep.post.oov import Oov, fill_missing
from embedprep.provenance import Provenance
from embedprep.vocabulary import read
from tests.cli.here import run_here
from tests.updating.updates import published

CONTAINERS = [".npy", ".h5", ".safetensors"]
STEPS = [
    *("center", "abtt:2", "pca:3", "pca:0.9", "unit", "sif", "sif:0.01"),
    *("center,unit", "abtt:1,pca:4,unit,sif:0.1", "unit,abtt:1", "sif,pca:2"),
]
THREADS_OF_LIBRARIES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
COUNT, DIM = 60, 6
WORDS = [f"word{number}" for number in range(COUNT)]
VOCAB = ["<pad>", "<unk>", *WORDS[:50], "absent", "lacking"]
FOUND = slice(2, 52)
Rows = NDArray[np.float32]


def random_rows(count: int = COUNT, dim: int = DIM) -> Rows:
    rng = np.random.default_rng(count)
    return (rng.standard_normal((count, dim)) * np.geomspace(4, 0.2, dim) + 1).astype(np.float32)


def as_text(words: list[str], rows: Rows) -> str:
    lines = zip(words, rows, strict=True)
    return "".join(f"{word} {' '.join(map(repr, row.tolist()))}\n" for word, row in lines)


@pytest.fixture(autouse=True)
def files(workdir: Path) -> None:
    Path("v.txt").write_text(as_text(WORDS, random_rows()))
    Path("vocab.json").write_text(json.dumps(VOCAB))


def build(post: Any, **more: Any) -> tuple[NDArray[np.floating], Any]:
    return embedprep.build(**{"vectors": "v.txt", "vocab": "vocab.json", "post": post} | more)


def centred(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x - x.mean(axis=0))


# With numpy's own linear algebra, in float64.


def test_center() -> None:
    x = random_rows()[:50].astype(np.float64)
    assert np.allclose(build("center")[0][FOUND], centred(x), atol=1e-6)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_all_but_the_top(count: int) -> None:
    x = centred(random_rows()[:50].astype(np.float64))
    top = np.linalg.svd(x)[2][:count]
    assert np.allclose(build(f"abtt:{count}")[0][FOUND], x - x @ top.T @ top, atol=1e-5)


@pytest.mark.parametrize("kept", [1, 3, 6, 0.5, 0.9, 0.999])
def test_principal_components_as_scikit_learn_has_them(kept: float) -> None:
    decomposition = pytest.importorskip("sklearn.decomposition")
    reference = decomposition.PCA(n_components=kept, svd_solver="full")
    expected = reference.fit_transform(random_rows()[:50].astype(np.float64))
    found, report = build(f"pca:{kept:g}")
    assert found.shape == (len(VOCAB), expected.shape[1])
    signs = np.sign((found[FOUND] * expected).sum(axis=0))
    assert np.allclose(found[FOUND] * signs, expected, atol=1e-5)
    assert report.post.steps[0].variance == pytest.approx(
        reference.explained_variance_ratio_.sum(), abs=1e-6
    )


def test_unit() -> None:
    found, _ = build("unit")
    x = random_rows()[:50]
    assert np.allclose(found[FOUND], x / np.linalg.norm(x, axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("post_fit", ["rows", "vectors:99"])
@pytest.mark.parametrize("post", ["center", "abtt:2", "pca:3", "unit", "sif"])
def test_a_record_of_zeros_stays_so_and_takes_no_part(post: str, post_fit: str) -> None:
    expected, _ = build(post, post_fit=post_fit)
    with Path("v.txt").open("a") as file:
        file.write("absent" + " 0" * DIM + "\n")
    found, report = build(post, post_fit=post_fit, output="m.npy")
    assert np.array_equal(found[FOUND], expected[FOUND])
    assert not found[VOCAB.index("absent")].any()
    assert report.records["zero_rows"] == 1
    assert not embedprep.open("m.npy").transform(np.zeros(DIM)).any()


def test_frequencies_of_counts() -> None:
    counts = {word: 3 * number + 1 for number, word in enumerate(WORDS[:50])} | {"<unk>": 999}
    Path("counts.json").write_text(json.dumps(counts))
    found, report = build("sif:0.01", counts="counts.json")
    share = np.array(list(counts.values())[:50]) / sum(list(counts.values())[:50])
    assert np.allclose(found[FOUND], random_rows()[:50] * (0.01 / (0.01 + share))[:, None])
    assert report.post.frequencies == "count"


def test_frequencies_of_ids() -> None:
    found, report = build("sif")
    share = 1 / np.arange(1, 53)  # the words found, and the two that are missing
    share /= share.sum()
    weight = 0.001 / (0.001 + share[:50])
    assert np.allclose(found[FOUND], random_rows()[:50] * weight[:, None], rtol=1e-6)
    assert report.post.frequencies == "id"
    assert "frequencies by rank of the id" in str(report)


def test_the_steps_follow_each_other() -> None:
    first, _ = build("abtt:1", output="first.npy")
    Path("v.txt").write_text(as_text(WORDS[:50], first[FOUND]))
    again, _ = build("pca:2,unit")
    Path("v.txt").write_text(as_text(WORDS, random_rows()))
    both, _ = build("abtt:1,pca:2,unit")
    assert np.array_equal(both, again)


# The other rows.


@pytest.mark.parametrize("post", STEPS)
@pytest.mark.parametrize("oov", ["uniform", "normal", "mean", "zeros"])
def test_rows_without_a_vector_are_filled_in_the_new_space(post: str, oov: str) -> None:
    found, _ = build(post, oov=oov)
    expected = np.zeros_like(found)
    expected[FOUND] = found[FOUND]
    provenance = np.full(len(VOCAB), Provenance.EXACT, np.uint8)
    provenance[[0, 1, -2, -1]] = [Provenance.PADDING, *[Provenance.OOV] * 3]
    fill_missing(expected, read(VOCAB), provenance, Oov(oov))
    assert np.array_equal(found, expected)
    assert not found[0].any()


def test_special_tokens_take_no_part_in_the_fit() -> None:
    far = np.vstack([random_rows(), np.full((1, DIM), 99, np.float32)])
    Path("v.txt").write_text(as_text([*WORDS, "<unk>"], far))
    with_it, report = build("pca:2")
    Path("v.txt").write_text(as_text(WORDS, random_rows()))
    without, _ = build("pca:2")
    assert np.array_equal(with_it[FOUND], without[FOUND])
    assert report.post.fitted_on == 50


def test_a_row_that_some_files_lack_is_complete_before_the_steps() -> None:
    Path("w.txt").write_text(as_text(WORDS[:40], random_rows()[:40] * 2))
    both = {"vectors": ["v.txt", "w.txt"], "combine": "concat"}
    plain, _ = build((), **both)
    found, report = build("abtt:1", **both)
    assert report.post.fitted_on == 40
    assert report.counts.rows["partial"] == 10
    embedprep.build("v.txt", VOCAB, "m.npy", post="center")
    x = plain[2:42].astype(np.float64)
    top = np.linalg.svd(centred(x))[2][:1]
    y = plain[FOUND] - x.mean(axis=0)
    assert np.allclose(found[FOUND], y - y @ top.T @ top, atol=1e-5)


# The same bytes.


@pytest.mark.parametrize("post", STEPS)
def test_any_block_size_thread_and_container(post: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, _ = build(post, threads=1)
    for values, threads, output in [(1, 1, None), (20, 3, "m.npy"), (64, 2, "m.h5")]:
        monkeypatch.setattr(exact, "_BLOCK_VALUES", values)
        assert np.array_equal(build(post, threads=threads, output=output)[0], expected)
    assert np.array_equal(build(post, output="m.safetensors")[0], expected)


@pytest.mark.parametrize("post", ["center", "abtt:2", "pca:3", "unit", "abtt:1,pca:2,unit"])
def test_any_order_of_the_vocabulary(post: str) -> None:
    expected, _ = build(post, oov_scale="match")
    order = np.random.default_rng(1).permutation(np.arange(1, len(VOCAB)))
    other = ["<pad>", *(VOCAB[place] for place in order)]
    found, _ = build(post, vocab=other, oov_scale="match")
    assert np.array_equal(found[1:], expected[order])


def test_any_number_of_threads_of_the_linear_algebra() -> None:
    Path("v.txt").write_text(as_text([f"w{i}" for i in range(500)], random_rows(500, 200)))
    code = (
        "import embedprep, sys; "
        "m, c = embedprep.build('v.txt', [f'w{i}' for i in range(500)], post='abtt:2,pca:150'); "
        "print(c.matrix.sha256_of_pieces)"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | dict.fromkeys(THREADS_OF_LIBRARIES, str(threads)),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for threads in (1, 4)
    }
    assert len(seen) == 1


@pytest.mark.parametrize("post", STEPS)
def test_float16_is_rounded_once(post: str) -> None:
    half, _ = build(post, dtype="float16", oov="zeros")
    assert np.array_equal(half, build(post, oov="zeros")[0].astype(np.float16))


@pytest.mark.parametrize("ending", CONTAINERS)
@pytest.mark.parametrize("post", STEPS)
def test_verify_diff_and_the_same_steps_for_another_vocabulary(post: str, ending: str) -> None:
    found, _ = build(post, output="old" + ending)
    assert embedprep.verify("old" + ending, vectors="v.txt", vocab="vocab.json").ok
    again, report = build((), output="new" + ending, post_like="old" + ending)
    assert np.array_equal(found, again)
    assert report.post.fitted_on is None
    assert embedprep.compare("old" + ending, "new" + ending).same
    if "sif" not in post:
        some = [WORDS[7], WORDS[3], WORDS[55]]
        other, _ = embedprep.build("v.txt", some, post_like="new" + ending)
        assert np.array_equal(other[:2], found[[9, 5]])
        assert embedprep.verify("old" + ending, vectors="v.txt", vocab="vocab.json", sample=9).ok
        space = embedprep.open("old" + ending)
        assert np.array_equal(space.transform(random_rows()[:50]), found[FOUND])
        assert np.array_equal(space.transform(random_rows()[55]), other[2])


@pytest.mark.parametrize("ending", CONTAINERS)
@pytest.mark.parametrize("post", STEPS)
def test_an_update_stays_in_the_space_of_the_old_matrix(post: str, ending: str) -> None:
    build(post, output="old" + ending, index="make")
    new = [*VOCAB, *WORDS[50:]]
    fresh, _ = embedprep.build("v.txt", new, "new" + ending, post_like="old" + ending)
    if "sif" not in post:
        assert np.array_equal(fresh[: len(VOCAB)], embedprep.open("old" + ending).array)
    expected = published("new", ending)
    updated = embedprep.update("old" + ending, new, output="new" + ending)
    assert published("new", ending) == expected
    assert updated.taken.reused == 0
    embedprep.update("old" + ending, new, output="old2" + ending)
    again = embedprep.update("old2" + ending, VOCAB)
    assert np.array_equal(again.matrix, embedprep.open("old" + ending).array)
    assert embedprep.verify("old2" + ending, vectors="v.txt", vocab=new).ok


def test_other_programs_read_the_matrix() -> None:
    library = pytest.importorskip("safetensors.numpy")
    found, _ = build("abtt:2,pca:3", output="m.safetensors")
    tensors = library.load_file("m.safetensors")
    assert np.array_equal(tensors["embeddings"], found)
    assert len(tensors["fitted"]) == DIM * (1 + 2) + DIM * (1 + 3)
    build("abtt:2,pca:3", output="m.npy")
    assert np.array_equal(np.load("m.npy"), found)


def test_a_static_model_has_the_new_width() -> None:
    model2vec = pytest.importorskip("model2vec")
    tokenizers = pytest.importorskip("tokenizers")
    ids = {word: number for number, word in enumerate(["[UNK]", *WORDS])}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(ids, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save("tokenizer.json")
    found, _ = build("pca:3", vocab="tokenizer.json", output="static/")
    model = model2vec.StaticModel.from_pretrained("static")
    assert np.array_equal(model.embedding, found)


def test_no_input_is_overwritten() -> None:
    build("center", output="m.npy")
    before = Path("m.npy").read_bytes()
    with pytest.raises(UsageError):
        build((), post_like="m.npy", output="m.npy")
    assert Path("m.npy").read_bytes() == before


def test_verify_sees_other_vectors() -> None:
    build("abtt:1", output="m.npy")
    Path("v.txt").write_text(as_text(WORDS, random_rows() * np.float32(1.001)))
    assert not embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json").ok


def test_a_matrix_without_steps_is_as_before() -> None:
    build((), output="m.npy")
    matrix = embedprep.open("m.npy")
    assert b"embedprep.matrix/1 " in Path("m.npy").read_bytes()
    assert matrix.coverage.post is None
    assert np.array_equal(matrix.transform(matrix.array), matrix.array)


# Fitted on records.


def test_fitted_on_the_first_records() -> None:
    found, report = build("pca:2", post_fit="vectors:55", output="m.npy")
    assert report.post.fitted_on == 55
    everything, _ = embedprep.build("v.txt", WORDS[:55], post="pca:2")
    assert np.array_equal(found[FOUND], everything[:50])
    both, _ = build("unit,abtt:1,pca:2,unit,sif", post_fit="vectors:55")
    embedprep.build("v.txt", WORDS[:55], "all.npy", post="unit,abtt:1,pca:2,unit")
    like, _ = build((), post_like="all.npy")
    assert np.allclose(both[FOUND] / np.linalg.norm(both[FOUND], axis=1)[:, None], like[FOUND])
    assert embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json").ok


def test_fitted_on_fewer_records_than_named_and_several_files() -> None:
    Path("w.txt").write_text(as_text(["more"], random_rows()[:1]))
    files = {"vectors": ["v.txt", "w.txt"]}
    assert build("center", post_fit="vectors:1000", **files)[1].post.fitted_on == COUNT + 1
    assert build("center", post_fit="vectors:60", **files)[1].post.fitted_on == COUNT


# What cannot be.


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"post": "centre"}, "--post has no step 'centre'; did you mean center?"),
        ({"post": "center:1"}, "--post has no step 'center:1'"),
        ({"post": "abtt"}, "--post cannot be 'abtt'"),
        ({"post": "abtt:0"}, "--post cannot be 'abtt:0'"),
        ({"post": "abtt:1.5"}, "--post cannot be 'abtt:1.5'"),
        ({"post": "pca:0"}, "--post cannot be 'pca:0'"),
        ({"post": "pca:inf"}, "--post cannot be 'pca:inf'"),
        ({"post": "pca:nan"}, "--post cannot be 'pca:nan'"),
        ({"post": "pca:many"}, "--post cannot be 'pca:many'"),
        ({"post": "sif:0"}, "--post cannot be 'sif:0'"),
        ({"post": "abtt:6"}, "--post abtt:6 wants 6 directions of vectors with 6 values"),
        ({"post": "pca:7"}, "--post pca:7 wants 7 directions of vectors with 6 values"),
        ({"post": "pca:3,pca:4"}, "--post pca:4 wants 4 directions of vectors with 3 values"),
        ({"post": "pca:3", "vocab": WORDS[:3]}, "there are only 3 rows to find them in"),
        ({"post": "unit", "post_fit": "vectors:0"}, "--post-fit cannot be 'vectors:0'"),
        ({"post": "unit", "post_fit": "all"}, "--post-fit cannot be 'all'"),
        ({"post": "sif,center", "post_fit": "vectors:9"}, "of which sif does not know"),
        (
            {"post": "pca:2", "post_fit": "vectors:9", "combine": "concat",
             "vectors": ["v.txt", "w.txt"]},
            "with --combine concat a row is made of several",
        ),
        ({"post": "pca:2", "post_fit": "vectors:9", "vectors": "-"}, "can be read only once"),
        ({"post": "unit", "post_like": "m.npy"}, "--post-like takes those of a matrix"),
        ({"oov_scale": "other"}, "--oov-scale cannot be 'other'"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError) as caught:
        embedprep.build(**{"vectors": "v.txt", "vocab": "vocab.json"} | options)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"post": "center", "vocab": ["absent"]}, "no row was found, so --post center has"),
        ({"oov_scale": "match", "vocab": ["absent"]}, "so --oov-scale match has nothing"),
        ({"post_like": "plain.npy"}, "no steps were done with its rows"),
        ({"post_like": "wide.npy"}, "fitted to vectors with 7 values, and these have 6"),
        ({"post_like": "gone.npy"}, "no such file"),
    ],
)
def test_what_the_files_do_not_give(options: dict[str, Any], reason: str) -> None:
    build((), output="plain.npy")
    Path("wide.txt").write_text(as_text(WORDS, random_rows(dim=7)))
    build("center", vectors="wide.txt", output="wide.npy")
    with pytest.raises(InputError) as caught:
        embedprep.build(**{"vectors": "v.txt", "vocab": "vocab.json"} | options)
    assert reason in str(caught.value)


def test_values_beyond_the_range() -> None:
    Path("v.txt").write_text("word0 -3e38 1\nword1 3e38 1\nword2 3e38 1\n")
    with pytest.raises(InputError, match="--post center gives values beyond the range of float32"):
        build("center")
    Path("v.txt").write_text("word0 -7e4 1\nword1 7e4 1\nword2 7e4 1\n")
    with pytest.raises(InputError, match="beyond the range of float16"):
        build("center", dtype="float16")


def test_a_sample_does_not_show_frequencies() -> None:
    build("sif", output="m.npy")
    with pytest.raises(UsageError, match="sif weighs a row by the frequency of its token"):
        embedprep.verify("m.npy", vectors="v.txt", vocab="vocab.json", sample=3)


@pytest.mark.parametrize("shape", [(7,), (2, 5), (1, 2, 6)])
def test_other_vectors_have_another_space(shape: tuple[int, ...]) -> None:
    build("pca:2", output="m.npy")
    with pytest.raises(UsageError, match="those that the matrix was built from have 6 values"):
        embedprep.open("m.npy").transform(np.ones(shape))


def test_a_report_of_a_stranger() -> None:
    build("pca:2", output="m.npy")
    content = Path("m.npy").read_bytes()
    Path("m.npy").write_bytes(content.replace(b'"components": 2', b'"components": 1'))
    with pytest.raises(InputError, match="do not belong together"):
        embedprep.open("m.npy").transform(np.ones(6))


# How long the rows are.


def test_rows_without_a_vector_as_long_as_those_found() -> None:
    many = [f"absent{number}" for number in range(400)]
    for post in ((), "pca:3"):
        found, report = embedprep.build(
            "v.txt", [*WORDS, *many], "m.npy", oov_scale="match", post=post
        )
        lengths = np.linalg.norm(found, axis=1)
        assert np.median(lengths[COUNT:]) == pytest.approx(np.median(lengths[:COUNT]), rel=0.1)
        assert report.norms is not None
        assert report.norms.matching_oov_scale is not None
        assert report.norms.found == pytest.approx(np.median(lengths[:COUNT]), rel=1e-5)
        assert report.norms.oov == pytest.approx(np.median(lengths[COUNT:]), rel=1e-5)
        given, _ = embedprep.build(
            "v.txt", [*WORDS, *many], oov_scale=report.norms.matching_oov_scale, post=post
        )
        assert np.allclose(given, found, rtol=0.01)
        assert embedprep.verify("m.npy", vectors="v.txt", vocab=[*WORDS, *many]).ok
        assert embedprep.verify("m.npy", vectors="v.txt", vocab=[*WORDS, *many], sample=50).ok


def test_report_and_page_say_what_was_done() -> None:
    pytest.importorskip("jinja2")
    ended = run_here(
        *("build", "--vectors", "v.txt", "--vocab", "vocab.json", "-o", "m.npy"),
        *("--post", "abtt:1,pca:2", "--html", "m.html"),
    )
    assert ended.code == 0
    report = json.loads(Path("m.coverage.json").read_text())
    assert [one["step"] for one in report["post"]["steps"]] == ["abtt:1", "pca:2"]
    assert report["options"]["post"] == ["abtt:1", "pca:2"]
    assert report["post"]["cosine"] < report["post"]["cosine_before"]
    page = Path("m.html").read_text()
    assert "Changed by --post: abtt:1, pca:2  (6 to 2 values, fitted on 50" in page
    assert b"  changed     by --post abtt:1,pca:2\n" in run_here("explain", "m.npy", "word0").out
    assert b"changed" not in run_here("explain", "m.npy", "absent").out
    shown = run_here("inspect", "m.npy").out.decode()
    assert "post        abtt:1, pca:2  (6 to 2 values, fitted on 50" in shown


@pytest.mark.parametrize(("scale", "is_said"), [(0.01, True), (2.0, False)])
def test_the_page_names_the_scale_that_matches(scale: float, is_said: bool) -> None:
    pytest.importorskip("jinja2")
    build((), output="m.npy", html="m.html", oov_scale=scale)
    assert ("--oov-scale match, here" in Path("m.html").read_text()) == is_said


def test_builds_from_a_file_of_jobs() -> None:
    Path("jobs.toml").write_text(
        'vectors = "v.txt"\nvocab = "vocab.json"\n[[build]]\noutput = "a.npy"\n'
        'post = ["abtt:1", "pca:2"]\n[[build]]\noutput = "b.npy"\noov_scale = "match"\n'
        '[[build]]\noutput = "c.npy"\npost = "center"\npost_fit = "vectors:55"\n'
    )
    assert run_here("build", "--jobs", "jobs.toml").code == 0
    assert embedprep.open("a.npy").shape == (len(VOCAB), 2)
    assert np.array_equal(embedprep.open("c.npy").array, build("center", post_fit="vectors:55")[0])
