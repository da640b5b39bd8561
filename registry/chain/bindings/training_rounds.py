"""Calls of TrainingRounds.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["TrainingRounds"]


class TrainingRounds(BoundContract):
    """The functions of TrainingRounds: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def batch_of(self, round_id: bytes, batch: int) -> View[structs.Batch]:
        """`batchOf(RoundId, uint32)`."""
        return View(self.contract, "batchOf", (round_id, batch))

    def commit(self, round_id: bytes, commitment: bytes) -> Call:
        """`commit(RoundId, bytes32)`."""
        return Call(self.contract, "commit", (round_id, commitment))

    def commit_batch(
        self, round_id: bytes, root: bytes, count: int, document_digest: bytes
    ) -> Call:
        """`commitBatch(RoundId, bytes32, uint32, bytes32)`."""
        return Call(self.contract, "commitBatch", (round_id, root, count, document_digest))

    def commit_for(
        self, round_id: bytes, participant: str, commitment: bytes, signature: bytes
    ) -> Call:
        """`commitFor(RoundId, address, bytes32, bytes)`."""
        return Call(self.contract, "commitFor", (round_id, participant, commitment, signature))

    def commitment_for(
        self, round_id: bytes, participant: str, opening: structs.Opening
    ) -> View[bytes]:
        """`commitmentFor(RoundId, address, Opening)`."""
        return View(self.contract, "commitmentFor", (round_id, participant, opening))

    def commitment_of(self, round_id: bytes, participant: str) -> View[bytes]:
        """`commitmentOf(RoundId, address)`."""
        return View(self.contract, "commitmentOf", (round_id, participant))

    def count_once(
        self, round_id: bytes, batch: int, leaf: structs.RevealLeaf, proof: Sequence[bytes]
    ) -> Call:
        """`countOnce(RoundId, uint32, RevealLeaf, bytes32[])`."""
        return Call(self.contract, "countOnce", (round_id, batch, leaf, proof))

    def eip712_domain(self) -> View[tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]]:
        """`eip712Domain()`."""
        return View(self.contract, "eip712Domain", ())

    def emergency_stop(self) -> View[str]:
        """`emergencyStop()`."""
        return View(self.contract, "emergencyStop", ())

    def enrol(self, round_id: bytes, allow_list_proof: Sequence[bytes]) -> Call:
        """`enrol(RoundId, bytes32[])`."""
        return Call(self.contract, "enrol", (round_id, allow_list_proof))

    def enrol_for(
        self, round_id: bytes, participant: str, allow_list_proof: Sequence[bytes]
    ) -> Call:
        """`enrolFor(RoundId, address, bytes32[])`."""
        return Call(self.contract, "enrolFor", (round_id, participant, allow_list_proof))

    def finalise(self, round_id: bytes) -> Call:
        """`finalise(RoundId)`."""
        return Call(self.contract, "finalise", (round_id,))

    def forfeits(self) -> View[str]:
        """`forfeits()`."""
        return View(self.contract, "forfeits", ())

    def hidden_rounds(self) -> View[str]:
        """`hiddenRounds()`."""
        return View(self.contract, "hiddenRounds", ())

    def is_enrolled(self, round_id: bytes, participant: str) -> View[bool]:
        """`isEnrolled(RoundId, address)`."""
        return View(self.contract, "isEnrolled", (round_id, participant))

    def open_round(self, terms: structs.RoundTerms) -> Call:
        """`openRound(RoundTerms)`."""
        return Call(self.contract, "openRound", (terms,))

    def phase_of(self, round_id: bytes) -> View[int]:
        """`phaseOf(RoundId)`."""
        return View(self.contract, "phaseOf", (round_id,))

    def pool(self) -> View[str]:
        """`pool()`."""
        return View(self.contract, "pool", ())

    def propose_result(self, round_id: bytes, result: structs.Result) -> Call:
        """`proposeResult(RoundId, Result)`."""
        return Call(self.contract, "proposeResult", (round_id, result))

    def registry(self) -> View[str]:
        """`registry()`."""
        return View(self.contract, "registry", ())

    def result_of(self, round_id: bytes) -> View[structs.Result]:
        """`resultOf(RoundId)`."""
        return View(self.contract, "resultOf", (round_id,))

    def reveal(self, round_id: bytes, participant: str, opening: structs.Opening) -> Call:
        """`reveal(RoundId, address, Opening)`."""
        return Call(self.contract, "reveal", (round_id, participant, opening))

    def reveal_batch(
        self, round_id: bytes, batch: int, root: bytes, count: int, document_digest: bytes
    ) -> Call:
        """`revealBatch(RoundId, uint32, bytes32, uint32, bytes32)`."""
        return Call(self.contract, "revealBatch", (round_id, batch, root, count, document_digest))

    def reveal_from_batch(
        self,
        round_id: bytes,
        batch: int,
        participant: str,
        opening: structs.Opening,
        signature_hash: bytes,
        proof: Sequence[bytes],
    ) -> Call:
        """`revealFromBatch(RoundId, uint32, address, Opening, bytes32, bytes32[])`."""
        return Call(
            self.contract,
            "revealFromBatch",
            (round_id, batch, participant, opening, signature_hash, proof),
        )

    def reveal_of(self, round_id: bytes, participant: str) -> View[bytes]:
        """`revealOf(RoundId, address)`."""
        return View(self.contract, "revealOf", (round_id, participant))

    def round_id_of(self, model_id: bytes, number: int) -> View[bytes]:
        """`roundIdOf(ModelId, uint64)`."""
        return View(self.contract, "roundIdOf", (model_id, number))

    def round_of(self, round_id: bytes) -> View[structs.Round]:
        """`roundOf(RoundId)`."""
        return View(self.contract, "roundOf", (round_id,))

    def rules(self) -> View[str]:
        """`rules()`."""
        return View(self.contract, "rules", ())

    def seats_of(self, round_id: bytes) -> View[tuple[str, int, int, int]]:
        """`seatsOf(RoundId)`."""
        return View(self.contract, "seatsOf", (round_id,))

    def staked_rounds(self) -> View[str]:
        """`stakedRounds()`."""
        return View(self.contract, "stakedRounds", ())

    def strike_batch(
        self,
        round_id: bytes,
        batch: int,
        participant: str,
        commitment: bytes,
        signature: bytes,
        proof: Sequence[bytes],
    ) -> Call:
        """`strikeBatch(RoundId, uint32, address, bytes32, bytes, bytes32[])`."""
        return Call(
            self.contract,
            "strikeBatch",
            (round_id, batch, participant, commitment, signature, proof),
        )

    def terms_hash_of(self, round_id: bytes) -> View[bytes]:
        """`termsHashOf(RoundId)`."""
        return View(self.contract, "termsHashOf", (round_id,))

    def void_round(self, round_id: bytes) -> Call:
        """`voidRound(RoundId)`."""
        return Call(self.contract, "voidRound", (round_id,))
