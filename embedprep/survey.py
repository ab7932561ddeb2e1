"""Which fallback rules are worth using: the vector files are read once for that alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from embedprep.census import Census
from embedprep.coverage.measuring import measure
from embedprep.fallback.rule import Rule
from embedprep.fallback.table import RULES
from embedprep.lookup import Lookup
from embedprep.matching import Policy, check_count, check_fault
from embedprep.provenance import Provenance
from embedprep.vectors import Vectors


def worthwhile_rules(
    vectors: Sequence[Vectors],
    lookup: Lookup,
    without: NDArray[np.uint8],
    policy: Policy,
    min_gain: float,
    progress: Callable[[int], object],
) -> tuple[Rule, ...]:
    """The rules that find words which the exact forms of `lookup` do not.

    `without` is the provenance of the rows, one code each, if no vector were found.
    """
    keys = lookup.keys
    known = np.zeros(len(keys.keys), bool)
    censuses = []
    for file in vectors:
        census, records = Census(), 0
        for hits in file.hits(keys.keys, keys.exact):
            progress(hits.bytes)
            check_fault(file, hits, policy)
            known[hits.key] = True
            census.add(hits.hashes, hits.capitals)
            records += hits.records
        check_count(file, records, policy)
        censuses.append(census)
    provenance = without.copy()
    provenance[keys.row[np.repeat(known, np.diff(keys.first))]] = Provenance.EXACT
    found = measure(lookup, provenance, censuses, min_gain).recommended
    return () if found is None else tuple(RULES[name] for name in found.fallback)
