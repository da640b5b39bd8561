"""What participants measured, and what that comes to (R-14).

given records in any order
  then the mean is exact, and between the lowest and the highest
given what a class told
  when part of it is no finite number: that part is left out; when nothing is left: it is refused
given a text that isn't a record
  then it is refused
"""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical
from registry.documents.evaluation import EvaluationRecord, EvaluationSummary, summarised
from registry.errors import ConfigError

values = st.integers(-(10**15), 10**15)
names = st.text("abz _-/", min_size=1, max_size=64)
records = st.builds(
    EvaluationRecord,
    st.integers(1, 2**32 - 1),
    st.dictionaries(names, values, min_size=1, max_size=32),
)


@given(records)
def test_r14_a_record_is_read_as_it_was_written(record: EvaluationRecord) -> None:
    found = EvaluationRecord.parse(record.to_json()) if len(record.to_json()) <= 4096 else record
    assert found == record


@given(st.lists(records, min_size=1, max_size=6), st.randoms())
def test_r14_the_mean_is_exact_whatever_the_order(
    told: list[EvaluationRecord], dice: random.Random
) -> None:
    summary = summarised(told, 1)
    assert summary is not None
    shuffled = list(told)
    dice.shuffle(shuffled)
    assert summarised(shuffled, 1) == summary
    assert EvaluationSummary.from_fields(summary.to_fields()) == summary
    assert len(summary.metrics) <= 32
    for name, metric in summary.metrics.items():
        having = [r for r in told if name in r.metrics]
        total = sum(r.examples for r in having)
        right = sum(Fraction(r.metrics[name] * r.examples, total) for r in having) / 10**6
        assert metric.mean == right
        assert metric.lowest <= right * 10**6 <= metric.highest


def test_r14_fewer_than_the_minimum_say_nothing() -> None:
    record = EvaluationRecord(5, {"loss": 1})
    assert summarised([record], 2) is None
    assert summarised([], 0) is None
    found = summarised([record, record], 2)
    assert found is not None
    assert str(found) == "loss 1e-06 (mean of 2)"


def test_r14_no_name_passes_for_another_one_s_value() -> None:
    record = EvaluationRecord(5, {"accuracy 0.99, loss": 500_000, "top-5": 250_000})
    found = summarised([record], 1)
    assert str(found) == "'accuracy 0.99, loss' 0.5, top-5 0.25 (mean of 1)"


def test_r14_the_longest_summary_fits_into_the_limit() -> None:
    names = ["\\" * 62 + f"{at:02}" for at in range(32)]
    told = [EvaluationRecord(2**32 - 1, {name: -(10**15)}) for name in names] * 40
    found = summarised(told, 1)
    assert found is not None
    assert len(found.metrics) == 32
    assert len(canonical(found.to_fields())) < 16_384


def test_r14_what_a_class_told_is_rounded_once_to_millionths() -> None:
    told = {"accuracy": np.float32(0.5), "right": np.int64(3), "kind": "mlp", "ok": True, "x": None}
    record = EvaluationRecord.of(np.int64(8), 0.1234567, told)  # type: ignore[arg-type]
    assert record == EvaluationRecord(8, {"loss": 123457, "accuracy": 500000, "right": 3000000})


def test_r14_the_largest_metric_is_told_and_the_next_one_is_not() -> None:
    assert EvaluationRecord.of(1, -1e9, {"a": 1e9}).metrics == {"loss": -(10**15), "a": 10**15}
    assert EvaluationRecord.of(1, 1.0, {"a": 1_000_000_001}).metrics == {"loss": 1_000_000}


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 1e10])
def test_r14_what_is_no_number_is_left_out(loss: float) -> None:
    assert EvaluationRecord.of(8, loss, {"accuracy": 0.5}).metrics == {"accuracy": 500000}
    with pytest.raises(ConfigError, match="expected 1 to 32 metrics, got 0"):
        EvaluationRecord.of(8, loss, {"accuracy": loss})


@pytest.mark.parametrize(
    ("examples", "metrics"),
    [
        (0, {"loss": 1}),
        (2**32, {"loss": 1}),
        (True, {"loss": 1}),
        (1, {}),
        (1, {"": 1}),
        (1, {"a" * 65: 1}),
        (1, {"läss": 1}),
        (1, {"a\n": 1}),
        (1, {"loss": 10**15 + 1}),
        (1, {"loss": True}),
        (1, {str(n): n for n in range(33)}),
    ],
)
def test_r14_a_record_out_of_range_is_refused(examples: int, metrics: dict[str, int]) -> None:
    with pytest.raises(ConfigError, match="evaluation: expected"):
        EvaluationRecord(examples, metrics)


FIELDS = {"format": "tallystick/evaluation/1", "examples": 1, "metrics": {"loss": "1"}}


@pytest.mark.parametrize(
    "change",
    [
        {"format": "tallystick/evaluation/2"},
        {"metrics": []},
        {"metrics": {"loss": 1}},
        {"metrics": {"loss": "1.5"}},
        {"metrics": {"loss": "01"}},
        {"metrics": {"loss": "-0"}},
        {"metrics": {"loss": "٣"}},
        {"metrics": {"loss": "1" * 41}},
        {"more": 1},
    ],
)
def test_r14_a_text_that_is_no_record_is_refused(change: dict[str, object]) -> None:
    assert EvaluationRecord.parse(canonical(FIELDS)).examples == 1
    with pytest.raises(ConfigError):
        EvaluationRecord.parse(canonical({**FIELDS, **change}))


SUMMARY = {"weightedSum": "6", "examples": 3, "lowest": "1", "highest": "3"}


@pytest.mark.parametrize(
    "change",
    [
        {"weightedSum": "10"},
        {"weightedSum": "2"},
        {"examples": 0, "weightedSum": "0"},
        {"examples": True, "lowest": "1", "weightedSum": "2"},
        {"lowest": 1},
        {"highest": "1"},
        {"more": 1},
    ],
)
def test_r14_a_summary_that_no_records_come_to_is_refused(change: dict[str, object]) -> None:
    fields = {"participants": 2, "metrics": {"loss": SUMMARY}}
    assert EvaluationSummary.from_fields(fields).participants == 2
    with pytest.raises(ConfigError):
        EvaluationSummary.from_fields({**fields, "metrics": {"loss": {**SUMMARY, **change}}})
    with pytest.raises(ConfigError, match="expected participants"):
        EvaluationSummary.from_fields({**fields, "participants": 0})


@pytest.mark.parametrize("names", [[], [""], ["a" * 65], ["läss"], [str(n) for n in range(33)]])
def test_r14_a_summary_has_the_names_of_records(names: list[str]) -> None:
    fields = {"participants": 2, "metrics": dict.fromkeys(names, SUMMARY)}
    with pytest.raises(ConfigError, match="evaluation: expected"):
        EvaluationSummary.from_fields(fields)
