"""Where in a published file everything stands: what each container says of its own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from embedprep.containers.annotations import Annotations


class Region(NamedTuple):
    """An array in a file: it begins at byte `offset`."""

    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def end(self) -> int:
        count: int = np.prod(self.shape, dtype=object)  # never rounded, never wrapped
        return self.offset + int(count) * self.dtype.itemsize

    def of(self, file: NDArray[np.uint8]) -> NDArray[Any]:
        """The array, in a map of the whole file. Raises ValueError where the file ends before."""
        if self.end > len(file):
            raise ValueError("it is truncated")
        return file[self.offset : self.end].view(self.dtype).reshape(self.shape)


class Layout(NamedTuple):
    """All that a matrix file holds."""

    matrix: Region
    arrays: tuple[Region, ...]
    """In the order of `STORED`."""
    report: Region
    """JSON in UTF-8."""
    seal: Region
    """A checksum of everything but the rows: see `embedprep.containers.seal`."""

    def annotations(self, file: NDArray[np.uint8]) -> Annotations:
        """Those of a map of the whole file. Raises ValueError where something is cut off."""
        if self.report.dtype != np.uint8 or len(self.report.shape) != 1:
            raise ValueError("its report is not text")
        report = self.report.of(file).tobytes().decode()
        return Annotations.from_arrays([array.of(file) for array in self.arrays], report)
