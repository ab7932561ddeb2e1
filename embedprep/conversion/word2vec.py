"""word2vec's two formats, as gensim and the C program write and read them."""

from __future__ import annotations

from embedprep.containers import AtomicFile
from embedprep.conversion.keys import either, not_longer, not_without
from embedprep.conversion.records import Table
from embedprep.vectors.blocks import MAX_LINE_BYTES
from embedprep.vectors.detection import HEAD_BYTES

refuses_in_text = either(
    not_without(
        {b" ": "a space", b"\t": "a tab", b"\n": "a line break", b"\r": "a carriage return"}
    ),
    not_longer(MAX_LINE_BYTES // 2),  # the other half is for the values
)
# The first record shows what the file is, so its values must be in the part that is looked at.
refuses_in_binary = either(
    not_without({b" ": "a space", b"\n": "a line break"}), not_longer(HEAD_BYTES // 2)
)


def write_text(table: Table, files: list[AtomicFile]) -> None:
    """Write a header and a line per record, with the fewest digits that keep each float32."""
    [file] = files
    file.write(_header(table))
    for keys, rows in table.chunks():
        texts = rows.astype("S").tolist()
        file.write(
            b"".join(
                key + b" " + b" ".join(values) + b"\n"
                for key, values in zip(keys, texts, strict=True)
            )
        )


def write_binary(table: Table, files: list[AtomicFile]) -> None:
    """Write a header, and per record a key, a space and raw float32, without newlines."""
    [file] = files
    file.write(_header(table))
    for keys, rows in table.chunks():
        values, size = rows.astype("<f4", copy=False).data.cast("B"), 4 * table.dim
        begins = range(0, len(values), size)
        file.write(
            b"".join(
                part
                for key, begin in zip(keys, begins, strict=True)
                for part in (key, b" ", values[begin : begin + size])
            )
        )


def _header(table: Table) -> bytes:
    return b"%d %d\n" % (len(table.keys), table.dim)
