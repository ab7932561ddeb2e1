"""Several independent builds; builds that need the same vectors read them once."""

from __future__ import annotations

from collections.abc import Sequence

from embedprep.building.destination import check_apart
from embedprep.building.job import Job
from embedprep.building.pipeline import run
from embedprep.building.reading import Reading
from embedprep.building.states import Result
from embedprep.errors import UsageError
from embedprep.sources import is_pipe


def run_all(jobs: Sequence[Job]) -> list[Result]:
    """Return the results of `jobs`, in their order."""
    if len(jobs) > 1:
        check_apart(jobs)
    groups = _groups(jobs)
    _check_pipes([[jobs[number] for number in together] for together in groups])
    results: dict[int, Result] = {}
    for together in groups:
        made = run([jobs[number] for number in together])
        results.update(zip(together, made, strict=True))
    return [results[number] for number in range(len(jobs))]


def _check_pipes(groups: Sequence[Sequence[Job]]) -> None:
    """Raise if the same pipe is read twice: vectors by two groups, or a text by two builds."""
    vectors = [path for together in groups for path in together[0].vectors]
    texts = [path for together in groups for job in together for path in job.text]
    pipes: set[str] = set()
    for path in filter(is_pipe, (*vectors, *texts)):
        if path in pipes:
            raise UsageError(
                "a pipe can be read only once, and these builds read it in several ways",
                "Save it to a file first, or build with the same vectors and their options.",
                path=path,
            )
        pipes.add(path)


def _groups(jobs: Sequence[Job]) -> list[list[int]]:
    """Return the numbers of the jobs that can share a reading, the first of each in order."""
    groups: dict[Reading, list[int]] = {}
    for number, job in enumerate(jobs):
        groups.setdefault(job.reading(), []).append(number)
    return list(groups.values())
