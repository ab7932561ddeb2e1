"""In every situation the rows of a model are right, or it is refused with a remedy."""

from __future__ import annotations

from weakref import WeakSet

import pytest

from embedprep.matrix import shared_table
from tests.keras.situations import BACKEND, KINDS, SITUATIONS, outcome

pytestmark = [
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
    pytest.mark.usefixtures("workdir"),
]

REFUSED = {
    "load_weights of another table",
    "set_weights of another table",
    "a subclass makes its layer over another table",
    "load_model, another table at the path",
    "load_model, rows edited in place",
    "load_model, table deleted",
    "an id without a row",
    "an id without a row, predict",
    "trainable=True",
}
"""The situations in which there is nothing right to do with a table outside the model."""


@pytest.fixture(autouse=True)
def no_other_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model finds its table among those that are open: none of another test may be."""
    monkeypatch.setattr(shared_table, "_open", WeakSet())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SITUATIONS)
def test_nothing_is_silent(name: str, kind: str) -> None:
    found = outcome(SITUATIONS[name], KINDS[kind])
    external = kind == "ExternalEmbedding"
    if name == "ragged ids":
        expected = "right" if BACKEND == "tensorflow" else "-"
    elif name == "export" and external:
        expected = "right" if BACKEND == "torch" else "refused"
    elif name == "clone_model":
        expected = "right" if external else "NaN"
    elif not external:
        expected = "-" if name.startswith("an id without") else "right"
    else:
        expected = "refused" if name in REFUSED else "right"
    assert found == expected
