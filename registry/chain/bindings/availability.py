"""Calls of Availability.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["Availability"]


class Availability(BoundContract):
    """The functions of Availability: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def burn_for_result(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        proposal: int,
        holders: Sequence[str],
        position: int,
    ) -> Call:
        """`burnForResult(RoundId, StakeTerms, uint32, address[], uint256)`."""
        return Call(self.contract, "burnForResult", (round_id, stakes, proposal, holders, position))

    def burn_for_update(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        participant: str,
        certificate: int,
        holders: Sequence[str],
        held: Sequence[Sequence[int]],
        position: int,
    ) -> Call:
        """`burnForUpdate(…)`."""
        return Call(
            self.contract,
            "burnForUpdate",
            (round_id, stakes, participant, certificate, holders, held, position),
        )

    def certify_result(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        proposal: int,
        holders: Sequence[str],
        signatures: Sequence[bytes],
    ) -> Call:
        """`certifyResult(RoundId, StakeTerms, uint32, address[], bytes[])`."""
        return Call(
            self.contract, "certifyResult", (round_id, stakes, proposal, holders, signatures)
        )

    def certify_updates(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        holders: Sequence[str],
        held: Sequence[Sequence[int]],
        signatures: Sequence[bytes],
    ) -> Call:
        """`certifyUpdates(RoundId, StakeTerms, address[], uint256[][], bytes[])`."""
        return Call(self.contract, "certifyUpdates", (round_id, stakes, holders, held, signatures))

    def eip712_domain(self) -> View[tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]]:
        """`eip712Domain()`."""
        return View(self.contract, "eip712Domain", ())

    def has_vouched(self, digest: bytes, holder: str) -> View[bool]:
        """`hasVouched(bytes32, address)`."""
        return View(self.contract, "hasVouched", (digest, holder))

    def holdings_digest(self, round_id: bytes, held: Sequence[int]) -> View[bytes]:
        """`holdingsDigest(RoundId, uint256[])`."""
        return View(self.contract, "holdingsDigest", (round_id, held))

    def is_certified(self, round_id: bytes, index: int) -> View[bool]:
        """`isCertified(RoundId, uint32)`."""
        return View(self.contract, "isCertified", (round_id, index))

    def result_digest(self, round_id: bytes, proposal: int, proposal_hash: bytes) -> View[bytes]:
        """`resultDigest(RoundId, uint32, bytes32)`."""
        return View(self.contract, "resultDigest", (round_id, proposal, proposal_hash))

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def staked(self) -> View[str]:
        """`staked()`."""
        return View(self.contract, "staked", ())

    def vouch_for_result(self, round_id: bytes, stakes: structs.StakeTerms, proposal: int) -> Call:
        """`vouchForResult(RoundId, StakeTerms, uint32)`."""
        return Call(self.contract, "vouchForResult", (round_id, stakes, proposal))

    def vouch_for_updates(
        self, round_id: bytes, stakes: structs.StakeTerms, held: Sequence[int]
    ) -> Call:
        """`vouchForUpdates(RoundId, StakeTerms, uint256[])`."""
        return Call(self.contract, "vouchForUpdates", (round_id, stakes, held))
