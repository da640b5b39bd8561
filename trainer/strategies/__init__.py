"""Server strategies: how a round's aggregate becomes the next version.

A strategy is an `init` / `apply` pair over an explicit `ServerState`; `strategy(name)` gives the
one that a round's terms name.
"""

from __future__ import annotations

from registry.errors import ConfigError
from trainer.strategies.base import ServerState, Strategy
from trainer.strategies.fedavg import FedAvg

__all__ = ["FedAvg", "ServerState", "Strategy", "strategy"]


def strategy(name: str) -> Strategy:
    """Returns the strategy that terms call `name`.

    Raises:
        ConfigError: there is none of that name.
    """
    known: dict[str, Strategy] = {found.name: found for found in (FedAvg(),)}
    if name not in known:
        raise ConfigError(f"expected a strategy of {sorted(known)}, got {name!r}")
    return known[name]
