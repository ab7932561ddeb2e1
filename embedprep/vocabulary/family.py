"""The definition of a family of vocabulary files: its name, which content is one, how to read it.

The module of its name in `families/` has `read`; if several families share a shape, each has
`claims` as well. Both see the decoded content and never a path. For JSON, `read` may rely on the
shape. A text file is also read if only the user says that it belongs to the family.
"""

from __future__ import annotations

import importlib
from typing import Any

from embedprep.named_tuples import NamedTuple
from embedprep.vocabulary.assembly import Entries
from embedprep.vocabulary.content import BinaryShape, Content, JsonShape, LineShape


class Family(NamedTuple):
    """One kind of vocabulary file; its module is imported only for files of this kind."""

    name: str
    written_by: str
    """The programs that write such files, for the error that lists all families."""
    shape: JsonShape | LineShape | BinaryShape
    """The shape of its content."""

    def claims(self, content: Content) -> bool:
        """Whether the content is of this family, and of no other."""
        if content.shape is not self.shape:
            return False
        return self.shape is not JsonShape.RECORD or bool(self._home().claims(content))

    def read(self, content: Content) -> Entries:
        """Return the tokens. Raises InputError for content that is damaged, or is no such file."""
        entries: Entries = self._home().read(content)
        return entries

    def _home(self) -> Any:
        module = self.name.replace("-", "_")
        return importlib.import_module(f"embedprep.vocabulary.families.{module}")
