"""What a check says of a matrix that is not as it should be."""


class Wrong(Exception):  # noqa: N818  (no error of the program: what a check has found)
    """Raised by a check: what is not as it should be."""
