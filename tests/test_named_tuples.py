"""A named tuple of ours does what one of Python's does."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple as Pythons
from typing import Self

import pytest

import embedprep
from embedprep.named_tuples import NamedTuple


class Ours(NamedTuple):
    """A record."""

    name: str
    size: int = 0
    parts: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return 2 * self.size

    @classmethod
    def empty(cls) -> Self:
        return cls("")


class Theirs(Pythons):
    """A record."""

    name: str
    size: int = 0
    parts: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return 2 * self.size

    @classmethod
    def empty(cls) -> Self:
        return cls("")


class OursAndMore(Ours):
    def half(self) -> float:
        return self.size / 2


class TheirsAndMore(Theirs):
    def half(self) -> float:
        return self.size / 2


def _set(record: Ours | Theirs) -> None:
    record.size = 3  # type: ignore[misc]


def _add(record: Ours | Theirs) -> None:
    record.more = 3  # type: ignore[union-attr]


def _again(record: Ours | Theirs) -> object:
    return pickle.loads(pickle.dumps(record))  # noqa: S301


WAYS: dict[str, Callable[[type[Ours] | type[Theirs]], object]] = {
    "by position": lambda cls: tuple(cls("a", 1, ("b",))),
    "by name": lambda cls: tuple(cls(size=1, name="a")),
    "defaults": lambda cls: tuple(cls("a")),
    "none": lambda cls: cls(),  # type: ignore[call-arg]
    "too many": lambda cls: cls("a", 1, (), 2),  # type: ignore[call-arg]
    "unknown": lambda cls: cls("a", other=1),  # type: ignore[call-arg]
    "attributes": lambda cls: (cls("a", 1).name, cls("a", 1).size, cls("a").parts),
    "a method": lambda cls: (cls("a", 4).doubled, tuple(cls.empty())),
    "a change": lambda cls: tuple(cls("a")._replace(size=2)),
    "twice": lambda cls: cls("a", name="b"),  # type: ignore[misc]
    "as a dict": lambda cls: cls("a")._asdict(),
    "fields": lambda cls: (cls._fields, cls._field_defaults, cls.__match_args__),
    "representation": lambda cls: repr(cls("a")).partition("(")[2],
    "equality": lambda cls: (cls("a") == cls("a"), cls("a") == cls("b"), hash(cls("a"))),
    "unpacking": lambda cls: [*cls("a", 1)],
    "a copy": lambda cls: (tuple(copy.deepcopy(cls("a"))), type(copy.copy(cls("a"))) is cls),
    "pickled": lambda cls: _again(cls("a", 1)) == cls("a", 1),
    "what it is": lambda cls: (cls.__module__, cls.__doc__, issubclass(cls, tuple)),
    "a field is set": lambda cls: _set(cls("a")),
    "a name is added": lambda cls: _add(cls("a")),
}


def _said(attempt: Callable[[], object]) -> object:
    try:
        return attempt()
    except (AttributeError, TypeError, ValueError) as error:
        return type(error)


@pytest.mark.parametrize("way", WAYS)
def test_it_does_what_that_of_python_does(way: str) -> None:
    assert _said(lambda: WAYS[way](Ours)) == _said(lambda: WAYS[way](Theirs))


def test_a_subclass_has_the_fields_of_its_record() -> None:
    for cls in (OursAndMore, TheirsAndMore):
        assert cls("a", 3).half() == 1.5
        assert repr(cls("a")) == f"{cls.__name__}(name='a', size=0, parts=())"


def test_a_pattern_takes_it_apart() -> None:
    match Ours("a", 2):
        case Ours(name, size):
            assert (name, size) == ("a", 2)


def test_an_unknown_change_is_refused() -> None:
    with pytest.raises(TypeError):
        Ours("a")._replace(other=2)  # type: ignore[call-arg]


def test_each_module_that_has_some_keeps_its_annotations_as_texts() -> None:
    # From Python 3.14 on, a class body has none without this line.
    for path in Path(embedprep.__file__).parent.rglob("*.py"):
        text = path.read_text()
        if "(NamedTuple)" in text:
            assert "\nfrom __future__ import annotations\n" in text, path
