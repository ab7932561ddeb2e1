"""Folders of tokenizers, the files beside a vocabulary, models of Keras, and other archives."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, Vocabulary, read

PADDING, UNKNOWN, OTHER, WORD = Role.PADDING, Role.UNKNOWN, Role.OTHER, Role.WORD


def folder(path: Path, **files: Any) -> Path:
    """A folder of these files, of text or JSON; in a name `__` is a dot, and `___` a slash."""
    for name, content in files.items():
        place = path / name.replace("___", "/").replace("__", ".")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def roles(vocabulary: Vocabulary) -> dict[str, Role]:
    pairs = zip(vocabulary.tokens, vocabulary.roles.tolist(), strict=True)
    return {token: Role(role) for token, role in pairs}


def tokenizer_json(vocab: dict[str, int], special: dict[str, int]) -> dict[str, Any]:
    added = [{"id": id, "content": token, "special": True} for token, id in special.items()]
    return {"model": {"type": "WordLevel", "vocab": vocab}, "added_tokens": added}


def test_tokenizer_json_goes_before_the_files_it_was_made_from(tmp_path: Path) -> None:
    files = {"tokenizer__json": tokenizer_json({"a": 0}, {"<s>": 1}), "vocab__json": {"b": 0}}
    vocabulary = read(folder(tmp_path, **files))
    assert vocabulary.tokens == ("a", "<s>")
    assert vocabulary.path == str(tmp_path / "tokenizer.json")
    assert vocabulary.notes == ()


def test_added_tokens_are_taken_with_the_vocabulary(tmp_path: Path) -> None:
    folder(tmp_path, vocab__json={"the": 0, "of": 1}, added_tokens__json={"<new>": 4, "of": 1})
    for path in (tmp_path, tmp_path / "vocab.json"):
        vocabulary = read(path)
        assert vocabulary.tokens == ("the", "of", "<new>")
        assert vocabulary.rows.tolist() == [0, 1, 4]
        assert vocabulary.verbatim == {"<new>"}
        assert "1 added tokens were taken" in vocabulary.notes[0]
    assert read(tmp_path / "vocab.json", format="token-map").n_rows == 2


def test_added_tokens_of_the_settings(tmp_path: Path) -> None:
    decoder = {
        "1": {"content": "[PAD]", "special": True},
        "3": {"content": "new", "special": False},
        "x": {"content": "not an id"},
        "4": "not a token",
    }
    folder(
        tmp_path,
        vocab__txt="the\n[PAD]\n",
        tokenizer_config__json={"added_tokens_decoder": decoder},
    )
    vocabulary = read(tmp_path / "vocab.txt")
    assert roles(vocabulary) == {"the": WORD, "[PAD]": PADDING, "new": WORD}
    assert vocabulary.n_rows == 4


@pytest.mark.parametrize(
    ("added", "reason"),
    [
        ({"new": 0}, '"new" the id 0, which "the" has'),
        ({"new": "x"}, '"new" the id "x", which is none'),
    ],
)
def test_added_tokens_that_do_not_belong_to_it(added: Any, reason: str, tmp_path: Path) -> None:
    folder(tmp_path, vocab__txt="the\n", added_tokens__json=added)
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert reason in caught.value.reason
    assert "--vocab-format lines" in caught.value.remedy
    assert caught.value.path == str(tmp_path / "vocab.txt")


def test_padding_and_unknown_are_what_the_files_beside_it_say(tmp_path: Path) -> None:
    special = {"pad_token": "#", "unk_token": {"content": "?"}, "cls_token": "^", "x_token": 5}
    folder(tmp_path, vocab__json={"#": 0, "?": 1, "^": 2, "the": 3, "UNK": 4, "+": 5})
    folder(tmp_path, special_tokens_map__json={**special, "additional_special_tokens": ["+", 7]})
    assert roles(read(tmp_path / "vocab.json")) == {
        "#": PADDING,
        "?": UNKNOWN,
        "^": OTHER,
        "the": WORD,
        "UNK": WORD,
        "+": OTHER,
    }


def test_padding_with_the_end_of_a_text_leaves_it_that(tmp_path: Path) -> None:
    names = dict.fromkeys(("pad_token", "eos_token", "unk_token"), "<|endoftext|>")
    folder(tmp_path, vocab__json={"<|endoftext|>": 0, "a": 1}, tokenizer_config__json=names)
    assert roles(read(tmp_path))["<|endoftext|>"] is OTHER


def test_padding_with_the_unknown_token_leaves_it_that(tmp_path: Path) -> None:
    folder(
        tmp_path, vocab__json={"<unk>": 0, "a": 1}, tokenizer_config__json={"pad_token": "<unk>"}
    )
    assert roles(read(tmp_path))["<unk>"] is UNKNOWN


def test_padding_that_only_the_settings_name(tmp_path: Path) -> None:
    folder(tmp_path, tokenizer__json=tokenizer_json({"a": 0}, {"<|end|>": 1, "[UNK]": 2}))
    folder(tmp_path, special_tokens_map__json={"pad_token": "<|end|>", "unk_token": "[UNK]"})
    assert roles(read(tmp_path)) == {"a": WORD, "<|end|>": PADDING, "[UNK]": UNKNOWN}


@pytest.mark.parametrize("damaged", ["{", "[]", "\udcff"])
def test_settings_that_cannot_be_read_say_nothing(damaged: str, tmp_path: Path) -> None:
    folder(tmp_path, vocab__json={"a": 0})
    (tmp_path / "tokenizer_config.json").write_bytes(damaged.encode("utf-8", "surrogateescape"))
    assert read(tmp_path).tokens == ("a",)


def test_tokens_that_only_the_settings_add_to_a_tokenizer(tmp_path: Path) -> None:
    """As transformers adds them: what tokenizer.json lists keeps its id."""
    folder(tmp_path, tokenizer__json=tokenizer_json({"a": 0, "b": 1}, {"<|end|>": 2}))
    added = {"2": {"content": "<|end|>"}, "0": {"content": "b"}, "3": {"content": "new"}}
    folder(tmp_path, tokenizer_config__json={"added_tokens_decoder": added})
    vocabulary = read(tmp_path)
    assert dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True)) == {
        "a": 0,
        "b": 1,
        "<|end|>": 2,
        "new": 3,
    }
    assert any("1 added tokens" in note for note in vocabulary.notes)
    assert read(tmp_path / "tokenizer.json", "huggingface-tokenizer").n_rows == 3


@pytest.mark.parametrize("content", ['["new"]', "{", '"x"'])
def test_added_tokens_without_ids(content: str, tmp_path: Path) -> None:
    folder(tmp_path, vocab__json={"a": 0})
    (tmp_path / "added_tokens.json").write_text(content)
    with pytest.raises(InputError, match=r"added_tokens\.json beside it is not a map") as caught:
        read(tmp_path)
    assert "--vocab-format token-map" in caught.value.remedy
    assert read(tmp_path / "vocab.json", "token-map").n_rows == 1


def test_other_files_have_no_neighbours(tmp_path: Path) -> None:
    folder(tmp_path, words__json={"a": 0}, added_tokens__json={"b": 7})
    assert read(tmp_path / "words.json").n_rows == 1
    folder(tmp_path, vocab__txt="### TokenTextEncoder\n### Metadata: {}\na\n")
    assert read(tmp_path / "vocab.txt").format == "tfds"


def test_a_preset_of_keras_hub(tmp_path: Path) -> None:
    settings = {"class_name": "BertTokenizer", "config": {"lowercase": True}}
    folder(tmp_path, tokenizer__json=settings, assets___tokenizer___vocabulary__txt="[PAD]\nthe\n")
    assert read(tmp_path).tokens == ("[PAD]", "the")
    with pytest.raises(InputError, match="the settings of a") as caught:
        read(tmp_path / "tokenizer.json")
    assert "assets/tokenizer" in caught.value.remedy


def test_a_preset_of_keras_hub_whose_ids_are_shifted(tmp_path: Path) -> None:
    settings = {"class_name": "XLMRobertaTokenizer", "config": {}}
    folder(tmp_path, tokenizer__json=settings, assets___tokenizer___x="")
    model = b"\n\x0e\n\x05<unk>\x15\x00\x00\x00\x00\x18\x02"
    (tmp_path / "assets/tokenizer/vocabulary.spm").write_bytes(model)
    with pytest.raises(InputError, match="XLMRobertaTokenizer are not the places"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("vocabulary.json", '{"the": 0}', "token-map"),
        ("vocabulary.txt", "[PAD]\nthe\n", "lines"),
        ("qwen.tiktoken", "dGhl 0\nb2Y= 1\n", "tiktoken"),
        (
            "tekken.json",
            '{"config": {"default_vocab_size": 2, "default_num_special_tokens": 1}, '
            '"vocab": [{"rank": 0, "token_bytes": "dGhl", "token_str": "the"}]}',
            "tekken",
        ),
    ],
)
def test_a_folder_with_a_vocabulary_of_another_name(
    name: str, content: str, format: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "merges.txt").write_text("t h\n")
    vocabulary = read(tmp_path)
    assert (vocabulary.format, "the" in vocabulary.tokens) == (format, True)


def test_a_folder_with_several_vocabularies_or_none(tmp_path: Path) -> None:
    folder(tmp_path, a__model="x", b__spm="x")
    with pytest.raises(InputError, match=r"several vocabularies: a\.model, b\.spm") as caught:
        read(tmp_path)
    assert f"--vocab {tmp_path / 'a.model'}" in caught.value.remedy
    (tmp_path / "sub").mkdir()
    with pytest.raises(InputError, match="without a vocabulary"):
        read(tmp_path / "sub")


@pytest.mark.parametrize("inner", ["", "vocabulary/"])
def test_a_folder_of_allennlp(inner: str, tmp_path: Path) -> None:
    (tmp_path / inner).mkdir(exist_ok=True)
    (tmp_path / inner / "non_padded_namespaces.txt").write_text("*tags\n*labels\n")
    with pytest.raises(InputError, match=r"without tokens\.txt"):
        read(tmp_path)
    (tmp_path / inner / "tokens.txt").write_text("@@UNKNOWN@@\nthe\n")
    vocabulary = read(tmp_path)
    assert (vocabulary.format, vocabulary.padding_row) == ("allennlp", 0)
    assert vocabulary.rows.tolist() == [1, 2]
    (tmp_path / inner / "non_padded_namespaces.txt").write_text("tok*\n")
    (tmp_path / inner / "tokens.txt").write_text("[PAD]\nthe\n")
    assert read(tmp_path).rows.tolist() == [0, 1]


def test_a_file_in_a_folder_of_allennlp(tmp_path: Path) -> None:
    (tmp_path / "non_padded_namespaces.txt").write_text("*tags\n")
    for name in ("tokens.txt", "pos_tags.txt"):
        (tmp_path / name).write_text("our_unknown\nthe\n")
    assert read(tmp_path / "tokens.txt").rows.tolist() == [1, 2]
    assert read(tmp_path / "tokens.txt", "lines").rows.tolist() == [0, 1]
    assert read(tmp_path / "pos_tags.txt").rows.tolist() == [0, 1]
    assert read(tmp_path / "non_padded_namespaces.txt").tokens == ("*tags",)


def layer(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": name, "config": {"name": "l", **config}}


def keras_file(path: Path, layers: list[Any], assets: dict[str, str] | None = None) -> Path:
    file = path / "model.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.json", "{}")
        config = {"class_name": "Functional", "config": {"layers": layers}}
        archive.writestr("config.json", json.dumps(config))
        for name, text in (assets or {}).items():
            archive.writestr(name, text)
    return file


VECTORIZATION = "assets/layers/text_vectorization/vocabulary.txt"
LOOKUP = "assets/layers/string_lookup/vocabulary.txt"


def test_a_keras_model_with_an_adapted_layer(tmp_path: Path) -> None:
    """As Keras 3.15 saves it: the vocabulary twice, with its padding and unknown tokens."""
    saved = "\n[UNK]\nthe\ncat"
    assets = {VECTORIZATION: saved, VECTORIZATION.replace("/voc", "/_lookup_layer/voc"): saved}
    other = {"class_name": "Dense", "config": {"units": 4}}
    vocabulary = read(
        keras_file(tmp_path, [other, layer("TextVectorization", vocabulary=None)], assets)
    )
    assert vocabulary.tokens == ("", "[UNK]", "the", "cat")
    assert vocabulary.roles.tolist() == [PADDING, UNKNOWN, WORD, WORD]
    assert vocabulary.format == "keras-layer"


def test_a_keras_model_whose_layer_has_other_special_tokens(tmp_path: Path) -> None:
    lookup = layer(
        "StringLookup", vocabulary=None, mask_token="#", oov_token="?", num_oov_indices=2
    )
    vocabulary = read(keras_file(tmp_path, [lookup], {LOOKUP: "#\n?\n?\na"}))
    assert vocabulary.tokens == ("#", "?", "?", "a")
    assert vocabulary.roles.tolist() == [PADDING, UNKNOWN, UNKNOWN, WORD]


def test_a_keras_model_with_the_vocabulary_in_its_configuration(tmp_path: Path) -> None:
    inner = {
        "class_name": "Sequential",
        "config": {"layers": [layer("StringLookup", vocabulary=["a"])]},
    }
    assert read(keras_file(tmp_path, [inner])).tokens == ("[UNK]", "a")


def test_a_keras_model_of_a_class_of_the_users(tmp_path: Path) -> None:
    vocabulary = read(keras_file(tmp_path, [], {LOOKUP: "[UNK]\na"}))
    assert vocabulary.roles.tolist() == [UNKNOWN, WORD]


def test_a_keras_model_with_several_layers(tmp_path: Path) -> None:
    two = [layer("TextVectorization"), layer("StringLookup")]
    file = keras_file(tmp_path, two, {VECTORIZATION: "\n[UNK]\nthe", LOOKUP: "[UNK]\na"})
    with pytest.raises(InputError, match="several lookup layers: l, l") as caught:
        read(file)
    for name, tokens in ((VECTORIZATION, ("", "[UNK]", "the")), (LOOKUP, ("[UNK]", "a"))):
        assert f"{file}::{name}" in caught.value.remedy
        assert read(f"{file}::{name}").tokens == tokens
    with pytest.raises(InputError, match="several lookup layers: l, l") as caught:
        read(keras_file(tmp_path, two))
    assert "get_vocabulary" in caught.value.remedy
    with pytest.raises(InputError, match="several lookup layers"):
        read(keras_file(tmp_path, [], {VECTORIZATION: "a", LOOKUP: "b"}))


def test_a_keras_model_without_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="without a TextVectorization or StringLookup"):
        read(keras_file(tmp_path, []))


@pytest.mark.parametrize("config", [None, "{", "[" * 100_000])
def test_a_keras_file_that_is_damaged(config: str | None, tmp_path: Path) -> None:
    file = tmp_path / "m.keras"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("metadata.json", "{}")
        if config is not None:
            archive.writestr("config.json", config)
    with pytest.raises(InputError, match=r"a \.keras file that is damaged"):
        read(file)


def test_a_list_of_tokens_by_the_name_of_a_model(tmp_path: Path) -> None:
    (tmp_path / "m.keras").write_text("the\nof\n")
    assert read(tmp_path / "m.keras").tokens == ("the", "of")


def test_a_vocabulary_too_large_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedprep.vocabulary.archives._MAX_BYTES", 3)
    with pytest.raises(InputError, match="too large for a vocabulary"):
        read(keras_file(tmp_path, [], {LOOKUP: "[UNK]\na"}))


def zipped(path: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, '{"the": 0}')
    return path


def test_archives_name_the_member_that_is_a_vocabulary(tmp_path: Path) -> None:
    file = zipped(tmp_path / "m.zip", ["config.json", "m/vocab.json"])
    with pytest.raises(InputError, match="several files") as caught:
        read(file)
    assert f"{file}::m/vocab.json" in caught.value.remedy
    assert read(f"{file}::m/vocab.json").tokens == ("the",)
    tar = tmp_path / "m.tar.gz"
    with tarfile.open(tar, "w:gz") as archive:
        for name in ("a.bin", "vocab.json"):
            info = tarfile.TarInfo(name)
            info.size = 10
            archive.addfile(info, io.BytesIO(b'{"the": 0}'))
    with pytest.raises(InputError, match="several files") as caught:
        read(tar)
    assert f"{tar}::vocab.json" in caught.value.remedy
    with pytest.raises(InputError, match="several files") as caught:
        read(zipped(tmp_path / "x.zip", ["a", "b"]))
    assert "x.zip::a" in caught.value.remedy


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["archive/data.pkl", "archive/version"], "a PyTorch file"),
        (["a.npy", "b.npy"], "a NumPy archive"),
    ],
)
def test_archives_that_hold_no_vocabulary(names: list[str], reason: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=reason):
        read(zipped(tmp_path / "m.zip", names))


def test_an_archive_that_only_a_stream_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipfile, "is_zipfile", lambda _: False)
    with pytest.raises(InputError, match="several files") as caught:
        read(zipped(tmp_path / "m.zip", ["config.json", "vocab.json"]))
    assert "m.zip::config.json" in caught.value.remedy
