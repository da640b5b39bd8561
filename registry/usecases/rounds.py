"""Training rounds on the chain: one method per step, idempotent where the contract allows it."""

from __future__ import annotations

from dataclasses import replace

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.events.staked_rounds import StakedRoundOpened
from registry.chain.bindings.events.training_rounds import RoundOpened
from registry.chain.bindings.structs import Opening, Result, RoundTerms
from registry.chain.bindings.training_rounds import TrainingRounds
from registry.chain.calls import BoundContract
from registry.chain.token import approve
from registry.chain.transactions import Intent, Receipt, TransactionSender
from registry.errors import ChainError, ConfigError, KeyNeeded
from registry.index import RoundRecord
from registry.types import Model, RoundId
from registry.usecases.connection import Connection
from registry.usecases.forfeits import Forfeits

__all__ = ["Rounds", "opened_round", "timeless"]


def timeless(terms: RoundTerms) -> RoundTerms:
    """Returns terms in which deadlines count from the first one.

    A command that is run again reckons its deadlines from a later now, and means the same round.
    """
    first = terms.enrolment_deadline
    return replace(
        terms,
        enrolment_deadline=0,
        commit_deadline=terms.commit_deadline - first,
        reveal_deadline=terms.reveal_deadline - first,
        proposal_deadline=terms.proposal_deadline - first,
    )


def opened_round(contract: BoundContract, receipt: Receipt) -> RoundId:
    """Returns the id of the round that a transaction opened, from its own events.

    Raises:
        ChainError: the receipt tells of none.
    """
    for event in contract.contract.events(receipt):
        if isinstance(event.arguments, RoundOpened | StakedRoundOpened):
            return event.arguments.round_id
    raise ChainError(
        f"expected an opened round in the receipt of {receipt.transaction_hash}, got none; see "
        "`tally round list`"
    )


class Rounds:
    """The steps of a round, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._forfeits = Forfeits(connection)

    @property
    def _contract(self) -> TrainingRounds:
        return self._connection.chain.training_rounds

    def record(self, round_id: RoundId) -> RoundRecord:
        """Returns what the events say of a round.

        Raises:
            ConfigError: there is no such round.
        """
        record = self._connection.state().rounds.rounds.get(round_id)
        if record is None:
            raise ConfigError(f"no round 0x{round_id.hex()}; see `tally round list`")
        return record

    def of_model(self, model: Model) -> list[RoundRecord]:
        """Returns a model's rounds by ascending number."""
        return self._connection.state().rounds.of_model(model.model_id)

    def open(self, terms: RoundTerms, token: str, money: int) -> RoundId:
        """Opens a round; its budget and bond are approved for exactly and held with it.

        Args:
            terms: what the round is to be.
            token: the reward token's address; the zero address for none.
            money: budget and bond together, in the token's smallest unit.
        """
        rounds = self._contract

        def approved() -> None:
            if money and token != ZERO_ADDRESS:
                approve(self._connection.gateway, self._sender(), token, rounds.address, money)

        intent = Intent(rounds.open_round(timeless(terms)).data, approved, self._is_running)
        return opened_round(rounds, rounds.open_round(terms).send(intent=intent))

    def _is_running(self, receipt: Receipt) -> bool:
        """Says whether the round that a receipt tells of is still to be conducted."""
        told = (e.arguments for e in self._contract.contract.events(receipt))
        opened = next((e.round_id for e in told if isinstance(e, RoundOpened)), b"")
        record = self._connection.state().rounds.rounds.get(opened)
        return record is not None and not record.voided and not record.finalised

    def _sender(self) -> TransactionSender:
        if self._connection.sender is None:
            raise KeyNeeded
        return self._connection.sender

    def enrol(self, round_id: RoundId, proof: list[bytes]) -> None:
        """Takes a seat for this account, unless it has one."""
        if self._connection.account not in self.record(round_id).enrolled:
            self._contract.enrol(round_id, proof).send()

    def commit(self, round_id: RoundId, commitment: bytes) -> None:
        """Commits for this account, unless the same commitment stands already."""
        if self.record(round_id).commitments.get(self._connection.account) != commitment:
            self._contract.commit(round_id, commitment).send()

    def reveal(self, round_id: RoundId, participant: str, opening: Opening) -> None:
        """Reveals what a participant committed to, unless it is revealed already."""
        if participant not in self.record(round_id).reveals:
            self._contract.reveal(round_id, participant, opening).send()

    def propose(self, round_id: RoundId, result: Result) -> None:
        """Proposes a result, unless there is one."""
        if self.record(round_id).result is None:
            self._contract.propose_result(round_id, result).send()

    def finalise(self, round_id: RoundId) -> None:
        """Finalises a round whose challenge window has passed; takes its own bond back."""
        if not self.record(round_id).finalised:
            self._contract.finalise(round_id).send()
        bond = self._forfeits.bond(round_id)
        if bond is not None and bond.funder == self._connection.account:
            self._forfeits.withdraw(round_id)

    def void(self, round_id: RoundId) -> None:
        """Voids a round that missed a deadline or its minimum; withdraws refund and bond."""
        record = self.record(round_id)
        if not record.voided:
            self._contract.void_round(round_id).send()
        rounds = self._contract.address
        escrow = self._connection.state().payouts.escrows.get((rounds, round_id))
        if escrow is not None and escrow.state == "refunded":
            self._connection.chain.reward_pool.withdraw_refund(rounds, round_id).send()
        self._forfeits.withdraw(round_id)
