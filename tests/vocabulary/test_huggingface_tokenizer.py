"""tokenizer.json: files that the `tokenizers` library trained and saved, and its own answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.lookup import look_up
from embedprep.vocabulary import Role, Surface, Vocabulary, read

tokenizers = pytest.importorskip("tokenizers")
models = pytest.importorskip("tokenizers.models")
pre_tokenizers = pytest.importorskip("tokenizers.pre_tokenizers")
trainers = pytest.importorskip("tokenizers.trainers")

TEXT = ["the cat sat on the mat", "a dog and the cat", "lower lowest newer newest café"] * 10


def trained(kind: str) -> Any:
    match kind:
        case "WordLevel":
            tokenizer = tokenizers.Tokenizer(models.WordLevel(unk_token="[UNK]"))
            tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
            trainer = trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"])
        case "WordPiece":
            tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token="[UNK]"))
            tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
            trainer = trainers.WordPieceTrainer(vocab_size=60, special_tokens=["[PAD]", "[UNK]"])
        case "byte-level BPE":
            tokenizer = tokenizers.Tokenizer(models.BPE())
            tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
                [pre_tokenizers.Digits(), pre_tokenizers.ByteLevel()]
            )
            trainer = trainers.BpeTrainer(
                vocab_size=300,
                special_tokens=["<|endoftext|>", "<|other|>"],
                initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            )
        case "BPE with word ends":
            tokenizer = tokenizers.Tokenizer(
                models.BPE(unk_token="<unk>", end_of_word_suffix="</w>")
            )
            tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
            trainer = trainers.BpeTrainer(
                vocab_size=60, special_tokens=["<unk>"], end_of_word_suffix="</w>"
            )
        case _:
            tokenizer = tokenizers.Tokenizer(models.Unigram())
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
            trainer = trainers.UnigramTrainer(
                vocab_size=60, special_tokens=["<pad>", "<unk>"], unk_token="<unk>"
            )
    tokenizer.train_from_iterator(TEXT, trainer)
    return tokenizer


def role_of(vocabulary: Vocabulary, token: str) -> Role:
    return Role(int(vocabulary.roles[vocabulary.tokens.index(token)]))


@pytest.mark.parametrize(
    ("kind", "surface"),
    [
        ("WordLevel", Surface.PLAIN),
        ("WordPiece", Surface.WORDPIECE),
        ("byte-level BPE", Surface.BYTE_LEVEL),
        ("BPE with word ends", Surface.WORD_END),
        ("Unigram", Surface.METASPACE),
    ],
)
def test_rows_are_the_ids_of_the_library(kind: str, surface: Surface, tmp_path: Path) -> None:
    tokenizer = trained(kind)
    tokenizer.add_tokens(["covid", "cat"])
    tokenizer.add_special_tokens(["<extra>", "[CLS]"])
    file = tmp_path / "tokenizer.json"
    tokenizer.save(str(file))
    vocabulary = read(file)
    ids = dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True))
    assert ids == tokenizer.get_vocab(with_added_tokens=True)
    assert vocabulary.format == "huggingface-tokenizer"
    assert vocabulary.surface is surface
    assert role_of(vocabulary, "covid") is Role.WORD
    assert role_of(vocabulary, "<extra>") is Role.OTHER


@pytest.mark.parametrize(
    ("kind", "surface"), [("byte-level BPE", Surface.BYTE_LEVEL), ("WordLevel", Surface.PLAIN)]
)
def test_the_vocab_json_beside_it(kind: str, surface: Surface, tmp_path: Path) -> None:
    tokenizer = trained(kind)
    tokenizer.model.save(str(tmp_path))
    vocabulary = read(tmp_path / "vocab.json")
    ids = dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True))
    assert ids == tokenizer.get_vocab()
    assert (vocabulary.format, vocabulary.surface) == ("token-map", surface)


def test_the_vocab_txt_beside_it(tmp_path: Path) -> None:
    tokenizer = trained("WordPiece")
    tokenizer.model.save(str(tmp_path))
    vocabulary = read(tmp_path / "vocab.txt")
    ids = dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True))
    assert ids == tokenizer.get_vocab()
    assert (vocabulary.format, vocabulary.surface) == ("lines", Surface.WORDPIECE)


def saved(vocab: Any, added: Any = (), **parts: Any) -> dict[str, Any]:
    model = {"vocab": vocab, **parts.pop("model", {})}
    return {"version": "1.0", "added_tokens": list(added), "model": model, **parts}


def added(id: int, content: str, special: bool = False) -> dict[str, Any]:
    return {"id": id, "content": content, "special": special}


def test_roles_are_what_the_file_declares() -> None:
    content = saved(
        {"nope": 0, "[PAD]": 1, "the": 2, "fill": 3, "[CLS]": 4},
        [added(1, "[PAD]", special=True), added(7, "<|im_start|>", special=True), added(8, "new")],
        padding={"pad_token": "fill", "pad_id": 3},
        model={"unk_token": "nope"},
    )
    vocabulary = read(content)
    assert vocabulary.n_rows == 9
    assert {token: role_of(vocabulary, token) for token in vocabulary.tokens} == {
        "nope": Role.UNKNOWN,
        "[PAD]": Role.PADDING,
        "the": Role.WORD,
        "fill": Role.PADDING,
        "[CLS]": Role.WORD,
        "<|im_start|>": Role.OTHER,
        "new": Role.WORD,
    }


def test_padding_with_the_end_of_text_leaves_it_the_end_of_text() -> None:
    content = saved({"a": 0, "<|endoftext|>": 1}, padding={"pad_token": "<|endoftext|>"})
    assert role_of(read(content), "<|endoftext|>") is Role.OTHER


def test_the_unknown_piece_of_a_unigram_model_has_a_position() -> None:
    vocabulary = read(saved([["▁", -1.0], ["huh", 0.0]], model={"unk_id": 1}))
    assert role_of(vocabulary, "huh") is Role.UNKNOWN
    assert role_of(vocabulary, "▁") is Role.WORD


@pytest.mark.parametrize(
    ("added_tokens", "token", "reason"),
    [
        ([added(1, "new")], "cat", 'has the id 1, and so has the token "new"'),
        ([added(5, "x"), added(5, "y")], "x", 'has the id 5, and so has the token "y"'),
        ([{"id": True, "content": "x"}], None, "entry 0 of added_tokens"),
        ([{"content": "x"}], None, "entry 0 of added_tokens"),
        (["x"], None, 'entry 0 of added_tokens is "x"'),
        ([added(-3, "x")], "x", "-3 is not an id"),
        ([added(2_000_000_000, "x")], "x", "needs a matrix of 2000000001 rows"),
    ],
)
def test_added_tokens_that_contradict(added_tokens: Any, token: str | None, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        read(saved({"the": 0, "cat": 1}, added_tokens))
    assert caught.value.token == token
    assert reason in caught.value.reason


@pytest.mark.parametrize("one", [added(2, "x"), "x", 5])
def test_added_tokens_that_are_no_list(one: Any) -> None:
    with pytest.raises(InputError, match="added_tokens is "):
        read({"model": {"vocab": {"the": 0}}, "added_tokens": one})


def test_added_tokens_may_repeat_and_leave_holes() -> None:
    vocabulary = read(saved({"the": 0}, [added(0, "the"), added(4, "x"), added(4, "x")]))
    assert vocabulary.tokens == ("the", "x")
    assert vocabulary.rows.tolist() == [0, 4]


REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
BACK = {"type": "Replace", "pattern": {"String": "▁"}, "content": " "}


@pytest.mark.parametrize(
    ("parts", "surface"),
    [
        ({"decoder": {"type": "ByteLevel"}}, Surface.BYTE_LEVEL),
        ({"normalizer": {"type": "ByteLevel"}}, Surface.BYTE_LEVEL),
        (
            {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}]}},
            Surface.BYTE_LEVEL,
        ),
        ({"post_processor": {"type": "ByteLevel"}}, Surface.PLAIN),
        ({"pre_tokenizer": {"type": "Metaspace"}}, Surface.METASPACE),
        ({"normalizer": {"type": "Sequence", "normalizers": [REPLACE]}}, Surface.METASPACE),
        ({"decoder": {"type": "Sequence", "decoders": [BACK]}}, Surface.METASPACE),
        ({"model": {"continuing_subword_prefix": "##"}}, Surface.WORDPIECE),
        ({"model": {"continuing_subword_prefix": "@@"}}, Surface.WORDPIECE),
        ({"model": {"end_of_word_suffix": "</w>"}}, Surface.WORD_END),
        ({"decoder": None, "pre_tokenizer": "odd"}, Surface.PLAIN),
    ],
)
def test_the_surface_is_declared_and_not_guessed(
    parts: dict[str, Any], surface: Surface, tmp_path: Path
) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(saved({"Ġthe": 0, "Ġa": 1, "▁b": 2}, **parts)))
    assert read(file).surface is surface


def test_what_the_file_declares_wins_over_the_name() -> None:
    vocabulary = read(saved({"a": 0, "<|endoftext|>": 1}, model={"unk_token": "<|endoftext|>"}))
    assert role_of(vocabulary, "<|endoftext|>") is Role.UNKNOWN


def test_a_token_with_two_ids_stands_at_both_rows() -> None:
    """Which of the two the tokenizer emits does not matter then: both rows are right."""
    vocabulary = read(saved({"the": 0, "cat": 1}, [added(5, "cat")]))
    assert vocabulary.tokens == ("the", "cat", "cat")
    assert vocabulary.rows.tolist() == [0, 1, 5]


def test_added_tokens_stand_for_themselves(tmp_path: Path) -> None:
    tokenizer = trained("byte-level BPE")
    tokenizer.add_tokens(["zebra"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    vocabulary = read(tmp_path / "tokenizer.json")
    assert "zebra" in vocabulary.verbatim
    assert b"zebra" in look_up(vocabulary).keys.keys
