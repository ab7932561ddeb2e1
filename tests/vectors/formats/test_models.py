"""Whole models as vectors: the input table, found among the other tensors, and its tokenizer."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

import embedprep
from embedprep.errors import InputError, UsageError
from embedprep.sources.source import PlainFile

pytestmark = [
    pytest.mark.once,
    pytest.mark.usefixtures("workdir"),
]

PIECES = [
    *("[PAD]", "[unused0]", "[unused1]", "[unused2]", "[unused3]", "[unused4]", "[UNK]"),
    *("the", "cat", "##s", "dog", "un", "##happy", "##the", ",", "##,", ".", "19", "##84"),
]
DIM = 8


def bert() -> Tokenizer:
    """A small WordPiece tokenizer that splits words as BERT's does."""
    words = {piece: id for id, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]"])
    return tokenizer


def table(rows: int = len(PIECES)) -> NDArray[np.float32]:
    """Random rows, among which those of unused tokens, and `##,`, are where they began."""
    random = np.random.default_rng(4)
    matrix = random.normal(size=(rows, DIM)).astype(np.float32)
    began = random.normal(size=DIM)
    unused = [i for i, piece in enumerate(PIECES) if "unused" in piece or piece == "##,"]
    for row in [*unused, *range(len(PIECES), rows)]:
        matrix[row] = 0.2 * began + random.normal(scale=0.02, size=DIM)
    return matrix


def model(
    folder: str = "model",
    matrix: NDArray[Any] | None = None,
    more: dict[str, NDArray[Any]] | None = None,
) -> NDArray[Any]:
    """Write the folder of a model; `more` tensors lie beside the table."""
    matrix = table() if matrix is None else matrix
    Path(folder).mkdir(parents=True, exist_ok=True)
    others = {f"layers.{i}.weight": np.ones((2, 2), np.float32) for i in range(4)}
    tensors = {"embeddings.word_embeddings.weight": matrix, **others, **(more or {})}
    safetensors.numpy.save_file(tensors, f"{folder}/model.safetensors")
    bert().save(f"{folder}/tokenizer.json")
    return matrix


def build(vectors: str, *tokens: str, **options: Any) -> NDArray[np.floating]:
    matrix, _ = embedprep.build(vectors, list(tokens), oov="zeros", **options)
    return matrix


# Which tensor is the table.

IN_USE = [
    *("model.embed_tokens.weight", "bert.embeddings.word_embeddings.weight", "wte.weight"),
    *("transformer.wte.weight", "shared.weight", "tok_embeddings.weight", "token_embd.weight"),
    *("text_model.embeddings.token_embedding.weight", "gpt_neox.embed_in.weight"),
    *("backbone.embeddings.weight", "embedding.weight", "embeddings"),
]


@pytest.mark.parametrize("name", IN_USE)
def test_the_names_in_use(name: str) -> None:
    matrix = model()
    others = {
        "lm_head.weight": -matrix,
        "embeddings.position_embeddings.weight": -matrix,
        "embeddings.token_type_embeddings.weight": -matrix[:2],
        "vision.patch_embedding.weight": np.ones((3, 2, 2), np.float32),
    }
    safetensors.numpy.save_file({name: matrix, **others}, "model/model.safetensors")
    for path in ("model", "model/model.safetensors"):
        assert np.array_equal(build(path, "cat", "dog"), matrix[[8, 10]])


def test_several_tables_are_listed_and_one_is_named() -> None:
    matrix = model(more={"decoder.embed_tokens.weight": table() + 1})
    for path in ("model", "model/model.safetensors"):
        with pytest.raises(InputError) as caught:
            build(path, "cat")
        reason, remedy = caught.value.reason, caught.value.remedy
        assert "(of 19 x 8, 19 x 8 values)" in reason
        assert "embeddings.word_embeddings.weight" in reason
        assert "decoder.embed_tokens.weight" in reason
        assert "layers.0.weight" not in reason
        named = remedy.rpartition(" ")[2]
        assert named.startswith(f"{path}::")
        build(named, "cat")
        added = build(f"{path}::decoder.embed_tokens.weight", "cat")
        assert np.array_equal(added, matrix[[8]] + 1)
        with pytest.raises(InputError, match="no matrix 'wte', but: "):
            build(f"{path}::wte", "cat")


def test_the_report_names_the_table_that_was_named() -> None:
    matrix = model(more={"decoder.embed_tokens.weight": table() + 1})
    path = "model::decoder.embed_tokens.weight"
    _, report = embedprep.build(path, ["cat"], "m.npy")
    assert report.vectors[0].path == "model/model.safetensors::decoder.embed_tokens.weight"
    assert np.array_equal(build(report.vectors[0].path, "cat"), matrix[[8]] + 1)


def test_a_model_without_a_table() -> None:
    model()
    safetensors.numpy.save_file({"a": np.ones(3, np.float32)}, "model/model.safetensors")
    with pytest.raises(InputError, match="holds no matrix"):
        build("model/model.safetensors", "cat")
    with pytest.raises(InputError, match="no matrix, so no 'b'"):
        build("model/model.safetensors::b", "cat")


def test_a_model_without_a_tokenizer() -> None:
    model()
    os.remove("model/tokenizer.json")
    with pytest.raises(InputError, match="without its tokenizer") as caught:
        build("model", "cat")
    assert "--vectors-tokens" in caught.value.remedy
    Path("list.txt").write_text("\n".join(PIECES))
    matrix = build("model/model.safetensors", "cat", vectors_tokens="list.txt")
    assert np.array_equal(matrix, table()[[8]])


def test_the_tokenizer_in_older_files() -> None:
    matrix = model()
    os.remove("model/tokenizer.json")
    Path("model/vocab.txt").write_text("\n".join(PIECES))
    for path in ("model", "model/model.safetensors"):
        assert np.array_equal(build(path, "cat"), matrix[[8]])


def test_the_folder_of_sentence_transformers() -> None:
    matrix = model("model/0_Transformer")
    for folder, at in (("model", "0_Transformer"), ("model/0_Transformer", "")):
        listed = [{"path": at, "type": "s.Transformer"}, {"path": "1", "type": "s.Pooling"}]
        Path(folder, "modules.json").write_text(json.dumps(listed))
        assert np.array_equal(build(folder, "cat"), matrix[[8]])


def test_a_folder_without_tensors_is_no_model() -> None:
    Path("empty").mkdir()
    with pytest.raises(InputError, match=r"neither model\.safetensors nor"):
        build("empty", "cat", vectors_format="model")


# Precisions.


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16", "F64"])
def test_precisions(dtype: str) -> None:
    matrix = table()
    if dtype == "BF16":
        torch = pytest.importorskip("torch")
        from safetensors.torch import save_file

        stored = torch.from_numpy(matrix).to(torch.bfloat16)
        model()
        save_file({"wte.weight": stored}, "model/model.safetensors")
        expected = stored.float().numpy()
    else:
        halves = matrix.astype({"F32": "f4", "F16": "f2", "F64": "f8"}[dtype])
        expected = halves.astype(np.float32)
        model(matrix=halves)
    assert np.array_equal(build("model", "cat", "dog", "##s"), expected[[8, 10, 9]])


# More rows than ids.


@pytest.mark.parametrize("rows", [len(PIECES) + 1, 64, 128])
def test_rows_beyond_the_ids_are_left_out_and_counted(rows: int) -> None:
    matrix = model(matrix=table(rows))
    assert np.array_equal(build("model", *PIECES)[1:], matrix[1 : len(PIECES)])
    found = embedprep.examine("model")
    assert found.records == len(PIECES)
    assert f"{rows - len(PIECES):,} more rows of the table belong to no token" in str(found)


def test_far_more_rows_than_ids_are_another_models() -> None:
    model(matrix=np.ones((len(PIECES) + 512, DIM), np.float32))
    with pytest.raises(InputError, match="the matrix has 531 rows, and its token list"):
        build("model", "cat")


def test_fewer_rows_than_ids_are_another_models() -> None:
    model(matrix=table()[:-1])
    with pytest.raises(InputError, match="has 18 rows"):
        build("model", "cat")


# Several files.

NAME = "model.embed_tokens.weight"


def sharded(matrix: NDArray[Any]) -> None:
    model(matrix=matrix)
    os.remove("model/model.safetensors")
    first, second = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
    safetensors.numpy.save_file({"layers.0.weight": np.ones((2, 2))}, f"model/{first}")
    tensors = {NAME: matrix, "lm_head.weight": -matrix}
    safetensors.numpy.save_file(tensors, f"model/{second}")
    index(**{"layers.0.weight": first, NAME: second, "lm_head.weight": second})


def index(**files: Any) -> None:
    content = {"metadata": {"total_size": 1}, "weight_map": files}
    Path("model/model.safetensors.index.json").write_text(json.dumps(content))


def test_an_index_leads_to_the_file_of_the_table() -> None:
    matrix = table()
    sharded(matrix)
    os.remove("model/model-00001-of-00002.safetensors")  # it is not needed
    assert np.array_equal(build("model", "cat", "dog"), matrix[[8, 10]])
    assert np.array_equal(build("model::lm_head.weight", "cat"), -matrix[[8]])
    _, report = embedprep.build("model", ["cat"], "m.npy")
    (info,) = report.vectors
    assert (info.format, info.records) == ("model", len(PIECES))
    assert np.array_equal(build(info.path, "cat"), matrix[[8]])


@pytest.mark.parametrize("name", ["elsewhere.safetensors", "../model/model.safetensors", "/x"])
def test_an_index_that_leads_nowhere(name: str) -> None:
    sharded(table())
    index(**{NAME: name})
    with pytest.raises(InputError, match="which the folder lacks"):
        build("model", "cat")


@pytest.mark.parametrize("text", ["{", "[]", '{"weight_map": 5}', '{"weight_map": {"wte": 5}}'])
def test_a_damaged_index(text: str) -> None:
    sharded(table())
    Path("model/model.safetensors.index.json").write_text(text)
    with pytest.raises(InputError, match=r"index\.json"):
        build("model", "cat")


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """Every range that is read of a plain file: its path, and where it begins and ends."""
    ranges: list[tuple[str, int, int]] = []
    into, several = PlainFile.read_into, PlainFile.read_ranges

    def read_into(self: PlainFile, buffer: Any, offset: int) -> int:
        got = into(self, buffer, offset)
        ranges.append((self.path, offset, offset + got))
        return got

    def read_ranges(self: PlainFile, memory: Any, offset: Any, begin: Any, end: Any) -> None:
        several(self, memory, offset, begin, end)
        for where, size in zip(offset.tolist(), (end - begin).tolist(), strict=True):
            ranges.append((self.path, where, where + size))

    monkeypatch.setattr(PlainFile, "read_into", read_into)
    monkeypatch.setattr(PlainFile, "read_ranges", read_ranges)
    return ranges


def test_nothing_but_the_wanted_rows_is_read(reads: list[tuple[str, int, int]]) -> None:
    """The table has 10 GB of holes, and rows where the wanted tokens are."""
    rows, dim = 100_000, 25_000
    words = {"[UNK]": 0} | {f"w{i}": i for i in range(1, rows)}
    Path("model").mkdir()
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    tokenizer.add_special_tokens(["[UNK]"])
    tokenizer.save("model/tokenizer.json")
    entries = {NAME: {"dtype": "F32", "shape": [rows, dim], "data_offsets": [0, 4 * rows * dim]}}
    header = json.dumps(entries).encode()
    shard = "model/model-00001-of-00001.safetensors"
    wanted = {1: 1.5, 2: 2.5, 4: 4.5, 50_000: 5.5, 99_999: 6.5}
    with open(shard, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        begin = file.tell()
        file.truncate(begin + 4 * rows * dim)
        for row, value in wanted.items():
            file.seek(begin + 4 * row * dim)
            file.write(np.full(dim, value, np.float32).tobytes())
    index(**{NAME: os.path.basename(shard)})
    matrix = build("model", *(f"w{row}" for row in wanted))
    assert matrix[:, 0].tolist() == matrix[:, -1].tolist() == list(wanted.values())
    in_table = {
        (max(first, begin) - begin, last - begin)
        for path, first, last in reads
        if path.startswith(shard) and last > begin
    }
    size = 4 * dim
    ends = {(0, 65_536), (size * rows - 65_536, size * rows)}  # for the fingerprint
    of_rows = {span for span in in_table if span[1] - span[0] >= size}
    assert of_rows == {
        (1 * size, 3 * size), (4 * size, 5 * size),
        (50_000 * size, 50_001 * size), (99_999 * size, rows * size),
    }  # fmt: skip
    assert (
        sum(last - first for first, last in in_table - of_rows)
        <= sum(last - first for first, last in ends) + 2 * 4096
    )


@pytest.mark.parametrize(
    "vectors", ["model", "model::lm_head.weight", "model/model-00002-of-00002.safetensors::" + NAME]
)
@pytest.mark.parametrize("output", ["model-00002-of-00002.safetensors", "tokenizer.json"])
def test_no_file_of_the_model_is_replaced(vectors: str, output: str) -> None:
    sharded(table())
    with pytest.raises(UsageError):
        embedprep.build(vectors, ["cat"], "m.npy", report=f"model/{output}")
    build(vectors, "cat")


# Composed rows.


def means(matrix: NDArray[Any], *pieces: str) -> NDArray[np.float32]:
    rows = [PIECES.index(piece) for piece in pieces]
    mean: NDArray[np.float32] = matrix[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


COMPOSED = {
    "cats": ["cat", "##s"],
    "Cats": ["cat", "##s"],
    "unhappys": ["un", "##happy", "##s"],
    "1984": ["19", "##84"],
    "cat,dogs": ["cat", ",", "dog", "##s"],
    "..": [".", "."],
    "the cat": ["the", "cat"],
    "Dog": ["dog"],
}


@pytest.mark.parametrize("word", COMPOSED)
def test_a_word_is_the_mean_of_its_pieces(word: str) -> None:
    matrix = model()
    built, report = embedprep.build("model", [word, "cat"], "m.npy", oov="zeros")
    pieces = COMPOSED[word]
    assert np.array_equal(built[0], means(matrix, *pieces))
    assert bert().encode(word, add_special_tokens=False).tokens == pieces
    counts = report.counts
    assert (counts.rows["composed"], counts.vocabulary.found, counts.vocabulary.subword) == (
        1,
        2,
        1,
    )
    explanation = embedprep.open("m.npy").explain(word)
    assert (explanation.provenance, explanation.keys) == ("composed", tuple(pieces))
    assert "the mean of its pieces" in str(explanation)
    assert "mean of its pieces" in str(report)
    assert "--no-compose" not in str(report)


def test_no_compose_leaves_them_to_oov() -> None:
    matrix = model()
    built, report = embedprep.build("model", ["cats", "cat"], oov="zeros", compose=False)
    assert not built[0].any()
    assert np.array_equal(built[1], matrix[8])
    assert "composed" not in report.counts.rows
    assert "mean of their pieces without --no-compose" in str(report)


@pytest.mark.parametrize("word", ["☃", "cat☃", "  ", "[CLS]x☃"])
def test_what_the_model_does_not_know_is_not_composed(word: str) -> None:
    model()
    built, report = embedprep.build("model", [word, "cat"], oov="zeros")
    assert not built[0].any()
    assert report.counts.rows["oov"] == 1


def byte_level(*tokens: str) -> str:
    """The file of a byte-level tokenizer with these tokens."""
    listed = dict.fromkeys(["<s>", *tokens, *pre_tokenizers.ByteLevel.alphabet()])
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(listed)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["<s>"])
    tokenizer.save("vocab.json")
    return "vocab.json"


PLACES = {
    "Ġthe": ["the"],
    "the": ["##the"],
    "Ġthes": ["the", "##s"],
    "happys": ["##happy", "##s"],
    ",": [","],
    "Ġ,": [","],
    ",,": [",", ","],
    "s,": ["##s", ","],
    "Ġcats": ["cat", "##s"],
    "84": ["##84"],
    "Ġ1984": ["19", "##84"],
}


def test_pieces_at_their_place_of_a_word() -> None:
    matrix = model()
    built, _ = embedprep.build("model", byte_level(*PLACES), "m.npy", oov="zeros")
    for row, (token, pieces) in enumerate(PLACES.items(), start=1):
        assert np.array_equal(built[row], means(matrix, *pieces)), token
    assert not built[0].any(), "a special token has no text"
    again = embedprep.open("m.npy")
    exact = [token for row, token in enumerate(PLACES, start=1) if again.provenance[row] == 3]
    assert exact == ["Ġthe", "the", "Ġ,", "84"]


def test_a_word_that_is_spelt_like_a_piece_is_composed() -> None:
    """BERT has no key for the word of three signs: `###` is the piece `#` from inside a word."""
    words = {"[UNK]": 0, "#": 1, "###": 2, "##cat": 3, "the": 4}
    Path("model").mkdir()
    tokenizer = Tokenizer(models.WordPiece(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[UNK]"])
    tokenizer.save("model/tokenizer.json")
    matrix = np.arange(5 * DIM, dtype=np.float32).reshape(5, DIM)
    safetensors.numpy.save_file({NAME: matrix}, "model/model.safetensors")
    assert tokenizer.encode("the ###", add_special_tokens=False).tokens == ["the", "#", "#", "#"]
    built, report = embedprep.build("model", byte_level("Ġ###", "##", "Ġthe"), oov="zeros")
    assert np.array_equal(built[1:4], [matrix[1], matrix[1], matrix[4]])
    assert report.counts.rows["composed"] == 2


def test_without_a_tokenizer_json_nothing_is_composed_and_the_log_says_why(
    caplog: pytest.LogCaptureFixture,
) -> None:
    matrix = model()
    os.remove("model/tokenizer.json")
    Path("model/vocab.txt").write_text("\n".join(PIECES) + "\n")
    built = build("model", "cat", "cats")
    assert np.array_equal(built, [matrix[8], np.zeros(DIM)])
    assert "the folder has no tokenizer.json" in caplog.text
    assert "save_pretrained(FOLDER) writes it" in caplog.text
    caplog.clear()
    build("model", "cats", compose=False)
    assert "tokenizer.json" not in caplog.text


def test_a_better_form_goes_before_a_composed_row() -> None:
    matrix = model()
    built, report = embedprep.build("model", ["Dog", "Cats"], fallback="lower", oov="zeros")
    assert np.array_equal(built, [matrix[10], means(matrix, "cat", "##s")])
    assert (report.counts.rows["lower"], report.counts.rows["composed"]) == (1, 1)


def test_a_record_of_a_later_file_goes_before_a_composed_row() -> None:
    matrix = model()
    Path("words.vec").write_text("cats" + " 1.5" * DIM + "\n")
    both = ["model", "words.vec"]
    built, _ = embedprep.build(both, ["cats", "unhappy"], "m.npy", oov="zeros")
    assert np.array_equal(built, [np.full(DIM, 1.5), means(matrix, "un", "##happy")])
    assert embedprep.open("m.npy").explain("cats").keys == ()


def test_several_vocabularies_are_as_if_alone() -> None:
    model()
    own, other = "model/tokenizer.json", byte_level(*PLACES)
    pairs = [(own, "own.npy"), (other, "other.npy")]
    embedprep.build_all(
        [{"vectors": "model", "vocab": vocab, "output": output} for vocab, output in pairs]
    )
    for vocab, output in pairs:
        alone, _ = embedprep.build("model", vocab)
        assert np.array_equal(embedprep.open(output).array, alone)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    model()
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    assert build("model", "cat").any()
    with pytest.raises(UsageError, match="needs the package tokenizers") as caught:
        build("model", "cats")
    assert "pip install 'embedprep[tokenizers]'" in caught.value.remedy
    assert not build("model", "cats", compose=False).any()


def test_a_table_that_is_read_only_once(caplog: pytest.LogCaptureFixture) -> None:
    import gzip

    matrix = model()
    data = Path("model/model.safetensors").read_bytes()
    Path("model/model.safetensors.gz").write_bytes(gzip.compress(data))
    os.remove("model/model.safetensors")
    built = build("model/model.safetensors.gz", "cat", "cats")
    assert np.array_equal(built, [matrix[8], np.zeros(DIM)])
    assert "nothing is composed of pieces" in caplog.text


def test_a_tokenizer_that_the_library_refuses(caplog: pytest.LogCaptureFixture) -> None:
    matrix = model()
    content = json.loads(Path("model/tokenizer.json").read_text())
    content["model"]["type"] = "of another kind"
    Path("model/tokenizer.json").write_text(json.dumps(content))
    built = build("model", "cat", "cats")
    assert np.array_equal(built, [matrix[8], np.zeros(DIM)])
    assert "its tokenizer cannot be used to compose missing tokens: " in caplog.text


def unigram() -> Tokenizer:
    scores = [
        ("<unk>", 0.0),
        ("▁", -9.0),
        ("▁cat", -1.0),
        ("cat", -2.0),
        ("s", -2.0),
        ("▁dog", -1.0),
    ]
    tokenizer = Tokenizer(models.Unigram(scores, unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def metaspace_bpe() -> Tokenizer:
    words = {w: i for i, w in enumerate(["▁", "c", "a", "t", "s", "at", "cat", "▁cat", "d"])}
    merges = [("a", "t"), ("c", "at"), ("▁", "cat")]
    tokenizer = Tokenizer(models.BPE(words, merges))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.decoder = decoders.Replace("▁", " ")
    return tokenizer


def byte_bpe() -> Tokenizer:
    words = [*pre_tokenizers.ByteLevel.alphabet(), "at", "cat", "Ġcat"]
    merges = [("a", "t"), ("c", "at"), ("Ġ", "cat")]
    tokenizer = Tokenizer(models.BPE({w: i for i, w in enumerate(words)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


@pytest.mark.parametrize("make", [unigram, metaspace_bpe, byte_bpe])
def test_other_models_compose_as_they_tokenize(make: Any) -> None:
    tokenizer = make()
    size = tokenizer.get_vocab_size()
    matrix = np.random.default_rng(2).normal(size=(size, DIM)).astype(np.float32)
    Path("model").mkdir()
    safetensors.numpy.save_file({"wte.weight": matrix}, "model/model.safetensors")
    tokenizer.save("model/tokenizer.json")
    ids = {
        "Ġcats": tokenizer.encode("a cats").ids[len(tokenizer.encode("a").ids) :],
        "cats": [tokenizer.token_to_id(piece) for piece in ("cat", "s")],
    }
    built, _ = embedprep.build("model", byte_level(*ids, "Ġcat☃"), oov="zeros")
    for row, (token, rows) in enumerate(ids.items(), start=1):
        expected = matrix[rows].mean(axis=0, dtype=np.float64).astype(np.float32)
        assert np.array_equal(built[row], expected), token


def test_a_model_that_marks_only_ends_composes_whole_words() -> None:
    words = ["c", "a", "t", "t</w>", "at</w>", "s</w>", "ca"]
    tokenizer = Tokenizer(
        models.BPE({w: i for i, w in enumerate(words)}, [("c", "a")], end_of_word_suffix="</w>")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    matrix = np.random.default_rng(2).normal(size=(len(words), DIM)).astype(np.float32)
    Path("model").mkdir()
    safetensors.numpy.save_file({"wte.weight": matrix}, "model/model.safetensors")
    tokenizer.save("model/tokenizer.json")
    built = build("model", "cat", "ca")
    assert np.array_equal(built[0], matrix[[6, 3]].mean(axis=0, dtype=np.float64).astype("f4"))
    assert not built[1].any(), "the model has no a that ends a word"


def test_a_list_of_words_has_no_pieces() -> None:
    tokenizer = Tokenizer(models.WordLevel({"<unk>": 0, "cat": 1, "dog": 2}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    Path("model").mkdir()
    safetensors.numpy.save_file({"embedding.weight": table()[6:9]}, "model/model.safetensors")
    tokenizer.save("model/tokenizer.json")
    assert not build("model", "cat-dog").any()


# Rows that were never trained.


def test_an_untrained_row_is_left_out_and_a_trained_one_of_the_text_is_taken() -> None:
    matrix = model()
    for compose in (True, False):
        built, report = embedprep.build(
            "model", byte_level(",", "Ġcat"), oov="zeros", compose=compose
        )
        expected = matrix[PIECES.index(",")] if compose else np.zeros(matrix.shape[1])
        assert np.array_equal(built[1], expected), "composed of the one piece `,`"
        assert report.records["untrained"] == 1
        assert report.vectors[0].untrained == ("##,",)
    assert "1  wanted records that were never trained" in str(report)


def test_a_vocabulary_with_the_same_marks() -> None:
    """A WordPiece tokenizer whose words are split at white space alone."""
    matrix = model()
    built = build("model", "cat", "dogs", "##,", "##s", "[unused3]", "[unused4]", "##the")
    assert np.array_equal(built[2], matrix[PIECES.index(",")])
    assert not built[4:6].any()


def test_the_own_vocabulary_gets_every_row_and_is_told() -> None:
    matrix = model()
    built, report = embedprep.build("model", "model/tokenizer.json", pad_token="none")
    assert np.array_equal(built, matrix)
    assert report.records["untrained"] == 6
    assert set(report.vectors[0].untrained) == {"##,", *(f"[unused{i}]" for i in range(5))}


def test_unused_rows_that_were_trained_after_all_are_rows() -> None:
    matrix = table()
    matrix[PIECES.index("[unused2]")] += 1
    model(matrix=matrix)
    assert np.array_equal(build("model", "[unused2]", "cat"), matrix[[3, 8]])


@pytest.mark.parametrize("kind", ["scattered", "few", "none"])
def test_nothing_is_untrained_where_nothing_shows_it(kind: str) -> None:
    matrix = table()
    unused = [i for i, piece in enumerate(PIECES) if "unused" in piece]
    if kind == "scattered":
        matrix[unused] = np.random.default_rng(9).normal(size=(len(unused), DIM))
    else:
        matrix[unused[: 5 if kind == "none" else 4]] = np.random.default_rng(9).normal(
            size=(1, DIM)
        )
    model(matrix=matrix)
    vector = build("model", "##,", "##s", "cats")[0]
    assert np.array_equal(vector, matrix[PIECES.index("##,")])


def test_the_rows_beyond_the_ids_show_it_as_well() -> None:
    matrix = table(40)
    matrix[1:6] = np.random.default_rng(9).normal(size=(5, DIM))
    model(matrix=matrix)
    assert np.array_equal(build("model", "##,", "cats")[0], matrix[PIECES.index(",")])


def test_doctor_says_what_is_in_a_model() -> None:
    model(matrix=table(24))
    found = embedprep.examine("model")
    assert (found.format, found.records, found.dim) == ("model", len(PIECES), DIM)
    assert found.untrained.count == 6
    text = str(found)
    assert "its table is 'embeddings.word_embeddings.weight', 24 x 8 F32" in text
    assert "its keys are the 19 tokens of model/tokenizer.json" in text
    assert "5 more rows of the table belong to no token" in text
    assert "6  that were never trained: '[unused0]', '[unused1]'" in text
    assert "--fallback lower" not in text


def test_a_conversion_keeps_every_row() -> None:
    matrix = model()
    embedprep.convert("model", "out.npy")
    assert np.array_equal(np.load("out.npy"), matrix)
