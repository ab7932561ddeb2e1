"""Files that are no vocabulary although they often lie beside one, each with the way out.

Comes in: the head of a file, or its decoded content. Goes out: nothing, or an `InputError`. A
binary file is refused always; a text that merely looks like something else is accepted when the
user names its format with `--vocab-format`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from embedprep.errors import InputError
from embedprep.vocabulary.content import Content, JsonShape, LineShape

_FROM_KERAS = (
    "json.dump(layer.get_vocabulary(), file) writes the vocabulary of a TextVectorization or "
    "StringLookup layer, json.dump(tokenizer.word_index, file) that of a Tokenizer."
)


class Refusal(NamedTuple):
    """A kind of file that is not accepted, and what to do instead."""

    recognises: Callable[[bytes], bool]
    reason: str
    remedy: str


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


def _matches(pattern: bytes) -> Callable[[bytes], bool]:
    expression = re.compile(pattern, re.DOTALL | re.IGNORECASE)
    return lambda head: expression.match(head) is not None


def _is_utf16(head: bytes) -> bool:
    """A byte order mark, or two ASCII characters with a zero byte each on the same side."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    zeros = [byte == 0 for byte in head[:4]]
    return zeros in ([False, True, False, True], [True, False, True, False])


def _is_sentencepiece_model(head: bytes) -> bool:
    """A protobuf of pieces: field 1 (0x0A) and its length, in it the piece (0x0A, length, text)
    followed by its score (0x15). A text may begin with two newlines, but not go on like that.
    """
    if len(head) < 5 or head[0] != 0x0A or head[2] != 0x0A:
        return False
    return head[4 + head[3] : 5 + head[3]] == b"\x15"


def _is_word2vec_binary(head: bytes) -> bool:
    header = re.match(rb"[0-9]+ [0-9]+\r?\n", head)
    if header is None:
        return False
    try:
        # The head may end inside a character, which takes four bytes at most.
        head[header.end() : len(head) - 3].decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


_VECTORS_REASON = "a file of vectors, not a vocabulary"
_VECTORS_REMEDY = "Pass it with --vectors, and the tokenizer's file with --vocab."

BINARY: tuple[Refusal, ...] = (
    Refusal(
        _matches(rb"\x80[\x00-\x05]"),
        "a Python pickle, and loading one can run any code",
        "If you trust it, load it in Python and write JSON instead: " + _FROM_KERAS,
    ),
    Refusal(
        _is_sentencepiece_model,
        "a SentencePiece model, not its vocabulary",
        "Name the .vocab file beside it, or make one: "
        "spm_export_vocab --model=FILE --output=FILE.vocab",
    ),
    Refusal(
        _starts(b"\x89HDF\r\n\x1a\n"),
        "an HDF5 file, perhaps a whole Keras model",
        "Load the model in Keras and write its vocabulary: " + _FROM_KERAS,
    ),
    Refusal(
        _starts(b"\x93NUMPY"),
        "a NumPy array",
        "Write its words as a JSON list: json.dump(array.tolist(), file)",
    ),
    Refusal(
        _is_utf16,
        "UTF-16, not UTF-8",
        "Convert it first: iconv -f utf-16 -t utf-8 FILE > CONVERTED",
    ),
    Refusal(_is_word2vec_binary, _VECTORS_REASON, _VECTORS_REMEDY),
)

LOOKALIKES: tuple[Refusal, ...] = (
    Refusal(
        _matches(rb"\s*(?:<!doctype html|<html[\s>].*<(?:head|body)[\s>])"),
        "a web page, not a vocabulary",
        "The download went to a page about the file: fetch the file itself (its raw link).",
    ),
    Refusal(
        _starts(b"version https://git-lfs.github.com/spec/"),
        "a Git LFS pointer: the file itself was not fetched",
        "Fetch it: git lfs pull",
    ),
    Refusal(
        _matches(rb"#version: ?[0-9.]+\r?\n"),
        "the merges of a BPE tokenizer, not its vocabulary",
        "Name the vocab.json or tokenizer.json beside it.",
    ),
    Refusal(
        _matches(rb"(?:Counter|OrderedDict|defaultdict)\(|\{\s*(?:'|-?[0-9]+\s*:)|\[\s*'.*?',"),
        "a Python value as print() shows it, not JSON",
        "Write it as JSON instead: json.dump(value, file)",
    ),
    Refusal(
        # Perhaps a header, then a token and two numbers or more, one of them with a point.
        _matches(
            rb"(?:[0-9]+ [0-9]+\s*\n)?[^\n ]+(?= [^\n]*\.[0-9])"
            rb"(?: -?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?){2,} ?\r?\n"
        ),
        _VECTORS_REASON,
        _VECTORS_REMEDY,
    ),
)

_SHAPES: dict[LineShape | JsonShape, tuple[str, str]] = {
    LineShape.POSITIVE_NUMBERS: (
        "has a positive number after each token, which is how counts are written",
        "If they are counts, pass the file with --counts, and the tokenizer's own file with "
        '--vocab. If they are ids, write them as JSON: {"token": id, …}. '
        "If they are SentencePiece scores, say --vocab-format sentencepiece.",
    ),
    LineShape.COLUMNS: (
        "has several columns in each line",
        "Keep the tokens alone: cut -f1 FILE > vocab.txt. "
        "If the tabs belong to the tokens, say --vocab-format lines.",
    ),
}


def refuse_bytes(head: bytes, *, as_told: bool) -> None:
    """Raises `InputError` for a file that begins as no vocabulary does, and for an empty one."""
    if not head:
        raise InputError(
            reason="the file is empty",
            remedy="Whatever wrote it may have failed, or is still at it: write it again.",
        )
    for refusal in BINARY if as_told else BINARY + LOOKALIKES:
        if refusal.recognises(head):
            raise InputError(reason=refusal.reason, remedy=refusal.remedy)


def refuse_content(content: Content, path: str | os.PathLike[str] | None) -> None:
    """Raises `InputError` for a decoded file that is well-formed and yet no vocabulary."""
    if content.shape in _SHAPES:
        reason, remedy = _SHAPES[content.shape]
        raise InputError(reason=reason, remedy=remedy)
    # A sorted list is a proper vocabulary as well, so here, and only here, the name decides.
    if (
        path is not None
        and os.path.basename(path) == "strings.json"
        and content.shape is JsonShape.STRINGS
        and all(isinstance(string, str) for string in content.value)
        and content.value == sorted(content.value)
    ):
        raise InputError(
            reason="spaCy's string store: sorted strings without ids",
            remedy="Name the tokenizer's own file. If a string's place in this list is its id "
            "after all, say --vocab-format token-list.",
        )
