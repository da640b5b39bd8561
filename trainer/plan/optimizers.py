"""The optimizers that a plan names: torch's own, with their parameters as decimal texts.

Names and parameters are those of `torch.optim`, with a pair of betas as `beta1` and `beta2` and a
switch as "0" or "1". What isn't named keeps torch's default. Each round begins with a fresh one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from registry.errors import ConfigError
from trainer.plan.decimals import decimal

__all__ = ["OPTIMIZERS", "check_optimizer", "make_optimizer", "parameters_of"]

_LARGE = 1_000.0
_BELOW_ONE = 1 - 2**-53
_BETAS = {"beta1": _BELOW_ONE, "beta2": _BELOW_ONE}
_ADAM = {**_BETAS, "eps": 1.0, "weight_decay": _LARGE, "amsgrad": 1.0}
_RANGES: Mapping[str, Mapping[str, float]] = {
    "adagrad": {
        "lr_decay": _LARGE,
        "weight_decay": _LARGE,
        "initial_accumulator_value": _LARGE,
        "eps": 1.0,
    },
    "adam": _ADAM,
    "adamw": _ADAM,
    "rmsprop": {
        "alpha": _BELOW_ONE,
        "eps": 1.0,
        "weight_decay": _LARGE,
        "momentum": _BELOW_ONE,
        "centered": 1.0,
    },
    "sgd": {"momentum": _BELOW_ONE, "dampening": 1.0, "weight_decay": _LARGE, "nesterov": 1.0},
}
_SWITCHES = ("amsgrad", "centered", "nesterov")
_MAKERS: Mapping[str, type[torch.optim.Optimizer]] = {
    "adagrad": torch.optim.Adagrad,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
}
OPTIMIZERS = tuple(_RANGES)
"""The names that a plan may give."""


def check_optimizer(name: str, parameters: Mapping[str, str]) -> None:
    """Checks an optimizer's name and parameters.

    Args:
        name: one of `OPTIMIZERS`.
        parameters: decimal texts by name.

    Raises:
        ConfigError: no such optimizer, a parameter that it doesn't take, or one out of range.
    """
    if not isinstance(name, str) or name not in _RANGES:
        raise ConfigError(
            f"plan: expected optimizer to be one of {', '.join(OPTIMIZERS)}, got {name!r:.60}"
        )
    if not isinstance(parameters, Mapping):
        raise ConfigError("plan: expected the optimizer's parameters by name")
    if unknown := sorted(set(parameters) - set(_RANGES[name])):
        raise ConfigError(
            f"plan: {name} takes {', '.join(sorted(_RANGES[name]))}; got {unknown[0]!r}"
        )
    for parameter, text in parameters.items():
        number = decimal(f"{name}: {parameter}", text, 0, _RANGES[name][parameter])
        if parameter == "eps" and not number:
            # A gradient of nought would be divided by nought.
            raise ConfigError(f"{name}: expected eps above 0, got {text!r}")
        if parameter in _SWITCHES and not number.is_integer():
            raise ConfigError(f"{name}: expected {parameter} of '0' or '1', got {text!r}")
    if float(parameters.get("nesterov", "0")) and (
        not float(parameters.get("momentum", "0")) or float(parameters.get("dampening", "0"))
    ):
        raise ConfigError("sgd: nesterov needs a momentum and no dampening; give or leave them")


def parameters_of(name: str) -> tuple[str, ...]:
    """Returns the names of the parameters that an optimizer takes; none for an unknown one."""
    return tuple(_RANGES.get(name, {}))


def make_optimizer(
    name: str,
    parameters: Mapping[str, str],
    learning_rate: float,
    tensors: Sequence[torch.nn.Parameter],
) -> torch.optim.Optimizer:
    """Returns an optimizer of some tensors.

    Args:
        name: one of `OPTIMIZERS`.
        parameters: decimal texts by name.
        learning_rate: above 0.
        tensors: what it steps.

    Raises:
        ConfigError: as `check_optimizer`.
    """
    check_optimizer(name, parameters)
    numbers: dict[str, Any] = {key: float(text) for key, text in parameters.items()}
    for switch in numbers.keys() & set(_SWITCHES):
        numbers[switch] = bool(numbers[switch])
    made: Any = _MAKERS[name]
    if numbers.keys() & set(_BETAS):
        numbers["betas"] = numbers.pop("beta1", 0.9), numbers.pop("beta2", 0.999)
    return made(list(tensors), lr=learning_rate, **numbers)  # type: ignore[no-any-return]
