"""What a participant runs between two adapter versions."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.utils.data import Dataset

from trainer.fine_tuning.lora import load_trained, trained_state
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult, local_train
from trainer.vectors.safetensors_files import State

__all__ = ["adapter_training"]


def adapter_training(
    module: torch.nn.Module, dataset: Dataset[tuple[torch.Tensor, ...]]
) -> Training:
    """Makes a participant's training of adapters on a base that it has already.

    Args:
        module: base with adapters and head; what requires a gradient is trained and handed back.
        dataset: pairs of (token numbers, integer label), with a length.
    """

    def train(base: State, plan: LocalPlan) -> LocalResult:
        load_trained(module, base)
        result = local_train(module, dataset, plan)
        return replace(result, state=trained_state(module))

    return train
