"""How good are the rows: a measure, not a claim.

`python -m benchmarks.quality` prints the tables of `docs/background/quality.md`. Everything comes
from packages, which `make quality` installs.
"""
