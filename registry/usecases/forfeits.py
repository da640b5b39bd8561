"""What a coordinator forfeits that comes to no result: collected by who revealed (R-11)."""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import forfeits as contracts
from registry.chain.bindings.structs import RevealLeaf
from registry.documents.batches import LARGEST_BATCH, RevealBatch
from registry.errors import ConfigError
from registry.index import RoundRecord
from registry.index.forfeits import BondRecord
from registry.storage import RAW, Cid
from registry.types import RoundId
from registry.usecases.connection import Connection

__all__ = ["Forfeits"]


class Forfeits:
    """Bonds of rounds, sent for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def _contract(self) -> contracts.Forfeits:
        return self._connection.chain.forfeits

    @property
    def _rounds(self) -> str:
        return self._connection.chain.training_rounds.address

    def bond(self, round_id: RoundId) -> BondRecord | None:
        """Returns a round's bond as the events tell it; None for a round without."""
        return self._connection.state().bonds.bonds.get((self._rounds, round_id))

    def collect(self, round_id: RoundId, participant: str) -> int:
        """Pays a participant what it is due, unless it was paid; returns that in smallest units.

        Args:
            round_id: 32 bytes.
            participant: who revealed, by itself or in a batch.

        Raises:
            ConfigError: the bond isn't forfeited, or nothing says that the participant revealed.
            StorageError: the documents of a batch's reveals can't be had.
            Reverted: too late.
        """
        bond = self.bond(round_id)
        if bond is None or bond.state != "forfeited":
            told = "has no bond" if bond is None else f"has a bond that is {bond.state}"
            raise ConfigError(
                f"round 0x{round_id.hex()} {told}; a bond is forfeited when a round is voided at "
                "its proposal deadline although enough revealed: see `tally round void`"
            )
        if participant in bond.collected:
            return bond.each
        record = self._connection.state().rounds.rounds[round_id]
        if participant in record.reveals:
            self._contract.collect(self._rounds, round_id, participant).send()
        else:
            number, leaf, proof = self._leaf(record, participant)
            key = self._rounds, round_id, number
            self._contract.collect_from_batch(*key, leaf, proof).send()
        return bond.each

    def withdraw(self, round_id: RoundId) -> None:
        """Pays a released bond to who put it up; changes nothing of another."""
        bond = self.bond(round_id)
        if bond is not None and bond.state == "released":
            self._contract.withdraw(self._rounds, round_id).send()

    def _leaf(
        self, record: RoundRecord, participant: str
    ) -> tuple[int, RevealLeaf, Sequence[bytes]]:
        """Returns a batch's number, the participant's leaf of its reveals, and the leaf's proof."""
        for number, batch in sorted(record.standing.items()):
            if not batch.revealed_document:
                continue
            data = self._connection.store.get_block(Cid(RAW, batch.revealed_document))
            if len(data) > LARGEST_BATCH:
                raise ConfigError(f"batch {number}: expected at most {LARGEST_BATCH} bytes")
            reveals = RevealBatch.parse(data)
            opened = reveals.find(participant)
            if opened is not None and reveals.root == batch.revealed_root:
                words = opened.update_root, opened.content_digest, opened.weight
                return number, RevealLeaf(participant, *words), reveals.proof(opened)
        raise ConfigError(
            f"expected a participant that revealed in round {record.number}, got {participant}; "
            "see `tally round show`"
        )
