"""What `--fail-under` asks for, and whether a report has it."""

from __future__ import annotations

import pytest

from embedprep.coverage.record import ByRank, Counts, Share, Special
from embedprep.coverage.threshold import Short, Threshold, parse, short_of
from embedprep.errors import UsageError


@pytest.mark.parametrize(
    ("given", "least"),
    [
        ("0.9", Threshold(vocabulary=0.9)),
        ("1", Threshold(vocabulary=1)),
        (".5", Threshold(vocabulary=0.5)),
        ("0", Threshold(vocabulary=0)),
        ("vocabulary=0.9", Threshold(vocabulary=0.9)),
        ("text=0.98", Threshold(text=0.98)),
        ("text=0.98,vocabulary=0.9", Threshold(0.9, 0.98)),
        (" 0.9 , text = 0.98 ", Threshold(0.9, 0.98)),
    ],
)
def test_what_can_be_asked_for(given: str, least: Threshold) -> None:
    assert parse(given) == least


WRONG = ["", "90%", "1.1", "-0.1", "nan", "1e-1", "tokens=0.9", "text=", "0.9,0.8", "0.9,", "."]


@pytest.mark.parametrize("given", WRONG)
def test_anything_else_is_refused_with_an_example_that_works(given: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(given)
    assert given in raised.value.reason
    assert parse(raised.value.remedy.split("--fail-under ")[1].rstrip(".")) == Threshold(0.9, 0.98)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("90", "0.9"),
        ("95%", "0.95"),
        ("99.5 %", "0.995"),
        ("0,9", "0.9"),
        ("text=98", "text=0.98"),
        ("vocab=0.9,texts=98%", "vocabulary=0.9,text=0.98"),
        ("1.1", None),
        ("900", None),
        ("tokens=0.9", None),
        ("0.9,0.8", None),
    ],
)
def test_a_percentage_and_a_misspelt_name_are_understood(given: str, meant: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        parse(given)
    assert raised.value.reason.partition("did you mean ")[2].rstrip("?") == (meant or "")


def counts(text: Share | None) -> Counts:
    return Counts(Share(10, 9), text, {}, Special(0, 0), (), (), ByRank("id", ()))


@pytest.mark.parametrize(
    ("given", "text", "short"),
    [
        ("0.9", None, None),
        ("0.91", None, Short("vocabulary", 0.9, 0.91)),
        ("text=0.5", Share(100, 50), None),
        ("text=0.51", Share(100, 50), Short("text", 0.5, 0.51)),
        ("text=0.51", None, Short("text", None, 0.51)),
        ("0.9,text=0.51", Share(100, 50), Short("text", 0.5, 0.51)),
        ("0.95,text=0.51", Share(100, 50), Short("vocabulary", 0.9, 0.95)),
    ],
)
def test_the_first_share_that_is_not_reached(
    given: str, text: Share | None, short: Short | None
) -> None:
    assert short_of(counts(text), parse(given)) == short
