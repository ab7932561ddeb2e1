"""An oracle for `--fallback`: what the README says, in a page that shares nothing with the package.

In: a token, vector files as dictionaries, names of rules. Out: the keys whose vectors fill its row,
the rule, the file. It makes every form of a token and asks every file for all of it, which is slow
and plain. It knows the words of `worlds.py`, not all of Unicode.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

Form = tuple[str, ...]

JOINTS = "-_ \N{EN DASH}"
QUOTES = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"'})
CLITICS = [mark + rest for mark in "'’" for rest in ("s", "t", "re", "ve", "ll", "d", "m")]
AFTER_WHICH_IT_IS_A_VERB = ("it", "that", "let")
CONTRACTIONS = {
    "don't": ["do n't", "do not"],
    "can't": ["can n't", "can not"],
    "it's": ["it 's", "it is"],
    "we're": ["we 're", "we are"],
    "n't": ["not"],
    "'re": ["are"],
    "cannot": ["can not"],
}
TAKEN = "\N{NKO DIGIT ZERO}"
"""A digit that `digits-hash` took away: a digit to all other rules, `#` in the file."""


class Filled(NamedTuple):
    """What fills a row: the rule that found it, the file it is from, the keys whose mean it is."""

    rule: str
    file: int
    keys: Form


def _is_punctuation(letter: str) -> bool:
    return unicodedata.category(letter).startswith("P")


def _accents(text: str) -> list[str]:
    """Marks go after Latin letters, and those of Arabic and Hebrew; others are part of a letter."""
    kept, script = "", ""
    for letter in unicodedata.normalize("NFD", text):
        name = unicodedata.name(letter)
        if unicodedata.category(letter) != "Mn":
            script = name.split()[0]
            kept += letter
        elif script != "LATIN" and not name.startswith(("ARABIC", "HEBREW")):
            kept += letter
    plain = kept.replace("\u0640", "").translate(str.maketrans("łŁ", "lL"))
    return [unicodedata.normalize("NFC", plain)]


def _join(text: str, by: str) -> list[str]:
    """Joints at the ends join nothing: such a word stays."""
    if text[0] in JOINTS or text[-1] in JOINTS:
        return []
    return [re.sub(f"[{JOINTS}]", by, text)]


def _strip(text: str) -> list[str]:
    if text.lower() in CLITICS:
        return []
    first = [i for i, letter in enumerate(text) if not _is_punctuation(letter)]
    if not first:
        return []
    start, end = first[0], len(text)
    while _is_punctuation(text[end - 1]) and text[end - 1] != "#":
        end -= 1
    core = text[start:end]
    with_dot = core + "." if "." in core and text[end : end + 1] == "." else core
    return [with_dot, core]


def _possessive(text: str) -> list[str]:
    if re.search("(?i).s['’]$", text):
        return [text[:-1]]
    found = re.fullmatch("(?i)(.*[^'’])['’](s)", text)
    if not found or not re.search(r"[^\W_]", found[1]):
        return []
    noun, s = found.groups()
    if noun.lower() in AFTER_WHICH_IT_IS_A_VERB:
        return []
    return [noun + s, noun] if noun[-1].isdigit() else [noun]


def _digits(text: str, by: str) -> list[str]:
    runs = re.sub("[^\\D߀]{2,}", lambda run: by * len(run[0]), text)
    return [runs, re.sub("[^\\D߀]", by, text)]


def _digits_ascii(text: str) -> list[str]:
    return ["".join(str(int(c)) if c.isdecimal() and c != TAKEN else c for c in text)]


def _title(text: str) -> list[str]:
    def capitalised(part: str) -> str:
        first = re.search(r"[^\W_]", part)
        return part[: first.start()] + part[first.start() :].capitalize() if first else part

    parts = re.split(f"([{JOINTS}])", text)
    forms = ["".join(map(capitalised, parts)), capitalised(text)]
    return [form for form in forms if form != form.lower()]


def _contraction(text: str) -> list[Form]:
    forms = CONTRACTIONS.get(text.lower().replace("’", "'"), [])
    if text[:2] == text[:2].lower():
        return [tuple(form.split()) for form in forms]
    if not text.isupper():
        return [(form.split()[0].title(), *form.split()[1:]) for form in forms]
    made: list[Form] = []
    for form in forms:
        parts = form.split()
        made.append(tuple(map(str.upper, parts)))
        if any("'" in part for part in parts[1:]):
            made.append(tuple(part if "'" in part else part.upper() for part in parts))
    return made


MARKS = "".join(c for c in map(chr, range(0x3100)) if unicodedata.category(c) in ("Mn", "Mc"))
LETTER = rf"(?:[^\W\d_]|[{MARKS}])"
PART = re.compile(
    rf"(?<![^\W_])(?:{LETTER}\.)+{LETTER}(?!{LETTER})\.?"  # U.S.
    r"|[£$]+"
    rf"|(?:{LETTER}|\d|(?<=\d)[.,:](?=\d)|['’](?=(?i:s|t|re|ve|ll|d|m)(?![^\W_])))+"
)
LOWER = "".join(c for c in map(chr, range(0x500)) if c.islower())
UPPER = "".join(c for c in map(chr, range(0x500)) if c.isupper())
CAMEL = rf"(?<={LETTER}[{LOWER}])(?=[{UPPER}]{LETTER})"
FINE = re.compile(rf"(?<={LETTER})(?=\d)|(?<=\d)(?={LETTER})|{CAMEL}")


def _compound(text: str) -> list[Form]:
    parts = [part for part in PART.findall(text) if re.search(r"[^\W_]|[£$]", part)]
    fine = [piece for part in parts for piece in FINE.split(part)]
    camel = re.search(CAMEL, text)
    forms = [parts, fine, *([[piece.lower() for piece in fine]] if camel else [])]
    return [tuple(form) for form in forms if 2 <= len(form) <= 8]


SPELLINGS: dict[str, Callable[[str], list[str]]] = {
    "nfc": lambda text: [unicodedata.normalize("NFC", text)],
    "nfkc": lambda text: [unicodedata.normalize("NFKC", text)],
    "quotes": lambda text: [text.translate(QUOTES)],
    "digits-ascii": _digits_ascii,
    "lower": lambda text: [text.lower()],
    "title": _title,
    "upper": lambda text: [text.upper()],
    "accents": _accents,
    "hyphen": lambda text: _join(text, "-"),
    "underscore": lambda text: _join(text, "_"),
    "space": lambda text: _join(text, " "),
    "strip-punctuation": _strip,
    "possessive": _possessive,
    "digits-hash": lambda text: _digits(text, TAKEN),
    "digits-zero": lambda text: _digits(text, "0"),
}
MEANS: dict[str, Callable[[str], list[Form]]] = {
    "contraction": _contraction,
    "compound": _compound,
}
RULES = [*SPELLINGS, *MEANS]


def forms(token: str, rules: Sequence[str]) -> list[tuple[str, Form]]:
    """Return pairs of a rule and the form that it is the first to make, the best form first.

    A rule sees the token and what the rules before it made, in this order, but for means.
    """
    made: list[tuple[str, Form]] = [("exact", (token,))]
    for rule in rules:
        for _, form in list(made):
            if len(form) > 1:
                continue
            [text] = form
            new = MEANS[rule](text) if rule in MEANS else [(t,) for t in SPELLINGS[rule](text)]
            known = [form for _, form in made]
            others = [one for one in dict.fromkeys(new) if all(one) and one not in known]
            made += [(rule, one) for one in others]
    return made


def _usable(key: str, file: Collection[str]) -> str | None:
    """The key as `file` spells it, unless it is no number there, but punctuation."""
    spelt = key.replace(TAKEN, "#")
    if set(key) == {TAKEN}:
        digits = "[0-9]" if len(key) == 1 else "[1-9][0-9]|19[0-9]{2}|20[0-2][0-9]"
        if any(re.fullmatch(digits, other) for other in file):
            return None
    return spelt if spelt in file else None


def filled(token: str, files: Sequence[Collection[str]], rules: Sequence[str]) -> Filled | None:
    """Return what fills the row: the best form that one file has all parts of, in any file."""
    for rule, form in forms(token, rules):
        for place, file in enumerate(files):
            keys = [_usable(part, file) for part in form]
            if None not in keys:
                return Filled(rule, place, tuple(key for key in keys if key is not None))
    return None
