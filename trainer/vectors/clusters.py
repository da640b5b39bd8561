"""A version that holds several models of one shape, as tensors `cluster.<i>.<name>`.

The trained vector is in ascending order of names (L-3), so the models lie in it end to end, each in
the same order: as long as `<i>` sorts as its number does, and all have the same tensors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from registry.errors import ConfigError
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State

__all__ = ["check_clusters", "clustered_state", "clusters_of", "prefix_of"]

_PREFIX = "cluster"


def prefix_of(place: int, clusters: int) -> str:
    """Returns what the names of a cluster's tensors begin with, as `cluster.07.`."""
    width = len(str(clusters - 1))
    return f"{_PREFIX}.{place:0{width}}."


def clustered_state(models: Sequence[Mapping[str, torch.Tensor]]) -> State:
    """Returns the tensors of a version that holds these models; numbers have leading zeros.

    Raises:
        ConfigError: no model, or models that differ in a tensor's name, shape or type.
    """
    count = len(models)
    state = {
        prefix_of(place, count) + name: tensor.detach().cpu().clone()
        for place, model in enumerate(models)
        for name, tensor in model.items()
    }
    clusters_of(state)
    return state


def clusters_of(state: Mapping[str, torch.Tensor]) -> list[State]:
    """Returns the models that a version holds, each by its own names.

    Raises:
        ConfigError: a name that isn't `cluster.<i>.<name>`, a number that is missing or would not
            sort as it counts, or models that differ.
    """
    found: dict[str, State] = {}
    for name, tensor in state.items():
        word, _, rest = name.partition(".")
        number, _, own = rest.partition(".")
        if word != _PREFIX or not number.isdecimal() or not own:
            raise ConfigError(f"expected tensors cluster.<i>.<name>, got {name!r}; rename it")
        found.setdefault(number, {})[own] = tensor
    count = len(found)
    expected = [prefix_of(place, count).split(".")[1] for place in range(count)]
    if count == 0 or sorted(found) != expected:
        raise ConfigError(f"expected clusters {expected}, got {sorted(found)}; pad with zeros")
    models = [found[number] for number in expected]
    first = {name: (tensor.shape, tensor.dtype) for name, tensor in models[0].items()}
    for number, model in zip(expected, models, strict=True):
        if {name: (tensor.shape, tensor.dtype) for name, tensor in model.items()} != first:
            raise ConfigError(f"cluster {number} differs from cluster {expected[0]}; make them one")
    return models


def check_clusters(layout: Layout, clusters: int) -> None:
    """Checks that a vector is `clusters` models end to end; one model may have any names.

    Raises:
        ConfigError: the layout's tensors aren't those of that many equal clusters.
    """
    if clusters == 1:
        return
    empty = {
        name: torch.empty(shape, dtype=dtype, device="meta")
        for name, shape, dtype in zip(layout.names, layout.shapes, layout.dtypes, strict=True)
    }
    found = len(clusters_of(empty))
    if found != clusters:
        raise ConfigError(f"clustered_mean: expected {clusters} clusters, the base holds {found}")
