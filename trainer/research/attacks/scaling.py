"""Scaling: an honest update times a factor, to outweigh everybody else's.

Bagdasaryan, Veit, Hua, Estrin, Shmatikov: "How To Backdoor Federated Learning", AISTATS 2020,
section 4.2 (model replacement).
"""

from __future__ import annotations

from dataclasses import replace

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

__all__ = ["scaled"]


def scaled(training: Training, factor: float) -> Training:
    """Makes a training whose update is `factor` times the honest one.

    Args:
        training: the honest one.
        factor: finite; −1 turns the update round.

    Raises:
        ConfigError: not finite.
    """
    if not abs(factor) < float("inf"):
        raise ConfigError(f"expected a finite factor, got {factor}")

    def train(base: State, plan: LocalPlan) -> LocalResult:
        honest = training({name: tensor.clone() for name, tensor in base.items()}, plan)
        state = {
            name: (base[name].double() + factor * (tensor.double() - base[name].double())).to(
                tensor.dtype
            )
            if tensor.is_floating_point()
            else tensor
            for name, tensor in honest.state.items()
        }
        return replace(honest, state=state)

    return train
