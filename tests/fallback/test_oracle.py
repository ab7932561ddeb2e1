"""Random small worlds: rows and numbers of a build are those of the oracle of the definitions.

`EMBEDPREP_WORLDS=5000` asks for that many.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

import embedprep
from embedprep.fallback import forms
from embedprep.fallback.table import RULES
from tests.fallback import oracle
from tests.fallback.worlds import World, random_world

WORLDS = int(os.environ.get("EMBEDPREP_WORLDS", "200"))
GROUPS = 10

pytestmark = [
    pytest.mark.no_cover,
    pytest.mark.parametrize("implementation", ["native"], indirect=True),
]


def test_the_oracle_knows_every_rule() -> None:
    assert list(RULES) == oracle.RULES


@pytest.mark.parametrize("group", range(GROUPS))
def test_rows_and_numbers(group: int, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The definitions know no bound for the forms of a token; the made-up ones have hundreds."""
    for bound in ("LONGEST_WORD", "MOST_FORMS", "MOST_CHARACTERS", "LONG_WORD"):
        monkeypatch.setattr(forms, bound, 1 << 20)
    for bound in ("FORMS_OF_FEW", "CHARACTERS_OF_FEW"):
        monkeypatch.setattr(forms, bound, 1 << 40)
    for seed in range(group, WORLDS, GROUPS):
        check(random_world(seed), seed)


def check(world: World, seed: int) -> None:
    vectors = []
    for number, keys in enumerate(world.files):
        values = [f"{key}\t{number + 1}\t{place}\n" for place, key in enumerate(keys)]
        Path(f"{number}.tsv").write_text(f"zzzz\t{number + 1}\t-1\n" + "".join(values))
        vectors.append(
            {key: np.array([number + 1, place], np.float64) for key, place in used(keys, world)}
        )
    Path("counts.json").write_text(json.dumps(world.tokens))
    matrix, coverage = embedprep.build(
        vectors=[f"{number}.tsv" for number in range(len(vectors))],
        vectors_format="tsv",
        vocab=list(world.tokens),
        counts="counts.json",
        fallback=world.rules,
        on_duplicate="last" if world.last else "first",
        oov="zeros",
        threads=1,
    )
    rows: dict[str, int] = {}
    types = tokens = 0
    for token, row in zip(world.tokens, matrix, strict=True):
        found = oracle.filled(token, vectors, world.rules)
        about = (seed, token, world, found, row.tolist())
        if found is None:
            assert not row.any(), about
            rows["oov"] = rows.get("oov", 0) + 1
        else:
            expected = np.mean([vectors[found.file][key] for key in found.keys], axis=0)
            assert np.array_equal(row, expected.astype(np.float32)), about
            rows[found.rule] = rows.get(found.rule, 0) + 1
            types, tokens = types + 1, tokens + world.tokens[token]
    told = coverage.counts
    assert {name: count for name, count in told.rows.items() if count} == rows, (seed, world)
    assert told.text is not None
    assert (told.vocabulary.total, told.vocabulary.found) == (len(world.tokens), types)
    assert (told.text.total, told.text.found) == (sum(world.tokens.values()), tokens)
    assert len(told.missing) == rows.get("oov", 0)


def used(keys: list[str], world: World) -> list[tuple[str, int]]:
    """Each key once, with the place of the record that counts."""
    places = list(enumerate(keys))
    chosen = {key: place for place, key in (places if world.last else reversed(places))}
    return list(chosen.items())
