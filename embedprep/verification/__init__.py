"""Whether a matrix is what its report says: `embedprep verify`.

In: a published matrix, perhaps its inputs.
Out: one `Finding` for each check.
May import: fallback, vocabulary, containers, lookup, matrix, diff, keras, api.
"""

from embedprep.verification.checks import Finding
from embedprep.verification.verifying import Verification, verify

__all__ = ["Finding", "Verification", "verify"]
