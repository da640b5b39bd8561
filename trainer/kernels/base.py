"""What kernels compute, whoever computes it; and the checks that come before."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from trainer.types import IntVector

__all__ = ["Division", "Kernels", "check_factors", "check_vectors"]

Sums = npt.NDArray[np.int64]
# A-2, which leaves a bit for the doubling in A-1.
_LIMIT = 1 << 62


@dataclass(frozen=True)
class Division:
    """`roundHalfAway(2^guard_bits · sum / denominator)` (A-1).

    Args:
        denominator: at least 1.
        guard_bits: at least 0.
        largest: what no sum exceeds in size; it bounds the arithmetic.

    Raises:
        AggregationError: the division could leave 63 bits.
    """

    denominator: int
    guard_bits: int
    largest: int

    def __post_init__(self) -> None:
        """Checks the bound."""
        if self.denominator < 1:
            raise AggregationError(f"expected a denominator of at least 1, got {self.denominator}")
        if (self.largest << (self.guard_bits + 1)) + 2 * self.denominator >= 2 * _LIMIT:
            raise AggregationError(
                f"sums of up to {self.largest} and {self.guard_bits} guard bits leave 63 bits (A-2)"
            )


class Kernels(ABC):
    """Kernels over vectors of one shape (n,) and type, one row each; none changes its input."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What to call them in a table."""

    @abstractmethod
    def weighted(
        self, vectors: Sequence[IntVector], factors: Sequence[int], division: Division | None = None
    ) -> IntVector:
        """Returns `Σ factorᵢ · vectorᵢ`, shape (n,): int64, or divided to int32.

        Raises:
            AggregationError: vectors that differ, or a sum that could leave 62 bits.
        """

    @abstractmethod
    def ranked(
        self,
        vectors: Sequence[IntVector],
        low: int,
        high: int,
        division: Division | None = None,
    ) -> IntVector:
        """Returns each column's sum of ranks `low` to `high - 1`, ascending from 0, shape (n,)."""

    @abstractmethod
    def nearest(
        self, vectors: Sequence[IntVector], keep: int, division: Division | None = None
    ) -> IntVector:
        """Returns each column's sum of the `keep` values nearest its median, shape (n,).

        Of an even number of values the median lies between the middle two; of equally near values
        the lesser counts.
        """

    @abstractmethod
    def gram(self, vectors: Sequence[IntVector]) -> list[list[int]]:
        """Returns the inner products of all pairs, exact, a symmetric matrix."""


def check_vectors(vectors: Sequence[IntVector]) -> tuple[int, int]:
    """Returns how wide the values are in bits, and how many each vector has.

    Raises:
        AggregationError: no vector, or vectors of several shapes or types.
    """
    if not vectors:
        raise AggregationError("expected at least one vector, got none")
    shape, dtype = vectors[0].shape, vectors[0].dtype
    if len(shape) != 1 or dtype.kind != "i":
        raise AggregationError(f"expected vectors of integers, got {dtype} of the shape {shape}")
    for vector in vectors:
        # Nothing is broadcast: a vector of one value isn't a vector of many equal ones.
        if (vector.shape, vector.dtype) != (shape, dtype):
            raise AggregationError(
                f"expected {dtype} of the shape {shape} from all, "
                f"got {vector.dtype} of the shape {vector.shape}"
            )
    return dtype.itemsize * 8, shape[0]


def check_factors(factors: Sequence[int], count: int, bits: int) -> None:
    """Checks that there is a factor per vector, and that no sum leaves 62 bits.

    Raises:
        AggregationError: it is otherwise. Vectors of 64 bits bound themselves.
    """
    if len(factors) != count:
        raise AggregationError(f"expected {count} factors, got {len(factors)}")
    if bits < 64 and sum(map(abs, factors)) << (bits - 1) >= _LIMIT:
        raise AggregationError(f"factors of {sum(map(abs, factors))} in all overflow (A-2)")
