"""Why Keras cannot be imported: it looks for one backend, and another may be installed."""

from __future__ import annotations

from importlib.util import find_spec

BACKENDS = ("jax", "torch", "tensorflow")


def what_is_missing(error: ModuleNotFoundError) -> str:
    """Return a message for the error that `import keras` raised."""
    if error.name == "keras":
        return (
            "embedprep.keras needs Keras and one of its backends: pip install 'embedprep[keras]' "
            "jax, or torch or tensorflow; KERAS_BACKEND=jax chooses one"
        )
    if error.name not in BACKENDS:
        return f"Keras cannot be imported: {error}"
    there = [name for name in BACKENDS if name != error.name and find_spec(name) is not None]
    if not there:
        return (
            f"Keras looks for its backend {error.name}, which is not installed: pip install jax, "
            "and set KERAS_BACKEND=jax before Python imports Keras; or install torch or tensorflow"
        )
    return (
        f"Keras looks for its backend {error.name}, which is not installed; "
        f"{' and '.join(there)} {'is' if len(there) == 1 else 'are'}: set KERAS_BACKEND={there[0]} "
        "before Python imports Keras"
    )
