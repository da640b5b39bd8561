"""The kernels in NumPy: what runs where nothing could be compiled; the compiled ones match it.

Rows are worked on in blocks, so memory above the input is a block of each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np
import numpy.typing as npt

from trainer.kernels.base import Division, Kernels, check_factors, check_vectors
from trainer.kernels.networks import network
from trainer.types import IntVector

__all__ = ["PortableKernels"]

_BLOCK = 1 << 14
_PRODUCTS = 1 << 20
"""So many products of two 16-bit values fit the 53 bits in which binary64 is exact."""
_LIMB = 16


@final
class PortableKernels(Kernels):
    """In one thread, in NumPy alone."""

    @property
    def name(self) -> str:
        """Returns "portable"."""
        return "portable"

    def weighted(
        self, vectors: Sequence[IntVector], factors: Sequence[int], division: Division | None = None
    ) -> IntVector:
        """Returns `Σ factorᵢ · vectorᵢ`."""
        bits, length = check_vectors(vectors)
        check_factors(factors, len(vectors), bits)
        result = _result(length, division)
        for part in _blocks(length):
            sums = np.zeros(part.stop - part.start, np.int64)
            for vector, factor in zip(vectors, factors, strict=True):
                sums += vector[part].astype(np.int64) * np.int64(factor)
            result[part] = _divided(sums, division)
        return result

    def ranked(
        self,
        vectors: Sequence[IntVector],
        low: int,
        high: int,
        division: Division | None = None,
    ) -> IntVector:
        """Returns each column's sum of the ranks from `low` to `high - 1`."""
        _, length = check_vectors(vectors)
        result = _result(length, division)
        for part in _blocks(length):
            rows = _sorted(vectors, part, low, high)
            sums = np.zeros(part.stop - part.start, np.int64)
            for row in rows[low:high]:
                sums += row
            result[part] = _divided(sums, division)
        return result

    def nearest(
        self, vectors: Sequence[IntVector], keep: int, division: Division | None = None
    ) -> IntVector:
        """Returns each column's sum of the `keep` values nearest its median."""
        _, length = check_vectors(vectors)
        count, result = len(vectors), _result(length, division)
        for part in _blocks(length):
            rows = [row.astype(np.int64) for row in _sorted(vectors, part, 0, count)]
            # Twice the median, which between two values may be no integer.
            middle = rows[(count - 1) // 2] + rows[count // 2]
            sums = np.sum(rows[:keep], axis=0)
            # The window of kept values moves up past `low` while `high` lies nearer; rows ascend,
            # so once it stops it stays. Of equally near ones it stays with the lesser.
            for low, high in zip(rows, rows[keep:], strict=False):
                sums += np.where(low + high < middle, high - low, 0)
            result[part] = _divided(sums, division)
        return result

    def gram(self, vectors: Sequence[IntVector]) -> list[list[int]]:
        """Returns the inner products of all pairs."""
        bits, length = check_vectors(vectors)
        limbs = 1 if bits <= _LIMB else bits // _LIMB
        count = len(vectors)
        found = [[0] * count for _ in range(count)]
        for start in range(0, length, _PRODUCTS):
            block = [vector[start : start + _PRODUCTS] for vector in vectors]
            pieces = [_limb(block, limb, limbs) for limb in range(limbs)]
            for i, left in enumerate(pieces):
                for j, right in enumerate(pieces):
                    # Sums of integers below 2^53 are exact in whatever order BLAS adds them.
                    products = (left @ right.T).astype(np.int64).tolist()
                    shift = _LIMB * (i + j)
                    for a, row in enumerate(products):
                        for b, value in enumerate(row):
                            found[a][b] += value << shift
        return found


def _limb(block: Sequence[IntVector], limb: int, limbs: int) -> npt.NDArray[np.float64]:
    rows = np.empty((len(block), block[0].size), np.float64)
    for row, vector in zip(rows, block, strict=True):
        part = vector >> (_LIMB * limb) if limb else vector
        # The highest limb has the sign, the others are unsigned: so two's complement adds up.
        row[:] = part if limb == limbs - 1 else part & ((1 << _LIMB) - 1)
    return rows


def _blocks(length: int) -> Iterator[slice]:
    for start in range(0, length, _BLOCK):
        yield slice(start, min(start + _BLOCK, length))


def _result(length: int, division: Division | None) -> IntVector:
    return np.empty(length, np.int64 if division is None else np.int32)


def _divided(sums: npt.NDArray[np.int64], division: Division | None) -> npt.NDArray[np.int64]:
    if division is None:
        return sums
    # Of sizes, since // rounds down: of a negative sum half would go towards zero.
    doubled = np.abs(sums) << (division.guard_bits + 1)
    doubled += division.denominator
    doubled //= 2 * division.denominator
    return np.where(sums < 0, -doubled, doubled)


def _sorted(
    vectors: Sequence[IntVector], part: slice, low: int, high: int
) -> list[npt.NDArray[np.signedinteger[npt.NBitBase]]]:
    rows = [np.array(vector[part]) for vector in vectors]
    spare = np.empty_like(rows[0])
    for first, second in network(len(rows), low, high):
        np.minimum(rows[first], rows[second], out=spare)
        np.maximum(rows[first], rows[second], out=rows[second])
        rows[first], spare = spare, rows[first]
    return rows
