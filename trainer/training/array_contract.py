"""Whether the arrays that a client shows are those of a version: by name, shape and type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from registry.errors import ConfigError
from trainer.training.client import Fitting
from trainer.training.client_loading import modules_of, names_of

__all__ = ["ShownArrays", "check_dtypes", "check_shapes", "shown_arrays"]

_MOST_TOLD = 3


@dataclass(frozen=True)
class ShownArrays:
    """What a client shows before it trains.

    Args:
        names: of its arrays, in its order; None where it goes by the version's file.
        shapes: of its arrays; None where it shows none.
        dtypes: NumPy's kinds and sizes, such as `float32`; None where it shows none.
        source: what showed them.
    """

    names: Sequence[str] | None
    shapes: Sequence[tuple[int, ...]] | None
    dtypes: Sequence[str] | None
    source: str


def shown_arrays(client: Fitting) -> ShownArrays:
    """Returns what `get_parameters` shows, or else the torch module that the client has.

    Raises:
        ConfigError: several modules, of which any could be meant.
    """
    names = names_of(client)
    arrays = _arrays(client)
    if arrays:
        shapes = [tuple(np.shape(array)) for array in arrays]
        dtypes = [str(np.asarray(array).dtype) for array in arrays]
        return ShownArrays(names, shapes, dtypes, "get_parameters")
    modules = modules_of(client)
    if names is not None and len(modules) == 1:
        state = modules[0].state_dict()
        if set(names) == set(state):
            shapes = [tuple(state[name].shape) for name in names]
            dtypes = [str(state[name].dtype).removeprefix("torch.") for name in names]
            return ShownArrays(names, shapes, dtypes, type(modules[0]).__name__)
    return ShownArrays(names, None, None, "")


def check_shapes(shown: ShownArrays, base: Mapping[str, torch.Tensor]) -> str:
    """Returns in words that names and shapes are the base's.

    Raises:
        ConfigError: they aren't; it says which, and the remedy.
    """
    names = list(base) if shown.names is None else list(shown.names)
    if set(names) != set(base) or len(names) != len(base):
        raise ConfigError(_differing(names, base))
    if shown.shapes is None:
        return f"{len(names)} arrays by name"
    if len(shown.shapes) != len(names):
        raise ConfigError(
            f"{shown.source} shows {len(shown.shapes)} arrays, and the version has {len(names)}: "
            f"{_few(names)}; return them all, in this order"
        )
    wrong = [
        f"{name}: expected {tuple(base[name].shape)}, got {shape}"
        for name, shape in zip(names, shown.shapes, strict=True)
        if shape != tuple(base[name].shape)
    ]
    if wrong:
        raise ConfigError(
            f"{shown.source} shows other shapes than the version's: {_few(wrong, '; ')}; use the "
            "version's architecture, or give the class parameter_names in its own order"
        )
    return f"{len(names)} arrays of {sum(base[name].numel() for name in names):,} values"


def check_dtypes(shown: ShownArrays, base: Mapping[str, torch.Tensor]) -> str:
    """Returns in words that the types can become the base's without losing their kind.

    Raises:
        ConfigError: an array of whole numbers where the base has real ones, or the like.
    """
    names = list(base) if shown.names is None else list(shown.names)
    pairs = list(zip(names, shown.dtypes or (), strict=False))
    wrong = [
        f"{name}: expected {_text(base[name].dtype)}, got {dtype}"
        for name, dtype in pairs
        if _kind(dtype) != _kind(_text(base[name].dtype))
    ]
    if wrong:
        raise ConfigError(
            f"{shown.source} shows other types than the version's: {_few(wrong, '; ')}; return "
            "arrays of these types"
        )
    cast = sorted({d for name, d in pairs if d != _text(base[name].dtype)})
    told = ", ".join(sorted({_text(tensor.dtype) for tensor in base.values()}))
    # NumPy has no bfloat16: such arrays are shown as float32, and rounded.
    return f"{told}; what it shows as {', '.join(cast)} is rounded to these" if cast else told


def _arrays(client: Fitting) -> list[Any]:
    show = getattr(client, "get_parameters", None)
    if not callable(show):
        return []
    try:
        return list(show({}))
    except Exception:  # a model that was never fitted may have nothing to show yet
        return []


def _text(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _kind(dtype: str) -> str:
    return dtype.removeprefix("b" if dtype.startswith("bf") else "").rstrip("0123456789")


def _differing(names: Sequence[str], base: Mapping[str, torch.Tensor]) -> str:
    only_here, only_there = sorted(set(names) - set(base)), sorted(set(base) - set(names))
    parts = [f"only the class has {_few(only_here)}"] if only_here else []
    parts += [f"only the version has {_few(only_there)}"] if only_there else []
    parts += [] if parts else ["the class names an array twice"]
    return (
        f"the class's arrays aren't the version's: {', '.join(parts)}; use the version's "
        "architecture"
    )


def _few(texts: Sequence[str], between: str = ", ") -> str:
    more = len(texts) - _MOST_TOLD
    return between.join(texts[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
