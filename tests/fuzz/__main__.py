"""All fuzzers for about ten minutes: `python -m tests.fuzz [SECONDS]` a target, and a summary."""

from __future__ import annotations

import sys

from tests.fuzz.campaign import fuzzed, missing


def main(seconds: int) -> int:
    """Run them; 1 if something broke or a tool is missing."""
    total = 0
    broken = missing()
    for outcome in fuzzed(seconds):
        total += outcome.runs
        sys.stdout.write(f"{outcome.target:<16} {outcome.runs:>12,} inputs\n")
        sys.stdout.flush()
        if outcome.broken is not None:
            broken.append(f"{outcome.target}: {outcome.broken}")
    sys.stdout.write(f"{'in all':<16} {total:>12,} inputs; {len(broken) or 'nothing'} broken\n")
    sys.stdout.writelines(f"    {one}\n" for one in broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 80))
