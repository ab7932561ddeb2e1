"""What an attack comes to: how much was tried, and what it broke."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """Counts of one campaign, by what was done; `broken` tells each promise that did not hold.

    left_out: what could not be tried, because this machine lacks something.
    """

    campaign: str
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        return f"{self.campaign:<14}{done}; {len(self.broken) or 'nothing'} broken"
