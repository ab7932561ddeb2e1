"""The coverage report as a frozen record, and its JSON.

Terminal, HTML, JSON and notebook show this record. Its JSON keys are a contract: keys are added,
never renamed.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Self

from embedprep.coverage.typed import typed
from embedprep.errors import InputError, of_later_version, printable
from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary import Surface

_NAME, _NUMBER = "embedprep.coverage", 1
SCHEMA = f"{_NAME}/{_NUMBER}"

MISSING_LISTED = 1000
"""The number of missing tokens that the report names, the most frequent first."""


class Share(NamedTuple):
    """Found of total; `ratio` is 1 if there was nothing to find."""

    total: int
    found: int
    subword: int = 0
    """How many of `found` have a vector made of n-grams, because the file has no record of them."""

    @property
    def ratio(self) -> float:
        return self.found / self.total if self.total else 1.0


@dataclass(frozen=True)
class Missing:
    """A token without a vector."""

    token: str
    row: int
    count: int | None
    kind: str
    """The kind of token: one of `KINDS`."""
    context: tuple[str, ...] = ()
    """Some places of your text where it occurs, for the most frequent tokens of `--text`."""

    def to_dict(self) -> dict[str, Any]:
        told = dict(vars(self))  # a thousand, and flat
        if not self.context:
            del told["context"]
        return told


class Kind(NamedTuple):
    """The missing tokens of one kind."""

    kind: str
    tokens: int
    """How many distinct tokens."""
    occurrences: int | None
    """How often they occur in your text, if that is known."""


class AtRank(NamedTuple):
    """The coverage of the most frequent tokens alone."""

    rank: int
    """The number of these tokens."""
    vocabulary: Share
    text: Share | None
    """The same of their occurrences in your text, if these are known."""


class ByRank(NamedTuple):
    """Coverage by frequency."""

    order: str
    """The order: `count`, or `id` if no counts are known, because most tokenizers number by
    frequency.
    """
    top: tuple[AtRank, ...]
    """The coverage of the first 100, 1,000, 10,000, … tokens, and of all."""


class Advice(NamedTuple):
    """The gain of one more fallback rule."""

    rule: str
    tokens: int
    """How many missing tokens it would find."""
    occurrences: int | None
    """How often they occur in your text, if that is known."""
    examples: tuple[tuple[str, str], ...]
    """The examples: a token, and the key that the rule finds for it; ` + ` joins the keys of a
    mean.
    """


class Recommended(NamedTuple):
    """The rules that are worth using."""

    fallback: tuple[str, ...]
    """The whole list for `--fallback`, including the rules that were already used."""
    tokens: int
    """The number of missing tokens that it would find."""
    occurrences: int | None
    share: float
    """The share of the missing text; without counts, of the missing tokens."""


class OfPieces(NamedTuple):
    """The gain of `--pieces mean` with the words of your text."""

    tokens: int
    """The number of missing tokens that it would find."""
    occurrences: int | None


class MatrixInfo(NamedTuple):
    """The matrix; `sha256_of_pieces` is that of its rows; see `embedprep.containers.digest`."""

    path: str | None
    rows: int
    dim: int
    dtype: str
    sha256_of_pieces: str


class VectorsInfo(NamedTuple):
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
    """The number of rows of the matrix that it filled, wholly or in some columns."""
    keys: str = Surface.PLAIN.title
    """The kind of its keys: words, or pieces with certain marks."""
    untrained: tuple[str, ...] = ()
    """The wanted keys whose vectors were never trained, as far as a model's table shows it."""


class TextInfo(NamedTuple):
    """The text that was counted with the vocabulary's tokenizer."""

    files: tuple[str, ...]
    texts: int
    """The number of its lines, or of its records."""
    tokens: int
    """The number of its tokens."""
    unknown: int
    """How many of these the vocabulary lacks."""


class VocabularyInfo(NamedTuple):
    """The tokenizer's vocabulary."""

    path: str | None
    format: str
    surface: str
    tokens: int
    rows: int
    num_words: int | None
    counts: str | None = None
    """The file of token frequencies, if it is not the tokenizer's."""
    words: str | None = None
    """The file of word frequencies, for the means of pieces."""
    counted: dict[str, float] | None = None
    """The share of the tokens that the file of counts lists, and the share of its counts that they
    make up.
    """
    text: TextInfo | None = None

    def to_dict(self) -> dict[str, Any]:
        return self._asdict() | {"text": self.text and self.text._asdict()}


class Norms(NamedTuple):
    """The lengths of rows: medians, of at most 1,024 rows each, evenly spread."""

    found: float | None
    """The rows found; None if there are none."""
    oov: float | None
    """The rows filled by `--oov`."""
    matching_oov_scale: float | None
    """The `--oov-scale` that makes rows by `--oov uniform` as long as the rows found."""


class PostStep(NamedTuple):
    """A step of `--post`."""

    step: str
    """The step as it is typed."""
    dim: int
    """The number of values of a vector after it."""
    components: int
    """How many directions it removed or kept."""
    variance: float | None
    """The share of the variance that is left; None if the step changes none."""


class Post(NamedTuple):
    """The steps of `--post`, and how they changed the rows found."""

    steps: tuple[PostStep, ...]
    dim: int
    """The number of values of a vector before the steps."""
    fitted_on: int | None
    """How many rows or records the steps were fitted on; None with `--post-like`."""
    frequencies: str | None
    """Where `sif` has the frequencies from: `count`, or the `id` as rank; None without `sif`."""
    cosine_before: float | None
    """The mean cosine between two rows found, of at most 1,024; None if there are no two."""
    cosine: float | None
    """The same after the steps."""


class Quantisation(NamedTuple):
    """The cost of `--dtype int8`: how the rows differ from those before they were rounded.

    Rows of zeros take no part. The first five are None if there are no others.
    """

    mean_error: float | None
    """The length of the difference as a share of the row's length: the mean of all rows."""
    largest_error: float | None
    """The largest of these."""
    worst_cosine: float | None
    """The smallest cosine of a row and what is stored of it."""
    worst_token: str | None
    """The token of this row."""
    worst_row: int | None
    neighbours_kept: float | None
    """How many of the ten nearest rows are still among the ten, on average; None without any."""
    rows_compared: int
    """How many rows this was measured for, evenly spread among those found."""
    rows_among: int
    """Among how many rows found their neighbours were looked for, evenly spread."""


class Run(NamedTuple):
    """The part of the report that differs between two runs on the same inputs."""

    id: str
    seconds: float
    threads: int
    implementation: str


class Special(NamedTuple):
    """The special tokens, of which the coverage counts none."""

    tokens: int
    """How many there are, padding included."""
    oov: int
    """How many of the rows filled by `--oov` are theirs."""


class Counts(NamedTuple):
    """The coverage of the matrix: the part of the report that is counted from the rows."""

    vocabulary: Share
    """The distinct tokens of the vocabulary; special tokens do not count."""
    text: Share | None
    """Their occurrences in your text, if these are known."""
    rows: dict[str, int]
    """The rows by provenance; the values add up to the rows of the matrix."""
    special: Special
    missing: tuple[Missing, ...]
    kinds: tuple[Kind, ...]
    """All missing tokens by their kind, the most text first; empty kinds are left out."""
    by_rank: ByRank


class Coverage(NamedTuple):
    """The coverage report."""

    matrix: MatrixInfo
    vectors: tuple[VectorsInfo, ...]
    vocabulary: VocabularyInfo
    counts: Counts
    fallback: tuple[str, ...]
    """The rules that were used, in order; `--fallback auto` has chosen them."""
    advice: tuple[Advice, ...]
    """The unused rules that would find something, those with the most text first."""
    recommended: Recommended | None
    """The recommended rules; None if no rule is worth using."""
    records: dict[str, int]
    options: dict[str, Any]
    versions: dict[str, str]
    run: Run | None
    """The run; None in the copy inside the matrix file, which is the same for every run."""
    pieces: OfPieces | None = None
    """The gain of `--pieces mean`; None if it is not known."""
    norms: Norms | None = None
    """The lengths of the rows; None if nothing was built."""
    post: Post | None = None
    """The steps of `--post`; None without them."""
    quantisation: Quantisation | None = None
    """The cost of `--dtype int8`; None with another type."""

    def to_dict(self) -> dict[str, Any]:
        counts = self.counts
        report = {
            "schema": SCHEMA,
            "matrix": self.matrix._asdict(),
            "vectors": [info._asdict() for info in self.vectors],
            "vocabulary": self.vocabulary.to_dict(),
            "coverage": {
                "vocabulary": _share_to_dict(counts.vocabulary),
                "text": counts.text and _share_to_dict(counts.text),
                "rows": counts.rows,
                "special": counts.special._asdict(),
                "kinds": [kind._asdict() for kind in counts.kinds],
                "by_rank": {
                    "order": counts.by_rank.order,
                    "top": [
                        {
                            "rank": top.rank,
                            "vocabulary": _share_to_dict(top.vocabulary),
                            "text": top.text and _share_to_dict(top.text),
                        }
                        for top in counts.by_rank.top
                    ],
                },
            },
            "missing": [missing.to_dict() for missing in counts.missing],
            "fallback": list(self.fallback),
            "advice": [advice._asdict() for advice in self.advice],
            "recommended": self.recommended and self.recommended._asdict(),
            "pieces": self.pieces and self.pieces._asdict(),
            "norms": self.norms and self.norms._asdict(),
            "post": self.post
            and self.post._asdict() | {"steps": [one._asdict() for one in self.post.steps]},
            "quantisation": self.quantisation and self.quantisation._asdict(),
            "records": self.records,
            "options": self.options,
            "versions": self.versions,
        }
        if self.run is not None:
            report["run"] = self.run._asdict()
        return report

    def to_json(self) -> str:
        """Return JSON, one member per line on two levels; ASCII, which any reader accepts."""
        return "{\n" + ",\n".join(map(_member, self.to_dict().items())) + _END

    @classmethod
    def from_json(cls, text: str | bytes, path: str) -> Self:
        """Read a report that `to_json` wrote; members that only later versions know are ignored."""
        try:
            report = json.loads(text)
            _check_schema(report)
            return cls(
                matrix=typed(MatrixInfo, report["matrix"], "matrix"),
                vectors=typed(tuple[VectorsInfo, ...], report["vectors"], "vectors"),
                vocabulary=_vocabulary(report["vocabulary"]),
                counts=typed(
                    Counts, report["coverage"] | {"missing": report["missing"]}, "coverage"
                ),
                fallback=typed(tuple[str, ...], report["fallback"], "fallback"),
                advice=typed(tuple[Advice, ...], report["advice"], "advice"),
                recommended=typed(Recommended | None, report["recommended"], "recommended"),
                records=typed(dict[str, int], report["records"], "records"),
                options=typed(dict[str, Any], report["options"], "options"),
                versions=typed(dict[str, str], report["versions"], "versions"),
                run=typed(Run | None, report.get("run"), "run"),
                pieces=typed(OfPieces | None, report.get("pieces"), "pieces"),
                norms=typed(Norms | None, report.get("norms"), "norms"),
                post=typed(Post | None, report.get("post"), "post"),
                quantisation=typed(Quantisation | None, report.get("quantisation"), "quantisation"),
            )
        except InputError as error:
            raise replace(error, path=path) from error
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            missing = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise InputError(
                f"not a coverage report of embedprep: {printable(missing)}", _REMEDY, path=path
            ) from error


_REMEDY = "Name the .coverage.json, .npy, .h5 or .safetensors that embedprep build wrote."


def _vocabulary(told: Any) -> VocabularyInfo:
    vocabulary: VocabularyInfo = typed(VocabularyInfo, told, "vocabulary")
    if vocabulary.counted is not None and len(vocabulary.counted) != 2:
        raise TypeError("'vocabulary.counted' is not two shares")
    return vocabulary


def _check_schema(report: Any) -> None:
    """Raise InputError for other JSON and for a later version, ValueError for another report."""
    if not isinstance(report, dict) or "schema" not in report:
        raise InputError("JSON, but not a coverage report of embedprep", _REMEDY)
    schema = report["schema"]
    name, _, number = str(schema).partition("/")
    if name == _NAME and re.fullmatch("[0-9]{1,9}", number) and int(number) > _NUMBER:
        versions = report.get("versions")
        version = versions.get("embedprep") if isinstance(versions, dict) else None
        raise of_later_version("a report", schema, SCHEMA, version)
    if schema != SCHEMA:
        raise ValueError(f"its schema is {str(schema)[:80]!r}, not {SCHEMA!r}")


_END = "\n}\n"


def with_run(told: str, run: Run) -> str:
    """Return the JSON of a report without a run with this run, as `to_json` writes it."""
    return told.removesuffix(_END) + ",\n" + _member(("run", run._asdict())) + _END


def _member(member: tuple[str, Any]) -> str:
    name, value = member
    return f" {json.dumps(name)}: {_lines(value)}"


def _lines(value: Any) -> str:
    """Return JSON with each member of a map or list on a line of its own."""
    if isinstance(value, dict) and value:
        members = (f"  {json.dumps(key)}: {json.dumps(inner)}" for key, inner in value.items())
        return "{\n" + ",\n".join(members) + "\n }"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"  {json.dumps(inner)}" for inner in value) + "\n ]"
    return json.dumps(value)


def _share_to_dict(share: Share) -> dict[str, float]:
    return share._asdict() | {"ratio": share.ratio}
