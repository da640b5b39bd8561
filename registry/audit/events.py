"""Holds the events against the contracts' own storage: a node that alters one is contradicted."""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from registry.audit.evidence import Evidence, name_of
from registry.audit.findings import Kind
from registry.chain.artifacts import load_artifact
from registry.chain.reverts import abi_type
from registry.errors import Reverted
from registry.hashing import keccak256
from registry.index import RoundRecord
from registry.labels import channel_word
from registry.types import Model

__all__ = ["check_events"]


def check_events(evidence: Evidence) -> None:
    """Checks models, versions, channels, grants, rounds and payouts."""
    for model in evidence.state.catalogue.models.values():
        if evidence.concerns(model.model_id):
            try:
                _model(evidence, model)
            except Reverted as error:
                evidence.report.differ(
                    Kind.EVENT, f"model {model.slug}", "a registered model", error
                )
    for record in evidence.state.rounds.rounds.values():
        if evidence.concerns(record.model_id):
            _round(evidence, record)
    _payouts(evidence)


def _same(evidence: Evidence, subject: str, contract: object, event: object) -> None:
    evidence.report.compare(Kind.EVENT, subject, contract, event)


def _model(evidence: Evidence, model: Model) -> None:
    found = evidence.read("ModelRegistry", "modelOf", model.model_id)
    subject = f"model {model.slug}"
    versions = evidence.state.catalogue.versions_of(model.model_id)
    _same(evidence, f"{subject}: owner", found["owner"], model.owner)
    _same(evidence, f"{subject}: visibility", found["visibility"], int(model.visibility))
    _same(evidence, f"{subject}: versions", found["versionCount"], len(versions))
    for version in versions:
        label = f"{subject}:{version.number}"
        content, status = evidence.read(
            "ModelRegistry", "versionOf", model.model_id, version.number
        )
        _same(evidence, f"{label}: digest", content["digest"], version.content.digest)
        _same(evidence, f"{label}: codec", content["codec"], version.content.codec)
        _same(evidence, f"{label}: status", status, int(version.status))
        expected = keccak256(model.model_id + version.number.to_bytes(32, "big"))
        _same(evidence, f"{label}: id", expected, version.version_id)
    for (owner, name), channel in evidence.state.catalogue.channels.items():
        if owner == model.model_id:
            now = evidence.read("ModelRegistry", "channelOf", owner, channel_word(name))
            _same(evidence, f"{subject}@{name}", now, channel.number)
    for (owner, user), grant in evidence.state.catalogue.grants.items():
        if owner == model.model_id:
            stored = evidence.read("ModelRegistry", "grantOf", owner, user)
            _same(evidence, f"{subject}: grant of {user}", tuple(stored), (grant.expiry, True))


def _terms_type() -> tuple[str, list[dict[str, Any]]]:
    for entry in load_artifact("TrainingRounds").abi:
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
    rounds, round_id = "TrainingRounds", record.round_id
    stored = evidence.read(rounds, "roundOf", round_id)
    _same(evidence, f"{subject}: terms", stored["termsHash"], terms_hash(record.terms))
    _same(evidence, f"{subject}: coordinator", stored["coordinator"], record.coordinator)
    counts = (stored["enrolled"], stored["committed"], stored["revealed"])
    events = (len(record.enrolled), record.committed_count, record.revealed_count)
    _same(evidence, f"{subject}: enrolled, committed, revealed", counts, events)
    ends = (stored["finalised"], stored["voided"])
    _same(evidence, f"{subject}: end", ends, (record.finalised, record.voided))
    for participant, commitment in record.commitments.items():
        kept = evidence.read(rounds, "commitmentOf", round_id, participant)
        evidence.report.compare(
            Kind.COMMITMENT, f"{subject}: commitment of {participant}", kept, commitment
        )
    for participant, revealed in record.reveals.items():
        kept = evidence.read(rounds, "revealOf", round_id, participant)
        words = (revealed.update_root, revealed.content_digest, revealed.weight)
        computed = keccak256(encode(["bytes32", "bytes32", "uint64"], words))
        _same(evidence, f"{subject}: reveal of {participant}", kept, computed)
    if record.result is not None:
        result = evidence.read(rounds, "resultOf", round_id)
        r = record.result
        told = (r.result_root, r.version_digest, r.document_digest, r.accepted, r.total_weight)
        _same(evidence, f"{subject}: result", tuple(result.values()), told)


def _payouts(evidence: Evidence) -> None:
    ledger = evidence.state.payouts
    for (model_id, token), distribution in ledger.distributions.items():
        if not evidence.concerns(model_id):
            continue
        subject = f"{name_of(evidence, model_id)} payouts"
        stored = evidence.read("PayoutDistributor", "distributionOf", model_id, token)
        paid = distribution.paid + distribution.swept
        told = (distribution.funded, paid)
        _same(evidence, f"{subject}: funded, paid", (stored["funded"], stored["paid"]), told)
        for account, amount in distribution.claimed.items():
            kept = evidence.read("PayoutDistributor", "claimedOf", model_id, token, account)
            _same(evidence, f"{subject}: claimed by {account}", kept, amount)
        for posted in distribution.roots:
            kept = evidence.read("PayoutDistributor", "rootOf", model_id, token, posted.root)
            told_root = (posted.activates_at, posted.disabled)
            _same(evidence, f"{subject}: root 0x{posted.root.hex()[:8]}", tuple(kept), told_root)
