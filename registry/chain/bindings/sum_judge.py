"""Calls of SumJudge.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, View

__all__ = ["SumJudge"]


class SumJudge(BoundContract):
    """The functions of SumJudge: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def hidden_rounds(self) -> View[str]:
        """`hiddenRounds()`."""
        return View(self.contract, "hiddenRounds", ())

    def is_summed(self, round_id: bytes, participant: str) -> View[bool]:
        """`isSummed(RoundId, address)`."""
        return View(self.contract, "isSummed", (round_id, participant))

    def judge(
        self,
        params: structs.SumParams,
        leaves: Sequence[structs.Leaf],
        inputs: Sequence[structs.ChunkProof],
        claim: structs.Claim,
        secrets: structs.OpenedSecrets,
    ) -> View[structs.AggregationJudgeVerdict]:
        """`judge(…)`."""
        return View(self.contract, "judge", (params, leaves, inputs, claim, secrets))
