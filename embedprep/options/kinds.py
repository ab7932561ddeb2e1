"""The description of an option besides its name and type: its kind, check and help."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from embedprep.options import arguments
from embedprep.options.arguments import one_of


@dataclass(frozen=True)
class Kind:
    """What the value of an option is."""

    read: Callable[[str, Any], Any]
    """Given the option's name and a value, the value as the program has it. Raises UsageError."""
    types: tuple[type, ...] = (str,)
    """What it is in a `jobs.toml`."""
    metavar: str | None = None
    is_file: bool = False
    is_list: bool = False
    """Repeated on the command line; a list in a `jobs.toml`."""
    is_joined: bool = False
    """Several may stand in one word, with commas between."""


FLAG = Kind(arguments.read_flag, (bool,))
TEXT = Kind(arguments.read_text, metavar="NAME")
FILE = Kind(arguments.read_file, metavar="FILE", is_file=True)
FILES = Kind(arguments.read_files, metavar="FILE", is_file=True, is_list=True)
NAMES = Kind(arguments.read_names, metavar="RULE,…", is_list=True, is_joined=True)
VOCAB = Kind(arguments.read_vocab, metavar="FILE", is_file=True)
WHOLE = Kind(arguments.read_whole, (int,), "N")
POSITIVE = Kind(partial(arguments.read_whole, least=1), (int,), "N")
POSITIVE_OR_AUTO = Kind(arguments.read_whole_or_auto, (int, str), "N|auto")
NUMBER = Kind(arguments.read_number, (int, float), "X")


@dataclass(frozen=True)
class Option:
    """All that is known of an option but for its name, type and default."""

    kind: Kind
    help: str
    values: tuple[str, ...] = ()
    default_shown: str | None = None
    """How help calls the default, where the value itself would say nothing."""
    short: str | None = None
    flags: Mapping[str, object] = field(default_factory=dict)
    """Command-line switches that stand for a value."""
    is_trust: bool = False
    """Whether it lets others run code here. Only who runs embedprep may say that: no file may."""

    def read(self, name: str, value: Any, default: Any) -> Any:
        """`value`, checked, as the program has it; None only where it is the default."""
        if value is None and default is None:
            return None
        value = self.kind.read(name, value)
        if self.values and not self.kind.is_list:
            one_of(name, value, self.values)
        return value


def option_field(kind: Kind, default: object, help: str, **more: Any) -> Any:
    return field(default=default, metadata={"option": Option(kind, help, **more)})


def flag_field(flag: str, default: bool, help: str, **more: Any) -> Any:
    return option_field(FLAG, default, help, flags={flag: not default}, **more)
