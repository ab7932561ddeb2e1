"""Is a matrix file what its report says? Each check is a row of a table, and all are made."""

from embedprep.verification.checks import Finding
from embedprep.verification.verifying import Verification, verify

__all__ = ["Finding", "Verification", "verify"]
