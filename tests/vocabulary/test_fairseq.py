"""fairseq's dictionary: counts, the implicit tokens, and its rule about repeated ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import Role, read


def test_special_tokens_counts_and_filling(tmp_path: Path) -> None:
    file = tmp_path / "dict.txt"
    file.write_text("the 12\nNew York 3\nthe 2 #fairseq:overwrite\nmadeupword0000 0\n")
    vocabulary = read(file)
    assert vocabulary.tokens[4:] == ("the", "New York", "the", "madeupword0000")
    assert vocabulary.counts is not None
    assert vocabulary.counts.tolist() == [0, 0, 0, 0, 12, 3, 2, 0]
    assert vocabulary.roles.tolist() == [
        Role.OTHER,
        Role.PADDING,
        Role.OTHER,
        Role.UNKNOWN,
        Role.WORD,
        Role.WORD,
        Role.WORD,
        Role.OTHER,
    ]


@pytest.mark.parametrize(
    ("text", "token"), [("the 2\ncat 1\nthe 1\n", "the"), ("a 5\nb 4\n</s> 0\n", "</s>")]
)
def test_repeated_tokens_are_refused_as_fairseq_does(text: str, token: str, tmp_path: Path) -> None:
    file = tmp_path / "dict.txt"
    file.write_text(text)
    with pytest.raises(InputError, match="listed twice") as caught:
        read(file)
    assert (caught.value.token, caught.value.line) == (token, 3)
    assert "--counts" in caught.value.remedy


@pytest.mark.parametrize("line", ["of 8and 7", "of 8 and 7", "of 9and 9"])
@pytest.mark.parametrize("before", ["the 9\n", ""])
def test_a_line_that_lost_its_break(line: str, before: str, tmp_path: Path) -> None:
    """Every token after it would get the row of another."""
    file = tmp_path / "dict.txt"
    file.write_text(f"{before}{line}\nin 7\ncat 6\ndog 6\n")
    with pytest.raises(InputError, match="two records") as caught:
        read(file)
    assert caught.value.line == before.count("\n") + 1
    assert '"and"' in caught.value.remedy


def test_a_phrase_with_a_number_is_a_token(tmp_path: Path) -> None:
    file = tmp_path / "dict.txt"
    file.write_text("the 9\ntop 10 7\nchannel 4news 7\ncat 6\n")
    assert read(file).tokens[5:] == ("top 10", "channel 4news", "cat")
