"""SentencePiece models: pieces, ids and types as the `sentencepiece` library reads them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, Surface, Vocabulary, read
from embedprep.vocabulary.words import words

sentencepiece = pytest.importorskip("sentencepiece")

TEXT = ["the cat sat on the mat", "a dog and the cat", "lower lowest newer newest café"] * 20

TRAINED: dict[str, dict[str, Any]] = {
    "unigram": {"model_type": "unigram", "vocab_size": 40},
    "bpe": {"model_type": "bpe", "vocab_size": 60},
    "characters": {"model_type": "char", "vocab_size": 25},
    "bytes": {"model_type": "bpe", "vocab_size": 320, "byte_fallback": True},
    "newlines": {
        "model_type": "unigram",
        "vocab_size": 45,
        "user_defined_symbols": ["\n", "\n\n", "\t", "<extra>"],
    },
    "other ids": {
        "model_type": "unigram",
        "vocab_size": 40,
        "pad_id": 0,
        "pad_piece": "[nothing]",
        "unk_id": 2,
        "unk_piece": "[huh]",
        "bos_id": -1,
        "eos_id": 1,
    },
    "suffix": {"model_type": "bpe", "vocab_size": 60, "treat_whitespace_as_suffix": True},
}


def trained(kind: str) -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXT),
        model_writer=model,
        minloglevel=2,
        hard_vocab_limit=False,
        **TRAINED[kind],
    )
    return model.getvalue()


def vocabulary_of(kind: str, tmp_path: Path) -> tuple[Vocabulary, Any]:
    file = tmp_path / "trained.model"
    file.write_bytes(trained(kind))
    return read(file), sentencepiece.SentencePieceProcessor(model_file=str(file))


def role_of(model: Any, id: int) -> Role:
    if id == model.pad_id():
        return Role.PADDING
    if model.is_unknown(id):
        return Role.UNKNOWN
    special = model.is_control(id) or model.is_byte(id) or model.is_unused(id)
    return Role.OTHER if special else Role.WORD


@pytest.mark.parametrize("kind", TRAINED)
def test_pieces_and_roles_are_those_of_the_library(kind: str, tmp_path: Path) -> None:
    vocabulary, model = vocabulary_of(kind, tmp_path)
    ids = range(model.get_piece_size())
    assert vocabulary.format == "sentencepiece-model"
    assert vocabulary.tokens == tuple(map(model.id_to_piece, ids))
    assert vocabulary.rows.tolist() == list(ids)
    assert vocabulary.roles.tolist() == [role_of(model, id) for id in ids]
    suffix = kind == "suffix"
    assert vocabulary.surface is (Surface.METASPACE_SUFFIX if suffix else Surface.METASPACE)


@pytest.mark.parametrize("kind", TRAINED)
def test_the_exported_vocab_has_the_same_rows(kind: str, tmp_path: Path) -> None:
    model = sentencepiece.SentencePieceProcessor(model_proto=trained(kind))
    file = tmp_path / "trained.vocab"
    ids = range(model.get_piece_size())
    file.write_text("".join(f"{model.id_to_piece(id)}\t{model.get_score(id)}\n" for id in ids))
    vocabulary = read(file)
    assert vocabulary.format == "sentencepiece"
    assert vocabulary.tokens == tuple(map(model.id_to_piece, ids))


def test_words_end_where_the_mark_is_a_suffix(tmp_path: Path) -> None:
    vocabulary, _ = vocabulary_of("suffix", tmp_path)
    word_of = dict(zip(vocabulary.tokens, words(vocabulary), strict=True))
    assert word_of["the▁"] == b"the"
    assert word_of["e"] is None


def test_a_model_by_another_name_and_in_a_gzip(tmp_path: Path) -> None:
    import gzip

    file = tmp_path / "vocabulary.txt.gz"
    file.write_bytes(gzip.compress(trained("unigram")))
    assert read(file).format == read(file, format="sentencepiece-model").format


@pytest.mark.parametrize("cut", [1, 2, 7, 20, 21, 200])
def test_a_model_that_is_cut_short(cut: int, tmp_path: Path) -> None:
    file = tmp_path / "m.model"
    file.write_bytes(trained("unigram")[:-cut])
    with pytest.raises(InputError, match="a damaged SentencePiece model: it is cut short"):
        read(file)


PIECE = b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PIECE + b"\x0b", "unknown wire type 3"),
        (PIECE + b"\n\x03\n\x01\xff", "piece 1 is not UTF-8"),
        (PIECE + b"\n\x80", "it is cut short"),
        (PIECE + b"\n" + b"\x80" * 20, "it is cut short"),
    ],
)
def test_a_damaged_model(data: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "m.model"
    file.write_bytes(data)
    with pytest.raises(InputError, match=reason):
        read(file)


@pytest.mark.parametrize(
    ("name", "beside", "content"),
    [
        ("sentencepiece.bpe.vocab", None, {}),
        ("spm.vocab", "tokenizer_config.json", {"tokenizer_class": "CamembertTokenizer"}),
        ("spm.vocab", "config.json", {"model_type": "xlm-roberta"}),
        ("spm.vocab", "config.json", {"model_type": "m2m_100"}),
        ("spm.vocab", "config.json", {"model_type": "t5"}),
        ("spm.vocab", "config.json", {"model_type": ["odd"]}),
    ],
)
def test_the_text_of_a_model_is_shifted_likewise(
    name: str, beside: str | None, content: dict[str, object], tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_text("<unk>\t0\n<s>\t0\n</s>\t0\n\u2581the\t-3.5\n,\t-4\n")
    if beside is not None:
        (tmp_path / beside).write_text(json.dumps(content))
    if content.get("model_type") in ("t5", ["odd"]):
        assert read(file).tokens[3] == "\u2581the"
        return
    with pytest.raises(InputError, match="not the places of the pieces") as caught:
        read(file)
    assert "--vocab-format sentencepiece." in caught.value.remedy
    assert read(file, format="sentencepiece").tokens[3] == "\u2581the"


def test_fields_of_other_kinds_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "m.model"
    # A piece with a field of 64 bits, a model with a number and with the text of field 9.
    other = (
        b"\n\x0f\n\x02ab\x11\x00\x00\x00\x00\x00\x00\x00\x00\x20\x01" + b"\x18\x01" + b"\x4a\x01x"
    )
    file.write_bytes(PIECE + other)
    assert read(file).tokens == ("<unk>", "ab")


@pytest.mark.parametrize(
    ("name", "tokenizer", "refused"),
    [
        ("sentencepiece.bpe.model", None, True),
        ("sentencepiece.bpe.model", "XLMRobertaTokenizer", True),
        ("sentencepiece.bpe.model", "T5Tokenizer", False),
        ("spiece.model", "PegasusTokenizer", True),
        ("sentencepiece.bpe.model", "M2M100Tokenizer", True),
        ("source.spm", None, True),
        ("source.spm", "MarianTokenizer", True),
        ("spiece.model", "T5Tokenizer", False),
        ("spiece.model", None, False),
    ],
)
def test_models_whose_ids_are_not_the_places(
    name: str, tokenizer: str | None, refused: bool, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.write_bytes(trained("unigram"))
    if tokenizer is not None:
        (tmp_path / "tokenizer_config.json").write_text(f'{{"tokenizer_class": "{tokenizer}"}}')
    if not refused:
        assert read(file).format == "sentencepiece-model"
        return
    with pytest.raises(InputError, match="not the places of the pieces") as caught:
        read(file)
    assert "save_pretrained" in caught.value.remedy
    (tmp_path / "vocab.json").write_text("{}")
    with pytest.raises(InputError, match="not the places of the pieces") as caught:
        read(file)
    assert "Name vocab.json beside it" in caught.value.remedy
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(InputError) as caught:
        read(file)
    assert "Name tokenizer.json beside it" in caught.value.remedy
    assert read(file, format="sentencepiece-model").tokens[0] == "<unk>"
