"""What a user should know although nothing is wrong; goes to the log, which the terminal shows."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from embedprep.errors import printable
from embedprep.matching.census import MOST_KEYS, Census
from embedprep.options import Options
from embedprep.vectors import Description
from embedprep.vocabulary import Surface, Vocabulary

log = logging.getLogger("embedprep")


def of_vocabulary(vocabulary: Vocabulary, options: Options) -> None:
    if vocabulary.num_words is not None and options.num_words is None:
        log.warning(
            "the tokenizer emits only ids below num_words = %d; "
            "--num-words auto makes a matrix of just these rows",
            vocabulary.num_words,
        )
    if vocabulary.num_words is None and options.num_words == "auto":
        log.warning("the tokenizer file has no num_words: --num-words auto keeps all rows")
    if options.pieces == "mean" and vocabulary.surface is Surface.PLAIN:
        log.warning("the vocabulary is of whole words: --pieces mean finds no piece in it")


def of_censuses(censuses: Sequence[Census]) -> None:
    if not all(census.complete for census in censuses):
        log.warning(
            "the vectors have more than %d records: which --fallback rules would help is not "
            "known, and auto uses none",
            MOST_KEYS,
        )


def of_vectors(descriptions: Sequence[Description]) -> None:
    for description in descriptions:
        if description.ends_with_newline is False:
            log.warning(
                "%s does not end with a line break: its last number may be cut off, "
                "so check that the download is complete",
                printable(description.path),
            )
