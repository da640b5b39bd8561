"""Rules on the command line: a name, and parameters behind a colon, as in `krum:byzantine=2`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.errors import ConfigError
from trainer.aggregation import aggregator
from trainer.strategies import strategy
from trainer.transforms import TransformTerms, transforms

__all__ = ["ChosenRules", "chosen_rules", "read_named"]


@dataclass(frozen=True)
class ChosenRules:
    """A strategy, an aggregator and transforms by name, with parameters that each accepts."""

    strategy: str
    strategy_parameters: dict[str, str]
    aggregator: str
    aggregator_parameters: dict[str, int | str]
    transforms: tuple[TransformTerms, ...] = ()


def chosen_rules(
    strategy_text: str, aggregator_text: str, transform_texts: Sequence[str] = ()
) -> ChosenRules:
    """Reads all, and makes each once, so that what doesn't fit is refused now.

    Raises:
        ConfigError: malformed, no such rule, or a parameter that it doesn't take.
    """
    named, texts = read_named("--strategy", strategy_text)
    strategy(named, texts)
    combines, given = read_named("--aggregator", aggregator_text)
    numbers: dict[str, int | str] = {}
    for key, text in given.items():
        if not text.isdecimal() and key != "trusted":
            raise ConfigError(f"--aggregator: expected {key} to be a natural number, got {text!r}")
        numbers[key] = int(text) if text.isdecimal() else text
    aggregator(combines, numbers)
    chain = tuple(TransformTerms(*read_named("--transform", text)) for text in transform_texts)
    transforms(chain)
    return ChosenRules(named, texts, combines, numbers, chain)


def read_named(option: str, text: str) -> tuple[str, dict[str, str]]:
    """Reads a name with its parameters.

    Raises:
        ConfigError: malformed.
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    for pair in filter(None, rest.split(",")):
        key, equals, value = pair.partition("=")
        if not equals:
            raise ConfigError(f"{option}: expected NAME:key=value,key=value, got {text!r}")
        if key in parameters:
            raise ConfigError(f"{option}: expected {key} once, got it twice in {text!r}")
        parameters[key] = value
    return name, parameters
