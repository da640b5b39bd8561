"""Calls of Evaluations.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["Evaluations"]


class Evaluations(BoundContract):
    """The functions of Evaluations: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def appeal(self, round_id: bytes, stakes: structs.StakeTerms) -> Call:
        """`appeal(RoundId, StakeTerms)`."""
        return Call(self.contract, "appeal", (round_id, stakes))

    def appeal_lock(self, round_id: bytes, proposal: int) -> View[bytes]:
        """`appealLock(RoundId, uint32)`."""
        return View(self.contract, "appealLock", (round_id, proposal))

    def attest(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        proposal: structs.Proposal,
        attestation: structs.Attestation,
        signers: Sequence[str],
        signatures: Sequence[bytes],
    ) -> Call:
        """`attest(…)`."""
        return Call(
            self.contract, "attest", (round_id, stakes, proposal, attestation, signers, signatures)
        )

    def create_panel(
        self, members: Sequence[str], threshold: int, governor: str, appeal_window: int
    ) -> Call:
        """`createPanel(address[], uint8, address, uint32)`."""
        return Call(self.contract, "createPanel", (members, threshold, governor, appeal_window))

    def decision_of(self, round_id: bytes, proposal: int) -> View[structs.Decision]:
        """`decisionOf(RoundId, uint32)`."""
        return View(self.contract, "decisionOf", (round_id, proposal))

    def eip712_domain(self) -> View[tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]]:
        """`eip712Domain()`."""
        return View(self.contract, "eip712Domain", ())

    def enforce_decision(self, round_id: bytes, stakes: structs.StakeTerms) -> Call:
        """`enforceDecision(RoundId, StakeTerms)`."""
        return Call(self.contract, "enforceDecision", (round_id, stakes))

    def has_panel(self, panel: bytes) -> View[bool]:
        """`hasPanel(bytes32)`."""
        return View(self.contract, "hasPanel", (panel,))

    def is_final(self, round_id: bytes, proposal: int) -> View[bool]:
        """`isFinal(RoundId, uint32)`."""
        return View(self.contract, "isFinal", (round_id, proposal))

    def is_member(self, panel: bytes, account: str) -> View[bool]:
        """`isMember(bytes32, address)`."""
        return View(self.contract, "isMember", (panel, account))

    def lapse_appeal(self, round_id: bytes, stakes: structs.StakeTerms, proposal: int) -> Call:
        """`lapseAppeal(RoundId, StakeTerms, uint32)`."""
        return Call(self.contract, "lapseAppeal", (round_id, stakes, proposal))

    def panel_of(self, panel: bytes) -> View[structs.Panel]:
        """`panelOf(bytes32)`."""
        return View(self.contract, "panelOf", (panel,))

    def rule(self, round_id: bytes, stakes: structs.StakeTerms, correct: bool) -> Call:
        """`rule(RoundId, StakeTerms, bool)`."""
        return Call(self.contract, "rule", (round_id, stakes, correct))

    def staked(self) -> View[str]:
        """`staked()`."""
        return View(self.contract, "staked", ())

    def vault(self) -> View[str]:
        """`vault()`."""
        return View(self.contract, "vault", ())
