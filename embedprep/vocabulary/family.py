"""What a family of vocabulary files is: a name, whether a content is one, and how to read it.

Each module in `families/` holds one `FAMILY`. Its `claims` and `read` see the decoded content
and never a path; `read` may rely on the shape that `claims` demands for JSON, while a text file
is also read when only the user says that it is of the family.
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
    """Who writes such files, for the error that lists all families."""
    medium: Literal["json", "text", "binary"]
    claims: Callable[[Content], bool]
    read: Callable[[Content], Entries]


def of_shape(shape: JsonShape | LineShape | BinaryShape) -> Callable[[Content], bool]:
    """The claim of a family that has a shape to itself."""
    return lambda content: content.shape is shape
