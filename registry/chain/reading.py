"""Many views at one block, in few requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from registry.chain.calls import View
from registry.chain.gateway import Gateway
from registry.errors import Reverted

__all__ = ["read_views"]

T = TypeVar("T")


def read_views(gateway: Gateway, views: Sequence[View[T]], block: int) -> list[T | Reverted]:
    """Returns what each view answers at a block; the `Reverted` itself where one refuses.

    Raises:
        ChainError: an answer is no valid encoding, or the node refuses to call.
    """
    answers = gateway.batch([view.request(block) for view in views])
    found: list[T | Reverted] = []
    for view, answer in zip(views, answers, strict=True):
        try:
            found.append(view.answer(answer))
        except Reverted as refused:
            found.append(refused)
    return found
