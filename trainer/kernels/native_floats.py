"""The compiled float kernels; who calls them shares vectors out among threads."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from trainer.kernels.floats import FloatBits, FloatKernels, power_of_two
from trainer.types import IntVector

__all__ = ["NativeFloats"]

_NAMES = {"float64": "f64", "float32": "f32", "float16": "f16", "uint16": "bf16"}


@final
class NativeFloats(FloatKernels):
    """A library that `trainer.kernels.build` made.

    Args:
        library: its path.

    Raises:
        OSError: it can't be loaded.
    """

    def __init__(self, library: Path) -> None:
        self._library = ctypes.CDLL(str(library))

    def moved(self, base: FloatBits, aggregate: IntVector, exponent: int, out: FloatBits) -> bool:
        """Writes `base + aggregate · 2^exponent`."""
        _check(base, aggregate, out)
        function = getattr(self._library, f"moved_{_NAMES[base.dtype.name]}")
        unit = ctypes.c_double(power_of_two(exponent))
        lost = function(
            _address(base), _address(aggregate), unit, ctypes.c_int64(base.size), _address(out)
        )
        return not lost

    def stepped(self, base: FloatBits, step: npt.NDArray[np.float64], out: FloatBits) -> bool:
        """Writes `base + step`."""
        _check(base, step, out)
        function = getattr(self._library, f"stepped_{_NAMES[base.dtype.name]}")
        lost = function(_address(base), _address(step), ctypes.c_int64(base.size), _address(out))
        return not lost

    def quantized(
        self, base: FloatBits, trained: FloatBits, exponent: int, out: IntVector
    ) -> tuple[int, int | None]:
        """Writes the lattice values of a difference."""
        _check(base, trained, out)
        name = f"quantized_{_NAMES[base.dtype.name]}_i{out.dtype.itemsize * 8}"
        function, clamped = getattr(self._library, name), ctypes.c_int64(0)
        function.restype = ctypes.c_int64
        # The inverse of a power of two is exact, so the product is what the quotient would be.
        scale = ctypes.c_double(power_of_two(-exponent))
        length = ctypes.c_int64(base.size)
        inputs = _address(base), _address(trained), scale, length
        place = int(function(*inputs, _address(out), ctypes.byref(clamped)))
        return clamped.value, None if place < 0 else place


def _check(*arrays: npt.NDArray[Any]) -> None:
    """Raises for what the library would read or write beyond."""
    if any(a.shape != arrays[0].shape or not a.flags.c_contiguous for a in arrays):
        raise ValueError(
            f"expected contiguous arrays of one shape, got {[a.shape for a in arrays]}"
        )


def _address(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
