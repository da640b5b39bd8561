"""Float updates onto the integer lattice and back (L-2): what makes aggregation reproducible.

A participant's delta is divided by the step `2**e` — exact in binary floating point — and rounded
to integers of 8, 16 or 32 bits. From there on, everything is integer arithmetic.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from trainer.errors import Reason, UpdateRefused
from trainer.types import FloatVector, IntVector, Lattice

__all__ = [
    "check_finite",
    "check_range",
    "dequantize",
    "euclidean_norm",
    "quantize",
    "squared_norm",
]

_BLOCK = 1 << 16


def quantize(delta: npt.NDArray[np.floating[Any]], lattice: Lattice) -> IntVector:
    """Returns the lattice values of a delta, shape (n,), of the lattice's integer type (L-2).

    Without a clip norm: rounded half to even and clamped. With one: scaled down to the norm,
    truncated toward zero, so that the bound holds for the integers themselves.

    Args:
        delta: shape (n,), in units of the parameters.
        lattice: bits, step and clip norm.

    Raises:
        UpdateRefused: NaN or infinity in the delta (T-27), or another shape.
    """
    values = delta.astype(np.float64)
    check_finite(values)
    with np.errstate(over="ignore", under="ignore"):
        # A finite value may overflow to infinity here, which the clamp turns into the bound.
        steps = np.ldexp(values, -lattice.step_exponent)
    if lattice.clip_norm:
        return _clipped(steps, lattice)
    np.rint(steps, out=steps)
    np.clip(steps, -lattice.largest, lattice.largest, out=steps)
    return steps.astype(lattice.dtype)


def check_finite(delta: npt.NDArray[np.floating[Any]]) -> None:
    """Returns if a delta is a vector of numbers.

    Raises:
        UpdateRefused: NaN or infinity in it (T-27), or another shape than (n,).
    """
    if delta.ndim != 1:
        raise UpdateRefused(Reason.SHAPE, f"expected a vector, got the shape {delta.shape}")
    if not bool(np.isfinite(delta).all()):
        where = int(np.flatnonzero(~np.isfinite(delta))[0])
        raise UpdateRefused(
            Reason.NON_FINITE, f"value {where} of the delta is not finite; lower the learning rate"
        )


def _clipped(steps: FloatVector, lattice: Lattice) -> IntVector:
    # Beyond the bound a value is clamped in any case; bounding first keeps the norm finite.
    np.clip(steps, -(2.0**500), 2.0**500, out=steps)
    norm = euclidean_norm(steps)
    scale = 1.0 if norm <= lattice.clip_norm else lattice.clip_norm / norm
    while True:
        scaled = np.clip(np.trunc(steps * scale), -lattice.largest, lattice.largest)
        vector: IntVector = scaled.astype(lattice.dtype)
        # Floating norms are rounded; the promise is about integers, so it is checked in them.
        if squared_norm(vector) <= lattice.clip_norm**2:
            return vector
        # Far more than a norm in floats is off by, so a turn or two are enough.
        scale *= 1.0 - 2.0**-30


def euclidean_norm(values: FloatVector) -> float:
    """Returns the length of a vector, without overflow on the way."""
    largest = float(np.max(np.abs(values), initial=0.0))
    if largest == 0.0:
        return 0.0
    return largest * math.sqrt(float(np.sum(np.square(values / largest))))


def squared_norm(vector: IntVector) -> int:
    """Returns the exact sum of squares of an integer vector of up to 32 bits."""
    total = 0
    for start in range(0, vector.size, _BLOCK):
        block = vector[start : start + _BLOCK].astype(np.int64)
        # q = 2^16 a + b with 0 ≤ b < 2^16: each of the three sums stays below 2^48.
        high, low = block >> 16, block & 0xFFFF
        squares = int(np.dot(high, high)) << 32
        total += squares + (int(np.dot(high, low)) << 17) + int(np.dot(low, low))
    return total


def dequantize(vector: IntVector, lattice: Lattice) -> FloatVector:
    """Returns the delta that lattice values stand for, shape (n,), binary64, without rounding."""
    return np.ldexp(vector.astype(np.float64), lattice.step_exponent)


def check_range(vector: IntVector, lattice: Lattice) -> None:
    """Returns if a vector is one that `quantize` could have given.

    Raises:
        UpdateRefused: another integer type, no value, the excluded smallest value, or a norm
            above the clip norm.
    """
    if vector.dtype != lattice.dtype:
        raise UpdateRefused(Reason.DTYPE, f"expected {lattice.dtype}, got {vector.dtype}")
    if vector.ndim != 1 or vector.size == 0:
        raise UpdateRefused(Reason.SHAPE, f"expected a vector, got the shape {vector.shape}")
    smallest = int(vector.min())
    # Only the smallest value of the type lies outside: the type itself bounds the rest.
    if smallest < -lattice.largest:
        raise UpdateRefused(
            Reason.RANGE, f"expected values of at least {-lattice.largest}, got {smallest}"
        )
    if lattice.clip_norm and squared_norm(vector) > lattice.clip_norm**2:
        raise UpdateRefused(
            Reason.RANGE, f"expected a norm of at most {lattice.clip_norm} steps, got more"
        )
