"""The whole job on one page: vocabularies and vectors in, matrices and coverage out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from embedprep.arguments import Progress
from embedprep.building import notices
from embedprep.building.clock import Clock
from embedprep.building.one_build import Building, Result
from embedprep.building.options import Job
from embedprep.building.reading import Reading
from embedprep.matching.combining import Part, arrange, fill, fill_again
from embedprep.vectors import Vectors


def run(jobs: Sequence[Job]) -> list[Result]:
    """Make the matrices, measure them, and publish them with their reports; what
    `embedprep.build` documents.

    The jobs read the same vectors in the same way (`Job.reading`), once for all of them. All are
    published at the end: what is wrong with one is known before the first is.
    """
    clock, reading, progress = Clock(), jobs[0].reading(), jobs[0].progress
    builds = [Building(job) for job in jobs]
    clock.lap("vocabulary")

    with ExitStack() as resources:
        files = reading.open(resources)
        parts = arrange(files, reading.combine)
        for build in builds:
            build.open(parts, resources)
        _fill(builds, parts, files, progress)
        descriptions = [file.describe() for file in files]
        notices.of_vectors(descriptions)
        clock.lap("vectors")

        again = [build for build in builds if build.job.reads_twice()]
        if again:
            _fall_back(reading, again, parts, progress)
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
    return results


def _fill(
    builds: Sequence[Building], parts: Sequence[Part], files: Sequence[Vectors], progress: Progress
) -> None:
    """Read the vectors. What is looked for belongs to the builds, which let go of it in time."""
    targets = [build.target() for build in builds]
    with progress(_total(files)) as advance:
        filled = [fill(part, files, targets, advance) for part in parts]
    for build, own in zip(builds, zip(*filled, strict=True), strict=True):
        build.filled = own


def _fall_back(
    reading: Reading, builds: Sequence[Building], parts: Sequence[Part], progress: Progress
) -> None:
    """Read the vectors once more for other forms of what was not found."""
    again = [build for build in builds if build.look_up_again()]
    if not again:
        return  # there is no other form of anything
    targets = [build.target() for build in again]
    with ExitStack() as resources:
        files = reading.open(resources)
        with progress(_total(files)) as advance:
            for number, part in enumerate(parts):
                fill_again(part, [build.filled[number] for build in again], files, targets, advance)


def _total(files: Sequence[Vectors]) -> int | None:
    """Bytes to read, where that is known of every file."""
    sizes = [file.size for file in files]
    return None if None in sizes else sum(size or 0 for size in sizes)
