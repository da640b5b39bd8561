"""The float kernels in NumPy, block by block: what the compiled ones match bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import final

import numpy as np
import numpy.typing as npt

from trainer.kernels.floats import FloatBits, FloatKernels, power_of_two
from trainer.types import IntVector

__all__ = ["PortableFloats"]

_BLOCK = 1 << 15
Real = npt.NDArray[np.float64]


@final
class PortableFloats(FloatKernels):
    """In NumPy alone."""

    def moved(self, base: FloatBits, aggregate: IntVector, exponent: int, out: FloatBits) -> bool:
        """Writes `base + aggregate · 2^exponent`."""
        unit, whole = power_of_two(exponent), True
        for part in _blocks(base.size):
            whole &= _written(base[part], aggregate[part] * np.float64(unit), out[part])
        return whole

    def stepped(self, base: FloatBits, step: Real, out: FloatBits) -> bool:
        """Writes `base + step`."""
        whole = True
        for part in _blocks(base.size):
            whole &= _written(base[part], step[part], out[part])
        return whole

    def quantized(
        self, base: FloatBits, trained: FloatBits, exponent: int, out: IntVector
    ) -> tuple[int, int | None]:
        """Writes the lattice values of a difference."""
        scale, clamped = power_of_two(-exponent), 0
        most = float(np.iinfo(out.dtype).max)
        for part in _blocks(base.size):
            with np.errstate(over="ignore", invalid="ignore", under="ignore"):
                steps = _read(trained[part]) - _read(base[part])
                if not np.isfinite(steps).all():
                    return clamped, part.start + int(np.argmin(np.isfinite(steps)))
                # A finite value may overflow here; the clamp turns it into the bound.
                steps *= scale
            np.rint(steps, out=steps)
            clamped += int(np.count_nonzero(np.abs(steps) >= most))
            np.clip(steps, -most, most, out=steps)
            out[part] = steps
        return clamped, None


def _blocks(length: int) -> Iterator[slice]:
    for start in range(0, length, _BLOCK):
        yield slice(start, min(start + _BLOCK, length))


def _read(values: FloatBits) -> Real:
    if values.dtype == np.uint16:
        return (values.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return values.astype(np.float64)


def _written(base: FloatBits, step: Real, out: FloatBits) -> bool:
    """Rounds through binary32 where the type has 16 bits; tells whether all are numbers."""
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        values = _read(base) + step
        if out.dtype == np.uint16:
            bits = values.astype(np.float32).view(np.uint32)
            # Half less one, and one more if the last kept bit is set: half to even, by the carry.
            out[:] = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
            # The carry may turn a NaN's bits into a number's, so the value is asked as well.
            whole = np.isfinite(values) & (out & 0x7F80 != 0x7F80)
        else:
            narrow = values if out.dtype == np.float64 else values.astype(np.float32)
            out[:] = narrow
            whole = np.isfinite(out)
    return bool(whole.all())
