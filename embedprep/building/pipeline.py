"""The whole job on one page: vocabularies and vectors in, matrices and coverage out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing

from embedprep.building import notices
from embedprep.building.clock import Clock
from embedprep.building.one_build import Building, Result
from embedprep.building.options import Job
from embedprep.indexing import with_index
from embedprep.matching.combining import Mistaken, Part, arrange, fill, fill_again
from embedprep.vectors import Vectors, open_vectors
from embedprep.vectors.key_convention import KeyConvention


def run(jobs: Sequence[Job]) -> list[Result]:
    """Make the matrices, measure them, and publish them with their reports; what
    `embedprep.build` documents.

    The jobs read the same vectors in the same way (`Job.reading`), once for all of them. All are
    published at the end: what is wrong with one is known before the first is.
    """
    clock, reading = Clock(), jobs[0]
    builds = [Building(job) for job in jobs]
    clock.lap("vocabulary")

    with ExitStack() as resources:
        files = _open_vectors(reading, resources)
        parts = arrange(files, reading.options.combine)
        for build in builds:
            build.open(parts, resources)
        files = _fill(reading, builds, parts, files, resources)
        descriptions = [file.describe() for file in files]
        notices.of_vectors(descriptions)
        clock.lap("vectors")

        again = [build for build in builds if build.job.reads_twice()]
        if again:
            _fall_back(reading, again, parts)
            clock.lap("fallback")
        for build in builds:
            build.settle()
        clock.lap("out-of-vocabulary rows")

        notices.of_censuses([census for part in builds[0].filled for census in part.censuses])
        for build in builds:
            build.measure()
        clock.lap("coverage")

        for build in builds:
            build.settled()
        clock.lap("checksum, rows to disk")

        for build in builds:
            build.report(files, descriptions, clock.total())
        results = [build.publish() for build in builds]
        clock.lap("report, publishing")
    for build in builds:
        build.last_note()
    return results


def _fill(
    reading: Job,
    builds: Sequence[Building],
    parts: Sequence[Part],
    files: list[Vectors],
    resources: ExitStack,
) -> list[Vectors]:
    """Read the vectors; the files, opened anew where all keys of one showed something else than
    its first ones. What is looked for belongs to the builds, which let go of it in time.
    """
    targets = [build.target() for build in builds]
    told: dict[int, KeyConvention] = {}
    while True:
        try:
            with reading.progress(_total(files)) as advance:
                filled = [fill(part, files, targets, advance, told) for part in parts]
        except Mistaken as mistaken:
            notices.of_mistake(reading, mistaken)
            told[mistaken.number] = mistaken.keys_are
            files = _open_vectors(reading, resources)
            continue
        for build, own in zip(builds, zip(*filled, strict=True), strict=True):
            build.filled = own
        return files


def _fall_back(reading: Job, builds: Sequence[Building], parts: Sequence[Part]) -> None:
    """Read the vectors once more for other forms of what was not found."""
    again = [build for build in builds if build.look_up_again()]
    if not again:
        return  # there is no other form of anything
    targets = [build.target() for build in again]
    with ExitStack() as resources:
        files = _open_vectors(reading, resources)
        with reading.progress(_total(files)) as advance:
            for number, part in enumerate(parts):
                fill_again(part, [build.filled[number] for build in again], files, targets, advance)


def _open_vectors(job: Job, resources: ExitStack) -> list[Vectors]:
    """All files at once, so that one that is missing is known before another has been read."""
    options = job.options
    opened = [
        resources.enter_context(
            closing(
                open_vectors(
                    path,
                    format=options.vectors_format,
                    tokens=options.vectors_tokens,
                    dim=options.dim,
                    threads=job.threads,
                    subwords=options.subwords,
                    trust_pickle=job.trust_pickle,
                )
            )
        )
        for path in job.vectors
    ]
    if job.engine == "dask":
        from embedprep.cluster import on_cluster

        return on_cluster(opened, job.vectors, job.scheduler, job.threads, resources)
    return [with_index(vectors, job.index, job.reuse) for vectors in opened]


def _total(files: Sequence[Vectors]) -> int | None:
    """Bytes to read, where that is known of every file."""
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)
