"""Training rounds on the chain: one method per step, idempotent where the contract allows it."""

from __future__ import annotations

from typing import Any

from registry.addresses import ZERO_ADDRESS
from registry.chain.contracts import Contract
from registry.chain.token import approve
from registry.chain.transactions import Intent, Receipt
from registry.errors import ChainError, ConfigError
from registry.index import RoundRecord
from registry.types import Model, RoundId
from registry.usecases.connection import Connection
from registry.usecases.forfeits import Forfeits

__all__ = ["Rounds", "opened_round", "timeless"]

_DEADLINES = slice(5, 9)  # among the values of the Solidity struct `RoundTerms`


def timeless(terms: tuple[Any, ...]) -> tuple[Any, ...]:
    """Returns terms in which deadlines count from the first one.

    A command that is run again reckons its deadlines from a later now, and means the same round.
    """
    first = terms[_DEADLINES][0]
    spans = [deadline - first for deadline in terms[_DEADLINES]]
    return (*terms[: _DEADLINES.start], *spans, *terms[_DEADLINES.stop :])


def opened_round(contract: Contract, event: str, receipt: Receipt) -> RoundId:
    """Returns the id of the round that a transaction opened, from its own events.

    Raises:
        ChainError: the receipt tells of none.
    """
    for told in contract.events(receipt):
        if told.name == event:
            return bytes(told.arguments["roundId"])
    raise ChainError(
        f"expected {event} in the receipt of {receipt.transaction_hash}, got none; see "
        "`tally round list`"
    )


class Rounds:
    """The steps of a round, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection
        self._forfeits = Forfeits(connection)

    def _write(self, function: str, *arguments: Any) -> None:
        self._on.contracts["TrainingRounds"].write(function, *arguments)

    def record(self, round_id: RoundId) -> RoundRecord:
        """Returns what the events say of a round.

        Raises:
            ConfigError: there is no such round.
        """
        record = self._on.state().rounds.rounds.get(round_id)
        if record is None:
            raise ConfigError(f"no round 0x{round_id.hex()}; see `tally round list`")
        return record

    def of_model(self, model: Model) -> list[RoundRecord]:
        """Returns a model's rounds by ascending number."""
        return self._on.state().rounds.of_model(model.model_id)

    def open(self, terms: tuple[Any, ...], token: str, money: int) -> RoundId:
        """Opens a round; its budget and bond are approved for exactly and held with it.

        Args:
            terms: the values of the Solidity struct `RoundTerms`, in its order.
            token: the reward token's address; the zero address for none.
            money: budget and bond together, in the token's smallest unit.
        """
        rounds = self._on.contracts["TrainingRounds"]

        def approved() -> None:
            if money and token != ZERO_ADDRESS:
                approve(self._on.gateway, self._sender(), token, rounds.address, money)

        intent = Intent(rounds.call_data("openRound", timeless(terms)), approved, self._is_running)
        return opened_round(rounds, "RoundOpened", rounds.write("openRound", terms, intent=intent))

    def _is_running(self, receipt: Receipt) -> bool:
        """Says whether the round that a receipt tells of is still to be conducted."""
        told = self._on.contracts["TrainingRounds"].events(receipt)
        record = self._on.state().rounds.rounds.get(
            next((e.arguments["roundId"] for e in told if e.name == "RoundOpened"), b"")
        )
        return record is not None and not record.voided and not record.finalised

    def _sender(self) -> Any:
        if self._on.sender is None:
            raise ConfigError("a key is needed: set TALLY_KEYSTORE (a file) or TALLY_KEY")
        return self._on.sender

    def enrol(self, round_id: RoundId, proof: list[bytes]) -> None:
        """Takes a seat for this account, unless it has one."""
        if self._on.account not in self.record(round_id).enrolled:
            self._write("enrol", round_id, proof)

    def commit(self, round_id: RoundId, commitment: bytes) -> None:
        """Commits for this account, unless the same commitment stands already."""
        if self.record(round_id).commitments.get(self._on.account) != commitment:
            self._write("commit", round_id, commitment)

    def reveal(
        self, round_id: RoundId, participant: str, opening: tuple[bytes, bytes, int, bytes]
    ) -> None:
        """Reveals (update root, content digest, weight, salt), unless it is revealed already."""
        if participant not in self.record(round_id).reveals:
            self._write("reveal", round_id, participant, opening)

    def propose(self, round_id: RoundId, result: tuple[bytes, bytes, bytes, int, int]) -> None:
        """Proposes (result root, version digest, document digest, accepted, total weight)."""
        if self.record(round_id).result is None:
            self._write("proposeResult", round_id, result)

    def finalise(self, round_id: RoundId) -> None:
        """Finalises a round whose challenge window has passed; takes its own bond back."""
        if not self.record(round_id).finalised:
            self._write("finalise", round_id)
        bond = self._forfeits.bond(round_id)
        if bond is not None and bond.funder == self._on.account:
            self._forfeits.withdraw(round_id)

    def void(self, round_id: RoundId) -> None:
        """Voids a round that missed a deadline or its minimum; withdraws refund and bond."""
        record = self.record(round_id)
        if not record.voided:
            self._write("voidRound", round_id)
        rounds = self._on.contracts["TrainingRounds"].address
        escrow = self._on.state().payouts.escrows.get((rounds, round_id))
        if escrow is not None and escrow.state == "refunded":
            self._on.contracts["RewardPool"].write("withdrawRefund", rounds, round_id)
        self._forfeits.withdraw(round_id)
