"""Good files, and what may be altered in them without making another good file of other rows."""

from __future__ import annotations

import base64
import json
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WORDS = [
    *("the", "of", "and", "to", "in", "a", "café", "is", "that", "for", "it", "as", "was", "with"),
    *("be", "by", "on", "not", "he", "I", "this", "are", "or", "his", "from", "at", "which", "but"),
    *("have", "an", "had", "they", "you", "were", "their", "one", "all", "we", "can", "her", "has"),
    *("there", "been", "if", "more", "when", "will", "would", "who", "so", "1984", ",", "naïve"),
]
TOKENS = ["[PAD]", "[UNK]", *WORDS[::2], "unseen", *WORDS[1::2]]
DIM = 5
RECORDS = [(word, [(7 * i + 3 * j - 90) / 64 for j in range(DIM)]) for i, word in enumerate(WORDS)]


@dataclass(frozen=True)
class Good:
    """A file that is read rightly."""

    name: str
    content: bytes
    is_vectors: bool
    keyed: bool = True
    """Whether each line says what it is the row of, so that their order means nothing."""
    header: bool = False
    """Whether it begins with a line that counts the others."""

    def arguments(self, path: str) -> dict[str, Any]:
        """Of a build with the file at `path`, and good ones beside it."""
        if self.is_vectors:
            return {"vectors": path, "vocab": TOKENS}
        other = path + ".vectors"
        with open(other, "w", encoding="utf-8") as file:
            file.writelines(f"{word} {' '.join(map(str, row))}\n" for word, row in RECORDS)
        return {"vectors": other, "vocab": path}

    @property
    def is_lines(self) -> bool:
        return not self.name.endswith(".json")


def _text(separator: str, header: bool) -> bytes:
    lines = [f"{len(RECORDS)} {DIM}\n"] if header else []
    lines += [separator.join([word, *map(str, row)]) + "\n" for word, row in RECORDS]
    return "".join(lines).encode()


_MAP = {token: id for id, token in enumerate(TOKENS)}
_HUGGING_FACE = {
    "version": "1.0",
    "added_tokens": [{"id": i, "content": TOKENS[i], "special": True} for i in range(2)],
    "pre_tokenizer": {"type": "Whitespace"},
    "model": {"type": "WordLevel", "vocab": _MAP, "unk_token": "[UNK]"},
}
_KERAS = {
    "class_name": "Tokenizer",
    "config": {
        "num_words": None,
        "oov_token": "<OOV>",
        "word_index": json.dumps({t: i for i, t in enumerate(["<OOV>", *WORDS], 1)}),
        "index_word": json.dumps(dict(enumerate(["<OOV>", *WORDS], 1))),
    },
}


def _lines(line: Callable[[int, str], str]) -> bytes:
    return "".join(line(id, token) + "\n" for id, token in enumerate(TOKENS)).encode()


GOOD = {
    "text": Good("v.txt", _text(" ", False), True),
    "word2vec text": Good("v.vec", _text(" ", True), True, header=True),
    "tab-separated vectors": Good("v.tsv", _text("\t", False), True),
    "lines": Good("vocab.txt", _lines(lambda i, token: token), False, keyed=False),
    "token id": Good("tokens.txt", _lines(lambda i, token: f"{token} {i}"), False),
    "id token": Good("ids.tsv", _lines(lambda i, token: f"{i}\t{token}"), False),
    "CSV": Good("v.csv", b"token,id\n" + _lines(lambda i, t: f'"{t}",{i}'), False, header=True),
    "SentencePiece": Good(
        "sp.vocab", _lines(lambda i, token: f"{token}\t{-i / 8}"), False, keyed=False
    ),
    "tiktoken": Good(
        "t.tiktoken",
        _lines(lambda i, token: f"{base64.b64encode(token.encode()).decode()} {i}"),
        False,
    ),
    "token map": Good("vocab.json", json.dumps(_MAP).encode(), False),
    "token list": Good("list.json", json.dumps(TOKENS).encode(), False, keyed=False),
    "tokenizer.json": Good("tokenizer.json", json.dumps(_HUGGING_FACE).encode(), False),
    "Keras tokenizer": Good("keras.json", json.dumps(_KERAS).encode(), False),
    "Marian": Good(
        "vocab.yml",
        _lines(lambda i, token: f"{json.dumps(token, ensure_ascii=False)}: {i}"),
        False,
    ),
    "RWKV": Good("rwkv.txt", _lines(lambda i, t: f"{i + 1} {t!r} {len(t.encode())}"), False),
    "token id, tabs": Good("words.syms", _lines(lambda i, token: f"{token}\t{i}"), False),
    "CSV, semicolons": Good(
        "v2.csv", b"token;id\n" + _lines(lambda i, t: f"{t};{i}"), False, header=True
    ),
    "pairs": Good("pairs.json", json.dumps([[t, i] for t, i in _MAP.items()]).encode(), False),
    "inverse map": Good("inverse.json", json.dumps(dict(enumerate(TOKENS))).encode(), False),
}

Change = Callable[[Good, random.Random], bytes]
Suits = Callable[[Good], bool]


def _every(change: Callable[[str], str]) -> Change:
    """Every line altered, without its line break."""

    def altered(good: Good, rng: random.Random) -> bytes:
        lines = good.content.decode().split("\n")[:-1]
        return "".join(change(line) + "\n" for line in lines).encode()

    return altered


def _one(change: Callable[[str], str]) -> Change:
    """One line altered, which is not a header."""

    def altered(good: Good, rng: random.Random) -> bytes:
        lines = good.content.decode().split("\n")[:-1]
        place = rng.randrange(2, len(lines))
        lines[place] = change(lines[place])
        return ("\n".join(lines) + "\n").encode()

    return altered


def _whole(change: Callable[[bytes], bytes]) -> Change:
    return lambda good, rng: change(good.content)


def _numbers(change: Callable[[str], str]) -> Callable[[str], str]:
    """The numbers of a record altered."""
    return lambda line: re.sub(r"(?<=[ \t])-?[0-9]+\.[0-9]+", lambda m: change(m[0]), line)


def _fields(change: Callable[[list[str]], list[str]]) -> Callable[[str], str]:
    def altered(line: str) -> str:
        separator = next((s for s in "\t; ," if s in line), " ")
        return separator.join(change(line.split(separator)))

    return altered


def _joined(between: str) -> Change:
    def altered(good: Good, rng: random.Random) -> bytes:
        lines = good.content.decode().split("\n")
        place = rng.randrange(1, len(lines) - 2)
        lines[place : place + 2] = [between.join(lines[place : place + 2])]
        return "\n".join(lines).encode()

    return altered


def _shuffled(good: Good, rng: random.Random) -> bytes:
    lines = good.content.splitlines(keepends=True)
    first, rest = (lines[:1], lines[1:]) if good.header else ([], lines)
    rng.shuffle(rest)
    return b"".join(first + rest)


def _cut(good: Good, rng: random.Random) -> bytes:
    """Cut inside a line: at a line's end it would be a shorter good file."""
    breaks = [i for i, byte in enumerate(good.content) if byte == 10]
    place = rng.randrange(10, len(good.content) - 2)
    while place in breaks or place - 1 in breaks:
        place += 1
    return good.content[:place]


def _broken_line(good: Good, rng: random.Random) -> bytes:
    """A line break more, at a separator."""
    places = [m.start() for m in re.finditer(rb"[ \t,;]", good.content)][9:]
    place = rng.choice(places)
    return good.content[:place] + b"\n" + good.content[place + 1 :]


def _inserted(line: bytes, where: int | None = None) -> Change:
    def altered(good: Good, rng: random.Random) -> bytes:
        lines = good.content.splitlines(keepends=True)
        lines.insert(rng.randrange(2, len(lines)) if where is None else where, line)
        return b"".join(lines)

    return altered


def _json(change: Callable[[Any], Any], **how: Any) -> Change:
    return lambda good, rng: json.dumps(change(json.loads(good.content)), **how).encode()


def _one_id(new: Callable[[int], Any]) -> Change:
    """The id of one token replaced in a map of tokens or in a `tokenizer.json`."""

    def altered(good: Good, rng: random.Random) -> bytes:
        value = json.loads(good.content)
        ids = value["model"]["vocab"] if "model" in value else value
        token = rng.choice(WORDS)
        ids[token] = new(ids[token])
        return json.dumps(value).encode()

    return altered


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return value


def _lines_of(good: Good) -> bool:
    return good.is_lines


def _vectors(good: Good) -> bool:
    return good.is_vectors


def _spaced(good: Good) -> bool:
    return good.is_vectors and b"\t" not in good.content


def _headed(good: Good) -> bool:
    return good.is_vectors and good.header


def _headless(good: Good) -> bool:
    return good.is_vectors and not good.header


def _columns(good: Good) -> bool:
    return good.is_lines and good.name != "vocab.txt"


def _ids(good: Good) -> bool:
    return _columns(good) and not good.is_vectors and good.keyed


def _is_json(good: Good) -> bool:
    return not good.is_lines


def _with_ids(good: Good) -> bool:
    return good.name in ("vocab.json", "tokenizer.json")


def _ordered(good: Good) -> bool:
    return _columns(good) and good.keyed


def _numbered(good: Good) -> bool:
    """Whether lines end in a number; another token is another file."""
    return _ordered(good) and good.name != "ids.tsv"


def _ends_in_number_or_bracket(good: Good) -> bool:
    """Otherwise the last token is cut, and is another token."""
    return good.name not in ("vocab.txt", "ids.tsv")


def _same_but_tabs(good: Good) -> bool:
    """Where tabs separate, a space belongs to the key."""
    return _columns(good) and good.name != "v.tsv"


def _is_map(good: Good) -> bool:
    return good.name == "vocab.json"


def _is_list(good: Good) -> bool:
    return good.name == "list.json"


def _anything(good: Good) -> bool:
    return True


ALTERATIONS: dict[str, tuple[Suits, Change]] = {
    "byte order mark": (_anything, _whole(lambda b: b"\xef\xbb\xbf" + b)),
    "UTF-16": (_anything, _whole(lambda b: b.decode().encode("utf-16"))),
    "UTF-16, big-endian, no mark": (_anything, _whole(lambda b: b.decode().encode("utf-16-be"))),
    "Latin-1": (_lines_of, _whole(lambda b: b.decode().encode("latin-1"))),
    "read as Latin-1, written as UTF-8": (_vectors, _whole(lambda b: b.decode("latin-1").encode())),
    "NFD": (_vectors, _whole(lambda b: unicodedata.normalize("NFD", b.decode()).encode())),
    "CR LF": (_lines_of, _whole(lambda b: b.replace(b"\n", b"\r\n"))),
    "CR": (_lines_of, _whole(lambda b: b.replace(b"\n", b"\r"))),
    "CR LF in one line": (_lines_of, _one(lambda line: line + "\r")),
    "no last line break": (_lines_of, _whole(lambda b: b[:-1])),
    "empty lines at the end": (_lines_of, _whole(lambda b: b + b"\n\n")),
    "an empty line": (_ordered, _inserted(b"\n")),
    "spaces at the ends of lines": (_lines_of, _every(lambda line: line + " ")),
    "a space at the end of a line": (_lines_of, _one(lambda line: line + " ")),
    "spaces before lines": (_columns, _every(lambda line: " " + line)),
    "a space before a line": (
        _same_but_tabs,
        _one(lambda line: " " + line),
    ),
    "tabs at the ends of lines": (_lines_of, _every(lambda line: line + "\t")),
    "order": (_ordered, _shuffled),
    "cut": (_ends_in_number_or_bracket, _cut),
    "a line broken in two": (_columns, _broken_line),
    "two lines joined": (_columns, _joined("")),
    "two lines joined by a space": (_columns, _joined(" ")),
    "a NUL byte": (_columns, _inserted(b"\x00\n")),
    "a field missing in a line": (_columns, _one(_fields(lambda f: f[:-1]))),
    "a field more in a line": (_columns, _one(_fields(lambda f: [*f, "0.5"]))),
    "an empty field": (_columns, _one(_fields(lambda f: [*f[:-1], ""]))),
    "a word for a number": (_numbered, _one(_fields(lambda f: [*f[:-1], "x"]))),
    "nan": (_vectors, _one(_fields(lambda f: [*f[:-1], "nan"]))),
    "no key in a line": (_columns, _one(_fields(lambda f: f[1:]))),
    "no keys": (_vectors, _every(_fields(lambda f: f[1:]))),
    "keys last": (_vectors, _every(_fields(lambda f: [*f[1:], f[0]]))),
    "a key of two words": (_vectors, _inserted(b"New York 1 2 3 4 5\n")),
    "a record again, with other numbers": (
        _vectors,
        lambda good, rng: (
            good.content + re.sub(rb"^\S+", b"the", good.content.splitlines()[9]) + b"\n"
        ),
    ),
    "two spaces between fields": (_columns, _every(lambda line: line.replace(" ", "  "))),
    "two spaces in one line": (_columns, _one(lambda line: line.replace(" ", "  "))),
    "tabs for spaces": (_columns, _every(lambda line: line.replace(" ", "\t"))),
    "tabs for spaces in one line": (_columns, _one(lambda line: line.replace(" ", "\t"))),
    "spaces for tabs": (_columns, _every(lambda line: line.replace("\t", " "))),
    "spaces for tabs in one line": (_columns, _one(lambda line: line.replace("\t", " "))),
    "no-break spaces": (_spaced, _every(lambda line: line.replace(" ", "\u00a0"))),
    "commas between fields": (_spaced, _every(lambda line: line.replace(" ", ","))),
    "semicolons between fields": (_spaced, _every(lambda line: line.replace(" ", ";"))),
    "a comma after the key": (_spaced, _every(lambda line: line.replace(" ", ", ", 1))),
    "columns aligned": (_spaced, _every(_numbers(lambda n: f"{n:>12}"))),
    "numbers in brackets": (
        _spaced,
        _every(lambda line: re.sub(r"^(\S+) (.*)$", r"\1 [\2]", line)),
    ),
    "decimal commas": (_vectors, _every(_numbers(lambda n: n.replace(".", ",")))),
    "a decimal comma": (_vectors, _one(_numbers(lambda n: n.replace(".", ",")))),
    "exponents": (_vectors, _every(_numbers(lambda n: f"{float(n):.17e}"))),
    "signs before all numbers": (_vectors, _every(_numbers(lambda n: f"{float(n):+}"))),
    "no zero before the point": (_vectors, _every(_numbers(lambda n: re.sub(r"\b0\.", ".", n)))),
    "zeros after numbers": (_vectors, _every(_numbers(lambda n: n + "00"))),
    "hexadecimal numbers": (_vectors, _every(_numbers(lambda n: float(n).hex()))),
    "an f after numbers": (_vectors, _every(_numbers(lambda n: n + "f"))),
    "an underscore in numbers": (_vectors, _every(_numbers(lambda n: n.replace(".", "_0.")))),
    "keys quoted": (_vectors, _every(lambda line: re.sub(r"^([^\s]+)", r'"\1"', line))),
    "everything quoted": (_columns, _every(lambda line: re.sub(r"([^\s]+)", r'"\1"', line))),
    "keys as bytes of Python": (_vectors, _every(lambda line: re.sub(r"^(\S+)", r"b'\1'", line))),
    "a header": (_headless, _inserted(b"%d %d\n" % (len(RECORDS), DIM), 0)),
    "a header of pandas": (_vectors, _inserted(b"word 0 1 2 3 4\n", 0)),
    "an index": (
        _headless,
        lambda good, rng: b"".join(
            b"%d%s%s" % (i, b"\t" if b"\t" in line else b" ", line)
            for i, line in enumerate(good.content.splitlines(keepends=True))
        ),
    ),
    "a comment": (_ordered, _inserted(b"# made by a program\n", 0)),
    "no header": (_headed, _whole(lambda b: b.split(b"\n", 1)[1])),
    "a header that counts one too many": (
        _headed,
        _whole(lambda b: b"%d %d\n" % (len(RECORDS) + 1, DIM) + b.split(b"\n", 1)[1]),
    ),
    "a header that counts one too few": (
        _headed,
        _whole(lambda b: b"%d %d\n" % (len(RECORDS) - 1, DIM) + b.split(b"\n", 1)[1]),
    ),
    "a header of another width": (
        _headed,
        _whole(lambda b: b"%d %d\n" % (len(RECORDS), DIM + 1) + b.split(b"\n", 1)[1]),
    ),
    "a header with its parts in another order": (
        _headed,
        _whole(lambda b: b"%d %d\n" % (DIM, len(RECORDS)) + b.split(b"\n", 1)[1]),
    ),
    "an id that is taken": (
        _ids,
        _one(_fields(lambda f: ["5" if x.isdecimal() else x for x in f])),
    ),
    "JSON, indented": (_is_json, _json(lambda v: v, indent=2)),
    "JSON, not escaped": (_is_json, _json(lambda v: v, ensure_ascii=False)),
    "JSON, sorted": (lambda good: good.name != "list.json" and _is_json(good), _json(_reversed)),
    "JSON, twice": (_is_json, _whole(lambda b: b + b"\n" + b)),
    "JSON, a comma at the end": (_is_json, _whole(lambda b: b[:-1] + b"," + b[-1:])),
    "JSON, single quotes": (_is_json, _whole(lambda b: b.replace(b'"', b"'"))),
    "JSON in a string": (_is_json, _json(json.dumps)),
    "an id as text": (_with_ids, _one_id(str)),
    "an id as a real number": (_with_ids, _one_id(float)),
    "an id twice": (_with_ids, _one_id(lambda _: 5)),
    "an id below zero": (_with_ids, _one_id(lambda _: -5)),
    "an id that is true": (_with_ids, _one_id(lambda _: True)),
    "an id that is null": (_with_ids, _one_id(lambda _: None)),
    "ids as text": (
        _is_map,
        _json(lambda v: {t: str(i) for t, i in v.items()}),
    ),
    "id to token": (
        _is_map,
        _json(lambda v: {i: t for t, i in v.items()}),
    ),
    "pairs": (_is_map, _json(lambda v: list(v.items()))),
    "an element that is null": (
        _is_list,
        _json(lambda v: [*v[:5], None, *v[6:]]),
    ),
    "an element that is a number": (
        _is_list,
        _json(lambda v: [*v[:5], 7, *v[6:]]),
    ),
}
"""By name: of which files, and how."""
