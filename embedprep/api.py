"""The public functions: `embedprep.build`, `build_all`, `count`, `index` and `open`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from embedprep.building.batch import run_all
from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.containers.publication import Publication, refuse_inputs
from embedprep.indexing import make_index
from embedprep.matrix.matrix import EmbeddingMatrix
from embedprep.options import Combine, Engine, OfPieces, OnDuplicate, UseOfIndex
from embedprep.options.arguments import (
    OnMalformed,
    Vocab,
    checked_threads,
    read_file,
    read_files,
    vocab_file,
)
from embedprep.options.progress import Progress, read_progress
from embedprep.report import CoverageReport
from embedprep.sources.paths import local_path
from embedprep.vectors import Request, open_vectors
from embedprep.vocabulary import read as read_vocabulary

if TYPE_CHECKING:
    from embedprep.counting import CountedText

Path = str | os.PathLike[str]


def build(
    vectors: Path | Sequence[Path],
    vocab: Vocab,
    output: Path | None = None,
    *,
    report: Path | None = None,
    html: Path | None = None,
    text: Path | Sequence[Path] = (),
    field: str | None = None,
    split: str | None = None,
    counts: Path | None = None,
    fallback: str | Sequence[str] = (),
    min_gain: float = 0.001,
    match_pieces: bool = False,
    pieces: OfPieces = "none",
    words: Path | None = None,
    oov: str = "uniform",
    oov_scale: float | Literal["match"] = 0.25,
    seed: int = 0,
    post: str | Sequence[str] = (),
    post_fit: str = "rows",
    post_like: Path | None = None,
    num_words: int | Literal["auto"] | None = None,
    dtype: str = "float32",
    dim: int | None = None,
    combine: Combine = "fill",
    subwords: bool = True,
    compose: bool = True,
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
    worker_timeout: float = 20,
    storage_option: str | Sequence[str] = (),
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: bool | Progress = False,
) -> tuple[NDArray[np.floating], CoverageReport]:
    """Make the matrix whose row i is the vector of token id i, and report its coverage.

    The arguments are the options of the command, with the same defaults.

    Args:
        vectors: A vector file, or a list of them: compressed or not, `archive.zip::member`, a
            model's folder, an address, or `-` for standard input.
        vocab: A tokenizer's file or folder, a list of tokens (the id is the position), or a map
            token → id.
        output: The `.npy`, `.h5`, `.hdf5` or `.safetensors` file to write, or `NAME/`: the folder
            of a static model with the vocabulary's `tokenizer.json`. Without it, the matrix stays
            in memory.
        report: Where to write the coverage as JSON. By default beside the output.
        html: Where to write the coverage as a page (extra `html`).
        text: Files of text, a text a line, whose coverage is measured: the vocabulary's own
            tokenizer splits it. A folder stands for the files below it.
        field: The text of each record in `text`, if these are JSON lines.
        split: The regular expression at which `text` is split, if the vocabulary is a plain list of
            words. By default white space.
        counts: A file of token frequencies: a JSON map, or lines `token<TAB>count`.
        fallback: Fallback rules, the best first, as a list or joined by commas; `all`; or `auto`,
            which reads the vectors twice and uses the rules that gain `min_gain`. The exact key
            always goes first.
        min_gain: The share of the text (without counts, of the vocabulary) that a rule must gain
            to be recommended, or to be used by `auto`.
        match_pieces: Give a piece from inside a word the vector of the word that is spelt the
            same.
        pieces: `mean` gives a piece without a vector the mean of the vectors of the words that
            contain it, weighted by their frequency in `words`.
        words: A file of word frequencies, for `pieces`. By default the words of `text`.
        oov: The rows of tokens without a vector: `zeros`, `uniform` in ±`oov_scale`, `normal` (the
            mean and deviation of each dimension of the rows found) or `mean`.
        oov_scale: The limit of `uniform`; `match` takes the one that makes these rows as long as
            the rows found.
        seed: The seed of random rows. A row depends on the seed and its token alone.
        post: Steps that change the rows found, in their order, as a list or joined by commas:
            `center`, `abtt:N`, `pca:N` (or a share of the variance: `pca:0.95`), `unit`, `sif`.
        post_fit: Fit the steps on the `rows` found, or on the first N records: `vectors:N`.
        post_like: A matrix that was built with `post`: do what was done there, and fit nothing.
        num_words: Keep the ids below this number; `"auto"` takes it from a Keras tokenizer's file.
        dtype: `float32`, `float16`, or `int8` with a scale a row, which needs an output.
        dim: Refuse vectors of another dimension.
        combine: Several vector files: `fill` takes from a later file what the earlier ones lack,
            `concat` puts their vectors side by side.
        subwords: Whether a fastText model composes vectors for words that it lacks.
        compose: Whether tokens that a model's table lacks get the mean of the pieces into which
            its tokenizer splits them.
        vectors_format: The format of the vector file, if detection takes it for another.
        vectors_tokens: The file of the keys of a `.npy` or `.safetensors`, a key for each row.
        vocab_format: The format of the vocabulary, if detection takes it for another.
        key_form: How the vector file writes a word as a key, `{}` for the word: `/c/en/{}`, or
            several joined by commas. The first record in the file wins.
        pad_token: The padding token; `none` if there is none. By default, what the tokenizer's
            files or the usual names say.
        unk_token: The unknown token, likewise.
        special: Special tokens with their ids, `TOKEN=ID`.
        rows: The number of rows, at least the highest id + 1.
        on_malformed: `skip` leaves damaged records out: those of another width, or with a value
            that is not a finite number.
        on_duplicate: Which of several records of one key counts: `first`, `last`, or `error`.
        trust_pickle: Load a file that gensim pickled. It can run any code.
        index: `use` an index if there is one, `make` one if there is none, or `ignore` it.
        engine: `local`, or `dask`: the workers of a cluster read the vectors (extra `dask`).
        scheduler: The address of the Dask scheduler. By default the current client of
            dask.distributed, or new processes on this machine.
        worker_timeout: Raise if the Dask cluster has no worker for so many seconds, or one does
            not answer.
        storage_option: Options of the libraries that read s3, gs and other addresses, as
            `NAME=VALUE`: `anon=true`, `requester_pays=true`, `endpoint_url=URL`.
        threads: How many threads, or processes, read. By default one a core.
        clobber: False keeps an existing output and raises.
        durable: False does not wait until the data is on the disk.
        progress: True shows a bar, in a notebook a widget. A function is called with the number of
            bytes to read, and returns a context manager of a function that is called with the bytes
            read since its last call.

    Returns:
        The matrix, of shape (rows, dim), and its coverage. With an output, the matrix is a
            read-only map of that file; with `int8`, the rows decoded.

    Raises:
        UsageError: An option makes no sense.
        InputError: An input is missing or damaged.
        OutputError: The output cannot be written.
    """
    arguments = locals()  # there is nothing else yet
    return run([Job.of(arguments)])[0]


def build_all(
    builds: Iterable[Mapping[str, Any]],
    *,
    progress: bool | Progress = False,
) -> list[tuple[NDArray[np.floating], CoverageReport]]:
    """Make several matrices, and read vectors that they share once.

    Builds that read the same vectors in the same way share one reading: five vocabularies cost
    little more than one. All options are checked before anything is read. The matrices of one
    reading are published together when all of them are made.

    Args:
        builds: The arguments of `build` for each matrix, by name.
        progress: As for `build`.

    Returns:
        What `build` returns, for each in their order.

    Raises:
        UsageError: An argument that `build` does not have, or an output of one build that is an
            input or output of another.
        InputError: An input is missing or damaged.
        OutputError: An output cannot be written. What was published before stays.
    """
    return run_all([Job.of({"progress": progress, **given}) for given in builds])


def count(
    vocab: Vocab,
    text: Path | Sequence[Path],
    output: Path | None = None,
    *,
    field: str | None = None,
    split: str | None = None,
    vocab_format: str | None = None,
    clobber: bool = True,
    progress: bool | Progress = False,
) -> CountedText:
    """Count how often a text has each token of a vocabulary.

    The tokenizer that the vocabulary's file describes splits the text: the library `tokenizers` or
    `sentencepiece` for their files, the filters and the standardisation of Keras for its files,
    white space or `split` for a plain list of words.

    Args:
        vocab: As for `build`.
        text: As for `build`.
        output: The JSON file to write, for `counts` of later builds.
        field: As for `build`.
        split: As for `build`.
        vocab_format: As for `build`.
        clobber: As for `build`.
        progress: As for `build`.

    Returns:
        The counts: `by_token()` is a map from tokens to their occurrences.

    Raises:
        UsageError: The vocabulary does not say how a text is split, or a library is missing.
        InputError: An input is missing or damaged.
        OutputError: The output cannot be written.
    """
    from embedprep.counting import Text, count_text

    files = read_files("text", text)
    shown = read_progress(progress)
    paths = [] if output is None else [read_file("output", output)]
    refuse_inputs(paths, [path for path in (vocab_file(vocab), *files) if path is not None])
    with Publication(paths, clobber=clobber) as publication:
        vocabulary = read_vocabulary(vocab, vocab_format)
        texts = Text(files, field)
        with shown(texts.size()) as advance:
            counted = count_text(vocab, vocabulary, texts, split, advance)
        for path in paths:
            publication.files[path].write(counted.to_json().encode())
        if paths:
            publication.publish()
    return counted


def index(
    vectors: Path,
    *,
    vectors_format: str | None = None,
    threads: int | None = None,
    progress: bool | Progress = False,
) -> str:
    """Write an index of a text or word2vec `.bin` file, replacing one that is there.

    The index lies beside the file, or in the user's cache if that folder cannot be written.
    `build` finds it there and reads only the vectors that it wants.

    Args:
        vectors: The vector file.
        vectors_format: As for `build`.
        threads: As for `build`.
        progress: As for `build`.

    Returns:
        The path of the index.

    Raises:
        InputError: The file is damaged, or its format needs no index.
        OutputError: The index cannot be written.
    """
    shown = read_progress(progress)
    path = local_path(os.fspath(vectors))
    request = Request(path, format=vectors_format, threads=checked_threads(threads))
    with closing(open_vectors(request)) as file, shown(file.size) as advance:
        return make_index(file, advance)


def open(path: Path, *, copy_on_write: bool = False) -> EmbeddingMatrix:
    """Open a matrix that `build` wrote, without copying it.

    Args:
        path: The `.npy`, `.h5`, `.hdf5` or `.safetensors` file.
        copy_on_write: Let the rows be assigned, for this object alone; the file stays as it is. By
            default they are read-only.

    Raises:
        InputError: The file is damaged, or `build` did not write it.
    """
    return EmbeddingMatrix(path, copy_on_write=copy_on_write)
