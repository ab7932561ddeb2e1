"""Several models over one table: what they take on the disk and in memory, with the table in each
model and with one table for all.

Memory is the proportional set size: of a page that n processes share, each is charged 1/n. It needs
Linux, which tells it in /proc.

    python examples/many_models_one_table.py --figure many_models_one_table.png
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import multiprocessing
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import figures
import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

import embedprep.keras

KINDS: dict[str, Callable[[str], layers.Layer]] = {
    "ordinary": embedprep.keras.embedding_layer,
    "external": embedprep.keras.ExternalEmbedding,
}
TINY = 100  # rows of a table that takes next to nothing
SPAWN = multiprocessing.get_context("spawn")  # processes that share nothing but files


def make_table(path: str, rows: int, dim: int) -> None:
    """A matrix that embedprep built, of random vectors."""
    words = [f"word{id}" for id in range(1, rows)]
    np.save("vectors.npy", np.random.default_rng(0).standard_normal((rows - 1, dim), np.float32))
    Path("vectors.tokens.json").write_text(json.dumps(words))
    embedprep.build("vectors.npy", ["", *words], path)
    Path("vectors.npy").unlink()


def save_models(name: str, table: str, count: int) -> None:
    """`count` models of each kind, which differ in the layer behind the table."""
    for number in range(count):
        for kind, embedding in KINDS.items():
            keras.utils.set_random_seed(number)
            ids = keras.Input((None,), dtype="int32")
            mean = layers.GlobalAveragePooling1D()(embedding(table)(ids))
            keras.Model(ids, layers.Dense(5)(mean)).save(f"{name} {kind} {number}.keras")


def serve(names: list[str], ids: NDArray[np.int32], parent: Connection) -> None:
    """Load models and let them see all ids, first over a tiny table; stay until measured."""
    for table, seen in ("tiny", ids % TINY), ("table", ids):
        models = [keras.models.load_model(f"{table} {name}.keras") for name in names]
        predicted = [model.predict(seen, batch_size=100, verbose=0) for model in models]
        gc.collect()  # what loading and compiling left behind, in Python and beside it
        if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
            libc.malloc_trim(0)
        parent.send(predicted)
        parent.recv()


def run(groups: list[list[str]], ids: NDArray[np.int32]) -> tuple[float, float, list[Any]]:
    """A process for each group of models: megabytes of all together, those that came with the
    large table, and what the models predict.
    """
    pipes, processes = [], []
    own, libraries = [], []
    for names in groups:
        pipe, its_end = SPAWN.Pipe()
        process = SPAWN.Process(target=serve, args=(names, ids, its_end))
        process.start()
        its_end.close()
        pipes.append(pipe)
        processes.append(process)
    for _ in "tiny", "table":
        predicted = [prediction for pipe in pipes for prediction in pipe.recv()]
        megabytes = [memory(process.pid) for process in processes]
        own.append(sum(each[0] for each in megabytes))
        libraries.append(sum(each[1] for each in megabytes))
        for pipe in pipes:
            pipe.send("measured")
    for process in processes:
        process.join()
    return own[1] + libraries[1], own[1] - own[0], predicted


def memory(pid: int | None) -> tuple[float, float]:
    """Megabytes of a process: its own, and of libraries, whose share depends on who else runs."""
    own = libraries = 0
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, *values = line.split()
        if not name.endswith(":"):  # the first line of a mapping
            is_library = ".so" in line
        elif name == "Pss:":
            kibibytes = int(values[0])
            own, libraries = own + kibibytes * (not is_library), libraries + kibibytes * is_library
    return own * 1024 / 1e6, libraries * 1024 / 1e6


@dataclass(frozen=True)
class Taken:
    """What models take, in megabytes."""

    kind: str
    models: int
    processes: int
    disk: float
    memory: float
    """Of all processes together."""
    table: float
    """Of it what came with the table."""


def measure(rows: int, cases: list[tuple[int, int]]) -> list[Taken]:
    ids = np.arange(rows // 100 * 100, dtype="int32").reshape(-1, 100)  # every row is used
    taken = []
    print("kind      models processes   disk MB  memory MB  of it table")
    for models, processes in cases:
        predicted = {}
        for kind in KINDS:
            names = [f"{kind} {number}" for number in range(models)]
            disk = sum(Path(f"table {name}.keras").stat().st_size for name in names) / 1e6
            groups = [names[i::processes] for i in range(processes)]
            total, above, predicted[kind] = run(groups, ids)
            taken.append(Taken(kind, models, processes, disk, total, above))
            print(
                f"{kind:10}{models:6}{processes:10}{disk:10.2f}{total:11.0f}{above:13.0f}",
                flush=True,
            )
        if not np.array_equal(predicted["ordinary"], predicted["external"]):
            raise SystemExit("The models of the two kinds do not predict the same.")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--models", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--figure", help="where to draw it: an .svg or .png file")
    parser.add_argument(
        "--quick", action="store_true", help="100,000 rows, two models, two processes"
    )
    args = parser.parse_args()
    cases = [(n, 1) for n in args.models] + [(n, n) for n in args.models if n > 1]
    if args.quick:
        args.rows, cases = 100_000, [(2, 2)]
    if not Path("/proc/self/smaps").exists():
        raise SystemExit("This example needs Linux, which tells what memory is shared.")
    figure = os.path.abspath(args.figure or "")

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with ProcessPoolExecutor(1, SPAWN) as process:  # of its own, lest it shares the pages
            for name, rows in ("table", args.rows), ("tiny", TINY):
                process.submit(make_table, f"{name}.npy", rows, args.dim).result()
                process.submit(save_models, name, f"{name}.npy", max(cases)[0]).result()
        table = Path("table.npy").stat().st_size / 1e6
        print(f"a table of {args.rows:,} x {args.dim}, {table:.0f} MB")
        results = measure(args.rows, cases)
        os.chdir("/")
    if args.figure:
        figures.disk_and_memory(results, table, figure)


if __name__ == "__main__":
    main()
