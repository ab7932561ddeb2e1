"""Any vocabulary, written in each family, is read back with the same token at each row."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.vocabulary import FORMATS, byte_alphabet, read

# Characters that cut lines, mark forms, open JSON or separate columns are drawn often.
CHARACTERS = st.one_of(
    st.sampled_from('aé中Ġ▁#"\\{}[]<>:,0\x85\u2028\x0b\x00\t \r'),
    st.characters(codec="utf-8", exclude_characters="\n"),
)
TOKENS = st.lists(st.text(CHARACTERS, min_size=1, max_size=6), min_size=1, max_size=12, unique=True)


def keras_tokenizer(tokens: list[str]) -> str:
    maps = {"word_index": json.dumps({token: row for row, token in enumerate(tokens)})}
    return json.dumps({"class_name": "Tokenizer", "config": maps})


def keras_layer(tokens: list[str]) -> str:
    config = {"vocabulary": tokens, "num_oov_indices": 0, "mask_token": None}
    return json.dumps({"class_name": "StringLookup", "config": config})


def huggingface_tokenizer(tokens: list[str]) -> str:
    ids = {token: row for row, token in enumerate(tokens)}
    return json.dumps({"added_tokens": [], "model": {"type": "BPE", "vocab": ids}})


def token_map(tokens: list[str]) -> str:
    return json.dumps({token: row for row, token in enumerate(tokens)}, ensure_ascii=False)


def inverse_map(tokens: list[str]) -> str:
    return json.dumps(dict(enumerate(tokens)))


def scored_list(tokens: list[str]) -> str:
    return json.dumps([[token, -1.5 - row] for row, token in enumerate(tokens)])


def lines(tokens: list[str]) -> str:
    return "".join(f"{token}\n" for token in tokens)


def sentencepiece(tokens: list[str]) -> str:
    return "".join(f"{token}\t{-row}\n" for row, token in enumerate(tokens))


def fairseq(tokens: list[str]) -> str:
    special = ("<s>", "<pad>", "</s>", "<unk>")
    return "".join(f"{token} 5\n" for token in tokens if token not in special)


def gensim_dictionary(tokens: list[str]) -> str:
    return "9\n" + "".join(f"{row}\t{token}\t1\n" for row, token in enumerate(tokens))


def tiktoken(tokens: list[str]) -> str:
    return "".join(
        f"{base64.b64encode(token.encode()).decode()} {row}\n" for row, token in enumerate(tokens)
    )


def token_id(tokens: list[str]) -> str:
    return "".join(f"{token} {row}\n" for row, token in enumerate(tokens))


def id_token(tokens: list[str]) -> str:
    return "".join(f"{row}\t{token}\n" for row, token in enumerate(tokens))


def marian(tokens: list[str]) -> str:
    return "".join(f"{json.dumps(token)}: {row}\n" for row, token in enumerate(tokens))


def rwkv(tokens: list[str]) -> str:
    listed = enumerate(tokens)
    return "".join(f"{row} {token!r} {len(token.encode())}\n" for row, token in listed)


def table(tokens: list[str]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(
        [("token", "id"), *zip(tokens, range(len(tokens)), strict=True)]
    )
    return file.getvalue()


def tfds(tokens: list[str]) -> str:
    return "### TokenTextEncoder\n### Metadata: {}\n" + lines(tokens)


def allennlp(tokens: list[str]) -> str:
    return "@@UNKNOWN@@\n" + lines(tokens)


def pairs(tokens: list[str]) -> str:
    return json.dumps([[token, row] for row, token in enumerate(tokens)])


def tekken(tokens: list[str]) -> str:
    listed = [
        {"rank": row, "token_bytes": base64.b64encode(token.encode()).decode()}
        for row, token in enumerate(tokens)
    ]
    config = {"default_vocab_size": len(tokens), "default_num_special_tokens": 0}
    return json.dumps({"config": config, "vocab": listed})


def tiktoken_json(tokens: list[str]) -> str:
    listed = " ".join(base64.b64encode(token.encode()).decode() for token in tokens)
    return json.dumps({"special_tokens": {}, "bpe_ranks": f"! 0 {listed}"})


def sentencepiece_model(tokens: list[str]) -> str:
    """As text, since its bytes are UTF-8 here: lengths below 128, scores and types of ASCII."""
    pieces = (token.encode() for token in tokens)
    return b"".join(
        bytes([10, len(piece) + 7, 10, len(piece)]) + piece + b"\x15\0\0\0\0" for piece in pieces
    ).decode()


WRITERS: dict[str, Callable[[list[str]], str]] = {
    "keras-tokenizer": keras_tokenizer,
    "keras-layer": keras_layer,
    "huggingface-tokenizer": huggingface_tokenizer,
    "token-map": token_map,
    "inverse-map": inverse_map,
    "token-list": json.dumps,
    "scored-list": scored_list,
    "lines": lines,
    "sentencepiece": sentencepiece,
    "fairseq": fairseq,
    "gensim-dictionary": gensim_dictionary,
    "tiktoken": tiktoken,
    "token-id": token_id,
    "id-token": id_token,
    "marian": marian,
    "rwkv": rwkv,
    "csv": table,
    "tfds": tfds,
    "allennlp": allennlp,
    "pairs": pairs,
    "tekken": tekken,
    "tiktoken-json": tiktoken_json,
    "sentencepiece-model": sentencepiece_model,
}
# Their columns end at a tab.
WITHOUT_TABS = {"gensim-dictionary", "id-token", "token-id"}
# A token may make their lines look like those of another family: the user has to say which.
TOLD = {"lines", "fairseq", "tiktoken", "token-id", "id-token", "csv", "pairs"}
FIRST = {"fairseq": 4, "tfds": 1, "allennlp": 2}
"""The id of the first token that is listed; 0 in the other families."""
IN_BYTES = {"tiktoken", "rwkv", "tekken", "tiktoken-json"}


def test_every_family_has_a_writer_here() -> None:
    assert set(WRITERS) == set(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
@given(tokens=TOKENS)
def test_read_back_as_written(
    name: str, tokens: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    # The beginning of a text decides whether it is JSON or has a byte order mark. A carriage
    # return before the newline is no part of the token.
    tokens = ["first", *(token.rstrip("\r") + "." for token in tokens)]
    if name in WITHOUT_TABS:
        tokens = [token.replace("\t", " ") for token in tokens]
    if name == "token-id":  # an id between two words: two records that lost their line break
        tokens = [re.sub(" (?=[0-9])", "_", token) for token in tokens]
    if name == "csv":
        tokens = [token.replace("\r", " ") for token in tokens]
    tokens = list(dict.fromkeys(tokens))
    file = Path(tmp_path_factory.getbasetemp()) / f"{name}.vocabulary"
    file.write_bytes(WRITERS[name](tokens).encode("utf-8"))
    vocabulary = read(file, format=name if name in TOLD else None)
    assert vocabulary.format == name
    first = FIRST.get(name, 0)
    spelling = spelt_in_bytes if name in IN_BYTES else "".join
    found = dict(zip(vocabulary.rows.tolist(), vocabulary.tokens, strict=True))
    listed = {row: spelling(token) for row, token in enumerate(tokens, start=first)}
    assert {row: token for row, token in found.items() if row >= first} == listed


def spelt_in_bytes(token: str) -> str:
    return byte_alphabet.from_bytes(token.encode())
