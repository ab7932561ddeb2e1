"""Models that gensim pickled: only where they are trusted, and then as gensim reads them."""

from __future__ import annotations

import io
import os
import pickle
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.hits import Hits

pytestmark = [
    pytest.mark.once,
    # gensim leaves files open, and arrays of old NumPy in its models.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def gensim() -> Any:
    pytest.importorskip("gensim", reason="no gensim")
    import gensim.models
    import gensim.test.utils

    return gensim


def every(path: str, keys: list[bytes] | None = None) -> Iterator[Hits]:
    with closing(open_vectors(Request(path, trust_pickle=True))) as vectors:
        yield from vectors.hits(keys)


def table(path: str) -> dict[str, bytes]:
    return {
        name.decode(): row.tobytes()
        for hits in every(path)
        for name, row in zip(hits.names, hits.rows, strict=True)
    }


def oracle(words: Any) -> dict[str, bytes]:
    return {key: np.float32(words[key]).tobytes() for key in words.index_to_key}


MODELS = [
    "old_keyedvectors_320.dat",
    "word2vec_3.3",
    "old_w2v_models/w2v_3.4.0.mdl",
]


@pytest.mark.parametrize("name", MODELS)
def test_gensims_own_files(name: str, gensim: Any) -> None:
    path = gensim.test.utils.datapath(name)
    model = gensim.utils.SaveLoad.load(path)
    assert table(path) == oracle(getattr(model, "wv", model))


@pytest.fixture
def words(gensim: Any) -> Any:
    words = gensim.models.KeyedVectors(4)
    rng = np.random.default_rng(2)
    words.add_vectors(["the", "cat", "New York", "é"], rng.standard_normal((4, 4)).astype("f4"))
    return words


@pytest.mark.parametrize("limit", [10 << 20, 0], ids=["one file", "arrays beside it"])
def test_keyed_vectors(limit: int, words: Any, workdir: Path) -> None:
    words.save("words.kv", sep_limit=limit)
    assert Path("words.kv.vectors.npy").exists() == (limit == 0)
    tokens = ["é", "zebra", "the"]
    matrix, report = embedprep.build("words.kv", tokens, oov="zeros", trust_pickle=True)
    assert np.array_equal(matrix, [words["é"], np.zeros(4), words["the"]])
    (info,) = report.vectors
    assert (info.format, info.records) == ("gensim", 4)
    assert sum(hits.bytes for hits in every("words.kv")) == os.path.getsize("words.kv")


def test_whole_models(gensim: Any, workdir: Path) -> None:
    texts = [["the", "cat", "sat"], ["the", "dog", "ran"]] * 5
    options = {"vector_size": 5, "min_count": 1, "workers": 1, "seed": 1}
    word2vec = gensim.models.Word2Vec(texts, **options)
    fasttext = gensim.models.FastText(texts, bucket=50, **options)
    tagged = [gensim.models.doc2vec.TaggedDocument(text, [i]) for i, text in enumerate(texts)]
    doc2vec = gensim.models.Doc2Vec(tagged, **options)
    for model in (word2vec, fasttext, doc2vec):
        model.save("a.model")
        assert table("a.model") == oracle(model.wv)
        model.wv.save("a.kv")
        assert table("a.kv") == oracle(model.wv)


def test_the_export_that_the_refusal_names_gives_the_same(gensim: Any, workdir: Path) -> None:
    words = gensim.models.KeyedVectors(2)
    words.add_vectors(["the", "New York", "é"], np.array([[1, 2], [0.1, 3], [5, 6]], "f4"))
    words.save("words.kv")
    model = gensim.models.Word2Vec([["the", "cat"]] * 5, vector_size=2, min_count=1)
    model.save("words.model")
    for file in ("words.kv", "words.model"):
        Path("words.vec").unlink(missing_ok=True)
        run(remedy(file))
        assert table("words.vec") == table(file)


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_pickled_map_is_written_as_text(protocol: int, workdir: Path) -> None:
    rows = {"the": np.array([0.1, 3], "f4"), "é": [5.0, 6.25]}
    Path("words.pkl").write_bytes(pickle.dumps(rows, protocol))
    with pytest.raises(InputError, match="run any code") as caught:
        embedprep.build("words.pkl", ["the"])
    assert "--trust-pickle" not in caught.value.remedy
    run(caught.value.remedy.partition("where you trust it: ")[2])
    matrix, _ = embedprep.build("words.vec", list(rows))
    assert np.array_equal(matrix, np.array(list(rows.values()), np.float32))


def remedy(file: str) -> str:
    """The command that exports a pickle which may not be read."""
    with pytest.raises(InputError, match="run any code") as caught:
        embedprep.build(file, ["the"])
    assert "--trust-pickle" in caught.value.remedy
    return caught.value.remedy.partition("where you trust it: ")[2]


def run(command: str) -> None:
    """Run a command of a message as a shell does, with this Python."""
    python, *words = shlex.split(command)
    assert python == "python3"
    subprocess.run([sys.executable, *words], check=True)


def test_the_n_grams_of_fasttext_are_not_lost_in_silence(
    gensim: Any, workdir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = gensim.models.FastText([["the", "cat"]] * 5, vector_size=4, min_count=1, bucket=50)
    model.save("words.model")
    model.wv.save("words.kv")
    for file in ("words.kv", "words.model"):
        caplog.clear()
        embedprep.build(file, ["the"], trust_pickle=True)
        assert "read without its n-grams" in caplog.text
    caplog.clear()
    embedprep.build("words.kv", ["the"], trust_pickle=True, subwords=False)
    assert caplog.text == ""
    run(remedy("words.model"))
    matrix, report = embedprep.build("words.bin", ["the", "cats"])
    assert report.counts.rows["subword"] == 1
    assert np.allclose(matrix[1], model.wv["cats"], atol=1e-6)


class Touch:
    """A pickle of it creates the file `ran`."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("ran",))


@pytest.mark.parametrize("format", [None, "gensim", "text", "npy"])
def test_an_untrusted_pickle_never_runs(format: str | None, workdir: Path) -> None:
    for protocol in range(6):
        Path("p").write_bytes(pickle.dumps(Touch(), protocol=protocol))
        with pytest.raises(InputError):
            embedprep.build("p", ["the"], vectors_format=format)
        array = io.BytesIO()
        np.save(array, np.array([[Touch()]], object), allow_pickle=True)
        Path("p").write_bytes(array.getvalue())
        with pytest.raises(InputError):
            embedprep.build("p", ["the"], vectors_format=format, trust_pickle=True)
    assert not Path("ran").exists()


class Raises:
    def __reduce__(self) -> tuple[Any, ...]:
        return (divmod, (1, 0))


@pytest.mark.parametrize(
    "content",
    [{"the": [1.0]}, [1, 2], 5, None, Raises(), np.ones((2, 2))],
    ids=lambda content: type(content).__name__,
)
def test_a_pickle_of_something_else(content: Any, gensim: Any, workdir: Path) -> None:
    Path("p").write_bytes(pickle.dumps(content))
    with pytest.raises(InputError, match=r"gensim cannot load it|without word vectors"):
        open_vectors(Request("p", trust_pickle=True))


def test_other_models_of_gensim(gensim: Any) -> None:
    path = gensim.test.utils.datapath("phraser-3.6.0.model")
    with pytest.raises(InputError, match="pickle of FrozenPhrases, without word vectors"):
        open_vectors(Request(path, trust_pickle=True))


def test_keys_that_are_numbers(gensim: Any, workdir: Path) -> None:
    words = gensim.models.KeyedVectors(2)
    words.add_vectors([1, 2], np.ones((2, 2), np.float32))
    words.save("numbers.kv")
    with pytest.raises(InputError, match="needs a string for each"):
        open_vectors(Request("numbers.kv", trust_pickle=True))


@pytest.mark.parametrize("limit", [10 << 20, 0])
def test_every_cut_is_an_error(limit: int, words: Any, workdir: Path) -> None:
    words.save("words.kv", sep_limit=limit)
    for name in [name for name in os.listdir() if name.startswith("words.kv")]:
        data = Path(name).read_bytes()
        for size in range(2, len(data), max(1, len(data) // 50)):
            Path(name).write_bytes(data[:size])
            with pytest.raises(InputError):
                open_vectors(Request("words.kv", trust_pickle=True))
        Path(name).write_bytes(data)


def test_a_stream_is_refused(words: Any, workdir: Path) -> None:
    words.save("words.kv.gz")
    with pytest.raises(InputError, match="cannot be read as a stream"):
        open_vectors(Request("words.kv.gz", trust_pickle=True))


def test_without_gensim(words: Any, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words.save("words.kv")
    modules = sys.modules
    for name in [name for name in modules if name.partition(".")[0] == "gensim"]:
        monkeypatch.delitem(modules, name)
    monkeypatch.setitem(modules, "gensim", None)
    with pytest.raises(UsageError, match="gensim is not installed"):
        open_vectors(Request("words.kv", trust_pickle=True))
