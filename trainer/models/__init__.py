"""Models that the examples and demonstrations train, by the architecture a manifest names."""

from __future__ import annotations

from collections.abc import Callable

import torch

from registry.errors import ConfigError
from trainer.models.character_lstm import CharacterLstm
from trainer.models.fedavg_cnn import FedAvgCnn
from trainer.models.mnist_cnn import MnistCnn
from trainer.models.small_cnn import SmallCnn

__all__ = [
    "ARCHITECTURES",
    "CharacterLstm",
    "FedAvgCnn",
    "MnistCnn",
    "SmallCnn",
    "build_model",
]

_KNOWN: dict[str, Callable[[], torch.nn.Module]] = {
    "character-lstm": CharacterLstm,
    "fedavg-cnn": FedAvgCnn,
    "mnist-cnn": MnistCnn,
    "small-cnn": SmallCnn,
}
ARCHITECTURES = frozenset(_KNOWN)
"""The names that `build_model` knows."""


def build_model(architecture: str) -> torch.nn.Module:
    """Returns a new module of a known architecture.

    Raises:
        ConfigError: it isn't known here.
    """
    if not isinstance(architecture, str) or architecture not in _KNOWN:
        raise ConfigError(f"expected an architecture of {sorted(_KNOWN)}, got {architecture!r:.80}")
    return _KNOWN[architecture]()
