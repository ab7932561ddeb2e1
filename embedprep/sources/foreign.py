"""Files packed in a way, or by a program, that embedprep does not read: what they are, and the
command that makes something readable of them.

A new kind of file is one row of `PACKED`, or of `_ZIPPED`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.sources.rewriting import converting


class Foreign(NamedTuple):
    """A kind of file that is not read, and the remedy."""

    what: str
    """The kind of file, as in `it is …`."""
    advice: str
    program: str | None = None
    """A shell command that takes the file as its argument. It writes text to standard output or, if
    `writes`, into the file that its second argument names.
    """
    writes: str | None = None
    """The ending of the file that `program` writes itself."""

    def refusal(
        self, path: str, compression: str | None = None, *, also: str | None = None
    ) -> InputError:
        """Return the error for the file at `path`; `also` is another argument of the command."""
        remedy = self.advice
        if self.program is not None:
            command = converting(path, self.program, compression, self.writes, also)
            remedy += f":\n    {command}"
        return InputError(f"it is {self.what}", remedy, path=path, byte=0)


def python(code: str) -> str:
    """Return the shell command that runs `code` in Python."""
    return f'python3 -X utf8 -c "{code}"'


DOCUMENT = rb"%PDF-|\{\\rtf"
"""How documents of word processors and printers begin, which contain text but are none."""

OLD_PICKLE = (
    rb"[}\]]q[\0\1]"
    rb"|\(\(?(?:[ld]p[01]\n|V[^\n]*\np[01]\n|S'[^\n]*'\np[01]\n|I[0-9]+\n)"
    rb"|c[A-Za-z_.0-9]+\n[A-Za-z_]+\np[01]\n"
)
"""How Python pickles of the first two protocols begin, which Python 2 wrote without a mark."""

_UNPACK = "Unpack it, and name the file inside"
_UNPACKED = "Unpack it"

PACKED: tuple[tuple[bytes, Foreign], ...] = (
    (rb"7z\xbc\xaf\x27\x1c", Foreign("a 7-Zip archive", _UNPACK, "7z x")),
    (rb"Rar!\x1a\x07", Foreign("a RAR archive", _UNPACK, "unrar x")),
    (
        rb"[\x5d\x5e\x6d]\0\0..(?:\xff{8}|.{5}\0{3})",
        Foreign("compressed as .lzma, the old format of xz", _UNPACKED, "xz --format=lzma -dc"),
    ),
    (rb"\x04\x22\x4d\x18|\x02\x21\x4c\x18", Foreign("compressed with lz4", _UNPACKED, "lz4 -dc")),
    (rb"\x1f\x9d[\x80-\xff]", Foreign("compressed as .Z", _UNPACKED, "gzip -dc")),
    (rb"LZIP\x01", Foreign("compressed with lzip", _UNPACKED, "lzip -dc")),
    (rb"\x89LZO\0\r\n\x1a\n", Foreign("compressed with lzop", _UNPACKED, "lzop -dc")),
    (rb"\xff\x06\0\0sNaPpY", Foreign("compressed with snappy", _UNPACKED, "snzip -dc")),
)
"""Patterns of the first bytes, and what such a file is."""


def refuse_packed(head: bytes, path: str, compression: str | None) -> None:
    """Raise for a file whose first bytes are those of an unsupported compression or archive."""
    for beginning, foreign in PACKED:
        if re.match(beginning, head, re.DOTALL):
            raise foreign.refusal(path, compression)


def torch_file(pickled: bytes) -> Foreign:
    """Describe a file that PyTorch saved; `pickled` is the beginning of its pickled content."""
    what = "a PyTorch file, a pickle and its numbers"
    # In old files two pickles with facts about the system come first.
    start = pickled[pickled.rfind(b".\x80\x02", 0, 300) + 1 :][:40]
    if b"OrderedDict" in start or start[2:3] == b"}" or b"_rebuild_tensor" in start:
        return Foreign(
            what,
            "Write its table as .npy, and name the tokens of the table with --vectors-tokens",
            'python3 -c "import numpy, sys, torch; '
            "d = torch.load(sys.argv[1], weights_only=True); "
            "d = d if isinstance(d, dict) else {'': d}; "
            "numpy.save(sys.argv[2], max((v.float() for v in d.values() if v.ndim == 2), key=len)"
            '.numpy())"',
            writes=".npy",
        )
    return Foreign(
        what,
        "If torchtext wrote it, name the .txt or .zip that it was made of, or write it as text",
        python(
            "import sys, torch; "
            "d = torch.load(sys.argv[1], weights_only=True); "
            "[print(word, *row) for word, row in zip(d[0], d[2].tolist())]"
        ),
    )


_WORDS = re.compile("word|token|vocab|key|label|name|index|itos", re.IGNORECASE)


def _matrix(names: Sequence[str]) -> str:
    """Return the array of a `.npz` that is likeliest to be its matrix."""
    return next((name for name in names if not _WORDS.search(name)), names[0])


def refuse_zipped(names: Sequence[str], read: Callable[[str], bytes], path: str) -> None:
    """Raise for a zip file that is a program's own format, recognised by its members `names`.

    `read` returns the first bytes of a member.
    """
    bases = {os.path.basename(name): name for name in reversed(names)}
    if "data.pkl" in bases:
        raise torch_file(read(bases["data.pkl"])).refusal(path)
    if "[Content_Types].xml" in bases:
        raise Foreign(
            "a document of an office program, as .xlsx",
            "Save it there as text, separated by tabs, and name that file.",
        ).refusal(path)
    if len(names) > 1 and all(name.endswith(".npy") for name in names):
        raise Foreign(
            "a NumPy archive (.npz) of " + ", ".join(name[:-4] for name in names[:5]),
            f"Name its matrix, as {path}::{_matrix(names)}, and the file of its tokens "
            "with --vectors-tokens. If the tokens are in it, write it as text",
            python(
                "import numpy, sys; a = [*numpy.load(sys.argv[1]).values()]; "
                "words = next(x for x in a if x.dtype.kind in 'US' and x.ndim == 1); "
                "rows = next(x for x in a if x.dtype.kind == 'f' and x.ndim == 2); "
                "[print(w, *r) for w, r in zip(words.astype(str), rows.tolist())]"
            ),
        ).refusal(path)
