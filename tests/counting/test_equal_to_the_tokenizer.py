"""The counts of a text are those of its tokenizer, to the token: real text, real libraries."""

from __future__ import annotations

import io
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embedprep
from embedprep.counting import CountedText
from embedprep.counting.splitting import text_vectorization
from embedprep.errors import EmbedprepError, InputError, UsageError

pytestmark = pytest.mark.usefixtures("workdir")

HARD = [
    "", " ", "İstanbul ΑΣ ΟΔΥΣΣΕΥΣ. Straße",
    "日本語の文 e\u0301 \u00a0 x\u2028y\x0bz\x85 \U0001f600!",
    "don't stop--now... 3,000.5 $5bn a\tb   c", "[UNK] <unk> ##ing </w> ▁the Ġthe <s>", "the THE",
]  # fmt: skip


@pytest.fixture(scope="session")
def lee() -> list[str]:
    """The documents of the Lee corpus, which gensim ships, and some that are hard."""
    pytest.importorskip("gensim")
    data = resources.files("gensim") / "test" / "test_data" / "lee_background.cor"
    return [*data.read_text("utf-8").splitlines()[:120], *HARD]


@pytest.fixture
def text(lee: list[str]) -> str:
    Path("lee.txt").write_text("\n".join(lee) + "\n", "utf-8", newline="")
    return "lee.txt"


def bert(lower: bool) -> Callable[[Any, Any], Any]:
    def made(tokenizers: Any, lines: list[str]) -> Any:
        tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = tokenizers.normalizers.BertNormalizer(lowercase=lower)
        tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
        trainer = tokenizers.trainers.WordPieceTrainer(
            vocab_size=600, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"], show_progress=False
        )
        tokenizer.train_from_iterator(lines[:100], trainer)
        tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
        tokenizer.enable_padding(length=128)
        tokenizer.enable_truncation(max_length=16)
        return tokenizer

    return made


def byte_level(tokenizers: Any, lines: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_tokens(["Osama bin Laden"])
    return tokenizer


def unigram(tokenizers: Any, lines: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.Unigram())
    tokenizer.normalizer = tokenizers.normalizers.NFKC()
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Metaspace()
    trainer = tokenizers.trainers.UnigramTrainer(
        vocab_size=500, unk_token="<unk>", special_tokens=["<unk>"], show_progress=False
    )
    tokenizer.train_from_iterator(lines[:100], trainer)
    return tokenizer


def word_level(tokenizers: Any, lines: list[str]) -> Any:
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    trainer = tokenizers.trainers.WordLevelTrainer(
        vocab_size=300, special_tokens=["[UNK]"], show_progress=False
    )
    tokenizer.train_from_iterator(lines, trainer)
    return tokenizer


@pytest.mark.parametrize("kind", [bert(True), bert(False), byte_level, unigram, word_level])
def test_ids_of_tokenizers(kind: Callable[[Any, Any], Any], lee: list[str], text: str) -> None:
    tokenizers = pytest.importorskip("tokenizers")
    kind(tokenizers, lee).save("tokenizer.json")
    oracle = tokenizers.Tokenizer.from_file("tokenizer.json")
    oracle.no_truncation()
    oracle.no_padding()
    expected = Counter(
        id for line in lee for id in oracle.encode(line, add_special_tokens=False).ids
    )
    counted = embedprep.count("tokenizer.json", text)
    assert counted.by_token() == {oracle.id_to_token(id): n for id, n in expected.items()}
    assert (counted.tokens, counted.texts) == (expected.total(), len(lee))
    rows = counted.vocabulary.rows.tolist()
    assert dict(zip(rows, counted.counts.tolist(), strict=True)) == {
        id: expected[id] for id in rows
    }
    unknown = oracle.token_to_id("[UNK]" if kind is not unigram else "<unk>")
    assert counted.unknown == expected[unknown]


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_ids_of_sentencepiece(kind: str, lee: list[str], text: str) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lee[:100]), model_writer=model, minloglevel=2, model_type=kind,
        vocab_size=500, byte_fallback=kind == "bpe", hard_vocab_limit=False,
    )  # fmt: skip
    Path("lee.model").write_bytes(model.getvalue())
    oracle = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    expected = Counter(id for line in lee for id in oracle.encode(line))
    counted = embedprep.count("lee.model", text)
    assert counted.by_token() == {oracle.id_to_piece(id): n for id, n in expected.items()}
    assert counted.unknown == expected[oracle.unk_id()]
    [index] = [i for i, token in enumerate(counted.vocabulary.tokens) if token == "▁the"]
    for place in counted.snippets([index])[index]:
        assert "the" in place


def keras_tokenizer() -> Any:
    pytest.importorskip("keras")
    from keras.src.legacy.preprocessing.text import Tokenizer

    return Tokenizer


KERAS: list[dict[str, Any]] = [
    {},
    {"lower": False, "filters": "aeiou.,"},
    {"split": "e", "filters": "xyz "},
    {"split": "--", "filters": "."},
    {"filters": "", "oov_token": "<OOV>", "num_words": 50},
    {"char_level": True},
    {"char_level": True, "lower": False},
]


@pytest.mark.parametrize("options", KERAS, ids=str)
def test_word_counts_of_a_keras_tokenizer(
    options: dict[str, Any], lee: list[str], text: str
) -> None:
    tokenizer = keras_tokenizer()(**options)
    tokenizer.fit_on_texts(lee)
    Path("keras.json").write_text(tokenizer.to_json())
    counted = embedprep.count("keras.json", text)
    assert counted.by_token() == dict(tokenizer.word_counts)
    assert counted.unknown == 0


def test_words_that_a_keras_tokenizer_has_not_seen(lee: list[str], text: str) -> None:
    tokenizer = keras_tokenizer()(oov_token="<OOV>")
    tokenizer.fit_on_texts(lee[:20])
    Path("keras.json").write_text(tokenizer.to_json())
    emitted = Counter(id for ids in tokenizer.texts_to_sequences(lee) for id in ids)
    counted = embedprep.count("keras.json", text)
    assert counted.by_token() == {tokenizer.index_word[id]: n for id, n in emitted.items()}
    assert counted.unknown == emitted[tokenizer.word_index["<OOV>"]] > 0


PUNCTUATION = r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']'
"""As Keras has it; `tests/keras` asks the layer itself, where TensorFlow is installed."""


def standardised(text: str, standardize: str | None) -> str:
    if standardize in ("lower", "lower_and_strip_punctuation"):
        text = re.sub("[A-Z]", lambda found: found[0].lower(), text)
    if standardize in ("strip_punctuation", "lower_and_strip_punctuation"):
        text = re.sub(PUNCTUATION, "", text)
    return text


@pytest.mark.parametrize(
    "standardize", [None, "lower", "strip_punctuation", "lower_and_strip_punctuation"]
)
@settings(deadline=None)
@given(text=st.text() | st.sampled_from(HARD))
def test_standardisation_of_a_text_vectorization(standardize: str | None, text: str) -> None:
    plain = standardised(text, standardize)
    config = {"standardize": standardize, "split": "whitespace", "ngrams": None}
    words = [word for word in re.split("[ \t\n\v\f\r]+", plain) if word]
    assert list(text_vectorization(config)(text)) == words
    assert list(text_vectorization(config | {"split": "character"})(text)) == list(plain)
    assert list(text_vectorization(config | {"split": None})(text)) == [plain]
    pairs = [" ".join(pair) for pair in pairwise(words)]
    assert list(text_vectorization(config | {"ngrams": 2})(text)) == [*words, *pairs]
    assert list(text_vectorization(config | {"ngrams": [2]})(text)) == pairs


def test_the_words_of_a_text_vectorization(text: str) -> None:
    config = {"vocabulary": ["the", "said", "mr"], "standardize": "lower", "split": "whitespace"}
    layer = {"class_name": "TextVectorization", "config": config}
    Path("layer.json").write_text(json.dumps(layer))
    words = Path(text).read_text("utf-8").lower().split()
    counted = embedprep.count("layer.json", text).by_token()
    assert (counted["the"], counted["mr"]) == (words.count("the"), words.count("mr"))
    assert counted["[UNK]"] > counted["the"]


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"standardize": {"class_name": "function"}}, "standardize"),
        ({"split": "sentence"}, "split"),
        ({"ngrams": ["2"]}, "ngrams"),
    ],
)
def test_a_function_of_the_user_is_not_in_the_file(config: dict[str, Any], named: str) -> None:
    Path("t.txt").write_text("a\n")
    layer = {"class_name": "TextVectorization", "config": {"vocabulary": ["a"], **config}}
    Path("layer.json").write_text(json.dumps(layer))
    with pytest.raises(InputError, match=f"its {named} is .*layer.json|layer.json.*its {named} is"):
        embedprep.count("layer.json", "t.txt")


def test_an_unusable_keras_tokenizer() -> None:
    Path("t.txt").write_text("a\n")
    config = {"word_index": {"a": 1}, "filters": "", "split": ""}
    Path("k.json").write_text(json.dumps({"class_name": "Tokenizer", "config": config}))
    with pytest.raises(InputError, match="its filters or split is"):
        embedprep.count("k.json", "t.txt")


@settings(deadline=None)
@given(lines=st.lists(st.text(st.characters(exclude_characters="\0\n\r\ufeff", codec="utf-8"))))
def test_a_plain_list_is_split_at_white_space(
    lines: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("text") / "t.txt"
    lines = ["a b", *lines]  # the first line shows that it is no JSON
    file.write_text("\n".join(lines), "utf-8", newline="")
    words = Counter(word for line in lines for word in line.split())
    vocabulary = [word for word in words if random.Random(word).random() < 0.7]
    counted = embedprep.count([*vocabulary, "a"], file)
    known = {word: words[word] for word in {*vocabulary, "a"}}
    assert counted.by_token() == known
    assert (counted.tokens, counted.unknown) == (
        words.total(),
        words.total() - sum(known.values()),
    )


def test_a_plain_list_is_split_at_a_regular_expression() -> None:
    Path("t.txt").write_text("The cat,the dog\n  the-end\n")
    Path("w.txt").write_text("<unk>\nthe\ncat\ndog\n")
    assert counts("w.txt", split=r"[^a-z]+") == {"the": 2, "<unk>": 2, "cat": 1, "dog": 1}
    assert counts("w.txt", split=r"([, ])")["<unk>"] == 7  # a group is a token
    with pytest.raises(UsageError, match=r"--split cannot be '\[': .*"):
        counts("w.txt", split="[")


def counts(vocab: str, **options: Any) -> dict[str, int]:
    return embedprep.count(vocab, "t.txt", **options).by_token()


def test_a_token_in_two_rows_has_the_count_twice() -> None:
    Path("t.txt").write_text("a a b\n")
    assert embedprep.count(["a", "b", "a"], "t.txt").counts.tolist() == [2, 1, 2]


BYTE_LEVEL = {"Ġthe": 0, "Ġcat": 1, "ing": 2, "Ġof": 3, "e": 4}


def test_a_list_of_pieces_is_refused_with_the_file_beside_it() -> None:
    Path("t.txt").write_text("the cat\n")
    Path("vocab.json").write_text(json.dumps(BYTE_LEVEL))
    with pytest.raises(UsageError, match=r"save_pretrained\(FOLDER\)\. Or .* --counts FILE"):
        counts("vocab.json")
    Path("tokenizer.json").write_text("{}")
    with pytest.raises(UsageError, match=r"The file beside it does: --vocab tokenizer\.json"):
        counts("vocab.json")


def test_a_tokenizer_says_itself_how_it_splits(lee: list[str]) -> None:
    Path("t.txt").write_text("the cat\n")
    word_level(pytest.importorskip("tokenizers"), lee).save("tokenizer.json")
    with pytest.raises(UsageError, match="--split is for plain lists"):
        counts("tokenizer.json", split=" ")


def test_without_its_library(lee: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("t.txt").write_text("the cat\n")
    word_level(pytest.importorskip("tokenizers"), lee).save("tokenizer.json")
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(UsageError, match=r"needs the package tokenizers\n.*--counts FILE"):
        counts("tokenizer.json")


def test_a_tokenizer_in_memory(lee: list[str]) -> None:
    Path("t.txt").write_text("the the\n")
    tokenizer = word_level(pytest.importorskip("tokenizers"), lee)
    saved = json.loads(tokenizer.to_str())
    assert embedprep.count(saved, "t.txt").by_token() == {"the": 2}
    read = embedprep.count(saved, "t.txt").vocabulary
    with pytest.raises(UsageError, match="in memory"):
        embedprep.count(read, "t.txt")


def test_a_tokenizer_that_the_library_refuses(lee: list[str]) -> None:
    Path("t.txt").write_text("the\n")
    saved = json.loads(word_level(pytest.importorskip("tokenizers"), lee).to_str())
    Path("tokenizer.json").write_text(json.dumps({**saved, "pre_tokenizer": {"type": "New"}}))
    with pytest.raises(InputError, match=r"tokenizer\.json.*the library tokenizers cannot use it"):
        counts("tokenizer.json")


def test_a_text_at_which_the_tokenizer_fails(lee: list[str]) -> None:
    Path("t.txt").write_text("the zzz\n")
    tokenizers = pytest.importorskip("tokenizers")
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel({"the": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.save("tokenizer.json")
    with pytest.raises(EmbedprepError, match="the tokenizer fails at your text"):
        counts("tokenizer.json")


def test_ids_that_the_library_gives_to_other_tokens(
    lee: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No row may get the count of another token."""
    from embedprep.counting.library import HuggingFace

    Path("t.txt").write_text("the said\n")
    word_level(pytest.importorskip("tokenizers"), lee).save("tokenizer.json")
    ids = HuggingFace.ids
    monkeypatch.setattr(HuggingFace, "ids", lambda self, texts: ids(self, texts) + 1)
    monkeypatch.setattr(HuggingFace, "token", lambda self, number: f"token {number - 1}")
    with pytest.raises(InputError, match=r"its id .* for the library"):
        counts("tokenizer.json")
    monkeypatch.setattr(HuggingFace, "ids", lambda self, texts: ids(self, texts) + 10_000)
    with pytest.raises(InputError, match=r"its id .* is no token in this file"):
        counts("tokenizer.json")


def test_how_it_prints() -> None:
    Path("t.txt").write_text("a a b c\n")
    counted = embedprep.count(["a", "d"], "t.txt")
    assert isinstance(counted, CountedText)
    assert str(counted) == (
        "4 tokens in 1 lines or records, 2 of them unknown; 1 of the 2 tokens of the vocabulary "
        "occur"
    )
