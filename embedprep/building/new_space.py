"""The stage between the rows found and the rows without a vector: `--post` and `--post-like`.

Comes in: the rows found. Goes out: the same rows in their new space, and what the report says about
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from embedprep.building.job import Job
from embedprep.coverage.record import Norms, Post, PostStep
from embedprep.errors import InputError
from embedprep.named_tuples import NamedTuple
from embedprep.options.arguments import checked_threads
from embedprep.options.steps import Step
from embedprep.post import effect
from embedprep.provenance import Provenance
from embedprep.vocabulary import Role, Vocabulary

if TYPE_CHECKING:
    from embedprep.post.fitting import Fitted

Steps = Sequence["Step | Fitted"]


class NewSpace(NamedTuple):
    """The rows found after the steps."""

    rows: Any
    """The rows, shape (rows, dim); None once they are at their destination."""
    post: Post | None = None
    fitted: NDArray[np.float32] = np.zeros(0, np.float32)


def steps_of(job: Job) -> Steps:
    """Return the steps of a build: fitted already if they are those of another matrix."""
    if job.post_like is None:
        return list(job.steps)
    from embedprep.matrix.matrix import EmbeddingMatrix

    matrix = EmbeddingMatrix(job.post_like)
    if not matrix.steps:
        raise InputError(
            "no steps were done with its rows",
            "Name a matrix that was built with --post, or name the steps: --post STEP,…",
            path=matrix.path,
        )
    return matrix.steps


def check_width(job: Job, steps: Steps, dim: int) -> None:
    """Raise InputError unless steps that are fitted can be done with vectors of `dim` values."""
    fitted = (len(one.mean) for one in steps if not isinstance(one, Step) and len(one.mean))
    wanted = next(fitted, dim)
    if wanted != dim:
        raise InputError(
            f"its steps were fitted to vectors with {wanted} values, and these have {dim}",
            "Name a matrix that was built from vectors of the same model.",
            path=job.post_like,
        )


def changes_width(steps: Steps) -> bool:
    """Whether the rows have another number of columns after the steps."""
    return "pca" in _names(steps)


def _names(steps: Steps) -> list[str]:
    return [(one if isinstance(one, Step) else one.step).name for one in steps]


def new_space(
    job: Job,
    vocabulary: Vocabulary,
    steps: Steps,
    rows: NDArray[np.float32],
    provenance: NDArray[np.uint8],
    records: NDArray[np.float32] | None,
) -> NewSpace:
    """Do the `steps` with the rows found; fit them on `records`, or else on these rows.

    Padding and special tokens take no part in the fit, nor do rows that are zeros or partly random.
    """
    from embedprep.post.changing import change
    from embedprep.post.exact import Sample
    from embedprep.post.fitting import packed
    from embedprep.post.shares import shares

    # A record of zeros says that there is no vector.
    has_vector = (provenance >= Provenance.EXACT) & rows.any(axis=1)
    some = effect.spread(np.flatnonzero(has_vector))
    before, cosine_before = rows.shape[1], effect.mean_cosine(rows, some)
    threads = checked_threads(job.threads)
    if records is None:
        usual = has_vector & (provenance != Provenance.PARTIAL)
        usual[vocabulary.rows[vocabulary.roles != Role.WORD]] = False
        sample = Sample(rows, np.flatnonzero(usual), threads)
    else:
        sample = Sample(records, np.flatnonzero(records.any(axis=1)), threads)
    count = len(sample.rows)
    share = source = None
    if "sif" in _names(steps):
        share, source = shares(vocabulary)
    after, fitted = change(rows, has_vector, share, steps, sample)
    if after.shape != rows.shape:
        # They are at the beginning of the memory, and the rest is given back.
        shape = after.shape
        del after, sample
        rows.resize(shape, refcheck=False)
    else:
        rows = after
    return NewSpace(
        rows,
        Post(
            _told(fitted, before),
            before,
            count if job.post_like is None else None,
            source,
            cosine_before,
            effect.mean_cosine(rows, some),
        ),
        packed(fitted),
    )


def _told(fitted: list[Fitted], dim: int) -> tuple[PostStep, ...]:
    told = []
    for one in fitted:
        dim = one.dim(dim)
        told.append(PostStep(str(one.step), dim, len(one.components), one.variance))
    return tuple(told)


def oov_scale(job: Job, rows: NDArray[np.floating], provenance: NDArray[np.uint8]) -> float:
    """Return the scale of `--oov uniform`. Raises InputError if it depends on rows, and there are
    none.
    """
    if not isinstance(job.oov_scale, str):
        return job.oov_scale
    norm = effect.median_norm(rows, np.flatnonzero(provenance >= Provenance.EXACT))
    if norm is None:
        raise InputError(
            "none of its tokens has a vector, so --oov-scale match has nothing to go by",
            "Check that vocabulary and vectors belong together, or give a number.",
        )
    return effect.matching_scale(norm, rows.shape[1])


def norms(rows: NDArray[np.floating], provenance: NDArray[np.uint8]) -> Norms:
    """Return the lengths of the final rows, for the report."""
    found, oov = (
        effect.median_norm(rows, effect.spread(np.flatnonzero(some)))
        for some in (provenance >= Provenance.EXACT, provenance == Provenance.OOV)
    )
    scale = None if found is None else effect.matching_scale(found, rows.shape[1])
    return Norms(found, oov, scale and float(f"{scale:.3g}"))


def store(rows: NDArray[np.floating], matrix: NDArray[np.floating], path: str | None) -> None:
    """Copy the rows into the matrix, which may be of another type. Raises InputError for a value
    that it cannot hold.
    """
    try:
        with np.errstate(over="raise"):
            matrix[:] = rows
    except FloatingPointError as error:
        raise InputError(
            f"a value is beyond the range of {matrix.dtype}",
            "Build with --dtype float32.",
            path=path,
        ) from error
