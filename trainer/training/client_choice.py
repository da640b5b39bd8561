"""What a participant's command line names: a class, its data, and how its module is trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from trainer.training.client import Fitting, Training
from trainer.training.client_loading import (
    find_client,
    make_client,
    personal_training_of,
    training_of,
)

__all__ = ["ClientChoice"]


@final
@dataclass(frozen=True)
class ClientChoice:
    """A client before it is made.

    Args:
        reference: `package.module:Class` or `path/to/file.py:Class`.
        data: what it is made with.
        personal: how its module is trained personally; None: as the class does.
    """

    reference: str
    data: Path
    personal: str | None = None

    @property
    def named(self) -> str:
        """What is imported, in words."""
        return self.reference

    def find(self) -> Callable[..., Fitting]:
        """Imports what makes the client.

        Raises:
            ConfigError: there is no such thing, or its module raised.
        """
        return find_client(self.reference)

    def make(self, found: Callable[..., Fitting]) -> Fitting:
        """Makes the client of what `find` returned.

        Raises:
            ConfigError: its constructor raised.
        """
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
