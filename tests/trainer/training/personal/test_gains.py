"""Before and after, for the model of everybody and for one's own, on one's own examples."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils.data import TensorDataset

from registry.errors import TrainingError
from trainer.training.personal.gains import Change, Gains, Measure, OwnData, mean_of, measured


def test_every_fifth_example_is_validation_set_and_none_is_in_both_parts() -> None:
    dataset = TensorDataset(torch.arange(12), torch.zeros(12))
    data = OwnData.of(dataset)
    validation_set = [int(data.validation_set[i][0]) for i in range(len(data.validation_set))]  # type: ignore[arg-type]
    trained = [int(data.trained[i][0]) for i in range(len(data.trained))]  # type: ignore[arg-type]
    assert validation_set == [4, 9]
    assert sorted(validation_set + trained) == list(range(12))


def test_given_examples_are_validation_set_instead() -> None:
    dataset = TensorDataset(torch.arange(3))
    other = TensorDataset(torch.arange(1))
    assert OwnData.of(dataset, other) == OwnData(dataset, other)


def test_too_few_examples_are_refused() -> None:
    with pytest.raises(TrainingError, match="at least 5 examples to hold one out, got 4"):
        OwnData.of(TensorDataset(torch.arange(4)))
    with pytest.raises(TrainingError, match="one to measure on"):
        OwnData.of(TensorDataset(torch.arange(4)), TensorDataset(torch.arange(0)))
    with pytest.raises(TrainingError, match="example to measure on, got none"):
        measured(torch.nn.Linear(1, 2), TensorDataset(torch.zeros(0, 1), torch.zeros(0)))


def test_a_measure_is_the_mean_over_all_batches(made: Any, points: Any) -> None:
    module, data = made(), points(3, count=1_203)
    inputs, labels = data.tensors
    with torch.no_grad():
        logits = module(inputs)
    found = measured(module, data)
    loss = float(torch.nn.functional.cross_entropy(logits, labels))
    assert found.loss == pytest.approx(loss, abs=1e-5)
    assert found.accuracy == float((logits.argmax(1) == labels).double().mean())


def test_gains_are_told_apart() -> None:
    gains = Gains(
        local=Change(Measure(2.0, 0.1), Measure(0.5, 0.9)),
        global_=Change(Measure(1.0, 0.3), Measure(1.25, 0.2)),
    )
    assert gains.metrics() == {
        "global_loss_before": 1.0,
        "global_loss_after": 1.25,
        "global_accuracy_before": 0.3,
        "global_accuracy_after": 0.2,
        "personal_loss": 0.5,
        "personal_accuracy": 0.9,
        "local_gain": 1.5,
        "global_gain": -0.25,
    }
    assert mean_of([Measure(1.0, 0.0), Measure(2.0, 1.0)]) == Measure(1.5, 0.5)
