"""Write one small file of every kind that embedprep writes and reads, as this version writes it.

`python -m tests.written_by.make` writes the folder of the present version. Run it again after a
change of a format as long as the version is not released; later the folder stays as it is.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np

import embedprep
from embedprep import __version__

HERE = Path(__file__).parent
RECORDS = {"the": (0.5, -1.25), "cat": (3.0, 4.0), "New York": (5.5, 6.0), "Köln": (7.0, 1e-3)}
VOCAB = ["<pad>", "the", "Cat", "zebra", "Köln", "New York"]
COUNTS = {"the": 50, "Cat": 7, "zebra": 3, "Köln": 1, "New York": 1}


def main() -> None:
    folder = HERE / __version__
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    os.chdir(folder)
    lines = (f"{key} {a} {b}\n" for key, (a, b) in RECORDS.items())
    Path("vectors.txt").write_text("".join(lines), encoding="utf-8")
    records = (
        key.replace(" ", "_").encode() + b" " + np.array(row, "<f4").tobytes()
        for key, row in RECORDS.items()
    )
    Path("vectors.bin").write_bytes(b"%d 2\n" % len(RECORDS) + b"".join(records))
    for name in ("vectors.txt", "vectors.bin"):
        embedprep.index(name)
    Path("vocab.json").write_text(json.dumps(VOCAB))
    Path("counts.json").write_text(json.dumps(COUNTS))
    for output in ("npy.npy", "hdf5.h5", "safetensors.safetensors"):
        embedprep.build(
            "vectors.txt",
            "vocab.json",
            output,
            counts="counts.json",
            fallback="lower",
            index="ignore",
            html="npy.html" if output == "npy.npy" else None,
        )
    embedprep.convert("vectors.txt", "converted.npy")
    embedprep.build("vectors.txt", "vocab.json", "half.npy", dtype="float16", oov="zeros")
    embedprep.build("vectors.txt", "vocab.json", "post.npy", post="center")
    embedprep.build("vectors.txt", "vocab.json", "int8.npy", post="center", dtype="int8")


if __name__ == "__main__":
    main()
