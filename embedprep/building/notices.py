"""Messages for the user although nothing is wrong; they go to the log, which the terminal shows."""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep import core
from embedprep.building.reading import Reading
from embedprep.coverage import Coverage
from embedprep.errors import printable
from embedprep.matching.census import MOST_KEYS, Census
from embedprep.matching.combining import Mistaken
from embedprep.options import Options
from embedprep.report.wording import percent
from embedprep.sources import without_secrets
from embedprep.vectors import Description
from embedprep.vocabulary import Role, Surface, Vocabulary
from embedprep.vocabulary.key_convention import AboutKeys

if TYPE_CHECKING:
    from embedprep.vocabulary.piece_words import PieceWords
    from embedprep.vocabulary.word_list import WordList

_BYTE_ORDER_MARK = "\ufeff".encode()
_MOST_HIDDEN = 1 << 12
"""How many missing words are looked for after a byte order mark: it hides one in each joined file,
which is mostly a frequent one.
"""

log = logging.getLogger("embedprep")

HALF = 0.5
"""The share below which a file of counts or words seems to belong to another vocabulary."""
MOST = 0.9
"""The share of a text that shows counts to be of the same tokenizer, however few tokens it has."""
LITTLE = 0.1
"""The share of the tokens, or of the records if these are fewer, that is almost nothing."""


def of_core() -> None:
    """Report that the build is slow, in one line."""
    why_missing = core.why_missing()
    if why_missing is not None:
        log.warning("%s", printable(why_missing))
    elif core.implementation() == "reference":  # the user asks for it in this very environment
        log.info("EMBEDPREP_PURE: the core in plain Python, which is several times slower")


def of_int8_model(folder: str) -> None:
    """Say which readers know the scales of a static model of int8."""
    log.warning(
        "%s has rows of int8: load it with model2vec 0.7 or later. Earlier versions leave out the "
        "scales and give wrong vectors; sentence-transformers refuses it",
        printable(folder),
    )


def of_vocabulary(vocabulary: Vocabulary, options: Options) -> None:
    counts, is_word = vocabulary.counts, vocabulary.roles == Role.WORD
    if not is_word.any():
        log.warning("the vocabulary has no tokens except special ones: was the tokenizer trained?")
    elif counts is not None and not counts[is_word].any():
        log.warning(
            "every word of the vocabulary is counted 0 times: how much of the text has a vector is "
            "not known"
        )
    if vocabulary.num_words is not None and options.num_words is None:
        log.warning(
            "the tokenizer emits only ids below num_words = %d; "
            "--num-words auto makes a matrix of just these rows",
            vocabulary.num_words,
        )
    if vocabulary.num_words is None and options.num_words == "auto":
        log.warning("the tokenizer file has no num_words: --num-words auto keeps all rows")
    if options.pad_token is None and (name := _perhaps_padding(vocabulary)) is not None:
        log.warning(
            "no token is known to be the padding: if it is '%s', with id 0, say --pad-token %s, or "
            "else --pad-token none",
            printable(name),
            shlex.quote(name),
        )
    for note in vocabulary.notes:
        log.warning("%s", printable(note))
    if options.pieces == "mean" and vocabulary.surface is Surface.PLAIN:
        log.warning("the vocabulary consists of whole words: --pieces mean finds no piece in it")


def _perhaps_padding(vocabulary: Vocabulary) -> str | None:
    """The token of row 0 if nothing says what it is, and it is in brackets of some kind."""
    if vocabulary.padding_row is not None or (vocabulary.roles == Role.PADDING).any():
        return None
    for token, row, role in zip(vocabulary.tokens, vocabulary.rows, vocabulary.roles, strict=True):
        if row == 0:
            in_brackets = re.fullmatch(r"[^\w\s]+\w+[^\w\s]+", token) and token.isprintable()
            return token if in_brackets and role == Role.WORD else None
    return None


def of_counts(vocabulary: Vocabulary, path: str) -> None:
    """Report the share of vocabulary and text that the counts of the file at `path` cover."""
    counts = vocabulary.counts
    if counts is not None and len(counts) > 2 and np.array_equal(counts, vocabulary.rows):
        log.warning(
            "%s counts every token as often as its id says: are its numbers ids?",
            printable(without_secrets(path)),
        )
    told = vocabulary.counted
    if told is None or counts is None or (told.of_tokens >= HALF and not counts.any()):
        return  # that every word is counted 0 times is said elsewhere
    if told.of_text < (MOST if told.of_tokens < HALF else HALF):
        log.warning(
            "%s has counts for %s of the vocabulary, which make up %s of what it counts: do they "
            "belong to the same tokenizer, with its marks and case?",
            printable(without_secrets(path)),
            percent(told.of_tokens),
            percent(told.of_text),
        )


def of_words(found: PieceWords, pieces: int, word_list: WordList, path: str) -> None:
    """Report the share of the `pieces` pieces, and of the text, that the word list covers."""
    if not pieces:  # already reported
        return
    of_pieces = len(np.unique(found.row)) / pieces
    of_text = float(found.weight.sum()) / max(1, int(word_list.counts.sum()))
    if of_pieces < HALF or of_text < HALF:
        log.warning(
            "the words of %s contain %s of the pieces, and those that do are %s of its text: is it "
            "a text of the tokenizer's language and case?",
            printable(without_secrets(path)),
            percent(of_pieces),
            percent(of_text),
        )


def of_mistake(reading: Reading, mistaken: Mistaken) -> None:
    """Report that a file is read again. Raises InputError for one that can be read only once."""
    path = reading.files[mistaken.number].path
    mistaken.check_rereadable(path)
    log.info(
        "%s: its keys are %s; reading it again",
        printable(without_secrets(path)),
        mistaken.keys_are.title,
    )


def of_censuses(censuses: Sequence[Census]) -> None:
    if not all(census.complete for census in censuses):
        log.warning(
            "the vectors have more than %d records: which --fallback rules would help is not "
            "known, and auto uses none",
            MOST_KEYS,
        )


def of_byte_order_marks(
    words: Sequence[bytes | None],
    missing: NDArray[np.int64],
    paths: Sequence[str],
    censuses: Sequence[Census],
) -> None:
    """Report files that have one of the `missing` words after a byte order mark, which hides it."""
    hidden = [word for place in missing[:_MOST_HIDDEN].tolist() if (word := words[place])]
    for path, census in zip(paths, censuses, strict=True):
        if not hidden or not census.complete:
            continue
        marked = np.flatnonzero(census.contains([_BYTE_ORDER_MARK + word for word in hidden]))
        if len(marked):
            log.warning(
                "%s: the key '%s' begins with a byte order mark (U+FEFF), as after files were "
                "joined, so the token has no vector: remove the mark from the text with "
                r"perl -pe 's/^\xEF\xBB\xBF//'",
                printable(without_secrets(path)),
                printable(hidden[marked[0]].decode("utf-8", "replace")),
            )


def of_coverage(coverage: Coverage, vocabulary: Vocabulary, keys: Sequence[AboutKeys]) -> None:
    """Report that almost nothing was found: an error that no exit code shows."""
    share, text = coverage.counts.vocabulary, coverage.counts.text
    expected = min(share.total, sum(file.records for file in coverage.vectors))
    if not share.total or share.found >= LITTLE * max(1, expected):
        return
    if text is not None and text.total and text.ratio >= HALF:
        return
    from embedprep.building.little_found import note

    files = [(file.path, about.first) for file, about in zip(coverage.vectors, keys, strict=True)]
    log.warning("%s", note(share.found, share.total, vocabulary, files))


def of_vectors(descriptions: Sequence[Description]) -> None:
    for description in descriptions:
        for note in description.notes:
            log.warning("%s: %s", printable(description.path), note)
        if description.ends_with_newline is False:
            log.warning(
                "%s does not end with a line break: its last number may be cut off, "
                "so check that the download is complete",
                printable(description.path),
            )
