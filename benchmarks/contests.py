"""All contests: a new one is one more entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import entrants
from benchmarks.contest import MEGABYTE, Contest, Contestant, Promises
from benchmarks.data import (
    FASTTEXT,
    HUGE,
    NARROW,
    WIDE,
    WIDE_GZIP,
    WORD2VEC,
    several_vocabularies,
    vocabulary_file,
)
from benchmarks.vocabularies import ALL, LARGE, SMALL
from embedprep.indexing import ENDING

# Name in the tables, module in `benchmarks.peers`.
TEXT_PEERS = {
    "careful loop": "careful_loop",
    "pandas": "pandas_reader",
    "Keras loop": "keras_loop",
    "gensim": "gensim_reader",
}
GZIP_PEERS = {"careful loop": "careful_loop", "gensim": "gensim_reader"}
WORD2VEC_PEERS = {"gensim": "gensim_word2vec"}
FASTTEXT_PEERS = {"gensim": "gensim_fasttext"}


def all_contests() -> list[Contest]:
    """Text first, then the other formats."""
    text_memory = 150 * MEGABYTE
    return [
        _text(
            WIDE,
            SMALL,
            Promises(
                faster_than=(("careful loop", 5), ("Keras loop", 60)), besides_matrix=text_memory
            ),
        ),
        _text(WIDE, ALL, Promises(faster_than=(("careful loop", 18),), besides_matrix=text_memory)),
        _indexed(HUGE, SMALL),
        _cold(_indexed(HUGE, SMALL)),
        _large(HUGE, LARGE),
        _several(HUGE, several_vocabularies()),
        _contest(WIDE_GZIP, SMALL, entrants.igzip, GZIP_PEERS, Promises(times_floor=1.15)),
        _contest(WORD2VEC, SMALL, entrants.cat, WORD2VEC_PEERS, Promises(times_floor=4)),
        _contest(
            FASTTEXT,
            SMALL,
            entrants.cat,
            FASTTEXT_PEERS,
            Promises(besides_matrix=300 * MEGABYTE),
            # The mean of up to some hundred n-grams: gensim adds them up in float32.
            tolerance=1e-6,
        ),
    ]


def quick_contests() -> list[Contest]:
    """Those of text with a small file, of which nothing is promised."""
    return [_text(NARROW, tokens, Promises()) for tokens in (SMALL, ALL)]


def _text(vectors: Path, tokens: int, promises: Promises) -> Contest:
    return _contest(vectors, tokens, entrants.cat, TEXT_PEERS, promises, varied=True)


def _indexed(vectors: Path, tokens: int) -> Contest:
    vocabulary = vocabulary_file(tokens)
    return Contest(
        vectors=vectors,
        vocabulary=vocabulary,
        tokens=tokens,
        floor=entrants.cat(vectors),
        contestants=(
            entrants.embedprep(vectors, vocabulary),
            *entrants.with_index(vectors, vocabulary),
        ),
        promises=Promises(
            times_floor=2.5,
            variants=((entrants.FIRST_WITH_INDEX, 1.1), (entrants.WITH_INDEX, 0.25)),
        ),
    )


def _cold(contest: Contest) -> Contest:
    """The same from the disk. What it takes there is the disk's business: nothing is promised."""
    vectors = contest.vectors
    return replace(
        contest,
        contestants=tuple(replace(one, watched=False) for one in contest.contestants),
        promises=Promises(),
        evicted=(vectors, vectors.with_name(vectors.name + ENDING)),
        label="cold cache",
    )


def _large(vectors: Path, tokens: int) -> Contest:
    """A matrix of 6 GB, which is filled in memory if that is free, or else in its file."""
    vocabulary = vocabulary_file(tokens)
    return Contest(
        vectors=vectors,
        vocabulary=vocabulary,
        tokens=tokens,
        floor=entrants.cat(vectors),
        contestants=(entrants.once(vectors, vocabulary),),
        promises=Promises(besides_matrix=1_500 * MEGABYTE),
    )


def _several(vectors: Path, vocabularies: Sequence[Path]) -> Contest:
    """Each with a matrix of its own, from one reading."""
    first = vocabularies[0]
    return Contest(
        vectors=vectors,
        vocabulary=first,
        tokens=SMALL,
        floor=entrants.cat(vectors),
        contestants=(entrants.embedprep(vectors, first), entrants.several(vectors, vocabularies)),
        promises=Promises(variants=((entrants.SEVERAL, 1.2),)),
        label=f"{len(vocabularies)} vocabularies",
    )


def _contest(
    vectors: Path,
    tokens: int,
    floor: Callable[[Path], Contestant],
    peers: Mapping[str, str],
    promises: Promises,
    *,
    varied: bool = False,
    tolerance: float = 0.0,
) -> Contest:
    """embedprep, with its variants if `varied`, and the `peers` on one file."""
    vocabulary = vocabulary_file(tokens)
    return Contest(
        vectors=vectors,
        vocabulary=vocabulary,
        tokens=tokens,
        floor=floor(vectors),
        contestants=(
            entrants.embedprep(vectors, vocabulary),
            *(entrants.variants(vectors, vocabulary) if varied else ()),
            *(entrants.peer(*named, vectors, vocabulary) for named in peers.items()),
        ),
        tolerance=tolerance,
        promises=promises,
    )
