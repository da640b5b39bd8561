"""Calls of VersionJudge.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, View

__all__ = ["VersionJudge"]


class VersionJudge(BoundContract):
    """The functions of VersionJudge: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def judge(
        self,
        params: structs.VersionJudgeChunkParams,
        roots: structs.Roots,
        base: structs.ChunkProof,
        numerators: structs.ChunkProof,
        claim: structs.ChunkProof,
    ) -> View[structs.VersionJudgeVerdict]:
        """`judge(…)`."""
        return View(self.contract, "judge", (params, roots, base, numerators, claim))

    def judge_step(
        self,
        params: structs.VersionJudgeChunkParams,
        momentum: structs.MomentumParams,
        roots: structs.StepRoots,
        proofs: structs.StepProof,
    ) -> View[structs.VersionJudgeVerdict]:
        """`judgeStep(…)`."""
        return View(self.contract, "judgeStep", (params, momentum, roots, proofs))
