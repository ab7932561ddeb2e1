"""A table and its own tokenizer give every row; a table and another tokenizer, the same pieces.

What a token stands for, and whether it begins a word, the `tokenizers` library says.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep

tokenizers = pytest.importorskip("tokenizers")

pytestmark = pytest.mark.usefixtures("workdir")

DIM = 3
ALPHABET = "aeiourstnlc"


def _text(seed: int) -> list[str]:
    rng = random.Random(seed)
    made = ["".join(rng.choices(ALPHABET, k=rng.randint(1, 7))) for _ in range(60)]
    made += ["café", "naïve", "日本", "the", "The", "3rd", "don't", "e-mail", "##", "Ġorġ", "x</w>"]
    return [" ".join(rng.choices(made, k=12)) + rng.choice([".", "!", ", ok"]) for _ in range(80)]


def _wordpiece(text: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = tokenizers.decoders.WordPiece(cleanup=False)
    special = ["[UNK]", "[CLS]", "[SEP]"]
    trainer = tokenizers.trainers.WordPieceTrainer(vocab_size=250, special_tokens=special)
    tokenizer.train_from_iterator(text, trainer)
    return tokenizer


def _byte_level(text: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=450,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
    )
    tokenizer.train_from_iterator(text, trainer)
    return tokenizer


def _metaspace(text: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=250, special_tokens=["<unk>", "<s>"])
    tokenizer.train_from_iterator(text, trainer)
    return tokenizer


def _unigram(text: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    tokenizer.decoder = tokenizers.decoders.Metaspace()
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=120, special_tokens=["<unk>"], unk_token="<unk>"
    )
    tokenizer.train_from_iterator(text, trainer)
    return tokenizer


KINDS: dict[str, Callable[[list[str]], Any]] = {
    "wordpiece": _wordpiece,
    "byte-level": _byte_level,
    "metaspace": _metaspace,
    "unigram": _unigram,
}
SEEDS = (1, 2)


def _tokens(tokenizer: Any) -> list[str]:
    return [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]


def _rows(tokens: list[str], seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(len(tokens), DIM)).astype(np.float32)


def _stored(tokenizer: Any, rows: NDArray[np.float32]) -> None:
    """The table in every way in which people have it."""
    tokens = _tokens(tokenizer)
    tokenizer.save("tokenizer.json")
    Path("model").mkdir()
    tokenizer.save("model/tokenizer.json")
    from safetensors.numpy import save_file

    save_file({"embeddings": rows}, "model/model.safetensors")
    save_file({"embeddings": rows}, "table.safetensors")
    np.save("table.npy", rows)
    keys = [token.encode() for token in tokens]
    with open("table.vec", "wb") as text, open("table.bin", "wb") as binary:
        for file in (text, binary):
            file.write(b"%d %d\n" % rows.shape)
        for key, row in zip(keys, rows, strict=True):
            text.write(key + b" " + " ".join(map(repr, row.tolist())).encode() + b"\n")
            binary.write(key + b" " + row.astype("<f4").tobytes())


STORED = ("model", "table.safetensors", "table.npy", "table.vec", "table.bin")
CONVERTED = ("again.vec", "again.bin", "again.npy", "again.h5", "again.safetensors", "again/")


def _told(path: str) -> dict[str, Any]:
    """The tokenizer of a table that has none inside."""
    has_none = path in ("table.safetensors", "table.npy")
    return {"vectors_tokens": "tokenizer.json"} if has_none else {}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_and_its_own_tokenizer_give_every_row(kind: str, seed: int) -> None:
    tokenizer = KINDS[kind](_text(seed))
    tokens = _tokens(tokenizer)
    rows = _rows(tokens, seed)
    _stored(tokenizer, rows)
    for path in STORED:
        matrix, coverage = embedprep.build(path, "tokenizer.json", oov="zeros", **_told(path))
        assert matrix.tobytes() == rows.tobytes(), path
        assert coverage.counts.vocabulary.ratio == 1
        assert coverage.vectors[0].keys.startswith("pieces"), path
    for source in ("model", "table.vec"):
        for path in CONVERTED:
            embedprep.convert(source, path)
            matrix, coverage = embedprep.build(path.rstrip("/"), "tokenizer.json", oov="zeros")
            assert matrix.tobytes() == rows.tobytes(), (source, path)


def test_pieces_that_all_stand_at_the_end_of_a_file_are_seen() -> None:
    tokenizer = KINDS["metaspace"](_text(3))
    order = sorted(_tokens(tokenizer))
    dim = 2000  # a megabyte of text has some keys only
    rows = np.random.default_rng(0).normal(size=(len(order), dim)).astype(np.float32)
    tokenizer.save("tokenizer.json")
    lines = (
        key + " " + " ".join(f"{value:.9g}" for value in row.tolist()) + "\n"
        for key, row in zip(order, rows, strict=True)
    )
    Path("table.vec").write_text("".join(lines), encoding="utf-8")
    matrix, coverage = embedprep.build("table.vec", "tokenizer.json", oov="zeros")
    row_of = dict(zip(order, rows.tolist(), strict=True))
    assert matrix.tolist() == [row_of[token] for token in _tokens(tokenizer)]
    assert coverage.vectors[0].keys.startswith("pieces, Metaspace")


def _place(token: str, tokenizer: Any) -> tuple[str, bool] | None:
    """The text of a token and whether it begins a word, by what the library decodes."""
    if not tokenizer.id_to_token(tokenizer.token_to_id(token)) or token in SPECIAL:
        return None
    with_word = tokenizer.decoder.decode(["a" if _is_wordpiece(tokenizer) else _WORD, token])
    text = with_word.removeprefix("a")
    if "\ufffd" in text or not text.strip():
        return None
    return (text[1:], True) if text.startswith(" ") else (text, False)


SPECIAL = {"[UNK]", "[CLS]", "[SEP]", "<unk>", "<s>", "<|endoftext|>"}
_WORD = "a"


def _is_wordpiece(tokenizer: Any) -> bool:
    return tokenizer.token_to_id("[UNK]") is not None


@pytest.mark.parametrize("path", ["model", "table.vec", "table.bin"])
@pytest.mark.parametrize("ours", KINDS)
@pytest.mark.parametrize("theirs", KINDS)
def test_another_tokenizer_gets_the_same_pieces_and_no_other(
    theirs: str, ours: str, path: str
) -> None:
    source, target = KINDS[theirs](_text(1)), KINDS[ours](_text(2))
    rows = _rows(_tokens(source), 1)
    _stored(source, rows)
    target.save("ours.json")
    matrix, _ = embedprep.build(path, "ours.json", oov="zeros", compose=False)
    row_of = {
        place: row
        for token, row in zip(_tokens(source), rows.tolist(), strict=True)
        if (place := _place(token, source)) is not None
    }
    same_marks = {theirs, ours} <= {"metaspace", "unigram"} or theirs == ours
    found = 0
    for token, row in zip(_tokens(target), matrix.tolist(), strict=True):
        place = _place(token, target)
        if place is None or (same_marks and source.token_to_id(token) is None):
            continue
        expected = row_of.get(place, [0] * DIM)
        assert row == expected, (token, place)
        found += expected != [0] * DIM
    assert found > 20


def test_the_unknown_token_has_the_row_of_the_unknown_token() -> None:
    source, target = KINDS["wordpiece"](_text(1)), KINDS["metaspace"](_text(2))
    rows = _rows(_tokens(source), 1)
    _stored(source, rows)
    target.save("ours.json")
    for path in ("model", "table.vec"):
        matrix, _ = embedprep.build(path, "ours.json", "m.npy", oov="zeros")
        assert matrix[target.token_to_id("<unk>")].tobytes() == rows[0].tobytes()
        assert not matrix[target.token_to_id("<s>")].any()
        explained = embedprep.open("m.npy").explain("<unk>")
        assert explained.keys == ("[UNK]",)


def test_the_unknown_word_of_a_table_of_bert_is_known_without_its_tokenizer() -> None:
    Path("t.vec").write_text("[UNK] 9 9\nthe 1 1\n##ing 2 2\n", encoding="utf-8")
    matrix, _ = embedprep.build("t.vec", ["<unk>", "▁the", "ing", "▁of"], "m.npy", oov="zeros")
    assert matrix.tolist() == [[9, 9], [1, 1], [2, 2], [0, 0]]


def test_explain_and_the_report_say_what_the_keys_are() -> None:
    Path("t.vec").write_text("the 1 1\n##ing 2 2\ning 3 3\n", encoding="utf-8")
    vocab = ["Ġthe", "ing", "Ġof", "Ġing"]
    _, coverage = embedprep.build("t.vec", vocab, "m.npy", oov="zeros")
    assert "keys: pieces, WordPiece" in str(coverage)
    matrix = embedprep.open("m.npy")
    assert matrix.array.tolist() == [[1, 1], [2, 2], [0, 0], [3, 3]]
    the, piece, of, ing = map(matrix.explain, vocab)
    assert [one.keys for one in (the, piece, of, ing)] == [("the",), ("##ing",), (), ("ing",)]
    assert piece.file_keys[0].startswith("pieces, WordPiece")
    assert "of the token itself, which the file spells so:" in str(piece)
    assert "its keys" in str(piece)
    assert json.loads(coverage.to_json())["vectors"][0]["keys"] == coverage.vectors[0].keys


def test_explain_of_a_table_with_the_same_marks() -> None:
    Path("t.vec").write_text("▁the 1 1\n▁of 2 2\nthe 3 3\n", encoding="utf-8")
    embedprep.build("t.vec", ["▁the", "the"], "m.npy", oov="zeros")
    found = embedprep.open("m.npy").explain("▁the")
    assert (found.provenance, found.keys) == ("exact", ())
    assert "spelt the same in the file" in str(found)


@pytest.mark.parametrize(
    ("keys", "tokens", "found"),
    [
        (["the", "##ing", "###", "#"], ["▁the", "▁###", "#", "▁#", "ing"], [0, None, 2, 3, 1]),
        (["the</w>", "ing</w>", "th"], ["##ing</w>", "the", "##th"], [None, 0, None]),
        (["▁the", "▁of", "ing"], ["the", "##▁of", "##ing"], [0, None, 2]),
    ],
)
def test_a_text_that_looks_like_a_mark_is_no_other_piece(
    keys: list[str], tokens: list[str], found: list[int | None]
) -> None:
    Path("t.vec").write_text("".join(f"{k} {i} 1\n" for i, k in enumerate(keys)), encoding="utf-8")
    model: dict[str, Any] = {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
    }
    if tokens[0].startswith("▁"):
        model = {"type": "BPE", "merges": []}
    saved = {
        "model": model | {"vocab": {token: id for id, token in enumerate(tokens)}},
        "pre_tokenizer": {"type": "Metaspace" if model["type"] == "BPE" else "BertPreTokenizer"},
    }
    Path("tokenizer.json").write_text(json.dumps(saved), encoding="utf-8")
    matrix, _ = embedprep.build("t.vec", "tokenizer.json", oov="zeros")
    assert [int(row[0]) if row[1] else None for row in matrix.tolist()] == found
