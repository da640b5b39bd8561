"""Computes a hidden round again for the audit: masked updates, and what the chain has opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from registry.audit import Claim, HiddenEvidence, Replayed
from registry.fraud_proofs.stake_terms import StakeTerms
from registry.signing import ContractSignatureChecker, Domain, UpdateStatement
from trainer.adapters.registry_hidden import hidden_state_of
from trainer.documents.masked_updates import MaskedUpdate, read_masked_update
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_memory, read_version, write_version
from trainer.errors import UpdateRefused
from trainer.execution.execute import layout_of
from trainer.execution.hidden_rounds import HiddenInputs, execute_hidden
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_sums import group_sum
from trainer.privacy.mask_seeds import MaskDomain
from trainer.staked.evidence import read_masked
from trainer.types import RoundTerms
from trainer.vectors.vector_roots import vector_root

__all__ = ["replay_hidden"]

_NUMERATOR_BITS = 64


def replay_hidden(
    evidence: HiddenEvidence,
    terms: RoundTerms,
    document: TermsDocument,
    base: Path,
    base_version_id: bytes,
    claims: Sequence[Claim],
    scratch: Path,
    round_id: bytes,
    domain: Domain,
    code_checker: ContractSignatureChecker | None,
    stakes: StakeTerms | None,
) -> Replayed:
    """Returns what a hidden round comes to; its arguments are those of `RoundReplay.round`.

    Raises:
        AggregationError: no group has a sum.
        ConfigError: the terms document hides otherwise than the contract.
    """
    where = MaskDomain(evidence.chain_id, evidence.contract, round_id)
    seats = terms.maximum_participants
    hidden = hidden_state_of(evidence.record, where, seats, evidence.unmask_from)
    tensors = read_version(base)
    length = layout_of(tensors, document).length
    good: list[MaskedUpdate] = []
    refused: dict[str, str] = {}
    for claim in claims:
        told = claim, hidden, length, round_id, domain, code_checker, stakes
        try:
            good.append(_checked(*told))
        except UpdateRefused as error:
            refused[claim.participant] = error.reason.value
    inputs = HiddenInputs(tensors, terms, document, hidden, good, read_memory(base))
    found = execute_hidden(inputs)
    outcome = found.outcome
    if stakes is not None:
        root = _numerators_root(hidden, good, length, terms)
        outcome = replace(outcome, result_root=root)
    version = scratch / "version"
    scratch.mkdir(parents=True, exist_ok=True)
    write_version(base, version, outcome.tensors, [base_version_id], round_id, outcome.memory)
    refused |= {r.participant: r.reason.value for r in found.refused}
    return Replayed(refused, outcome.result_root, version, found.scores(), dict(outcome.excluded))


def _checked(
    claim: Claim,
    hidden: HiddenState,
    length: int,
    round_id: bytes,
    domain: Domain,
    code_checker: ContractSignatureChecker | None,
    stakes: StakeTerms | None,
) -> MaskedUpdate:
    whole = hidden.terms.length(length)
    if stakes is not None:
        # What counts is settled already: an update is its vector.
        vector = read_masked(claim.folder, hidden.width, whole, claim.update_root)
        return MaskedUpdate.of(claim, vector.packed)
    statement = UpdateStatement(round_id, claim.participant, claim.update_root, claim.weight)
    told = claim.folder, whole, hidden.width, domain, statement
    return MaskedUpdate.of(claim, read_masked_update(*told, code_checker=code_checker))


def _numerators_root(
    hidden: HiddenState, updates: Sequence[MaskedUpdate], length: int, terms: RoundTerms
) -> bytes:
    """Returns the root of a staked round's result: that of the sum of its only group (F-8)."""
    packed = {update.participant: update.packed for update in updates}
    made = group_sum(hidden, 0, packed, length, terms.lattice)
    return vector_root(np.asarray(made.numerators), _NUMERATOR_BITS)
