"""The seam to the chain's stakes: where staked rounds stand, seen and acted on by one account.

`trainer.adapters.staked_board` fills it. What a round is besides its stakes, `RoundBoard` tells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from registry.round_nodes import Children
from registry.stake_terms import ChunkProof, Proposal, StakeTerms
from trainer.staked.deeds import Deed
from trainer.staked.state import StakedState
from trainer.types import RoundTerms

__all__ = ["PayoutRoot", "StakedBoard"]


@dataclass(frozen=True)
class PayoutRoot:
    """Cumulative amounts under a root (P-3), with the document that gives it."""

    root: bytes
    total: int
    document: bytes


class StakedBoard(ABC):
    """Staked rounds. Every step is idempotent for the account that took it."""

    @property
    @abstractmethod
    def account(self) -> str:
        """The checksummed address that acts."""

    @abstractmethod
    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's staked rounds, in the order in which they were opened."""

    @abstractmethod
    def state(self, round_id: bytes) -> StakedState:
        """Returns a staked round's state, from the chain as it is now.

        Raises:
            RoundError: there is no such round, or not under stake.
        """

    @abstractmethod
    def open(self, terms: RoundTerms, stakes: StakeTerms) -> bytes:
        """Opens a round under stake and returns its id; this account is its sponsor.

        Raises:
            ConfigError: no key.
            Reverted: not a publisher, or terms that don't fit each other.
        """

    @abstractmethod
    def enlist(self, round_id: bytes) -> None:
        """Locks this account's stake, so that what it reveals counts."""

    @abstractmethod
    def propose(self, round_id: bytes, proposal: Proposal) -> None:
        """Proposes under stake, unless this account's same proposal stands."""

    @abstractmethod
    def settle(self, round_id: bytes) -> None:
        """Makes the standing proposal the round's result, unless it is."""

    @abstractmethod
    def release(self, round_id: bytes, account: str) -> bool:
        """Gives an account its stake of an ended round back; returns whether there was any."""

    @abstractmethod
    def carry_out_refutation(self, round_id: bytes) -> None:
        """Rejects the standing proposal, which evaluators found wrong (F-11).

        Raises:
            Reverted: they didn't, or an appeal is open.
        """

    @abstractmethod
    def undo(self, round_id: bytes) -> None:
        """Voids a round that came to nothing, unless it is; its budget goes back to its sponsor.

        Raises:
            Reverted: the round hasn't missed a deadline or its minimum (R-6).
        """

    @abstractmethod
    def carry_out(self, round_id: bytes, deed: Deed) -> bool:
        """Sends a deed; returns whether it changed anything.

        Raises:
            Reverted: the chain doesn't see it so (any more), or it is too late.
        """

    @abstractmethod
    def answer(self, round_id: bytes, question: int) -> ChunkProof | Children | None:
        """Returns what a question was answered with; None if that can't be read.

        What comes back is unchecked: whoever uses it holds it against the root or hash asked for.
        """

    @abstractmethod
    def final_before(self, round_id: bytes) -> frozenset[bytes]:
        """Returns the ids of the model's rounds that were final before the standing proposal.

        Without one, those that are final now: what a proposer and whoever reviews it add up is the
        same then, whatever becomes final meanwhile.
        """

    @abstractmethod
    def payout(self, cumulative: Mapping[str, int]) -> PayoutRoot:
        """Returns the root and the document of cumulative amounts by address; pure."""
