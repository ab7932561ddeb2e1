"""An oracle for `--fallback`: what the README says, in a few lines that share nothing with the package.

In: tokens, vector files as plain dictionaries, names of rules. Out: for each token the keys that fill its
row, the rule, the file. It is written for the small worlds of `worlds.py`, and is slow: it makes every
form of a token as a list of parts and asks every file for all of them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

JOINTS = "-_ \N{EN DASH}\N{NON-BREAKING HYPHEN}"
QUOTES = {"‘": "'", "’": "'", "“": '"', "”": '"', "`": "'"}
CLITIC = re.compile(r"(?i)(n't|'(?:s|re|ve|ll|d|m))$")


class Filled(NamedTuple):
    """What fills a row: the rule that found it, the file it is from, the keys whose mean it is."""

    rule: str
    file: int
    keys: tuple[str, ...]


def _punctuation(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P") or letter in "`^~|<>=+"


def _accents(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return unicodedata.normalize("NFC", plain.translate(str.maketrans("łŁøØđĐ", "lLoOdD")))


def _join(text: str, by: str) -> str:
    return re.sub(rf"(?<=[^{JOINTS}])[{JOINTS}](?=[^{JOINTS}])", by, text)


def _strip(text: str) -> str:
    while text and _punctuation(text[0]):
        text = text[1:]
    while text and _punctuation(text[-1]):
        text = text[:-1]
    return text


def _possessive(text: str) -> str:
    return re.sub(r"(?i)(?<=\w)['’]s$|(?<=s)['’]$", "", text)


def _digits(text: str, by: str) -> str:
    return "".join(by if c.isdecimal() else c for c in text)


def _contraction(text: str) -> list[str]:
    found = CLITIC.search(text)
    return [text[: found.start()], found.group()] if found and found.start() else [text]


def _compound(text: str) -> list[str]:
    number = r"\d+(?:[.,:/]\d+)*"
    word = r"[^\W\d_]+(?:['’][^\W\d_]+)*"
    parts: list[str] = []
    for part in re.findall(rf"{number}|{word}|[^\w\s]", text):
        parts += re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^A-Z]+|[A-Z]", part) if part[0].isalpha() else [part]
    words = [part for part in parts if not _punctuation(part[0])]
    return words


RULES = {
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "quotes": lambda text: "".join(QUOTES.get(c, c) for c in text),
    "lower": str.lower,
    "title": lambda text: text[:1].upper() + text[1:].lower(),
    "upper": str.upper,
    "accents": _accents,
    "hyphen": lambda text: _join(text, "-"),
    "underscore": lambda text: _join(text, "_"),
    "space": lambda text: _join(text, " "),
    "strip-punctuation": _strip,
    "possessive": _possessive,
    "digits-hash": lambda text: _digits(text, "#"),
    "digits-zero": lambda text: _digits(text, "0"),
}
MEANS = {"contraction": _contraction, "compound": _compound}


def applied(rule: str, form: tuple[str, ...]) -> tuple[str, ...]:
    """Return the form that `rule` makes: it is applied to each part."""
    if rule in MEANS:
        return tuple(part for each in form for part in MEANS[rule](each))
    return tuple(RULES[rule](each) for each in form)


def forms(token: str, rules: list[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return `(rule, parts)`, the first to be taken first: the token itself is the form called `exact`."""
    made = [("exact", (token,))]
    seen = {(token,)}
    for rule in rules:
        for _, form in list(made):
            new = applied(rule, form)
            if new and all(new) and new not in seen:
                seen.add(new)
                made.append((rule, new))
    return made


def filled(token: str, files: list[dict[str, list[float]]], rules: list[str]) -> Filled | None:
    """Return what fills the row of `token`: the first form that one file has all parts of, rank before file."""
    for rule, form in forms(token, rules):
        for place, file in enumerate(files):
            if all(part in file for part in form):
                return Filled(rule, place, form)
    return None
