"""FedProx against plain numbers: a round of full steps on a linear classifier, held to its base."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pseudocode.fedprox import fedprox
from torch.utils.data import TensorDataset

from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import module_training
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.lattice import quantize
from trainer.vectors.layout import flatten
from trainer.vectors.torch_modules import state_of

COUNTS, RATE, STEPS = (24, 40), 0.25, 6
LATTICE = Lattice(32, -28)


def linear() -> torch.nn.Module:
    """Weights alone, in binary64; the same ones each time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False)).double()


def points(seed: int, count: int) -> TensorDataset:
    """Points whose class is the largest of the first three coordinates, most of them of one."""
    drawn = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed)).double()
    drawn[:, seed % 3] += 1
    return TensorDataset(drawn, drawn[:, :3].argmax(1))


def moved(pull: str) -> tuple[np.ndarray, np.ndarray]:
    """The weights after a round of the trainer, and after one of the twin."""
    base, data = state_of(linear()), [points(i, count) for i, count in enumerate(COUNTS)]
    # As many examples a batch as there are, so that a step sees them all.
    plan = LocalPlan(STEPS, max(COUNTS), "sgd", str(RATE), proximal=pull)
    document = TermsDocument(plan=plan)
    layout, updates = layout_of(base, document), []
    for place, own in enumerate(data):
        found = module_training(linear(), own)(dict(base), plan)
        vector = quantize(flatten(found.state, layout) - flatten(base, layout), LATTICE)
        who = f"0x{place + 1:040x}"
        updates.append(AcceptedUpdate(who, bytes(32), bytes(32), found.examples, vector))
    after = execute(RoundInputs(base, LATTICE, document, updates)).tensors["0.weight"].numpy()
    told = [(d.tensors[0].numpy(), d.tensors[1].numpy()) for d in data]
    return after, fedprox(base["0.weight"].numpy(), told, RATE, STEPS, float(pull))


@pytest.mark.parametrize("pull", ["0", "0.1", "1.5"])
def test_a_round_is_its_paper_s(pull: str) -> None:
    found, expected = moved(pull)
    assert np.abs(found - expected).max() < 2.0**-27


def test_a_stronger_pull_keeps_everybody_nearer_to_the_base() -> None:
    base = state_of(linear())["0.weight"].numpy()
    away = [float(np.linalg.norm(moved(pull)[0] - base)) for pull in ("0", "0.5", "3")]
    assert away[0] > 1.1 * away[1] > 1.1 * away[2] > 0
