"""The public functions: `embedprep.build`, `build_all`, `index` and `open`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, nullcontext
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedprep.arguments import OnMalformed, Progress, Vocab, checked_threads
from embedprep.building.batch import run_all
from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.indexing import make_index
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Combine, Engine, OfPieces, OnDuplicate, UseOfIndex
from embedprep.report import CoverageReport
from embedprep.vectors import Request, open_vectors

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
    key_form: str | None = None,
    pad_token: str | None = None,
    unk_token: str | None = None,
    special: str | Sequence[str] = (),
    rows: int | None = None,
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
    key_form: how the vector file writes a word as a key, `{}` for the word: `/c/en/{}`, or several
        joined by commas: `{}_NOUN,{}_VERB`. Of several records the first in the file wins.
    pad_token, unk_token: the padding and the unknown token, where the tokenizer's files and the
        usual names do not tell; `none` if there is none.
    special: special tokens with their ids, `TOKEN=ID`, whether the vocabulary has them or not.
    rows: how many rows the matrix has, at least the highest id + 1.
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

    Returns the matrix, shape (rows, dim), and its coverage. With an output the matrix
    is a read-only map of that file. Raises UsageError, InputError or OutputError.
    """
    arguments = locals()  # there is nothing else yet
    return run([Job.of(arguments)])[0]


def build_all(
    builds: Iterable[Mapping[str, Any]],
    *,
    progress: Progress = lambda total: nullcontext(lambda count: None),
) -> list[tuple[NDArray[np.floating], CoverageReport]]:
    """Make several matrices, each with the arguments of `build`, by name, that one of `builds` has.

    Those that read the same vectors in the same way read them once, together: with five
    vocabularies that costs little more than with one. All options are checked before anything is
    read; what a group that reads together makes is published when all of it is made.

    Returns what `build` does of each, in their order. Raises as `build` does, and UsageError where
    an output of one is an input or output of another, or for an argument that `build` does not
    have. What was published before an error stays.
    """
    return run_all([Job.of({"progress": progress, **given}) for given in builds])


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
    request = Request(os.fspath(vectors), format=vectors_format, threads=checked_threads(threads))
    with closing(open_vectors(request)) as file, progress(file.size) as advance:
        return make_index(file, advance)


def open(path: Path, *, copy_on_write: bool = False) -> EmbeddingMatrix:
    """Open a matrix that `build` wrote, without copying it. Raises InputError.

    The rows are read-only; with `copy_on_write` they can be assigned, and the file stays as it is.
    """
    return EmbeddingMatrix(path, copy_on_write=copy_on_write)
