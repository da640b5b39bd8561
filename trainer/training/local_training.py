"""Local training: what a participant does with its own data, the same way every time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from math import ceil

import torch
from torch.utils.data import DataLoader, Dataset

from registry.documents.evaluation import EvaluationRecord
from registry.errors import TrainingError
from trainer.plan.optimizers import make_optimizer
from trainer.plan.training_plan import LocalPlan
from trainer.training.gradient_correction import GradientCorrection
from trainer.training.proximal import ProximalTerm
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import state_of

__all__ = ["LocalPlan", "LocalResult", "OptimizerFactory", "local_train"]

OptimizerFactory = Callable[[Sequence[torch.nn.Parameter], LocalPlan], torch.optim.Optimizer]
"""Makes an optimizer of one's own for the trained parameters, anew for every round."""


@dataclass(frozen=True)
class LocalResult:
    """What came of local training.

    Args:
        state: the module's tensors afterwards.
        examples: the size of the data set; the update's weight.
        metrics: `loss` in nats, the mean over the last pass over the data.
        base_loss: the mean loss in nats before training; None where the plan didn't ask for it.
        evaluation: what was measured of the base before training; None where the plan didn't ask
            for it, or the training can't.
    """

    state: State
    examples: int
    metrics: Mapping[str, float | str]
    base_loss: float | None = None
    evaluation: EvaluationRecord | None = None


def local_train(
    module: torch.nn.Module,
    dataset: Dataset[tuple[torch.Tensor, ...]],
    plan: LocalPlan,
    correction: Mapping[str, torch.Tensor] | None = None,
    pull: ProximalTerm | None = None,
    optimizer: OptimizerFactory | None = None,
) -> LocalResult:
    """Trains a classifier in place by a plan and returns its tensors.

    The order of examples and the random numbers of layers follow from the plan's seed; the
    caller's generator is left as it was. On one CPU thread, equal arguments give equal bits. A
    module that lies on an accelerator is trained there.

    Args:
        module: gives logits of shape (batch, classes).
        dataset: pairs of (input, integer label), with a length.
        plan: epochs or steps, batch size, optimizer, learning rate, seed, precision.
        correction: what is added to every gradient, by the parameters' names.
        pull: instead of the plan's proximal term.
        optimizer: instead of the plan's.

    Raises:
        TrainingError: an empty data set, or a loss that is not finite.
    """
    examples = len(dataset)  # type: ignore[arg-type]
    if examples == 0:
        raise TrainingError("expected at least one example to train on, got none")
    order = torch.Generator().manual_seed(plan.seed)
    batches = DataLoader(dataset, batch_size=plan.batch_size, shuffle=True, generator=order)
    asked = plan.evaluates or plan.weight == "loss"
    loss, accuracy = _measured(module, dataset, plan) if asked else (0.0, 0.0)
    evaluation = None
    if plan.evaluates:
        evaluation = EvaluationRecord.of(examples, loss, {"accuracy": accuracy})
    trained = [p for p in module.parameters() if p.requires_grad]
    chosen = (optimizer or _by_plan)(trained, plan)
    steering = GradientCorrection.of(
        module, pull or ProximalTerm.of(module, float(plan.proximal)), correction
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(plan.seed)
        module.train()
        mean = _steps(module, _passes(batches, plan, examples), chosen, steering, plan, examples)
    module.eval()
    before = loss if plan.weight == "loss" else None
    return LocalResult(state_of(module), examples, {"loss": mean}, before, evaluation)


def _passes(
    batches: DataLoader[tuple[torch.Tensor, ...]], plan: LocalPlan, examples: int
) -> Iterator[tuple[torch.Tensor, ...]]:
    """Yields the batches of pass after pass over the data, in a new order each."""

    def endless() -> Iterator[tuple[torch.Tensor, ...]]:
        while True:
            yield from batches

    return islice(endless(), plan.steps_over(examples))


def _steps(
    module: torch.nn.Module,
    batches: Iterator[tuple[torch.Tensor, ...]],
    optimizer: torch.optim.Optimizer,
    steering: GradientCorrection,
    plan: LocalPlan,
    examples: int,
) -> float:
    device = next(module.parameters()).device
    losses: list[tuple[float, int]] = []
    for inputs, labels in batches:
        optimizer.zero_grad()
        with _precision(device, plan):
            logits = module(inputs.to(device))
            loss = torch.nn.functional.cross_entropy(logits, labels.to(device))
        value = float(loss.detach())
        if value != value or value in (float("inf"), float("-inf")):
            raise TrainingError(
                f"the loss became {value}; look for NaN in the inputs, or lower the learning rate"
            )
        torch.autograd.backward(loss)
        steering.add_gradients()
        optimizer.step()
        losses.append((value, len(labels)))
    optimizer.zero_grad()  # gradients are as large as the module, and nobody needs the last ones
    last = losses[-ceil(examples / plan.batch_size) :]
    return sum(value * count for value, count in last) / sum(count for _, count in last)


def _measured(
    module: torch.nn.Module, dataset: Dataset[tuple[torch.Tensor, ...]], plan: LocalPlan
) -> tuple[float, float]:
    """Returns the mean loss in nats and the part of the labels that is found, before training."""
    device, total, right, count = next(module.parameters()).device, 0.0, 0, 0
    module.eval()
    with torch.no_grad():
        for inputs, labels in DataLoader(dataset, batch_size=max(plan.batch_size, 256)):
            logits, labels = module(inputs.to(device)), labels.to(device)
            loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
            right += int((logits.argmax(1) == labels).sum())
            total, count = total + float(loss), count + len(labels)
    return total / count, right / count


def _precision(device: torch.device, plan: LocalPlan) -> AbstractContextManager[object]:
    """Returns bfloat16 where the plan wants it and the accelerator has it."""
    if plan.precision == "mixed" and device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


def _by_plan(trained: Sequence[torch.nn.Parameter], plan: LocalPlan) -> torch.optim.Optimizer:
    rate = float(plan.learning_rate)
    return make_optimizer(plan.optimizer, plan.optimizer_parameters, rate, trained)
