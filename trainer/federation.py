"""How many rounds, and who takes part in each: the options that federated code knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor

from registry.errors import ConfigError, TrainingError

__all__ = ["FederationOptions"]


@dataclass(frozen=True)
class FederationOptions:
    """The familiar options of a federation.

    Args:
        num_rounds: at least 1.
        fraction_fit: the part of the available participants that trains in a round, 0 to 1.
        fraction_evaluate: the part that evaluates, 0 to 1.
        min_fit_clients: the fewest that train.
        min_evaluate_clients: the fewest that evaluate.
        min_available_clients: the fewest that have to be there before a round begins.

    Raises:
        ConfigError: out of range, or more needed than have to be available.
    """

    num_rounds: int = 1
    fraction_fit: float = 1.0
    fraction_evaluate: float = 1.0
    min_fit_clients: int = 2
    min_evaluate_clients: int = 2
    min_available_clients: int = 2

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if type(self.num_rounds) is not int or self.num_rounds < 1:
            raise ConfigError(f"num_rounds: expected at least 1, got {self.num_rounds!r}")
        for name in ("fraction_fit", "fraction_evaluate"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError(f"{name}: expected 0 to 1, got {getattr(self, name)!r}")
        for name in ("min_fit_clients", "min_evaluate_clients", "min_available_clients"):
            value = getattr(self, name)
            if type(value) is not int or value < (name != "min_evaluate_clients"):
                raise ConfigError(f"{name}: expected a positive number, got {value!r}")
        needed = max(self.min_fit_clients, self.min_evaluate_clients)
        if self.min_available_clients < needed:
            raise ConfigError(
                f"min_available_clients: expected at least {needed}, as many as a round needs, "
                f"got {self.min_available_clients}"
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
        purpose = f"fit {round_number} {seed}"
        return self._sample(
            participants, self.fraction_fit, self.min_fit_clients, purpose, over_selection
        )

    def sample_evaluation(
        self, participants: Iterable[str], round_number: int, seed: int = 0
    ) -> list[str]:
        """Returns the participants that evaluate after a round; drawn apart from `sample`.

        Raises:
            TrainingError: fewer than `min_available_clients`.
        """
        return self._sample(
            participants,
            self.fraction_evaluate,
            self.min_evaluate_clients,
            f"evaluate {round_number} {seed}",
        )

    def _sample(
        self,
        participants: Iterable[str],
        fraction: float,
        fewest: int,
        purpose: str,
        over_selection: Fraction = Fraction(1),
    ) -> list[str]:
        available = set(participants)
        if len(available) < self.min_available_clients:
            raise TrainingError(
                f"expected at least {self.min_available_clients} participants, got {len(available)}"
            )
        count = ceil(max(floor(len(available) * fraction), fewest) * over_selection)

        def rank(address: str) -> bytes:
            return sha256(f"{purpose} {address.lower()}".encode()).digest()

        return sorted(sorted(available, key=rank)[:count], key=lambda address: int(address, 16))
