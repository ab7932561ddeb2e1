"""Conclusions: whether the file is whole, whether a build would fail, and which options help."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from embedprep.doctor.examination import Keys, Problem
from embedprep.doctor.keys import Habits
from embedprep.errors import InputError
from embedprep.matching.records import count_problem
from embedprep.options import as_typed
from embedprep.sources import without_secrets
from embedprep.vectors import Description, Fault, Request

_CUT = ("cut off", "it is truncated")
"""How the reason ends where the end of the file is missing."""

_SKIP = "Leave such records out with --on-malformed skip, or download or export the file again."


def truncation(
    *,
    file: Description | None,
    declared: int | None,
    records: int,
    last_faults: Sequence[Fault],
    broken: InputError | None,
    sizes_agree: bool,
) -> tuple[bool | None, str]:
    """Return whether the end of the file is missing, if that can be known, and why.

    `last_faults` are those of the last chunk, `broken` is the error that ended the reading.
    """
    if broken is not None:
        cut = broken.reason.endswith(_CUT) or isinstance(broken.__cause__, EOFError)
        return (True if cut else None), broken.reason
    for fault in last_faults:
        if fault.reason.endswith(_CUT):
            return True, fault.reason
    if declared is not None and records < declared:
        return True, f"the header promises {declared:,} records, the file has {records:,}"
    if file is not None and file.ends_with_newline is False:
        return None, "no line break at its end: the last number may be cut off"
    if sizes_agree:
        return False, "it has the size of the published file"
    if declared is not None:
        return False, "all the records that its header promises are there"
    if file is not None and file.compression is not None:
        return False, "its compressed data is complete"
    return None, "no sign of it, but nothing says how many records there should be"


def problems(
    *,
    declared: int | None,
    records: int,
    malformed: int,
    nonfinite: int,
    faults: Sequence[Fault],
    broken: InputError | None,
) -> tuple[Problem, ...]:
    """Return every reason why a build with the default options fails."""
    found = []
    if faults:
        first, total = faults[0], malformed + nonfinite
        counted = "" if total == 1 else f"{total:,} malformed or non-finite records, the first: "
        found.append(Problem(counted + first.reason, _SKIP, first.line, first.byte))
    if broken is not None:
        found.append(Problem(broken.reason, broken.remedy, broken.line, broken.byte))
    elif (wrong := count_problem(declared, records)) is not None:
        found.append(Problem(*wrong))
    return tuple(found)


def advice(habits: Habits, keys: Keys, total: int, *, composes: bool) -> tuple[str, ...]:
    """Describe the spelling a vocabulary needs in order to find most of its words in the file.

    A file that `composes` words has its own tokenizer, which knows about capitals.
    """
    if not total:
        return ()
    found = []
    if habits.case == "lower" and not composes:
        found.append(
            "Its keys are lower case: build with --fallback lower, or make the vocabulary from "
            "lower-cased text; words with capitals find nothing as they are."
        )
    if habits.digits in _DIGITS_WANTED:
        found.append(_DIGITS_WANTED[habits.digits])
    if habits.joiner == "_":
        found.append("The words of a phrase are joined by _, as in new_york.")
    if keys.invalid_utf8.count:
        found.append("Keys that are not UTF-8 match no token.")
    return tuple(found)


_DIGITS_WANTED = {
    "hash": "Each digit is written as #: 1999 is ####.",
    "hash-runs": "Two or more digits in a row are written as #: 1999 is ####, and 5 is 5.",
    "zero": "Each digit is written as 0: 1999 is 0000.",
}


def command(request: Request, *, skip: bool) -> str:
    """Return the `embedprep build` command for the file, read as it was examined."""
    options = {
        "vectors_format": request.format,
        "vectors_tokens": None if request.tokens is None else without_secrets(request.tokens),
        "trust_pickle": request.trust_pickle,
        "on_malformed": "skip" if skip else "error",
    }
    words = ["embedprep", "build", "--vectors", without_secrets(request.path), "--vocab", "VOCAB"]
    return shlex.join(words + as_typed(options))
