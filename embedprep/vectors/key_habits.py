"""Habits of the first keys of a file that no words have: a prefix, a suffix, an encoding.

Comes in: a sample of keys. Goes out: a note for the user, with the option that finds words there.
"""

from __future__ import annotations

import base64
import binascii
import re
import shlex
from collections import Counter
from collections.abc import Sequence

from embedprep.errors import printable
from embedprep.sources import encodings
from embedprep.sources.rewriting import rewriting

OPTION = "--key-form"

_FEW = 3
"""Fewer keys prove nothing."""

_TAGS = frozenset(
    b"ADJ ADP ADV AUX CCONJ CONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X "
    b"CC CD DT EX FW IN JJ JJR JJS LS MD NN NNS NNP NNPS PDT POS PRP PRP$ RB RBR RBS RP TO UH VB "
    b"VBD VBG VBN VBP VBZ WDT WP WP$ WRB NE ORG PERSON GPE LOC DATE n v a r s j".split()
)
"""Parts of speech as Universal Dependencies, the Penn Treebank, sense2vec and WordNet call them."""
_TAGGED = re.compile(rb"[^_|/#]+([_|/#])([A-Za-z$]{1,6})", re.DOTALL)

_NO_FORMS = ((b"", b""), (b"[", b"]"), (b"<", b">"))
"""What keys may share by chance, or because a model's table begins with special tokens."""

_LETTERS = bytes(byte for byte in range(256) if bytes([byte]).isalnum() or byte >= 0x80)
_JOINTS = b"_-. "
"""The signs between the parts of a phrase: a common beginning up to one of them is a word."""

_NUMBERS = re.compile(rb"[-+]?[0-9.]+(?:e[-+]?[0-9]+)?", re.I)


def notes(keys: Sequence[bytes], path: str, compression: str | None) -> tuple[str, ...]:
    """Return notes for the user about the first `keys` of the text at `path`."""
    if len(keys) < _FEW:
        return _encoding(keys, path, compression)
    if found := of_forms(keys):
        return found
    if all(map(_NUMBERS.fullmatch, keys)):
        return (
            f"its first keys are all numbers, as '{_shown(keys[0])}': if it has no keys, put the "
            "file of its words before it:\n    "
            + rewriting(path, "paste -d ' ' WORDS -", compression),
        )
    spaced = sum(b" " in key for key in keys)
    if 2 * spaced > len(keys):
        return (f"most of its keys contain spaces, as '{_shown(keys[0])}'",)
    return _encoding(keys, path, compression)


def of_forms(keys: Sequence[bytes]) -> tuple[str, ...]:
    """Return a note if the first `keys` of a file in any format have a form in common."""
    found = _forms(keys) if len(keys) >= _FEW else None
    if found is None:
        return ()
    reason, forms = found
    option = shlex.quote(",".join(forms))
    return (f"{reason}, as '{_shown(keys[0])}': to find words there, say {OPTION} {option}",)


def _forms(keys: Sequence[bytes]) -> tuple[str, list[str]] | None:
    """Describe what the keys have in common, and return the forms that write them."""
    if _nearly_all(sum(_is_base64(key) for key in keys), keys):
        return "its keys are in Base64", ["B64:{base64}"]
    tagged = [_TAGGED.fullmatch(key) for key in keys]
    tags = Counter(match.groups() for match in tagged if match and match[2] in _TAGS)
    if _nearly_all(tags.total(), keys):
        forms = [f"{{}}{(sign + tag).decode()}" for (sign, tag), _ in tags.most_common()]
        return "its keys end in a part of speech", forms
    language = [re.match(rb"(?:/c)?/[a-z]{2,3}/", key) for key in keys]
    languages = Counter(match[0] for match in language if match)
    if _nearly_all(languages.total(), keys):
        prefix = languages.most_common(1)[0][0].decode()
        return "its keys begin with a language", [f"{prefix}{{}}"]
    before, after = _common(keys)
    if (before, after) in _NO_FORMS or not (_is_utf8(before) and _is_utf8(after)):
        return None
    where = " and ".join(
        f"{verb} '{_shown(part)}'"
        for verb, part in (("begin with", before), ("end in", after))
        if part
    )
    return f"its keys {where}", [f"{before.decode()}{{}}{after.decode()}"]


def _common(keys: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the common beginning and end of nearly all keys, up to a sign that is not a letter."""
    first, last = _common_start(keys), _common_start([key[::-1] for key in keys])[::-1]
    return first, last


def _common_start(keys: Sequence[bytes]) -> bytes:
    """Return the longest prefix of nine in ten keys, if it ends in ASCII other than a letter or
    digit. The marks of tokenizers do not count: they tell pieces from words.
    """
    ordered = sorted(keys)
    tenth = len(ordered) // 10
    best = max(
        (_shared(ordered[i], ordered[i + len(ordered) - 1 - tenth]) for i in range(tenth + 1)),
        key=len,
    )
    found = best.rstrip(_LETTERS)
    # Joints after letters are inside a word; those after a sign, as in `> `, belong to the sign.
    while found and (base := found.rstrip(_JOINTS)) != found and base[-1:] in _LETTERS:
        found = base.rstrip(_LETTERS)
    return b"" if found in (b"##", b"@@", b">w/<") or found.strip(b" ") == b"" else found


def _shared(one: bytes, other: bytes) -> bytes:
    """Return the common beginning of both."""
    end = 0
    while end < min(len(one), len(other)) and one[end] == other[end]:
        end += 1
    return one[:end]


def _nearly_all(count: int, keys: Sequence[bytes]) -> bool:
    return count >= 0.9 * len(keys)


def _is_base64(key: bytes) -> bool:
    if not key.startswith(b"B64:"):
        return False
    try:
        base64.b64decode(key[4:], validate=True)
    except binascii.Error:
        return False
    return True


def _encoding(keys: Sequence[bytes], path: str, compression: str | None) -> tuple[str, ...]:
    other = [key for key in keys if not key.isascii()]
    foreign = [key for key in other if not _is_utf8(key)]
    if 2 * len(foreign) <= len(other):
        twice = [key for key in other if _is_twice_encoded(key)]
        if len(twice) < 2 or 2 * len(twice) <= len(other):
            return ()
        return (
            f"its keys are UTF-8 that was read as another encoding and written again, as "
            f"'{_shown(twice[0])}', and find no word; undo that:\n    "
            + rewriting(path, f"iconv -f UTF-8 -t {_read_as(twice)}", compression),
        )
    encoding = encodings.of_letters(b"\n".join(foreign))
    return (
        f"its keys are not in UTF-8, as '{_shown(foreign[0])}', and find no word; write them again:"
        "\n    " + encodings.as_utf8(encoding, path, compression),
    )


def _is_twice_encoded(key: bytes) -> bool:
    """Whether the characters of `key` are the bytes of other ones in UTF-8: `cafÃ©`."""
    return _read_as([key]) is not None


def _read_as(keys: Sequence[bytes]) -> str | None:
    """The encoding as which UTF-8 was read, if it was, in the terms of iconv."""
    for name, encoding in (("LATIN1", "latin-1"), ("CP1252", "cp1252")):
        try:
            if all(_is_utf8(key.decode().encode(encoding)) for key in keys):
                return name
        except UnicodeError:
            continue
    return None


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _shown(key: bytes) -> str:
    text = printable(key[:40].decode("utf-8", "backslashreplace"))
    return text if len(key) <= 40 else text + "…"
