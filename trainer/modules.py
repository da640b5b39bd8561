"""Between torch modules and plain states: names to tensors, contiguous, on the CPU."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from registry.errors import AggregationError
from trainer.parameters import check_state
from trainer.tensor_files import State

__all__ = ["load_into", "state_of"]


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
    first: dict[tuple[int, torch.Size, tuple[int, ...]], str] = {}
    for name, tensor in own.items():
        if tensor.numel() == 0:
            continue
        key = (tensor.data_ptr(), tensor.shape, tensor.stride())
        twin = first.setdefault(key, name)
        if twin != name and not torch.equal(state[twin], state[name]):
            raise AggregationError(f"{twin!r} and {name!r} are tied in the module, and differ here")
    module.load_state_dict(dict(state))
