"""From the matrix on the disk to the first prediction in Keras: `python -m benchmarks.layers`.

The table of 400,000 x 300 goes into a small model; each run is a process, and times what comes
behind the imports of NumPy and Keras. All have to predict the same, bit for bit.
"""

from __future__ import annotations

import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import data
from benchmarks.agreement import ROOT, DifferentMatricesError
from benchmarks.entrants import PROGRAM
from benchmarks.vocabularies import ALL

RUNS = 5
BACKENDS = ("jax", "torch")
AT_MOST = 1.2
"""Of the time that it takes by hand."""


def _by_hand(path: str) -> Any:
    import keras
    import numpy as np

    rows = np.load(path)
    layer = keras.layers.Embedding(*rows.shape, mask_zero=True, trainable=False)
    layer.build()
    layer.set_weights([rows])
    return layer


def _embedding_layer(path: str) -> Any:
    from embedprep.keras import embedding_layer

    return embedding_layer(path)


def _external(path: str) -> Any:
    from embedprep.keras import ExternalEmbedding

    return ExternalEmbedding(path)


ENTRANTS: dict[str, Callable[[str], Any]] = {
    "np.load and set_weights": _by_hand,
    "embedding_layer": _embedding_layer,
    "ExternalEmbedding": _external,
}


def _predict(entrant: str, path: str) -> None:
    """In a process of its own: print seconds, peak memory in bytes and what was predicted."""
    import resource

    import keras
    import numpy as np

    ids = np.random.default_rng(1).integers(0, ALL, (64, 100)).astype("int32")
    start = time.perf_counter()
    layers = [ENTRANTS[entrant](path), keras.layers.GlobalAveragePooling1D()]
    model = keras.Sequential([keras.Input((100,), dtype="int32"), *layers])
    predicted = np.ascontiguousarray(model.predict(ids, verbose=0))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps([seconds, peak, hashlib.sha256(predicted.data).hexdigest()]))


def main() -> int:
    """Run all in turns and print medians; 1 where two predictions differ."""
    with tempfile.TemporaryDirectory(dir=data.DATA) as folder:
        path = str(Path(folder) / "matrix.npy")
        inputs = ("--vectors", str(data.WIDE), "--vocab", str(data.vocabulary_file(ALL)))
        subprocess.run([PROGRAM, "build", *inputs, "-o", path, "-q"], check=True)
        for backend in BACKENDS:
            print(f"\n{backend}: a table of 480 MB, from the file to the first prediction")
            try:
                _print(_run_all(backend, path))
            except DifferentMatricesError as error:
                print(f"benchmarks: {error}", file=sys.stderr)
                return 1
    return 0


def _run_all(backend: str, path: str) -> dict[str, list[tuple[float, int]]]:
    runs: dict[str, list[tuple[float, int]]] = {name: [] for name in ENTRANTS}
    predictions = set()
    for _ in range(RUNS):
        for name, seen in runs.items():
            command = [sys.executable, "-m", "benchmarks.layers", name, path]
            environment = {**os.environ, "KERAS_BACKEND": backend}
            done = subprocess.run(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
            )
            seconds, peak, predicted = json.loads(done.stdout.splitlines()[-1])
            seen.append((seconds, peak))
            predictions.add(predicted)
    if len(predictions) > 1:
        raise DifferentMatricesError(f"the predictions on {backend} differ")
    return runs


def _print(runs: dict[str, list[tuple[float, int]]]) -> None:
    medians = {
        name: statistics.median(seconds for seconds, _ in seen) for name, seen in runs.items()
    }
    by_hand, ours, _ = ENTRANTS
    for name, seen in runs.items():
        peak = max(peak for _, peak in seen) / 1e6
        ratio = medians[name] / medians[by_hand]
        print(f"  {name:<26}{medians[name]:7.2f} s {ratio:6.2f} x {peak:8,.0f} MB at most")
    met = "met" if medians[ours] <= AT_MOST * medians[by_hand] else "MISSED"
    print(f"  {ours}: at most {AT_MOST} x the time by hand: {met}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _predict(*sys.argv[1:])
    else:
        sys.exit(main())
