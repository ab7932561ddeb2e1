"""The user's own text in a build: counted before the vectors are read, shown at the end.

Comes in: the vocabulary and the files of `--text`. Goes out: the vocabulary with the counts, and
the most frequent missing tokens with places where they occur.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from embedprep.building.job import Job
from embedprep.counting import CountedText, Text, count_text
from embedprep.coverage import Counts
from embedprep.coverage.record import TextInfo
from embedprep.options.progress import read_progress
from embedprep.report.wording import percent
from embedprep.sources import without_secrets
from embedprep.vocabulary import Vocabulary

log = logging.getLogger("embedprep")

CONTEXT_SHOWN = 20
"""The number of missing tokens that are shown with their context, the most frequent first."""
_HALF = 0.5


def counted(vocabulary: Vocabulary, job: Job) -> tuple[Vocabulary, CountedText]:
    """Return the vocabulary with the counts of the text, and the text."""
    text = Text(job.text, job.field)
    with read_progress(job.progress)(text.size()) as advance:
        found = count_text(
            job.vocab, vocabulary, text, job.split, advance, with_words=job.words is None
        )
    if found.unknown > _HALF * found.tokens:
        log.warning(
            "%s of the text are words that the vocabulary lacks: is it a text of its language and "
            "case?",
            percent(found.unknown / found.tokens),
        )
    return found.vocabulary, found


def with_context(counts: Counts, text: CountedText, vocabulary: Vocabulary) -> Counts:
    """Return `counts` with places in the text for the first of the missing tokens."""
    worst = [one for one in counts.missing[:CONTEXT_SHOWN] if one.count]
    places = np.searchsorted(vocabulary.rows, [one.row for one in worst]).tolist()
    snippets = text.snippets(places)
    shown = [
        replace(one, context=snippets.get(place, ()))
        for one, place in zip(worst, places, strict=True)
    ]
    return counts._replace(missing=(*shown, *counts.missing[len(shown) :]))


def info(text: CountedText) -> TextInfo:
    """Describe the text for the report."""
    files = tuple(map(without_secrets, text.text.files))
    return TextInfo(files, text.texts, text.tokens, text.unknown)
