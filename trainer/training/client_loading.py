"""Finds the class that `--client package.module:Class` names, and the order of its arrays."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.training.client import Fitting, Training, client_training
from trainer.training.personal import personal_training
from trainer.vectors.torch_modules import ties_of

__all__ = ["load_client", "load_training", "names_of", "personalised"]


def load_training(reference: str, data: Path) -> Training:
    """Imports a client class, makes one over the data at a path, and returns its training.

    Raises:
        ConfigError: as `load_client`.
    """
    client = load_client(reference, data)
    modules = [] if getattr(client, "parameter_names", None) else _modules_of(client)
    ties = ties_of(_one_of(client, modules)) if modules else {}
    return client_training(client, names_of(client), ties=ties)


def personalised(reference: str, data: Path, personal: str, folder: Path) -> Training:
    """Makes a client as `load_training` does, and trains its module and data set personally.

    Args:
        reference: `package.module:Class`; it has one torch module among its attributes, and an
            attribute `dataset` of (input, integer label) pairs. Its `fit` isn't called.
        data: what the class's constructor is called with.
        personal: see `trainer.training.personal.personal_training`.
        folder: where the private file lies or will lie.

    Raises:
        ConfigError: as `load_client`, or the module or the data set isn't there.
    """
    client = load_client(reference, data)
    dataset = getattr(client, "dataset", None)
    if dataset is None:
        raise ConfigError(f"--client {reference}: --personal needs an attribute dataset; add one")
    return personal_training(personal, _module_of(client), dataset, folder)


def load_client(reference: str, data: Path) -> Fitting:
    """Imports a client class and makes one over the data at a path.

    Args:
        reference: `package.module:Class`; the working folder is searched too.
        data: what the class's constructor is called with, if it takes anything.

    Raises:
        ConfigError: no such module or class, it has no `fit`, or its module or constructor raised.
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
    except Exception as error:  # of the module's own lines
        raise ConfigError(f"--client {reference}: {_one_line(error)}") from error
    if not callable(found) or not callable(getattr(found, "fit", None)):
        raise ConfigError(
            f"--client {reference}: expected a class with a method fit, got {found!r}"
        )
    try:
        client: Fitting = found(data) if _takes_data(found) else found()
    except Exception as error:  # a class of the user's may raise anything
        raise ConfigError(f"--client {reference}: {_one_line(error)}") from error
    return client


def _one_line(error: Exception) -> str:
    """Returns an error's type and what it says, in one line of at most 300 characters."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said:.300}" if said else type(error).__name__


def _takes_data(kind: Callable[..., object]) -> bool:
    """Tells whether a constructor takes the path; one of an app with data of its own doesn't."""
    try:
        inspect.signature(kind).bind(Path())
    except TypeError:
        return False
    except ValueError:
        return True  # it has no signature to look at
    return True


def names_of(client: Fitting) -> Sequence[str] | None:
    """Returns the names of a client's arrays, in their order.

    They are its attribute `parameter_names`, or else the names in the state dict of the one torch
    module with parameters among its attributes, or among the globals beside its class: the order
    that such classes usually go by. None for a class without either, whose arrays are those of the
    version's file, in its order.

    Raises:
        ConfigError: several modules, of which any could be meant.
    """
    given = getattr(client, "parameter_names", None)
    if given is not None:
        return list(given)
    found = _modules_of(client)
    return list(_one_of(client, found).state_dict()) if found else None


def _module_of(client: Fitting) -> torch.nn.Module:
    return _one_of(client, _modules_of(client))


def _one_of(client: Fitting, found: Sequence[torch.nn.Module]) -> torch.nn.Module:
    if len(found) != 1:
        raise ConfigError(
            f"{type(client).__name__}: expected one torch module among its attributes, got "
            f"{len(found)}; give it an attribute parameter_names"
        )
    return found[0]


def _modules_of(client: Fitting) -> list[torch.nn.Module]:
    own = _modules_in(getattr(client, "__dict__", {}))
    return own or _modules_in(vars(sys.modules[type(client).__module__]))


def _modules_in(names: Mapping[str, object]) -> list[torch.nn.Module]:
    """Returns the modules with something to train, each once, without those inside another one.

    A loss function has nothing to train, even where it holds weights of classes. Where no module
    has parameters, those with buffers are meant.
    """
    found = list(dict.fromkeys(v for v in names.values() if isinstance(v, torch.nn.Module)))
    trained = [module for module in found if any(True for _ in module.parameters())]
    chosen = trained or [module for module in found if module.state_dict()]
    inside = {part for module in chosen for part in module.modules() if part is not module}
    return [module for module in chosen if module not in inside]
