"""The audit's port into the trainer: a round computed again from its evidence alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, final

from registry.audit.replay import Claim, Replayed
from registry.signing import ContractSignatureChecker, Domain, UpdateStatement
from trainer.adapters.registry_board import terms_of
from trainer.errors import UpdateRefused
from trainer.execution import execute, layout_of, score
from trainer.scoring import Evaluate, shares_of
from trainer.terms_document import TermsDocument
from trainer.types import AcceptedUpdate, RoundTerms
from trainer.updates import read_update
from trainer.versions import read_version, write_version

__all__ = ["Replay"]


@final
class Replay:
    """Computes rounds again, with the functions that the coordinator used.

    Args:
        evaluate: the loss on the held-out set, where the auditor has it; scores by leave_one_out
            are left out otherwise.
        code_checker: the chain's answer for contract accounts that took part.
    """

    def __init__(
        self,
        evaluate: Evaluate | None = None,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        self._evaluate, self._code_checker = evaluate, code_checker

    def round(
        self,
        *,
        domain: Domain,
        round_id: bytes,
        terms: dict[str, Any],
        document: bytes,
        base: Path,
        base_version_id: bytes,
        claims: Sequence[Claim],
        scratch: Path,
    ) -> Replayed:
        """Checks every claim, aggregates the accepted ones, and builds the new version.

        Raises:
            ConfigError: terms, document or base are malformed.
            AggregationError: no claim passes its checks.
        """
        agreed, plan = terms_of(terms), TermsDocument.parse(document)
        tensors = read_version(base)
        length = layout_of(tensors, plan).length
        accepted: list[AcceptedUpdate] = []
        refused: dict[str, str] = {}
        for claim in claims:
            try:
                accepted.append(self._check(claim, agreed, length, domain, round_id))
            except UpdateRefused as error:
                refused[claim.participant] = error.reason.value
        outcome = execute(tensors, agreed, plan, accepted)
        scratch.mkdir(parents=True, exist_ok=True)
        version = scratch / "version"
        write_version(base, version, outcome.tensors, [base_version_id], round_id)
        scores = None
        if plan.scoring == "examples" or self._evaluate is not None:
            scores = score(tensors, agreed, plan, accepted, self._evaluate)
        return Replayed(refused, outcome.result_root, version, scores)

    def shares(
        self, budget: int, scores: dict[str, int], weights: dict[str, int]
    ) -> dict[str, int]:
        """Returns the integer shares of a budget (P-1, P-2).

        Raises:
            AggregationError: scores and weights are not of the same participants.
        """
        return shares_of(scores, weights, budget)

    def _check(
        self, claim: Claim, terms: RoundTerms, length: int, domain: Domain, round_id: bytes
    ) -> AcceptedUpdate:
        statement = UpdateStatement(round_id, claim.participant, claim.update_root, claim.weight)
        vector = read_update(
            claim.folder,
            terms.lattice,
            length,
            domain,
            statement,
            weight_cap=terms.weight_cap,
            code_checker=self._code_checker,
        )
        return AcceptedUpdate(
            claim.participant, claim.update_root, claim.content_digest, claim.weight, vector
        )
