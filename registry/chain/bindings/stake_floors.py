"""Calls of StakeFloors.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, View

__all__ = ["StakeFloors"]


class StakeFloors(BoundContract):
    """The functions of StakeFloors: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def check(self, terms: structs.RoundTerms, s: structs.StakeTerms) -> View[tuple[int, int]]:
        """`check(RoundTerms, StakeTerms)`."""
        return View(self.contract, "check", (terms, s))

    def evaluations(self) -> View[str]:
        """`evaluations()`."""
        return View(self.contract, "evaluations", ())

    def least_answer_window(self) -> View[int]:
        """`leastAnswerWindow()`."""
        return View(self.contract, "leastAnswerWindow", ())

    def least_certify_window(self) -> View[int]:
        """`leastCertifyWindow()`."""
        return View(self.contract, "leastCertifyWindow", ())

    def proposal_time(self, s: structs.StakeTerms) -> View[int]:
        """`proposalTime(StakeTerms)`."""
        return View(self.contract, "proposalTime", (s,))

    def tokens(self) -> View[str]:
        """`tokens()`."""
        return View(self.contract, "tokens", ())
