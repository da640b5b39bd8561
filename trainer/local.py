"""Local training: what a participant does with its own data, the same way every time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader, Dataset

from registry.errors import TrainingError
from trainer.modules import state_of
from trainer.plan import LocalPlan
from trainer.proximal import ProximalTerm
from trainer.tensor_files import State

__all__ = ["LocalPlan", "LocalResult", "local_train"]


@dataclass(frozen=True)
class LocalResult:
    """What came of local training.

    Args:
        state: the module's tensors afterwards.
        examples: the size of the data set; the update's weight.
        metrics: `loss` in nats, the mean over the last epoch.
    """

    state: State
    examples: int
    metrics: Mapping[str, float]


def local_train(
    module: torch.nn.Module,
    dataset: Dataset[tuple[torch.Tensor, ...]],
    plan: LocalPlan,
    pull: ProximalTerm | None = None,
) -> LocalResult:
    """Trains a classifier in place by a plan and returns its tensors.

    The order of examples and the random numbers of layers follow from the plan's seed; the
    caller's generator is left as it was. On one thread, equal arguments give equal bits.

    Args:
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length.
        plan: epochs, batch size, optimiser, learning rate, seed.
        pull: instead of the plan's proximal term.

    Raises:
        TrainingError: an empty data set, or a loss that is not finite.
    """
    examples = len(dataset)  # type: ignore[arg-type]
    if examples == 0:
        raise TrainingError("expected at least one example to train on, got none")
    order = torch.Generator().manual_seed(plan.seed)
    batches = DataLoader(dataset, batch_size=plan.batch_size, shuffle=True, generator=order)
    optimiser = _optimiser(module, plan)
    proximal = pull or ProximalTerm.of(module, float(plan.proximal))
    mean = 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        module.train()
        for _ in range(plan.epochs):
            mean = _epoch(module, batches, optimiser, proximal) / examples
    module.eval()
    return LocalResult(state_of(module), examples, {"loss": mean})


def _epoch(
    module: torch.nn.Module,
    batches: DataLoader[tuple[torch.Tensor, ...]],
    optimiser: torch.optim.Optimizer,
    proximal: ProximalTerm,
) -> float:
    total = 0.0
    for inputs, labels in batches:
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(inputs), labels)
        value = float(loss.detach())
        if value != value or value in (float("inf"), float("-inf")):
            raise TrainingError(f"the loss became {value}; lower the learning rate")
        torch.autograd.backward(loss)
        proximal.add_gradient()
        optimiser.step()
        total += value * len(labels)
    return total


def _optimiser(module: torch.nn.Module, plan: LocalPlan) -> torch.optim.Optimizer:
    trained = [p for p in module.parameters() if p.requires_grad]
    rate = float(plan.learning_rate)
    if plan.optimizer == "adam":
        return torch.optim.Adam(trained, lr=rate)
    return torch.optim.SGD(trained, lr=rate)
