"""The description of an option besides its name and type: its kind, check and help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import partial
from types import MappingProxyType
from typing import Any

from embedprep.named_tuples import NamedTuple
from embedprep.options import arguments
from embedprep.options.arguments import one_of

EVERYDAY = "Most used options"
INPUTS = "Inputs"
ROWS = "Tokens and rows"
FINDING = "Find more vectors"
WITHOUT_VECTOR = "Rows without a vector"
POST = "Change the rows"
OUTPUT = "Output"
STRICTNESS = "When to stop"
SPEED = "Speed"
MESSAGES = "Messages"
GROUPS = (
    EVERYDAY,
    INPUTS,
    FINDING,
    WITHOUT_VECTOR,
    POST,
    ROWS,
    OUTPUT,
    STRICTNESS,
    SPEED,
    MESSAGES,
)
"""The groups of options in the help, in their order."""


class Kind(NamedTuple):
    """The kind of value that an option takes."""

    read: Callable[[str, Any], Any]
    """Returns the value of an option, given its name and what a user gave. Raises UsageError."""
    types: tuple[type, ...] = (str,)
    """Its types in a `jobs.toml`."""
    metavar: str | None = None
    is_file: bool = False
    is_list: bool = False
    """Whether it is repeated on the command line, and a list in a `jobs.toml`."""
    is_joined: bool = False
    """Whether one word may hold several values, joined by commas."""


FLAG = Kind(arguments.read_flag, (bool,))
TEXT = Kind(arguments.read_text, metavar="NAME")
FILE = Kind(arguments.read_file, metavar="FILE", is_file=True)
FILES = Kind(arguments.read_files, metavar="FILE", is_file=True, is_list=True)
NAMES = Kind(arguments.read_names, metavar="RULE,...", is_list=True, is_joined=True)
STEPS = NAMES._replace(metavar="STEP,...")
VOCAB = Kind(arguments.read_vocab, metavar="FILE", is_file=True)
WHOLE = Kind(arguments.read_whole, (int,), "N")
COUNT = Kind(partial(arguments.read_whole, least=0), (int,), "N")
POSITIVE = Kind(partial(arguments.read_whole, least=1), (int,), "N")
POSITIVE_OR_AUTO = Kind(arguments.read_whole_or_auto, (int, str), "N|auto")
NUMBER = Kind(arguments.read_number, (int, float), "X")
NUMBER_OR_MATCH = Kind(arguments.read_number_or_match, (int, float, str), "X|match")


class Option(NamedTuple):
    """Everything about an option except its name, type and default."""

    group: str
    """Its group in the help."""
    kind: Kind
    help: str
    values: tuple[str, ...] = ()
    default_shown: str | None = None
    """The default as help shows it, if the value itself says nothing."""
    short: str | None = None
    flags: Mapping[str, object] = MappingProxyType({})
    """Command-line switches that stand for a value."""
    is_trust: bool = False
    """Whether it lets others run code here. Only who runs embedprep may say that: no file may."""

    def read(self, name: str, value: Any, default: Any) -> Any:
        """Return `value`, checked, as the program has it; None only if that is the default."""
        if value is None and default is None:
            return None
        value = self.kind.read(name, value)
        if self.values and not self.kind.is_list:
            one_of(name, value, self.values)
        return value


def option_field(group: str, kind: Kind, default: object, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"option": Option(group, kind, help, **more)})


def flag_field(group: str, flag: str, default: bool, help: str, **more: Any) -> Any:
    return option_field(group, FLAG, default, help, flags={flag: not default}, **more)
