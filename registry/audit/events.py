"""Holds what the events tell against the contracts' own storage: a second, independent witness.

The events are proved already; here every field that both keep is compared, so that a fault in the
fold, in a contract, or a history forged from a false block on is contradicted too.
"""

from __future__ import annotations

from eth_abi.abi import encode

from registry.addresses import ZERO_ADDRESS
from registry.audit.evidence import AuditEvidence, name_of
from registry.audit.field_checks import Answer, Fields
from registry.audit.findings import FindingKind
from registry.chain.abi_values import struct_hash
from registry.chain.bindings import structs
from registry.documents.labels import channel_word
from registry.hashing import keccak256
from registry.index import PostedRoot, RoundRecord
from registry.types import Model, VersionStatus

__all__ = ["check_events"]

_ACTIVATION_DELAY = 1  # the place of the distributor's constructor argument
# The states of an escrow as IRewardPool numbers them.
_ESCROW_STATES = {"held": 1, "released": 2, "refunded": 3, "withdrawn": 4}
# The states of a bond as IForfeits numbers them.
_BOND_STATES = {"held": 1, "released": 2, "forfeited": 3, "withdrawn": 4}


def check_events(evidence: AuditEvidence) -> None:
    """Checks the successor, models, versions, channels, grants, rounds, escrows and payouts."""
    successor = evidence.state.catalogue.successor
    evidence.report.successor = "" if successor == ZERO_ADDRESS else successor
    evidence.expect("registry: successor", successor, evidence.chain.model_registry.successor())
    for model in evidence.state.catalogue.models.values():
        if evidence.concerns(model.model_id):
            _model(evidence, model)
            _people(evidence, model)
    for record in evidence.state.rounds.rounds.values():
        if evidence.concerns(record.model_id):
            _round(evidence, record)
            _escrow(evidence, record)
            _bond(evidence, record)
    _payouts(evidence)
    evidence.settle()


def _model(evidence: AuditEvidence, model: Model) -> None:
    subject, catalogue = f"model {model.slug}", evidence.state.catalogue
    versions = catalogue.versions_of(model.model_id)
    told = structs.Model(
        owner=model.owner,
        pending_owner=model.pending_owner,
        visibility=int(model.visibility),
        version_count=len(versions),
        epoch=catalogue.transfers.get(model.model_id, 0),
    )
    evidence.expect(subject, told, evidence.chain.model_registry.model_of(model.model_id))
    for version in versions:
        label = f"{subject}:{version.number}"
        answer = (version.content, int(version.status))
        evidence.expect(
            label, answer, evidence.chain.model_registry.version_of(model.model_id, version.number)
        )
        expected = keccak256(model.model_id + version.number.to_bytes(32, "big"))
        evidence.report.compare(FindingKind.EVENT, f"{label}: id", expected, version.version_id)
        active = version.status is VersionStatus.ACTIVE
        evidence.expect(
            f"{label}: active",
            active,
            evidence.chain.model_registry.is_active_version(model.model_id, version.number),
        )
    for (owner, name), channel in catalogue.channels.items():
        if owner == model.model_id:
            key = channel_word(name)
            evidence.expect(
                f"{subject}@{name}",
                channel.number,
                evidence.chain.model_registry.channel_of(owner, key),
            )


def _people(evidence: AuditEvidence, model: Model) -> None:
    """Publishers, granters and readers, and those who were and are no more."""
    subject, catalogue, model_id = f"model {model.slug}", evidence.state.catalogue, model.model_id
    for account in sorted(catalogue.named_publishers.get(model_id, ())):
        allowed = account in model.publishers or account == model.owner
        label = f"{subject}: publisher {account}"
        evidence.expect(
            label, allowed, evidence.chain.model_registry.is_publisher(model_id, account)
        )
    for account in sorted(catalogue.granters.get(model_id, ())):
        label = f"{subject}: granter {account}"
        evidence.expect(label, True, evidence.chain.model_registry.is_granter(model_id, account))
    for (owner, user), grant in catalogue.grants.items():
        if owner == model_id:
            label = f"{subject}: grant of {user}"
            evidence.expect(
                label, (grant.expiry, True), evidence.chain.model_registry.grant_of(model_id, user)
            )
    for user in sorted(catalogue.revoked.get(model_id, ())):
        label = f"{subject}: revoked grant of {user}"
        evidence.expect(label, (0, False), evidence.chain.model_registry.grant_of(model_id, user))


def _round(evidence: AuditEvidence, record: RoundRecord) -> None:
    subject = f"{name_of(evidence, record.model_id)} round {record.number}"
    round_id = record.round_id
    told = {
        "terms_hash": struct_hash(record.terms),
        "coordinator": record.coordinator,
        "enrolled": len(record.enrolled),
        "committed": len(record.commitments),
        "revealed": record.direct_reveals,
        "batched": sum(b.count for b in record.standing.values()),
        "batch_revealed": sum(b.at_most for b in record.standing.values()),
        "own_reveals": len(record.taken_from),
        "posted_reveals": sum(b.revealed_count for b in record.standing.values()),
        "challenge_ends_at": record.result.challenge_ends_at if record.result else 0,
        "finalised": record.finalised,
        "voided": record.voided,
    }
    evidence.ask(
        subject,
        evidence.chain.training_rounds.round_of(round_id),
        Fields(evidence.report, subject, told),
    )
    evidence.expect(
        f"{subject}: id",
        round_id,
        evidence.chain.training_rounds.round_id_of(record.model_id, record.number),
    )
    _participants(evidence, subject, record)
    if record.result is not None:
        r = record.result
        digests = r.result_root, r.version_digest, r.document_digest
        proposed = structs.Result(*digests, r.accepted, r.total_weight)
        kept = evidence.chain.training_rounds.result_of(round_id)
        evidence.expect(f"{subject}: result", proposed, kept)


def _participants(evidence: AuditEvidence, subject: str, record: RoundRecord) -> None:
    """Seats, direct commitments, and what was revealed of them."""
    round_id = record.round_id
    for participant in record.enrolled:
        label = f"{subject}: seat of {participant}"
        evidence.expect(
            label, True, evidence.chain.training_rounds.is_enrolled(round_id, participant)
        )
    for participant, commitment in record.commitments.items():
        label = f"{subject}: commitment of {participant}"
        compare = Answer(evidence.report, label, commitment, kind=FindingKind.COMMITMENT)
        evidence.ask(
            label, evidence.chain.training_rounds.commitment_of(round_id, participant), compare
        )
    for participant, revealed in record.reveals.items():
        words = (revealed.update_root, revealed.content_digest, revealed.weight)
        computed = keccak256(encode(["bytes32", "bytes32", "uint64"], words))
        label = f"{subject}: reveal of {participant}"
        evidence.expect(
            label, computed, evidence.chain.training_rounds.reveal_of(round_id, participant)
        )


def _escrow(evidence: AuditEvidence, record: RoundRecord) -> None:
    controller = evidence.chain.training_rounds.address
    escrow = evidence.state.payouts.escrows.get((controller, record.round_id))
    subject = f"{name_of(evidence, record.model_id)} round {record.number}: escrow"
    budget = record.terms.reward_budget
    found = 0 if escrow is None else escrow.amount
    evidence.report.compare(FindingKind.EVENT, f"{subject}: amount of the terms", budget, found)
    if escrow is None:
        return
    told = {
        "token": escrow.token,
        "funder": escrow.funder,
        "amount": escrow.amount,
        "state": _ESCROW_STATES[escrow.state],
    }
    evidence.ask(
        subject,
        evidence.chain.reward_pool.escrow_of(controller, record.round_id),
        Fields(evidence.report, subject, told),
    )


def _bond(evidence: AuditEvidence, record: RoundRecord) -> None:
    """The forfeit of every seat is held while the round is open, and goes where R-11 says."""
    controller = evidence.chain.training_rounds.address
    bond = evidence.state.bonds.bonds.get((controller, record.round_id))
    subject = f"{name_of(evidence, record.model_id)} round {record.number}: bond"
    each = 0 if bond is None else bond.each
    evidence.report.compare(
        FindingKind.EVENT, f"{subject}: forfeit of the terms", record.terms.forfeit, each
    )
    if bond is None:
        return
    told = {
        "token": bond.token,
        "state": _BOND_STATES[bond.state],
        "closes_at": bond.closes_at,
        "funder": bond.funder,
        "each": bond.each,
        "left": bond.left,
    }
    take = Fields(evidence.report, subject, told)
    evidence.ask(subject, evidence.chain.forfeits.bond_of(controller, record.round_id), take)
    for who in sorted(bond.collected):
        label = f"{subject}: collected by {who}"
        evidence.expect(
            label, True, evidence.chain.forfeits.has_collected(controller, record.round_id, who)
        )


def _payouts(evidence: AuditEvidence) -> None:
    for (model_id, token), distribution in evidence.state.payouts.distributions.items():
        if not evidence.concerns(model_id):
            continue
        subject = f"{name_of(evidence, model_id)} payouts"
        told = {
            "funded": distribution.funded - distribution.swept,
            "paid": distribution.paid,
            "claims_end": distribution.claims_end,
        }
        take = Fields(evidence.report, subject, told)
        evidence.ask(
            subject, evidence.chain.payout_distributor.distribution_of(model_id, token), take
        )
        for account, amount in distribution.claimed.items():
            label = f"{subject}: claimed by {account}"
            evidence.expect(
                label,
                amount,
                evidence.chain.payout_distributor.claimed_of(model_id, token, account),
            )
        current, waiting = distribution.current, distribution.waiting
        root = bytes(32) if current is None else current.root
        evidence.expect(
            f"{subject}: current root",
            root,
            evidence.chain.payout_distributor.current_root_of(model_id, token),
        )
        label = f"{subject}: root that waits"
        take = Fields(evidence.report, label, _waiting(waiting))
        evidence.ask(
            label, evidence.chain.payout_distributor.pending_root_of(model_id, token), take
        )
        for posted in distribution.roots:
            _activation(evidence, posted, f"{subject}: root 0x{posted.root.hex()[:8]}")


def _waiting(posted: PostedRoot | None) -> dict[str, object]:
    """Returns what is kept of the root that waits: zeros where none does."""
    return {
        "root": posted.root if posted else bytes(32),
        "poster": posted.poster if posted else ZERO_ADDRESS,
        "activates_at": posted.activates_at if posted else 0,
    }


def _activation(evidence: AuditEvidence, posted: PostedRoot, label: str) -> None:
    """Each root waits the whole delay from its block's time on (P-5)."""
    header = evidence.headers.get(posted.block_number)
    if header is None:
        return
    payer = evidence.connection.deployment.contracts["PayoutDistributor"]
    expected = header.timestamp + int(payer.constructor_arguments[_ACTIVATION_DELAY])
    evidence.report.compare(
        FindingKind.EVENT, f"{label}: activation", expected, posted.activates_at
    )
