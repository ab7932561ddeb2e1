"""Tokenizers of every surface, trained by their own library, against the published GloVe.

What a token stands for is what the tokenizer's own decoder makes of it: beside an `x`, a word keeps
a space and a piece of one does not.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep import Provenance

tokenizers = pytest.importorskip("tokenizers")
decoders = pytest.importorskip("tokenizers.decoders")
models = pytest.importorskip("tokenizers.models")
normalizers = pytest.importorskip("tokenizers.normalizers")
pre_tokenizers = pytest.importorskip("tokenizers.pre_tokenizers")
trainers = pytest.importorskip("tokenizers.trainers")

pytestmark = [
    pytest.mark.real,
    # The reference reads the published file in half a minute, forty times; what is tested here is
    # what is looked for, which `test_lookup.py` and `test_fallback.py` hold on both cores.
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
]

SIZE = 2_000
PADDING = "<pad>"
SPECIAL = [PADDING, "<unk>", "<s>", "[MASK]"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
# The text of gensim is plain English.
FOREIGN = ["the café in São Paulo, the cafés of Málaga: a fiancé's déjà vu", "naïve 日本 – €5"] * 50


@dataclass(frozen=True)
class Kind:
    """How one kind of tokenizer is trained and decoded."""

    model: Callable[[], Any]
    pre_tokenizer: Any
    decoder: Any
    trainer: Callable[..., Any]
    marks: str
    """Where a word is marked: at its "beginning", its "end", or "inside" of it."""


BYTE_LEVEL = pre_tokenizers.ByteLevel
ALPHABET = BYTE_LEVEL.alphabet()
KINDS = {
    "BERT": Kind(
        lambda: models.WordPiece(unk_token="<unk>"),
        pre_tokenizers.BertPreTokenizer(),
        decoders.WordPiece(cleanup=False),
        trainers.WordPieceTrainer,
        "inside",
    ),
    "WordPiece with @@": Kind(
        lambda: models.WordPiece(unk_token="<unk>", continuing_subword_prefix="@@"),
        pre_tokenizers.BertPreTokenizer(),
        decoders.WordPiece(prefix="@@", cleanup=False),
        lambda **options: trainers.WordPieceTrainer(continuing_subword_prefix="@@", **options),
        "inside",
    ),
    "GPT-2": Kind(
        models.BPE,
        BYTE_LEVEL(add_prefix_space=False),
        decoders.ByteLevel(),
        lambda **options: trainers.BpeTrainer(initial_alphabet=ALPHABET, **options),
        "beginning",
    ),
    "SentencePiece": Kind(
        models.Unigram,
        pre_tokenizers.Metaspace(),
        decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()]),
        lambda **options: trainers.UnigramTrainer(unk_token="<unk>", **options),
        "beginning",
    ),
    "BPE with </w>": Kind(
        lambda: models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"),
        pre_tokenizers.BertPreTokenizer(),
        decoders.BPEDecoder(suffix="</w>"),
        lambda **options: trainers.BpeTrainer(end_of_word_suffix="</w>", **options),
        "end",
    ),
    "BPE with _": Kind(
        lambda: models.BPE(unk_token="<unk>", end_of_word_suffix="_"),
        pre_tokenizers.BertPreTokenizer(),
        decoders.BPEDecoder(suffix="_"),
        lambda **options: trainers.BpeTrainer(end_of_word_suffix="_", **options),
        "end",
    ),
}


@dataclass(frozen=True)
class Token:
    """What the decoder says of a token."""

    text: str
    is_word: bool
    may_be_piece: bool
    """Whether it is a text at all, and not told from others by the tokenizer itself."""


@dataclass(frozen=True)
class Trained:
    """A saved tokenizer, and each of its tokens by its row."""

    file: Path
    marks: str
    tokens: dict[int, Token] = field(repr=False)


def corpus() -> list[str]:
    gensim = pytest.importorskip("gensim")
    path = Path(gensim.__file__).parent / "test" / "test_data" / "lee_background.cor"
    return [*path.read_text(encoding="utf-8").lower().splitlines(), *FOREIGN]


@pytest.fixture(scope="module", params=KINDS)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    kind = KINDS[request.param]
    tokenizer = tokenizers.Tokenizer(kind.model())
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = kind.pre_tokenizer
    tokenizer.decoder = kind.decoder
    trainer = kind.trainer(vocab_size=SIZE, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(corpus(), trainer)
    if request.param == "SentencePiece":
        # As SentencePiece itself writes them, behind the special pieces.
        pieces = json.loads(tokenizer.to_str())["model"]["vocab"]
        pieces[len(SPECIAL) : len(SPECIAL)] = [[byte, 0.0] for byte in BYTES]
        tokenizer.model = models.Unigram(list(map(tuple, pieces)), 1, byte_fallback=True)
    tokenizer.add_tokens(["zebra", "##s"])
    file = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(file))
    tokens = {
        row: decoded(token, tokenizer.decoder, kind.marks)
        for token, row in tokenizer.get_vocab(with_added_tokens=True).items()
    }
    return Trained(file, kind.marks, tokens)


def decoded(token: str, decoder: Any, marks: str) -> Token:
    if token in [*SPECIAL, "zebra", "##s"]:
        return Token(token, is_word=True, may_be_piece=False)
    if marks == "end":
        whole, text = decoder.decode([token, "x"]).endswith(" x"), decoder.decode([token])
    else:
        beside = decoder.decode(["x", token])
        whole = beside.startswith("x ")
        text = beside[2:] if whole else beside[1:]
    if token in BYTES or "\ufffd" in text:
        return Token(text, is_word=False, may_be_piece=False)
    # Punctuation is a token of its own wherever it stands, unless a mark says that it is not.
    punctuation = marks != "inside" and not any(map(str.isalnum, text))
    return Token(text, is_word=whole or punctuation, may_be_piece=True)


class Published(dict[str, str]):
    """The records of `glove.6B.50d.txt`: a word, and its numbers as they are written."""

    path: Path

    def __repr__(self) -> str:
        return str(self.path)  # pytest shows what a failed test was given

    def vector(self, word: str) -> NDArray[np.float32]:
        return np.array(self[word].split(" "), np.float64).astype(np.float32)


@pytest.fixture(scope="module")
def glove(glove_6b_50d: Path) -> Published:
    path = glove_6b_50d
    published = Published()
    published.path = path
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        word, _, numbers = line.partition(" ")
        published[word] = numbers
    return published


def check(
    matrix: NDArray[np.floating],
    provenance: NDArray[np.uint8],
    expected: Mapping[int, str],
    trained: Trained,
    glove: Published,
) -> None:
    """Every row is the vector of the word in `expected`, bit for bit, or has none."""
    assert len(matrix) == max(trained.tokens) + 1
    for row, token in trained.tokens.items():
        word = expected.get(row)
        if token.text == PADDING:
            assert provenance[row] == Provenance.PADDING
            assert not matrix[row].any()
        elif word is not None and word in glove:
            assert provenance[row] == Provenance.EXACT, token
            assert matrix[row].tobytes() == glove.vector(word).tobytes(), token
        else:
            assert provenance[row] in (Provenance.OOV, Provenance.PIECES), token
    # All that was to be tested did occur.
    assert {"the", "café", "zebra", ","} <= {w for w in expected.values() if w in glove}
    assert sum(word not in glove for word in expected.values()) > 10


def test_rows_are_the_vectors_of_words(trained: Trained, glove: Published, workdir: Path) -> None:
    matrix, coverage = embedprep.build(glove.path, trained.file, "m.npy", durable=False)
    provenance = embedprep.open("m.npy").provenance
    expected = {row: token.text for row, token in trained.tokens.items() if token.is_word}
    check(matrix, provenance, expected, trained, glove)
    assert coverage.counts.rows["oov"] == (provenance == Provenance.OOV).sum() > SIZE / 4
    assert coverage.counts.rows["exact"] == (provenance == Provenance.EXACT).sum() > SIZE / 4


def test_pieces_may_match_words(trained: Trained, glove: Published, workdir: Path) -> None:
    matrix, _ = embedprep.build(glove.path, trained.file, "m.npy", match_pieces=True, durable=False)
    expected = {
        row: token.text
        for row, token in trained.tokens.items()
        if token.is_word or token.may_be_piece
    }
    pieces = [row for row in expected if not trained.tokens[row].is_word]
    assert sum(expected[row] in glove for row in pieces) > SIZE / 10
    check(matrix, embedprep.open("m.npy").provenance, expected, trained, glove)


def frequencies() -> Counter[str]:
    return Counter(re.findall(r"\w+", " ".join(corpus())))


def contains(word: str, token: Token, marks: str) -> bool:
    if not token.may_be_piece or not token.text or word == token.text:
        return False
    # The decoder alone says where a piece stands: not what counts as a word of its own.
    whole = token.is_word and any(map(str.isalnum, token.text))
    if marks == "end":
        return word.endswith(token.text) if whole else token.text in word[:-1]
    return word.startswith(token.text) if whole else token.text in word[1:]


def test_pieces_are_the_means_of_the_words_that_contain_them(
    trained: Trained, glove: Published, workdir: Path
) -> None:
    counted = dict(frequencies().most_common(3_000)) | {"x" * 80: 7, "unheard-of-word": 3}
    (workdir / "words.tsv").write_text("".join(f"{w}\t{n}\n" for w, n in counted.items()))
    matrix, coverage = embedprep.build(
        glove.path, trained.file, "m.npy", pieces="mean", words="words.tsv", durable=False
    )
    provenance = embedprep.open("m.npy").provenance
    expected = {row: token.text for row, token in trained.tokens.items() if token.is_word}
    check(matrix, provenance, expected, trained, glove)
    vectors = {word: glove.vector(word).astype(np.float64) for word in counted if word in glove}
    composed = 0
    for row, token in trained.tokens.items():
        if token.text == PADDING or expected.get(row) in glove:
            continue
        words = [word for word in vectors if contains(word, token, trained.marks)]
        assert provenance[row] == (Provenance.PIECES if words else Provenance.OOV), token
        if words:
            weights = np.array([counted[word] for word in words], np.float64)
            mean = weights @ np.array([vectors[word] for word in words]) / weights.sum()
            np.testing.assert_allclose(matrix[row], mean.astype(np.float32), rtol=1e-6, atol=1e-7)
            composed += 1
    assert coverage.counts.rows["pieces"] == composed > SIZE / 8


@pytest.mark.parametrize("trained", ["BERT"], indirect=True)
@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"match_pieces": True}, ["--match-pieces"]),
        (
            {"pieces": "mean", "words": "words.json"},
            ["--pieces", "mean", "--words", "words.json"],
        ),
    ],
)
def test_the_command_line_offers_the_same(
    options: dict[str, Any],
    arguments: list[str],
    trained: Trained,
    glove: Published,
    workdir: Path,
) -> None:
    (workdir / "words.json").write_text(json.dumps(dict(frequencies().most_common(300))))
    matrix, _ = embedprep.build(glove.path, trained.file, **options)
    files = ["--vectors", str(glove.path), "--vocab", str(trained.file), "-o", "m.npy"]
    program = [sys.executable, "-c", "from embedprep.cli import main; main()"]
    subprocess.run([*program, "build", *files, *arguments, "--no-sync", "-q"], check=True)
    assert embedprep.open("m.npy").array.tobytes() == matrix.tobytes()
