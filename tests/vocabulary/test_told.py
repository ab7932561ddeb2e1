"""What the user tells of a vocabulary: padding, unknown and special tokens, and rows."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from embedprep.errors import InputError, UsageError
from embedprep.vocabulary import Role, VocabularyOptions, parsed_special, read
from embedprep.vocabulary.special_tokens import ROLE_OF

PADDING, UNKNOWN, OTHER, WORD = Role.PADDING, Role.UNKNOWN, Role.OTHER, Role.WORD


def told(vocab: Any, **options: Any) -> list[Role]:
    return [Role(role) for role in read(vocab, told=VocabularyOptions(**options)).roles.tolist()]


def test_the_tokens_that_the_user_names() -> None:
    assert told(["#", "?", "the"], pad_token="#", unk_token="?") == [PADDING, UNKNOWN, WORD]


def test_what_the_user_names_wins_over_the_names_in_use() -> None:
    assert told(["<pad>", "<blank>", "a"], pad_token="<blank>") == [OTHER, PADDING, WORD]
    assert told(["<pad>", "<unk>", "a"], unk_token="<pad>") == [UNKNOWN, OTHER, WORD]


def test_none_is_no_token_even_where_a_word_is_spelt_so() -> None:
    assert told(["<pad>", "<unk>", "a"], pad_token="none", unk_token="none") == [OTHER, OTHER, WORD]
    assert told(["<pad>", "none"], pad_token="none", unk_token="none") == [OTHER, WORD]


def test_padding_at_the_row_that_keras_keeps() -> None:
    assert read({"the": 1}).padding_row == 0
    assert read({"the": 1}, told=VocabularyOptions(pad_token="none")).padding_row is None
    assert read({"the": 1}, told=VocabularyOptions(unk_token="none")).padding_row == 0


def test_a_padding_token_that_stands_at_several_rows() -> None:
    assert told(["x", "the", "x"], pad_token="x") == [PADDING, WORD, PADDING]


@pytest.mark.parametrize(
    ("tokens", "near"),
    [(["<blank>", "the"], "'<blank>'"), (["the", "of"], "the, of"), (["a", "[CLS]"], "'[CLS]', a")],
)
def test_a_token_that_is_not_there(tokens: list[str], near: str) -> None:
    with pytest.raises(UsageError, match="the vocabulary has no such token") as caught:
        read(tokens, told=VocabularyOptions(pad_token="<blanc>"))
    assert near in caught.value.remedy
    assert "--pad-token none" in caught.value.remedy


def test_rows_beyond_the_ids() -> None:
    assert read(["a", "b"], told=VocabularyOptions(rows=64)).n_rows == 64
    assert read(["a", "b"], told=VocabularyOptions(rows=2)).n_rows == 2
    with pytest.raises(UsageError, match="--rows 1 is less than the vocabulary needs") as caught:
        read(["a", "b"], told=VocabularyOptions(rows=1))
    assert "--rows 2" in caught.value.remedy
    with pytest.raises(UsageError, match="--rows 1180591620717411303424 is more than"):
        read(["a", "b"], told=VocabularyOptions(rows=1 << 70))


def test_a_part_of_a_vocabulary_at_its_old_ids() -> None:
    pruned = {f"w{id}": id for id in range(0, 25_000, 13)}
    with pytest.raises(InputError, match="needs a matrix of 25000 rows") as caught:
        read({"w": 24_999})
    assert "--rows 25000" in caught.value.remedy
    vocabulary = read(pruned, told=VocabularyOptions(rows=25_000))
    assert (vocabulary.n_rows, vocabulary.notes) == (25_000, ())


def test_a_notice_where_ids_may_be_counts() -> None:
    assert "most rows have no token" in read({"the": 90, "of": 50}).notes[0]
    assert read({"the": 1, "of": 3}).notes == ()


def test_special_tokens_that_the_file_lacks() -> None:
    vocabulary = read(
        {"Ġthe": 0, "ing": 1},
        told=VocabularyOptions(special=(("<|endoftext|>", 4), ("<|pad|>", 3), ("ing", 1))),
    )
    assert vocabulary.tokens == ("Ġthe", "ing", "<|pad|>", "<|endoftext|>")
    assert vocabulary.rows.tolist() == [0, 1, 3, 4]
    assert vocabulary.roles.tolist() == [WORD, OTHER, PADDING, OTHER]


def test_special_tokens_have_no_counts() -> None:
    config = {"word_index": {"a": 1}, "word_counts": {"a": 5}}
    vocabulary = read(
        {"class_name": "Tokenizer", "config": config},
        told=VocabularyOptions(special=(("<s>", 2),)),
    )
    assert vocabulary.counts is not None
    assert vocabulary.counts.tolist() == [5, 0]
    assert read(["a"], told=VocabularyOptions(special=(("<s>", 1),))).tokens == ("a", "<s>")


@pytest.mark.parametrize("special", [(("<x>", 0),), (("<y>", 3), ("<x>", 3))])
def test_an_id_that_is_taken_is_the_fault_of_the_option(
    special: tuple[tuple[str, int], ...],
) -> None:
    message = r'--special <.>=\d: the token "(the|<x>)" has this id'
    with pytest.raises(UsageError, match=message):
        read(["the"], told=VocabularyOptions(special=special))


@pytest.mark.parametrize("special", [("the", 5), ("new", 0)])
def test_special_tokens_that_contradict(special: tuple[str, int]) -> None:
    with pytest.raises((UsageError, InputError)) as caught:
        read(["the"], told=VocabularyOptions(special=(special,)))
    assert "0" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [("<|endoftext|>=50256", ("<|endoftext|>", 50256)), ("a=b=0", ("a=b", 0))],
)
def test_a_name_and_an_id(text: str, parsed: tuple[str, int]) -> None:
    assert parsed_special(text) == parsed
    assert shlex.split(shlex.quote(text)) == [text]


@pytest.mark.parametrize("text", ["", "a", "=5", "a=", "a=x", "a=-1", "a=99999999999"])
def test_what_is_no_name_and_id(text: str) -> None:
    with pytest.raises(UsageError, match="is not a name and an id"):
        parsed_special(text)


def test_the_format_may_be_told_with_the_rest() -> None:
    pieces: Any = [["a", -1.0]]
    assert read(pieces, told=VocabularyOptions(format="scored-list")).format == "scored-list"


def test_a_vocabulary_that_was_read_can_be_told_of() -> None:
    read_before = read(["x", "the"])
    assert read(read_before, told=VocabularyOptions(pad_token="x", rows=9)).n_rows == 9


@pytest.mark.parametrize(
    "token",
    ["<blank>", "[pad]", "<|pad|>", "@@PADDING@@", "<PAD>", "<｜▁pad▁｜>", "<padding>", "<_pad_>"],
)
def test_names_of_padding_in_any_vocabulary(token: str) -> None:
    assert ROLE_OF[token] is PADDING
    assert told([*(f"Ġ{i}" for i in range(9)), token])[-1] is PADDING


@pytest.mark.parametrize(
    ("token", "role"),
    [
        ("xxpad", PADDING),
        ("_PAD_", PADDING),
        ("_PAD", PADDING),
        ("xxunk", UNKNOWN),
        ("UNK", UNKNOWN),
        ("_GO", OTHER),
        ("xxbos", OTHER),
    ],
)
def test_names_in_lists_of_words_are_pieces_elsewhere(token: str, role: Role) -> None:
    assert told(["the", token])[-1] is role
    assert told([*(f"▁{i}" for i in range(9)), token])[-1] is WORD


def test_the_word_pad_is_padding_only_before_all_others() -> None:
    assert told(["PAD", "the"]) == [PADDING, WORD]
    assert told(["pad", "the"]) == [PADDING, WORD]
    assert told(["the", "PAD"]) == [WORD, WORD]
    assert told({"pad": 1, "the": 2}) == [WORD, WORD]
    assert told(["pad", *(f"▁{i}" for i in range(9))])[0] is WORD


def test_a_notice_where_special_tokens_are_missing(tmp_path: Any) -> None:
    file = tmp_path / "gpt2.tiktoken"
    file.write_text("IHRoZQ== 0\nVU5L 1\n")
    vocabulary = read(file)
    assert vocabulary.roles.tolist() == [WORD, WORD]
    assert any("--rows N" in note for note in vocabulary.notes)
    assert read(file, told=VocabularyOptions(rows=3)).notes == ()
    assert read(file, told=VocabularyOptions(special=(("<|endoftext|>", 2),))).notes == ()
