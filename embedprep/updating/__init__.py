"""A new vocabulary for an old matrix: `embedprep update`.

In: a published matrix, whose report has the options and inputs of its build.
Out: what a build from scratch would give, to the byte.
May import: sources, vocabulary, containers, indexing, report, matrix, building.
"""

from embedprep.updating.updating import Updated, update

__all__ = ["Updated", "update"]
