"""The part of the report that describes the inputs and the versions of the programs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedprep import __version__
from embedprep.coverage.record import MISSING_LISTED, TextInfo, VectorsInfo, VocabularyInfo
from embedprep.matching.records import Records
from embedprep.vectors import Description, Vectors
from embedprep.vocabulary.key_convention import KeyConvention
from embedprep.vocabulary.model import Vocabulary


def vocabulary_info(
    vocabulary: Vocabulary,
    counts: str | None = None,
    words: str | None = None,
    text: TextInfo | None = None,
) -> VocabularyInfo:
    return VocabularyInfo(
        path=vocabulary.path,
        format=vocabulary.format,
        surface=vocabulary.surface.value,
        tokens=len(vocabulary.tokens),
        rows=vocabulary.n_rows,
        num_words=vocabulary.num_words,
        counts=counts,
        words=words,
        counted=None if vocabulary.counted is None else vocabulary.counted._asdict(),
        text=text,
    )


def vectors_infos(
    descriptions: Sequence[Description],
    files: Sequence[Vectors],
    records: Sequence[Records],
    conventions: Sequence[KeyConvention],
    sources: NDArray[np.uint8],
) -> tuple[VectorsInfo, ...]:
    """Describe each vector file; `sources` is one byte per row, with a bit for each file."""
    return tuple(
        VectorsInfo(
            **_facts(description),
            dim=file.dim,
            records=counted.total,
            declared_records=file.declared_records,
            rows=int(np.count_nonzero(sources >> number & 1)),
            keys=keys_are.title,
            untrained=tuple(
                key.decode("utf-8", "replace") for key in counted.untrained[:MISSING_LISTED]
            ),
        )
        for number, (description, file, counted, keys_are) in enumerate(
            zip(descriptions, files, records, conventions, strict=True)
        )
    )


def _facts(description: Description) -> dict[str, Any]:
    facts = description._asdict()
    for name in ("notes", "contents", "composes"):  # for the terminal only
        del facts[name]
    return facts


def record_counts(records: Iterable[Records]) -> dict[str, int]:
    """Return the records of all files that were not used unchanged."""
    numbers: Counter[str] = Counter()
    for file in records:
        numbers.update(asdict(file) | {"untrained": len(file.untrained)})
    del numbers["total"]  # is reported with its own file
    for part in ("undecodable", "duplicates_of_forms"):  # included in another number
        del numbers[part]
    return dict(numbers)


def versions() -> dict[str, str]:
    """Return the versions of the programs that made the matrix."""
    return {
        "embedprep": __version__,
        "numpy": np.__version__,
        "python": sys.version.partition(" ")[0],
    }
