"""Calls of Disputes.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["Disputes"]


class Disputes(BoundContract):
    """The functions of Disputes: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def announce(self, call: bytes) -> Call:
        """`announce(bytes32)`."""
        return Call(self.contract, "announce", (call,))

    def announced_in(self, call: bytes) -> View[int]:
        """`announcedIn(bytes32)`."""
        return View(self.contract, "announcedIn", (call,))

    def judge(self) -> View[str]:
        """`judge()`."""
        return View(self.contract, "judge", ())

    def prove_both_secrets(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        holder: str,
        dealer: str,
        of_seed: structs.SignedShare,
        of_key: structs.SignedShare,
    ) -> Call:
        """`proveBothSecrets(…)`."""
        return Call(
            self.contract, "proveBothSecrets", (round_id, stakes, holder, dealer, of_seed, of_key)
        )

    def prove_left_out(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        path: structs.Path,
        children: structs.Children,
        participant: str,
        beneficiary: str,
    ) -> Call:
        """`proveLeftOut(RoundId, StakeTerms, Path, Children, address, address)`."""
        return Call(
            self.contract,
            "proveLeftOut",
            (round_id, stakes, path, children, participant, beneficiary),
        )

    def prove_not_hidden(
        self, round_id: bytes, stakes: structs.StakeTerms, beneficiary: str
    ) -> Call:
        """`proveNotHidden(RoundId, StakeTerms, address)`."""
        return Call(self.contract, "proveNotHidden", (round_id, stakes, beneficiary))

    def prove_out_of_range(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        leaf: structs.Leaf,
        chunk: int,
        proof: structs.ChunkProof,
        beneficiary: str,
    ) -> Call:
        """`proveOutOfRange(RoundId, StakeTerms, Leaf, uint64, ChunkProof, address)`."""
        return Call(
            self.contract, "proveOutOfRange", (round_id, stakes, leaf, chunk, proof, beneficiary)
        )

    def prove_wrong_chunk(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        path: structs.Path,
        children: structs.Children,
        chunk: int,
        inputs: Sequence[structs.ChunkProof],
        numerators: structs.ChunkProof,
        beneficiary: str,
    ) -> Call:
        """`proveWrongChunk(…)`."""
        return Call(
            self.contract,
            "proveWrongChunk",
            (round_id, stakes, path, children, chunk, inputs, numerators, beneficiary),
        )

    def prove_wrong_leaf(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        path: structs.Path,
        hashes: Sequence[bytes],
        position: int,
        leaf: structs.Leaf,
        beneficiary: str,
    ) -> Call:
        """`proveWrongLeaf(RoundId, StakeTerms, Path, bytes32[], uint256, Leaf, address)`."""
        return Call(
            self.contract,
            "proveWrongLeaf",
            (round_id, stakes, path, hashes, position, leaf, beneficiary),
        )

    def prove_wrong_node(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        path: structs.Path,
        children: structs.Children,
        beneficiary: str,
    ) -> Call:
        """`proveWrongNode(RoundId, StakeTerms, Path, Children, address)`."""
        return Call(
            self.contract, "proveWrongNode", (round_id, stakes, path, children, beneficiary)
        )

    def prove_wrong_step(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        proposal: structs.Proposal,
        server: structs.Server,
        chunk: int,
        proofs: structs.StepProof,
        beneficiary: str,
    ) -> Call:
        """`proveWrongStep(…)`."""
        return Call(
            self.contract,
            "proveWrongStep",
            (round_id, stakes, proposal, server, chunk, proofs, beneficiary),
        )

    def prove_wrong_sum(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        path: structs.Path,
        children: structs.Children,
        chunk: int,
        inputs: Sequence[structs.ChunkProof],
        numerators: structs.ChunkProof,
        secrets: structs.OpenedSecrets,
        beneficiary: str,
    ) -> Call:
        """`proveWrongSum(…)`."""
        return Call(
            self.contract,
            "proveWrongSum",
            (round_id, stakes, path, children, chunk, inputs, numerators, secrets, beneficiary),
        )

    def prove_wrong_version(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        proposal: structs.Proposal,
        chunk: int,
        base: structs.ChunkProof,
        numerators: structs.ChunkProof,
        weights: structs.ChunkProof,
        beneficiary: str,
    ) -> Call:
        """`proveWrongVersion(…)`."""
        return Call(
            self.contract,
            "proveWrongVersion",
            (round_id, stakes, proposal, chunk, base, numerators, weights, beneficiary),
        )

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def sum_judge(self) -> View[str]:
        """`sumJudge()`."""
        return View(self.contract, "sumJudge", ())

    def version_judge(self) -> View[str]:
        """`versionJudge()`."""
        return View(self.contract, "versionJudge", ())
