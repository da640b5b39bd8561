"""How many rounds, and who takes part in each: the options that federated code knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor

from registry.addresses import address_order
from registry.errors import ConfigError, TrainingError

__all__ = ["FederationOptions"]


@dataclass(frozen=True)
class FederationOptions:
    """The familiar options of a federation.

    There are none of evaluation: what a version is worth is measured on a validation set that
    everybody can measure on again (`--validation-set`); what participants told of theirs, nobody
    could.

    Args:
        num_rounds: at least 1.
        fraction_fit: the part of the available participants that trains in a round, 0 to 1.
        min_fit_clients: the fewest that train.
        min_available_clients: the fewest that have to be there before a round begins.

    Raises:
        ConfigError: out of range, or more needed than have to be available.
    """

    num_rounds: int = 1
    fraction_fit: float = 1.0
    min_fit_clients: int = 2
    min_available_clients: int = 2

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if type(self.num_rounds) is not int or self.num_rounds < 1:
            raise ConfigError(f"num_rounds: expected at least 1, got {self.num_rounds!r}")
        if not 0.0 <= self.fraction_fit <= 1.0:
            raise ConfigError(f"fraction_fit: expected 0 to 1, got {self.fraction_fit!r}")
        for name in ("min_fit_clients", "min_available_clients"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise ConfigError(f"{name}: expected a positive number, got {value!r}")
        if self.min_available_clients < self.min_fit_clients:
            raise ConfigError(
                f"min_available_clients: expected at least {self.min_fit_clients}, as many as a "
                f"round needs, got {self.min_available_clients}"
            )

    def sample(
        self,
        participants: Iterable[str],
        round_number: int,
        seed: int = 0,
        over_selection: Fraction = Fraction(1),
    ) -> list[str]:
        """Returns the participants that train in a round, in ascending order of addresses.

        A pure function: everybody who knows the seed finds the same ones, whatever the order in
        which the participants are listed.

        Args:
            participants: those that are available.
            round_number: from 1.
            seed: of the draw.
            over_selection: how many are asked for each that is needed, since some drop out.

        Raises:
            TrainingError: fewer than `min_available_clients`.
        """
        available = set(participants)
        if len(available) < self.min_available_clients:
            raise TrainingError(
                f"expected at least {self.min_available_clients} participants, got {len(available)}"
            )
        fewest = max(floor(len(available) * self.fraction_fit), self.min_fit_clients)
        count = ceil(fewest * over_selection)

        def rank(address: str) -> bytes:
            return sha256(f"fit {round_number} {seed} {address.lower()}".encode()).digest()

        return sorted(sorted(available, key=rank)[:count], key=address_order)
