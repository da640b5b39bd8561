"""What participants measured of a round's base version, and what that comes to (R-14).

Metrics are integers in millionths: a participant rounds once, and from then on every sum is exact,
so that whoever holds the same records finds the same numbers, in any order.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from registry.documents.canonical_json import canonical, parse, require_fields
from registry.errors import ConfigError

__all__ = [
    "EVALUATION_FILE",
    "LARGEST_EVALUATION",
    "EvaluationRecord",
    "EvaluationSummary",
    "MetricSummary",
    "summarised",
]

EVALUATION_FILE = "evaluation.json"
LARGEST_EVALUATION = 4_096
_FORMAT = "tallystick/evaluation/1"
_MICRO = 1_000_000
_LARGEST = 10**15  # millionths: a metric of a thousand million
_MOST_METRICS = 32
_LONGEST_NAME = 64
_MOST_EXAMPLES = 2**32 - 1
_WORD = re.compile(r"[A-Za-z0-9_@./-]+")
_SUMMARY = ("participants", "metrics")
_METRIC = ("weightedSum", "examples", "lowest", "highest")


@dataclass(frozen=True)
class EvaluationRecord:
    """What one participant measured on data of its own.

    Args:
        examples: how many it measured on.
        metrics: in millionths, by name; `loss` is in nats.

    Raises:
        ConfigError: out of range, no metric, or a name that isn't 1 to 64 printable characters.
    """

    examples: int
    metrics: Mapping[str, int] = field(hash=False)

    def __post_init__(self) -> None:
        """Checks the values."""
        if type(self.examples) is not int or not 1 <= self.examples <= _MOST_EXAMPLES:
            raise ConfigError(f"evaluation: expected 1 to {_MOST_EXAMPLES} examples")
        _check_names(self.metrics)
        for name, value in self.metrics.items():
            if type(value) is not int or abs(value) > _LARGEST:
                raise ConfigError(f"evaluation: expected {name} in millionths up to {_LARGEST}")

    @classmethod
    def of(cls, examples: int, loss: float, metrics: Mapping[str, object]) -> EvaluationRecord:
        """Returns what a client's `evaluate` told; what isn't a finite number is left out.

        Args:
            examples: how many it measured on.
            loss: in nats.
            metrics: by name, floats or integers of any of NumPy's and Python's kinds.

        Raises:
            ConfigError: nothing of it is a finite number within the bounds, or no examples.
        """
        told = {"loss": loss, **{str(name): value for name, value in metrics.items()}}
        found = {name: micro for name, v in told.items() if (micro := _micro(v)) is not None}
        return cls(int(examples), found)

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        metrics = {name: str(value) for name, value in self.metrics.items()}
        return canonical({"format": _FORMAT, "examples": self.examples, "metrics": metrics})

    @classmethod
    def parse(cls, data: bytes) -> EvaluationRecord:
        """Reads a record.

        Raises:
            ConfigError: malformed, of another format, or out of range.
        """
        fields = parse(data, LARGEST_EVALUATION, "evaluation")
        found = require_fields(fields, ("format", "examples", "metrics"), "evaluation")
        if found["format"] != _FORMAT or not isinstance(found["metrics"], dict):
            raise ConfigError(f"evaluation: expected format {_FORMAT}, and metrics by name")
        metrics = {name: _integer(value) for name, value in found["metrics"].items()}
        return cls(found["examples"], metrics)


@dataclass(frozen=True)
class MetricSummary:
    """A metric over participants: Σ examples·value, Σ examples, and the extremes, in millionths."""

    weighted_sum: int
    examples: int
    lowest: int
    highest: int

    @property
    def mean(self) -> Fraction:
        """The exact mean over examples, in the metric's own unit."""
        return Fraction(self.weighted_sum, self.examples * _MICRO)


@dataclass(frozen=True)
class EvaluationSummary:
    """What so many participants measured together, by metric."""

    participants: int
    metrics: Mapping[str, MetricSummary] = field(hash=False)

    def __str__(self) -> str:
        means = (f"{_word(name)} {float(m.mean):.6g}" for name, m in sorted(self.metrics.items()))
        return f"{', '.join(means)} (mean of {self.participants})"

    def to_fields(self) -> dict[str, Any]:
        """Returns it as it stands in a result document; sums as text, whatever their size."""
        metrics = {
            name: {
                "weightedSum": str(m.weighted_sum),
                "examples": m.examples,
                "lowest": str(m.lowest),
                "highest": str(m.highest),
            }
            for name, m in self.metrics.items()
        }
        return {"participants": self.participants, "metrics": metrics}

    @classmethod
    def from_fields(cls, value: Any) -> EvaluationSummary:
        """Reads it from a result document.

        Raises:
            ConfigError: fields that are missing, unknown or out of range.
        """
        found = require_fields(value, _SUMMARY, "evaluation")
        participants, metrics = found["participants"], found["metrics"]
        if type(participants) is not int or participants < 1 or not isinstance(metrics, dict):
            raise ConfigError("evaluation: expected participants, and metrics by name")
        _check_names(metrics)
        return cls(participants, {name: _metric(fields) for name, fields in metrics.items()})


def summarised(records: Collection[EvaluationRecord], minimum: int) -> EvaluationSummary | None:
    """Returns what records come to together; None for fewer than `minimum`, or none.

    A metric is over those who told it, each weighing as many as its examples. Of more than 32 names
    those count that most told, the first ones by their text among equals: one participant with
    names of its own takes no place from those that others share.
    """
    if len(records) < max(1, minimum):
        return None
    often = Counter(name for record in records for name in record.metrics)
    found = {}
    for name in sorted(often, key=lambda name: (-often[name], name))[:_MOST_METRICS]:
        told = [(r.examples, r.metrics[name]) for r in records if name in r.metrics]
        values = [value for _, value in told]
        weighted = sum(examples * value for examples, value in told)
        examples = sum(examples for examples, _ in told)
        found[name] = MetricSummary(weighted, examples, min(values), max(values))
    return EvaluationSummary(len(records), found)


def _word(name: str) -> str:
    """Returns a name that can't be taken for another one's value: quoted, unless it is a word."""
    return name if _WORD.fullmatch(name) else repr(name)


def _micro(value: object) -> int | None:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    if isinstance(value, str | bytes | bool) or not math.isfinite(number):
        return None
    micro = round(Fraction(number) * _MICRO)
    return micro if abs(micro) <= _LARGEST else None


def _check_names(metrics: Mapping[str, object]) -> None:
    if not 1 <= len(metrics) <= _MOST_METRICS:
        raise ConfigError(f"evaluation: expected 1 to {_MOST_METRICS} metrics, got {len(metrics)}")
    for name in metrics:
        if not 1 <= len(name) <= _LONGEST_NAME or not (name.isascii() and name.isprintable()):
            raise ConfigError(
                f"evaluation: expected names of 1 to {_LONGEST_NAME} printable ASCII characters, "
                f"got {name[:80]!r}"
            )


def _metric(value: Any) -> MetricSummary:
    found = require_fields(value, _METRIC, "metric")
    examples = found["examples"]
    if type(examples) is not int or examples < 1:
        raise ConfigError("metric: expected a positive number of examples")
    summary = MetricSummary(
        _integer(found["weightedSum"]),
        examples,
        _integer(found["lowest"]),
        _integer(found["highest"]),
    )
    if not summary.lowest * examples <= summary.weighted_sum <= summary.highest * examples:
        raise ConfigError("metric: expected a mean between the lowest and the highest value")
    return summary


def _integer(value: Any) -> int:
    if not isinstance(value, str) or len(value) > 40:
        raise ConfigError("evaluation: expected integers as text")
    digits = value.removeprefix("-")
    plain = digits.isascii() and digits.isdigit() and str(int(digits)) == digits
    if not plain or value == "-0":
        raise ConfigError(f"evaluation: expected an integer, got {value!r}")
    return int(value)
