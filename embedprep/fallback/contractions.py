"""English contractions, divided as in the Penn Treebank: GloVe has `n't`, `'s`, `'m`.

This is a closed list. It omits words without their apostrophe, because most of these are words of
their own (cant, wont, ill, were).
"""

from __future__ import annotations

from collections.abc import Iterator

from embedprep.fallback.english import IS_OR_HAS
from embedprep.fallback.rule import Form

_NOT = "do does did is are was were has have had could would should may might must need ought dare"
_HAVE = "i you we they who what there could should would might must may"
_ARE = "you we they who what there here that where how why"
_WILL = "i you he she it we they who what that this there where how"

_SHORT = {"ca": "can", "wo": "will", "sha": "shall"}
"""The rest of a verb before `n't`. The Treebank leaves it so, but `ca` has another vector."""

_FUSED = {
    "let's": "let 's|let us",
    "ain't": "is n't|is not",
    "y'all": "you all",
    "c'mon": "come on",
    "d'you": "d' you|do you",
    "d'ye": "d' ye|do you",
    "more'n": "more 'n|more than",
    "'tis": "'t is|it is",
    "'twas": "'t was|it was",
    "'twill": "'t will|it will",
    "'twould": "'t would|it would",
    "'em": "them",
    "'cause": "because",
    "n't": "not",
    "'m": "am",
    "'re": "are",
    "'ve": "have",
    "'ll": "will",
    "cannot": "can not",
    "gonna": "gon na|going to",
    "gotta": "got ta|got to",
    "wanna": "wan na|want to",
    "gimme": "gim me|give me",
    "lemme": "lem me|let me",
    "dunno": "do n't know|do not know",
    "kinda": "kind of",
    "sorta": "sort of",
    "lotta": "lot of",
    "outta": "out of",
    "hafta": "have to",
    "oughta": "ought to",
    "coulda": "could have",
    "shoulda": "should have",
    "woulda": "would have",
    "mighta": "might have",
    "musta": "must have",
}
"""The parts in the Treebank's spelling, if it divides the word, then in full. The Treebank's own
clitics are here for files that lack them, such as GoogleNews; `'s` and `'d` mean too much to be
guessed.
"""


def _listed() -> Iterator[tuple[str, tuple[Form, ...]]]:
    """Return each contraction in lower case, with its forms."""
    groups = [
        ("'m", "am", "i"),
        ("'re", "are", _ARE),
        ("'ve", "have", _HAVE),
        ("'ll", "will", _WILL),
        ("'d", "would", _WILL),
        ("'s", "is", " ".join(sorted(IS_OR_HAS))),
        ("n't", "not", _NOT),
    ]
    for clitic, full, hosts in groups:
        for host in hosts.split():
            yield host + clitic, ((host, clitic), (host, full))
    for rest, verb in _SHORT.items():
        yield rest + "n't", ((verb, "n't"), (verb, "not"))
    for word, forms in _FUSED.items():
        yield word, tuple(tuple(form.split()) for form in forms.split("|"))


_FORMS = dict(_listed())
_LONGEST = max(map(len, _FORMS))


def contraction(word: str) -> tuple[Form, ...]:
    """Divide a contraction, in the same case.

    A capital at the beginning stays (Don't: Do n't; 'Tis: It is). In a word of capitals all parts
    have capitals (DO N'T, DO NOT), but even cased files may lack `N'T`, so there is DO n't, too.
    The apostrophe may be a curly one.
    """
    if len(word) > _LONGEST:
        return ()
    small = word.lower()
    forms = _FORMS.get(small) or _FORMS.get(small.replace("\u2019", "'"))
    if forms is None:
        return ()
    if word[:2] == small[:2]:
        return forms
    if not word.isupper():
        return tuple((form[0].title(), *form[1:]) for form in forms)
    return tuple(dict.fromkeys(cased for form in forms for cased in _capitals(form)))


def _capitals(form: Form) -> Iterator[Form]:
    large = tuple(part.upper() for part in form)
    yield large
    if any("'" in part for part in form[1:]):
        yield tuple(
            part if "'" in part else capital for part, capital in zip(form, large, strict=True)
        )
