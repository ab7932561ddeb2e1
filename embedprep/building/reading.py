"""How the vectors of a build are read: everything that the reading depends on.

Comes in: the files and the user's options. Goes out: the opened files, ready for lookups.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from embedprep.indexing import with_index
from embedprep.options import Combine, Engine, UseOfIndex
from embedprep.options.arguments import OnMalformed
from embedprep.vectors import Request, Vectors, open_vectors
from embedprep.vectors.key_form import FormedVectors, KeyForm

if TYPE_CHECKING:
    from embedprep.indexing.reuse import Reuse


@dataclass(frozen=True)
class Reading:
    """The reading of a build. Builds share one exactly if their readings are equal.

    A reading knows nothing else about its builds, so an option that changes how vectors are read
    must be a field here, or in `Request`.
    """

    files: tuple[Request, ...]
    combine: Combine
    key_forms: tuple[KeyForm, ...]
    """How the files write a word as a key; empty if the word is the key."""
    on_malformed: OnMalformed
    index: UseOfIndex
    reuse: Reuse | None
    """An earlier matrix, whose rows need not be read."""
    engine: Engine
    scheduler: str | None
    """The address of the cluster, or a file that contains it."""

    worker_timeout: float
    """How many seconds embedprep waits for a worker of the cluster."""
    storage_option: tuple[str, ...] = field(repr=False)
    """How to reach addresses, as NAME=VALUE; a value may be a secret."""

    def open(self, resources: ExitStack) -> list[Vectors]:
        """Open all files at once, so a missing one is reported before another has been read."""
        files = self._opened(resources)
        return [FormedVectors(file, self.key_forms) for file in files] if self.key_forms else files

    def first_records(self, count: int) -> NDArray[np.float32]:
        """Return the vectors of the first `count` records that can be used, fewer if there are
        fewer.
        """
        parts: list[NDArray[np.float32]] = []
        for request in self.files:
            with closing(open_vectors(request)) as vectors:
                for hits in vectors.hits(None):
                    known = ~np.isin(hits.key, hits.untrained)
                    parts.append(hits.vectors()[known][:count].copy())
                    count -= len(parts[-1])
                    if not count:
                        break
            if not count:
                break
        return np.concatenate(parts)

    def _opened(self, resources: ExitStack) -> list[Vectors]:
        opened = [resources.enter_context(closing(open_vectors(request))) for request in self.files]
        if self.engine == "dask":
            from embedprep.cluster import on_cluster

            return on_cluster(opened, self.files, self.scheduler, self.worker_timeout, resources)
        return [with_index(vectors, self.index, self.reuse) for vectors in opened]
