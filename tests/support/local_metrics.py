"""What a local training measured, as a number."""

from __future__ import annotations

from trainer.training.local_training import LocalResult

__all__ = ["number"]


def number(result: LocalResult, name: str) -> float:
    """Returns a metric that is no text."""
    value = result.metrics[name]
    assert not isinstance(value, str), value
    return value
