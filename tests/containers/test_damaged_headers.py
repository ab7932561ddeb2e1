"""A header is text of a stranger: whatever it says, both readers of a file refuse it as bad input.

`containers.read` opens a matrix that embedprep built, `open_vectors` reads any array as vectors.
"""

from __future__ import annotations

import json
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import embedprep
from embedprep import containers
from embedprep.errors import InputError, UsageError
from embedprep.vectors import Request, open_vectors

TOKENS = ["<pad>", "the", "zebra", "cat"]

damaging = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def built(workdir: Path) -> None:
    Path("v.txt").write_bytes(b"the 1 2\ncat 3 4\n")
    for ending in containers.SUFFIXES:
        embedprep.build("v.txt", TOKENS, f"m{ending}")
    Path("list.json").write_text(json.dumps(TOKENS))


def read_on_both_sides(name: str, content: bytes) -> None:
    Path(name).write_bytes(content)
    with suppress(InputError):
        containers.read(name)
    with suppress(InputError):
        containers.is_sealed(name)
    format = {".h5": "hdf5"}.get(Path(name).suffix, Path(name).suffix[1:])
    for tokens in (None, "list.json"):
        # A built matrix has its tokens inside, and says so where others are named.
        refusals = (InputError,) if tokens is None else (InputError, UsageError)
        request = Request(name, format=format, tokens=tokens)
        with suppress(*refusals), closing(open_vectors(request)) as file:
            list(file.hits([b"the", b"cat"]))


# ---- .npy: a Python literal

WORDS = ["<f4", "f4", "|O", "|V0", "<U0", "<M8", "V8", "", "x", "f4,f4", "(2,)f4", "descr", "shape"]
NUMBERS = [0, 1, 2, 3, 4, -1, True, 2**31, 2**62, 2**63, 10**30, 1.5, None, ...]
literals = st.recursive(
    st.sampled_from([*WORDS, *NUMBERS]) | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3)
    ),
    max_leaves=8,
)


def array_header(text: str) -> bytes:
    encoded = text.encode("latin-1", "replace")
    return b"\x93NUMPY\x01\x00" + len(encoded).to_bytes(2, "little") + encoded


def with_member(name: str, value: object, *, of: int) -> bytes:
    """The matrix as built, whose array number `of` says `value` for this member of its header."""
    content = Path("m.npy").read_bytes()
    begin = -1
    for _ in range(of + 1):
        begin = content.index(b"\x93NUMPY", begin + 1)
    end = begin + 10 + int.from_bytes(content[begin + 8 : begin + 10], "little")
    header: dict[str, object] = eval(content[begin + 10 : end])  # noqa: S307  we wrote it
    header[name] = value
    return content[:begin] + array_header(f"{header!r}\n") + content[end:]


@damaging
@given(st.sampled_from(["descr", "shape", "fortran_order"]), literals, st.integers(0, 9))
@example("descr", (), 0)
@example("descr", (), 1)
@example("descr", ("<f4",), 0)
@example("descr", [()], 0)
@example("descr", ("<f4", -1), 0)
@example("shape", (0, 2**70), 0)
@example("shape", (2**70, 0), 0)
@example("shape", (True, 2), 0)
@example("shape", (0,) * 99, 0)
def test_any_member_of_an_array_header(name: str, value: object, of: int) -> None:
    read_on_both_sides("damaged.npy", with_member(name, value, of=of))


@damaging
@given(st.data())
def test_any_text_in_an_array_header(data: st.DataObject) -> None:
    content = bytearray(Path("m.npy").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 75))] = data.draw(
            st.sampled_from(b"(){}[],:'\"\\#\n\t\0 -1e.<>|O\xff")
        )
    read_on_both_sides("damaged.npy", bytes(content))


# ---- safetensors: JSON

NAMES = ["F32", "F16", "BF16", "I8", "I64", "U8", "F8_E4M3", "BOOL", "", "embeddings", "tokens"]
values = st.recursive(
    st.sampled_from([*NAMES, *NUMBERS[:-1]]) | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=8,
)


@damaging
@given(
    st.sampled_from(["embeddings", "tokens", "token_offsets", "provenance", "report", "seal"]),
    st.sampled_from(["dtype", "shape", "data_offsets", None]),
    values,
)
@example("embeddings", "shape", [0, 2**40])
@example("embeddings", "shape", [2**62] * 5000)
@example("embeddings", None, "F32")
def test_any_entry_of_a_tensor_header(tensor: str, member: str | None, value: Any) -> None:
    content = Path("m.safetensors").read_bytes()
    entries = json.loads(content[8:4096])
    if member is None:
        entries[tensor] = value
    else:
        entries[tensor][member] = value
    text = json.dumps(entries).encode()
    damaged = len(text).to_bytes(8, "little") + text + content[4096:]
    read_on_both_sides("damaged.safetensors", damaged)


@damaging
@given(st.integers(8, 1000), st.binary(min_size=1, max_size=4))
def test_any_bytes_in_a_tensor_header(place: int, damage: bytes) -> None:
    content = Path("m.safetensors").read_bytes()
    damaged = content[:place] + damage + content[place + len(damage) :]
    read_on_both_sides("damaged.safetensors", damaged)


# ---- HDF5: binary structures before the rows, and between them and the arrays


@damaging
@given(st.integers(0), st.binary(min_size=1, max_size=8))
def test_any_bytes_in_an_hdf5_file(place: int, damage: bytes) -> None:
    content = Path("m.h5").read_bytes()
    place %= len(content) - len(damage)
    damaged = content[:place] + damage + content[place + len(damage) :]
    read_on_both_sides("damaged.h5", damaged)
