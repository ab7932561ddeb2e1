"""Stage 6: how good the matrix is. The only place that counts.

Terminal, JSON and notebook show the same frozen record. Its JSON keys are a contract: keys are
added, never renamed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from embedprep._version import __version__
from embedprep.errors import InputError
from embedprep.matching import Records
from embedprep.provenance import Provenance
from embedprep.vectors import Description, Vectors
from embedprep.vocabulary.model import Role, Vocabulary

SCHEMA = "embedprep.coverage/1"

MISSING_LISTED = 1000
"""How many missing tokens the report names, the most frequent first."""


@dataclass(frozen=True)
class Share:
    """Found of total; `ratio` is 1 when there was nothing to find."""

    total: int
    found: int
    subword: int = 0
    """Those of `found` whose vector is made of n-grams: the file has no record of them."""

    @property
    def ratio(self) -> float:
        return self.found / self.total if self.total else 1.0


@dataclass(frozen=True)
class Missing:
    """A token without a vector."""

    token: str
    row: int
    count: int | None


@dataclass(frozen=True)
class MatrixInfo:
    """The matrix; `sha256` is over its rows in C order, little endian."""

    path: str | None
    rows: int
    dim: int
    dtype: str
    sha256: str


@dataclass(frozen=True)
class VectorsInfo:
    """One vector file."""

    path: str
    format: str
    dim: int
    records: int
    bytes: int
    fingerprint: str
    header: bool
    separator: str | None
    ends_with_newline: bool | None
    declared_records: int | None
    compression: str | None
    rows: int
    """Rows of the matrix that it gave, or some columns of."""


@dataclass(frozen=True)
class VocabularyInfo:
    """The tokenizer's vocabulary."""

    path: str | None
    format: str
    surface: str
    tokens: int
    rows: int
    num_words: int | None


@dataclass(frozen=True)
class Run:
    """What differs between two runs on the same inputs."""

    id: str
    seconds: float
    threads: int
    implementation: str


@dataclass(frozen=True)
class Counts:
    """What the matrix covers: the part of the report that is counted from the rows."""

    types: Share
    """Distinct words of the vocabulary; special tokens do not count."""
    tokens: Share | None
    """The same weighted by how often they occur in the text, where that is known."""
    rows: dict[str, int]
    """Rows by provenance; the values add up to the rows of the matrix."""
    missing: tuple[Missing, ...]


@dataclass(frozen=True)
class Coverage:
    """The coverage report."""

    matrix: MatrixInfo
    vectors: tuple[VectorsInfo, ...]
    vocabulary: VocabularyInfo
    counts: Counts
    records: dict[str, int]
    options: dict[str, Any]
    versions: dict[str, str]
    run: Run | None
    """None in the copy inside the matrix file, which is the same for every run."""

    def to_dict(self) -> dict[str, Any]:
        counts = self.counts
        report = {
            "schema": SCHEMA,
            "matrix": asdict(self.matrix),
            "vectors": [asdict(info) for info in self.vectors],
            "vocabulary": asdict(self.vocabulary),
            "coverage": {
                "types": _share_to_dict(counts.types),
                "tokens": counts.tokens and _share_to_dict(counts.tokens),
                "rows": counts.rows,
            },
            "missing": [asdict(missing) for missing in counts.missing],
            "advice": [],
            "records": self.records,
            "options": self.options,
            "versions": self.versions,
        }
        if self.run is not None:
            report["run"] = asdict(self.run)
        return report

    def to_json(self) -> str:
        """One line a key on the first levels; ASCII, so that any token survives any reader."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes, path: str) -> Self:
        """Read a report that `to_json` wrote; unknown keys of later versions are ignored."""
        try:
            report = json.loads(text)
            if report["schema"] != SCHEMA:
                raise ValueError(f"its schema is {report['schema']!r}, not {SCHEMA!r}")
            coverage = report["coverage"]
            return cls(
                matrix=_known(MatrixInfo, report["matrix"]),
                vectors=tuple(_known(VectorsInfo, info) for info in report["vectors"]),
                vocabulary=_known(VocabularyInfo, report["vocabulary"]),
                counts=Counts(
                    types=_known(Share, coverage["types"]),
                    tokens=coverage["tokens"] and _known(Share, coverage["tokens"]),
                    rows=dict(coverage["rows"]),
                    missing=tuple(_known(Missing, missing) for missing in report["missing"]),
                ),
                records=dict(report["records"]),
                options=dict(report["options"]),
                versions=dict(report["versions"]),
                run=_known(Run, report["run"]) if "run" in report else None,
            )
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise InputError(
                f"not a coverage report of embedprep: {error}",
                "Name the .coverage.json, .npy or .h5 that embedprep build wrote.",
                path=path,
            ) from error


_ROWS = (
    Provenance.EXACT,
    Provenance.SUBWORD,
    Provenance.PARTIAL,
    Provenance.OOV,
    Provenance.PADDING,
    Provenance.UNASSIGNED,
)
"""The best first."""


def count(vocabulary: Vocabulary, provenance: NDArray[np.uint8]) -> Counts:
    """Count what `provenance`, one code a row, says about `vocabulary`."""
    words = (vocabulary.roles == Role.WORD) & _first_of_equals(vocabulary)
    found = provenance[vocabulary.rows] >= Provenance.EXACT
    subword = provenance[vocabulary.rows] == Provenance.SUBWORD
    types = np.ones(len(words), np.int64)

    def share(weights: NDArray[np.int64]) -> Share:
        total, with_vector, composed = (
            int(weights[words & chosen].sum()) for chosen in (words, found, subword)
        )
        return Share(total, with_vector, composed)

    by_code = np.bincount(provenance, minlength=len(Provenance))
    return Counts(
        types=share(types),
        tokens=None if vocabulary.counts is None else share(vocabulary.counts),
        rows={code.name.lower(): int(by_code[code]) for code in _ROWS},
        missing=_most_frequent(vocabulary, np.flatnonzero(words & ~found)),
    )


def _first_of_equals(vocabulary: Vocabulary) -> NDArray[np.bool_]:
    """A token that stands at two rows is one type, and occurs as often as it occurs."""
    first = np.ones(len(vocabulary.tokens), bool)
    if vocabulary.repeated:
        seen: set[str] = set()
        for i, token in enumerate(vocabulary.tokens):
            first[i] = token not in seen
            seen.add(token)
    return first


def _most_frequent(vocabulary: Vocabulary, missing: NDArray[np.int64]) -> tuple[Missing, ...]:
    """By count where there are counts, otherwise by row: most tokenizers sort by frequency."""
    counts = vocabulary.counts
    if counts is not None:
        missing = missing[np.argsort(-counts[missing], kind="stable")]
    return tuple(
        Missing(
            token=vocabulary.tokens[i],
            row=int(vocabulary.rows[i]),
            count=None if counts is None else int(counts[i]),
        )
        for i in missing[:MISSING_LISTED]
    )


def vocabulary_info(vocabulary: Vocabulary) -> VocabularyInfo:
    return VocabularyInfo(
        path=vocabulary.path,
        format=vocabulary.format,
        surface=vocabulary.surface.value,
        tokens=len(vocabulary.tokens),
        rows=vocabulary.n_rows,
        num_words=vocabulary.num_words,
    )


def vectors_infos(
    descriptions: Sequence[Description],
    files: Sequence[Vectors],
    records: Sequence[Records],
    sources: NDArray[np.uint8],
) -> tuple[VectorsInfo, ...]:
    """Each vector file; `sources` has a bit for each, one byte a row of the matrix."""
    return tuple(
        VectorsInfo(
            **asdict(description),
            dim=file.dim,
            records=counted.total,
            declared_records=file.declared_records,
            rows=int(np.count_nonzero(sources >> number & 1)),
        )
        for number, (description, file, counted) in enumerate(
            zip(descriptions, files, records, strict=True)
        )
    )


def record_counts(records: Iterable[Records]) -> dict[str, int]:
    """The records of all files that were not used as they are."""
    numbers: Counter[str] = Counter()
    for file in records:
        numbers.update(asdict(file))
    del numbers["total"]  # stands with the file it belongs to
    return dict(numbers)


def versions() -> dict[str, str]:
    """What made the matrix."""
    return {
        "embedprep": __version__,
        "numpy": np.__version__,
        "python": sys.version.partition(" ")[0],
    }


def _share_to_dict(share: Share) -> dict[str, float]:
    return asdict(share) | {"ratio": share.ratio}


def _known(cls: type[Any], values: dict[str, Any]) -> Any:
    """An instance from those of `values` that it has fields for; a missing one is an error."""
    names = cls.__dataclass_fields__
    return cls(**{name: value for name, value in values.items() if name in names})
