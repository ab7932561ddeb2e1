"""Run the benchmark: `python -m benchmarks`, or `--quick` for a look in under a minute."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence

from benchmarks import machine, report
from benchmarks.agreement import ROOT, DifferentMatricesError
from benchmarks.cache import NotEvictedError
from benchmarks.contest import Contest
from benchmarks.contests import all_contests, quick_contests
from benchmarks.data import DATA
from benchmarks.entrants import START_UP
from benchmarks.race import Patience, Result, compete
from benchmarks.targets import judge

# After this no program of a contest is run a second time.
CONTEST_SECONDS = 6 * 60
START_UP_RUNS = 11


def main() -> int:
    """Make the inputs, time everybody, print and save the results.

    Returns 1 where a program failed or two matrices differ, otherwise 0: a missed target is
    printed but may be the machine's fault.
    """
    try:
        found = _measure(_options())
    except (
        ChildProcessError,
        DifferentMatricesError,
        FileNotFoundError,
        subprocess.CalledProcessError,
    ) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    (DATA / "results.md").write_text(report.as_markdown(found))
    (DATA / "results.json").write_text(json.dumps(report.as_json(found), indent=1) + "\n")
    print(report.as_text(found), end="")
    return 0


def _measure(options: argparse.Namespace) -> report.Report:
    left_out = tuple(options.without)
    patience = Patience(options.runs, options.slow_runs, CONTEST_SECONDS)
    tables: dict[Contest, dict[str, Result]] = {}
    unmeasured: dict[Contest, str] = {}
    for contest in options.contests:
        print(contest.title, file=sys.stderr)
        _prepare(contest)
        chosen = [one for one in contest.everybody if not one.name.startswith(left_out)]
        try:
            tables[contest] = compete(chosen, patience, contest.tolerance, contest.evicted)
        except NotEvictedError as error:
            unmeasured[contest] = str(error)
    helped = None
    if not options.only and not START_UP.name.startswith(left_out):
        often = Patience(START_UP_RUNS, START_UP_RUNS, CONTEST_SECONDS)
        helped = compete([START_UP], often)[START_UP.name]
    targets = judge(tables, helped)
    return report.Report(options.date, machine.describe(), tables, unmeasured, helped, targets)


def _prepare(contest: Contest) -> None:
    # A process of its own keeps this one small, see `benchmarks.measure`. Checking the vector
    # file also reads it, just before it is needed: everybody finds it in the page cache.
    files = (contest.vocabulary.name, contest.vectors.name)
    subprocess.run([sys.executable, "-m", "benchmarks.data", *files], cwd=ROOT, check=True)


def _chosen(contests: Sequence[Contest], names: Iterable[str]) -> list[Contest]:
    """The contests with one of `names` in their title; the one of exactly that title, if any.

    Raises `LookupError` for a name that is in none.
    """
    if not names:
        return list(contests)
    titles = set()
    for name in names:
        some = {contest.title for contest in contests if name in contest.title}
        if not some:
            raise LookupError(name)
        titles |= some & {name} or some
    return [contest for contest in contests if contest.title in titles]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small file, one run, no gensim")
    parser.add_argument("--runs", type=int, help="of each program (5; with --quick 1)")
    parser.add_argument("--slow-runs", type=int, default=1, help="of what takes over 20 s (1)")
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="NAME",
        help="leave out what begins with NAME in the table; repeatable",
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="run the contests with NAME in their title, or of just that title; repeatable",
    )
    today = datetime.date.today().isoformat()
    parser.add_argument("--date", default=today, help="to print with the results (today)")
    options = parser.parse_args()
    contests = quick_contests() if options.quick else all_contests()
    try:
        options.contests = _chosen(contests, options.only)
    except LookupError as error:
        titles = "\n".join(f"  {contest.title}" for contest in contests)
        parser.error(f"no contest has {error} in its title; there are\n{titles}")
    if options.runs is None:
        options.runs = 1 if options.quick else 5
    if options.quick:
        options.without += ["gensim"]
    return options


if __name__ == "__main__":
    sys.exit(main())
