"""A static model with a tokenizer that exists already: it is built, so that its rows are the ids.

Comes in: vectors, and the `tokenizer.json` of the vocabulary or of the vectors themselves. Goes
out: the folder, as `build -o NAME/` writes it.
"""

from __future__ import annotations

import os
from contextlib import closing

from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.coverage import VectorsInfo
from embedprep.options.arguments import OnMalformed, Vocab, vocab_file
from embedprep.options.progress import Progress
from embedprep.sources import is_pipe
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.table import TableVectors
from embedprep.vocabulary import Vocabulary


def own_tokenizer(
    request: Request, vocab: Vocab | None, vocabulary: Vocabulary | None
) -> str | None:
    """Return the `tokenizer.json` of the vocabulary, or without one of the vectors, if any.

    `vocabulary` was read from `vocab`.
    """
    if vocabulary is not None:
        return vocab_file(vocab) if vocabulary.format == "huggingface-tokenizer" else None
    if is_pipe(request.path):
        return None
    with closing(open_vectors(request)) as file:
        return file.tokenizer if isinstance(file, TableVectors) else None


def as_static_model(
    request: Request,
    tokenizer: str,
    output: str,
    *,
    of_vectors: bool,
    on_malformed: OnMalformed,
    clobber: bool,
    durable: bool,
    progress: bool | Progress,
) -> VectorsInfo:
    """Write the folder `output`. If the tokenizer is that `of_vectors`, every row is as it was."""
    given = {
        "vectors": request.path,
        "vocab": tokenizer,
        "output": os.path.join(output, ""),
        "vectors_format": request.format,
        "vectors_tokens": request.tokens,
        "oov": "zeros",  # which adds nothing to the mean of a text
        "pad_token": "none" if of_vectors else None,
        "on_malformed": on_malformed,
        "trust_pickle": request.trust_pickle,
        "threads": request.threads,
        "clobber": clobber,
        "durable": durable,
        "progress": progress,
    }
    [(_, report)] = run([Job.of(given)])
    [source] = report.vectors
    return source
