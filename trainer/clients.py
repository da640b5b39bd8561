"""Finds the class that `--client package.module:Class` names, and the order of its arrays."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.client import Client, Training, client_training
from trainer.personal import personal_training

__all__ = ["load_client", "load_training", "names_of", "personalised"]

_VERBS = ("get_parameters", "set_parameters", "fit", "evaluate")


def load_training(reference: str, data: Path) -> Training:
    """Imports a client class, makes one over the data at a path, and returns its training.

    Raises:
        ConfigError: as `load_client`.
    """
    client = load_client(reference, data)
    return client_training(client, names_of(client))


def personalised(reference: str, data: Path, personal: str, folder: Path) -> Training:
    """Makes a client as `load_training` does, and trains its module and data set personally.

    Args:
        reference: `package.module:Class`; it has one torch module among its attributes, and an
            attribute `dataset` of (input, integer label) pairs. Its `fit` isn't called.
        data: what the class's constructor is called with.
        personal: see `trainer.personal.personal_training`.
        folder: where the private file lies or will lie.

    Raises:
        ConfigError: as `load_client`, or the module or the data set isn't there.
    """
    client = load_client(reference, data)
    attributes = vars(client)
    if "dataset" not in attributes:
        raise ConfigError(f"--client {reference}: --personal needs an attribute dataset; add one")
    return personal_training(personal, _module_of(client), attributes["dataset"], folder)


def load_client(reference: str, data: Path) -> Client:
    """Imports a client class and makes one over the data at a path.

    Args:
        reference: `package.module:Class`; the working folder is searched too.
        data: what the class's constructor is called with.

    Raises:
        ConfigError: no such module or class, or it lacks one of the four verbs.
    """
    module_name, sign, class_name = reference.partition(":")
    if not sign or not module_name or not class_name:
        raise ConfigError(f"--client: expected package.module:Class, got {reference!r}")
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"--client {reference}: {error}") from error
    missing = [verb for verb in _VERBS if not callable(getattr(found, verb, None))]
    if missing:
        raise ConfigError(f"--client {reference}: the class lacks {', '.join(missing)}")
    client: Client = found(data)
    return client


def names_of(client: Client) -> Sequence[str]:
    """Returns the names of a client's arrays, in their order.

    They are its attribute `parameter_names`, or else the names in the state dict of the one torch
    module among its attributes, which is the order that the four verbs usually go by.

    Raises:
        ConfigError: neither is there.
    """
    attributes = vars(client)
    if "parameter_names" in attributes:
        return list(attributes["parameter_names"])
    return list(_module_of(client).state_dict())


def _module_of(client: Client) -> torch.nn.Module:
    modules = [value for value in vars(client).values() if isinstance(value, torch.nn.Module)]
    if len(modules) != 1:
        raise ConfigError(
            f"{type(client).__name__}: expected one torch module among its attributes, got "
            f"{len(modules)}; give it an attribute parameter_names"
        )
    return modules[0]
