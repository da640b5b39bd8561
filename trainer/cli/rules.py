"""Rules on the command line: a name, and parameters behind a colon, as in `krum:byzantine=2`."""

from __future__ import annotations

from dataclasses import dataclass

from registry.errors import ConfigError
from trainer.aggregation import aggregator
from trainer.strategies import strategy

__all__ = ["ChosenRules", "chosen_rules"]


@dataclass(frozen=True)
class ChosenRules:
    """A strategy and an aggregator by name, with parameters that both accept."""

    strategy: str
    strategy_parameters: dict[str, str]
    aggregator: str
    aggregator_parameters: dict[str, int]


def chosen_rules(strategy_text: str, aggregator_text: str) -> ChosenRules:
    """Reads both, and makes each once, so that what doesn't fit is refused now.

    Raises:
        ConfigError: malformed, no such rule, or a parameter that it doesn't take.
    """
    named, texts = _read("--strategy", strategy_text)
    strategy(named, texts)
    combines, given = _read("--aggregator", aggregator_text)
    numbers = {}
    for key, text in given.items():
        if not text.isdecimal():
            raise ConfigError(f"--aggregator: expected {key} to be a natural number, got {text!r}")
        numbers[key] = int(text)
    aggregator(combines, numbers)
    return ChosenRules(named, texts, combines, numbers)


def _read(option: str, text: str) -> tuple[str, dict[str, str]]:
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals or key in parameters:
            raise ConfigError(f"{option}: expected NAME:key=value,key=value, got {text!r}")
        parameters[key] = value
    return name, parameters
