"""Leave-one-out scores: exact subtraction, n + 1 evaluations, micro-nats."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch

from registry.errors import AggregationError
from trainer.aggregation import Mean, aggregator
from trainer.scoring import CrossEntropy, score_by_examples, score_by_leave_one_out
from trainer.strategies import FedAvg, ServerState
from trainer.types import AcceptedUpdate, Lattice
from trainer.vectors.layout import Layout

LATTICE = Lattice(16, -4, 8)
ONE, TWO, THREE = (f"0x{number:040x}" for number in (1, 2, 3))
BASE = {"w": torch.zeros(2)}


def update(name: str, values: list[int], weight: int = 1) -> AcceptedUpdate:
    """An accepted update."""
    vector = np.array(values, np.int16)
    return AcceptedUpdate(name, bytes(32), bytes(32), weight, vector)


def at_base() -> ServerState:
    """The server's state at the base."""
    return FedAvg().init(BASE, Layout.of(BASE, ["w"]), LATTICE)


class Distance:
    """The distance of `w` from (1, 1), in millionths; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, state: Mapping[str, torch.Tensor]) -> int:
        self.calls += 1
        return round(float((state["w"].double() - 1.0).abs().sum()) * 1_000_000)


def test_who_brings_the_version_closer_scores_and_who_spoils_it_does_not() -> None:
    updates = [update(ONE, [16, 16]), update(TWO, [16, 16]), update(THREE, [-16, -16])]
    distance = Distance()
    scores = score_by_leave_one_out(updates, Mean(), FedAvg(), at_base(), distance)
    assert scores[ONE] == scores[TWO] > 0
    assert scores[THREE] == 0
    assert distance.calls == len(updates) + 1


def test_scores_are_those_of_aggregating_without() -> None:
    updates = [update(ONE, [3, 90], 5), update(TWO, [-7, 20], 60_000), update(THREE, [9, 9], 2)]
    distance, rule, state = Distance(), FedAvg(), at_base()
    scores = score_by_leave_one_out(updates, Mean(), rule, state, distance)

    def loss(some: list[AcceptedUpdate]) -> int:
        pairs = [(u.vector, u.weight) for u in some]
        return distance(rule.apply(state, Mean().combine(pairs, LATTICE)).tensors)

    for left_out in updates:
        rest = [u for u in updates if u is not left_out]
        assert scores[left_out.participant] == max(0, loss(rest) - loss(updates))


def test_a_robust_rule_decides_anew_about_the_others() -> None:
    updates = [update(f"0x{i:040x}", [8 * i, 16 - i]) for i in range(1, 6)]
    distance, rule, state = Distance(), aggregator("median"), at_base()
    scores = score_by_leave_one_out(updates, rule, FedAvg(), state, distance)

    def loss(some: list[AcceptedUpdate]) -> int:
        pairs = [(u.vector, u.weight) for u in some]
        return distance(FedAvg().apply(state, rule.combine(pairs, LATTICE)).tensors)

    for left_out in updates:
        rest = [u for u in updates if u is not left_out]
        assert scores[left_out.participant] == max(0, loss(rest) - loss(updates))


def test_left_out_alone_means_the_base() -> None:
    scores = score_by_leave_one_out(
        [update(ONE, [16, 16])], Mean(), FedAvg(), at_base(), Distance()
    )
    assert scores == {ONE: 2_000_000}


def test_nothing_to_score_and_floating_losses_are_refused() -> None:
    with pytest.raises(AggregationError, match="at least one update"):
        score_by_leave_one_out([], Mean(), FedAvg(), at_base(), Distance())
    with pytest.raises(AggregationError, match="whole micro-nats"):
        score_by_leave_one_out(
            [update(ONE, [1, 1])],
            Mean(),
            FedAvg(),
            at_base(),
            lambda state: 0.5,  # type: ignore[arg-type,return-value]
        )


def test_scores_by_examples_are_the_weights() -> None:
    assert score_by_examples([update(ONE, [1], 7), update(TWO, [1], 9)]) == {ONE: 7, TWO: 9}


def test_cross_entropy_is_the_mean_in_micro_nats_on_any_number_of_threads() -> None:
    module = torch.nn.Linear(3, 2)
    state = {"weight": torch.zeros(2, 3), "bias": torch.tensor([1.0, 1.0])}
    inputs, labels = torch.randn(1_001, 3), torch.zeros(1_001, dtype=torch.int64)
    loss, before = CrossEntropy(module, inputs, labels), torch.get_num_threads()
    found = set()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.add(loss(state))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert found == {693_147}
    assert module.weight.dtype is torch.float32


def test_a_diverged_version_has_a_bounded_loss() -> None:
    module = torch.nn.Linear(1, 2)
    loss = CrossEntropy(module, torch.ones(1, 1), torch.tensor([0]))
    wild = {"weight": torch.tensor([[-1e30], [1e30]]), "bias": torch.zeros(2)}
    lost = {"weight": torch.full((2, 1), float("nan")), "bias": torch.zeros(2)}
    assert loss(wild) == loss(lost) == 1_000_000_000


def test_labels_that_do_not_match_are_refused() -> None:
    with pytest.raises(AggregationError, match="one label per example"):
        CrossEntropy(torch.nn.Linear(1, 2), torch.ones(2, 1), torch.tensor([0]))
