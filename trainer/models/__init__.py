"""Models that the examples and demonstrations train, by the architecture a manifest names."""

from __future__ import annotations

from collections.abc import Callable

import torch

from registry.errors import ConfigError
from trainer.models.mnist_cnn import MnistCnn
from trainer.models.small_cnn import SmallCnn

__all__ = ["MnistCnn", "SmallCnn", "build_model"]

_KNOWN: dict[str, Callable[[], torch.nn.Module]] = {"mnist-cnn": MnistCnn, "small-cnn": SmallCnn}


def build_model(architecture: str) -> torch.nn.Module:
    """Returns a new module of a known architecture.

    Raises:
        ConfigError: it isn't known here.
    """
    if architecture not in _KNOWN:
        raise ConfigError(f"expected an architecture of {sorted(_KNOWN)}, got {architecture!r}")
    return _KNOWN[architecture]()
