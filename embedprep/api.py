"""The public functions: `embedprep.build` and `embedprep.open`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import closing, nullcontext
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from embedprep.combining import Combine
from embedprep.indexing import UseOfIndex, make_index
from embedprep.matrix import EmbeddingMatrix
from embedprep.options import (
    Engine,
    Job,
    OfPieces,
    OnDuplicate,
    OnMalformed,
    Options,
    Progress,
    Vocab,
    checked_threads,
)
from embedprep.pipeline import run
from embedprep.report import CoverageReport
from embedprep.vectors import open_vectors

Path = str | os.PathLike[str]


def build(
    vectors: Path | Sequence[Path],
    vocab: Vocab,
    output: Path | None = None,
    *,
    report: Path | None = None,
    html: Path | None = None,
    counts: Path | None = None,
    fallback: str | Sequence[str] = (),
    min_gain: float = 0.001,
    match_pieces: bool = False,
    pieces: OfPieces = "none",
    words: Path | None = None,
    oov: str = "uniform",
    oov_scale: float = 0.25,
    seed: int = 0,
    num_words: int | Literal["auto"] | None = None,
    dtype: str = "float32",
    dim: int | None = None,
    combine: Combine = "fill",
    subwords: bool = True,
    vectors_format: str | None = None,
    vectors_tokens: Path | None = None,
    vocab_format: str | None = None,
    on_malformed: OnMalformed = "error",
    on_duplicate: OnDuplicate = "first",
    trust_pickle: bool = False,
    index: UseOfIndex = "use",
    engine: Engine = "local",
    scheduler: str | None = None,
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: Progress = lambda total: nullcontext(lambda count: None),
) -> tuple[NDArray[np.floating], CoverageReport]:
    """Make the matrix whose row i is the vector of token id i, and say how good it is.

    vectors: a vector file, or several, each of which fills the rows that those before it left;
        `FORMATS` of `embedprep.vectors` lists what can be read, compressed or not.
        `archive.zip::member` names a file in an archive, `-` is standard input.
    vocab: a tokenizer's file, a list of tokens (the id is the position), or a map token → id.
    output: a `.npy`, `.h5`, `.hdf5` or `.safetensors` file to write; without it nothing is.
    report: where the coverage goes as JSON; by default beside the output.
    html: where it goes as a page to look at (extra `html`).
    counts: a file of token frequencies, JSON map or `token<TAB>count` lines.
    fallback: rules that make other forms of a token to look for, best first, as a list or joined
        by commas: those of `embedprep.fallback.RULES`; `all`; or `auto`, which reads the vectors
        once more and takes the rules that gain `min_gain` of the text (without counts, of the
        types). The exact form always wins.
    match_pieces: True gives a piece from inside a word the vector of the word spelt the same.
    pieces: `mean` gives a piece of a word that has no vector the mean of the vectors of the words
        that contain it, weighted by their frequency in the file `words`.
    oov: rows of tokens without a vector: `zeros`, `uniform` in ±`oov_scale`, `normal` (mean and
        deviation of each dimension of the rows found) or `mean`. Random rows depend on `seed`
        and the token alone.
    num_words: keep the ids below it; `"auto"` takes the number from a Keras tokenizer file.
    dtype: `float32` or `float16`.
    combine: `concat` joins the dimensions of several vector files instead.
    subwords: False leaves words that a fastText model does not know without a vector.
    dim, vectors_format, vocab_format: what to insist on where detection would go astray.
    vectors_tokens: the list of the keys of an array that has none (`.npy`, `.safetensors`).
    on_malformed: `skip` leaves out records of wrong width or with values that are no numbers.
    on_duplicate: which of two records of one key counts.
    trust_pickle: True lets a gensim file run the code that is in it.
    index: `use` reads only what is wanted where there is an index of the vector file, `make` also
        writes one where there is none, beside it or in the user's cache; `ignore` reads the file.
    engine: `dask` has the vectors read by the workers of a cluster (extra `dask`): of the current
        client of dask.distributed, or of the `scheduler` at an address, or else by `threads`
        processes on this machine. The result is the same.
    threads: by default one a core.
    clobber: False keeps an existing output and raises.
    durable: False does not wait until the data is on the disk.
    progress: called with the bytes to read, gives a context manager of a function that is called
        with the bytes read since its last call.

    Returns the matrix, shape (highest id + 1, dim), and its coverage. With an output the matrix
    is a read-only map of that file. Raises UsageError, InputError or OutputError.
    """
    files = [vectors] if isinstance(vectors, (str, os.PathLike)) else vectors
    job = Job(
        vectors=tuple(os.fspath(path) for path in files),
        vocab=vocab,
        output=None if output is None else os.fspath(output),
        report=None if report is None else os.fspath(report),
        html=None if html is None else os.fspath(html),
        counts=None if counts is None else os.fspath(counts),
        words=None if words is None else os.fspath(words),
        threads=checked_threads(threads),
        clobber=clobber,
        durable=durable,
        trust_pickle=trust_pickle,
        index=index,
        engine=engine,
        scheduler=scheduler,
        options=Options(
            oov=oov,
            oov_scale=oov_scale,
            seed=seed,
            num_words=num_words,
            dtype=dtype,
            dim=dim,
            combine=combine,
            subwords=subwords,
            vectors_format=vectors_format,
            vectors_tokens=None if vectors_tokens is None else os.fspath(vectors_tokens),
            vocab_format=vocab_format,
            on_malformed=on_malformed,
            on_duplicate=on_duplicate,
            fallback=_names(fallback),
            min_gain=min_gain,
            match_pieces=match_pieces,
            pieces=pieces,
        ),
        progress=progress,
    )
    return run(job)


def index(
    vectors: Path,
    *,
    vectors_format: str | None = None,
    threads: int | None = None,
    progress: Progress = lambda total: nullcontext(lambda count: None),
) -> str:
    """Write an index of a text or word2vec `.bin` file, anew where there is one; its path.

    It stands beside the file, or in the user's cache where that cannot be written. `build` finds
    it there, and reads only the vectors that it wants. Raises UsageError, InputError or
    OutputError.
    """
    file = open_vectors(os.fspath(vectors), format=vectors_format, threads=checked_threads(threads))
    with closing(file), progress(file.size) as advance:
        return make_index(file, advance)


def _names(listed: str | Sequence[str]) -> tuple[str, ...]:
    """Names in a list, joined by commas, or both."""
    parts = [listed] if isinstance(listed, str) else listed
    names = [name for part in parts for name in str(part).split(",")]
    return tuple(name.strip() for name in names if name.strip())


def open(path: Path, *, copy_on_write: bool = False) -> EmbeddingMatrix:
    """Open a matrix that `build` wrote, without copying it. Raises InputError.

    The rows are read-only; with `copy_on_write` they can be assigned, and the file stays as it is.
    """
    return EmbeddingMatrix(path, copy_on_write=copy_on_write)
