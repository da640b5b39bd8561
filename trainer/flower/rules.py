"""Which of our rules a strategy of Flower's stands for.

Only Flower's own classes, not classes derived from them: what those do, nobody else could work out
again. Ours take the same parameters and follow the papers. Where Flower departs from one, the
guide says so: docs/guides/flower.md.
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
    FedTrimmedAvg,
    FedYogi,
    Krum,
    MultiKrum,
    Strategy,
)
from flwr.serverapp.strategy.multikrum import select_multikrum

from registry.errors import ConfigError
from trainer.decimals import decimal_text

__all__ = ["Rules", "rules_of"]


@dataclass(frozen=True)
class Rules:
    """A strategy and an aggregator with their parameters, as terms documents name them."""

    strategy: str = "fedavg"
    strategy_parameters: Mapping[str, str] = field(default_factory=dict)
    aggregator: str = "mean"
    aggregator_parameters: Mapping[str, int | str] = field(default_factory=dict)


def rules_of(strategy: Strategy, nodes: int) -> Rules:
    """Returns the rules that a strategy of Flower's stands for.

    Args:
        strategy: of one of Flower's own classes.
        nodes: how many take part in a round; some parameters are parts of it.

    Raises:
        ConfigError: another class, or parameters that our rule doesn't take.
    """
    found = _KNOWN.get(type(strategy))
    if found is None:
        raise ConfigError(
            f"{type(strategy).__name__}: nobody else could work its result out again; "
            f"use one of {', '.join(sorted(known.__name__ for known in _KNOWN))} itself"
        )
    return found(strategy, nodes)


def _momentum(strategy: Any, nodes: int) -> Rules:
    return Rules(
        "fedavgm",
        {
            "momentum": decimal_text(strategy.server_momentum),
            "learning_rate": decimal_text(strategy.server_learning_rate),
        },
    )


def _adaptive(name: str, *betas: str) -> Callable[[Any, int], Rules]:
    def rules(strategy: Any, nodes: int) -> Rules:
        numbers = {"learning_rate": strategy.eta, "tau": strategy.tau}
        numbers |= {beta: getattr(strategy, beta) for beta in betas}
        return Rules(name, {key: decimal_text(number) for key, number in numbers.items()})

    return rules


def _trimmed(strategy: Any, nodes: int) -> Rules:
    trim = int(strategy.beta * nodes)
    if trim < 1:
        raise ConfigError(
            f"FedTrimmedAvg: beta {strategy.beta} of {nodes} nodes trims nothing; "
            "raise it, or use FedAvg"
        )
    return Rules(aggregator="trimmed_mean", aggregator_parameters={"trim": trim})


def _krum(keep: Callable[[Any], int]) -> Callable[[Any, int], Rules]:
    def rules(strategy: Any, nodes: int) -> Rules:
        parameters = {"byzantine": strategy.num_malicious_nodes, "keep": keep(strategy)}
        return Rules(aggregator="krum", aggregator_parameters=parameters)

    return rules


def _bulyan(strategy: Any, nodes: int) -> Rules:
    if strategy.selection_rule is not select_multikrum:
        raise ConfigError("Bulyan: expected Flower's own selection rule; leave it out")
    parameters = {"byzantine": strategy.num_malicious_nodes}
    return Rules(aggregator="bulyan", aggregator_parameters=parameters)


_KNOWN: Mapping[type[Strategy], Callable[[Any, int], Rules]] = {
    FedAvg: lambda strategy, nodes: Rules(),
    FedAvgM: _momentum,
    FedAdam: _adaptive("fedadam", "beta_1", "beta_2"),
    FedYogi: _adaptive("fedyogi", "beta_1", "beta_2"),
    FedAdagrad: _adaptive("fedadagrad", "beta_1"),
    FedMedian: lambda strategy, nodes: Rules(aggregator="median"),
    FedTrimmedAvg: _trimmed,
    Krum: _krum(lambda strategy: 1),
    MultiKrum: _krum(lambda strategy: int(strategy.num_nodes_to_select)),
    Bulyan: _bulyan,
}
