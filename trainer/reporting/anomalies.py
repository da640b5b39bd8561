"""What stands out among a round's updates: copies, and empty, large or opposed ones (T-30).

A finding says what is so, not who is to blame: data that are alike make updates that are alike.
Comparisons are of exact integers, so that everybody finds the same; floats are there to be read.
The inner products are the robust rules' own (`trainer.kernels`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import numpy as np

from registry.addresses import address_order
from trainer.aggregation.geometry import cosine, inner, root
from trainer.kernels import chosen
from trainer.plan.decimals import decimal
from trainer.types import AcceptedUpdate, IntVector

__all__ = ["Anomaly", "AnomalyKind", "Survey", "Thresholds", "UpdateFigures", "survey"]


class AnomalyKind(StrEnum):
    """What stands out, as a closed list."""

    DUPLICATE = "duplicate"
    NEAR_DUPLICATE = "near_duplicate"
    EMPTY = "empty"
    LARGE = "large"
    OPPOSED = "opposed"
    SATURATED = "saturated"


@dataclass(frozen=True)
class Thresholds:
    """From when on something stands out, as decimal text.

    Args:
        near_duplicate: the least cosine of two updates that are nearly the same, 0 to 1.
        large: how many times the median norm a norm has to exceed, at least 1.

    Raises:
        ConfigError: no such text, or out of range.
    """

    near_duplicate: str = "0.99"
    large: str = "3"

    def __post_init__(self) -> None:
        """Checks the texts."""
        decimal("near_duplicate", self.near_duplicate, 0, 1)
        decimal("large", self.large, 1, 10**6)


@dataclass(frozen=True)
class UpdateFigures:
    """An update in numbers, correctly rounded from exact ones.

    Args:
        participant: whose update it is.
        norm: its length in steps of the lattice.
        cosine: to the aggregate; None if one of the two is zero, or there is no aggregate.
        nearest: whose update has the largest cosine to it, of equal ones the least address's; None
            without another that isn't zero.
        nearest_cosine: that cosine.
        saturated: how many of its values lie at the lattice's bounds.
    """

    participant: str
    norm: float
    cosine: float | None
    nearest: str | None
    nearest_cosine: float | None
    saturated: int


@dataclass(frozen=True)
class Anomaly:
    """A finding in one sentence; `others` are the participants that it is about besides."""

    participant: str
    kind: AnomalyKind
    detail: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """A round's updates in numbers, and what stands out; both by ascending address."""

    figures: tuple[UpdateFigures, ...]
    anomalies: tuple[Anomaly, ...]


def survey(
    updates: Sequence[AcceptedUpdate],
    aggregate: IntVector | None = None,
    thresholds: Thresholds | None = None,
) -> Survey:
    """Returns the updates in numbers and what stands out; their order doesn't matter.

    Args:
        updates: one per participant, of one lattice and length; their roots are right.
        aggregate: what they came to, shape (n,), int32; None if they came to nothing.
        thresholds: from when on something stands out.

    Raises:
        AggregationError: vectors that don't fit each other.
    """
    if not updates:
        return Survey((), ())
    seen = _Seen(updates, aggregate, thresholds or Thresholds())
    size = range(len(updates))
    return Survey(
        tuple(seen.figures(i) for i in size),
        tuple(anomaly for i in size for anomaly in seen.anomalies(i)),
    )


class _Seen:
    """Updates by ascending address, with all their inner products."""

    def __init__(
        self,
        updates: Sequence[AcceptedUpdate],
        aggregate: IntVector | None,
        thresholds: Thresholds,
    ) -> None:
        self._least = Fraction(thresholds.near_duplicate) ** 2
        self._most = Fraction(thresholds.large) ** 2
        self._updates = sorted(updates, key=lambda update: address_order(update.participant))
        self._gram = chosen().gram([update.vector for update in self._updates])
        self._moving = [i for i in range(len(updates)) if self._gram[i][i]]
        self._along, self._length = [0] * len(updates), 0
        if aggregate is not None:
            self._along = [inner(update.vector, aggregate) for update in self._updates]
            self._length = inner(aggregate, aggregate)
        # Zeros don't count, lest free riders make everybody else stand out; of an even number it
        # is the lower middle one, so that half of them can't hide each other.
        squares = sorted(self._gram[i][i] for i in self._moving)
        self._median = squares[(len(squares) - 1) // 2] if squares else 0

    def figures(self, i: int) -> UpdateFigures:
        """Returns an update's numbers."""
        own, near = self._gram[i][i], self._nearest(i)
        return UpdateFigures(
            self._updates[i].participant,
            root(own),
            cosine(self._along[i], own, self._length),
            None if near is None else self._updates[near].participant,
            None if near is None else self._to(i, near),
            self._saturated(i),
        )

    def anomalies(self, i: int) -> list[Anomaly]:
        """Returns what stands out in an update, in the order of the kinds."""
        own, who = self._gram[i][i], self._updates[i].participant
        if not own:
            # Two updates of zeros are equal, and no sign of one hand: anybody's are.
            said = f"all of its {self._updates[i].vector.size} values are zero"
            return [Anomaly(who, AnomalyKind.EMPTY, said)]
        found = self._copies(i)
        if own > self._most * self._median:
            times, median = root(Fraction(own, self._median)), root(self._median)
            said = f"a norm of {root(own):.1f} steps, {times:.1f} times the median of {median:.1f}"
            found.append(Anomaly(who, AnomalyKind.LARGE, said))
        if self._along[i] < 0:
            said = f"cosine {cosine(self._along[i], own, self._length):.4f} to the aggregate"
            found.append(Anomaly(who, AnomalyKind.OPPOSED, said))
        if cut := self._saturated(i):
            size = self._updates[i].vector.size
            said = f"{cut} of {size} values at the lattice's bounds; was its step too fine?"
            found.append(Anomaly(who, AnomalyKind.SATURATED, said))
        return found

    def _saturated(self, i: int) -> int:
        vector = self._updates[i].vector
        largest = np.iinfo(vector.dtype).max
        return int(np.count_nonzero(vector == largest) + np.count_nonzero(vector == -largest))

    def _copies(self, i: int) -> list[Anomaly]:
        who, others = self._updates[i], self._others(i)
        equal = [j for j in others if self._updates[j].update_root == who.update_root]
        near = [j for j in others if j not in equal and self._is_near(i, j)]
        found = []
        if equal:
            names = tuple(self._updates[j].participant for j in equal)
            said = f"the same values as {', '.join(names)}"
            found.append(Anomaly(who.participant, AnomalyKind.DUPLICATE, said, names))
        if near:
            names = tuple(self._updates[j].participant for j in near)
            told = [f"{self._to(i, j):.4f} to {name}" for j, name in zip(near, names, strict=True)]
            said = f"cosine {', '.join(told)}"
            found.append(Anomaly(who.participant, AnomalyKind.NEAR_DUPLICATE, said, names))
        return found

    def _is_near(self, i: int, j: int) -> bool:
        dot = self._gram[i][j]
        return dot >= 0 and dot**2 >= self._least * self._gram[i][i] * self._gram[j][j]

    def _nearest(self, i: int) -> int | None:
        def squared(j: int) -> Fraction:
            dot = self._gram[i][j]
            return Fraction(dot * abs(dot), self._gram[j][j])

        others = self._others(i) if self._gram[i][i] else []
        return max(others, key=lambda j: (squared(j), -j), default=None)

    def _others(self, i: int) -> list[int]:
        return [j for j in self._moving if j != i]

    def _to(self, i: int, j: int) -> float | None:
        return cosine(self._gram[i][j], self._gram[i][i], self._gram[j][j])
