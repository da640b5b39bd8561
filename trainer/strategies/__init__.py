"""Server strategies: how a round's aggregate becomes the next version.

A strategy is an `init` / `apply` pair over an explicit `ServerState`; `strategy(name)` gives the
one that a round's terms name. What it remembers between rounds is part of the version's folder.

* what a strategy is: `base`, `client_needs`, `weighting`; `server_step`, `adaptive` and `blockwise`
  are shared;
* `fedavg`, `fedavgm`, `fedadagrad`, `fedadam`, `fedyogi`, `diloco`, `fedbuff`, `fednova`,
  `qfedavg`, `scaffold`, `hierarchical`, `gossip`: one each.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature

from registry.errors import ConfigError
from trainer.strategies.base import ServerMemory, ServerState, Strategy
from trainer.strategies.client_needs import NO_NEEDS, ClientNeeds
from trainer.strategies.diloco import DiLoCo
from trainer.strategies.fedadagrad import FedAdagrad
from trainer.strategies.fedadam import FedAdam
from trainer.strategies.fedavg import FedAvg
from trainer.strategies.fedavgm import FedAvgM
from trainer.strategies.fedbuff import FedBuff, staleness_weight
from trainer.strategies.fednova import FedNova
from trainer.strategies.fedyogi import FedYogi
from trainer.strategies.gossip import Gossip
from trainer.strategies.hierarchical import Hierarchical
from trainer.strategies.qfedavg import QFedAvg
from trainer.strategies.scaffold import CONTROL_VARIATE, Scaffold, client_control_variate
from trainer.strategies.weighting import PLAIN, SampleCounts, UpdateWeights

__all__ = [
    "CONTROL_VARIATE",
    "PLAIN",
    "STRATEGIES",
    "ClientNeeds",
    "FedAvg",
    "FedBuff",
    "Gossip",
    "Hierarchical",
    "SampleCounts",
    "Scaffold",
    "ServerMemory",
    "ServerState",
    "Strategy",
    "UpdateWeights",
    "client_control_variate",
    "client_needs",
    "staleness_weight",
    "strategy",
]

STRATEGIES: Mapping[str, type[Strategy]] = {
    "fedavg": FedAvg,
    "fedavgm": FedAvgM,
    "fedadagrad": FedAdagrad,
    "fedadam": FedAdam,
    "fedyogi": FedYogi,
    "diloco": DiLoCo,
    "fedbuff": FedBuff,
    "fednova": FedNova,
    "gossip": Gossip,
    "hierarchical": Hierarchical,
    "qfedavg": QFedAvg,
    "scaffold": Scaffold,
}


def strategy(name: str, parameters: Mapping[str, str] | None = None) -> Strategy:
    """Returns the strategy that terms call `name`.

    Raises:
        ConfigError: there is none of that name, or it doesn't take the parameters.
    """
    if name == "fedprox":
        raise ConfigError(
            "strategy fedprox: the server does what fedavg does; use fedavg, and --proximal 0.01 "
            "for the pull of its local training (a plan's `proximal`)"
        )
    if name not in STRATEGIES:
        raise ConfigError(f"expected a strategy of {', '.join(sorted(STRATEGIES))}, got {name!r}")
    given = dict(parameters or {})
    try:
        return STRATEGIES[name](**given)
    except TypeError:
        raise ConfigError(
            f"strategy {name}: expected {_parameters(name)}, "
            f"got {', '.join(sorted(given)) or 'none'}"
        ) from None


def client_needs(name: str) -> ClientNeeds:
    """Returns what the strategy that a round's terms name needs of who trains.

    A name that isn't known here needs nothing: its terms document is refused when it is read.
    """
    kind = STRATEGIES.get(name)
    return NO_NEEDS if kind is None else kind.client_needs


def _parameters(name: str) -> str:
    """Returns what a strategy takes: what has to be given, then what may be."""
    made = signature(STRATEGIES[name]).parameters.values()
    needed = [p.name for p in made if p.default is p.empty]
    free = [p.name for p in made if p.default is not p.empty]
    told = [*needed, *(["any of " + ", ".join(free)] if free else [])]
    return " and ".join(told) or "no parameter"
