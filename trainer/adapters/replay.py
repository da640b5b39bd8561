"""Computes a round again for the audit, with the coordinator's own functions and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from registry.audit import Claim, HiddenEvidence, Replayed
from registry.chain.bindings import structs
from registry.fraud_proofs.server_steps import ServerStep
from registry.fraud_proofs.stake_terms import StakeTerms
from registry.signing import Domain, UpdateStatement
from trainer.adapters.hidden_replay import replay_hidden
from trainer.adapters.registry_board import terms_of
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import (
    ContractSignatureChecker,
    read_evaluation,
    read_update,
)
from trainer.documents.version_folders import read_memory, read_version, write_version
from trainer.errors import UpdateRefused
from trainer.execution.client_evaluation import evaluation_of
from trainer.execution.execute import execute, layout_of, score
from trainer.execution.memory_roots import momenta_of
from trainer.execution.round_inputs import RoundInputs
from trainer.execution.validation_set import named_evaluation
from trainer.execution.version_roots import version_root, weights_of
from trainer.scoring import shares_of
from trainer.staked.aggregate import outcome_of
from trainer.staked.evidence import read_vector
from trainer.staked.servers import base_root, step_of
from trainer.types import AcceptedUpdate, RoundTerms
from trainer.vectors.layout import Layout
from trainer.vectors.quantizing import at_the_bounds, check_saturation

__all__ = ["Replay"]


class Replay:
    """The audit's port `RoundReplay`, filled."""

    def round(
        self,
        *,
        domain: Domain,
        round_id: bytes,
        terms: structs.RoundTerms,
        document: bytes,
        base: Path,
        base_version_id: bytes,
        claims: Sequence[Claim],
        scratch: Path,
        folder_of: Callable[[bytes], Path | None],
        code_checker: ContractSignatureChecker | None,
        stakes: StakeTerms | None = None,
        hidden: HiddenEvidence | None = None,
    ) -> Replayed:
        """Checks every claim, aggregates the accepted ones, and builds the new version."""
        round_terms, round_document = terms_of(terms), TermsDocument.parse(document)
        if hidden is not None:
            told = round_terms, round_document, base, base_version_id, claims, scratch, round_id
            return replay_hidden(hidden, *told, domain, code_checker, stakes)
        tensors = read_version(base)
        layout = layout_of(tensors, round_document)
        accepted: list[AcceptedUpdate] = []
        refused: dict[str, str] = {}
        scratch.mkdir(parents=True, exist_ok=True)
        evaluate = named_evaluation(round_document, base, folder_of)
        memory, evaluation = read_memory(base), None
        if stakes is None:
            for claim in claims:
                try:
                    checked = _check(claim, round_terms, layout, domain, round_id, code_checker)
                    counts = at_the_bounds(checked.vector, layout, round_terms.lattice)
                    check_saturation(counts, layout, round_document.saturation)
                    accepted.append(checked)
                except UpdateRefused as error:
                    refused[claim.participant] = error.reason.value
            given = round_terms, round_document, tensors, accepted, memory, evaluate
            outcome = execute(RoundInputs.under(*given))
            evaluation = evaluation_of(round_document, round_id, round_terms.weight_cap, accepted)
        else:
            # What counts is settled already: an update is its vector, and none is refused.
            accepted = [_counted(claim, round_terms, stakes) for claim in claims]
            numerators = scratch / "numerators.i64"
            outcome = outcome_of(
                tensors, round_terms, round_document, stakes, accepted, numerators, memory
            )
        scores = None
        if round_document.scoring != "leave_one_out" or evaluate is not None:
            given = round_terms, round_document, tensors, accepted, memory, evaluate
            scores = score(RoundInputs.under(*given), outcome.excluded)
        version, parents = scratch / "version", [base_version_id]
        write_version(base, version, outcome.tensors, parents, round_id, outcome.memory)
        left_out = dict(outcome.excluded)
        return Replayed(refused, outcome.result_root, version, scores, left_out, evaluation)

    def shares(
        self, budget: int, scores: dict[str, int], excluded: Collection[str]
    ) -> dict[str, int]:
        """Returns the integer shares of a budget (P-1, P-2)."""
        # A document may tell a score of who was left out: nothing is owed for it.
        counted = {who: 0 if who in excluded else score for who, score in scores.items()}
        return shares_of(counted, budget, excluded) if set(counted) - set(excluded) else {}

    def base_root(self, document: bytes, base: Path) -> bytes:
        """Returns what stake terms name as the root of a base, 32 bytes (F-13, F-15)."""
        told = TermsDocument.parse(document)
        return base_root(told, weights_of(base, told), base)

    def version_root(self, document: bytes, version: Path) -> bytes:
        """Returns the root of a version's trained weights, 32 bytes (F-13)."""
        return version_root(version, TermsDocument.parse(document))

    def momentum_root(self, document: bytes, version: Path) -> bytes:
        """Returns the root of what its server remembers, 32 bytes (F-15); zeros for nothing."""
        told = TermsDocument.parse(document)
        if step_of(told) not in (ServerStep.FEDAVGM, ServerStep.DILOCO):
            return bytes(32)
        return momenta_of(version, weights_of(version, told).length).root()


def _check(
    claim: Claim,
    terms: RoundTerms,
    layout: Layout,
    domain: Domain,
    round_id: bytes,
    code_checker: ContractSignatureChecker | None,
) -> AcceptedUpdate:
    vector = read_update(
        claim.folder,
        terms.lattice,
        layout.length,
        domain,
        UpdateStatement(round_id, claim.participant, claim.update_root, claim.weight),
        weight_cap=terms.weight_cap,
        code_checker=code_checker,
    )
    return AcceptedUpdate.of(claim, vector, read_evaluation(claim.folder))


def _counted(claim: Claim, terms: RoundTerms, stakes: StakeTerms) -> AcceptedUpdate:
    length, bits = stakes.vector_length, terms.lattice.bits
    vector = read_vector(claim.folder, bits, length, claim.update_root)
    return AcceptedUpdate.of(claim, vector)
