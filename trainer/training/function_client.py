"""A function `train(model, data)` and a torch module, as a client with `fit`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, final

import torch

from registry.errors import ConfigError, TrainingError
from trainer.plan.configs import Config, Scalar
from trainer.training.client_references import named_object
from trainer.training.foreign_errors import foreign_error
from trainer.vectors.arrays import Arrays, arrays_of
from trainer.vectors.torch_modules import state_of

__all__ = ["FunctionClient", "function_client_of"]

_RETURNS = "return the number of examples, or it and a dictionary of metrics"


@final
class FunctionClient:
    """Trains a module by a function of its owner's.

    Args:
        train: called with the module, which holds the round's base, and the data's path, and, if it
            takes a third argument, with the round's config. Trains in place; returns the number of
            examples, or that and a dictionary of metrics.
        model: the module.
        data: the path.
    """

    def __init__(self, train: Callable[..., Any], model: torch.nn.Module, data: Path) -> None:
        self.model = model
        self._train, self._data = train, data

    def get_parameters(self, config: Config) -> Arrays:
        """Returns the module's arrays, in the order of its state dict."""
        state = state_of(self.model)
        return arrays_of(state, list(state))

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Puts the base into the module, trains it, and returns its arrays.

        Raises:
            TrainingError: the function returned no number of examples.
        """
        names = self.model.state_dict()
        state = {n: torch.tensor(a) for n, a in zip(names, parameters, strict=True)}
        self.model.load_state_dict(state)
        arguments = [self.model, self._data, config][: 3 if _takes_config(self._train) else 2]
        returned = self._train(*arguments)
        pair = isinstance(returned, tuple) and len(returned) == 2
        examples, metrics = returned if pair else (returned, {})
        if isinstance(examples, bool) or not isinstance(examples, int):
            told = type(examples).__name__
            raise TrainingError(f"train: expected an int, got {told}; {_RETURNS}")
        return self.get_parameters(config), examples, metrics


def function_client_of(
    train: Callable[..., Any], model_reference: str, data: Path
) -> FunctionClient:
    """Makes a client of a function and of what names a module, its class, or what makes one.

    Raises:
        ConfigError: there is no such thing, it raised, or it is no torch module.
    """
    found = named_object("--model", model_reference)
    try:
        made = found() if callable(found) and not isinstance(found, torch.nn.Module) else found
    except Exception as error:  # of the user's own lines
        raise ConfigError(f"--model {model_reference}: {foreign_error(error)}") from error
    if not isinstance(made, torch.nn.Module):
        raise ConfigError(
            f"--model {model_reference}: expected a torch.nn.Module, its class, or a function that "
            f"makes one, got {type(made).__name__}"
        )
    return FunctionClient(train, made, data)


def _takes_config(train: Callable[..., Any]) -> bool:
    try:
        inspect.signature(train).bind(None, None, None)
    except (TypeError, ValueError):
        return False
    return True
