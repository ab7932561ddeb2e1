"""Builds of every kind from small files, and the sha256 that each must come to, on any machine.

`golden.json` holds for each build the hash of its rows and that of its report. As a program,
`python -m tests.torture.golden >tests/torture/golden.json` in the root of the project writes it
anew, after a change that is meant to change rows or reports.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import locale
import logging
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import embedprep
from embedprep.fallback.table import RULES
from embedprep.options import DTYPES
from embedprep.post.oov import STRATEGIES

ROOT = Path(__file__).parents[2]
STORED = Path(__file__).with_name("golden.json")

Digests = dict[str, str]
"""Of one build: of its `rows`, and of its `report`."""

# Numbers between two float32, of more digits than double holds, denormal, and huge; a key with a
# space; records that stand twice, are too short, or hold no number.
_VECTORS = b"""the 0.1 -0.2 0.30000001192092896 1e-3 16777217
cat 1.00000005960464477 -0 3.4028234e38 1.4e-45 9007199254740993
cats 0.5 0.25 0.125 7.0e-46 -1
, 1 2 3 4 5
New York .5 5. +5 -5e0 5E0
new 1 0 1 0 1

year -0.123456789012345678901 2 3 4 5
year's 9 8 7 6 5
do 1 1 2 3 5
n't 8 13 21 34 55
caf\xc3\xa9 0.1 0.2 0.3 0.4 0.5
cafe 0.5 0.4 0.3 0.2 0.1
new-york 4 5 6 7 8
new_york 8 7 6 5 4
NASA 2 4 8 16 32
Paris 3 6 9 12 15
hat 1e1 1e-1 1e2 1e-2 0
#### 6 6 6 6 6
0000 7 7 7 7 7
cat -1 -1 -1 -1 -1
fish 0.7 0.6 0.5 0.4 0.3
ice 1.5 2.5 3.5 4.5 5.5
cream 5.5 4.5 3.5 2.5 1.5
"""
_DAMAGED = b"short 1 2\nhat 1 2 3 4 nan\nfish 1 2 x 4 5\n"
_SECOND = b"zebra 1 -1 0.5\nthe 0.25 0.5 0.75\nyear 3 2 1\ndog 1e-7 2e-7 3e-7\n"
_FILLING = b"zebra 5 4 3 2 1\nthe 1 1 1 1 1\ndog 0.1 0.3 0.5 0.7 0.9\n"
_TOKENS = [
    *("", "[UNK]", "the", "cat", ",", "New York", "zebra", "unicorn", "dog", "The", "nasa"),
    *("paris", "Year's", "don't", "don\u2019t", "cafe\u0301", "Caf\u00e9", "new york", '"cats,"'),
    *("new-york", "1984", "mp3", "ice-cream", "\ufb01sh", "unicorns", "katze", "CAT", "hats'"),
    *("\u00e9", "the", "www.example.com", ":-)", "year\u2019s", "New-York", "cat's"),
]
_PIECES = ["[PAD]", "[UNK]", "the", "cat", "##s", "##at", "new", "##york", "un", "##corn"]
_WORDS = "cats\t3\nhat\t2\nthe\t9\nnewyork\t1\nyear's\t4\n"

_SMALL: dict[str, Any] = {"vectors": "v.txt", "vocab": "vocab.json", "counts": "counts.json"}
_PIECEWISE: dict[str, Any] = {"vectors": "v.txt", "vocab": "pieces.txt"}
_SAMPLE: dict[str, Any] = {"vectors": "glove.sample.txt", "vocab": "keras_tokenizer.json"}

BUILDS: dict[str, dict[str, Any]] = {
    **{
        f"oov {oov}, {dtype}": _SMALL
        | {"vectors": "tame.txt", "oov": oov, "dtype": dtype}
        | ({"output": "m.npy"} if dtype == "int8" else {})  # which does not fit into one array
        for oov in STRATEGIES
        for dtype in DTYPES
    },
    **{f"fallback {rule}": _SMALL | {"fallback": rule} for rule in (*RULES, "all", "auto")},
    "fallback all, oov mean": _SMALL | {"vectors": "tame.txt", "fallback": "all", "oov": "mean"},
    **{
        f"post {post}": _SMALL | {"vectors": "tame.txt", "post": post}
        for post in ("center", "abtt:1", "pca:3", "pca:0.9", "unit", "sif", "abtt:1,pca:3,unit,sif")
    },
    "post of records": _SAMPLE | {"post": "abtt:2,pca:20", "post_fit": "vectors:1000"},
    "post of parts": _SMALL
    | {"vectors": ["tame.txt", "second.txt"], "combine": "concat", "post": "pca:1"},
    "oov_scale match": _SMALL | {"vectors": "tame.txt", "oov_scale": "match"},
    "without counts": _SMALL | {"counts": None, "fallback": "auto"},
    "combine fill": _SMALL | {"vectors": ["v.txt", "filling.txt"]},
    "combine fill, fallback": _SMALL | {"vectors": ["v.txt", "filling.txt"], "fallback": "all"},
    "combine concat": _SMALL | {"vectors": ["v.txt", "second.txt"], "combine": "concat"},
    "combine concat, normal": _SMALL
    | {"vectors": ["tame.txt", "second.txt"], "combine": "concat", "oov": "normal"},
    "duplicates last": _SMALL | {"on_duplicate": "last"},
    "malformed skipped": _SMALL | {"vectors": "damaged.txt", "on_malformed": "skip"},
    "num_words": _SMALL | {"num_words": 7},
    "seed and scale": _SMALL | {"seed": -5, "oov_scale": 1.5},
    "pieces": _PIECEWISE | {"pieces": "mean", "words": "words.txt"},
    "pieces as words": _PIECEWISE | {"match_pieces": True},
    "sample": _SAMPLE,
    "sample, fallback": _SAMPLE | {"fallback": "all", "oov": "normal"},
    "sample, tokenizer.json": _SAMPLE | {"vocab": "tokenizer.json", "dtype": "float16"},
}
"""By name: the arguments of `embedprep.build`. A new rule is a new build, and wants its hash."""


def write_inputs(folder: Path) -> None:
    """The files that `BUILDS` names."""
    contents = {
        "v.txt": _VECTORS,
        # Without what float16 cannot hold.
        "tame.txt": _VECTORS.replace(b"3.4028234e38", b"65504").replace(b"16777217", b"2049")
        .replace(b"9007199254740993", b"2051"),
        "damaged.txt": _VECTORS + _DAMAGED,
        "second.txt": _SECOND,
        "filling.txt": _FILLING,
        "vocab.json": json.dumps(_TOKENS).encode(),
        "counts.json": json.dumps({t: 3 * i % 17 for i, t in enumerate(_TOKENS)}).encode(),
        "pieces.txt": "\n".join(_PIECES).encode(),
        "words.txt": _WORDS.encode(),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for name in ("glove.sample.txt", "keras_tokenizer.json", "tokenizer.json"):
        shutil.copyfile(ROOT / "sample_data" / name, folder / name)


def stored() -> dict[str, Digests]:
    digests: dict[str, Digests] = json.loads(STORED.read_text())
    return digests


def hashes() -> dict[str, Digests]:
    """Of all builds, here and now."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_inputs(Path(folder))
        return {name: _digests(options) for name, options in BUILDS.items()}


def _digests(options: dict[str, Any]) -> Digests:
    matrix, report = embedprep.build(**options)
    return {"rows": sha256(matrix.tobytes()), "report": report_hash(report.to_dict(), "versions")}


def report_hash(report: dict[str, Any], *without: str) -> str:
    """Of all of it but its account of the run, and the parts `without`."""
    kept = {key: value for key, value in report.items() if key not in ("run", *without)}
    return sha256(json.dumps(kept, sort_keys=True).encode())


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main() -> int:
    """Print the hashes, in the locale of the environment; 2 unless numbers have the sign that is
    given between their parts.
    """
    locale.setlocale(locale.LC_ALL, "")
    if locale.localeconv()["decimal_point"] != (sys.argv[1] if len(sys.argv) > 1 else "."):
        return 2
    logging.getLogger("embedprep").setLevel(logging.ERROR)
    json.dump(hashes(), sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
