"""Safetensors files, read with limits and written to the same bytes every time.

Source: the safetensors format: 8 bytes of header length (little-endian), a JSON header, the
tensors' bytes. The writer is our own because a version's bytes are a pure function of its tensors
(A-4): names are ordered, metadata is fixed, and no release of a library can move a byte. The
reader is our own because it checks before it allocates (T-26) and sees duplicate names (T-28).
Nothing here unpickles.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from registry.errors import ConfigError

__all__ = [
    "LARGEST_HEADER",
    "State",
    "TensorPlace",
    "load_safetensors",
    "map_safetensors",
    "save_safetensors",
    "tensor_bytes",
    "tensor_places",
]

State = dict[str, torch.Tensor]
LARGEST_HEADER = 16 << 20
_TYPES: dict[str, torch.dtype] = {
    "BOOL": torch.bool,
    "U8": torch.uint8,
    "I8": torch.int8,
    "I16": torch.int16,
    "I32": torch.int32,
    "I64": torch.int64,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "F64": torch.float64,
}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}


def save_safetensors(state: Mapping[str, torch.Tensor], path: Path) -> None:
    """Writes tensors to a file; equal tensors give equal bytes.

    The order is that of wide types first, then of names, so that every tensor is aligned to its
    type. Tied tensors are written once per name. The file appears whole or not at all.

    Raises:
        ConfigError: a type that the format doesn't have here, or no tensor.
    """
    if not state:
        raise ConfigError(f"{path}: expected at least one tensor, got none")
    for name, tensor in state.items():
        if tensor.dtype not in _NAMES:
            raise ConfigError(f"{path}: {name} is of type {tensor.dtype}; convert it first")
    order = sorted(state, key=lambda name: (-state[name].dtype.itemsize, name))
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        file.write(_header(state, order))
        for name in order:
            file.write(_flat_bytes(state[name]))
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """Returns a tensor's values in row-major order, little-endian."""
    return bytes(_flat_bytes(tensor))


def _flat_bytes(tensor: torch.Tensor) -> memoryview:
    """Returns the same without a copy, where the tensor lies like that already."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy().data if flat.numel() else b"")


def _header(state: Mapping[str, torch.Tensor], order: list[str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name in order:
        tensor = state[name]
        end = offset + tensor.numel() * tensor.dtype.itemsize
        header[name] = {
            "dtype": _NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, end],
        }
        offset = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    # So that the first tensor begins at a multiple of 8, as wide as any value.
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


@dataclass(frozen=True)
class TensorPlace:
    """Where a tensor lies in its file; `offset` and `size` in bytes from the file's beginning."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    offset: int
    size: int


def load_safetensors(path: Path, largest: int | None = None) -> State:
    """Returns a file's tensors by name, in the file's order.

    Args:
        path: the file; a link is refused.
        largest: the most bytes the file may have; None for no limit.

    Raises:
        ConfigError: not a well-formed safetensors file, one with a duplicate or overlapping
            tensor, or too large a file. Nothing is allocated before that is known.
    """
    places = tensor_places(path, largest)
    state: State = {}
    with path.open("rb") as file:
        for name, place in places.items():
            file.seek(place.offset)
            data = bytearray(place.size)
            if file.readinto(data) != place.size:
                raise ConfigError(f"{path}: cut short while it was read; fetch it again")
            state[name] = _tensor(data, place)
    return state


def map_safetensors(path: Path) -> State:
    """Returns a file's tensors as `load_safetensors` does, mapped into memory instead of read.

    Pages come from the file when they are looked at. Who writes to a tensor writes to a copy of
    that page; the file stays as it is. It has to: what is replaced whole, by renaming, may be.

    Raises:
        ConfigError: as `load_safetensors`.
    """
    places = tensor_places(path)
    whole = torch.from_numpy(np.memmap(path, np.uint8, "c"))
    state: State = {}
    for name, place in places.items():
        raw = whole[place.offset : place.offset + place.size]
        if len(raw) != place.size:
            raise ConfigError(f"{path}: cut short while it was read; fetch it again")
        # What isn't aligned to its type can't be viewed as one.
        fits = place.offset % place.dtype.itemsize == 0 and place.dtype is not torch.bool
        state[name] = (
            raw.view(place.dtype).reshape(place.shape) if fits else _shaped(raw.clone(), place)
        )
    return state


def tensor_places(path: Path, largest: int | None = None) -> dict[str, TensorPlace]:
    """Returns where each tensor of a file lies, reading its header only.

    Raises:
        ConfigError: as `load_safetensors`.
    """
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: expected a safetensors file")
    size = path.stat().st_size
    if largest is not None and size > largest:
        raise ConfigError(f"{path}: expected at most {largest} bytes, got {size}")
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(LARGEST_HEADER, size - 8):
            raise ConfigError(f"{path}: not safetensors; the header's length exceeds the file")
        text = file.read(length)
    return _places(path, text, size)


def _places(path: Path, text: bytes, size: int) -> dict[str, TensorPlace]:
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: malformed header: {error}") from None
    if not isinstance(header, dict):
        raise ConfigError(f"{path}: malformed header: expected an object")
    header.pop("__metadata__", None)
    expected = 8 + len(text)
    found = {
        name: _place(f"{path}: {name!a:.80}", value, expected) for name, value in header.items()
    }
    for name, place in sorted(found.items(), key=lambda item: (item[1].offset, item[1].size)):
        # The tensors lie end to end: neither gaps, where data could hide, nor overlaps.
        if place.offset != expected:
            raise ConfigError(f"{path}: {name!a:.80} starts at {place.offset}, not {expected}")
        expected += place.size
    if expected != size:
        raise ConfigError(f"{path}: expected {expected} bytes, got {size}")
    return found


def _place(what: str, value: Any, start: int) -> TensorPlace:
    if not isinstance(value, dict) or set(value) != {"dtype", "shape", "data_offsets"}:
        raise ConfigError(f"{what}: expected dtype, shape and data_offsets")
    dtype = _TYPES.get(value["dtype"]) if isinstance(value["dtype"], str) else None
    if dtype is None:
        raise ConfigError(f"{what}: unknown type {str(value['dtype'])[:40]!a}")
    shape, offsets = value["shape"], value["data_offsets"]
    if not _naturals(shape) or not _naturals(offsets) or len(offsets) != 2 or len(shape) > 16:
        raise ConfigError(f"{what}: expected a shape and two offsets of natural numbers")
    if math.prod(max(side, 1) for side in shape) >= 1 << 62:
        # Even without a value: strides of such a shape overflow.
        raise ConfigError(f"{what}: too large a shape, {shape}")
    size = math.prod(shape) * dtype.itemsize
    if offsets[1] - offsets[0] != size:
        raise ConfigError(
            f"{what}: expected {size} bytes for the shape {shape}, got {offsets[1] - offsets[0]}"
        )
    return TensorPlace(dtype, tuple(shape), start + offsets[0], size)


def _naturals(value: Any) -> bool:
    return isinstance(value, list) and all(type(v) is int and 0 <= v < 1 << 62 for v in value)


def _tensor(data: bytearray, place: TensorPlace) -> torch.Tensor:
    if not data:
        return torch.empty(place.shape, dtype=place.dtype)
    return _shaped(torch.frombuffer(data, dtype=torch.uint8), place)


def _shaped(raw: torch.Tensor, place: TensorPlace) -> torch.Tensor:
    if place.dtype is torch.bool:
        return (raw != 0).reshape(place.shape)
    return raw.view(place.dtype).reshape(place.shape)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!a:.80} appears twice")
        if any("\ud800" <= character <= "\udfff" for character in name):
            # No UTF-8 holds it, so what is made of it couldn't be written again.
            raise ValueError(f"{name!a:.80} holds half a character")
        found[name] = value
    return found
