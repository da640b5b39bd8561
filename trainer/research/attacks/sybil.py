"""Copy-cats and Sybils: one update in several names, to be paid or to be heard several times.

Douceur: "The Sybil Attack", IPTPS 2002; in a federation as by Fung, Yoon, Beschastnikh, RAID
2020. A copy-cat who isn't in league sees an update only after its own commitment (R-3), and is
too late.
"""

from __future__ import annotations

from dataclasses import replace

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.research.attacks.free_rider import free_rider
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

__all__ = ["copy_cat", "sybils"]


def copy_cat(training: Training, noise: float = 0.0, seed: int = 0) -> Training:
    """Makes a training that sends what another one finds, a little changed.

    Args:
        training: the other's.
        noise: the standard deviation of what hides the copy; 0 for none.
        seed: of the noise.
    """

    def train(base: State, plan: LocalPlan) -> LocalResult:
        found = training({name: tensor.clone() for name, tensor in base.items()}, plan)
        hidden = free_rider(found.examples, noise, seed)(found.state, plan)
        return replace(found, state=hidden.state)

    return train


def sybils(training: Training, names: int, noise: float = 0.0) -> list[Training]:
    """Makes trainings for several names of one attacker; each hides its copy differently.

    Raises:
        ConfigError: fewer than two names.
    """
    if names < 2:
        raise ConfigError(f"expected at least 2 names, got {names}")
    return [copy_cat(training, noise, seed) for seed in range(names)]
