"""gensim's Dictionary, saved as text by gensim itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedprep.errors import InputError
from embedprep.vocabulary import read


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sort_by_word", [True, False])
def test_rows_are_gensims_ids(sort_by_word: bool, tmp_path: Path) -> None:
    corpora = pytest.importorskip("gensim.corpora")
    documents = [["the", "cat", "café"], ["the", "dog"], ["2", "the"]]
    dictionary = corpora.Dictionary(documents)
    dictionary.filter_tokens(bad_ids=[dictionary.token2id["dog"]])
    file = tmp_path / "dictionary.txt"
    dictionary.save_as_text(str(file), sort_by_word=sort_by_word)
    vocabulary = read(file)
    ids = dict(zip(vocabulary.tokens, vocabulary.rows.tolist(), strict=True))
    assert ids == dictionary.token2id
    assert vocabulary.format == "gensim-dictionary"
    assert vocabulary.counts is None


def test_an_id_given_twice_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "dictionary.txt"
    file.write_text("2\n0\tthe\t1\n0\tcat\t1\n")
    with pytest.raises(InputError, match=r"token 'the': has the id 0, and so has .*cat"):
        read(file)
