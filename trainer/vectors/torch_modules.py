"""Between torch modules and plain states: names to tensors, contiguous, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from registry.errors import AggregationError
from trainer.vectors.layout import check_state, same_bits
from trainer.vectors.safetensors_files import State

__all__ = ["load_into", "state_of", "ties_of"]


def state_of(module: torch.nn.Module) -> State:
    """Returns copies of a module's parameters and persistent buffers, in the module's order.

    Every tensor is contiguous and on the CPU. Tied parameters appear under each of their names.
    """
    state = module.state_dict()
    return {
        name: tensor.detach().cpu().contiguous().clone()
        for name, tensor in state.items()
        if isinstance(tensor, torch.Tensor)
    }


def ties_of(module: torch.nn.Module) -> dict[str, str]:
    """Returns the names that share a tensor with an earlier one, each with that one's name.

    Whole tensors alone are tied: one that is a part of another has its own name and values.
    """
    first: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    found = {}
    for name, tensor in module.state_dict().items():
        if not isinstance(tensor, torch.Tensor) or tensor.numel() == 0:
            continue
        original = first.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
        if original != name:
            found[name] = original
    return found


def load_into(module: torch.nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Copies a state into a module, in place.

    Raises:
        AggregationError: a tensor is missing, extra, of another shape or type, or two names of
            one tied parameter differ: loading would keep either, and nobody could say which.
    """
    own = {name: t for name, t in module.state_dict().items() if isinstance(t, torch.Tensor)}
    if differing := sorted(set(state) ^ set(own)):
        owner = "the module" if differing[0] in own else "what it is given"
        raise AggregationError(
            f"the module doesn't fit: only {owner} has {differing[0]!r}; use the version's "
            "architecture"
        )
    check_state(state, own)
    for copy, original in ties_of(module).items():
        if not same_bits(state[original], state[copy]):
            raise AggregationError(
                f"{original!r} and {copy!r} are tied in the module, and differ here"
            )
    module.load_state_dict(dict(state))
