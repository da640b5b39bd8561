"""Calls of StakedRounds.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["StakedRounds"]


class StakedRounds(BoundContract):
    """The functions of StakedRounds: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def availability(self) -> View[str]:
        """`availability()`."""
        return View(self.contract, "availability", ())

    def burn(self, round_id: bytes, stakes: structs.StakeTerms, holder: str, fault: bytes) -> Call:
        """`burn(RoundId, StakeTerms, address, bytes32)`."""
        return Call(self.contract, "burn", (round_id, stakes, holder, fault))

    def certify_proposal(self, round_id: bytes, stakes: structs.StakeTerms) -> Call:
        """`certifyProposal(RoundId, StakeTerms)`."""
        return Call(self.contract, "certifyProposal", (round_id, stakes))

    def disputes(self) -> View[str]:
        """`disputes()`."""
        return View(self.contract, "disputes", ())

    def emergency_stop(self) -> View[str]:
        """`emergencyStop()`."""
        return View(self.contract, "emergencyStop", ())

    def evaluations(self) -> View[str]:
        """`evaluations()`."""
        return View(self.contract, "evaluations", ())

    def floors(self) -> View[str]:
        """`floors()`."""
        return View(self.contract, "floors", ())

    def grace(self) -> View[int]:
        """`grace()`."""
        return View(self.contract, "grace", ())

    def grace_until(self) -> View[int]:
        """`graceUntil()`."""
        return View(self.contract, "graceUntil", ())

    def is_counted(self, round_id: bytes, participant: str) -> View[bool]:
        """`isCounted(RoundId, address)`."""
        return View(self.contract, "isCounted", (round_id, participant))

    def is_withheld(self, argument_1: bytes, proposal: int) -> View[bool]:
        """`isWithheld(RoundId, uint32)`."""
        return View(self.contract, "isWithheld", (argument_1, proposal))

    def lapse(self, round_id: bytes, stakes: structs.StakeTerms) -> Call:
        """`lapse(RoundId, StakeTerms)`."""
        return Call(self.contract, "lapse", (round_id, stakes))

    def lock_holder_stake(self, round_id: bytes, stakes: structs.StakeTerms) -> Call:
        """`lockHolderStake(RoundId, StakeTerms)`."""
        return Call(self.contract, "lockHolderStake", (round_id, stakes))

    def lock_stake(
        self, round_id: bytes, stakes: structs.StakeTerms, allow_list_proof: Sequence[bytes]
    ) -> Call:
        """`lockStake(RoundId, StakeTerms, bytes32[])`."""
        return Call(self.contract, "lockStake", (round_id, stakes, allow_list_proof))

    def matches_reveal(self, round_id: bytes, leaf: structs.Leaf) -> View[bool]:
        """`matchesReveal(RoundId, Leaf)`."""
        return View(self.contract, "matchesReveal", (round_id, leaf))

    def note_withheld(self, round_id: bytes, proposal: int) -> Call:
        """`noteWithheld(RoundId, uint32)`."""
        return Call(self.contract, "noteWithheld", (round_id, proposal))

    def open_staked(
        self, terms: structs.RoundTerms, stakes: structs.StakeTerms, reward_token: str, budget: int
    ) -> Call:
        """`openStaked(RoundTerms, StakeTerms, address, uint256)`."""
        return Call(self.contract, "openStaked", (terms, stakes, reward_token, budget))

    def pots(self) -> View[str]:
        """`pots()`."""
        return View(self.contract, "pots", ())

    def proposal_lock(self, round_id: bytes, number: int) -> View[bytes]:
        """`proposalLock(RoundId, uint32)`."""
        return View(self.contract, "proposalLock", (round_id, number))

    def propose(
        self, round_id: bytes, stakes: structs.StakeTerms, proposal: structs.Proposal
    ) -> Call:
        """`propose(RoundId, StakeTerms, Proposal)`."""
        return Call(self.contract, "propose", (round_id, stakes, proposal))

    def questions(self) -> View[str]:
        """`questions()`."""
        return View(self.contract, "questions", ())

    def registry(self) -> View[str]:
        """`registry()`."""
        return View(self.contract, "registry", ())

    def reject(
        self, round_id: bytes, stakes: structs.StakeTerms, beneficiary: str, fault: bytes
    ) -> Call:
        """`reject(RoundId, StakeTerms, address, bytes32)`."""
        return Call(self.contract, "reject", (round_id, stakes, beneficiary, fault))

    def release_stake(self, round_id: bytes, account: str, stakes: structs.StakeTerms) -> Call:
        """`releaseStake(RoundId, address, StakeTerms)`."""
        return Call(self.contract, "releaseStake", (round_id, account, stakes))

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def seat_lock(self, round_id: bytes, account: str) -> View[bytes]:
        """`seatLock(RoundId, address)`."""
        return View(self.contract, "seatLock", (round_id, account))

    def seat_of(self, round_id: bytes, account: str) -> View[structs.Seat]:
        """`seatOf(RoundId, address)`."""
        return View(self.contract, "seatOf", (round_id, account))

    def settle(
        self, round_id: bytes, stakes: structs.StakeTerms, proposal: structs.Proposal
    ) -> Call:
        """`settle(RoundId, StakeTerms, Proposal)`."""
        return Call(self.contract, "settle", (round_id, stakes, proposal))

    def slash_participant(
        self,
        round_id: bytes,
        stakes: structs.StakeTerms,
        participant: str,
        beneficiary: str,
        fault: bytes,
    ) -> Call:
        """`slashParticipant(RoundId, StakeTerms, address, address, bytes32)`."""
        return Call(
            self.contract, "slashParticipant", (round_id, stakes, participant, beneficiary, fault)
        )

    def staked_round_of(self, round_id: bytes) -> View[structs.StakedRound]:
        """`stakedRoundOf(RoundId)`."""
        return View(self.contract, "stakedRoundOf", (round_id,))

    def status_of(self, round_id: bytes, stakes: structs.StakeTerms) -> View[structs.RoundStatus]:
        """`statusOf(RoundId, StakeTerms)`."""
        return View(self.contract, "statusOf", (round_id, stakes))

    def uptime_feed(self) -> View[str]:
        """`uptimeFeed()`."""
        return View(self.contract, "uptimeFeed", ())

    def vault(self) -> View[str]:
        """`vault()`."""
        return View(self.contract, "vault", ())
