"""Calls of TermsRules.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, View

__all__ = ["TermsRules"]


class TermsRules(BoundContract):
    """The functions of TermsRules: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def check_terms(self, t: structs.RoundTerms, coordinator: str) -> View[None]:
        """`checkTerms(RoundTerms, address)`."""
        return View(self.contract, "checkTerms", (t, coordinator))

    def least_challenge_window(self) -> View[int]:
        """`leastChallengeWindow()`."""
        return View(self.contract, "leastChallengeWindow", ())

    def staked_rounds(self) -> View[str]:
        """`stakedRounds()`."""
        return View(self.contract, "stakedRounds", ())
