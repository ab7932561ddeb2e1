"""Roles by name, surfaces by spelling, and the byte-level alphabet."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.vocabulary import Role, Surface, byte_alphabet, read


@pytest.mark.parametrize(
    ("token", "role"),
    [
        *((token, Role.PADDING) for token in ("[PAD]", "<pad>", "<PAD>")),
        *((token, Role.UNKNOWN) for token in ("[UNK]", "<unk>", "<UNK>", "<OOV>", "UNK")),
        *((token, Role.OTHER) for token in ("[CLS]", "[SEP]", "[MASK]", "<s>", "</s>")),
        *((token, Role.OTHER) for token in ("<bos>", "<eos>", "<|endoftext|>", "<mask>")),
        *((token, Role.OTHER) for token in ("[unused0]", "[unused993]", "<0x00>", "<0xE2>")),
        *((token, Role.WORD) for token in ("pad", "unk", "Unk", "PAD", "mask", "s", "[unused]")),
        ("", Role.OTHER),
    ],
)
def test_roles_by_name(token: str, role: Role) -> None:
    vocabulary = read(["the", token])
    assert vocabulary.roles.tolist() == [Role.WORD, role]


def test_an_empty_token_is_padding_at_row_zero_only() -> None:
    assert read(["", "a", ""]).roles.tolist() == [Role.PADDING, Role.WORD, Role.OTHER]
    assert read({"a": 0, "": 1}).roles.tolist() == [Role.WORD, Role.OTHER]


def with_share(mark: str, marked: int, plain: int) -> list[str]:
    return [f"{mark}w{i}" for i in range(marked)] + [f"w{i}" for i in range(plain)]


@pytest.mark.parametrize(
    ("tokens", "surface"),
    [
        (with_share("Ġ", 50, 50), Surface.BYTE_LEVEL),
        (with_share("Ġ", 5000, 5000), Surface.BYTE_LEVEL),
        ([*with_share("Ġ", 50, 50), "<|endoftext|>", "[PAD]"], Surface.BYTE_LEVEL),
        # Maltese writes Ġ; its words are not of the alphabet throughout.
        ([*with_share("Ġ", 50, 50), "ħobż"], Surface.PLAIN),
        ([*with_share("Ġ", 50, 50), "Ġorġ"], Surface.BYTE_LEVEL),  # of the alphabet throughout
        ([*with_share("Ġ", 50, 50), "two words"], Surface.BYTE_LEVEL),
        ([*with_share("Ġ", 50, 50), "two words", "Ġorġ"], Surface.PLAIN),
        ([*with_share("Ġ", 50, 50), *(f"日{i}" for i in range(6))], Surface.PLAIN),
        (with_share("Ġ", 2, 98), Surface.PLAIN),
        (with_share("▁", 50, 50), Surface.METASPACE),
        (with_share("▁", 2, 98), Surface.PLAIN),
        ([f"w{i}</w>" for i in range(50)] + ["a", "b"], Surface.WORD_END),
        (["</w>", *with_share("", 0, 98)], Surface.PLAIN),
        (["[UNK]", "the", "##s"], Surface.WORDPIECE),
        (["the", "##s"], Surface.PLAIN),
        (["", "the", "cat"], Surface.PLAIN),
    ],
)
def test_surface_by_spelling(tokens: list[str], surface: Surface) -> None:
    ids: dict[str, Any] = {token: row for row, token in enumerate(tokens)}
    assert read(tokens).surface is surface
    assert read(ids).surface is surface


def test_the_alphabet_of_gpt2() -> None:
    assert byte_alphabet.to_bytes("ĠcafÃ©") == " café".encode()
    assert byte_alphabet.from_bytes(b" \n\x00\xad") == "ĠĊĀŃ"
    assert byte_alphabet.to_bytes("two words") is None
    assert byte_alphabet.to_bytes("ł") == b"\xa0"
    assert byte_alphabet.to_bytes("ń") is None
    assert byte_alphabet.to_bytes("") == b""


def test_the_alphabet_is_that_of_the_library() -> None:
    tokenizers = pytest.importorskip("tokenizers")
    alphabet = set(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    assert {byte_alphabet.from_bytes(bytes([byte])) for byte in range(256)} == alphabet


@given(st.binary())
def test_bytes_survive_the_alphabet(data: bytes) -> None:
    spelling = byte_alphabet.from_bytes(data)
    assert len(spelling) == len(data)
    assert byte_alphabet.covers(spelling)
    assert byte_alphabet.to_bytes(spelling) == data


@pytest.mark.parametrize(
    ("tokens", "padding"),
    [
        (["--NULL--", "--OOV--", "the"], [0]),
        (["-UNK-", "-PAD-", "the"], [1]),
        (["__null__", "the"], [0]),
        (["<NULL>", "the"], [0]),
        (["NULL", "the"], [0]),
        (["padding", "the"], [0]),
        (["the", "NULL", "padding"], []),
        (["UNK", "PAD", "the"], [1]),
        (["BOS", "EOS", "unk", "pad", "the"], [3]),
        (["<s>", "pad", "the"], [1]),
        (["<unk>", "the", "pad"], []),
    ],
)
def test_more_names_of_padding(tokens: list[str], padding: list[int]) -> None:
    roles = read(tokens).roles
    assert np.flatnonzero(roles == Role.PADDING).tolist() == padding
