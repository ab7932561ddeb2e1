"""The records to be written: each key once, those that the output can hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from embedprep.conversion.keys import Refusal, Refuses
from embedprep.conversion.sinks import Sink, Table
from embedprep.coverage.description import vectors_infos
from embedprep.errors import InputError, printable
from embedprep.lookup import Lookup
from embedprep.matching.combining import Mistaken
from embedprep.matching.records import Policy, Records, check_count, fault_problem
from embedprep.vectors import Vectors
from embedprep.vectors.hits import Hits, no_marks
from embedprep.vectors.table import TableVectors
from embedprep.vocabulary.key_convention import KeyConvention, of_keys, of_marks


def collected(
    vectors: Vectors,
    lookup: Lookup | None,
    refuses: Refuses,
    sink: Sink,
    policy: Policy,
    progress: Callable[[int], object],
    told: KeyConvention | None = None,
) -> Table:
    """Give `sink` the records of `vectors` whose key `lookup` wants (None: all), the first of each.

    `refuses` says why the output cannot hold a key. `told` is the kind of the keys. Without it the
    first keys decide; if all keys together show another kind, and that makes a difference, Mistaken
    is raised.
    """
    counted, marks, about = Records(), no_marks(), vectors.about_keys()
    keys_are, wanted, composable = told or about.keys_are, None, None
    if lookup is not None:
        looked_up = lookup.keys_for(keys_are)
        wanted, composable = looked_up.keys, looked_up.composable
    keys: dict[bytes, None] = {}
    of_records = vectors.scales if isinstance(vectors, TableVectors) else None
    scales: list[NDArray[np.float32]] = []
    for hits in vectors.hits(wanted, composable):
        progress(hits.bytes)
        counted.add(hits)
        marks += hits.marks
        problem = fault_problem(vectors, hits.fault, policy)
        if problem is not None:
            raise problem
        names = hits.names if wanted is None else wanted
        own = [names[number] for number in hits.key.tolist()]
        refused, distinct = refuses(own), dict.fromkeys(own)
        rows, record = hits.rows, hits.record
        if not refused and len(distinct) == len(rows) and keys.keys().isdisjoint(distinct):
            keys.update(distinct)  # nearly always, and much cheaper
        else:
            used = []
            for i, key in enumerate(own):
                if key in keys:
                    counted.duplicates += 1
                elif i not in refused:
                    keys[key] = None
                    used.append(i)
                elif policy.on_malformed == "error":
                    raise _refused(vectors.path, key, refused[i])
                else:
                    counted.malformed += 1
            own, rows, record = [own[i] for i in used], rows[used], record[used]
        if of_records is not None:
            scales.append(of_records[record])
        if own:
            sink.take(own, rows, _expected(vectors, wanted, hits))
    check_count(vectors, counted.total, policy)
    if told is None and not about.certain:
        shown = of_keys(list(keys)) if wanted is None else of_marks(marks, counted.total)
        if lookup is not None and lookup.differs(keys_are, shown):
            raise Mistaken(0, shown)
        keys_are = shown
    if not keys:
        raise InputError(
            "there is no record to write",
            "Check that vocabulary and vectors belong together: embedprep build says more.",
            path=vectors.path,
        )
    listed, given = list(keys), np.ones(len(keys), np.uint8)
    descriptions = [vectors.describe()]
    [source] = vectors_infos(descriptions, [vectors], [counted], [keys_are], given)
    own_scales = None if of_records is None else np.concatenate(scales)
    return Table(listed, vectors.dim, source, counted, keys_are, own_scales)


def _expected(vectors: Vectors, wanted: list[bytes] | None, hits: Hits) -> int:
    """Return about how many records there will be, judging by the chunk `hits`."""
    of_file = vectors.declared_records
    if of_file is None:
        of_file = hits.records * (vectors.size or 0) // max(hits.bytes, 1)
    return of_file if wanted is None else min(of_file, len(wanted))


def _refused(path: str, key: bytes, refusal: Refusal) -> InputError:
    return InputError(
        f"the output cannot hold this key: it {refusal.reason}",
        refusal.remedy,
        path=path,
        token=printable(key.decode("utf-8", "replace")),
    )
