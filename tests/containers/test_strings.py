"""Strings laid out by row: what went in comes out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from embedprep.containers.annotations import Strings

# Characters of one to four bytes, lone surrogates (JSON may have them) and none at all.
TEXTS = st.lists(st.text(st.characters(), max_size=5) | st.text("aé€😀\ud800\0", max_size=3))


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("embedprep.containers.annotations._STRINGS_AT_ONCE", 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_text_comes_back_and_is_that_of_its_bytes(texts: list[str]) -> None:
    rows = np.arange(0, 2 * len(texts), 2)  # every second row has one
    n_rows = 2 * len(texts) + 1
    strings = Strings.of_text(texts, rows, n_rows)
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]

    assert strings.consistent()
    assert strings.all() == [text for one in texts for text in (one, "")] + [""]
    bytewise = Strings.of(encoded, rows, n_rows)
    assert strings.text.tobytes() == bytewise.text.tobytes()
    assert strings.offsets.tolist() == bytewise.offsets.tolist()
