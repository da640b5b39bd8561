"""Models that the examples and demonstrations train."""

from __future__ import annotations

from trainer.models.mnist_cnn import MnistCnn

__all__ = ["MnistCnn"]
