"""Every campaign in full: `python -m tests.torture [NAME …]`; 1 if a promise is broken, or if this
machine lacks what trying it takes.
"""

from __future__ import annotations

import sys
import time

from tests.signals import let_signals_through
from tests.torture.campaigns import CAMPAIGNS


def main() -> int:
    """Run the campaigns named, or all."""
    let_signals_through()
    broken = 0
    for name in sys.argv[1:] or CAMPAIGNS:
        start = time.monotonic()
        tally = CAMPAIGNS[name](True)
        print(f"{tally}  ({time.monotonic() - start:.0f} s)", flush=True)
        for one in tally.broken[:20]:
            print(f"    {one}")
        for one in tally.left_out:
            print(f"    left out: {one}")
        broken += len(tally.broken) + len(tally.left_out)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
