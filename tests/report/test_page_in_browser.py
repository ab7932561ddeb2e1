"""The HTML report in a real browser: what a person sees and does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedprep.report.html import framed, render
from tests.report.browser import NAMES, Page, chromium, executable
from tests.report.samples import HOSTILE, report, rows

PHONE = '<meta name="viewport" content="width=device-width">'
PAGES = ("full", "hostile", "complete", "uncounted", "framed")
TOKENS = "[...document.querySelectorAll('#missing-table tbody tr:not([hidden])')]"
FIRST = f"{TOKENS}.slice(0, 3).map(row => row.cells[0].textContent.trim())"
CUT_OFF = (
    "[...document.querySelectorAll('body *:not(.hidden, .skip, svg *)')].filter(element => {"
    " const { left, right, width } = element.getBoundingClientRect();"
    " return width && (left < 0 || right > innerWidth + 1); })"
)
SORTED = "[...document.querySelectorAll('#missing-table thead th')].map(th => th.ariaSort)"


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    program = executable()
    if program is None:
        reason = f"no browser found: none of {', '.join(NAMES)}"
        if "CI" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with chromium(program) as page:
        yield page


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of each of `PAGES`."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "full": render(report(), rows([f"word{i}" for i in range(2500)])),
        "hostile": render(report(HOSTILE), rows(HOSTILE * 4)),
        "complete": render(report([])),
        "uncounted": render(report(["b", "a10", "a9"], counted=False), rows(["a", "b"])),
        "framed": f"<!DOCTYPE html>{PHONE}{framed(render(report()))}",
    }
    assert tuple(pages) == PAGES
    for name, page in pages.items():
        (folder / f"{name}.html").write_bytes(page.encode())
    return folder


@pytest.fixture
def page(browser: Page) -> Page:
    browser.size(1100, 800)
    browser.scheme("light")
    return browser


@pytest.mark.parametrize("name", PAGES)
def test_it_loads_without_a_complaint_and_without_the_network(
    name: str, page: Page, folder: Path
) -> None:
    page.open(folder / f"{name}.html")
    assert page.complaints == []
    local = (folder.as_uri(), "data:", "about:srcdoc")
    assert [url for url in page.requested if not url.startswith(local)] == []
    assert page.requested[0].endswith(f"{name}.html")


def test_complaints_are_noticed(page: Page, folder: Path) -> None:
    bad = (folder / "complete.html").read_text("utf-8")
    for planted in ("<script>1</script>", '<img src="https://localhost/x.png">'):
        text = bad.replace("<main", f"{planted}<main", 1)
        for whole in (text, framed(text)):
            (folder / "bad.html").write_text(whole, "utf-8")
            page.open(folder / "bad.html")
            assert "Content Security Policy" in " ".join(page.complaints)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 768, 1100])
def test_nothing_is_wider_than_the_screen(name: str, width: int, page: Page, folder: Path) -> None:
    page.size(width, 740)
    page.open(folder / f"{name}.html")
    assert page.run("innerWidth") == width
    assert page.run("document.documentElement.scrollWidth <= innerWidth")
    assert page.run(f"{CUT_OFF}.length") == 0


@pytest.mark.parametrize("name", ["full", "hostile"])
@pytest.mark.parametrize("width", [390, 1100])
def test_every_target_is_large_enough_for_a_finger(
    name: str, width: int, page: Page, folder: Path
) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24."""
    page.size(width, 740)
    page.open(folder / f"{name}.html")
    targets = (
        "[...document.querySelectorAll('a:not(.skip), button, input, select')]"
        ".map(e => [e.textContent, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.height).map(([text, box]) => [text, box.width, box.height])"
    )
    found = page.run(targets)
    assert len(found) > 15
    assert [target for target in found if min(target[1:]) < 24] == []


def test_sort_by_click_and_by_keyboard(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    assert page.run(FIRST) == ["word0", "word1", "word2"]
    assert page.run(SORTED) == [None, None, "descending", None]
    button = "document.querySelectorAll('#missing-table thead button')"
    page.run(f"{button}[0].click()")
    page.run(f"{button}[0].click()")
    assert page.run(FIRST) == ["word999", "word998", "word997"], "digits count as numbers"
    assert page.run(SORTED) == ["descending", None, None, None]
    page.run(f"{button}[2].focus()")
    page.press("Enter", 13)
    page.press("Enter", 13)
    assert page.run(SORTED) == [None, None, "ascending", None]
    assert page.run(FIRST) == ["word999", "word998", "word997"]
    assert page.run(f"{TOKENS}.length") == 1000


def test_search(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    page.run("document.getElementById('wanted').focus()")
    page.write("WORD99")
    expected = ["word99", *(f"word{i}" for i in range(990, 1000))]
    assert page.run(f"{TOKENS}.map(row => row.cells[0].textContent.trim())") == expected
    assert page.run("document.getElementById('visible').textContent") == "11 of 1,000 shown"
    page.run("document.querySelectorAll('#missing-table thead button')[1].click()")
    assert page.run(FIRST) == ["word999", "word998", "word997"]
    page.write("zzz")
    assert page.run(f"{TOKENS}.length") == 0


def test_a_kind_filters_the_list(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    page.run("document.querySelectorAll('a.kind')[1].click()")
    assert page.run(FIRST) == ["word1", "word4", "word7"]
    assert page.run("document.getElementById('visible').textContent") == "333 of 1,000 shown"
    assert page.run("[...document.getElementById('kind').options].map(o => o.text)") == [
        "all", "other", "likely misspelling", "<b>",
    ]  # fmt: skip
    page.run("document.getElementById('wanted').focus()")
    page.write("word99")
    assert page.run(FIRST) == ["word991", "word994", "word997"]
    page.run("document.getElementById('kind').value = ''")
    page.run("document.getElementById('kind').dispatchEvent(new Event('change'))")
    assert page.run(f"{TOKENS}.length") == 11


def test_the_list_is_copied_and_saved_as_shown(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    page.run("document.getElementById('wanted').focus()")
    page.write("word99")
    page.run("navigator.clipboard.writeText = async text => { window.copied = text }")
    page.run("document.getElementById('copy-list').click()")
    names = ["word99", *(f"word{i}" for i in range(990, 1000))]
    assert page.run("window.copied") == "".join(f"{name}\n" for name in names)
    page.run("URL.createObjectURL = blob => { window.saved = blob; return '#' }")
    page.run("HTMLAnchorElement.prototype.click = function () { window.file = this.download }")
    page.run("document.getElementById('save-list').click()")
    assert page.run("window.file") == "wiki.npy.missing.tsv"
    lines = page.run("window.saved.text()").splitlines()
    assert lines[:2] == ["Token\tRow\tCount\tKind", "word99\t7099\t4901\tother"]
    assert [line.partition("\t")[0] for line in lines[1:]] == names


def test_hostile_tokens_stay_text(page: Page, folder: Path) -> None:
    page.open(folder / "hostile.html")
    assert page.run("document.querySelectorAll('img, script:not([src]), b').length") == 1
    assert "<script>alert(1)</script>" in page.run(
        f"{TOKENS}.map(r => r.cells[0].textContent.trim())"
    )


def test_the_command_is_copied(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    page.run("navigator.clipboard.writeText = async text => { window.copied = text }")
    page.run("document.getElementById('copy').click()")
    copied = page.run("window.copied")
    assert copied == page.run("document.getElementById('command').textContent")
    assert copied.startswith("embedprep build --vectors glove.6B.300d.txt --vectors 'domain ")
    assert page.run("document.getElementById('copy').textContent") == "Copied"
    page.run("navigator.clipboard.writeText = async text => { throw new Error('no') }")
    page.run("document.execCommand = () => false")
    page.run("document.getElementById('copy').click()")
    assert "Ctrl+C" in page.run("document.getElementById('copy').textContent")
    assert page.run("getSelection().toString()") == copied


def test_without_script_the_tables_are_there(page: Page, folder: Path) -> None:
    page.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.open(folder / "full.html")
    finally:
        page.call("Emulation.setScriptExecutionDisabled", value=False)
    assert page.run(f"{TOKENS}.length") == 1000
    assert page.run("document.querySelectorAll('thead button').length") == 0
    for name in ("copy", "tools"):
        assert page.run(f"document.getElementById('{name}').offsetHeight") == 0


def test_the_dark_follows_the_system_and_so_do_the_pictures(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    colours = (
        "[getComputedStyle(document.documentElement).backgroundColor, "
        "getComputedStyle(document.querySelector('.bar rect')).fill, "
        "getComputedStyle(document.querySelector('.norms rect')).fill]"
    )
    light = page.run(colours)
    page.scheme("dark")
    dark = page.run(colours)
    assert light[0] == "rgb(255, 255, 255)"
    assert dark[0] == "rgb(19, 23, 28)"
    assert all(one != other for one, other in zip(light, dark, strict=True))


@pytest.mark.parametrize("name", PAGES)
def test_screenshots_and_print(name: str, page: Page, folder: Path) -> None:
    page.open(folder / f"{name}.html")
    assert page.screenshot().startswith(b"\x89PNG")
    page.scheme("dark")
    assert page.pdf().startswith(b"%PDF")
    assert page.complaints == []


def test_on_paper_it_is_light_and_whole_and_without_buttons(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    page.scheme("dark", "print")
    assert page.run("getComputedStyle(document.body).color") == "rgb(27, 33, 40)"
    cut = (
        "[...document.querySelectorAll('.scroll')].filter(b => b.scrollHeight > b.offsetHeight + 2)"
    )
    assert page.run(f"{cut}.length") == 0
    for hidden in ("#copy", "#tools", "nav", "footer a"):
        assert page.run(f"document.querySelector('{hidden}').offsetHeight") == 0


def test_the_head_of_the_long_table_is_plain_text_while_printing(page: Page, folder: Path) -> None:
    page.open(folder / "full.html")
    heads = "[...document.querySelectorAll('#missing-table thead th')].map(th => th.innerHTML)"
    before = page.run(heads)
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(heads) == ["Token", "Row", "Count", "Kind"]
    page.run("dispatchEvent(new Event('afterprint'))")
    assert page.run(heads) == before
    assert page.run("document.querySelectorAll('thead button').length") == 4
