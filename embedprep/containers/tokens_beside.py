"""The tokens as a JSON list, for programs that read only the matrix of a container."""

from __future__ import annotations

import json

ENDING = ".tokens.json"
"""The ending that replaces the container's own; see `Container.lists_tokens`."""


def as_json(tokens: list[str]) -> bytes:
    """Return one token per row; ASCII, because a lone surrogate has an escape but no UTF-8."""
    return json.dumps(tokens).encode("ascii")
