"""Characters: normal forms, quotes, accents, digits."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from embedprep.fallback.accents import _stripped
from embedprep.fallback.rule import written
from embedprep.fallback.table import RULES
from embedprep.fallback.unicode_forms import LONGEST

LATIN_WITH_MARKS = sorted(
    {
        chr(code)
        for code in [*range(0xC0, 0x250), *range(0x1E00, 0x1F00)]
        if len(apart := unicodedata.normalize("NFD", chr(code))) > 1 and apart[0].isascii()
    }
)


def spellings(rule: str, word: str) -> list[str]:
    forms = RULES[rule].forms(word)
    assert all(len(form) == 1 for form in forms)
    return [form[0] for form in forms]


@given(st.one_of(st.text(), st.text("ae\u0301\u0316\u0308ﬁ１½か\u3099한\u1112\u1161")))
def test_normal_forms_are_those_of_the_standard(word: str) -> None:
    nfc, nfkc = unicodedata.normalize("NFC", word), unicodedata.normalize("NFKC", word)
    assert spellings("nfc", word) == [nfc] * (nfc != word)
    assert spellings("nfkc", word) == [nfkc] * (nfkc != word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ﬁsh", ["fish"]),
        ("１０", ["10"]),
        ("m²", ["m2"]),
        ("new\u00a0york", ["new york"]),
        ("ｶﾞ", ["ガ"]),
        ("café", []),
        ("fish", []),
    ],
)
def test_nfkc(word: str, expected: list[str]) -> None:
    assert spellings("nfkc", word) == expected


@pytest.mark.parametrize("rule", ["nfc", "nfkc", "accents"])
def test_a_word_too_long_for_any_file_is_not_normalised(rule: str) -> None:
    assert len(spellings(rule, "e\u0301" * (LONGEST // 2))) == 1
    assert spellings(rule, "e\u0301" * (LONGEST // 2) + "e") == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("don’t", ["don't"]),
        ("‘tis", ["'tis"]),
        ("don`t", ["don't"]),
        ("don´t", ["don't"]),
        ("donʼt", ["don't"]),
        ("п’ять", ["п'ять"]),
        ("Hawaiʻi", ["Hawai'i"]),
        ("5′10″", ["5'10\""]),
        ("“word”", ['"word"']),
        ("„Wort“", ['"Wort"']),
        ("«mot»", ['"mot"']),
        ("‹mot›", ["'mot'"]),
        ("צה״ל", ['צה"ל']),
        ("ｄ＇＂", ["ｄ'\""]),
        ("``", ['"', "''"]),
        ("''", ['"']),
        ("don't", []),
        ('"', []),
        ("a–b", []),
        ("", []),
    ],
)
def test_quotes(word: str, expected: list[str]) -> None:
    assert spellings("quotes", word) == expected


def test_no_quotation_mark_of_unicode_is_forgotten() -> None:
    for code in range(sys.maxunicode + 1):
        name = unicodedata.name(chr(code), "")
        category = unicodedata.category(chr(code))
        if category in ("Pi", "Pf") and "QUOTATION MARK" in name and code < 0x2E00:
            assert spellings("quotes", chr(code)) in (["'"], ['"']), name


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("café", ["cafe"]),
        ("cafe\u0301", ["cafe"]),
        ("naïve", ["naive"]),
        ("Łódź", ["Lodz"]),
        ("smørrebrød", ["smorrebrod"]),
        ("Đặng", ["Dang"]),
        ("Nguyễn", ["Nguyen"]),
        ("Straße", ["Strasse"]),
        ("STRAẞE", ["STRASSE"]),
        ("Æther", ["Aether"]),
        ("ÆTHER", ["AETHER"]),
        ("ǽ", ["ae"]),
        ("cœur", ["coeur"]),
        ("Œuvre", ["Oeuvre"]),
        ("þór", ["thor"]),
        ("ısı", ["isi"]),
        ("i̇stanbul", ["istanbul"]),
        ("Å", ["A"]),
        ("οδός", ["οδος"]),
        ("ᾳ", ["α"]),
        ("ёлка", ["елка"]),
        ("ЁЖ", ["ЕЖ"]),
        ("за́мок", ["замок"]),
        ("йод", []),
        ("їжак", []),
        ("ќе", []),
        ("майорё́", ["майоре"]),
        ("hello", []),
        ("हिंदी", []),
        ("が", []),
        ("か\u3099", []),
        ("한국", []),
        ("\u1112\u1161\u11ab", []),
        # Optional in Arabic and Hebrew, as is the stroke that makes a word longer.
        ("كَتَبَ", ["كتب"]),
        ("مُحَمَّد", ["محمد"]),
        ("رَحْمٰن", ["رحمن"]),
        ("كتـــاب", ["كتاب"]),
        ("أُمّ", ["أم"]),
        ("آية", []),
        ("سؤال", []),
        ("ـ", []),
        ("שָׁלוֹם", ["שלום"]),
        ("בְּרֵאשִׁ֖ית", ["בראשית"]),
        ("צה״ל", []),
        ("தமிழ்", []),
        ("ガ", []),
        ("ไทย", []),
        ("café한か\u3099", ["cafe한が"]),
        ("\u0301", []),
        ("", []),
    ],
)
def test_accents(word: str, expected: list[str]) -> None:
    assert spellings("accents", word) == expected


LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x24FF, categories=["L", "P", "Nd"])


@given(text=st.text(LETTERS, min_size=1, max_size=8), upper=st.booleans())
@example(text="ÆRØ", upper=True)
@example(text="Ǽß", upper=False)
def test_letters_are_looked_up_as_the_pattern_finds_their_accents(
    text: str, *, upper: bool
) -> None:
    """Most words have no combining character, and are not taken apart."""
    word = text.upper() if upper else text
    apart = _stripped(word, capitals=word.isupper())
    expected = [] if apart is None else [unicodedata.normalize("NFC", apart)]
    assert spellings("accents", word) == [form for form in expected if form != word]


def test_accents_agree_with_gensim_on_latin_letters() -> None:
    deaccent = pytest.importorskip("gensim.utils").deaccent

    @given(st.text([*LATIN_WITH_MARKS, *"abcXYZ-'1", "\u0301", "\u0308", "\u0327"]))
    def agree(word: str) -> None:
        # gensim takes a mark away from a hyphen or a digit, too.
        pairs = zip("-" + word, word, strict=False)
        assume(not any(unicodedata.combining(mark) and before in "-'1" for before, mark in pairs))
        plain = deaccent(word)
        assert spellings("accents", word) == [plain] * (plain != word)

    agree()


@pytest.mark.parametrize(
    ("word", "hashes", "zeros"),
    [
        ("1984", ["####"], ["0000"]),
        ("4", ["#"], ["0"]),
        ("0", ["#"], []),
        ("00", ["##"], []),
        ("mp3", ["mp#"], ["mp0"]),
        ("mp3-2010", ["mp3-####", "mp#-####"], ["mp3-0000", "mp0-0000"]),
        ("1,000.50", ["1,###.##", "#,###.##"], ["1,000.00", "0,000.00"]),
        ("mid-1990s", ["mid-####s"], ["mid-0000s"]),
        ("٣٤", ["##"], ["00"]),
        ("१९८४", ["####"], ["0000"]),
        ("１０", ["##"], ["00"]),
        ("m²", [], []),
        ("½", [], []),
        ("Ⅳ", [], []),
        ("####", [], []),
        ("word", [], []),
        ("", [], []),
    ],
)
def test_numbers_without_their_digits(word: str, hashes: list[str], zeros: list[str]) -> None:
    assert [form[0] for form in map(written, RULES["digits-hash"].forms(word))] == hashes
    assert spellings("digits-zero", word) == zeros


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("१", ["1"]),
        ("१९८४", ["1984"]),
        ("٣٤", ["34"]),
        ("۳", ["3"]),
        ("১০টি", ["10টি"]),
        ("１０", ["10"]),
        ("1984", []),
        ("m²", []),
        ("½", []),
        ("三", []),
        ("café", []),
        ("", []),
    ],
)
def test_digits_of_other_scripts(word: str, expected: list[str]) -> None:
    assert spellings("digits-ascii", word) == expected
