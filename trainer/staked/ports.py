"""The seam to the chain's stakes: where staked rounds stand, seen and acted on by one account.

`trainer.adapters.staked_board` fills it. What a round is besides its stakes, `RoundBoard` tells.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from registry.addresses import ZERO_ADDRESS
from registry.fraud_proofs.nodes import Children
from registry.fraud_proofs.stake_terms import ChunkProof, Proposal, StakeTerms
from trainer.staked.state import StakedState
from trainer.staked.watcher_actions import WatcherAction
from trainer.types import RoundTerms

__all__ = ["PayoutRoot", "StakedBoard"]


@dataclass(frozen=True)
class PayoutRoot:
    """Amounts under a root of the form of P-3, with the document that gives it."""

    root: bytes
    total: int
    document: bytes


class StakedBoard(ABC):
    """Staked rounds. Every step is idempotent for the account that took it."""

    @property
    @abstractmethod
    def account(self) -> str:
        """The checksummed address that acts."""

    @property
    def rollbacks(self) -> int:
        """How often the chain took back what was seen; what had ended before may go on."""
        return 0

    def look(self) -> AbstractContextManager[None]:
        """Everything seen within is of one moment, until this account acts."""
        return nullcontext()

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
    def open(
        self,
        terms: RoundTerms,
        stakes: StakeTerms,
        reward_token: str = ZERO_ADDRESS,
        budget: int = 0,
    ) -> bytes:
        """Opens a round under stake and returns its id; this account is its sponsor.

        Args:
            terms: the round's, without a budget or forfeit of their own.
            stakes: the round's.
            reward_token: what its pot is filled in.
            budget: what fills the pot, in the token's smallest unit.

        Raises:
            ConfigError: no key.
            Reverted: not a publisher, or terms that don't fit each other.
        """

    @abstractmethod
    def lock_stake(self, round_id: bytes, proof: Sequence[bytes] = ()) -> None:
        """Locks this account's stake and takes a seat with it, unless it has one.

        Args:
            round_id: 32 bytes.
            proof: that the account is on the round's allow-list; empty without one.
        """

    @abstractmethod
    def vouch_for_updates(self, round_id: bytes, participants: Collection[str]) -> bool:
        """Says that this account holds some updates whole; returns whether that was new."""

    @abstractmethod
    def certify_updates(self, round_id: bytes) -> bool:
        """Hands in the vouches that certify something new; returns whether there were enough."""

    @abstractmethod
    def vouch_for_result(self, round_id: bytes, proposal: Proposal | None = None) -> bool:
        """Says that this account holds the standing proposal whole; returns whether it was new.

        Args:
            round_id: 32 bytes.
            proposal: what was looked at; nothing is said of another that stands by now.
        """

    @abstractmethod
    def certify_result(self, round_id: bytes) -> bool:
        """Hands in the vouches for the standing proposal; returns whether there were enough."""

    @abstractmethod
    def lapse(self, round_id: bytes) -> None:
        """Rejects the standing proposal, which no quorum has certified in its time."""

    @abstractmethod
    def burn_signers(self, round_id: bytes) -> bool:
        """Burns stakes of who vouched for what nobody gave; returns whether there were any."""

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
    def void_and_refund(self, round_id: bytes) -> None:
        """Voids a round that came to nothing, unless it is; its budget goes back to its sponsor.

        Raises:
            Reverted: the round hasn't missed a deadline or its minimum (R-6).
        """

    @abstractmethod
    def carry_out(self, round_id: bytes, deed: WatcherAction) -> bool:
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
    def payout(self, amounts: Mapping[str, int]) -> PayoutRoot:
        """Returns the root and the document of amounts by address; pure."""
