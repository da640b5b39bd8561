"""Which of our rules a strategy of Flower's stands for.

Flower's own classes, and those derived from them that combine updates as these do: what a class
makes of updates by itself, nobody else could work out again. Sampling, messages and evaluation are
its own affair. Ours take the same parameters and follow the papers. Where Flower departs from one,
the guide says so: docs/guides/flower.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flwr.serverapp.strategy import (
    Bulyan,
    FedAdagrad,
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
    FedProx,
    FedTrimmedAvg,
    FedYogi,
    Krum,
    MultiKrum,
    Strategy,
)
from flwr.serverapp.strategy.multikrum import select_multikrum

from registry.errors import ConfigError
from trainer.plan.decimals import decimal_text
from trainer.plan.training_plan import LocalPlan

__all__ = ["DerivedRules", "rules_of"]

_NEWER, _OLDER = "flwr.serverapp.strategy", "flwr.server.strategy"
# What makes a result of replies, in one class of Flower's or another.
_COMBINING = (
    "aggregate_fit",
    "aggregate_train",
    "_check_and_log_replies",
    "_compute_deltat_and_mt",
)


@dataclass(frozen=True)
class DerivedRules:
    """A strategy and an aggregator with their parameters, as terms documents name them.

    `proximal` is what FedProx has nodes hold their training to the base by.
    """

    strategy: str = "fedavg"
    strategy_parameters: Mapping[str, str] = field(default_factory=dict)
    aggregator: str = "mean"
    aggregator_parameters: Mapping[str, int | str] = field(default_factory=dict)
    proximal: str = "0"

    @property
    def plan(self) -> LocalPlan:
        """What nodes do locally as far as the strategy says it; the app's code does the rest."""
        return LocalPlan(proximal=self.proximal)


def rules_of(strategy: Strategy, nodes: int) -> DerivedRules:
    """Returns the rules that a strategy of Flower's stands for.

    Args:
        strategy: of one of Flower's own classes, or of one derived from it.
        nodes: how many take part in a round; some parameters are parts of it.

    Raises:
        ConfigError: another class, one that combines updates or runs rounds by itself, or
            parameters that our rule doesn't take.
    """
    kind = type(strategy)
    known = next((base for base in kind.__mro__ if base in _KNOWN), None)
    if known is None:
        older = any(base.__module__.startswith(_OLDER) for base in kind.__mro__)
        remedy = f"of {_NEWER}, not of {_OLDER}" if older else "itself, or a class derived from it"
        raise ConfigError(
            f"{kind.__name__}: nobody else could work its result out again; use one of "
            f"{', '.join(sorted(base.__name__ for base in _KNOWN))} {remedy}"
        )
    _check_derived(strategy, known)
    return _KNOWN[known](strategy, nodes)


def _check_derived(strategy: Strategy, known: type[Strategy]) -> None:
    """Refuses what a derived class, or the object, does in place of what we work out."""
    kind = type(strategy)
    own = set(vars(strategy))
    for base in kind.__mro__[: kind.__mro__.index(known)]:
        own |= set(vars(base))
    if taken := sorted(own & set(_COMBINING)):
        raise ConfigError(
            f"{kind.__name__}: its {taken[0]} is its own, and nobody else could work its "
            f"result out again; use {known.__name__}'s, and leave sampling, messages and "
            "evaluation to the class"
        )
    if "start" in own:
        raise ConfigError(
            f"{kind.__name__}: its start is its own, which would run rounds that nobody "
            "audits; move what it does into configure_train or aggregate_evaluate"
        )


def _momentum(strategy: Any, nodes: int) -> DerivedRules:
    return DerivedRules(
        "fedavgm",
        {
            "momentum": decimal_text(strategy.server_momentum),
            "learning_rate": decimal_text(strategy.server_learning_rate),
        },
    )


def _adaptive(name: str, *betas: str) -> Callable[[Any, int], DerivedRules]:
    def rules(strategy: Any, nodes: int) -> DerivedRules:
        numbers = {"learning_rate": strategy.eta, "tau": strategy.tau}
        numbers |= {beta: getattr(strategy, beta) for beta in betas}
        return DerivedRules(name, {key: decimal_text(number) for key, number in numbers.items()})

    return rules


def _trimmed(strategy: Any, nodes: int) -> DerivedRules:
    trim = int(strategy.beta * nodes)
    if trim < 1:
        raise ConfigError(
            f"FedTrimmedAvg: beta {strategy.beta} of {nodes} nodes trims nothing; "
            "raise it, or use FedAvg"
        )
    return DerivedRules(aggregator="trimmed_mean", aggregator_parameters={"trim": trim})


def _krum(keep: Callable[[Any], int]) -> Callable[[Any, int], DerivedRules]:
    def rules(strategy: Any, nodes: int) -> DerivedRules:
        parameters = {"byzantine": strategy.num_malicious_nodes, "keep": keep(strategy)}
        return DerivedRules(aggregator="krum", aggregator_parameters=parameters)

    return rules


def _bulyan(strategy: Any, nodes: int) -> DerivedRules:
    if strategy.selection_rule is not select_multikrum:
        raise ConfigError("Bulyan: expected Flower's own selection rule; leave it out")
    parameters = {"byzantine": strategy.num_malicious_nodes}
    return DerivedRules(aggregator="bulyan", aggregator_parameters=parameters)


_KNOWN: Mapping[type[Strategy], Callable[[Any, int], DerivedRules]] = {
    FedAvg: lambda strategy, nodes: DerivedRules(),
    FedAvgM: _momentum,
    FedAdam: _adaptive("fedadam", "beta_1", "beta_2"),
    FedYogi: _adaptive("fedyogi", "beta_1", "beta_2"),
    FedAdagrad: _adaptive("fedadagrad", "beta_1"),
    FedMedian: lambda strategy, nodes: DerivedRules(aggregator="median"),
    FedTrimmedAvg: _trimmed,
    FedProx: lambda strategy, nodes: DerivedRules(proximal=decimal_text(strategy.proximal_mu)),
    Krum: _krum(lambda strategy: 1),
    MultiKrum: _krum(lambda strategy: int(strategy.num_nodes_to_select)),
    Bulyan: _bulyan,
}
