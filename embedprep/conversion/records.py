"""The records to be written: keys in memory, vectors in a temporary file without a name.

For many inputs the number of records is known only at the end, but most containers begin with it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from embedprep.containers import reporting
from embedprep.conversion.keys import Refusal, Refuses
from embedprep.coverage import VectorsInfo
from embedprep.coverage.description import vectors_infos
from embedprep.errors import InputError, printable
from embedprep.lookup import Lookup
from embedprep.matching.combining import Mistaken
from embedprep.matching.records import Policy, Records, check_count, fault_problem
from embedprep.vectors import Vectors
from embedprep.vectors.hits import no_marks
from embedprep.vectors.table import TableVectors
from embedprep.vocabulary.key_convention import KeyConvention, of_keys, of_marks

_ROWS_AT_ONCE_BYTES = 4 << 20


@dataclass(frozen=True, eq=False)
class Table:
    """Distinct keys with their vectors, in the order of the input."""

    keys: list[bytes]
    dim: int
    file: BinaryIO
    """The vectors, one after the other, as float32."""
    source: VectorsInfo
    """The file that they come from."""
    counted: Records
    """The counts of its records."""
    keys_are: KeyConvention
    """The kind of its keys."""
    scales: NDArray[np.float32] | None
    """The scale of each vector, if the file is a matrix of int8."""

    def chunks(self) -> Iterator[tuple[list[bytes], NDArray[np.float32]]]:
        """Yield the table in pieces of a few megabytes."""
        row_bytes = 4 * self.dim
        step = max(1, _ROWS_AT_ONCE_BYTES // row_bytes)
        self.file.seek(0)
        for begin in range(0, len(self.keys), step):
            keys = self.keys[begin : begin + step]
            rows = np.frombuffer(self.file.read(len(keys) * row_bytes), np.float32)
            yield keys, rows.reshape(len(keys), self.dim)


@contextmanager
def collected(
    vectors: Vectors,
    lookup: Lookup | None,
    refuses: Refuses,
    directory: str,
    policy: Policy,
    progress: Callable[[int], object],
    told: KeyConvention | None = None,
) -> Iterator[Table]:
    """Read the records of `vectors` whose key `lookup` wants (None: all), the first of each key.

    `refuses` says why the output cannot hold a key. The temporary file is in `directory`. `told` is
    the kind of the keys. Without it the first keys decide; if all keys together show another kind,
    and that makes a difference, Mistaken is raised.
    """
    counted, marks, about = Records(), no_marks(), vectors.about_keys()
    keys_are, wanted, composable = told or about.keys_are, None, None
    if lookup is not None:
        looked_up = lookup.keys_for(keys_are)
        wanted, composable = looked_up.keys, looked_up.composable
    keys: dict[bytes, None] = {}
    of_records = vectors.scales if isinstance(vectors, TableVectors) else None
    scales: list[NDArray[np.float32]] = []
    with reporting(directory):
        file = tempfile.TemporaryFile(dir=directory)  # noqa: SIM115  closed below
    with closing(file):
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
                rows, record = rows[used], record[used]
            if of_records is not None:
                scales.append(of_records[record])
            with reporting(directory):
                file.write(np.ascontiguousarray(rows).data)
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
        with reporting(directory):
            file.flush()
        listed, given = list(keys), np.ones(len(keys), np.uint8)
        descriptions = [vectors.describe()]
        [source] = vectors_infos(descriptions, [vectors], [counted], [keys_are], given)
        own_scales = None if of_records is None else np.concatenate(scales)
        yield Table(listed, vectors.dim, file, source, counted, keys_are, own_scales)


def _refused(path: str, key: bytes, refusal: Refusal) -> InputError:
    return InputError(
        f"the output cannot hold this key: it {refusal.reason}",
        refusal.remedy,
        path=path,
        token=printable(key.decode("utf-8", "replace")),
    )
