"""The trainer's value types: frozen, checked when made, free of I/O.

Identifiers and digests are 32 raw bytes, addresses are checksummed text, weights and amounts are
integers, times are whole seconds since 1970.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from registry.addresses import ZERO_ADDRESS
from registry.documents.evaluation import EvaluationRecord
from registry.documents.result import RefusedUpdate
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.types import Phase

__all__ = [
    "ZERO_ADDRESS",
    "ZERO_WORD",
    "AcceptedUpdate",
    "FloatVector",
    "IntVector",
    "Lattice",
    "Phase",
    "ProposedResult",
    "RefusedUpdate",
    "RoundTerms",
    "least_forfeit",
]

ZERO_WORD = bytes(32)
IntVector = npt.NDArray[np.signedinteger[Any]]
"""Lattice values, shape (n,)."""
FloatVector = npt.NDArray[np.float64]
"""Real numbers, shape (n,)."""
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_STRATEGY = re.compile(r"[a-z0-9][a-z0-9._-]{0,30}")


@dataclass(frozen=True)
class Lattice:
    """How updates become integers (L-1). The step is `2**step_exponent`.

    Args:
        bits: 8, 16 or 32; values lie in `±(2**(bits-1) - 1)`.
        step_exponent: -60 to 20.
        guard_bits: fraction bits that the aggregate keeps below a step; `bits + guard_bits ≤ 32`.
        clip_norm: the largest Euclidean norm of an update, in steps; 0 for none.

    Raises:
        ConfigError: out of range.
    """

    bits: int
    step_exponent: int
    guard_bits: int = 0
    clip_norm: int = 0

    def __post_init__(self) -> None:
        """Checks L-1."""
        if type(self.bits) is not int or self.bits not in (8, 16, 32):
            raise ConfigError(f"lattice: expected bits of 8, 16 or 32, got {self.bits!r}")
        _between("step_exponent", self.step_exponent, -60, 20)
        _between("guard_bits", self.guard_bits, 0, min(16, 32 - self.bits))
        _between("clip_norm", self.clip_norm, 0, 2**64 - 1)

    @property
    def largest(self) -> int:
        """The largest value; the smallest is its negative."""
        return (1 << (self.bits - 1)) - 1

    @property
    def dtype(self) -> np.dtype[np.signedinteger[Any]]:
        """The integer type that holds a value."""
        return np.dtype(f"int{self.bits}")

    @property
    def aggregate_exponent(self) -> int:
        """The exponent of two that one unit of an aggregate stands for (A-3)."""
        return self.step_exponent - self.guard_bits


@dataclass(frozen=True)
class RoundTerms:
    """What a round is about, fixed when it opens; field by field the contract's struct.

    Args:
        model_id: the model that is trained, 32 bytes.
        base_version: the number of the version that is trained further.
        strategy: the rule's name, 1 to 31 of `a-z 0-9 . _ -`.
        document_digest: the SHA-256 digest of the terms document.
        lattice: how updates become integers.
        enrolment_deadline: with the other deadlines ascending, seconds since 1970.
        challenge_window: seconds between a proposal and the end of its challenge.
        minimum_participants: the fewest revealed updates that make a result.
        allow_list_root: root over the addresses that may enrol; zero for anyone.
        weight_cap: the largest weight of an update.
        reward_token: the token of the budget; the zero address without one.
        reward_budget: in the token's smallest unit.
        forfeit: what each participant that revealed gets from the coordinator if it proposes
            nothing although enough revealed; in the token's smallest unit.

    Raises:
        ConfigError: out of range, or weights that could overflow the aggregate (A-2).
    """

    model_id: bytes
    base_version: int
    strategy: str
    document_digest: bytes
    lattice: Lattice
    enrolment_deadline: int
    commit_deadline: int
    reveal_deadline: int
    proposal_deadline: int
    challenge_window: int
    minimum_participants: int
    maximum_participants: int
    allow_list_root: bytes = ZERO_WORD
    weight_cap: int = 1_000_000
    reward_token: str = ZERO_ADDRESS
    reward_budget: int = 0
    forfeit: int = 0

    def __post_init__(self) -> None:
        """Checks the ranges, the order of the deadlines, and A-2."""
        for name in ("model_id", "document_digest", "allow_list_root"):
            if len(getattr(self, name)) != 32:
                raise ConfigError(f"terms: expected {name} of 32 bytes")
        if not _STRATEGY.fullmatch(self.strategy):
            raise ConfigError(f"terms: expected a strategy's name, got {self.strategy!r}")
        _between("base_version", self.base_version, 1, 2**64 - 1)
        _between("challenge_window", self.challenge_window, 0, 2**32)
        _between("maximum_participants", self.maximum_participants, 1, 2**32 - 1)
        _between("minimum_participants", self.minimum_participants, 1, self.maximum_participants)
        _between("weight_cap", self.weight_cap, 1, 2**64 - 1)
        _between("reward_budget", self.reward_budget, 0, 2**256 - 1)
        if not _ADDRESS.fullmatch(self.reward_token):
            raise ConfigError(f"terms: expected a token's address, got {self.reward_token!r}")
        self._check_money()
        deadlines = self.deadlines
        if any(later <= sooner for sooner, later in pairwise(deadlines)):
            raise ConfigError(f"terms: expected ascending deadlines, got {deadlines}")
        total = self.weight_cap * self.maximum_participants
        if total << (self.lattice.bits - 1 + self.lattice.guard_bits) >= 1 << 62:
            raise ConfigError(
                f"terms: {self.maximum_participants} participants of weight {self.weight_cap} "
                "could overflow the aggregate (A-2); lower the cap, the guard bits or the seats"
            )

    def _check_money(self) -> None:
        _between("forfeit", self.forfeit, 0, 2**128 - 1)
        paid = self.reward_budget > 0 or self.forfeit > 0
        if paid != (int(self.reward_token, 16) != 0):
            raise ConfigError(
                "terms: a budget or forfeit needs a token, and a token needs one of them"
            )
        least = least_forfeit(self.reward_budget, self.maximum_participants)
        if self.forfeit < least:
            raise ConfigError(
                f"terms: a budget of {self.reward_budget} for {self.maximum_participants} seats "
                f"needs a forfeit of at least {least} each, got {self.forfeit}"
            )

    @property
    def bond(self) -> int:
        """What the coordinator puts up: the forfeit of every seat, in the smallest unit."""
        return self.forfeit * self.maximum_participants

    @property
    def deadlines(self) -> tuple[int, int, int, int]:
        """The four deadlines in order, seconds since 1970."""
        return (
            self.enrolment_deadline,
            self.commit_deadline,
            self.reveal_deadline,
            self.proposal_deadline,
        )


@dataclass(frozen=True)
class ProposedResult:
    """What a round comes to (R-9), as the contract records it."""

    result_root: bytes
    version_digest: bytes
    document_digest: bytes
    accepted: int
    total_weight: int


@dataclass(frozen=True, eq=False)
class AcceptedUpdate(RevealedUpdate):
    """A revealed update that passed every check.

    `vector` holds its lattice values, shape (n,); `evaluation` what came with it (R-14).
    """

    vector: IntVector
    evaluation: EvaluationRecord | None = None

    @classmethod
    def of(
        cls,
        revealed: RevealedUpdate,
        vector: IntVector,
        evaluation: EvaluationRecord | None = None,
    ) -> Self:
        """Returns a revealed update with its values."""
        r = revealed
        return cls(r.participant, r.update_root, r.content_digest, r.weight, vector, evaluation)


def least_forfeit(budget: int, seats: int) -> int:
    """Returns the smallest forfeit that a budget allows: a tenth of it over all seats, rounded up.

    Args:
        budget: in the token's smallest unit.
        seats: the most participants.
    """
    return -(-budget // (10 * seats))


def _between(name: str, value: int, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise ConfigError(f"{name}: expected an integer from {low} to {high}, got {value!r}")
