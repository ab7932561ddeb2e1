"""What counts as found, and what of that is made of other words."""

from __future__ import annotations

from pathlib import Path

import embedprep
from embedprep.coverage.record import Share


def test_pieces_of_words_are_found_and_counted_apart(workdir: Path) -> None:
    Path("v.txt").write_text("hat 1 2\ncat 3 4\n")
    Path("vocab.txt").write_text("[PAD]\n[UNK]\ncat\n##at\n##xyz\n")
    Path("words.tsv").write_text("hat\t2\n")
    Path("counts.tsv").write_text("cat\t5\n##at\t20\n##xyz\t75\n")
    _, coverage = embedprep.build(
        "v.txt", "vocab.txt", counts="counts.tsv", pieces="mean", words="words.tsv"
    )
    assert coverage.counts.vocabulary == Share(total=3, found=2, subword=1)
    assert coverage.counts.text == Share(total=100, found=25, subword=20)
    assert coverage.counts.rows["pieces"] == 1


def test_tokens_that_are_too_long_to_list_are_counted(workdir: Path) -> None:
    Path("v.txt").write_text("the 1 2\n")
    long = [letter * 100_000 for letter in "abc"]
    _, coverage = embedprep.build("v.txt", ["the", *long, "x" * 1_000, "y"], "m.npy")
    assert coverage.counts.vocabulary == Share(total=6, found=1, subword=0)
    assert [missing.token[:1] for missing in coverage.counts.missing] == ["x", "y"]
    assert Path("m.coverage.json").stat().st_size < 10_000
