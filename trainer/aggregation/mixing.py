"""Mixing updates before a robust rule looks at them, so that honest ones lie closer together.

* Nearest-neighbour mixing: Allouah, Farhadkhani, Guerraoui, Gupta, Pinot, Stephan: "Fixing by
  Mixing: A Recipe for Optimal Byzantine ML under Heterogeneity", AISTATS 2023.
* Bucketing: Karimireddy, He, Jaggi: "Byzantine-Robust Learning on Heterogeneous Datasets via
  Bucketing", ICLR 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import lcm
from typing import final

from registry.errors import AggregationError, ConfigError
from trainer.aggregation.geometry import squared_distances
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import MixedMatrix, PlainMatrix, UpdateMatrix

__all__ = ["Bucketing", "NearestNeighbourMixing"]


def _of_updates(decision: Decision, factors: Sequence[Sequence[int]], scale: int) -> Decision:
    """Returns a decision about mixtures as one about the updates that are in them.

    An update is left out if no mixture that it is in counts; its share is what it has of theirs.
    """
    rows, updates = range(len(factors)), range(len(factors[0]))
    counted = [row for row in rows if row not in decision.excluded]
    excluded = {}
    for update in updates:
        if not any(factors[row][update] for row in counted):
            reasons = sorted({decision.excluded[r] for r in rows if factors[r][update]})
            excluded[update] = f"in no mixture that counts: {'; '.join(reasons)}"
    counts = zip(decision.shares, factors, strict=True) if decision.shares else ()
    parts = [[share * factor for factor in row] for share, row in counts]
    shares = [sum(column) // scale for column in zip(*parts, strict=True)]
    return Decision(decision.values, excluded, shares)


def _plain(rows: UpdateMatrix, name: str) -> PlainMatrix:
    if not isinstance(rows, PlainMatrix):
        raise AggregationError(f"{name}: expected updates, got a mixture; mix once")
    return rows


@final
@dataclass(frozen=True)
class NearestNeighbourMixing(RobustRule):
    """Each update becomes the mean of the `n − f` nearest to it, itself among them; then the rule.

    Args:
        rule: what is applied to the mixtures.
        byzantine: f, at least 1; fewer than half.

    Raises:
        ConfigError: below 1.
    """

    rule: RobustRule
    byzantine: int = 1

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.byzantine < 1:
            raise ConfigError(f"nnm: expected byzantine of at least 1, got {self.byzantine}")

    @property
    def name(self) -> str:
        """Returns "nnm" and the rule's name."""
        return f"nnm+{self.rule.name}"

    @property
    def min_updates(self) -> int:
        """Returns 2f + 1, or what the rule asks for."""
        return max(2 * self.byzantine + 1, self.rule.min_updates)

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the rule's decision about the mixtures."""
        require(self.name, rows.count, 2 * self.byzantine + 1, f"byzantine {self.byzantine}")
        plain, keep = _plain(rows, self.name), rows.count - self.byzantine
        factors = []
        for row, distances in enumerate(squared_distances(plain.gram)):
            by_distance = sorted(range(rows.count), key=lambda i: (distances[i], i != row, i))
            nearest = set(by_distance[:keep])
            factors.append([int(i in nearest) for i in range(rows.count)])
        return _of_updates(self.rule.aggregate(MixedMatrix(plain, factors, keep)), factors, keep)


@final
@dataclass(frozen=True)
class Bucketing(RobustRule):
    """Updates are put into buckets by lot; then the rule looks at the buckets' means.

    The lot follows from the seed and from all updates, so nobody knows it before the last reveal.

    Args:
        rule: what is applied to the buckets.
        size: of a bucket, at least 2; the last one may be smaller.
        seed: any number.

    Raises:
        ConfigError: a size below 2.
    """

    rule: RobustRule
    size: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.size < 2:
            raise ConfigError(f"bucketing: expected a size of at least 2, got {self.size}")

    @property
    def name(self) -> str:
        """Returns "bucketing" and the rule's name."""
        return f"bucketing+{self.rule.name}"

    @property
    def min_updates(self) -> int:
        """Returns what makes as many buckets as the rule asks for."""
        return (self.rule.min_updates - 1) * self.size + 1

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the rule's decision about the buckets' means."""
        plain = _plain(rows, self.name)
        lot = f"{self.seed} {plain.gram} "
        drawn = [sha256(f"{lot}{row}".encode()).digest() for row in range(rows.count)]
        order = sorted(range(rows.count), key=lambda row: drawn[row])
        buckets = [set(order[at : at + self.size]) for at in range(0, rows.count, self.size)]
        scale = lcm(*(len(bucket) for bucket in buckets))
        factors = [
            [scale // len(bucket) * (row in bucket) for row in range(rows.count)]
            for bucket in buckets
        ]
        return _of_updates(self.rule.aggregate(MixedMatrix(plain, factors, scale)), factors, scale)
