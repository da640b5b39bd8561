"""Finds the class that `--client package.module:Class` names, and the order of its arrays."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.training.client import Fitting, Training, client_training
from trainer.training.client_references import named_object
from trainer.training.foreign_errors import foreign_error
from trainer.training.personal import personal_training
from trainer.vectors.torch_modules import ties_of

__all__ = [
    "find_client",
    "load_client",
    "load_training",
    "make_client",
    "modules_of",
    "names_of",
    "personal_training_of",
    "personalised",
    "training_of",
]


def load_training(reference: str, data: Path) -> Training:
    """Imports a client class, makes one over the data at a path, and returns its training.

    Raises:
        ConfigError: as `load_client`.
    """
    return training_of(load_client(reference, data))


def training_of(client: Fitting) -> Training:
    """Returns a client's training, with the names and ties of its arrays.

    Raises:
        ConfigError: several torch modules, of which any could be meant.
    """
    modules = [] if getattr(client, "parameter_names", None) else modules_of(client)
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
    return personal_training_of(load_client(reference, data), reference, personal, folder)


def personal_training_of(client: Fitting, reference: str, personal: str, folder: Path) -> Training:
    """Returns the personal training of a client's module and data set; see `personalised`.

    Raises:
        ConfigError: the module or the data set isn't there.
    """
    dataset = getattr(client, "dataset", None)
    if dataset is None:
        raise ConfigError(f"--client {reference}: --personal needs an attribute dataset; add one")
    return personal_training(personal, _module_of(client), dataset, folder)


def load_client(reference: str, data: Path) -> Fitting:
    """Imports a client class and makes one over the data at a path.

    Args:
        reference: `package.module:Class`, or `path/to/file.py:Class`.
        data: what the class's constructor is called with, if it takes anything.

    Raises:
        ConfigError: as `find_client` and `make_client`.
    """
    return make_client(find_client(reference), reference, data)


def find_client(reference: str) -> Callable[..., Fitting]:
    """Imports a client class.

    Args:
        reference: `package.module:Class`, for which the working folder is searched too, or
            `path/to/file.py:Class`.

    Raises:
        ConfigError: no such module, file or class, its module raised, or it has no `fit`.
    """
    found = named_object("--client", reference)
    if not callable(found) or not callable(getattr(found, "fit", None)):
        raise ConfigError(
            f"--client {reference}: expected a class with a method fit, got {found!r:.100}; "
            "a function that trains a module goes with --model"
        )
    return found


def make_client(found: Callable[..., Fitting], reference: str, data: Path) -> Fitting:
    """Makes a client of its class, over the data at a path.

    Args:
        found: the class.
        reference: what named it, for the message.
        data: what it is called with, if it takes anything.

    Raises:
        ConfigError: its constructor raised.
    """
    try:
        return found(data) if _takes_data(found) else found()
    except Exception as error:  # a class of the user's may raise anything
        raise ConfigError(
            f"--client {reference}: {foreign_error(error)}; is --data {data} what it reads?"
        ) from error


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
    found = modules_of(client)
    return list(_one_of(client, found).state_dict()) if found else None


def _module_of(client: Fitting) -> torch.nn.Module:
    return _one_of(client, modules_of(client))


def _one_of(client: Fitting, found: Sequence[torch.nn.Module]) -> torch.nn.Module:
    if len(found) != 1:
        raise ConfigError(
            f"{type(client).__name__}: expected one torch module among its attributes, got "
            f"{len(found)}; give it an attribute parameter_names"
        )
    return found[0]


def modules_of(client: Fitting) -> list[torch.nn.Module]:
    """Returns the torch modules among a client's attributes, or else beside its class."""
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
