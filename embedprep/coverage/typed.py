"""Values of the types that a record declares, from JSON that anyone may have written.

Comes in: a type, and a value as the JSON library returns it. Goes out: the same value as that type,
or a TypeError that names the member and what it is.
"""

from __future__ import annotations

import math
import types
from dataclasses import is_dataclass
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

_SHOWN = 40
_LARGEST = 1 << 63
"""Beyond every number that embedprep writes, and as large as NumPy's integers."""


def typed(kind: Any, value: Any, name: str) -> Any:
    """Return `value` as `kind`; members of a record that `kind` does not know are ignored.

    `kind` is a NamedTuple, a dataclass, `str`, `int`, `float`, `bool`, `Any`, None, or a tuple,
    dict or union of these. Raises TypeError, and KeyError for a member that is missing.
    """
    if kind is Any or _is_simple(kind, value):  # as in nearly all of a thousand missing tokens
        return value
    origin, inner = _parts(kind)
    if origin in (Union, types.UnionType):
        return _first_of(inner, value, name)
    if origin is tuple and isinstance(value, list):
        if inner[-1] is Ellipsis:
            return tuple(typed(inner[0], one, name) for one in value)
        if len(inner) == len(value):
            return tuple(typed(own, one, name) for own, one in zip(inner, value, strict=True))
    elif origin is dict and isinstance(value, dict):
        return {key: typed(inner[1], one, f"{name}.{key}") for key, one in value.items()}
    elif isinstance(value, dict) and hasattr(kind, "__annotations__"):
        return kind(
            **{
                member: typed(own, value[member], f"{name}.{member}")
                for member, own in _members(kind).items()
                if member in value or not _has_default(kind, member)
            }
        )
    shown = repr(value)
    raise TypeError(f"'{name}' is {shown[:_SHOWN]}{'…' * (len(shown) > _SHOWN)}")


def _first_of(kinds: tuple[Any, ...], value: Any, name: str) -> Any:
    if any(_is_simple(kind, value) for kind in kinds):
        return value
    *others, last = kinds
    for kind in others:
        try:
            return typed(kind, value, name)
        except (TypeError, KeyError):
            continue
    return typed(last, value, name)


def _is_simple(kind: Any, value: Any) -> bool:
    if kind in (int, float) and type(value) is int:
        return -_LARGEST < value < _LARGEST
    if kind is float:
        return type(value) is float and math.isfinite(value)
    return kind in (str, bool, types.NoneType) and type(value) is kind


@lru_cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    return get_origin(kind), get_args(kind)


@lru_cache
def _members(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind)


def _has_default(kind: type[Any], member: str) -> bool:
    if is_dataclass(kind):
        return hasattr(kind, member)
    return member in getattr(kind, "_field_defaults", {})
