"""Sign flipping: an update in the opposite direction of the honest one.

Li, Xu, Chen, Giannakis, Ling: "RSA: Byzantine-Robust Stochastic Aggregation Methods for
Distributed Learning from Heterogeneous Datasets", AAAI 2019, section 5.
"""

from __future__ import annotations

from trainer.research.attacks.scaling import scaled
from trainer.training.client import Training

__all__ = ["sign_flip"]


def sign_flip(training: Training, strength: float = 1.0) -> Training:
    """Makes a training whose update is `−strength` times the honest one.

    Args:
        training: the honest one.
        strength: positive and finite.

    Raises:
        ConfigError: not finite.
    """
    return scaled(training, -strength)
