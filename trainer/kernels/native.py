"""The compiled kernels: vectors are shared out among threads, each a range of values."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, final

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from trainer.kernels.base import Division, Kernels, check_factors, check_vectors
from trainer.kernels.networks import network
from trainer.kernels.portable import PortableKernels
from trainer.types import IntVector

__all__ = ["NativeKernels"]

_GRAIN = 1 << 16
"""Fewer values than this aren't worth a thread."""
_OUT_OF_LATTICE = -2
# Σ products of 16-bit values stays below 2^62 for so many values; longer vectors go in parts.
_PRODUCTS = 1 << 32


class _Target(ctypes.Structure):
    _fields_ = (
        ("sums", ctypes.c_void_p),
        ("quotients", ctypes.c_void_p),
        ("denominator", ctypes.c_int64),
        ("guard", ctypes.c_int64),
        ("largest", ctypes.c_int64),
    )


@final
class NativeKernels(Kernels):
    """A library that `trainer.kernels.build` made.

    Args:
        library: its path.
        threads: how many work at once; the processor's cores without it.

    Raises:
        OSError: it can't be loaded.
    """

    def __init__(self, library: Path, threads: int | None = None) -> None:
        self._library = ctypes.CDLL(str(library))
        self._threads = threads or len(os.sched_getaffinity(0))
        self._portable = PortableKernels()

    @property
    def name(self) -> str:
        """Returns "native"."""
        return "native"

    def weighted(
        self, vectors: Sequence[IntVector], factors: Sequence[int], division: Division | None = None
    ) -> IntVector:
        """Returns `Σ factorᵢ · vectorᵢ`."""
        bits, length = check_vectors(vectors)
        check_factors(factors, len(vectors), bits)
        rows, result = _contiguous(vectors), _result(length, division)
        pointers, target = _pointers(rows), _target(result, division)
        given = np.array(factors, np.int64)
        function = getattr(self._library, f"weighted_i{bits}")

        def work(start: int, end: int) -> int:
            words = ctypes.c_int64(len(rows)), ctypes.c_int64(start), ctypes.c_int64(end)
            function(pointers, _address(given), *words, ctypes.byref(target))
            return 0

        self._share(length, work)
        return result

    def ranked(
        self,
        vectors: Sequence[IntVector],
        low: int,
        high: int,
        division: Division | None = None,
    ) -> IntVector:
        """Returns each column's sum of the ranks from `low` to `high - 1`."""
        return self._by_rank(vectors, low, high, 0, division)

    def nearest(
        self, vectors: Sequence[IntVector], keep: int, division: Division | None = None
    ) -> IntVector:
        """Returns each column's sum of the `keep` values nearest its median."""
        return self._by_rank(vectors, 0, len(vectors), keep, division)

    def _by_rank(
        self,
        vectors: Sequence[IntVector],
        low: int,
        high: int,
        near: int,
        division: Division | None,
    ) -> IntVector:
        bits, length = check_vectors(vectors)
        rows, result = _contiguous(vectors), _result(length, division)
        pointers, target = _pointers(rows), _target(result, division)
        steps = np.array(network(len(rows), low, high), np.int32).reshape(-1, 2)
        function = getattr(self._library, f"ranked_i{bits}")
        function.restype = ctypes.c_int
        chosen = [ctypes.c_int64(word) for word in (len(steps), low, high, near)]

        def work(start: int, end: int) -> int:
            bounds = ctypes.c_int64(start), ctypes.c_int64(end)
            count = ctypes.c_int64(len(rows))
            arguments = (pointers, count, _address(steps), *chosen, *bounds)
            return int(function(*arguments, ctypes.byref(target)))

        self._share(length, work)
        return result

    def gram(self, vectors: Sequence[IntVector]) -> list[list[int]]:
        """Returns the inner products of all pairs."""
        bits, length = check_vectors(vectors)
        if bits > 16 or length >= _PRODUCTS:
            return self._portable.gram(vectors)
        rows, count = _contiguous(vectors), len(vectors)
        pointers = _pointers(rows)
        function = getattr(self._library, f"gram_i{bits}")
        function.restype = ctypes.c_int
        parts: list[npt.NDArray[np.int64]] = []

        def work(start: int, end: int) -> int:
            part = np.zeros((count, count), np.int64)
            bounds = ctypes.c_int64(start), ctypes.c_int64(end)
            code = int(function(pointers, ctypes.c_int64(count), *bounds, _address(part)))
            parts.append(part)
            return code

        # -2^15, which no lattice has (L-2): two of its squares overflow the 32 bits of a tile.
        if self._share(length, work) == _OUT_OF_LATTICE:
            return self._portable.gram(vectors)
        # Tiles reach below the diagonal, and fill that side only in part.
        upper = np.triu(np.sum(parts, axis=0))
        found: list[list[int]] = (upper + np.triu(upper, 1).T).tolist()
        return found

    def _share(self, length: int, work: Callable[[int, int], int]) -> int:
        """Lets threads work on ranges of values; returns the least of their codes."""
        threads = max(1, min(self._threads, length // _GRAIN))
        cuts = [length * at // threads for at in range(threads + 1)]
        if threads == 1:
            code = work(0, length)
        else:
            with ThreadPoolExecutor(threads) as pool:
                code = min(pool.map(work, cuts[:-1], cuts[1:]))
        if code not in (0, _OUT_OF_LATTICE):
            raise AggregationError("the kernels found no memory for a block of every vector")
        return code


def _contiguous(vectors: Sequence[IntVector]) -> list[npt.NDArray[Any]]:
    # A copy only of what isn't laid out in the machine's own way, as mapped big-endian files.
    native = vectors[0].dtype.newbyteorder("=")
    return [np.ascontiguousarray(vector, native) for vector in vectors]


def _address(array: npt.NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _pointers(rows: Sequence[npt.NDArray[Any]]) -> Any:
    return (ctypes.c_void_p * len(rows))(*[row.ctypes.data for row in rows])


def _result(length: int, division: Division | None) -> IntVector:
    return np.empty(length, np.int64 if division is None else np.int32)


def _target(result: IntVector, division: Division | None) -> _Target:
    if division is None:
        return _Target(result.ctypes.data, None, 1, 0, 0)
    words = division.denominator, division.guard_bits, division.largest
    return _Target(None, result.ctypes.data, *words)
