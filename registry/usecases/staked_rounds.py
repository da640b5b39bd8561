"""Staked rounds on the chain: one method per step, idempotent where a rerun can tell (F-7).

Participants enrol, commit and reveal as in any round (`registry.usecases.rounds`); the round's
coordinator is the contract StakedRounds, which proposes and finalises by itself when it settles.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from registry.addresses import ZERO_ADDRESS, address_order
from registry.chain.bindings import staked_rounds as contracts
from registry.chain.bindings.events.staked_rounds import StakedRoundOpened
from registry.chain.bindings.structs import RoundTerms
from registry.chain.token import approve
from registry.chain.transactions import Intent, Receipt
from registry.errors import ConfigError, KeyNeeded, RoundError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import Proposal, StakeTerms
from registry.index import ProposalRecord, RoundRecord, StakedRoundRecord
from registry.types import Model, RoundId
from registry.usecases.connection import Connection
from registry.usecases.rounds import opened_round, timeless

__all__ = ["StakedRounds", "find_staked_round"]


def find_staked_round(connection: Connection, round_id: RoundId) -> StakedRoundRecord:
    """Returns what the events say of a staked round.

    Raises:
        ConfigError: there is no such round, or not under stake.
    """
    record = connection.state().staked_rounds.rounds.get(round_id)
    if record is None:
        raise ConfigError(f"no staked round 0x{round_id.hex()}; see `tally dispute list`")
    return record


class StakedRounds:
    """The steps of a staked round, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.StakedRounds:
        return self._connection.chain.staked_rounds

    @property
    def address(self) -> str:
        """The contract, which a model's owner makes a publisher and who stakes a controller."""
        return self._contract.address

    def record(self, round_id: RoundId) -> StakedRoundRecord:
        """Returns what the events say of a staked round.

        Raises:
            ConfigError: there is no such round, or not under stake.
        """
        return find_staked_round(self._connection, round_id)

    def of_model(self, model: Model) -> list[StakedRoundRecord]:
        """Returns a model's staked rounds, in the order in which they were opened."""
        found = self._connection.state().staked_rounds.rounds.values()
        return [record for record in found if record.model_id == model.model_id]

    def training_round(self, round_id: RoundId) -> RoundRecord:
        """Returns the same round as TrainingRounds' events tell it."""
        return self._connection.state().rounds.rounds[self.record(round_id).round_id]

    def slash_end(self, round_id: RoundId) -> int:
        """Returns from when on proposals are taken, and nobody is slashed, in seconds."""
        deadline = self.training_round(round_id).terms.reveal_deadline
        return self.record(round_id).stakes.slash_end(deadline)

    def disputes_end(self, round_id: RoundId) -> int:
        """Returns when disputes about the certified proposal end, in seconds; 0 without one.

        An outage of the chain's sequencer starts their time anew (F-17): then the contract tells,
        and says 2^64 - 1 as long as it is down.
        """
        record = self.record(round_id)
        ends_at = record.standing.ends_at if record.standing else 0
        if not ends_at or not self._has_feed:
            return ends_at
        return self._contract.status_of(round_id, record.stakes).read().ends_at

    def is_in_grace(self) -> bool:
        """Tells whether the chain's sequencer is down, or was less than the grace ago (F-17)."""
        return self._has_feed and self._contract.grace_until().read() != 0

    @cached_property
    def _has_feed(self) -> bool:
        """Whether there is an uptime feed: an immutable, which a watcher asks for once."""
        return self._contract.uptime_feed().read() != ZERO_ADDRESS

    def counted(self, round_id: RoundId) -> list[RevealedUpdate]:
        """Returns the updates that count, by ascending address (F-7).

        That is final from `slash_end` on: the leaves that a right proposal has (F-8).
        """
        staked, reveals = self.record(round_id), self.training_round(round_id).reveals
        counted = [p for p in reveals if staked.is_counted(p)]
        return [reveals[p].revealed for p in sorted(counted, key=address_order)]

    def open(
        self,
        terms: RoundTerms,
        stakes: StakeTerms,
        reward_token: str = ZERO_ADDRESS,
        budget: int = 0,
    ) -> RoundId:
        """Opens a round under stake; the budget is approved for exactly and fills its pot.

        Args:
            terms: what the round is to be, without challenge window, budget and forfeit.
            stakes: what is asked of participants, proposers and askers.
            reward_token: what the pot is in.
            budget: in its smallest unit; 0 for a pot that others may fund.

        Raises:
            Reverted: not a publisher of the model, or terms that don't fit each other.
            KeyNeeded: no key was given.
        """
        if self._connection.sender is None:
            raise KeyNeeded
        sender, contract = self._connection.sender, self._contract

        def approved() -> None:
            if budget:
                approve(self._connection.gateway, sender, reward_token, self.address, budget)

        name = contract.open_staked(timeless(terms), stakes, reward_token, budget).data
        intent = Intent(name, approved, self._is_running)
        opening = contract.open_staked(terms, stakes, reward_token, budget)
        return opened_round(contract, opening.send(intent=intent))

    def _is_running(self, receipt: Receipt) -> bool:
        """Says whether the round that a receipt tells of is still to be conducted."""
        told = (e.arguments for e in self._contract.contract.events(receipt))
        opened = (e.round_id for e in told if isinstance(e, StakedRoundOpened))
        record = self._connection.state().rounds.rounds.get(next(opened, b""))
        return record is not None and not record.voided and not record.finalised

    def lock_stake(self, round_id: RoundId, proof: Sequence[bytes] = ()) -> None:
        """Locks this account's stake and takes a seat with it, unless it has one.

        Args:
            round_id: 32 bytes.
            proof: that the account is on the round's allow-list; empty without one.

        Raises:
            Reverted: enrolment is over or full, or there is not enough free stake to lock.
        """
        record = self.record(round_id)
        if self._connection.account not in record.seats:
            self._contract.lock_stake(round_id, record.stakes, proof).send()

    def lock_holder_stake(self, round_id: RoundId) -> None:
        """Locks this account's stake as a member of the round's committee, unless that is done.

        Raises:
            Reverted: no member, reveals are over, or not enough free stake.
        """
        record = self.record(round_id)
        if self._connection.account not in record.seats:
            self._contract.lock_holder_stake(round_id, record.stakes).send()

    def lapse(self, round_id: RoundId) -> None:
        """Rejects the standing proposal, which no quorum has certified in its time.

        Raises:
            Reverted: it is certified, or there is still time.
        """
        self._contract.lapse(round_id, self.record(round_id).stakes).send()

    def propose(self, round_id: RoundId, proposal: Proposal) -> ProposalRecord:
        """Proposes under stake, unless this account's same proposal stands; returns its record.

        Raises:
            Reverted: slashing isn't over, another proposal stands, or there is no time left.
            RoundError: the proposal was made and rejected before it was seen.
        """
        record = self.record(round_id)
        mine = record.standing
        if mine is None or (mine.proposer, mine.proposal) != (self._connection.account, proposal):
            self._contract.propose(round_id, record.stakes, proposal).send()
            mine = self.record(round_id).standing
        if mine is None:
            raise RoundError(f"the proposal in round 0x{round_id.hex()} was rejected meanwhile")
        return mine

    def settle(self, round_id: RoundId) -> None:
        """Makes the standing proposal the round's result, unless it is.

        Raises:
            RoundError: no proposal stands.
            Reverted: its dispute window, or a question about it, is open.
        """
        record = self.record(round_id)
        if record.settled:
            return
        if record.standing is None:
            raise RoundError(f"round 0x{round_id.hex()}: expected a standing proposal, got none")
        self._contract.settle(round_id, record.stakes, record.standing.proposal).send()

    def release(self, round_id: RoundId, account: str | None = None) -> bool:
        """Gives an account its stake of an ended round back; returns whether there was any.

        Raises:
            Reverted: the round isn't over.
        """
        record, whom = self.record(round_id), account or self._connection.account
        seated = whom in record.seats and whom not in record.slashed
        proposed = record.standing is not None and record.standing.proposer == whom
        if whom in record.released or not (seated or proposed):
            return False
        self._contract.release_stake(round_id, whom, record.stakes).send()
        return True

    def void(self, round_id: RoundId) -> None:
        """Voids a round that came to nothing, unless it is void; its pots go back to who funded.

        Raises:
            Reverted: the round hasn't missed a deadline or its minimum (R-6).
        """
        if not self.training_round(round_id).voided:
            self._connection.chain.training_rounds.void_round(round_id).send()
