"""Run one peer: `python -m benchmarks.peers NAME VECTORS VOCABULARY OUT.npy`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Read the vocabulary, let the peer build the matrix, save it."""
    import numpy as np

    name, vectors, vocabulary, out = sys.argv[1:]
    index: dict[str, int] = json.loads(Path(vocabulary).read_bytes())
    peer = import_module(f"benchmarks.peers.{name}")
    np.save(out, peer.build(vectors, index))


if __name__ == "__main__":
    main()
