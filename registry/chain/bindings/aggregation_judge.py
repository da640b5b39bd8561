"""Calls of AggregationJudge.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, View

__all__ = ["AggregationJudge"]


class AggregationJudge(BoundContract):
    """The functions of AggregationJudge: views to read, calls to send."""

    def max_inputs(self) -> View[int]:
        """`MAX_INPUTS()`."""
        return View(self.contract, "MAX_INPUTS", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def judge(
        self,
        params: structs.AggregationJudgeChunkParams,
        inputs: Sequence[structs.Input],
        claim: structs.Claim,
    ) -> View[structs.AggregationJudgeVerdict]:
        """`judge(…)`."""
        return View(self.contract, "judge", (params, inputs, claim))
