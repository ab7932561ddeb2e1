"""What sort of token a missing one is."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedprep.coverage.kinds import KINDS, kinds_of
from embedprep.vocabulary import Role, Vocabulary
from embedprep.vocabulary.model import Surface
from embedprep.vocabulary.words import words as words_of

ENGLISH = ["the", "johnson", "house", "question"]
RUSSIAN = ["и", "вопрос", "дом", "the"]
JAPANESE = ["東京", "の", "カメラ"]


def kinds(
    tokens: list[str],
    surface: Surface = Surface.PLAIN,
    found: list[str] = ENGLISH,
    *,
    case: bool = False,
    accent: bool = False,
) -> list[str]:
    """The kinds of tokens whose words are told as the coverage does."""
    vocabulary = Vocabulary(
        format="test",
        tokens=tuple(tokens),
        rows=np.arange(len(tokens)),
        roles=np.full(len(tokens), Role.WORD, np.uint8),
        n_rows=len(tokens),
        surface=surface,
    )
    texts = [word and word.decode("utf-8", "replace") for word in words_of(vocabulary)]
    words = ["" if word == b"" else word for word in texts]
    n = len(tokens)
    return kinds_of(
        tokens,
        [word if isinstance(word, str) else None for word in words],
        surface,
        found,
        case=np.full(n, case),
        accent=np.full(n, accent),
    )


EXAMPLES = {
    "emoji": "😂 ❤️ ❤ 👍🏽 👩‍👩‍👧 🇩🇪 1️⃣ ©️ 😂!! ♥♥ :) :D ;-) <3 :-/",
    "punctuation": "- -- ... … , « ™ © ®™ $ ▁ '' ` \u200b \u0301 \x00 # @-@ ### -- = ",
    "url or e-mail": "http://x.com/a?b HTTPS://X.ORG www.bbc.co.uk joe.b@example.org amazon.com "
    "(amazon.com) bit.ly/abc @user: .@user #love #2020election mailto:joe en.wikipedia.org "
    "ftp://10.0.0.1 @пользователь",
    "number": "1,000.5 -3 +5% $5bn US$5 €20 3rd 10:30 10:30am 7p.m. 1990-95 '90s 1990’s 5kg 4x4 "
    "1920×1080 1e-5 2020-01-01T10:00:00Z (555) #1 ½ 2½ 5млн 2010年 ٣٤ 192.168.0.1 20, 555-1234 :30",
    "non-latin script": "Москва ковид-19 北京 カタカナ हिन्दी ελλάδα שלום, עברית العربية Mосква",
    "possessive": "John's John’s, boys' year's). mother-in-law's Yahoo!'s",
    "contraction": "doesn't doesn’t I'm it's He’s let's l'eau O’Brien 'tis 's n't goin' l' "
    "rock'n'roll",
    "compound": "New-York foo_bar and/or U.S. e.g. node.js camelCase iPhone McDonald XMLParser "
    "mp3 covid19 covid-19 H₂O AT&T 10-year-old 4chan vis-à-vis end.The a😂b U+FFFD St.Louis",
    "attached punctuation": "end. (see \"so word, Mr. Yahoo! 'hello' café! C++ lol😂 résumé, Ünal.",
    "likely misspelling": "jonson Johnsen johnosn hosue questions quesstion",
    "other": "xqzzy the naïve café cafe\u0301 DVDs NATO "
    "Łódź Moсквa ab\u200dcd 𝐇𝐞𝐥𝐥𝐨 ｈｅｌｌｏ Ⅳ donʼt",
}


@pytest.mark.parametrize(
    ("token", "kind"),
    [(token, kind) for kind, tokens in EXAMPLES.items() for token in tokens.split(" ") if token],
)
def test_told_by_the_spelling(token: str, kind: str) -> None:
    assert kinds([token]) == [kind]


def test_every_kind_has_an_example() -> None:
    assert list(EXAMPLES) == [
        kind
        for kind in KINDS
        if kind not in ("byte fragment", "piece", "case", "accent", "not examined")
    ]


def test_white_space_is_punctuation() -> None:
    assert kinds(["", " ", "\n", "\u3000"]) == ["punctuation"] * 4
    assert kinds(["new york"]) == ["compound"]


@pytest.mark.parametrize(
    ("token", "surface", "kind"),
    [
        ("âĢ", Surface.BYTE_LEVEL, "byte fragment"),
        ("Ġâ", Surface.BYTE_LEVEL, "byte fragment"),
        ("caf" + "Ã", Surface.BYTE_LEVEL, "byte fragment"),
        ("Ã©", Surface.BYTE_LEVEL, "piece"),
        ("ï¿½", Surface.BYTE_LEVEL, "punctuation"),  # U+FFFD itself
        ("ing", Surface.BYTE_LEVEL, "piece"),
        ("Ġxqzzy", Surface.BYTE_LEVEL, "other"),
        ("Ġhosue", Surface.BYTE_LEVEL, "likely misspelling"),
        ("Ġ", Surface.BYTE_LEVEL, "punctuation"),
        ("ĠðŁĺĤ", Surface.BYTE_LEVEL, "emoji"),
        ("<0xE2>", Surface.METASPACE, "byte fragment"),
        ("<0xe2>", Surface.PLAIN, "byte fragment"),
        ("<0xE2", Surface.METASPACE, "piece"),
        ("ing", Surface.METASPACE, "piece"),
        ("▁hosue", Surface.METASPACE, "likely misspelling"),
        ("▁", Surface.METASPACE, "punctuation"),
        ("##ing", Surface.WORDPIECE, "piece"),
        ("##", Surface.WORDPIECE, "punctuation"),
        ("ing", Surface.WORD_END, "piece"),
        ("hosue</w>", Surface.WORD_END, "likely misspelling"),
        ("\udce2", Surface.PLAIN, "byte fragment"),
        ("\ufffd", Surface.PLAIN, "punctuation"),
    ],
)
def test_the_marks_of_the_tokenizer(token: str, surface: Surface, kind: str) -> None:
    assert kinds([token], surface) == [kind]


def test_a_token_matched_verbatim_is_no_fragment_for_looking_like_one() -> None:
    nothing = np.zeros(1, bool)
    found = kinds_of(["é"], ["é"], Surface.BYTE_LEVEL, [], case=nothing, accent=nothing)
    assert found == ["other"]


@pytest.mark.parametrize("token", ["Hosue", "don't", "Москва", "NEW-YORK", "3RD", "xqzzy", "…"])
def test_what_the_file_has_goes_before_what_the_spelling_tells(token: str) -> None:
    assert kinds([token], case=True) == ["case"]
    assert kinds([token], accent=True) == ["accent"]
    assert kinds([token], case=True, accent=True) == ["case"]


def test_a_piece_is_a_piece_whatever_the_file_has() -> None:
    assert kinds(["##ing"], Surface.WORDPIECE, case=True, accent=True) == ["piece"]
    assert kinds(["<0xE2>"], Surface.METASPACE, case=True, accent=True) == ["byte fragment"]


def test_the_script_of_most_words_found_is_nothing_special() -> None:
    tokens = ["Берлин", "вопрсо", "ковид-19", "Berlin", "北京"]
    assert kinds(tokens, found=RUSSIAN) == [
        "other", "likely misspelling", "compound", "other", "non-latin script",
    ]  # fmt: skip
    assert kinds(tokens, found=[]) == ["non-latin script"] * 3 + ["other", "non-latin script"]


def test_what_japanese_is_written_in_belongs_together() -> None:
    tokens = ["ひらがな", "ーー", "漢字", "々", "ｶﾒﾗ", "한국어"]
    assert kinds(tokens, found=JAPANESE) == ["other"] * 5 + ["non-latin script"]


def test_a_few_words_of_another_script_decide_nothing() -> None:
    found = ["слово"] * 40 + ["word"] * 60
    assert kinds(["Берлин"], found=found) == ["non-latin script"]
    many = ["слово"] * 60_000 + ["word"] * 40_000
    assert kinds(["Берлин"], found=many) == ["other"]
    assert kinds(["Берлин"], found=["1", "2", "don't", "слово", "дом", "!"] * 9) == ["other"]


def test_each_token_gets_its_own_kind() -> None:
    nothing = np.zeros(4, bool)
    found = kinds_of(
        ["3rd", "##ing", "Xqzzy", "hosue"],
        ["3rd", None, "Xqzzy", "hosue"],
        Surface.WORDPIECE,
        ENGLISH,
        case=np.array([False, False, True, False]),
        accent=nothing,
    )
    assert found == ["number", "piece", "case", "likely misspelling"]
    none = np.zeros(0, bool)
    assert kinds_of([], [], Surface.PLAIN, ENGLISH, case=none, accent=none) == []


anything = st.text(st.characters() | st.sampled_from("aA1'-.@#/\ufe0f\u20e3😂Ġ\ud800\0"))


@given(st.lists(st.tuples(anything, st.none() | anything)), st.sampled_from(list(Surface)))
def test_any_token_is_of_some_kind(pairs: list[tuple[str, str | None]], surface: Surface) -> None:
    nothing = np.zeros(len(pairs), bool)
    tokens, words = [token for token, _ in pairs], [word for _, word in pairs]
    found = kinds_of(tokens, words, surface, ENGLISH, case=nothing, accent=nothing)
    assert len(found) == len(pairs)
    assert set(found) <= set(KINDS)


LONG = ["a", "a.", "-", "a-", "1", "1x", "😂", "'", "a'", "@", "a@", "a@b", "a.b/", "é", "e\u0301",
        "aB", "я", "яa", "1:", "in", " ", "_", "www.", "1t1", "('", "\ufe0f", "1\ufe0f", "#", "\0",
        "A", ":(", "http", "\u20e3"]  # fmt: skip


@pytest.mark.parametrize("end", ["", "!", "z", "zzzz", "😂x", "@", "'"])
def test_the_time_is_linear_in_the_length(end: str) -> None:
    start = time.process_time()
    kinds([repeated * 50_000 + end for repeated in LONG])
    # 3 s at most; 50,000 times 50,000 steps would take a minute each.
    assert time.process_time() - start < 20
