"""An update's values in their file, whole or by their places; which of the two, the size decides.

Whole: one tensor `update`. Sparse: `values`, none of them zero, and their ascending `places`. The
root that is signed is that of the whole vector (L-4), so nothing else knows how it was stored.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import ConfigError
from trainer.errors import Reason, UpdateRefused
from trainer.types import IntVector
from trainer.vectors.safetensors_files import TensorPlace, save_safetensors, tensor_places

__all__ = ["check_sparse", "load_vector", "save_vector", "sparse_form", "stored_size"]

_WHOLE = {"update"}
_SPARSE = {"places", "values"}
# Of a header with two tensors instead of one, in bytes.
_LONGER_HEADER = 128
_BLOCK = 1 << 20

Integers = np.dtype[np.signedinteger[Any]]
Places = npt.NDArray[np.signedinteger[Any]]


def sparse_form(vector: IntVector) -> tuple[Places, IntVector] | None:
    """Returns the places and the values that aren't zero; None if that takes more bytes.

    Args:
        vector: shape (n,).
    """
    count = int(np.count_nonzero(vector))
    place = _place_type(vector.size)
    size = count * (place.itemsize + vector.itemsize) + _LONGER_HEADER
    if count == 0 or size >= vector.nbytes:
        return None
    places = np.flatnonzero(vector)
    return places.astype(place), np.ascontiguousarray(vector[places])


def stored_size(vector: IntVector) -> int:
    """Returns how many bytes a vector's values take in its file, without the header."""
    sparse = sparse_form(vector)
    return vector.nbytes if sparse is None else sparse[0].nbytes + sparse[1].nbytes


def save_vector(vector: IntVector, path: Path) -> None:
    """Writes a vector in the form that takes fewer bytes; equal vectors give equal files.

    Args:
        vector: shape (n,), the lattice's type.
        path: of the file, which appears whole or not at all.
    """
    sparse = sparse_form(vector)
    if sparse is None:
        save_safetensors({"update": torch.from_numpy(np.ascontiguousarray(vector))}, path)
        return
    places, values = (torch.from_numpy(array) for array in sparse)
    save_safetensors({"places": places, "values": values}, path)


def load_vector(path: Path, dtype: Integers, length: int) -> IntVector:
    """Returns a file's vector, shape (length,), mapped so that many needn't fit in memory.

    A sparse one is laid out in an unnamed file beside its own: where it is zero, that has holes.

    Raises:
        UpdateRefused: no such file, other tensors, or tensors that are no vector of the length.
    """
    try:
        found = tensor_places(path)
    except ConfigError as error:
        # By the name in the update's folder: where this lies, only this machine knows.
        why = f"{path.name}: {str(error).removeprefix(f'{path}: ')}"
        raise UpdateRefused(
            Reason.SHAPE, f"expected one tensor of {length} values: {why}"
        ) from error
    if set(found) == _WHOLE:
        _check_type(found["update"], dtype)
        _check_shape(found["update"], (length,))
        return np.memmap(path, dtype=dtype, mode="r", offset=found["update"].offset, shape=length)
    if set(found) != _SPARSE:
        names = ", ".join(sorted(found))[:80]
        raise UpdateRefused(Reason.SHAPE, f"expected the one tensor 'update', got {names!a}")
    return _laid_out(path, found["places"], found["values"], dtype, length)


def _laid_out(
    path: Path,
    places: TensorPlace,
    values: TensorPlace,
    dtype: Integers,
    length: int,
) -> IntVector:
    _check_type(values, dtype)
    _check_type(places, _place_type(length))
    if len(values.shape) != 1 or not 1 <= values.shape[0] <= length:
        raise UpdateRefused(
            Reason.SHAPE, f"expected at most {length} values, got the shape {values.shape}"
        )
    _check_shape(places, values.shape)
    count = values.shape[0]
    where = np.memmap(path, _place_type(length), "r", places.offset, count)
    what = np.memmap(path, dtype, "r", values.offset, count)
    check_sparse(where, what, length)
    with TemporaryFile(dir=path.parent.parent) as file:
        file.truncate(length * dtype.itemsize)
        vector = np.memmap(file, dtype, "r+", shape=(length,))
    for start in range(0, count, _BLOCK):
        vector[where[start : start + _BLOCK]] = what[start : start + _BLOCK]
    vector.flags.writeable = False
    return vector


def check_sparse(places: Places, values: IntVector, length: int) -> None:
    """Returns if places and values are the sparse form of a vector of so many values.

    Raises:
        UpdateRefused: places that don't ascend or lie outside, or a value of zero.
    """
    last = -1
    for start in range(0, places.size, _BLOCK):
        block = places[start : start + _BLOCK]
        ascending = int(block[0]) > last and bool((block[1:] > block[:-1]).all())
        last = int(block[-1])
        if not ascending or last >= length or not values[start : start + _BLOCK].all():
            raise UpdateRefused(
                Reason.SHAPE,
                f"expected ascending places below {length} of values that aren't zero",
            )


def _place_type(length: int) -> Integers:
    return np.dtype(np.int32 if length <= np.iinfo(np.int32).max else np.int64)


def _check_type(place: TensorPlace, dtype: Integers) -> None:
    if place.dtype.is_floating_point:
        raise UpdateRefused(Reason.DTYPE, f"expected {dtype} values, got floats")
    if place.dtype != getattr(torch, dtype.name):
        raise UpdateRefused(Reason.DTYPE, f"expected {dtype}, got {place.dtype}")


def _check_shape(place: TensorPlace, shape: tuple[int, ...]) -> None:
    if place.shape != shape:
        raise UpdateRefused(Reason.SHAPE, f"expected the shape {shape}, got {place.shape}")
