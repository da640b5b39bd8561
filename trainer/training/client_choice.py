"""What a participant's command line names: a class, its data, and how its module is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from registry.errors import ConfigError
from trainer.training.client import Fitting, Training
from trainer.training.client_loading import (
    find_client,
    make_client,
    personal_training_of,
    training_of,
)
from trainer.training.client_references import named_object
from trainer.training.function_client import function_client_of

__all__ = ["ClientChoice"]


@final
@dataclass(frozen=True)
class ClientChoice:
    """A client before it is made.

    Args:
        reference: `package.module:Class` or `path/to/file.py:Class`.
        data: what it is made with.
        personal: how its module is trained personally; None: as the class does.
        model: the module that `reference`, a function, trains; None: that is a class.
        adapt: returns what makes a client of another framework's object; None for what isn't one.
    """

    reference: str
    data: Path
    personal: str | None = None
    model: str | None = None
    adapt: Callable[[object], Callable[..., Fitting] | None] = lambda found: None

    @property
    def named(self) -> str:
        """What is imported, in words."""
        return self.reference if self.model is None else f"{self.reference} on {self.model}"

    def find(self) -> Callable[..., Any]:
        """Imports what makes the client.

        Raises:
            ConfigError: there is no such thing, or its module raised.
        """
        if self.model is None:
            adapted = self.adapt(named_object("--client", self.reference))
            return adapted or find_client(self.reference)
        found = named_object("--client", self.reference)
        if not callable(found) or isinstance(found, type):
            raise ConfigError(
                f"--client {self.reference}: with --model expected a function train(model, data), "
                f"got {found!r:.100}; leave --model out for a class"
            )
        return found

    def make(self, found: Callable[..., Any]) -> Fitting:
        """Makes the client of what `find` returned.

        Raises:
            ConfigError: its constructor raised.
        """
        if self.model is not None:
            return function_client_of(found, self.model, self.data)
        return make_client(found, self.reference, self.data)

    def training_of(self, client: Fitting, folder: Path) -> Training:
        """Returns the training of a client.

        Args:
            client: as `make` returned it.
            folder: where its personal part lies or will lie.

        Raises:
            ConfigError: which arrays or which module are meant isn't clear.
        """
        if self.personal:
            return personal_training_of(client, self.reference, self.personal, folder)
        return training_of(client)

    def training(self, folder: Path) -> Training:
        """Returns the training of a client that is made now.

        Raises:
            ConfigError: as the three above.
        """
        return self.training_of(self.make(self.find()), folder)
