"""The whole job on one page: vocabularies and vectors in, matrices and coverage out.

`one_build` contains the stages of a build, `states` what is known after each, `reading` opens the
vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

import numpy as np
from numpy.typing import NDArray

from embedprep.building import notices
from embedprep.building.clock import Clock
from embedprep.building.job import Job
from embedprep.building.one_build import (
    annotate,
    last_note,
    look_up,
    look_up_again,
    measure,
    prepare,
    publish,
    settle,
    target_of,
    write,
)
from embedprep.building.reading import Reading
from embedprep.building.states import Found, Measured, Prepared, Result, Sought
from embedprep.matching.combining import Mistaken, Part, arrange, fill, fill_again
from embedprep.options.progress import Progress, read_progress
from embedprep.sources import one_state, storage
from embedprep.sources.state import changed
from embedprep.vectors import Description, Vectors
from embedprep.vocabulary.key_convention import KeyConvention


def run(jobs: Sequence[Job]) -> list[Result]:
    """Build the matrices, measure them, and publish them with their reports.

    `embedprep.build` documents the arguments. The jobs have equal readings: the vectors are read
    once for all of them. All are published at the end, so an error in one is known before the first
    is published.
    """
    clock, reading = Clock(), jobs[0].reading()
    notices.of_core()
    clock.begin("vocabulary")
    with ExitStack() as resources:
        resources.enter_context(storage.using(storage.parsed(reading.storage_option)))
        resources.enter_context(one_state())
        prepared = [prepare(job) for job in jobs]
        measured, files, descriptions = _fill_and_measure(reading, prepared, resources, clock)
        annotated = [annotate(one) for one in measured]

        clock.begin("checksum, rows to disk")
        digests = [one.build.destination.settled() for one in measured]

        clock.begin("report, publishing")
        written = [
            write(one, sha256, files, descriptions, clock.total())
            for one, sha256 in zip(annotated, digests, strict=True)
        ]
        results = [publish(one) for one in written]
        clock.end()
    for one in written:
        last_note(one)
    return results


def _fill_and_measure(
    reading: Reading,
    prepared: Sequence[Prepared],
    resources: ExitStack,
    clock: Clock,
) -> tuple[list[Measured], list[Vectors], list[Description]]:
    """Go from the vocabularies to final rows. The lookups are freed when this returns."""
    clock.begin("vectors")
    files, progress = reading.open(resources), read_progress(prepared[0].job.progress)
    parts = arrange(files, reading.combine)
    sought = [look_up(one, parts, resources) for one in prepared]
    found, files = _fill(reading, sought, parts, files, resources, progress)
    del sought  # otherwise the exact forms stay in memory while other forms are looked up
    descriptions = [file.describe() for file in files]
    notices.of_vectors(descriptions)

    if any(one.build.job.reads_twice() for one in found):
        clock.begin("fallback")
        _fall_back(reading, found, parts, descriptions, progress)
    records = _records_to_fit(reading, found, clock)
    clock.begin("out-of-vocabulary rows")
    settled = []
    while found:  # the rows that were read are freed one after the other
        one = found.pop(0)
        settled.append(settle(one, records.get(one.build.job.records_to_fit())))
        del one

    clock.begin("coverage")
    notices.of_censuses(settled[0].censuses)
    return [measure(one) for one in settled], files, descriptions


def _fill(
    reading: Reading,
    sought: Sequence[Sought],
    parts: Sequence[Part],
    files: list[Vectors],
    resources: ExitStack,
    progress: Progress,
) -> tuple[list[Found], list[Vectors]]:
    """Read the vectors, and return the files as well.

    A file is opened and read again if all its keys show a different kind than its first keys did.
    """
    targets = [target_of(one) for one in sought]
    told: dict[int, KeyConvention] = {}
    while True:
        try:
            with progress(_total(files)) as advance:
                filled = [fill(part, files, targets, advance, told) for part in parts]
        except Mistaken as mistaken:
            notices.of_mistake(reading, mistaken)
            told[mistaken.number] = mistaken.keys_are
            files = reading.open(resources)
        else:
            break
    found = [
        Found(one.build, one.lookup, own)
        for one, own in zip(sought, zip(*filled, strict=True), strict=True)
    ]
    return found, files


def _fall_back(
    reading: Reading,
    found: list[Found],
    parts: Sequence[Part],
    before: Sequence[Description],
    progress: Progress,
) -> None:
    """Read the vectors once more for other forms of the missing words.

    Raises InputError unless the files are the same as `before`.

    Replaces the records in their list, so the first lookup is freed.
    """
    for number in range(len(found)):
        if found[number].build.job.reads_twice():
            found[number] = look_up_again(found[number])
    again = [one for one in found if one.build.job.reads_twice() and one.seeks_more()]
    if not again:
        return  # nothing has another form
    targets = [target_of(one) for one in again]
    with ExitStack() as resources:
        files = reading.open(resources)
        with progress(_total(files)) as advance:
            for number, part in enumerate(parts):
                fill_again(part, [one.filled[number] for one in again], files, targets, advance)
        for file, first in zip(files, before, strict=True):
            if file.describe().fingerprint != first.fingerprint:
                raise changed(first.path)


def _records_to_fit(
    reading: Reading, found: Sequence[Found], clock: Clock
) -> dict[int | None, NDArray[np.float32]]:
    """Return the vectors that steps are fitted on, by their number, if they are not the rows."""
    counts = {one.build.job.records_to_fit() for one in found} - {None}
    if counts:
        clock.begin("vectors to fit on")
    return {count: reading.first_records(count) for count in counts if count is not None}


def _total(files: Sequence[Vectors]) -> int | None:
    """Return the bytes to read, if that is known for every file."""
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)
