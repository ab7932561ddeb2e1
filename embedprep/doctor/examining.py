"""The one pass over the file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

from embedprep.doctor import verdict
from embedprep.doctor.examination import Examination, Keys, Kind
from embedprep.doctor.keys import KeyCensus, Some, habits
from embedprep.doctor.norms import Norms
from embedprep.doctor.published import Match, recognise
from embedprep.doctor.repeats import Repeats
from embedprep.errors import InputError
from embedprep.options.arguments import checked_threads
from embedprep.options.progress import Progress, read_progress
from embedprep.sources.paths import local_path
from embedprep.vectors import Description, Fault, Hits, Request, Vectors, open_vectors

_FAULTS = 5


class _Tally:
    """The state of the examination after some chunks."""

    def __init__(self) -> None:
        self.records = self.malformed = self.nonfinite = 0
        self.faults: list[Fault] = []
        self.last_faults: list[Fault] = []
        """The last key of the last chunk that had records."""
        self.duplicates = Some()
        self.untrained = Some()
        self.census = KeyCensus()
        self.norms = Norms()
        self._repeats = Repeats()

    def add(self, hits: Hits) -> None:
        self.records += hits.records
        self.malformed += hits.malformed + len(hits.undecodable)
        self.nonfinite += len(hits.nonfinite)
        fault = [hits.fault] if hits.fault is not None else []
        self.faults += fault[: _FAULTS - len(self.faults)]
        if hits.records:
            self.last_faults = fault
        keys = _keys(hits)
        if keys:
            for i in self._repeats.among(keys).tolist():
                self.duplicates.add(keys[i])
        for i in hits.untrained.tolist():
            self.untrained.add(keys[i])
        self.census.add(keys)
        self.norms.add(hits.rows)


def _keys(hits: Hits) -> Sequence[bytes]:
    if len(hits.key) == len(hits.names):
        return hits.names
    return [hits.names[i] for i in hits.key.tolist()]


def examine(
    path: str | os.PathLike[str],
    *,
    vectors_format: str | None = None,
    vectors_tokens: str | os.PathLike[str] | None = None,
    trust_pickle: bool = False,
    threads: int | None = None,
    progress: bool | Progress = False,
) -> Examination:
    """Read a vector file through, and say what it is, what is wrong with it, and how to build with
    it.

    Memory grows by about 16 bytes a record. A table or a fastText model also keeps its keys in
    memory, and the sums of fastText's n-grams take up to half a gigabyte.

    Args:
        path: The vector file.
        vectors_format: As for `build`.
        vectors_tokens: As for `build`.
        trust_pickle: As for `build`.
        threads: As for `build`.
        progress: As for `build`.

    Returns:
        The examination. `problems` lists what is wrong inside the file.

    Raises:
        InputError: The file cannot be opened, or is no vector file.
    """
    request = Request(
        local_path(os.fspath(path)),
        format=vectors_format,
        tokens=None if vectors_tokens is None else os.fspath(vectors_tokens),
        threads=checked_threads(threads),
        trust_pickle=trust_pickle,
    )
    tally = _Tally()
    with closing(open_vectors(request)) as vectors:
        file, broken = None, None
        try:
            with read_progress(progress)(vectors.size) as advance:
                _read(vectors.hits(None), tally, advance)
            file = vectors.describe()
        except InputError as error:
            broken = error
            file = _described(vectors)
        return _conclude(request, vectors, tally, file, broken)


def _read(chunks: Iterator[Hits], tally: _Tally, advance: Callable[[int], object]) -> None:
    for hits in chunks:
        tally.add(hits)
        advance(hits.bytes)


def _conclude(
    request: Request,
    vectors: Vectors,
    tally: _Tally,
    file: Description | None,
    broken: InputError | None,
) -> Examination:
    declared, records, census = vectors.declared_records, tally.records, tally.census
    whole = broken is None
    published = _published(vectors, file, records, whole)
    truncated, reason = verdict.truncation(
        file=file,
        declared=declared,
        records=records,
        last_faults=tally.last_faults,
        broken=broken,
        sizes_agree=published is not None and published.certain,
    )
    problems = verdict.problems(
        declared=declared,
        records=records,
        malformed=tally.malformed,
        nonfinite=tally.nonfinite,
        faults=tally.faults,
        broken=broken,
    )
    known, usable = habits(census), tally.norms.vectors
    keys = Keys(
        empty=census.empty,
        absent=records - tally.malformed - tally.nonfinite - usable if whole else 0,
        spaced=_kind(census.spaced),
        odd=_kind(census.odd),
        invalid_utf8=_kind(census.invalid),
        special=tuple(sorted(name.decode() for name in census.special)),
    )
    about = _about(vectors, file, whole)
    return Examination(
        path=vectors.path,
        format=about.get("format"),
        compression=about.get("compression"),
        bytes=about.get("bytes"),
        fingerprint=about.get("fingerprint"),
        header=about.get("header"),
        separator=about.get("separator"),
        ends_with_newline=about.get("ends_with_newline"),
        dim=vectors.dim,
        declared_records=declared,
        complete=whole,
        records=records,
        malformed=tally.malformed,
        nonfinite=tally.nonfinite,
        faults=tuple(tally.faults),
        zero_rows=tally.norms.zeros,
        duplicates=_kind(tally.duplicates),
        untrained=_kind(tally.untrained),
        contents=about.get("contents", ()),
        keys=keys,
        habits=known,
        norms=tally.norms.range(),
        truncated=truncated,
        truncated_reason=reason,
        published=published,
        problems=problems,
        advice=(
            *verdict.advice(known, keys, usable, composes=about.get("composes", False)),
            *(file.notes if file else ()),
        ),
        build=verdict.command(request, skip=bool(problems)) if whole else None,
    )


def _kind(some: Some) -> Kind:
    return Kind(some.count, tuple(some.examples))


def _about(vectors: Vectors, file: Description | None, whole: bool) -> dict[str, Any]:
    """Return the description, without values that cover only part of the file."""
    about = {} if file is None else file._asdict()
    if not whole:
        about |= {"fingerprint": None, "ends_with_newline": None}
        if vectors.size is None:
            about["bytes"] = None
    return about


def _described(vectors: Vectors) -> Description | None:
    """Describe a file that could not be read to its end."""
    try:
        return vectors.describe()
    except InputError:
        return None


def _published(
    vectors: Vectors, file: Description | None, records: int, whole: bool
) -> Match | None:
    declared = vectors.declared_records
    if file is None or (declared is None and not whole):
        return None
    size = file.bytes if whole and file.compression is None else None
    return recognise(
        file.format,
        records if declared is None else declared,
        vectors.dim,
        header=file.header,
        size=size,
    )
