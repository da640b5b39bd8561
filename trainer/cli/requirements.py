"""What the trainer's commands need, looked for before one is run: their modules come later."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["require_torch"]


def require_torch() -> None:
    """Says that torch is missing, without importing it.

    Raises:
        ModuleNotFoundError: it isn't installed; `tally` tells how to get it.
    """
    if find_spec("torch") is None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
