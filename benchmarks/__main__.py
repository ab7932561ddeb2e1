"""Run the benchmark: `python -m benchmarks`, or `--quick` for a look in under a minute."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import time

from benchmarks import data, machine, report
from benchmarks.contest import ROOT, DifferentMatricesError, Patience, Result, compete
from benchmarks.entrants import EMBEDPREP_HELP, entrants, start_up
from benchmarks.targets import judge

# After this no program is run a second time, which keeps the whole under twenty minutes.
DEADLINE_SECONDS = 12 * 60
START_UP_RUNS = 11


def main() -> int:
    """Make the inputs, time everybody, print and save the results.

    Returns 1 where a program failed or two matrices differ, otherwise 0: a missed target is
    printed but may be the machine's fault.
    """
    options = _options()
    # A process of its own keeps this one small, see `benchmarks.measure`. Checking the vector
    # file also reads it once, so that everybody finds it in the page cache.
    quick = ["--quick"] if options.quick else []
    subprocess.run([sys.executable, "-m", "benchmarks.data", *quick], cwd=ROOT, check=True)
    try:
        found = _measure(options)
    except (ChildProcessError, DifferentMatricesError, FileNotFoundError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    (data.DATA / "results.md").write_text(report.as_markdown(found))
    (data.DATA / "results.json").write_text(json.dumps(report.as_json(found), indent=1) + "\n")
    print(report.as_text(found), end="")
    return 0


def _measure(options: argparse.Namespace) -> report.Report:
    vectors = data.NARROW if options.quick else data.WIDE
    deadline = time.monotonic() + DEADLINE_SECONDS
    left_out = tuple(options.without)
    tables: dict[int, dict[str, Result]] = {}
    for tokens in (data.SMALL, data.ALL):
        print(f"{tokens:,} tokens wanted of {vectors.name}", file=sys.stderr)
        everybody = entrants(vectors, data.vocabulary_file(tokens))
        chosen = [one for one in everybody if not one.name.startswith(left_out)]
        tables[tokens] = compete(chosen, Patience(options.runs, options.slow_runs, deadline))
    helped = None
    if not EMBEDPREP_HELP.startswith(left_out):
        often = Patience(START_UP_RUNS, START_UP_RUNS, deadline)
        helped = compete([start_up()], often)[EMBEDPREP_HELP]
    # Of the targets only the start-up does not speak of the wide file.
    targets = judge({} if options.quick else tables, helped)
    return report.Report(options.date, vectors.name, machine.describe(), tables, helped, targets)


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
    today = datetime.date.today().isoformat()
    parser.add_argument("--date", default=today, help="to print with the results (today)")
    options = parser.parse_args()
    if options.runs is None:
        options.runs = 1 if options.quick else 5
    if options.quick:
        options.without += ["gensim"]
    return options


if __name__ == "__main__":
    sys.exit(main())
