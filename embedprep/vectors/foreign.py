"""Files that are no vector files, or in a format that embedprep does not read: what they are, and
how to convert them into something readable.

A new kind of file is one row: a pattern of the first bytes, what the file is, the remedy.
`detection` checks every file and folder here before a reader sees it.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

import numpy as np

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.encodings import refuse_encoded
from embedprep.sources.foreign import OLD_PICKLE, Foreign, python, torch_file
from embedprep.sources.source import PlainFile, Stream
from embedprep.vectors.formats.text_evidence import NUMBER

HEAD_BYTES = 4096

# The text of a row is its first string; its vector is its list, or else all of its numbers.
_EACH_ROW = (
    "[print(next(v for v in r if isinstance(v, str)), "
    "*next((v for v in r if isinstance(v, list)), "
    "[v for v in r if isinstance(v, (int, float))])) for r in rows]"
)
_OF_OBJECTS = (
    "[r if isinstance(r, list) else r.values() if len(r) > 1 else [*r.items()][0] for r in rows]"
)


def _json(what: str, rows: str) -> Foreign:
    return Foreign(
        f"JSON, {what}",
        "Write it as text",
        python(f"import json, sys; {rows}; {_EACH_ROW}"),
    )


_VOCABULARY = "Pass it as --vocab, and name the file of the vectors."
_DOCUMENT = "Name the file of the vectors instead."

_ROWS_OF_TABLE = "rows = [list(r.values()) for r in t.to_pylist()]; " + _EACH_ROW


class _Begins(NamedTuple):
    """A kind of file, recognised by its first bytes."""

    pattern: bytes
    foreign: Foreign


_STRING = rb'"(?:[^"\\]|\\.)*"'
_NUMBER = rb"-?[0-9.]+(?:e[-+]?[0-9]+)?"

_KINDS = (
    _Begins(
        rb"version https://git-lfs",
        Foreign("a Git LFS pointer, not the file itself", "Get it: git lfs pull"),
    ),
    _Begins(
        rb"(?:\.\./)*(?:\.git|/annex)/[^\n]*annex/objects/|/annex/objects/",
        Foreign("a pointer of git-annex, not the file itself", "Get it", "git annex get"),
    ),
    _Begins(  # not any "<", because a key may begin with it
        rb"(?i)\s*<(!doctype )?html",
        Foreign("a web page", "The download failed: open the address in a browser to see why."),
    ),
    _Begins(rb"<\?xml ", Foreign("an XML file", _DOCUMENT)),
    _Begins(
        rb"SQLite format 3\0",
        Foreign(
            "an SQLite database, as Magnitude (.magnitude) has one",
            "If it is Magnitude's, write it as text",
            python(
                "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
                "p, n = (d.execute('select value from magnitude_format where key = ?', (k,))"
                ".fetchone()[0] for k in ('precision', 'dim')); "
                "names = ', '.join(f'dim_{i}' for i in range(n)); "
                "[print(k, *(v / 10 ** p for v in r)) "
                "for k, *r in d.execute(f'select key, {names} from magnitude')]"
            ),
        ),
    ),
    _Begins(
        rb"FiFu",
        Foreign(
            "in finalfusion's format (.fifu)",
            "Write it as text with the Python package finalfusion",
            "ffp-convert -f finalfusion -t text",
            writes=".txt",
        ),
    ),
    _Begins(
        rb"PAR1",
        Foreign(
            "a Parquet file",
            "Write it as text with the Python package pyarrow",
            python(
                "import pyarrow.parquet, sys; t = pyarrow.parquet.read_table(sys.argv[1]); "
                + _ROWS_OF_TABLE
            ),
        ),
    ),
    _Begins(
        rb"ARROW1|FEA1",
        Foreign(
            "an Arrow or Feather file",
            "Write it as text with the Python package pyarrow",
            python(
                "import pyarrow.feather, sys; t = pyarrow.feather.read_table(sys.argv[1]); "
                + _ROWS_OF_TABLE
            ),
        ),
    ),
    _Begins(
        rb"GGUF",
        Foreign(
            "a model in GGUF",
            "Write its table of tokens with the Python package gguf. Its keys are pieces as its "
            "tokenizer has them",
            python(
                "import gguf, sys; m = gguf.GGUFReader(sys.argv[1]); "
                "t = next(t for t in m.tensors if t.name == 'token_embd.weight'); "
                "rows = gguf.dequantize(t.data, t.tensor_type).tolist(); "
                "words = m.get_field('tokenizer.ggml.tokens').contents(); "
                "[print(w, *r, sep=chr(9)) for w, r in zip(words, rows)]"
            ),
        ),
    ),
    _Begins(
        rb"\x08[\x03-\x10]\x12.(?:pytorch|tf2onnx|keras2onnx|skl2onnx|onnx)",
        Foreign(
            "a model in ONNX",
            "Write its table as .npy with the Python package onnx, and name the tokens with "
            "--vectors-tokens",
            python(
                "import numpy, onnx, sys; from onnx import numpy_helper as h; "
                "a = map(h.to_array, onnx.load(sys.argv[1]).graph.initializer); "
                "numpy.save(sys.argv[2], max((x for x in a if x.ndim == 2), key=len))"
            ),
            writes=".npy",
        ),
    ),
    _Begins(
        rb"RD[AX][23]\n|X\n\0\0\0[\x02\x03]",
        Foreign(
            "data of R",
            "Write the matrix as text in R: write.table(x, 'vectors.txt', quote = FALSE, "
            "col.names = FALSE).",
        ),
    ),
    _Begins(
        rb"MATLAB [57]",
        Foreign("a file of MATLAB", "Write keys and vectors as lines of text, with writetable."),
    ),
    _Begins(rb"%PDF-|\x89PNG|\xff\xd8\xff|GIF8|\x7fELF", Foreign("no data at all", _DOCUMENT)),
    _Begins(
        OLD_PICKLE,
        Foreign(
            "a Python pickle, and loading one can run any code",
            "Load it where you trust it, and write each vector as a line: the key, then its "
            "numbers, separated by spaces.",
        ),
    ),
    _Begins(
        rb'\s*\{[^{]*(?:"metadata"\s*:\s*\{[^{}]*\}\s*,\s*)?"weight_map"\s*:',
        Foreign(
            "the index of a model in several files",
            "Name their folder, which needs the tokenizer of the model as well: --vectors FOLDER",
        ),
    ),
    _Begins(
        rb'\s*\{\s*"(?:version|truncation|added_tokens|model|class_name)"\s*:',
        Foreign("JSON, a tokenizer or the settings of one", _VOCABULARY),
    ),
    _Begins(
        rb"\s*\{\s*'(?:[^'\\\n]|\\.)*'\s*:\s*\[\s*%b\s*[,\]]" % _NUMBER,
        Foreign(
            "a map of words to vectors as Python prints it",
            "Write it as text",
            python(
                "import ast, sys; "
                "[print(w, *v) for w, v in ast.literal_eval(open(sys.argv[1]).read()).items()]"
            ),
        ),
    ),
    _Begins(
        rb"\s*\|[^\n]*\|[ \t\r]*\n[ \t]*\|[ \t:|-]+\|[ \t\r]*\n",
        Foreign(
            "a table in Markdown",
            "Write it as text",
            python(
                "import sys; [print(*map(str.strip, line.strip().strip('|').split('|')), "
                "sep=chr(9)) for line in [*open(sys.argv[1])][2:]]"
            ),
        ),
    ),
    _Begins(
        rb"[^ \t\n]+(?:[ \t]+[0-9]+:%b){2,}\s*\n" % _NUMBER,
        Foreign(
            "text of numbered values, as LIBSVM has it",
            "Write all values of each record",
            python(
                "import sys; rows = [(k, {int(i): v for i, v in (f.split(':') for f in r)}) "
                "for k, *r in map(str.split, open(sys.argv[1]))]; "
                "n = [i for _, r in rows for i in r]; "
                "[print(k, *(r.get(i, 0) for i in range(min(n), max(n) + 1))) for k, r in rows]"
            ),
        ),
    ),
    _Begins(
        rb"[^ \t\n]+(?:[ \t]+[-+]?[0-9]*\.[0-9]*[DdQq][-+]?[0-9]+){2,}\s*\n",
        Foreign(
            "text with exponents as Fortran writes them, 1.0D+00",
            "Write them with an e",
            "sed -E 's/([[:blank:]][-+]?[0-9]*\\.[0-9]*)[DdQq]/\\1e/g'",
        ),
    ),
    _Begins(
        rb"\s*\{\s*%b\s*:\s*[0-9]" % _STRING,
        Foreign("JSON of tokens and their ids, a vocabulary", _VOCABULARY),
    ),
    _Begins(
        rb"\s*\[\s*%b\s*(?:,\s*%b\s*)*[,\]]\s*(?:%b|\Z|$)" % (_STRING, _STRING, _STRING),
        Foreign("JSON, a list of tokens", _VOCABULARY),
    ),
    _Begins(
        rb"\s*\{[^\n]*\}[ \t\r]*\n[ \t]*\{|[ \t]*\[[ \t]*%b[^\n]*\][ \t\r]*(?:\n[ \t]*\[|\n?\Z)"
        % _STRING,
        _json(
            "a record a line",
            "rows = map(json.loads, filter(str.strip, open(sys.argv[1]))); rows = " + _OF_OBJECTS,
        ),
    ),
    _Begins(
        rb"\s*\[\s*(?:\{\s*%b\s*:|\[\s*%b)" % (_STRING, _STRING),
        _json("a list of records", f"rows = json.load(open(sys.argv[1])); rows = {_OF_OBJECTS}"),
    ),
    _Begins(
        rb"\s*\{\s*%b\s*:\s*\[\s*[\"\[]" % _STRING,
        _json(
            "lists of words and of vectors",
            "d = json.load(open(sys.argv[1])).values(); "
            "w, m = sorted((v for v in d if isinstance(v, list)), "
            "key=lambda v: isinstance(v[0], list)); rows = zip(w, m)",
        ),
    ),
    _Begins(
        rb"\s*\{\s*%b\s*:\s*\[\s*(?:%b\s*[,\]]|\Z)" % (_STRING, _NUMBER),
        _json("a map of words to vectors", "rows = json.load(open(sys.argv[1])).items()"),
    ),
    _Begins(
        rb"\s*\{\s*%b\s*:\s*\{\s*%b\s*:\s*%b\s*[,}]" % (_STRING, _STRING, _NUMBER),
        _json(
            "a map to maps, as pandas writes a table",
            "d = json.load(open(sys.argv[1])); d = {w: {c: d[c][w] for c in d} "
            "for w in next(iter(d.values()))} if all(c[-1:].isdigit() for c in d) else d; "
            "rows = [[w, [*r.values()]] for w, r in d.items()]",
        ),
    ),
    _Begins(
        rb"\s*\{\s*%b\s*:\s*\{" % _STRING,
        _json(
            "a map of words to vectors inside another",
            "rows = next(v for v in json.load(open(sys.argv[1])).values() "
            "if isinstance(v, dict)).items()",
        ),
    ),
    _Begins(
        rb"\s*\[\s*\[\s*%b\s*," % _NUMBER,
        Foreign(
            "JSON, a matrix without keys",
            "Put the file of its words, one a line and named WORDS, before it",
            python(
                "import json, sys; [print(w.strip(), *r) "
                "for w, r in zip(open('WORDS'), json.load(open(sys.argv[1])))]"
            ),
        ),
    ),
    _Begins(
        rb"\s*\{\s*(?:%b\s*:|\}|\Z)" % _STRING,
        Foreign("JSON, and no map of words to vectors", _DOCUMENT),
    ),
)

_TORCH = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"
"""PyTorch's magic number, pickled: old files begin with it."""

_NAMES = (
    (
        r"\.ckpt(-[0-9]+)?\.(meta|index)$|\.data-[0-9]{5}-of-[0-9]{5}$|^checkpoint$",
        "a part of a TensorFlow checkpoint",
    ),
    (r"\.pb$", "a model of TensorFlow"),
)
"""Files that are recognised by their names alone."""


def refuse(source: PlainFile | Stream) -> None:
    """Raise for a source whose first bytes, or name, show that it is no vector file."""
    head, path, packed = source.head(HEAD_BYTES), source.path, source.compression
    refuse_encoded(head, path, packed)
    if head.startswith(_TORCH):
        raise torch_file(head[len(_TORCH) :]).refusal(path, packed)
    if _is_record(head):
        return
    for kind in _KINDS:
        if re.match(kind.pattern, head, re.DOTALL):
            raise kind.foreign.refusal(path, packed)


def refuse_binary(source: PlainFile | Stream) -> None:
    """Raise for a source that no format claims and that is not text."""
    head = source.head(HEAD_BYTES)
    if _is_binary(head):
        raise _of_binary(source, head)


def _is_record(head: bytes) -> bool:
    """Whether the first line is text that ends in a number, as any record may."""
    line = head.partition(b"\n")[0].rstrip(b" \t\r")
    fields = re.split(rb"[ \t]", line)
    return (
        len(fields) > 1
        and NUMBER.fullmatch(fields[-1]) is not None
        and re.search(rb"[\0-\x08\x0e-\x1f]", line) is None
    )


def _is_binary(head: bytes) -> bool:
    """Whether `head` is no text, not even with odd keys: its first line ends in no number."""
    line = head.partition(b"\n")[0].rstrip(b" \t\r")
    if NUMBER.fullmatch(re.split(rb"[ \t]", line)[-1]):
        return False
    control = sum(map(head.count, map(bytes, zip((*range(9), *range(14, 32))))))
    return 20 * control > len(head)


def _of_binary(source: PlainFile | Stream, head: bytes) -> InputError:
    path = source.path
    name = os.path.basename(path)
    for pattern, what in _NAMES:
        if re.search(pattern, name):
            return _tensorflow(what, path, os.path.dirname(path))
    size = source.size if source.compression is None else None
    beside = shlex.quote(os.path.join(os.path.dirname(path), "vocab.txt"))
    if size is not None and size % 8 == 0 and _are_numbers(head, "<f8"):
        code = (
            "import numpy, sys; w = [line.split(' ')[0] for line in open(sys.argv[2])]; "
            "m = numpy.fromfile(sys.argv[1]).reshape(2, len(w), -1)[:, :, :-1].sum(0); "
            "[print(k, *v) for k, v in zip(w, m.tolist())]"
        )
        return Foreign(
            "binary, float64 numbers without keys, as GloVe's own .bin",
            "If GloVe wrote it, name its vectors.txt, or write it as text with its vocab.txt",
            python(code),
        ).refusal(path, also=beside)
    if size is not None and size % 4 == 0 and _are_numbers(head, "<f4"):
        code = (
            "import numpy, sys; w = open('WORDS').read().split(); "
            "m = numpy.fromfile(sys.argv[1], '<f4').reshape(len(w), -1); "
            "[print(k, *v) for k, v in zip(w, m.tolist())]"
        )
        return Foreign(
            "binary, float32 numbers without keys",
            "Put the file of its words, one a line and named WORDS, before them",
            python(code),
        ).refusal(path)
    return Foreign(
        "binary, in no format that embedprep knows",
        "Export the vectors as text: a line for each, the key and its numbers, separated by "
        "spaces.",
    ).refusal(path)


def _are_numbers(head: bytes, dtype: str) -> bool:
    """Whether nearly all of the bytes are numbers of the size that vectors contain."""
    return share_of_usual_numbers(head, dtype) > 0.9


def share_of_usual_numbers(data: bytes, dtype: str) -> float:
    """Return the share of the numbers in `data` that have the size of values in vectors."""
    whole = len(data) // 8 * 8
    with np.errstate(invalid="ignore"):  # any bytes may come here
        numbers = np.abs(np.frombuffer(data[:whole], dtype).astype(np.float64))
        usual = (numbers > 1e-6) & (numbers < 1e3)
    return float(usual.mean()) if len(numbers) else 0.0


def _tensorflow(what: str, path: str, folder: str) -> InputError:
    code = (
        "import numpy, sys, tensorflow as tf; r = tf.train.load_checkpoint(sys.argv[1]); "
        "a = (r.get_tensor(n) for n in r.get_variable_to_shape_map() if 'embed' in n.lower() "
        "and 'slot' not in n.lower()); "
        "numpy.save(sys.argv[2], max((x for x in a if x.ndim == 2), key=len))"
    )
    place = shlex.quote(folder or ".")
    command = f'python3 -c "{code}" {place} {shlex.quote(os.path.join(folder, "vectors.npy"))}'
    return InputError(
        f"it is {what}",
        f"Write its table as .npy, and name the tokens with --vectors-tokens:\n    {command}",
        path=path,
    )


def refuse_folder(path: str, names: Sequence[str]) -> None:
    """Raise for a folder of files called `names` if it is a model of another program."""
    if "saved_model.pb" in names:
        raise _tensorflow(
            "a SavedModel of TensorFlow", path, os.path.join(path, "variables", "variables")
        )
    if any(re.search(_NAMES[0][0], name) for name in names):
        raise _tensorflow("a checkpoint of TensorFlow", path, path)
    models = [name for name in names if name in ("pytorch_model.bin", "model.onnx", "model.gguf")]
    if models:
        raise InputError(
            "it is the folder of a model, whose table is in another format",
            f"Name the file, and embedprep says how to convert it: {os.path.join(path, models[0])}",
            path=path,
        )
