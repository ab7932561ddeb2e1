"""JSON with a vocabulary in another form: the command of the error writes one that is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read
from tests.pasting import only_command, paste

READ = {"the": 0, "of": 1, "cat": 2}
CASES: dict[str, tuple[Any, str]] = {
    "two maps": ({"word2idx": READ, "idx2word": ["the", "of", "cat"]}, "word2idx"),
    "one list under another name": ({"tokens": list(READ)}, "tokens"),
    "ids to tokens first": (
        {"size": 3, "i2w": {"0": "the", "1": "of", "2": "cat"}, "w2i": READ},
        "i2w",
    ),
    "a map beside merges": ({"vocab": READ, "merges": []}, "vocab"),
    "settings with a vocabulary, after a shorter list": (
        {"do_lower_case": False, "stop_words": ["a", "an"], "vocab": list(READ)},
        "vocab",
    ),
    "records": ([{"token": t, "id": i} for t, i in READ.items()], "a list of records"),
    "records with other names": (
        [{"n": 7, "idx": i, "text": t, "word": t} for t, i in READ.items()],
        "a list of records",
    ),
    "records without ids": ([{"word": t, "df": 0.5} for t in READ], "a list of records"),
    "records by token": ({t: {"n": 7, "id": i} for t, i in READ.items()}, "from tokens to records"),
    "ids that are texts": ({t: str(i) for t, i in READ.items()}, "ids that are texts"),
}


def taken_out(file: Path) -> dict[str, int]:
    """Run the command of the error for `file`, and read what it writes."""
    with pytest.raises(InputError) as caught:
        read(file)
    paste(only_command(str(caught.value)), file.parent)
    vocabulary = read(file.with_name(f"{file.stem}.fixed.json"))
    return dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True))


@pytest.mark.parametrize("kind", CASES)
def test_the_command_takes_the_vocabulary_out(kind: str, tmp_path: Path) -> None:
    value, reason = CASES[kind]
    file = tmp_path / "file.json"
    file.write_text(json.dumps(value))
    with pytest.raises(InputError, match=reason):
        read(file)
    assert taken_out(file) == READ


@pytest.mark.parametrize(
    "lines",
    [
        [{"lang": "en"}, *({"orth": t, "id": i} for t, i in READ.items())],
        [{"word": t, "count": 7} for t in READ],
        ["the", "of", "cat"],
        [["the", 0], ["of", 1], ["cat", 2]],
    ],
)
def test_json_lines(lines: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "file.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    if isinstance(lines[0], str):
        with pytest.raises(InputError, match="in quotes"):
            read(file)
        return
    with pytest.raises(InputError, match="JSON Lines"):
        read(file)
    assert taken_out(file) == READ


@pytest.mark.parametrize(
    "value",
    [
        {"probabilities": {"the": -3.5, "of": -4}},
        {"one": ["the"], "size": {"of": 1}},
        {"a b": ["the", "of"]},
        [{"the": 0}, 5, 6],
        [{"id": 5}],
        [],
        {"the": "x", "of": "1"},
    ],
)
def test_other_json_names_no_part(value: Any, tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(value))
    with pytest.raises(InputError) as caught:
        read(file)
    assert "Write the vocabulary alone" not in str(caught.value)


def test_cut_json_is_no_json_lines(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text('["the",\n"of"')
    with pytest.raises(InputError, match="not valid JSON"):
        read(file)


def test_maps_inside_a_map_are_no_records_of_tokens_without_an_id(tmp_path: Path) -> None:
    file = tmp_path / "words.json"
    file.write_text(json.dumps({"the": {"share": 0.5}, "cat": {"share": 0.25}}))
    with pytest.raises(InputError, match="a JSON map with lists or maps inside"):
        read(file)
