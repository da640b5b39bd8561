"""A client's arrays and a version's tensors: the same values, by order and by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import AggregationError, ConfigError
from trainer.vectors.safetensors_files import State

__all__ = ["Arrays", "arrays_of", "check_unnamed", "state_from"]

Arrays = list[npt.NDArray[Any]]


def arrays_of(state: Mapping[str, torch.Tensor], names: Sequence[str]) -> Arrays:
    """Returns a state's arrays in the order of `names`; bfloat16 as float32, which numpy has.

    Raises:
        AggregationError: the names aren't those of the state.
    """
    if sorted(names) != sorted(state):
        differing = sorted(set(names) ^ set(state))
        raise AggregationError(f"the model and the base version differ in {differing[:3]}")
    wide = torch.float32
    tensors = (state[n].to(wide) if state[n].dtype is torch.bfloat16 else state[n] for n in names)
    return [tensor.numpy().copy() for tensor in tensors]


def state_from(
    arrays: Sequence[npt.NDArray[Any]], names: Sequence[str], base: Mapping[str, torch.Tensor]
) -> State:
    """Returns the state of arrays in the order of `names`, with the base's types.

    Raises:
        AggregationError: another number of arrays, or a shape that differs, by name (T-28).
    """
    if len(arrays) != len(names):
        raise AggregationError(f"expected {len(names)} arrays, got {len(arrays)}")
    state: State = {}
    for name, array in zip(names, arrays, strict=True):
        like = base[name]
        found = np.asarray(array)
        if found.shape != tuple(like.shape):
            raise AggregationError(
                f"tensor {name!r}: expected the shape {tuple(like.shape)}, got {found.shape}"
            )
        state[name] = torch.from_numpy(np.array(found)).to(like.dtype)
    return state


def check_unnamed(client: object, base: Mapping[str, torch.Tensor]) -> None:
    """Compares the arrays that a client shows, if it shows any, with a base version's, in order.

    Args:
        client: may have a method `get_parameters`.
        base: in the order of the version's file.

    Raises:
        ConfigError: they differ in number or shape.
    """
    shown = _shown(client)
    expected = [(name, tuple(tensor.shape)) for name, tensor in base.items()]
    if shown and shown != [shape for _, shape in expected]:
        raise ConfigError(
            f"{type(client).__name__}: its arrays have the shapes {shown}, and the version's file "
            f"holds {expected}; give the class an attribute parameter_names, in its own order"
        )


def _shown(client: object) -> list[tuple[int, ...]]:
    show = getattr(client, "get_parameters", None)
    if not callable(show):
        return []
    try:
        return [tuple(np.shape(array)) for array in show({})]
    except Exception:  # a model that was never fitted may have nothing to show yet
        return []
