"""The table of fallback rules: other spellings of a word that a vector file may contain instead.

A new rule is a row here, and a code in `embedprep.provenance`.
"""

from __future__ import annotations

import string

from embedprep.fallback.accents import accents
from embedprep.fallback.compounds import compound
from embedprep.fallback.contractions import contraction
from embedprep.fallback.digits import digits_ascii, digits_hash, digits_zero
from embedprep.fallback.english import possessive
from embedprep.fallback.joints import JOINTS, exchange
from embedprep.fallback.letters import lower, title, upper
from embedprep.fallback.punctuation import quotes, strip_punctuation
from embedprep.fallback.rule import Rule
from embedprep.fallback.unicode_forms import nfc, nfkc

_SPACES = "".join(filter(str.isspace, map(chr, range(128))))

# The order is the recommended one, and that of composition: a rule sees the forms of earlier ones.
# The rule that changes least comes first. Characters come before letters, so that the later rules
# see composed letters and straight apostrophes; case before accents, because capitals in Greek and
# French have fewer of them. Joints are exchanged, which loses nothing, before anything is removed.
# Removed are: punctuation, then the possessive ending, which comes before it, then digits, so that
# 1990's becomes 1990s and ####s. Forms of several parts are last: they are final, and a mean of
# vectors is farther from the word than any vector of another spelling.
_TABLE = (
    Rule("nfc", "composed letters: e + \u0301 -> é", nfc, needs=""),
    Rule("nfkc", "plain characters for variants: ﬁsh -> fish", nfkc, needs=""),
    Rule("quotes", "straight quotes and apostrophes: don\u2019t -> don't", quotes, needs="`'"),
    Rule("digits-ascii", "the digits 0 to 9: १२ -> 12, ٣ -> 3", digits_ascii, needs=""),
    Rule("lower", "lower case: Paris -> paris", lower),
    Rule("title", "capitalised: paris -> Paris, new-york -> New-York", title, capitals=True),
    Rule("upper", "capitals: nato -> NATO", upper, capitals=True),
    Rule("accents", "without accents: café -> cafe, Łódź -> Lodz", accents, needs=""),
    Rule("hyphen", "parts joined by hyphens: new_york -> new-york", exchange("-"), needs=JOINTS),
    Rule("underscore", "by underscores: new-york -> new_york", exchange("_"), needs=JOINTS),
    Rule("space", "by spaces: new-york -> new york", exchange(" "), needs=JOINTS),
    Rule(
        "strip-punctuation",
        'without punctuation at the ends: "(word," -> word',
        strip_punctuation,
        needs=string.punctuation,
    ),
    Rule("possessive", "the noun: year's -> year, boys' -> boys", possessive, needs="'`"),
    Rule("digits-hash", "# for digits: 1984 -> ####", digits_hash, needs=string.digits),
    Rule("digits-zero", "0 for digits: 1984 -> 0000", digits_zero, needs=string.digits),
    Rule("contraction", "the mean of its words: don't -> do + n't", contraction),
    Rule(
        "compound",
        "the mean of the parts: mid-1990s -> mid + 1990s",
        compound,
        needs=string.punctuation + string.digits + string.ascii_uppercase + _SPACES,
    ),
)

RULES: dict[str, Rule] = {rule.name: rule for rule in _TABLE}
"""The rules by name, in the recommended order."""
