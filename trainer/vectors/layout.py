"""Between a model's tensors and the one vector that is trained (L-3, L-5).

A `Layout` says which tensors join the vector and where each one lies in it. It is made from the
base version and the terms, so everybody makes the same one. Whatever the layout doesn't name is
kept from the base bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import AggregationError, ConfigError
from trainer.errors import Reason, UpdateRefused
from trainer.vectors.safetensors_files import State, load_safetensors, save_safetensors
from trainer.vectors.tensor_stretches import is_finite

__all__ = [
    "STATISTICS",
    "Layout",
    "check_scales",
    "check_state",
    "difference",
    "fitting",
    "flatten",
    "in_parameters",
    "in_units",
    "load_safetensors",
    "same_bits",
    "save_safetensors",
    "shift_of",
    "unflatten",
]

STATISTICS = ("running_mean", "running_var")
"""What the normalisation layers of torch call their running statistics: the floating buffers."""


@dataclass(frozen=True)
class Layout:
    """The trained tensors in ascending order of their names (L-3).

    Args:
        names: ascending by code point.
        shapes: one shape per name.
        dtypes: one floating type per name.
        shifts: one exponent of two per name: a tensor's unit is `2**shift` of the vector's (L-7).
        tied: copies by their names, and what they are copies of: they aren't in the vector, and
            become what their originals become (L-8).
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[torch.dtype, ...]
    shifts: tuple[int, ...] = ()
    tied: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gives every tensor the vector's unit where none is named."""
        if not self.shifts:
            object.__setattr__(self, "shifts", (0,) * len(self.names))

    @classmethod
    def of(
        cls,
        state: Mapping[str, torch.Tensor],
        patterns: Sequence[str],
        buffers: str = "keep",
        scales: Sequence[tuple[str, int]] = (),
        tied: Mapping[str, str] | None = None,
    ) -> Layout:
        """Makes the layout of a base version under a terms document's patterns.

        A pattern takes tensors in, one that begins with `!` takes them out again, in order.
        Integer and boolean tensors never join, nor those that hold an infinity or a NaN in the
        base, as masks of attention do; running statistics only with `"average"` (L-5).

        Args:
            state: the base version's tensors; on torch's meta device they count as finite.
            patterns: of what is trained.
            buffers: "keep" or "average".
            scales: patterns, each with the shift of the tensors it names; the last one counts.
            tied: copies, and what they are copies of.

        Raises:
            ConfigError: a pattern, of `scales` too, that names no tensor, nothing left to train, or
                a copy that isn't one in this base.
        """
        copies = dict(tied or {})
        _check_copies(state, copies)
        check_scales(state, scales)
        names = tuple(
            name
            # Sorted, whatever the file's order: proofs name values by their places (L-3).
            for name in sorted(_chosen(state, patterns))
            if state[name].is_floating_point() and state[name].numel() > 0
            if name not in copies
            if state[name].is_meta or is_finite(state[name])
            if buffers == "average" or name.rpartition(".")[2] not in STATISTICS
        )
        if not names:
            raise ConfigError(
                f"the patterns {list(patterns)} leave no floating tensor of finite values to train"
            )
        shapes = tuple(tuple(state[name].shape) for name in names)
        dtypes = tuple(state[name].dtype for name in names)
        return cls(names, shapes, dtypes, tuple(shift_of(name, scales) for name in names), copies)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of values of each tensor."""
        return tuple(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes)

    @property
    def length(self) -> int:
        """The number of values of the vector."""
        return sum(self.sizes)


def check_scales(state: Mapping[str, torch.Tensor], scales: Sequence[tuple[str, int]]) -> None:
    """Returns if every pattern of the scales names a tensor of the base (L-7).

    Raises:
        ConfigError: one names none.
    """
    for pattern, _ in scales:
        if not any(fnmatchcase(name, pattern) for name in state):
            raise ConfigError(f"scales: the pattern {pattern!r} names no tensor of the base")


def _chosen(state: Mapping[str, torch.Tensor], patterns: Sequence[str]) -> set[str]:
    chosen: set[str] = set()
    for pattern in patterns:
        glob = pattern.removeprefix("!")
        found = {name for name in state if fnmatchcase(name, glob)}
        if not found:
            raise ConfigError(f"the pattern {pattern!r} names no tensor of the base")
        chosen = chosen - found if pattern.startswith("!") else chosen | found
    return chosen


def shift_of(name: str, scales: Sequence[tuple[str, int]]) -> int:
    """Returns the exponent that scales give a tensor: the last one's whose pattern names it."""
    found = [shift for pattern, shift in scales if fnmatchcase(name, pattern)]
    return found[-1] if found else 0


def _check_copies(state: Mapping[str, torch.Tensor], tied: Mapping[str, str]) -> None:
    for copy, original in tied.items():
        if copy not in state or original not in state or original in tied:
            raise ConfigError(f"tied: expected two tensors of the base, got {copy!r}={original!r}")
        if not _same(state[copy], state[original]):
            raise ConfigError(
                f"tied: {copy!r} isn't a copy of {original!r} in the base version; publish one "
                "that is, or leave the pair out"
            )


def _same(copy: torch.Tensor, original: torch.Tensor) -> bool:
    if copy.dtype != original.dtype or copy.shape != original.shape:
        return False
    # Shapes alone, without values, are enough to say where tensors lie.
    return copy.is_meta or same_bits(copy, original)


def same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Tells whether two tensors of one type and shape are equal to the bit, NaNs and zeros too."""
    left, right = (t.detach().cpu().contiguous().reshape(-1) for t in (one, other))
    return torch.equal(left.view(torch.uint8), right.view(torch.uint8))


def check_state(state: Mapping[str, torch.Tensor], base: Mapping[str, torch.Tensor]) -> None:
    """Returns if `state` has the base's tensors, with the same shapes and types (T-28).

    Raises:
        AggregationError: a tensor is missing, extra, or of another shape or type; by name.
    """
    if missing := sorted(set(base) - set(state)):
        raise AggregationError(f"missing tensor {missing[0]!r}; return every tensor of the base")
    if extra := sorted(set(state) - set(base)):
        raise AggregationError(f"unknown tensor {extra[0]!r}; the base doesn't have it")
    for name, tensor in state.items():
        # Shapes are compared whole: a (1,) tensor would broadcast without a word.
        if tensor.shape != base[name].shape:
            raise AggregationError(
                f"tensor {name!r}: expected the shape {tuple(base[name].shape)}, "
                f"got {tuple(tensor.shape)}"
            )
        if tensor.dtype != base[name].dtype:
            raise AggregationError(
                f"tensor {name!r}: expected {base[name].dtype}, got {tensor.dtype}"
            )


def flatten(state: Mapping[str, torch.Tensor], layout: Layout) -> npt.NDArray[np.float64]:
    """Returns the layout's tensors as one vector, shape (layout.length,), binary64.

    Raises:
        AggregationError: a tensor is missing, or of another shape or type.
    """
    vector = np.empty(layout.length, dtype=np.float64)
    whole, start = torch.from_numpy(vector), 0
    for index, size in enumerate(layout.sizes):
        tensor = fitting(state, layout, index)
        whole[start : start + size].view(tensor.shape).copy_(tensor)
        start += size
    return vector


def difference(
    trained: Mapping[str, torch.Tensor], base: Mapping[str, torch.Tensor], layout: Layout
) -> npt.NDArray[np.float64]:
    """Returns what training changed, shape (layout.length,), each tensor in its own unit (L-7).

    Raises:
        AggregationError: a tensor is missing, or of another shape or type.
        UpdateRefused: a NaN or an infinity in a trained tensor, by name (T-27).
    """
    delta = flatten(trained, layout)
    _check_finite(delta, layout)
    with np.errstate(over="ignore"):  # of binary64's largest: no number, as `quantize` will say
        delta -= flatten(base, layout)
    return _shifted(delta, layout, -1)


def _check_finite(vector: npt.NDArray[np.float64], layout: Layout) -> None:
    start = 0
    for name, size in zip(layout.names, layout.sizes, strict=True):
        finite = np.isfinite(vector[start : start + size])
        if not finite.all():
            raise UpdateRefused(
                Reason.NON_FINITE,
                f"tensor {name!r} has {size - int(np.count_nonzero(finite))} of {size} values that "
                "aren't finite after training; look for NaN in the data, or lower the learning "
                "rate",
            )
        start += size


def _shifted(
    vector: npt.NDArray[np.float64], layout: Layout, direction: int
) -> npt.NDArray[np.float64]:
    """Changes a vector's units in place, exactly: to the tensors' own (-1) or back (1)."""
    start = 0
    for size, shift in zip(layout.sizes, layout.shifts, strict=True):
        if shift:
            part = vector[start : start + size]
            np.ldexp(part, direction * shift, out=part)
        start += size
    return vector


def in_units(vector: npt.NDArray[np.float64], layout: Layout) -> npt.NDArray[np.float64]:
    """Returns a vector in the tensors' own units, of one in units of the parameters (L-7)."""
    return _shifted(vector.copy(), layout, -1) if any(layout.shifts) else vector


def in_parameters(vector: npt.NDArray[np.float64], layout: Layout) -> npt.NDArray[np.float64]:
    """Returns a vector in units of the parameters: the way back of `difference`."""
    return _shifted(vector.copy(), layout, 1) if any(layout.shifts) else vector


def unflatten(vector: npt.NDArray[np.floating[Any]], layout: Layout) -> State:
    """Returns the layout's tensors from a vector, each rounded to its own type.

    Raises:
        AggregationError: the vector's length isn't the layout's.
    """
    if vector.shape != (layout.length,):
        raise AggregationError(f"expected the shape ({layout.length},), got {vector.shape}")
    state: State = {}
    start = 0
    for name, shape, dtype, size in zip(
        layout.names, layout.shapes, layout.dtypes, layout.sizes, strict=True
    ):
        part = torch.from_numpy(np.ascontiguousarray(vector[start : start + size], np.float64))
        state[name] = _rounded(part, dtype).reshape(shape)
        start += size
    return state


def _rounded(values: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    if dtype in (torch.float16, torch.bfloat16):
        # A-3 fixes the path: to binary32 first, then to the 16-bit type.
        return values.to(torch.float32).to(dtype)
    return values.to(dtype, copy=True)


def fitting(state: Mapping[str, torch.Tensor], layout: Layout, index: int) -> torch.Tensor:
    """Returns a layout's tensor as it lies in a state, on the CPU.

    Raises:
        AggregationError: it is missing, or of another shape or type.
    """
    name, shape, dtype = layout.names[index], layout.shapes[index], layout.dtypes[index]
    tensor = _named(state, name)
    if tuple(tensor.shape) != shape or tensor.dtype != dtype:
        raise AggregationError(
            f"tensor {name!r}: expected {dtype} {shape}, got {tensor.dtype} {tuple(tensor.shape)}"
        )
    return tensor.detach().cpu()


def _named(state: Mapping[str, torch.Tensor], name: str) -> torch.Tensor:
    if name not in state:
        raise AggregationError(f"missing tensor {name!r}")
    return state[name]
