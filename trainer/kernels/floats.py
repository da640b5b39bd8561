"""What float kernels compute: new tensors from a base (A-3), and what training changed (L-2)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.types import IntVector

__all__ = ["FloatBits", "FloatKernels", "power_of_two"]

FloatBits = npt.NDArray[Any]
"""A tensor's values, shape (n,): float64, float32, float16, or bfloat16's bits as uint16."""

# Steps, guard bits and scales of tensors stay far within (L-1, L-7); a normal number up to here,
# and so is its inverse.
_LARGEST_EXPONENT = 1_000


class FloatKernels(ABC):
    """Kernels over contiguous arrays of one length; each number is rounded as A-3 and L-2 say."""

    @abstractmethod
    def moved(self, base: FloatBits, aggregate: IntVector, exponent: int, out: FloatBits) -> bool:
        """Writes `base + aggregate · 2^exponent`, rounded to the base's type, to `out`.

        Args:
            base: shape (n,).
            aggregate: shape (n,), int32.
            exponent: -1000 to 1000.
            out: shape (n,), of the base's type.

        Returns:
            Whether every new value is a number.
        """

    @abstractmethod
    def stepped(self, base: FloatBits, step: npt.NDArray[np.float64], out: FloatBits) -> bool:
        """Writes `base + step` likewise, and returns the same."""

    @abstractmethod
    def quantized(
        self, base: FloatBits, trained: FloatBits, exponent: int, out: IntVector
    ) -> tuple[int, int | None]:
        """Writes `clamp(roundHalfEven((trained − base) / 2^exponent))` to `out`.

        Args:
            base: shape (n,).
            trained: shape (n,), of the base's type.
            exponent: of the step, -1000 to 1000.
            out: shape (n,), of 8, 16 or 32 bits.

        Returns:
            How many values lie at the bounds, and the first place where the difference isn't a
            number; from there on nothing is written.
        """


def power_of_two(exponent: int) -> float:
    """Returns `2^exponent`, a normal number of binary64: products with integers are exact.

    Raises:
        ValueError: an exponent beyond -1000 to 1000.
    """
    if abs(exponent) > _LARGEST_EXPONENT:
        raise ValueError(f"expected an exponent from -1000 to 1000, got {exponent}")
    return float(2.0**exponent)
