"""The updates of a round as a robust rule sees them: rows that are summed, ranked and compared.

A rule never touches a value: it asks for exact inner products, decides, and names the multiples
or the ranks that make the aggregate. So one rule works on updates, and on mixtures of them,
alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Protocol, final

import numpy as np

from registry.errors import AggregationError
from trainer.kernels import Division, Kernels, chosen
from trainer.types import IntVector, Lattice

__all__ = ["Gram", "MixedMatrix", "PlainMatrix", "UpdateMatrix"]

Gram = list[list[int]]
_BLOCK = 1 << 17


class UpdateMatrix(Protocol):
    """Rows of integers, all of them multiples of the updates' by the same `scale`."""

    @property
    def count(self) -> int:
        """How many rows there are."""

    @property
    def scale(self) -> int:
        """What every value was multiplied by to stay an integer."""

    @property
    def unit(self) -> int:
        """A factor of one, with as many bits behind the point as one per row leave room for."""

    @property
    def gram(self) -> Gram:
        """The inner products of all pairs of rows, exact, times `scale` twice."""

    def weighted(self, factors: Sequence[int], denominator: int) -> IntVector:
        """Returns `roundHalfAway(2^g · Σ factorᵢ · rowᵢ / (denominator · scale))`, int32 (A-1)."""

    def ranked(self, low: int, high: int) -> IntVector:
        """Returns each column's mean of the ranks from `low` to `high - 1`, rounded so, int32."""

    def nearest(self, chosen_rows: Sequence[int], keep: int) -> IntVector:
        """Returns each column's mean of the `keep` values, of chosen rows, nearest the median."""


@final
class PlainMatrix(UpdateMatrix):
    """The updates themselves.

    Args:
        vectors: at least one, shape (n,), the lattice's type.
        lattice: its guard bits are g.
        kernels: those of this process without it.

    Raises:
        AggregationError: no vector, or another type.
    """

    def __init__(
        self, vectors: Sequence[IntVector], lattice: Lattice, kernels: Kernels | None = None
    ) -> None:
        if not vectors:
            raise AggregationError("expected at least one update, got none")
        self.vectors, self.lattice = vectors, lattice
        self.kernels = kernels or chosen()

    @property
    def count(self) -> int:
        """How many updates there are."""
        return len(self.vectors)

    @property
    def scale(self) -> int:
        """Returns 1."""
        return 1

    @property
    def unit(self) -> int:
        """A factor of one."""
        return _unit(self.lattice, self.count)

    @cached_property
    def gram(self) -> Gram:
        """The inner products of all pairs of updates."""
        return self.kernels.gram(self.vectors)

    def weighted(self, factors: Sequence[int], denominator: int) -> IntVector:
        """Returns the quotient of a weighted sum."""
        # Rows that count for nothing needn't be read.
        used = [i for i, factor in enumerate(factors) if factor] or [0]
        size = sum(map(abs, factors)) << (self.lattice.bits - 1)
        division = Division(denominator, self.lattice.guard_bits, size)
        rows = [self.vectors[i] for i in used]
        return self.kernels.weighted(rows, [factors[i] for i in used], division)

    def ranked(self, low: int, high: int) -> IntVector:
        """Returns each column's mean of some ranks."""
        return self.kernels.ranked(self.vectors, low, high, self._mean_of(high - low, 1))

    def nearest(self, chosen_rows: Sequence[int], keep: int) -> IntVector:
        """Returns each column's mean of the values nearest the median."""
        rows = [self.vectors[i] for i in chosen_rows]
        return self.kernels.nearest(rows, keep, self._mean_of(keep, 1))

    def _mean_of(self, count: int, scale: int) -> Division:
        largest = count * scale << (self.lattice.bits - 1)
        return Division(count * scale, self.lattice.guard_bits, largest)


@final
class MixedMatrix(UpdateMatrix):
    """Rows that are sums of multiples of the updates, all over one denominator.

    They are made block by block when they are needed: a mixture is never held whole.

    Args:
        plain: the updates.
        factors: one list per row, of a factor per update.
        scale: the rows' common denominator.
    """

    def __init__(self, plain: PlainMatrix, factors: Sequence[Sequence[int]], scale: int) -> None:
        self._plain, self.factors, self._scale = plain, factors, scale

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self.factors)

    @property
    def scale(self) -> int:
        """The common denominator."""
        return self._scale

    @property
    def unit(self) -> int:
        """A factor of one."""
        most = max(sum(map(abs, row)) for row in self.factors)
        return _unit(self._plain.lattice, self.count * most)

    @cached_property
    def gram(self) -> Gram:
        """The inner products of all pairs of rows, by those of the updates."""
        half = [_through(row, self._plain.gram) for row in self.factors]
        return [[_inner(left, row) for row in self.factors] for left in half]

    def weighted(self, factors: Sequence[int], denominator: int) -> IntVector:
        """Returns the quotient of a weighted sum, in one pass over the updates."""
        through = _through(factors, self.factors)
        return self._plain.weighted(through, denominator * self._scale)

    def ranked(self, low: int, high: int) -> IntVector:
        """Returns each column's mean of some ranks."""
        division = self._mean_of(high - low)
        kernels = self._plain.kernels
        parts = [kernels.ranked(rows, low, high, division) for rows in self._blocks(self.factors)]
        return np.concatenate(parts)

    def nearest(self, chosen_rows: Sequence[int], keep: int) -> IntVector:
        """Returns each column's mean of the values nearest the median."""
        rows_of, division = [self.factors[i] for i in chosen_rows], self._mean_of(keep)
        kernels = self._plain.kernels
        parts = [kernels.nearest(rows, keep, division) for rows in self._blocks(rows_of)]
        return np.concatenate(parts)

    def _mean_of(self, count: int) -> Division:
        lattice, most = self._plain.lattice, max(sum(map(abs, row)) for row in self.factors)
        largest = count * most << (lattice.bits - 1)
        return Division(count * self._scale, lattice.guard_bits, largest)

    def _blocks(self, factors: Sequence[Sequence[int]]) -> Iterator[list[IntVector]]:
        vectors, kernels = self._plain.vectors, self._plain.kernels
        for start in range(0, vectors[0].size, _BLOCK):
            block = [vector[start : start + _BLOCK] for vector in vectors]
            yield [kernels.weighted(block, row) for row in factors]


def _unit(lattice: Lattice, times: int) -> int:
    """Returns the largest power of two, 2^30 at most, that leaves a sum of so many within A-2."""
    left = 61 - lattice.bits - lattice.guard_bits - times.bit_length()
    if left < 10:
        raise AggregationError(
            f"expected room for factors of ten bits, got {left}: take fewer updates, or guard bits "
            f"below {lattice.guard_bits}"
        )
    return 1 << min(left, 30)


def _inner(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(x * y for x, y in zip(left, right, strict=True))


def _through(factors: Sequence[int], rows: Sequence[Sequence[int]]) -> list[int]:
    """Returns `Σ factorᵢ · rowᵢ`."""
    return [_inner(factors, column) for column in zip(*rows, strict=True)]
