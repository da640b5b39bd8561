"""Ditto: beside the global model, each participant keeps one of its own, held near to it.

Li, Hu, Beirami, Smith: "Ditto: Fair and Robust Federated Learning Through Personalization", ICML
2021. The personal model v minimises the local loss plus `λ/2 · ‖v − w‖²`, where w is the global
model as it came. The global update is that of plain training, and never sees v.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult, local_train
from trainer.training.personal.gains import Change, Examples, Gains, OwnData, measured
from trainer.training.personal.private_file import PrivateFile
from trainer.training.proximal import ProximalTerm
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import load_into

__all__ = ["ditto_training"]


def ditto_training(
    module: torch.nn.Module,
    dataset: Examples,
    kept: Path,
    strength: float = 0.1,
    validation_set: Examples | None = None,
) -> Training:
    """Makes a participant's training that also trains a personal model, in a private file.

    Args:
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length; every fifth is held out.
        kept: the private file; made after the first training.
        strength: λ, 0 or more: 0 trains alone, more stays nearer to the global model.
        validation_set: examples to measure on, instead of every fifth.

    Raises:
        ConfigError: a strength that is negative or not finite.
        TrainingError: too few examples.
    """
    if not math.isfinite(strength) or strength < 0:
        raise ConfigError(f"ditto: expected a strength of 0 or more, got {strength}")
    data = OwnData.of(dataset, validation_set)
    file = PrivateFile(kept)

    def personal(base: State, plan: LocalPlan) -> Change:
        load_into(module, file.read(base) or base)
        before = measured(module, data.validation_set)
        pull = ProximalTerm.towards(module, strength, base)
        result = local_train(module, data.trained, plan, pull=pull)
        file.write(result.state)
        return Change(before, measured(module, data.validation_set))

    def train(base: State, plan: LocalPlan) -> LocalResult:
        load_into(module, base)
        came = measured(module, data.validation_set)
        result = local_train(module, data.trained, plan)
        everybody = Change(came, measured(module, data.validation_set))
        gains = Gains(personal(base, plan), everybody)
        return replace(result, metrics={**result.metrics, **gains.metrics()})

    return train
