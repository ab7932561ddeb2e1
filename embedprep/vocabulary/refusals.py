"""Files that are no vocabulary although they often lie beside one, each with its remedy.

Comes in: the head of a file, or its decoded content. Goes out: nothing, or an `InputError`. A
binary file is always refused. A text that merely looks like something else is accepted if the user
names its format with `--vocab-format`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.foreign import OLD_PICKLE, Foreign, python
from embedprep.vocabulary.content import Content, JsonShape, Unclear

VECTORS_REASON = "a file of vectors, not a vocabulary"
VECTORS_REMEDY = "Pass it with --vectors, and the tokenizer's file with --vocab."
_FROM_KERAS = (
    "json.dump(layer.get_vocabulary(), file) writes the vocabulary of a TextVectorization or "
    "StringLookup layer, json.dump(tokenizer.word_index, file) that of a Tokenizer."
)


class Refusal(NamedTuple):
    """A kind of file that is not accepted, and what to do instead."""

    recognises: Callable[[bytes], bool]
    foreign: Foreign


def _starts(*magics: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(magics)


def _matches(pattern: bytes) -> Callable[[bytes], bool]:
    expression = re.compile(pattern, re.DOTALL | re.IGNORECASE)
    return lambda head: expression.match(head) is not None


def is_sentencepiece_model(head: bytes) -> bool:
    """Whether it is a protobuf of pieces.

    That is field 1 (0x0A) and its length, then the piece in it (0x0A, length, text) followed by its
    score (0x15). A text may begin with two newlines, but not continue like that.
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


BINARY: tuple[Refusal, ...] = (
    Refusal(
        _matches(rb"\x80[\x00-\x05]|" + OLD_PICKLE),
        Foreign(
            "a Python pickle, and loading one can run any code",
            "If you trust it, write its tokens as JSON",
            python(
                "import json, pickle, sys; t = pickle.load(open(sys.argv[1], 'rb')); "
                "names = ('vocabulary_', 'token2id', 'key_to_index', 'stoi'); "
                "m = next((m for m in (getattr(t, n, None) for n in names) if m), t); "
                "text = t.to_json() if hasattr(t, 'to_json') else json.dumps(m, default=int); "
                "open(sys.argv[2], 'w').write(text)"
            ),
            writes=".json",
        ),
    ),
    Refusal(
        is_sentencepiece_model,
        Foreign(
            "a SentencePiece model, not a text",
            "Pass it with --vocab, and the file of counts or words here.",
        ),
    ),
    Refusal(
        _starts(b"GGUF"),
        Foreign(
            "a GGUF model",
            "Name the tokenizer.json, or the SentencePiece .model, of the model it was made from.",
        ),
    ),
    Refusal(
        _matches(rb".{8}\{\s*\"[^\n]*\"(?:dtype|__metadata__)\""),
        Foreign(
            "a safetensors file, which holds a model's arrays",
            "Name the tokenizer.json of the model. Vectors are passed with --vectors.",
        ),
    ),
    Refusal(
        _starts(b"\x89HDF\r\n\x1a\n"),
        Foreign(
            "an HDF5 file, perhaps a whole Keras model",
            "Load the model in Keras and write its vocabulary: " + _FROM_KERAS,
        ),
    ),
    Refusal(
        _starts(b"\x93NUMPY"),
        Foreign(
            "a NumPy array",
            "Write its words as a JSON list",
            python(
                "import json, numpy, sys; "
                "json.dump(numpy.load(sys.argv[1]).tolist(), open(sys.argv[2], 'w'))"
            ),
            writes=".json",
        ),
    ),
    Refusal(
        _starts(b"PAR1\x15"),
        Foreign(
            "a Parquet file",
            "Write its tokens and ids as CSV, with the Python package pyarrow",
            python(
                "import pyarrow.csv, pyarrow.parquet, sys; "
                "pyarrow.csv.write_csv(pyarrow.parquet.read_table(sys.argv[1]), sys.argv[2])"
            ),
            writes=".csv",
        ),
    ),
    Refusal(_is_word2vec_binary, Foreign(VECTORS_REASON, VECTORS_REMEDY)),
)

LOOKALIKES: tuple[Refusal, ...] = (
    Refusal(
        _matches(rb"\s*(?:<!doctype html|<html[\s>].*<(?:head|body)[\s>])"),
        Foreign(
            "a web page, not a vocabulary",
            "The download went to a page about the file: fetch the file itself (its raw link).",
        ),
    ),
    Refusal(
        _starts(b"version https://git-lfs.github.com/spec/"),
        Foreign(
            "a Git LFS pointer: the file itself was not fetched",
            "Fetch it: git lfs pull",
        ),
    ),
    Refusal(
        _matches(rb"[^\n]{0,80}#version: ?[0-9.]+\r?\n"),
        Foreign(
            "the merges of a BPE tokenizer, not its vocabulary",
            "Name the vocab.json or tokenizer.json beside it.",
        ),
    ),
    Refusal(
        _matches(rb"(?:Counter|OrderedDict|defaultdict)\(|\{\s*(?:'|-?[0-9]+\s*:)|\[\s*'.*?',"),
        Foreign(
            "a Python value as print() shows it, not JSON",
            "Write it as JSON",
            python(
                "import ast, json, re, sys; t = open(sys.argv[1]).read(); "
                "t = t[re.search('[{[]', t).start():].strip().rstrip(')'); "
                "json.dump(ast.literal_eval(t), open(sys.argv[2], 'w'))"
            ),
            writes=".json",
        ),
    ),
    Refusal(
        _starts(b"### SubwordTextEncoder"),
        Foreign(
            "the pieces of a SubwordTextEncoder of TensorFlow Datasets",
            "Write its pieces as a JSON list, from Python: json.dump(encoder.subwords, file); "
            'its id 0 is padding, so put "<pad>" before them.',
        ),
    ),
    Refusal(
        # Optionally a header, then a token and two or more numbers, one of them with a point.
        _matches(
            rb"(?:[0-9]+ [0-9]+\s*\n)?[^\n ]+(?= [^\n]*\.[0-9])"
            rb"(?: -?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?){2,} ?\r?\n"
        ),
        Foreign(VECTORS_REASON, VECTORS_REMEDY),
    ),
)


def refuse_bytes(head: bytes, path: str, compression: str | None, *, as_told: bool) -> None:
    """Raise `InputError` for a file that begins unlike any vocabulary, and for an empty one."""
    if not head:
        raise InputError(
            reason="the file is empty",
            remedy="The program that writes it may have failed, or may still be running: write it "
            "again.",
        )
    for refusal in BINARY if as_told else BINARY + LOOKALIKES:
        if refusal.recognises(head):
            raise refusal.foreign.refusal(path, compression)


def refuse_content(content: Content, path: str | os.PathLike[str] | None) -> None:
    """Raise `InputError` for a decoded file that is well-formed but no vocabulary."""
    if isinstance(content.shape, Unclear):
        from embedprep.vocabulary import unclear

        raise unclear.error(content.shape)
    if isinstance(content.value, dict) and _is_settings(content):
        raise _settings(path)
    # A sorted list, and a map of a few tokens, can be proper vocabularies too. So here, and only
    # here, the name decides.
    name = "" if path is None else os.path.basename(path)
    if (
        name == "strings.json"
        and content.shape is JsonShape.STRINGS
        and all(isinstance(string, str) for string in content.value)
        and content.value == sorted(content.value)
    ):
        raise InputError(
            reason="spaCy's string store: sorted strings without ids",
            remedy="Name the tokenizer's own file. If a string's place in this list is its id "
            "after all, say --vocab-format token-list.",
        )
    if name == "added_tokens.json" and content.shape is JsonShape.NUMBERS:
        raise InputError(
            reason="only the tokens that were added to a vocabulary",
            remedy="Name the vocabulary beside it (vocab.json or vocab.txt), or the folder: the "
            "added tokens are taken with it. To take these alone, say --vocab-format token-map.",
        )


_SETTINGS = frozenset(
    [
        "tokenizer_class",
        "model_max_length",
        "do_lower_case",
        "model_type",
        "architectures",
        "vocab_size",
        "added_tokens_decoder",
        "transformers_version",
        "hidden_size",
        "processor_class",
        "chat_template",
        "max_seq_length",
        "bos_token",
        "eos_token",
        "unk_token",
        "pad_token",
        "sep_token",
        "cls_token",
        "mask_token",
        "additional_special_tokens",
        "bos_token_id",
        "eos_token_id",
        "pad_token_id",
    ]
)


def _is_settings(content: Content) -> bool:
    """Whether a map has names of settings, and values other than the ids of tokens."""
    if not any(map(content.value.__contains__, _SETTINGS)):  # nearly always, and far cheaper
        return False
    holds_vocabulary = isinstance(content.value.get("model"), dict) or any(
        isinstance(content.value.get(name), (dict, list)) for name in ("vocab", "vocabulary")
    )
    return not holds_vocabulary and not set(map(type, content.value.values())) <= {int}


def _settings(path: str | os.PathLike[str] | None) -> InputError:
    folder = "" if path is None else os.path.dirname(path)
    beside = [
        name
        for name in ("tokenizer.json", "vocab.json", "vocab.txt")
        if path is not None and os.path.isfile(os.path.join(folder, name))
    ]
    return InputError(
        reason="the settings of a tokenizer or a model, not a vocabulary",
        remedy=f"Name {beside[0]} beside it: --vocab {shlex.quote(os.path.join(folder, beside[0]))}"
        if beside
        else "Name the vocabulary that belongs to it: tokenizer.json, vocab.json, vocab.txt or a "
        "SentencePiece .model.",
    )
