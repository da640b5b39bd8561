"""Holds what the events tell against the contracts' own storage: a second, independent witness.

The events are proved already; here every field that both keep is compared, so that a fault in the
fold, in a contract, or a history forged from a false block on is contradicted too.
"""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from registry.addresses import ZERO_ADDRESS
from registry.audit.evidence import Evidence, name_of
from registry.audit.field_checks import Answer, Fields
from registry.audit.findings import Kind
from registry.chain.artifacts import load_artifact
from registry.chain.reverts import abi_type
from registry.documents.labels import channel_word
from registry.hashing import keccak256
from registry.index import PostedRoot, RoundRecord
from registry.types import Model, VersionStatus

__all__ = ["check_events"]

_REGISTRY, _ROUNDS = "ModelRegistry", "TrainingRounds"
_ACTIVATION_DELAY = 1  # the place of the distributor's constructor argument
# The states of an escrow as IRewardPool numbers them.
_ESCROW_STATES = {"held": 1, "released": 2, "refunded": 3, "withdrawn": 4}
# The states of a bond as IForfeits numbers them.
_BOND_STATES = {"held": 1, "released": 2, "forfeited": 3, "withdrawn": 4}


def check_events(evidence: Evidence) -> None:
    """Checks the successor, models, versions, channels, grants, rounds, escrows and payouts."""
    successor = evidence.state.catalogue.successor
    evidence.report.successor = "" if successor == ZERO_ADDRESS else successor
    evidence.expect("registry: successor", successor, _REGISTRY, "successor")
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


def _model(evidence: Evidence, model: Model) -> None:
    subject, catalogue = f"model {model.slug}", evidence.state.catalogue
    versions = catalogue.versions_of(model.model_id)
    told = {
        "owner": model.owner,
        "pendingOwner": model.pending_owner,
        "visibility": int(model.visibility),
        "versionCount": len(versions),
        "epoch": catalogue.transfers.get(model.model_id, 0),
    }
    evidence.expect(subject, told, _REGISTRY, "modelOf", model.model_id)
    for version in versions:
        label = f"{subject}:{version.number}"
        content = {"digest": version.content.digest, "codec": version.content.codec}
        answer = (content, int(version.status))
        evidence.expect(label, answer, _REGISTRY, "versionOf", model.model_id, version.number)
        expected = keccak256(model.model_id + version.number.to_bytes(32, "big"))
        evidence.report.compare(Kind.EVENT, f"{label}: id", expected, version.version_id)
        active = version.status is VersionStatus.ACTIVE
        evidence.expect(
            f"{label}: active", active, _REGISTRY, "isActiveVersion", model.model_id, version.number
        )
    for (owner, name), channel in catalogue.channels.items():
        if owner == model.model_id:
            key = channel_word(name)
            evidence.expect(f"{subject}@{name}", channel.number, _REGISTRY, "channelOf", owner, key)


def _people(evidence: Evidence, model: Model) -> None:
    """Publishers, granters and readers, and those who were and are no more."""
    subject, catalogue, model_id = f"model {model.slug}", evidence.state.catalogue, model.model_id
    for account in sorted(catalogue.named_publishers.get(model_id, ())):
        allowed = account in model.publishers or account == model.owner
        label = f"{subject}: publisher {account}"
        evidence.expect(label, allowed, _REGISTRY, "isPublisher", model_id, account)
    for account in sorted(catalogue.granters.get(model_id, ())):
        label = f"{subject}: granter {account}"
        evidence.expect(label, True, _REGISTRY, "isGranter", model_id, account)
    for (owner, user), grant in catalogue.grants.items():
        if owner == model_id:
            label = f"{subject}: grant of {user}"
            evidence.expect(label, (grant.expiry, True), _REGISTRY, "grantOf", model_id, user)
    for user in sorted(catalogue.revoked.get(model_id, ())):
        label = f"{subject}: revoked grant of {user}"
        evidence.expect(label, (0, False), _REGISTRY, "grantOf", model_id, user)


def _terms_type() -> tuple[str, list[dict[str, Any]]]:
    for entry in load_artifact(_ROUNDS).abi:
        if entry.get("name") == "openRound":
            return abi_type(entry["inputs"][0]), entry["inputs"][0]["components"]
    raise AssertionError("TrainingRounds has openRound")


def _values(components: list[dict[str, Any]], fields: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(
        _values(c["components"], fields[c["name"]]) if c["type"] == "tuple" else fields[c["name"]]
        for c in components
    )


def terms_hash(terms: dict[str, Any]) -> bytes:
    """Returns keccak(enc(terms)), which the contract keeps."""
    kind, components = _terms_type()
    return keccak256(encode([kind], [_values(components, terms)]))


def _round(evidence: Evidence, record: RoundRecord) -> None:
    subject = f"{name_of(evidence, record.model_id)} round {record.number}"
    round_id = record.round_id
    told = {
        "termsHash": terms_hash(record.terms),
        "coordinator": record.coordinator,
        "enrolled": len(record.enrolled),
        "committed": len(record.commitments),
        "revealed": record.direct_reveals,
        "batched": sum(b.count for b in record.standing.values()),
        "batchRevealed": sum(b.at_most for b in record.standing.values()),
        "ownReveals": len(record.taken_from),
        "postedReveals": sum(b.revealed_count for b in record.standing.values()),
        "challengeEndsAt": record.result.challenge_ends_at if record.result else 0,
        "finalised": record.finalised,
        "voided": record.voided,
    }
    evidence.ask(subject, Fields(evidence.report, subject, told), _ROUNDS, "roundOf", round_id)
    evidence.expect(
        f"{subject}: id", round_id, _ROUNDS, "roundIdOf", record.model_id, record.number
    )
    for participant in record.enrolled:
        label = f"{subject}: seat of {participant}"
        evidence.expect(label, True, _ROUNDS, "isEnrolled", round_id, participant)
    for participant, commitment in record.commitments.items():
        label = f"{subject}: commitment of {participant}"
        compare = Answer(evidence.report, label, commitment, kind=Kind.COMMITMENT)
        evidence.ask(label, compare, _ROUNDS, "commitmentOf", round_id, participant)
    for participant, revealed in record.reveals.items():
        words = (revealed.update_root, revealed.content_digest, revealed.weight)
        computed = keccak256(encode(["bytes32", "bytes32", "uint64"], words))
        label = f"{subject}: reveal of {participant}"
        evidence.expect(label, computed, _ROUNDS, "revealOf", round_id, participant)
    if record.result is not None:
        r = record.result
        proposed = (r.result_root, r.version_digest, r.document_digest, r.accepted, r.total_weight)
        label = f"{subject}: result"
        take = Answer(evidence.report, label, proposed, lambda kept: tuple(kept.values()))
        evidence.ask(label, take, _ROUNDS, "resultOf", round_id)


def _escrow(evidence: Evidence, record: RoundRecord) -> None:
    controller = evidence.connection.contracts[_ROUNDS].address
    escrow = evidence.state.payouts.escrows.get((controller, record.round_id))
    subject = f"{name_of(evidence, record.model_id)} round {record.number}: escrow"
    budget = record.terms["rewardBudget"]
    found = 0 if escrow is None else escrow.amount
    evidence.report.compare(Kind.EVENT, f"{subject}: amount of the terms", budget, found)
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
        Fields(evidence.report, subject, told),
        "RewardPool",
        "escrowOf",
        controller,
        record.round_id,
    )


def _bond(evidence: Evidence, record: RoundRecord) -> None:
    """The forfeit of every seat is held while the round is open, and goes where R-11 says."""
    controller = evidence.connection.contracts[_ROUNDS].address
    bond = evidence.state.bonds.bonds.get((controller, record.round_id))
    subject = f"{name_of(evidence, record.model_id)} round {record.number}: bond"
    each = 0 if bond is None else bond.each
    evidence.report.compare(
        Kind.EVENT, f"{subject}: forfeit of the terms", record.terms["forfeit"], each
    )
    if bond is None:
        return
    told = {
        "token": bond.token,
        "state": _BOND_STATES[bond.state],
        "closesAt": bond.closes_at,
        "funder": bond.funder,
        "each": bond.each,
        "left": bond.left,
    }
    take = Fields(evidence.report, subject, told)
    evidence.ask(subject, take, "Forfeits", "bondOf", controller, record.round_id)
    for who in sorted(bond.collected):
        label = f"{subject}: collected by {who}"
        evidence.expect(label, True, "Forfeits", "hasCollected", controller, record.round_id, who)


def _payouts(evidence: Evidence) -> None:
    payer = "PayoutDistributor"
    for (model_id, token), distribution in evidence.state.payouts.distributions.items():
        if not evidence.concerns(model_id):
            continue
        subject = f"{name_of(evidence, model_id)} payouts"
        told = {
            "funded": distribution.funded - distribution.swept,
            "paid": distribution.paid,
            "claimsEnd": distribution.claims_end,
        }
        take = Fields(evidence.report, subject, told)
        evidence.ask(subject, take, payer, "distributionOf", model_id, token)
        for account, amount in distribution.claimed.items():
            label = f"{subject}: claimed by {account}"
            evidence.expect(label, amount, payer, "claimedOf", model_id, token, account)
        current, waiting = distribution.current, distribution.waiting
        root = bytes(32) if current is None else current.root
        evidence.expect(f"{subject}: current root", root, payer, "currentRootOf", model_id, token)
        none = {"root": bytes(32), "poster": ZERO_ADDRESS, "activatesAt": 0}
        kept = none if waiting is None else _waiting(waiting)
        label = f"{subject}: root that waits"
        take = Fields(evidence.report, label, kept)
        evidence.ask(label, take, payer, "pendingRootOf", model_id, token)
        for posted in distribution.roots:
            _activation(evidence, posted, f"{subject}: root 0x{posted.root.hex()[:8]}")


def _waiting(posted: PostedRoot) -> dict[str, Any]:
    return {
        "root": posted.root,
        "poster": posted.poster,
        "activatesAt": posted.activates_at,
    }


def _activation(evidence: Evidence, posted: PostedRoot, label: str) -> None:
    """Each root waits the whole delay from its block's time on (P-5)."""
    header = evidence.headers.get(posted.block_number)
    if header is None:
        return
    payer = evidence.connection.deployment.contracts["PayoutDistributor"]
    expected = header.timestamp + int(payer.constructor_arguments[_ACTIVATION_DELAY])
    evidence.report.compare(Kind.EVENT, f"{label}: activation", expected, posted.activates_at)
