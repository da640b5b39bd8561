"""Models that the examples and demonstrations train, by the architecture a manifest names.

`character_lstm`, `fedavg_cnn`, `mnist_cnn`, `small_cnn`: one network each.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from registry.errors import ConfigError
from trainer.models.character_lstm import CharacterLstm
from trainer.models.fedavg_cnn import FedAvgCnn
from trainer.models.mnist_cnn import MnistCnn
from trainer.models.small_cnn import SmallCnn

__all__ = [
    "CharacterLstm",
    "FedAvgCnn",
    "MnistCnn",
    "SmallCnn",
    "build_model",
    "is_known",
]

_KNOWN: dict[str, Callable[[], torch.nn.Module]] = {
    "character-lstm": CharacterLstm,
    "fedavg-cnn": FedAvgCnn,
    "mnist-cnn": MnistCnn,
    "small-cnn": SmallCnn,
}


def is_known(architecture: str) -> bool:
    """Tells whether `build_model` knows an architecture."""
    return architecture in _KNOWN


def build_model(architecture: str) -> torch.nn.Module:
    """Returns a new module of a known architecture.

    Raises:
        ConfigError: it isn't known here.
    """
    if not isinstance(architecture, str) or architecture not in _KNOWN:
        raise ConfigError(f"expected an architecture of {sorted(_KNOWN)}, got {architecture!r:.80}")
    return _KNOWN[architecture]()
