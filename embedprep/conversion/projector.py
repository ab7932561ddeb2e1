"""The two files of the TensorBoard Embedding Projector: vectors, and a label for each."""

from __future__ import annotations

from embedprep.containers import AtomicFile
from embedprep.conversion.keys import either, not_text, not_without
from embedprep.conversion.records import Table

refuses = either(
    not_text,
    not_without({b"\t": "a tab", b"\n": "a line break", b"\r": "a carriage return"}),
)


def write(table: Table, files: list[AtomicFile]) -> None:
    """Write `words.tsv`, tabs between values, and `words.metadata.tsv`, one key per line."""
    vectors, metadata = files
    for keys, rows in table.chunks():
        lines = [b"\t".join(values) + b"\n" for values in rows.astype("S").tolist()]
        vectors.write(b"".join(lines))
        metadata.write(b"".join(key + b"\n" for key in keys))
