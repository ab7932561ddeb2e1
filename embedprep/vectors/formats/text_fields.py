"""Texts whose records are not divided as those of vectors are: by other characters, or in brackets.

Comes in: the `Sample` of a text. Goes out: why it is not read, and the program that divides it
anew. A new oddity is one function and one row of `FIELDS`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from embedprep.sources.foreign import python
from embedprep.vectors.formats.text_evidence import (
    NUMBER,
    Refusal,
    Sample,
    excerpt,
    trailing_numbers,
)

_BLANKS = re.compile(rb"[ \t]+")
_DECIMAL_COMMA = rb"(?i)[-+]?[0-9]*,[0-9]+(?:e[-+]?[0-9]+)?"
_MINUS_SIGNS = ("\u2212".encode(), "\u2013".encode())
_BRACKETED = rb"[ \t,;:]\"?(?:(?:array|tensor)\()?[\[({][^\[({]*[0-9.][ \t]*[\])}]\"?"
_PRINTED = r"\s*(?:\w+\()?\[[^\[\]]*[0-9.]\s*\]"
_SIGNS = ",;:=&|"
_SIGN_AT_END = rb"[0-9.][ \t]*(?:[,;|]|\\\\)\Z"
_NUMBER_IN_KEY = rb"(?is).+[%b][ \t]*[-+]?[0-9]*\.[0-9]+(?:e[-+]?[0-9]+)?[ \t%b]*" % (
    _SIGNS.encode(),
    _SIGNS.encode(),
)


def _by(shown: Sample, split: Callable[[bytes], Sequence[bytes]]) -> int:
    """Return how many numbers would end most records if they were `split` this way."""
    counts = Counter(trailing_numbers(split(record)[1:]) for record in shown.records)
    number, records = counts.most_common(1)[0]
    return number if 2 * records > len(shown.records) else 0


def _column_of_vectors(shown: Sample) -> Refusal | None:
    """A table with vectors in one column, as pandas writes lists and arrays; they may have line
    breaks. One without a header, an index and line breaks is read a line at a time.
    """
    if not any(re.search(rb"[,;\t]\"?(?:\w+\()?\[", record) for record in shown.records):
        return None
    import csv

    for delimiter in ",;\t":
        lines = [record.decode("utf-8", "replace") + "\n" for record in shown.records]
        try:
            table = list(csv.reader(lines, delimiter=delimiter))
        except csv.Error:
            continue
        width = Counter(map(len, table)).most_common(1)[0][0]
        rows = [row for row in table if len(row) == width]
        printed = [
            sum(re.match(_PRINTED, field) is not None for field in fields)
            for fields in zip(*rows, strict=True)
        ]
        column = printed.index(max(printed))
        header = re.match(_PRINTED, rows[0][column]) is None
        most = 5 * printed[column] >= 4 * (len(table) - 1 - header)  # the last one may be cut off
        if width < 2 or not printed[column] or not most:
            continue
        if width == 2 and not header and len(table) == len(lines):
            continue
        others = [i for i in range(width) if i != column]
        key = min(others, key=lambda i: sum(row[i].strip().isdecimal() for row in rows))
        return Refusal(
            f"its vectors are a column of a table: '{excerpt(shown.records[0])}'",
            "Write keys and vectors alone",
            python(
                "import csv, sys; "
                f"rows = csv.reader(sys.stdin, delimiter={delimiter!r}); "
                + ("next(rows); " if header else "")
                + f"[print(row[{key}], *row[{column}].partition('[')[2].partition(']')[0]"
                ".replace(',', ' ').split()) for row in rows]"
            ),
        )
    return None


def _other_line_breaks(shown: Sample) -> Refusal | None:
    records = b"\n".join(shown.records).decode("utf-8", "replace").splitlines()
    if len(records) < 2 * len(shown.records):
        return None
    split = [record.encode().split(shown.separator) for record in records]
    if 2 * sum(trailing_numbers(fields[1:]) > 0 for fields in split) <= len(split):
        return None
    return Refusal(
        f"other characters than line breaks end its records: '{excerpt(shown.records[0])}'",
        "Write line breaks for them",
        python("import sys; [print(*r.splitlines(), sep=chr(10)) for r in sys.stdin]"),
    )


def _signs_at_end(shown: Sample) -> Refusal | None:
    ending = [record for record in shown.records if record.endswith((b",", b";", b"|", b"\\"))]
    if not shown.most(sum(re.search(_SIGN_AT_END, record) is not None for record in ending)):
        return None
    return Refusal(
        f"its lines end in a sign after the last number: '{excerpt(shown.records[0])}'",
        "Take it away",
        r"sed -E 's/[[:space:],;|\]+$//'",
    )


def _decimal_commas(shown: Sample) -> Refusal | None:
    odd = 0
    for record in shown.records:
        if b"," not in record:
            continue
        fields = _BLANKS.split(record)[1:]
        commas = sum(re.fullmatch(_DECIMAL_COMMA, field) is not None for field in fields)
        odd += 2 * commas > len(fields)
    if not shown.most(odd):
        return None
    return Refusal(
        f"its numbers have decimal commas: '{excerpt(shown.records[0])}'",
        "Write points for them, except in the keys",
        r"sed 's/\([[:blank:]][-+]*[0-9]*\),/\1./g'",
    )


def _other_signs(shown: Sample) -> Refusal | None:
    """Numbers whose minus is not the one of ASCII, as a word processor writes it."""
    if not any(sign in record for sign in _MINUS_SIGNS for record in shown.records):
        return None

    def split(record: bytes) -> list[bytes]:
        for sign in _MINUS_SIGNS:
            record = record.replace(sign, b"-")
        return record.split(shown.separator)

    few = any(
        trailing_numbers(split(record)[1:]) == shown.dim > count
        for record, count in zip(shown.records, shown.trailing, strict=True)
    )
    if not few and _by(shown, split) <= shown.dim:
        return None
    return Refusal(
        f"its numbers have a typographic minus sign: '{excerpt(shown.records[0])}'",
        "Write hyphens for them",
        "sed 's/[[:blank:]]\\(−\\|–\\)/ -/g'",  # noqa: RUF001
    )


def _key_last(shown: Sample) -> Refusal | None:
    split = [record.split(shown.separator) for record in shown.records]
    last = sum(
        len(fields) > 2
        and not NUMBER.fullmatch(fields[-1])
        and trailing_numbers(fields[:-1]) == len(fields) - 1
        for fields in split
    )
    if not shown.most(last):
        return None
    return Refusal(
        f"its keys are after their vectors: '{excerpt(split[0][-1])}' ends the first record",
        "Write them first",
        "sed 's/^\\(.*\\)[[:blank:]]\\([^[:blank:]]*\\)$/\\2 \\1/'",
    )


def _brackets(shown: Sample) -> Refusal | None:
    closing = [
        record for record in shown.records if any(sign in record for sign in (b"]", b")", b"}"))
    ]
    if not shown.most(sum(re.search(_BRACKETED, record) is not None for record in closing)):
        return None
    return Refusal(
        f"its vectors stand in brackets: '{excerpt(shown.records[0])}'",
        "Take these away",
        python(
            "import re, sys; "
            r"[print(re.sub(r'^\(?(\x22|\x27)(.+)\1$', r'\2', m[1]), "
            r"*re.findall(r'[^\s,;\])}]+', m[2])) if m else print(line, end='') "
            r"for line in sys.stdin "
            r"for m in [re.match(r'(.+?)[\s,;:=]*\x22?(?:(?:array|tensor)\()?[\[({]"
            r"([^\[({\])}]*)[\])}].*$', line)]]"
        ),
    )


def _other_delimiter(shown: Sample) -> Refusal | None:
    for delimiter, name in ((b";", "semicolons"), (b"|", "bars"), (b",", "commas")):

        def split(record: bytes, delimiter: bytes = delimiter) -> list[bytes]:
            fields = [field.strip(b' \t"') for field in record.split(delimiter)]
            return [field.replace(b",", b".") for field in fields] if delimiter != b"," else fields

        dim = _by(shown, split)
        if dim > max(shown.dim, 0 if delimiter == b"," else 1):
            sign = delimiter.decode()
            # A key that is the delimiter, and stands without quotes, makes two empty fields.
            return Refusal(
                f"its fields are separated by {name}: '{excerpt(shown.records[0])}'",
                "Write spaces for them",
                python(
                    "import csv, sys; "
                    f"[print(('{sign}' if '' in row[1:-{dim}] else ' ').join(row[:-{dim}]), "
                    f"*(value.strip().replace(',', '.') for value in row[-{dim}:])) for row in "
                    f"csv.reader(sys.stdin, delimiter='{sign}', skipinitialspace=True)]"
                ),
            )
    return None


def _aligned(shown: Sample) -> Refusal | None:
    separator = shown.separator
    double = sum(separator * 2 in record.lstrip(separator) for record in shown.records)
    indented = sum(record.startswith(separator) for record in shown.records[1:])
    other = b" " if separator == b"\t" else b"\t"
    if not (double or indented or any(other in record for record in shown.records)):
        return None
    squeezed = _by(shown, lambda record: _BLANKS.split(record.strip(b" \t")))
    if not (
        squeezed > shown.dim
        or (squeezed and separator == b" " and 2 * max(double, indented) > len(shown.records))
    ):
        return None
    mixed = b"\t" in shown.records[0] and b" " in shown.records[0]
    return Refusal(
        ("tabs and spaces separate" if mixed else "several blanks stand between")
        + f" its fields: '{excerpt(shown.records[0])}'",
        "Write one space for them",
        r"tr -s ' \t' ' ' | sed 's/^ //'",
    )


def _other_blanks(shown: Sample) -> Refusal | None:
    def split(record: bytes) -> list[bytes]:
        return [field.encode() for field in record.decode("utf-8", "replace").split()]

    if shown.dim or not _by(shown, split):
        return None
    return Refusal(
        f"other blanks than spaces and tabs separate its fields: '{excerpt(shown.records[0])}'",
        "Write spaces for them",
        python("import sys; [print(*line.split()) for line in sys.stdin]"),
    )


def _signs_between(shown: Sample) -> Refusal | None:
    """Signs before some of the numbers, so that these seem to belong to the keys."""
    if not shown.dim:
        return None
    keys = [record.rsplit(shown.separator, shown.dim)[0] for record in shown.records]
    keys = [key for key in keys if b"." in key]
    if not shown.most(sum(re.fullmatch(_NUMBER_IN_KEY, key) is not None for key in keys)):
        return None
    dim = _by(shown, lambda record: re.split(rb"[ \t%b]+" % _SIGNS.encode(), record))
    return Refusal(
        f"other signs than blanks separate its fields: '{excerpt(shown.records[0])}'",
        "Write spaces for them",
        python(
            "import re, sys; "
            f"[print(m[1], *re.split(r'[\\s{_SIGNS}]+', m[2])[1:]) for line in sys.stdin "
            f"for m in [re.match(r'(.+?)((?:[\\s{_SIGNS}]+[^\\s{_SIGNS}]+)"
            f"{{{dim}}})\\s*$', line)]]"
        ),
    )


FIELDS: tuple[Callable[[Sample], Refusal | None], ...] = (
    _column_of_vectors,
    _other_line_breaks,
    _signs_at_end,
    _decimal_commas,
    _other_signs,
    _key_last,
    _brackets,
    _other_delimiter,
    _aligned,
    _signs_between,
    _other_blanks,
)
"""The checks in the order of their remedies."""
