"""`embedprep convert`: any vectors that can be read, to any format that others read."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext

from embedprep.conversion.publication import Publication
from embedprep.conversion.records import collected
from embedprep.conversion.targets import TARGETS, target_of
from embedprep.coverage import VectorsInfo
from embedprep.destination import refuse_input
from embedprep.lookup import lookup_keys
from embedprep.matching import Policy
from embedprep.options import OnMalformed, Progress, Vocab, checked_threads, one_of
from embedprep.sources import split_member
from embedprep.vectors import open_vectors
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
    """Write the records of a vector file in another format, each key's first one, in their order.

    vectors: whatever `build` reads.
    output: its ending chooses the format, unless `to`, a name in `TARGETS`, does; a folder is a
        static model of model2vec.
    vocab: only the words of this vocabulary; a fastText model makes those it lacks of n-grams.
    on_malformed: `skip` leaves out records without numbers, and keys the output cannot hold.

    The other options are those of `build`. Returns what there is to say of the input; `rows` is
    the number of records written. Raises UsageError, InputError or OutputError.
    """
    path = os.fspath(output)
    target = target_of(path, to)
    one_of("on_malformed", on_malformed, ("error", "skip"))
    source = os.fspath(vectors)
    tokens = None if vectors_tokens is None else os.fspath(vectors_tokens)
    refuse_input(
        path, [split_member(name)[0] for name in (source, tokens, vocab) if isinstance(name, str)]
    )
    wanted = None if vocab is None else lookup_keys(read(vocab, vocab_format)).keys
    file = open_vectors(
        source,
        format=vectors_format,
        tokens=tokens,
        threads=checked_threads(threads),
        trust_pickle=trust_pickle,
    )
    with closing(file), Publication(path, clobber=clobber, durable=durable) as publication:
        if "/" not in target.endings:
            publication.check()
        policy = Policy(on_malformed)
        place = os.path.dirname(os.path.abspath(path))
        with (
            progress(file.size) as advance,
            collected(file, wanted, target.refuses, place, policy, advance) as table,
        ):
            target.write(table, publication)
        publication.publish()
        return table.source
