"""The cost model against measurements: `python -m benchmarks.scaling`, or `--quick` for a look.

Builds of three lengths of file by threads and by 1, 2 and 4 processes of Dask on this machine. The
rates come from the shortest file and one worker; they predict all other builds, and what 100 GB
and 10 TB would take elsewhere. Files are in the page cache as far as they fit.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import cache, calibration, data, machine, scaling_tables
from benchmarks.agreement import ROOT
from benchmarks.cost_model import How, Rates, Site, Task, cost
from benchmarks.measure import run
from benchmarks.observe import Observed
from benchmarks.repeated import NoSpaceError, repeated
from benchmarks.scaling_tables import Comparison
from benchmarks.vocabularies import ALL, SMALL
from embedprep.indexing import ENDING

COPIES = 20
"""Of the wide text in the longest, which has 20 GB then."""
HOWS: tuple[How, ...] = ("threads", "cluster")
"""Ways of reading that have rates of their own."""
INDEXED: dict[How, str] = {"threads, indexing": "make", "with the index": "use"}
"""And what `embedprep.build` calls that."""


@dataclass(frozen=True)
class Inputs:
    """The files, shortest first, and two vocabularies of theirs."""

    texts: tuple[Path, ...]
    few: Path
    many: Path
    workers: tuple[int, ...]
    """Processes of a cluster; the first number is 1."""


@dataclass(frozen=True)
class Plan:
    """A build to be measured."""

    text: Path
    vocabulary: Path
    how: How
    workers: int


def main() -> int:
    """Make the files, measure, print the tables and save them, beside them everything as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny files: its ratios mean nothing")
    parser.add_argument("--date", default=datetime.date.today().isoformat(), help="to print")
    parser.add_argument("--output", type=Path, help="of the tables (benchmarks/data/scaling.md)")
    options = parser.parse_args()
    try:
        with _quick_inputs() if options.quick else _inputs() as inputs:
            text, builds = _measured(inputs, options.date)
    except (
        NoSpaceError,
        ChildProcessError,
        cache.NotEvictedError,
        subprocess.CalledProcessError,
    ) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print(text, end="")
    if options.output or not options.quick:
        path = options.output or data.DATA / "scaling.md"
        path.write_text(text)
        path.with_suffix(".json").write_text(json.dumps(builds, indent=1) + "\n")
    return 0


def _measured(inputs: Inputs, date: str) -> tuple[str, list[dict[str, Any]]]:
    """The tables, and the builds with all that was seen of them."""
    site = _this_site(inputs.texts[0])
    seen = {
        plan: measured
        for group in _plans(inputs)
        for plan, measured in _observe(group, inputs.texts)
    }
    rates = {how: _rates(inputs, how, seen) for how in HOWS}
    comparisons = [
        Comparison(
            plan.text.name,
            task,
            cost(task, rates["cluster" if plan.how == "cluster" else "threads"], site),
            observed,
            calibrating=_calibrates(plan, inputs),
        )
        for plan, (task, observed) in seen.items()
    ]
    line = comparisons[0].task.file / comparisons[0].task.records
    facts = {"date": date, **machine.describe(), "distributed": machine.version("distributed")}
    document = scaling_tables.document(facts, site, rates, comparisons, line)
    return document, [asdict(comparison) for comparison in comparisons]


def _calibrates(plan: Plan, inputs: Inputs) -> bool:
    workers = (1, 2) if plan.how == "threads" else (1,)
    return plan.text == inputs.texts[0] and plan.how in HOWS and plan.workers in workers


def _rates(inputs: Inputs, how: How, seen: dict[Plan, tuple[Task, Observed]]) -> Rates:
    def both(workers: int) -> tuple[calibration.Build, calibration.Build]:
        few, many = (
            seen[Plan(inputs.texts[0], vocabulary, how, workers)]
            for vocabulary in (inputs.few, inputs.many)
        )
        return few, many

    # One thread alone reads and fills, so that nobody could tell what it does when.
    return calibration.rates(*both(1), both(2 if how == "threads" else 1))


def _this_site(text: Path) -> Site:
    """How fast an evicted file is read. One process goes through it as a worker's ranges do."""
    cache.evict(text)
    seconds = run(("cat", str(text)), cwd=ROOT).seconds
    return Site(disk=text.stat().st_size / seconds, cores=len(os.sched_getaffinity(0)))


def _plans(inputs: Inputs) -> Iterator[list[Plan]]:
    """Groups that share processes. Many tokens come last: some of their memory stays with them."""
    shortest, longer, longest = inputs.texts
    threads: list[tuple[How, int]] = [("threads", 2), *((how, 2) for how in INDEXED)]
    cluster: list[tuple[How, int]] = [("cluster", workers) for workers in inputs.workers]
    ways: dict[Path, list[tuple[How, int]]] = {
        shortest: [("threads", 1), *threads, *cluster],
        longer: [*threads, *cluster],
        longest: [threads[0], *cluster],
    }
    many = {
        (shortest, "threads", 1),
        (shortest, "threads", 2),
        (shortest, "cluster", 1),
        (longer, "cluster", 2),
    }
    for text in inputs.texts:
        for how, workers in ways[text]:
            group = [Plan(text, inputs.few, how, workers)]
            if (text, how, workers) in many:
                group.append(Plan(text, inputs.many, how, workers))
            yield group


# The package that is installed goes before the one that lies here without its core.
_PATH = f"import sys; sys.path.append({str(ROOT)!r})"
_OBSERVE = f"{_PATH}; from benchmarks.observe import main; main()"


def _observe(
    plans: Sequence[Plan], texts: Sequence[Path]
) -> Iterator[tuple[Plan, tuple[Task, Observed]]]:
    """Run the builds in a process of theirs, one after the other."""
    engine = "dask" if plans[0].how == "cluster" else "local"
    with tempfile.TemporaryDirectory(dir=plans[0].text.parent) as folder:
        output = str(Path(folder) / "matrix.npy")
        with subprocess.Popen(
            [sys.executable, "-P", "-c", _OBSERVE, engine, str(plans[0].workers), output],
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            for plan in plans:
                uncached = _prepare(plan, texts)
                print(json.dumps(_job(plan)), file=child.stdin, flush=True)
                line = child.stdout.readline()
                if not line:
                    raise ChildProcessError(f"no result of {plan}")
                observed = Observed(**json.loads(line))
                print(f"  {observed.reading:8.3f} s  {plan}", file=sys.stderr, flush=True)
                yield plan, (_task(plan, observed, uncached), observed)


def _prepare(plan: Plan, texts: Sequence[Path]) -> int:
    """Bring the file into memory, and the other `texts` out of it, for they do not fit together;
    the bytes of it that are to come from the disk all the same.
    """
    size = plan.text.stat().st_size
    if plan.how == "threads, indexing":
        plan.text.with_name(plan.text.name + ENDING).unlink(missing_ok=True)
    for other in {*texts} - {plan.text}:
        with contextlib.suppress(cache.NotEvictedError):  # somebody else reads it
            cache.evict(other)
    run(("cat", str(plan.text)), cwd=ROOT)
    return max(round(size * (1 - cache.resident(plan.text))), 0)


def _job(plan: Plan) -> dict[str, str]:
    return {
        "vectors": str(plan.text),
        "vocabulary": str(plan.vocabulary),
        "index": INDEXED.get(plan.how, "ignore"),
    }


def _task(plan: Plan, observed: Observed, uncached: int) -> Task:
    return Task(
        file=plan.text.stat().st_size,
        records=observed.records,
        dim=observed.dim,
        wanted=observed.wanted,
        found=observed.found,
        how=plan.how,
        workers=plan.workers,
        uncached=uncached,
    )


@contextmanager
def _inputs() -> Iterator[Inputs]:
    few, many = data.vocabulary_file(SMALL), data.vocabulary_file(ALL)
    names = [path.name for path in (few, many, data.HUGE)]
    # A process of its own: NumPy and pyarrow would stay in this one.
    subprocess.run([sys.executable, "-m", "benchmarks.data", *names], cwd=ROOT, check=True)
    with ExitStack() as made:
        long = made.enter_context(repeated(data.DATA / "glove.long.txt", data.WIDE, COPIES))
        texts = (data.WIDE, data.HUGE, long)
        for text in texts:
            made.callback(text.with_name(text.name + ENDING).unlink, missing_ok=True)
        yield Inputs(texts, few, many, (1, 2, 4))


@contextmanager
def _quick_inputs() -> Iterator[Inputs]:
    """A few megabytes, which need no package."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as made:
        text = Path(folder) / "text"
        words = [f"word{number}" for number in range(5_000)]
        numbers = " ".join(f"{(-1) ** k * k / 64:.5f}" for k in range(50))
        text.write_text("".join(f"{word} {numbers}\n" for word in words))
        few, many = (text.with_name(name) for name in ("few.json", "many.json"))
        few.write_text(json.dumps(words[::50]))
        many.write_text(json.dumps(words))
        longer = [
            made.enter_context(repeated(text.with_name(f"text{copies}"), text, copies))
            for copies in (2, 4)
        ]
        yield Inputs((text, *longer), few, many, (1,))


if __name__ == "__main__":
    sys.exit(main())
