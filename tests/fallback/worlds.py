"""Small random worlds for fallback rules: tokens with counts, vector files, rules in any order."""

from __future__ import annotations

import random
from typing import NamedTuple

from tests.fallback import oracle

WORDS = [
    *("don't", "Don't", "CAN'T", "it's", "That's", "we're", "n't", "cannot", "n’t"),
    *("year", "Year", "YEAR", "boys", "U.S.", "u.s.", "inc.", "yahoo!", "PlayStation", "nato"),
    *("café", "cafe\u0301", "Łódź", "ﬁsh", "йод", "ガ", "हिंदी", "தமிழ்", "كَتَبَ", "كتـب", "שָׁלוֹם"),
    *("1984", "10", "5", "3rd", "5bn", "£5bn", "$7", "7,349", "3.5mm", "10:30", "1990s", "१", "१२"),
    *("b2b", "mp3s", "a", "##", "#", "C#", "x.com", "AT&T", "５"),
]
JOINTS = ["-", "_", " ", "–", "/", ".", "...", "—", ""]
BEGINNINGS = ["", "", "", "", '"', "(", "“", "-", "#", "$"]
ENDINGS = ["", "", "", "", "'s", "’s", "'", "’", ",", ".", ")", "”", "-", "!", "'S", "s'", "%"]


class World(NamedTuple):
    tokens: dict[str, int]
    """With their counts."""
    files: list[list[str]]
    """The keys of each file, some twice."""
    rules: list[str]
    last: bool
    """Of two records of a key the later one counts."""


def random_world(seed: int) -> World:
    rng = random.Random(seed)
    tokens = {}
    for _ in range(rng.randint(1, 6)):
        word = rng.choice(WORDS)
        while rng.random() < 0.35:
            word += rng.choice(JOINTS) + rng.choice(WORDS)
        word = rng.choice(BEGINNINGS) + word + rng.choice(ENDINGS)
        if word.strip():
            tokens[word] = rng.randint(1, 9)
    rules = rng.sample(oracle.RULES, rng.choice([1, 2, 3, 4, len(oracle.RULES)]))
    if rng.random() < 0.5:
        rules.sort(key=oracle.RULES.index)
    files = [_keys(rng, list(tokens), rules) for _ in range(rng.choice([1, 1, 2, 3]))]
    return World(tokens, files, rules, rng.random() < 0.3)


def _keys(rng: random.Random, words: list[str], rules: list[str]) -> list[str]:
    """Of forms of the words that these rules make, or others; some are nothing to any of them."""
    keys = [rng.choice(WORDS) for _ in range(rng.randint(0, 3))]
    for word in words:
        makers = rules if rng.random() < 0.7 else rng.sample(oracle.RULES, 4)
        forms = oracle.forms(word, makers)
        _, form = rng.choice(forms[1:] if rng.random() < 0.9 and len(forms) > 1 else forms)
        if rng.random() < 0.8 and len(forms) > 1:
            keys += [part.replace(oracle.TAKEN, "#") for part in form]
    rng.shuffle(keys)
    keys += keys[:1] if rng.random() < 0.3 else []
    return [key for key in keys if key == key.strip()]
