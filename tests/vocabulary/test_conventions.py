"""The convention of a vocabulary is told by all of its tokens, not by an odd one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, Surface, byte_alphabet, read
from embedprep.vocabulary.words import words

ALPHABET = list(byte_alphabet.CHARACTERS)
PIECES = [*ALPHABET, *(f"Ġw{i}" for i in range(200)), *(f"i{i}" for i in range(200))]


@pytest.mark.parametrize(
    "alien", ["  ", "   " * 8, "<｜end▁of▁sentence｜>", "填充", "two words", "ż"]
)
def test_a_token_outside_the_alphabet_changes_no_other(alien: str) -> None:
    before, after = read(PIECES), read([*PIECES, alien])
    assert after.surface is before.surface is Surface.BYTE_LEVEL
    assert words(after) == [*words(before), alien.encode()]


@pytest.mark.parametrize("alien", ["   ", "<｜end▁of▁sentence｜>", "[ż]"])
def test_added_tokens_are_told_by_their_spelling_in_a_part_of_a_vocabulary(alien: str) -> None:
    assert read(["Ġthe", "cat", "Ġcat", alien]).surface is Surface.BYTE_LEVEL


@pytest.mark.parametrize("word", ["ħobż", "two words", "<", "ż>", "<>ż"])
def test_words_of_maltese_are_words(word: str) -> None:
    list_of_words = [f"Ġw{i}" for i in range(50)] + [f"w{i}" for i in range(50)] + [word, "żgħir"]
    assert read(list_of_words).surface is Surface.PLAIN


@pytest.mark.parametrize(
    ("tokens", "surface"),
    [
        ([*ALPHABET, *(c + "</w>" for c in ALPHABET), "the</w>"], Surface.BYTE_LEVEL_WORD_END),
        ([f"w{i}</w>" for i in range(50)], Surface.WORD_END),
        ([f"w{i}▁" for i in range(50)] + ["▁a"], Surface.METASPACE_SUFFIX),
        ([f"▁w{i}" for i in range(50)] + ["a▁"], Surface.METASPACE),
        ([f" w{i}" for i in range(50)] + ["ing"], Surface.LEADING_SPACE),
        (["  ", "   ", "a", "b"], Surface.PLAIN),
        (["<unk>", *(f"##w{i}" for i in range(50)), "the"], Surface.WORDPIECE),
        (["<unk>", "##w", *(f"w{i}" for i in range(50))], Surface.PLAIN),
    ],
)
def test_conventions_by_their_marks(tokens: list[str], surface: Surface) -> None:
    assert read(tokens).surface is surface


def tokenizer(vocab: dict[str, int] | list[Any], type: str = "BPE", **parts: Any) -> dict[str, Any]:
    model = {"type": type, "vocab": vocab, **parts.pop("model", {})}
    return {"added_tokens": parts.pop("added_tokens", []), "model": model, **parts}


WHITESPACE = {"type": "Whitespace"}
BYTES = {"type": "ByteLevel", "add_prefix_space": False}


def sequence(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "pretokenizers": list(parts)}


@pytest.mark.parametrize(
    ("content", "surface"),
    [
        (tokenizer({"the": 0, "ing": 1}, pre_tokenizer=WHITESPACE), Surface.UNMARKED),
        (tokenizer([["the", -1], ["ing", -2]], "Unigram"), Surface.UNMARKED),
        (
            tokenizer({"the": 0}, "WordPiece", model={"continuing_subword_prefix": ""}),
            Surface.UNMARKED,
        ),
        (tokenizer({"the": 0}, "WordLevel", pre_tokenizer=WHITESPACE), Surface.PLAIN),
        (tokenizer({" the": 0, " of": 1, "ing": 2}), Surface.LEADING_SPACE),
        (
            tokenizer({"the": 0, "Ã©": 1}, pre_tokenizer=sequence(WHITESPACE, BYTES)),
            Surface.BYTE_LEVEL_UNMARKED,
        ),
        (
            tokenizer({"Ġthe": 0, "Ã©": 1}, pre_tokenizer=sequence(WHITESPACE, BYTES)),
            Surface.BYTE_LEVEL,
        ),
        (
            tokenizer({"the▁": 0, "ing": 1}, decoder={"type": "Metaspace", "replacement": "▁"}),
            Surface.METASPACE_SUFFIX,
        ),
        (
            tokenizer({"th": 0}, model={"end_of_word_suffix": "</w>"}, decoder=BYTES),
            Surface.BYTE_LEVEL_WORD_END,
        ),
    ],
)
def test_conventions_of_a_tokenizer(content: Any, surface: Surface, tmp_path: Path) -> None:
    file = tmp_path / "tokenizer.json"
    file.write_text(json.dumps(content))
    vocabulary = read(file)
    assert vocabulary.surface is surface
    assert any("marks neither" in note for note in vocabulary.notes) is surface.marks_nothing


def test_pieces_without_marks_in_bytes_are_decoded() -> None:
    content: Any = tokenizer({"the": 0, "Ã©": 1, "Ã": 2}, pre_tokenizer=sequence(WHITESPACE, BYTES))
    assert words(read(content)) == [b"the", "é".encode(), None]


def test_a_name_says_nothing_where_the_file_declares_its_special_tokens() -> None:
    special = [{"id": 4, "content": "<|end|>", "special": True}]
    vocab = {"UNK": 0, "<s>": 1, "<0x0A>": 2, "[unused1]": 3}
    vocabulary = read(tokenizer(vocab, pre_tokenizer=BYTES, added_tokens=special))
    assert vocabulary.roles.tolist() == [Role.WORD, Role.WORD, Role.OTHER, Role.OTHER, Role.OTHER]
    assert read(tokenizer(vocab, pre_tokenizer=BYTES)).roles.tolist()[:2] == [Role.WORD, Role.OTHER]


@pytest.mark.parametrize(
    ("text", "notes"),
    [("the 9\nof 5\n", ["first line has id 4"]), ("262 9\n13 5\n", ["first line", "is a number"])],
)
def test_what_is_assumed_of_a_dictionary_of_fairseq(
    text: str, notes: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "dict.txt"
    file.write_text(text)
    found = read(file).notes
    assert len(found) == len(notes)
    assert all(said in note for said, note in zip(notes, found, strict=True))


TWO = {"default_vocab_size": 5, "default_num_special_tokens": 2}


def entry(**fields: Any) -> dict[str, Any]:
    return {"rank": 0, "token_bytes": "IQ==", **fields}


@pytest.mark.parametrize(
    ("config", "vocab", "special", "reason"),
    [
        ({}, {"rank": 0, "token_bytes": "IQ=="}, [], "default_vocab_size is null"),
        (
            {"default_vocab_size": -1},
            {"rank": 0, "token_bytes": "IQ=="},
            [],
            "default_vocab_size is -1",
        ),
        (None, {"rank": "0", "token_bytes": "IQ=="}, [], "entry 0 of vocab is"),
        (None, {"rank": True, "token_bytes": "IQ=="}, [], "entry 0 of vocab is"),
        (None, {"rank": 0, "token_bytes": "!"}, [], "entry 0 of vocab is not in Base64"),
        (None, {"rank": 0, "token_bytes": "é"}, [], "entry 0 of vocab is not in Base64"),
        (
            None,
            {"rank": 0, "token_bytes": "IQ=="},
            [{"rank": 9, "token_str": "a"}],
            "special token is",
        ),
    ],
)
def test_a_damaged_tekken(config: Any, vocab: Any, special: Any, reason: str) -> None:
    config = (
        {"default_vocab_size": 5, "default_num_special_tokens": 1} if config is None else config
    )
    with pytest.raises(InputError, match=reason):
        read({"config": config, "vocab": [vocab], "special_tokens": special})


def test_special_tokens_of_a_tekken_that_it_does_not_list() -> None:
    config = {"default_vocab_size": 3, "default_num_special_tokens": 2}
    content = {
        "config": config,
        "vocab": [{"rank": 0, "token_bytes": "IQ=="}],
        "special_tokens": {},
    }
    vocabulary = read(content)
    assert (vocabulary.rows.tolist(), vocabulary.n_rows) == ([2], 3)


@pytest.mark.parametrize("ranks", ["? 0 IQ==", "! x IQ==", "! 0 IQ", "!"])
def test_a_damaged_json_of_tiktoken(ranks: str) -> None:
    with pytest.raises(InputError, match="line 1 of bpe_ranks"):
        read({"bpe_ranks": ranks, "special_tokens": {}})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("token,id\nthe,x\n", '"x" is not an id'),
        ("token,id\nthe,0,1\n", "3 fields, where the header has 2"),
        ("token,id\na\rb,0\n", "not a table"),
        ('id,token,"a\n0,the\n', "not a table"),  # a quote of the header that nothing closes
        ("token,word,id\nthe,a,0\n", "does not name one column"),
        ("the,0\nof,1\n", "does not name one column"),
    ],
)
def test_a_damaged_table(text: str, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "vocab.csv"
    file.write_bytes(text.encode())
    with pytest.raises(InputError, match=reason):
        read(file, format="csv")


@pytest.mark.parametrize(
    "metadata", ["x", "{}{", "[]", '{"oov_buckets": -1}', '{"oov_buckets": 1e9}']
)
def test_a_damaged_token_text_encoder(metadata: str, tmp_path: Path) -> None:
    file = tmp_path / "v.tokens"
    file.write_text(f"### TokenTextEncoder\n### Metadata: {metadata}\nthe\n")
    with pytest.raises(InputError, match="how many buckets"):
        read(file)
