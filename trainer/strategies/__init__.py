"""Server strategies: how a round's aggregate becomes the next version.

A strategy is an `init` / `apply` pair over an explicit `ServerState`; `strategy(name)` gives the
one that a round's terms name. What it remembers between rounds is part of the version's folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from registry.errors import ConfigError
from trainer.strategies.base import Memory, ServerState, Strategy
from trainer.strategies.diloco import DiLoCo
from trainer.strategies.fedadagrad import FedAdagrad
from trainer.strategies.fedadam import FedAdam
from trainer.strategies.fedavg import FedAvg
from trainer.strategies.fedavgm import FedAvgM
from trainer.strategies.fedyogi import FedYogi

__all__ = ["STRATEGIES", "FedAvg", "Memory", "ServerState", "Strategy", "strategy"]

STRATEGIES: Mapping[str, Callable[..., Strategy]] = {
    "fedavg": FedAvg,
    "fedavgm": FedAvgM,
    "fedadagrad": FedAdagrad,
    "fedadam": FedAdam,
    "fedyogi": FedYogi,
    "diloco": DiLoCo,
}


def strategy(name: str, parameters: Mapping[str, str] | None = None) -> Strategy:
    """Returns the strategy that terms call `name`.

    Raises:
        ConfigError: there is none of that name, or it doesn't take the parameters.
    """
    if name not in STRATEGIES:
        raise ConfigError(f"expected a strategy of {sorted(STRATEGIES)}, got {name!r}")
    given = dict(parameters or {})
    try:
        return STRATEGIES[name](**given)
    except TypeError:
        raise ConfigError(f"strategy {name}: it doesn't take all of {sorted(given)}") from None
