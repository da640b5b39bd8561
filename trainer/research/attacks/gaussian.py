"""Gaussian noise instead of an update.

Blanchard, El Mhamdi, Guerraoui, Stainer: "Machine Learning with Adversaries: Byzantine Tolerant
Gradient Descent", NeurIPS 2017, section 5.
"""

from __future__ import annotations

from trainer.plan.training_plan import LocalPlan
from trainer.research.attacks.free_rider import free_rider
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

__all__ = ["gaussian"]


def gaussian(training: Training, deviation: float, seed: int = 0) -> Training:
    """Makes a training whose update is noise, with the honest one's number of examples.

    Args:
        training: the honest one.
        deviation: the noise's standard deviation on every trained value.
        seed: of the noise.
    """

    def train(base: State, plan: LocalPlan) -> LocalResult:
        honest = training({name: tensor.clone() for name, tensor in base.items()}, plan)
        return free_rider(honest.examples, deviation, seed)(base, plan)

    return train
