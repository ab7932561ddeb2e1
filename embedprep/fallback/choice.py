"""From the value of `--fallback` to rules."""

from __future__ import annotations

from collections.abc import Sequence

from embedprep.errors import UsageError, did_you_mean, printable
from embedprep.fallback.rule import Rule

ALL, AUTO = "all", "auto"


def rules_named(names: Sequence[str]) -> tuple[Rule, ...] | None:
    """Return the rules in the order given; None for `auto`, which the vector files decide."""
    if not names:
        return ()
    from embedprep.fallback.table import RULES

    for name, meaning in ((ALL, tuple(RULES.values())), (AUTO, None)):
        if name in names:
            if len(names) > 1:
                raise UsageError(
                    f"--fallback {name} goes with no other rule", f"Give --fallback {name} alone."
                )
            return meaning
    for name in names:
        if name not in RULES:
            raise UsageError(
                f"--fallback does not know '{printable(name)}'{did_you_mean(name, RULES)}",
                f"Give {ALL}, {AUTO}, or some of: {', '.join(RULES)}.",
            )
        if names.count(name) > 1:
            raise UsageError(f"--fallback has '{name}' twice", "Give each rule once.")
    return tuple(RULES[name] for name in names)
