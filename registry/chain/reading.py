"""Many views at one block, in few requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.chain.contracts import Contract
from registry.chain.gateway import Gateway
from registry.errors import Reverted

__all__ = ["ViewCall", "read_views"]


@dataclass(frozen=True)
class ViewCall:
    """One call of a view."""

    contract: Contract
    function: str
    arguments: tuple[Any, ...]


def read_views(gateway: Gateway, calls: Sequence[ViewCall], block: int) -> list[Any]:
    """Returns what each view answers at a block; the `Reverted` itself where one refuses.

    Raises:
        ChainError: an answer is no valid encoding, or the node refuses to call.
    """
    requests = [c.contract.view_request(c.function, *c.arguments, block=block) for c in calls]
    return [
        _answer(call, answer) for call, answer in zip(calls, gateway.batch(requests), strict=True)
    ]


def _answer(call: ViewCall, answer: Any) -> Any:
    try:
        return call.contract.view_answer(call.function, answer)
    except Reverted as refused:
        return refused
