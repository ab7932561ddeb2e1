"""Models that gensim pickled (`.kv`, `.model`), read by gensim itself.

Unpickling runs any code in the file, so the user must allow it.
"""

from __future__ import annotations

import os
import re
from typing import Any

import numpy as np

from embedprep.errors import InputError, printable, quoted
from embedprep.sources.gensim_data import without_gensim
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.request import Request
from embedprep.vectors.table import Entries, TableVectors
from embedprep.vectors.table_rows import ArrayRows

_AS_BIN = (
    'python3 -c "import sys; from gensim.models.fasttext import FastText, save_facebook_model; '
    'save_facebook_model(FastText.load(sys.argv[1]), sys.argv[2])"'
)
_AS_TEXT = (
    'python3 -c "import sys; from gensim.models import KeyedVectors; '
    "m = KeyedVectors.load(sys.argv[1]); getattr(m, 'wv', m).save_word2vec_format(sys.argv[2])\""
)
_LOST_NGRAMS = (
    "it is a fastText model, read without its n-grams: a word that it lacks gets no vector. Its "
    f".model can be written as a .bin, which has them: {_AS_BIN} FILE.model FILE.bin"
)
_HEAD = 4096
"""Enough bytes of a pickle to see the class of its object."""
_MAP = re.compile(rb"\x80.(?:\x95.{8})?\}", re.DOTALL)
"""The beginning of a pickled `dict`, which no library needs to be asked for."""
_MAP_AS_TEXT = (
    "python3 -c \"import pickle, sys; rows = pickle.load(open(sys.argv[1], 'rb')).items(); "
    "[print(w, *map(float, v), file=out) for out in [open(sys.argv[2], 'w')] for w, v in rows]\""
)


def open_pickle(source: PlainFile | Stream, request: Request) -> TableVectors:
    """Open the model. Raises for a pickle that the user does not trust, or without word vectors."""
    if not request.trust_pickle:
        first = re.search(rb"FastText(Keyed)?", source.head(_HEAD))
        as_bin = first is not None and not first[1]  # without the model, the n-grams are lost
        export, ending = (_AS_BIN, ".bin") if as_bin else (_AS_TEXT, ".vec")
        trust = "If you trust it here, say --trust-pickle. Otherwise export it where you trust it: "
        if _MAP.match(source.head(_HEAD)):
            export, trust = _MAP_AS_TEXT, "Write it as text where you trust it: "
        names = f"{quoted(source.path)} {quoted(os.path.splitext(source.path)[0] + ending)}"
        raise InputError(
            "it is a Python pickle, and loading one can run any code",
            f"{trust}{export} {names}",
            path=source.path,
            byte=0,
        )
    if isinstance(source, Stream) or not os.path.isfile(source.path):
        raise InputError(
            "a pickle cannot be read as a stream, as gensim opens it itself",
            "Decompress or save it first, and name the file.",
            path=source.path,
        )
    words = _word_vectors(_loaded(source.path), source.path)
    names, array = words.index_to_key, words.vectors
    if not isinstance(array, np.ndarray) or array.ndim != 2 or array.dtype.kind != "f":
        raise _foreign("its vectors are no matrix of numbers", source.path)
    if len(names) != len(array) or not all(isinstance(name, str) for name in names):
        raise _foreign(
            f"it has {len(names)} keys, for {len(array)} vectors, and needs a string for each",
            source.path,
        )
    keys = [name.encode("utf-8", "surrogatepass") for name in names]
    records = Entries(keys, np.arange(len(keys)))
    rows = ArrayRows(array, source)
    notes = (_LOST_NGRAMS,) if _has_ngrams(words) and request.subwords else ()
    return TableVectors(source, request, rows, records, format="gensim", notes=notes)


def _has_ngrams(words: Any) -> bool:
    from gensim.models.fasttext import FastTextKeyedVectors

    return isinstance(words, FastTextKeyedVectors) and words.bucket > 0


def _loaded(path: str) -> Any:
    try:
        import gensim.models  # the library that it unpickles
        import gensim.utils
    except Exception as error:
        raise without_gensim(
            error,
            "only gensim reads its pickles",
            "export the file: "
            "m = KeyedVectors.load(FILE); getattr(m, 'wv', m).save_word2vec_format(NEW)",
            path,
        ) from error
    try:
        return gensim.utils.SaveLoad.load(path, mmap="r")
    except Exception as error:  # a pickle can raise anything
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise InputError(
            f"gensim cannot load it: {printable(reason)}",
            "Load and export it with the version of gensim that wrote it: "
            "m = KeyedVectors.load(FILE); getattr(m, 'wv', m).save_word2vec_format(NEW).",
            path=path,
        ) from error


def _word_vectors(model: Any, path: str) -> Any:
    """Return the `KeyedVectors`: the model itself, or part of a Word2Vec, FastText or Doc2Vec.

    In a FastText model, `vectors` already include the n-grams.
    """
    from gensim.models import KeyedVectors

    words = model if isinstance(model, KeyedVectors) else getattr(model, "wv", None)
    if not isinstance(words, KeyedVectors):
        raise _foreign(f"it is a pickle of {type(model).__name__}, without word vectors", path)
    return words


def _foreign(reason: str, path: str) -> InputError:
    return InputError(
        reason,
        "Save the word vectors alone: model.wv.save_word2vec_format(NEW).",
        path=path,
    )
