"""One step of a training, before it takes a seat: what moved, what came back, what is spoilt."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from registry.errors import AggregationError, ConfigError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.readiness.client_points import one_step
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

PLAN = LocalPlan(steps=1)


def base() -> State:
    """A version with a mask that holds infinities, and a counter."""
    return {
        "weight": torch.zeros(2, 3),
        "bias": torch.zeros(3),
        "mask": torch.tensor([0.0, float("-inf")]),
        "count": torch.tensor([7]),
    }


def returning(change: Callable[[State], object]) -> Training:
    """A training that changes what it is given and returns that."""

    def train(state: State, plan: LocalPlan) -> LocalResult:
        change(state)
        return LocalResult(state, 12, {})

    return train


def test_what_moved_is_counted_and_the_version_stays_as_it_is() -> None:
    version = base()
    told = one_step(returning(lambda s: s["bias"].add_(1)), version, PLAN)
    assert told.startswith("1 of 4 arrays moved in ")
    assert told.endswith(" s; 12 examples")
    assert torch.equal(version["bias"], torch.zeros(3))


def test_a_training_that_changes_nothing_is_doubted() -> None:
    told = one_step(returning(lambda s: None), base(), PLAN)
    assert told.startswith("returned the version unchanged after ")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_an_array_that_was_finite_and_is_no_more_is_named(value: float) -> None:
    with pytest.raises(TrainingError, match="infinities or NaN in 'weight'"):
        one_step(returning(lambda s: s["weight"].fill_(value)), base(), PLAN)


def test_an_infinity_of_the_version_s_own_is_none_of_the_training_s() -> None:
    told = one_step(returning(lambda s: s["mask"].fill_(float("nan"))), base(), PLAN)
    assert "arrays moved" in told


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.pop("bias"), "missing tensor 'bias'"),
        (lambda s: s.update(bias=torch.zeros(4)), r"'bias': expected the shape \(3,\), got \(4,\)"),
        (lambda s: s.update(more=torch.zeros(1)), "unknown tensor 'more'"),
    ],
)
def test_other_arrays_than_the_version_s_are_refused(
    change: Callable[[State], object], says: str
) -> None:
    with pytest.raises(AggregationError, match=says):
        one_step(returning(change), base(), PLAN)


def test_what_a_training_raises_is_one_line_and_our_own_errors_stay() -> None:
    def broken(state: State, plan: LocalPlan) -> LocalResult:
        raise KeyError("no such shard")

    def refusing(state: State, plan: LocalPlan) -> LocalResult:
        raise ConfigError("no data")

    with pytest.raises(TrainingError, match="fit failed: KeyError: 'no such shard'"):
        one_step(broken, base(), PLAN)
    with pytest.raises(ConfigError, match=r"^no data$"):
        one_step(refusing, base(), PLAN)
