"""`embedprep convert`: any vectors that can be read, to any format that others read."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from typing import get_args

from embedprep.arguments import OnMalformed, Progress, Vocab, checked_threads, one_of
from embedprep.containers.publication import Publication, refuse_inputs
from embedprep.conversion.records import collected
from embedprep.conversion.targets import TARGETS, check_dim, target_of
from embedprep.coverage import VectorsInfo
from embedprep.lookup import look_up
from embedprep.matching.combining import Mistaken
from embedprep.matching.records import Policy
from embedprep.sources import split_member
from embedprep.vectors import Request, open_vectors
from embedprep.vectors.key_convention import KeyConvention
from embedprep.vectors.unnamed import unnamed_inputs
from embedprep.vocabulary import read

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
    trust_pickle: bool = False,
    threads: int | None = None,
    clobber: bool = True,
    durable: bool = True,
    progress: Progress = lambda total: nullcontext(lambda count: None),
) -> VectorsInfo:
    """Write the records of a vector file in another format: the first one of each key, in order.

    vectors: anything that `build` reads.
    output: its ending chooses the format, unless `to`, a name in `TARGETS`, does; a `/` at its end
        makes it the folder of a static model of model2vec.
    vocab: only the words of this vocabulary; a fastText model composes missing ones of n-grams.
    on_malformed: `skip` leaves out records without numbers, and keys the output cannot hold.

    The other options are those of `build`. Returns the description of the input; its `rows` is the
    number of records written. An input is never overwritten, and an output that cannot be written
    is reported before anything is read. Raises UsageError, InputError or OutputError.
    """
    path = os.fspath(output)
    target = target_of(path, to)
    one_of("on_malformed", on_malformed, get_args(OnMalformed))
    request = Request(
        os.fspath(vectors),
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
        files = list(publication.files.values())
        lookup = None if vocab is None else look_up(read(vocab, vocab_format))

        def written(told: KeyConvention | None) -> VectorsInfo:
            with closing(open_vectors(request)) as file:
                check_dim(file, target)
                spool = os.path.dirname(files[0].temporary)  # it needs as much free space
                policy = Policy(on_malformed)
                with (
                    progress(file.size) as advance,
                    collected(file, lookup, target.refuses, spool, policy, advance, told) as table,
                ):
                    target.write(table, files)
            return table.source

        try:
            source = written(None)
        except Mistaken as mistaken:
            mistaken.check_rereadable(request.path)
            source = written(mistaken.keys_are)
        publication.publish()
    return source


def _refuse_inputs(paths: list[str], request: Request, vocab: Vocab | None) -> None:
    """Raise if one of `paths`, which are to be written, is an input."""
    others = [request.tokens, vocab if isinstance(vocab, (str, os.PathLike)) else None]
    named = [os.fspath(path) for path in (request.path, *others) if path is not None]
    refuse_inputs(paths, [split_member(path)[0] for path in named] + unnamed_inputs(request, paths))
