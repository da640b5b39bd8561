"""Who measures a round's base version on data of its own, and how many have to (R-14)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from registry.documents.canonical_json import require_fields
from registry.errors import ConfigError

__all__ = ["EvaluationTerms", "evaluation_terms"]

_WHOLE = 1_000_000


@dataclass(frozen=True)
class EvaluationTerms:
    """What a round asks of its participants' own test data.

    Args:
        fraction: of a million, how many participants are asked to evaluate; each is drawn by
            itself, from the round's id and its address, so that everybody knows who was.
        minimum: how many have to have evaluated for the result to say anything.

    Raises:
        ConfigError: out of range.
    """

    fraction: int = _WHOLE
    minimum: int = 2

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if type(self.fraction) is not int or not 1 <= self.fraction <= _WHOLE:
            raise ConfigError(f"evaluation: expected a fraction of 1 to {_WHOLE} millionths")
        if type(self.minimum) is not int or not 1 <= self.minimum <= _WHOLE:
            raise ConfigError(f"evaluation: expected a minimum of 1 to {_WHOLE} participants")

    def asks(self, round_id: bytes, participant: str) -> bool:
        """Says whether a participant is asked to evaluate in a round.

        Args:
            round_id: 32 bytes.
            participant: the checksummed address.
        """
        lot = sha256(b"evaluate" + round_id + bytes.fromhex(participant[2:])).digest()
        return int.from_bytes(lot[:8], "big") * _WHOLE < self.fraction << 64

    def to_fields(self) -> dict[str, Any]:
        """Returns them as they stand in a terms document."""
        return {"fraction": self.fraction, "minimum": self.minimum}

    @classmethod
    def from_fields(cls, value: Any) -> EvaluationTerms | None:
        """Reads them from a terms document; None where it asks for no evaluation.

        Raises:
            ConfigError: fields that are missing, unknown or out of range.
        """
        if value is None:
            return None
        found = require_fields(value, ("fraction", "minimum"), "evaluation")
        return cls(found["fraction"], found["minimum"])


def evaluation_terms(fraction: float, minimum: int) -> EvaluationTerms | None:
    """Returns the terms of the familiar options; None for a fraction of 0.

    Args:
        fraction: 0 to 1, rounded to millionths.
        minimum: at least 1.

    Raises:
        ConfigError: out of range.
    """
    if not 0.0 <= fraction <= 1.0:
        raise ConfigError(f"fraction_evaluate: expected 0 to 1, got {fraction!r}")
    millionths = round(Decimal(str(fraction)) * _WHOLE)
    if type(minimum) is not int or minimum < 1:
        raise ConfigError(f"min_evaluate_clients: expected a positive number, got {minimum!r}")
    return EvaluationTerms(millionths, minimum) if millionths else None
