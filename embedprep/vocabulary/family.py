"""The definition of a family of vocabulary files: its name, which content is one, how to read it.

Each module in `families/` contains one `FAMILY`. Its `claims` and `read` see the decoded content
and never a path. For JSON, `read` may rely on the shape that `claims` requires. A text file is also
read if only the user says that it belongs to the family.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import BinaryShape, Content, JsonShape, LineShape


class Family(NamedTuple):
    """One kind of vocabulary file."""

    name: str
    written_by: str
    """The programs that write such files, for the error that lists all families."""
    medium: Literal["json", "text", "binary"]
    claims: Callable[[Content], bool]
    read: Callable[[Content], Entries]


def of_shape(shape: JsonShape | LineShape | BinaryShape) -> Callable[[Content], bool]:
    """Return the claim of a family that is the only one with a shape."""
    return lambda content: content.shape is shape
