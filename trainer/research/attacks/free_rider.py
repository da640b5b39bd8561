"""Free riding: claiming a share without training.

Fraboni, Vidal, Lorenzi: "Free-rider Attacks on Model Aggregation in Federated Learning", AISTATS
2021: the plain free rider returns what it was given; the disguised one adds noise.
"""

from __future__ import annotations

import torch

from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

__all__ = ["free_rider"]


def free_rider(claimed_examples: int, noise: float = 0.0, seed: int = 0) -> Training:
    """Makes a training that looks at no data.

    Args:
        claimed_examples: the weight that it asks for.
        noise: the standard deviation of Gaussian noise on every trained value; 0 for none.
        seed: of the noise.
    """

    def train(base: State, plan: LocalPlan) -> LocalResult:
        generator = torch.Generator().manual_seed(seed)
        state = {}
        for name, tensor in base.items():
            if noise and tensor.is_floating_point():
                drawn = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
                state[name] = (tensor.double() + noise * drawn).to(tensor.dtype)
            else:
                state[name] = tensor.clone()
        return LocalResult(state, claimed_examples, {})

    return train
