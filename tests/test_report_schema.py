"""Every kind of report is as its JSON Schema says, and the schema knows every key of a report."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import embedprep
from tests import vector_samples

REFERENCE = Path(__file__).parents[1] / "docs" / "reference"
SCHEMA: dict[str, Any] = json.loads((REFERENCE / "report.schema.json").read_text("utf-8"))

WORDS = "the 1 2\nlamp 3 4\nKeeper 0 0\nnew 1 1\nyork 3 3\nthe 5 6\n"
BPE = {"<pad>": 0, "Ġthe": 1, "Ġlamp": 2, "er": 3, "Ġkeeper": 4, "Ġzebra": 5}
LIST = ["", "[UNK]", "the", "lamp", "keeper", "new-york", "zebra"]

BUILDS: dict[str, dict[str, Any]] = {
    "list": {},
    "nothing found": {"vocab": ["zebra"]},
    "everything found": {"vocab": ["the"]},
    "counts": {"counts": "counts.json"},
    "counts of 0": {"counts": "zeros.json"},
    "fallback": {"fallback": "lower,title,compound", "counts": "counts.json"},
    "auto": {"fallback": "auto"},
    "several files": {"vectors": ["words.txt", "more.txt"]},
    "concat": {"vectors": ["words.txt", "more.txt"], "combine": "concat", "dtype": "float16"},
    "BPE": {"vocab": "bpe.json", "pieces": "mean", "words": "counts.json"},
    "pieces": {"vocab": "bpe.json", "vectors": "pieces.vec", "pad_token": "none"},
    "fastText": {"vectors": "model.bin", "vocab": ["the", "wordy", "absent"]},
    "model": {"vectors": "model", "vocab": ["the", "keeping"]},
    "numpy": {"vectors": "vectors.npy", "vocab": ["the"]},
    "told": {"special": ["<s>=9"], "rows": 12, "num_words": 11, "unk_token": "none"},
    "post": {"vocab": ["the", "lamp", "new", "york"], "post": "center,abtt:1,pca:1,unit,sif"},
    "int8": {"dtype": "int8"},
    "int8 of nothing": {"dtype": "int8", "vocab": ["zebra"], "oov": "zeros"},
    "skip": {"vectors": "damaged.txt", "on_malformed": "skip"},
}


def strict(schema: Any) -> Any:
    """`schema`, which allows the keys of later versions, without this permission."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: strict(value) for name, value in schema.items()}
    if isinstance(closed.get("properties"), dict):
        closed.setdefault("additionalProperties", False)
    return closed


STRICT = jsonschema.Draft202012Validator(strict(SCHEMA))


@pytest.fixture(autouse=True)
def files(workdir: Path) -> None:
    Path("words.txt").write_text(WORDS)
    Path("more.txt").write_text("zebra 7 8\n[UNK] 1 1\n")
    Path("damaged.txt").write_text("the 1 2\nlamp nan 4\nkeeper 1 2 3\nnew 1 1\n")
    Path("pieces.vec").write_text("3 2\n▁the 1 2\n▁lamp 3 4\ner 5 6\n", encoding="utf-8")
    Path("bpe.json").write_text(json.dumps(BPE))
    Path("counts.json").write_text('{"the": 12, "lamp": 3, "keeper": 2}')
    Path("zeros.json").write_text('{"the": 0, "lamp": 0}')
    vector_samples.fasttext_model(Path("model.bin"))
    vector_samples.npy(Path("vectors.npy"))
    vector_samples.model(Path("model"))


def reports(given: dict[str, Any]) -> list[dict[str, Any]]:
    """The report in memory, beside the matrix, and inside it."""
    arguments = {"vectors": "words.txt", "vocab": LIST, "output": "m.npy", **given}
    _, coverage = embedprep.build(**arguments)
    beside = json.loads(Path("m.coverage.json").read_bytes())
    return [coverage.to_dict(), beside, embedprep.open("m.npy").coverage.to_dict()]


@pytest.mark.parametrize("kind", BUILDS)
def test_a_report_is_as_the_schema_says(kind: str) -> None:
    for report in reports(BUILDS[kind]):
        STRICT.validate(json.loads(json.dumps(report)))


def test_a_report_without_a_file() -> None:
    _, coverage = embedprep.build("words.txt", LIST)
    STRICT.validate(json.loads(json.dumps(coverage.to_dict())))


def test_the_schema_is_one_and_describes_every_key() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    page = (REFERENCE / "report.md").read_text("utf-8")

    def look(schema: Any) -> None:
        for name, value in schema.get("properties", {}).items():
            assert "description" in value, name
            assert f"`{name}`" in page, f"report.md does not say what {name} is"
            look(value)
        for inner in [schema["items"]] if "items" in schema else schema.get("anyOf", ()):
            look(inner)

    look(SCHEMA)
    look(SCHEMA["$defs"]["share"])


def breakages() -> list[tuple[list[Any], Any]]:
    return [
        (["schema"], "embedprep.coverage/2"),
        (["matrix", "sha256_of_pieces"], "abc"),
        (["vectors"], []),
        (["vectors", 0, "rows"], "many"),
        (["vocabulary", "tokens"], -1),
        (["coverage", "vocabulary", "ratio"], 1.5),
        (["coverage", "rows", "oov"], None),
        (["coverage", "special", "oov"], -1),
        (["missing", 0, "row"], None),
        (["records", "duplicates"], 0.5),
        (["run", "threads"], 0),
        (["unheard of"], 1),
    ]


@pytest.mark.parametrize("change", breakages(), ids=lambda change: str(change[0]))
def test_another_report_is_not(change: tuple[list[Any], Any]) -> None:
    report = deepcopy(reports({"counts": "counts.json"})[0])
    (*path, last), value = change
    place: Any = report
    for name in path:
        place = place[name]
    place[last] = value
    with pytest.raises(jsonschema.ValidationError):
        STRICT.validate(json.loads(json.dumps(report)))
