"""Vectors in another format: `embedprep convert`.

In: a vector file that `build` can read.
Out: the same records in another format; of a matrix, also a table of its tokens.
May import: sources, vocabulary, containers, vectors, lookup, matching, post, coverage, matrix,
    building.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import get_args

from embedprep.containers.publication import Publication, refuse_inputs
from embedprep.conversion import token_table
from embedprep.conversion.own_tokenizer import as_static_model, own_tokenizer
from embedprep.conversion.records import collected
from embedprep.conversion.targets import TARGETS, check_dim, target_of
from embedprep.coverage import VectorsInfo
from embedprep.errors import UsageError
from embedprep.lookup import look_up
from embedprep.matching.combining import Mistaken
from embedprep.matching.records import Policy
from embedprep.options.arguments import (
    OnMalformed,
    Vocab,
    checked_threads,
    one_of,
    read_whole,
    vocab_file,
)
from embedprep.options.progress import Progress, read_progress
from embedprep.sources import split_member
from embedprep.sources.paths import local_path
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.unnamed import unnamed_inputs
from embedprep.vocabulary import read
from embedprep.vocabulary.key_convention import KeyConvention

__all__ = ["TARGETS", "convert"]

Path = str | os.PathLike[str]


def convert(
    vectors: Path,
    output: Path,
    *,
    to: str | None = None,
    vocab: Vocab | None = None,
    on_malformed: OnMalformed = "error",
    vectors_format: str | None = None,
    vectors_tokens: Path | None = None,
    vocab_format: str | None = None,
    neighbours: int = 0,
    xy: bool = False,
    counts: Path | None = None,
    trust_pickle: bool = False,
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: bool | Progress = False,
) -> VectorsInfo:
    """Write the records of a vector file in another format, in their order.

    If a key has several records, the first is written. No input is ever overwritten. If the
    output cannot hold the records, the error comes before anything is read.

    The folder of a static model has the tokenizer of `vocab`, or else of the vectors, if that is a
    `tokenizer.json`: then it has a row for each of its ids, zeros where there is no vector.

    A matrix becomes a table of its tokens if the output ends in `.parquet` (extra `parquet`): row i
    is id i, with its token, provenance, matched key and vector.

    Args:
        vectors: A vector file that `build` can read.
        output: The file to write. Its ending chooses the format; `/` at the end makes the folder
            of a model2vec model.
        to: The format, whatever the ending: a name in `TARGETS`.
        vocab: Write only the words of this vocabulary. A fastText model composes those that it
            lacks.
        on_malformed: `skip` leaves out damaged records, and keys that the output cannot hold.
        vectors_format: As for `build`.
        vectors_tokens: As for `build`.
        vocab_format: As for `build`.
        neighbours: Add the nearest rows of each row to a `.parquet`, so many.
        xy: Add the place of each row on a plane, along the two main directions.
        counts: Add the count of each token to a `.parquet`, from this file.
        trust_pickle: As for `build`.
        threads: As for `build`.
        clobber: As for `build`.
        durable: As for `build`.
        progress: As for `build`.

    Returns:
        The description of the input; `rows` is the number of records written.

    Raises:
        UsageError: An option makes no sense.
        InputError: The input is missing or damaged.
        OutputError: The output cannot be written.
    """
    path = local_path(os.fspath(output))
    read_whole("neighbours", neighbours, least=0)
    asked = token_table.Asked(neighbours, xy, None if counts is None else os.fspath(counts))
    if to is None and path.lower().endswith(token_table.ENDING):
        for name, value in (("vocab", vocab), ("vectors_tokens", vectors_tokens)):
            if value is not None:
                raise UsageError(
                    "a .parquet has every row of a matrix, with the tokens inside",
                    f"Drop --{name.replace('_', '-')}.",
                    path=path,
                )
        return token_table.convert_to_table(
            local_path(os.fspath(vectors)), path, asked, clobber=clobber, durable=durable
        )
    if asked != token_table.Asked():
        raise UsageError(
            "--neighbours, --xy and --counts are columns of a .parquet",
            "End OUT in .parquet.",
            path=path,
        )
    target = target_of(path, to)
    one_of("on_malformed", on_malformed, get_args(OnMalformed))
    request = Request(
        local_path(os.fspath(vectors)),
        format=vectors_format,
        tokens=None if vectors_tokens is None else os.fspath(vectors_tokens),
        threads=checked_threads(threads),
        trust_pickle=trust_pickle,
    )
    paths = target.paths(path)
    _refuse_inputs(paths, request, vocab)
    with (
        target.place(path),
        Publication(paths, clobber=clobber, durable=durable) as publication,
    ):
        vocabulary = None if vocab is None else read(vocab, vocab_format)
        own = None
        if target is TARGETS["model2vec"]:
            own = own_tokenizer(request, vocab, vocabulary)
        files = list(publication.files.values())
        lookup = None if vocabulary is None or own is not None else look_up(vocabulary)

        def written(told: KeyConvention | None) -> VectorsInfo:
            with closing(open_vectors(request)) as file:
                check_dim(file, target)
                policy = Policy(on_malformed)
                with (
                    read_progress(progress)(file.size) as advance,
                    target.sink(files) as sink,
                ):
                    table = collected(file, lookup, target.refuses, sink, policy, advance, told)
                    sink.finish(table)
            return table.source

        if own is None:
            try:
                source = written(None)
            except Mistaken as mistaken:
                mistaken.check_rereadable(request.path)
                source = written(mistaken.keys_are)
            publication.publish()
            return source
    return as_static_model(
        request,
        own,
        path,
        of_vectors=vocab is None,
        on_malformed=on_malformed,
        clobber=clobber,
        durable=durable,
        progress=progress,
    )


def _refuse_inputs(paths: list[str], request: Request, vocab: Vocab | None) -> None:
    """Raise if one of `paths`, which are to be written, is an input."""
    others = [request.tokens, vocab_file(vocab)]
    named = [os.fspath(path) for path in (request.path, *others) if path is not None]
    refuse_inputs(paths, [split_member(path)[0] for path in named] + unnamed_inputs(request, paths))
