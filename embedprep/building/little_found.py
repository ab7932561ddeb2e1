"""Why almost no token has a vector: a comparison of keys and tokens.

Comes in: the first keys of each vector file, and the vocabulary. Goes out: a note for the log that
shows both, and the likeliest cause. The tests are simple, and the cause may be a guess.
"""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile

import numpy as np

from embedprep.errors import printable
from embedprep.vocabulary import Role, Vocabulary
from embedprep.vocabulary.words import spelled

_SHOWN = 5
_LOOKED_AT = 10_000
"""How many tokens are compared, spread over the vocabulary."""
_LONGEST = 200
"""The characters of the longest token that is compared: of a longer one nothing is learnt."""
_FORMS = 12
"""How many forms of keys an option is advised for."""
_SOME = 0.2
"""The share of the keys that a cause must explain to be reported."""


def note(
    found: int, total: int, vocabulary: Vocabulary, files: Sequence[tuple[str, Sequence[bytes]]]
) -> str:
    """Return a note about a matrix in which `found` of `total` tokens have a vector.

    `files` are the first keys of the vector files, by name.
    """
    name = "the vocabulary" if vocabulary.path is None else printable(vocabulary.path)
    tokens = _some_tokens(vocabulary)
    how_many = f"none of the {total:,} tokens has" if not found else f"only {found:,} of the "
    how_many += "" if not found else f"{total:,} tokens have"
    lines = [f"{how_many} a vector"]
    for path, keys in files:
        shown = (key.decode("utf-8", "replace") for key in keys)
        lines.append(f"  first keys of {printable(path)}: {_listed(shown)}")
    lines.append(f"  first tokens of {name}: {_listed(tokens)}")
    keys = [key for _, some in files for key in some]
    lines.append(f"  likely cause: {cause(keys, tokens, _some_texts(vocabulary))}")
    return "\n".join(lines)


def cause(keys: Sequence[bytes], tokens: Sequence[str], texts: Sequence[str]) -> str:
    """Return the likeliest cause; `texts` are the `tokens` without their marks."""
    words = [key.decode("utf-8", "replace") for key in keys]
    for explains in _CAUSES:
        found = explains(words, tokens, {*tokens, *texts})
        if found is not None:
            return found
    return (
        "the files do not belong together: another vocabulary, other vectors, or another language"
    )


def _numbers(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    if _most(key.isdecimal() for key in keys):
        return "the keys are numbers, such as the ids of some vocabulary: give vectors with words"
    if _most(token.isdecimal() for token in tokens):
        return "the tokens are numbers, such as the ids of another tokenizer: give its vocabulary"
    return None


def _encoding(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    if any("\ufffd" in key for key in keys):
        return "the keys are not UTF-8: write the vectors again in UTF-8"
    for names, what in ((keys, "keys"), (tokens, "tokens")):
        if any(_repaired(name) for name in names):
            return f"the {what} are UTF-8 that was read as Latin-1 and written again (cafÃ©)"
    return None


def _repaired(text: str) -> str | None:
    """Return what was written before it was read in another encoding."""
    if text.isascii():
        return None
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None


def _lines(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    if _most(token.count(" ") > 1 for token in tokens):
        return "the tokens are lines of text, not a vocabulary: give the tokenizer's own file"
    if _most("\t" in token or "," in token[1:-1] or "=" in token[1:] for token in tokens):
        return "the tokens are lines with columns, or code: give the tokenizer's own file"
    return None


def _case(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    for rule, change in (("lower", str.lower), ("title", str.title), ("upper", str.upper)):
        if _matching(keys, set(map(change, known))):
            return f"case: with --fallback {rule} there would be more"
    return None


def _affixes(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    prefix = re.match(r".*[^\w]", _common_beginning(keys), re.DOTALL)
    if prefix is not None and _matching([key[prefix.end() :] for key in keys], known):
        return f"all keys begin with '{printable(prefix[0])}', and the tokens do not"
    for pattern in (
        r"()(.*?)([_|/#:.](?:[A-Za-z]{1,6}(?:[.#][0-9]+)?|[0-9]{1,3}))",
        r"([^\w]*)(.*?)([^\w]*)",
    ):
        parts = [found for key in keys if (found := re.fullmatch(pattern, key, re.DOTALL))]
        if _matching([found[2] for found in parts], known):
            around = Counter((found[1], found[3]) for found in parts if found[2] in known)
            part = next(filter(None, around.most_common(1)[0][0]), "")
            return (
                f"the keys have a part that the tokens do not have, such as '{printable(part)}'"
                + (_option(around))
            )
    return None


def _option(around: Counter[tuple[str, str]]) -> str:
    """Advise the forms of these beginnings and ends of keys, unless an option cannot write them."""
    forms = ",".join(f"{before}{{}}{after}" for (before, after), _ in around.most_common(_FORMS))
    is_plain = forms.isprintable() and forms.count(",") == min(len(around), _FORMS) - 1
    return f": say --key-form {shlex.quote(forms)}" if is_plain and forms != "{}" else ""


def _common_beginning(keys: Sequence[str]) -> str:
    first, last = min(keys, default=""), max(keys, default="")
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    return "".join(character for character, _ in same)


def _marks(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    if _matching(map(_plain, keys), set(map(_plain, known))):
        return "marks: keys and tokens mark differently where words begin and end"
    return None


def _plain(text: str) -> str:
    return re.sub("^(?:[Ġ▁ ]|##|Â)+|(?:</w>|@@|▁|_)+$", "", text)


def _scripts(keys: Sequence[str], tokens: Sequence[str], known: set[str]) -> str | None:
    of_keys, of_tokens = _script_of_most(keys), _script_of_most(known)
    if of_keys and of_tokens and of_keys != of_tokens:
        return (
            f"another language: the keys are in {of_keys.title()} script, the tokens in "
            f"{of_tokens.title()}"
        )
    return None


def _script_of_most(texts: Iterable[str]) -> str | None:
    letters = (character for text in texts for character in text if character.isalpha())
    names = (unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    return next((name for name, _ in Counter(names).most_common(1)), None)


Cause = Callable[[Sequence[str], Sequence[str], set[str]], str | None]

_CAUSES: tuple[Cause, ...] = (_numbers, _encoding, _lines, _marks, _affixes, _case, _scripts)
"""The causes, the clearest first."""


def _matching(keys: Iterable[str], known: set[str]) -> bool:
    """Whether a share of the keys, or of the tokens if these are fewer, is `known`."""
    found = [key in known for key in keys]
    return sum(found) > _SOME * min(len(found), len(known))


def _most(true: Iterable[bool], share: float = 0.5) -> bool:
    """Whether more than a share of them are true."""
    every = list(true)
    return sum(every) > share * len(every)


def _listed(names: Iterable[str]) -> str:
    shown = [printable(name)[:40] for name, _ in zip(names, range(_SHOWN), strict=False)]
    return ", ".join(shown) if shown else "none"


def _chosen(vocabulary: Vocabulary) -> Iterator[int]:
    places = np.flatnonzero(vocabulary.roles == Role.WORD)
    for place in places[:: max(1, len(places) // _LOOKED_AT)].tolist():
        if len(vocabulary.tokens[place]) <= _LONGEST:
            yield place


def _some_tokens(vocabulary: Vocabulary) -> list[str]:
    """Return ordinary tokens, all or a spread-out sample."""
    return [vocabulary.tokens[place] for place in _chosen(vocabulary)]


def _some_texts(vocabulary: Vocabulary) -> list[str]:
    some = vocabulary.only(np.array(list(_chosen(vocabulary)), np.int64))
    return [text.decode() for text in spelled(some).text if text]
