"""Three rounds of each server step, ours and Flower's, on the same replies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flower_grid import Arrays, LocalGrid, Node, replying, train_round
from flwr.serverapp.strategy import FedAdagrad, FedAdam, FedAvgM, FedYogi

from trainer.documents.terms_document import TermsDocument
from trainer.flower import LatticeStrategy, rules_of
from trainer.types import Lattice

LATTICE = Lattice(32, -26)
QUIET: dict[str, Any] = {"fraction_evaluate": 0.0, "min_train_nodes": 1, "min_available_nodes": 1}
MILLIONTH = 1e-6


def pulling(aim: float, examples: int) -> Node:
    """A node that goes a third of the way to a point."""

    def change(given: Arrays) -> Arrays:
        return {name: a + np.float32(1 / 3) * (np.float32(aim) - a) for name, a in given.items()}

    return replying(change, examples)


def three_rounds(strategy: Any) -> list[Arrays]:
    """The arrays after each round."""
    grid = LocalGrid({i: pulling(0.1 * i - 0.15, 10 * i + 10) for i in range(4)})
    arrays: Arrays = {"w": np.linspace(-0.5, 0.5, 40, dtype=np.float32).reshape(8, 5)}
    found = []
    for number in range(1, 4):
        arrays, _ = train_round(strategy, grid, arrays, number)
        found.append(arrays)
    return found


def ours(theirs: Any) -> LatticeStrategy:
    """Our strategy with the parameters of one of Flower's."""
    rules = rules_of(theirs, 4)
    document = TermsDocument(rules.strategy, strategy_parameters=rules.strategy_parameters)
    return LatticeStrategy(document, LATTICE, **QUIET)


@pytest.mark.parametrize(
    "make",
    [
        lambda: FedAvgM(server_learning_rate=0.7, server_momentum=0.9, **QUIET),
        lambda: FedYogi(eta=0.05, beta_1=0.9, tau=0.01, **QUIET),
        lambda: FedAdagrad(eta=0.05, tau=0.01, **QUIET),
    ],
    ids=["FedAvgM", "FedYogi", "FedAdagrad"],
)
def test_equal_to_flower_s_step_to_a_millionth(make: Callable[[], Any]) -> None:
    for mine, theirs in zip(three_rounds(ours(make())), three_rounds(make()), strict=True):
        assert np.abs(mine["w"] - theirs["w"]).max() <= MILLIONTH


def test_fedadam_differs_by_flower_s_correction_of_the_rate_alone() -> None:
    """Flower's rate of round t is η·√(1 − β₂ᵗ⁺¹) / (1 − β₁ᵗ⁺¹); the paper's is η."""
    theirs = FedAdam(eta=0.05, tau=0.01, **QUIET)
    plain, corrected = three_rounds(ours(theirs))[0]["w"], three_rounds(theirs)[0]["w"]
    start = np.linspace(-0.5, 0.5, 40, dtype=np.float32).reshape(8, 5)
    factor = np.sqrt(1 - 0.99**2) / (1 - 0.9**2)
    assert np.abs((corrected - start) - factor * (plain - start)).max() <= MILLIONTH
    assert factor < 0.8
