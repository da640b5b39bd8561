"""Calls of EmergencyStop.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.calls import BoundContract, Call, View

__all__ = ["EmergencyStop"]


class EmergencyStop(BoundContract):
    """The functions of EmergencyStop: views to read, calls to send."""

    def max_period(self) -> View[int]:
        """`MAX_PERIOD()`."""
        return View(self.contract, "MAX_PERIOD", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def ends_at(self) -> View[int]:
        """`endsAt()`."""
        return View(self.contract, "endsAt", ())

    def freeze_round(self, round_id: bytes) -> Call:
        """`freezeRound(RoundId)`."""
        return Call(self.contract, "freezeRound", (round_id,))

    def freeze_token(self, token: str) -> Call:
        """`freezeToken(address)`."""
        return Call(self.contract, "freezeToken", (token,))

    def governor(self) -> View[str]:
        """`governor()`."""
        return View(self.contract, "governor", ())

    def guardian(self) -> View[str]:
        """`guardian()`."""
        return View(self.contract, "guardian", ())

    def is_round_frozen(self, round_id: bytes) -> View[bool]:
        """`isRoundFrozen(RoundId)`."""
        return View(self.contract, "isRoundFrozen", (round_id,))

    def is_stopped(self, part: int) -> View[bool]:
        """`isStopped(IEmergencyStop.Part)`."""
        return View(self.contract, "isStopped", (part,))

    def is_token_frozen(self, token: str) -> View[bool]:
        """`isTokenFrozen(address)`."""
        return View(self.contract, "isTokenFrozen", (token,))

    def name_guardian(self, guardian: str) -> Call:
        """`nameGuardian(address)`."""
        return Call(self.contract, "nameGuardian", (guardian,))

    def require_postings(self, token: str) -> View[None]:
        """`requirePostings(address)`."""
        return View(self.contract, "requirePostings", (token,))

    def require_proposals(self, round_id: bytes) -> View[None]:
        """`requireProposals(RoundId)`."""
        return View(self.contract, "requireProposals", (round_id,))

    def require_rounds(self, token: str) -> View[None]:
        """`requireRounds(address)`."""
        return View(self.contract, "requireRounds", (token,))

    def resume(self, part: int) -> Call:
        """`resume(IEmergencyStop.Part)`."""
        return Call(self.contract, "resume", (part,))

    def resume_round(self, round_id: bytes) -> Call:
        """`resumeRound(RoundId)`."""
        return Call(self.contract, "resumeRound", (round_id,))

    def resume_token(self, token: str) -> Call:
        """`resumeToken(address)`."""
        return Call(self.contract, "resumeToken", (token,))

    def stop(self, part: int) -> Call:
        """`stop(IEmergencyStop.Part)`."""
        return Call(self.contract, "stop", (part,))
