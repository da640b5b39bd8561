"""D-2: each class of artefact is falsified in turn, and the audit names that class first.

What is bound by a hash is changed by a careless store; what is not, by a dishonest node,
participant, coordinator or publisher who tells a lie that is consistent in itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from audited_federation import AuditedFederation, Forgery, altered_event, dropped_event
from chain_federation import BUDGET, MODEL
from chain_parties import WatchedGateway

from registry.audit import Finding, FindingKind, Report
from registry.chain.gateway import connect
from registry.documents.evaluation import EvaluationSummary
from registry.documents.labels import label_word
from registry.documents.manifest import Manifest
from registry.documents.payouts import payout_document, payout_tree
from registry.documents.result import ResultDocument
from registry.errors import NodesDisagree, NodeUnsound
from registry.storage import DAG_PB, RAW, Cid
from registry.types import ZERO_ID
from trainer.errors import Reason
from trainer.types import RefusedUpdate


def first(report: Report) -> Finding:
    """The first divergence."""
    assert report.findings, "the audit found nothing"
    return report.findings[0]


EVENTS = [
    ("ModelRegistry", "VersionPublished", "digest", FindingKind.EVENT),
    ("ModelRegistry", "ChannelMoved", "number", FindingKind.EVENT),
    ("TrainingRounds", "RoundOpened", "terms", FindingKind.EVENT),
    ("TrainingRounds", "UpdateCommitted", "commitment", FindingKind.COMMITMENT),
    ("TrainingRounds", "UpdateRevealed", "updateRoot", FindingKind.EVENT),
    ("TrainingRounds", "UpdateRevealed", "weight", FindingKind.EVENT),
    ("TrainingRounds", "UpdateRevealed", "salt", FindingKind.COMMITMENT),
    ("TrainingRounds", "ResultProposed", "documentDigest", FindingKind.EVENT),
    ("PayoutDistributor", "DistributionFunded", "amount", FindingKind.EVENT),
    ("PayoutDistributor", "PayoutRootPosted", "total", FindingKind.PAYOUT),
    ("PayoutDistributor", "PayoutRootPosted", "activatesAt", FindingKind.EVENT),
    ("PayoutDistributor", "PayoutClaimed", "cumulative", FindingKind.EVENT),
]


@pytest.mark.parametrize(("contract", "event", "field", "kind"), EVENTS)
def test_t36_a_node_that_alters_an_event_is_contradicted(
    audited: AuditedFederation, contract: str, event: str, field: str, kind: FindingKind
) -> None:
    assert first(audited.audit(altered_event(contract, event, field))).kind is kind


@pytest.mark.parametrize(
    ("contract", "event", "field", "told"),
    [
        ("ModelRegistry", "VersionPublished", "licence", "VersionPublished"),
        ("TrainingRounds", "ResultProposed", "resultRoot", "RoundFinalised"),
    ],
)
def test_t36_an_event_that_the_contract_could_not_have_told_is_the_node_s(
    audited: AuditedFederation, contract: str, event: str, field: str, told: str
) -> None:
    with pytest.raises(NodeUnsound, match=f"{told} does not follow from the events before it"):
        audited.audit(altered_event(contract, event, field))


@pytest.mark.parametrize(
    ("contract", "event"),
    [
        ("ModelRegistry", "VersionPublished"),
        ("TrainingRounds", "ParticipantEnrolled"),
        ("TrainingRounds", "UpdateCommitted"),
        ("TrainingRounds", "UpdateRevealed"),
        ("TrainingRounds", "RoundFinalised"),
        ("PayoutDistributor", "PayoutClaimed"),
    ],
)
def test_t36_a_node_that_keeps_an_event_to_itself_is_contradicted(
    audited: AuditedFederation, contract: str, event: str
) -> None:
    assert first(audited.audit(dropped_event(contract, event))).kind is FindingKind.EVENT


def test_t36_a_grant_given_anew_that_a_node_keeps_to_itself_is_contradicted(
    audited: AuditedFederation,
) -> None:
    client, reader = audited.federation.client, audited.address(0)
    registry = client.connection.contracts["ModelRegistry"]
    model_id = client.model(MODEL).model_id
    registry.write("grant", model_id, reader, 0, ZERO_ID)
    registry.write("revokeAccess", model_id, reader)
    registry.write("grant", model_id, reader, 1 << 40, ZERO_ID)
    assert audited.audit().clean
    found = first(audited.audit(dropped_event("ModelRegistry", "AccessGranted")))
    assert found.kind is FindingKind.EVENT
    assert found.subject == f"model {MODEL}: revoked grant of {reader}"


def test_t36_a_second_node_that_tells_otherwise_is_named(audited: AuditedFederation) -> None:
    url = audited.federation.place.gateway.url
    for lie in (
        altered_event("TrainingRounds", "UpdateRevealed", "salt"),
        dropped_event("TrainingRounds", "UpdateRevealed"),
    ):
        with pytest.raises(NodesDisagree):
            audited.audit(second=WatchedGateway.over(connect(url), lie(connect(url))))
    assert audited.audit(second=connect(url)).clean


def _update(a: AuditedFederation, name: str) -> Cid:
    return a.block_of(a.record(1).reveals[a.address(0)].content_digest, name)


def _version(a: AuditedFederation, name: str) -> Cid:
    return a.block_of(a.federation.client.version(f"{MODEL}:2").content.digest, name)


def _result(a: AuditedFederation) -> Cid:
    result = a.record(1).result
    assert result is not None
    return Cid(RAW, result.document_digest)


def _payouts(a: AuditedFederation) -> Cid:
    client = a.federation.client
    newest = client.payouts.newest(client.model(MODEL), a.federation.token)
    assert newest is not None
    return Cid(RAW, newest.document_digest)


@pytest.mark.parametrize(
    "block",
    [
        lambda a: _update(a, "update.safetensors"),
        lambda a: _update(a, "statement.json"),
        lambda a: _version(a, "model.safetensors"),
        lambda a: _version(a, "manifest.json"),
        _result,
        lambda a: Cid(RAW, a.record(1).terms.document_digest),
        _payouts,
    ],
    ids=["update", "statement", "version", "manifest", "result", "terms", "payouts"],
)
def test_t8_one_changed_bit_of_anything_stored_is_named(
    audited: AuditedFederation, block: Callable[[AuditedFederation], Cid]
) -> None:
    with audited.changed_byte(block(audited)):
        assert first(audited.audit()).kind is FindingKind.CONTENT
    assert audited.audit().clean


def _entry(document: ResultDocument, at: int, **changes: int) -> ResultDocument:
    entries = list(document.accepted)
    entries[at] = replace(entries[at], **changes)  # type: ignore[arg-type]
    return replace(document, accepted=tuple(entries))


def _shares_moved(a: AuditedFederation) -> Forgery:
    def forge(d: ResultDocument) -> ResultDocument:
        moved = _entry(d, 0, share=d.accepted[0].share + 1)
        return _entry(moved, 1, share=d.accepted[1].share - 1)

    return forge


def _refused(a: AuditedFederation, *people: int, reason: Reason) -> list[RefusedUpdate]:
    return [RefusedUpdate(a.address(index), reason, "so it says") for index in people]


def _flattered(document: ResultDocument) -> EvaluationSummary:
    """What participants measured, a millionth better than it was."""
    assert document.evaluation is not None
    metrics = dict(document.evaluation.metrics)
    accuracy = metrics["accuracy"]
    metrics["accuracy"] = replace(
        accuracy, weighted_sum=accuracy.weighted_sum + 1, highest=accuracy.highest + 1
    )
    return replace(document.evaluation, metrics=metrics)


FORGERIES: dict[str, tuple[FindingKind, Callable[[AuditedFederation], Forgery]]] = {
    "a share moved": (FindingKind.SHARE, _shares_moved),
    "a score raised": (FindingKind.SHARE, lambda a: lambda d: _entry(d, 0, score=10**6)),
    "a weight raised": (FindingKind.WEIGHT, lambda a: lambda d: _entry(d, 0, weight=999)),
    "another aggregate": (
        FindingKind.AGGREGATE,
        lambda a: lambda d: replace(d, result_root=b"\x01" * 32),
    ),
    "another version": (
        FindingKind.VERSION,
        lambda a: lambda d: replace(d, version_digest=a.document(1).version_digest),
    ),
    "a bad signature accepted": (
        FindingKind.SIGNATURE,
        lambda a: a.accepting([0, 1, 2], _refused(a, 3, reason=Reason.STATEMENT)),
    ),
    "a false weight accepted": (
        FindingKind.WEIGHT,
        lambda a: a.accepting([0, 1, 3], _refused(a, 2, reason=Reason.SIGNATURE)),
    ),
    "an honest update refused": (
        FindingKind.AGGREGATE,
        lambda a: a.accepting([0], _refused(a, 1, 2, 3, reason=Reason.SIGNATURE)),
    ),
    "a reason not to count one invented": (
        FindingKind.AGGREGATE,
        lambda a: lambda d: replace(d, excluded={d.accepted[0].participant: "too far away"}),
    ),
    "other measurements told": (
        FindingKind.AGGREGATE,
        lambda a: lambda d: replace(d, evaluation=_flattered(d)),
    ),
    "measurements kept back": (
        FindingKind.AGGREGATE,
        lambda a: lambda d: replace(d, evaluation=None),
    ),
    "a document of another round": (
        FindingKind.AGGREGATE,
        lambda a: lambda d: replace(d, round_id=a.record(1).round_id),
    ),
    "an update left out": (
        FindingKind.AGGREGATE,
        lambda a: a.accepting([0], _refused(a, 2, reason=Reason.SIGNATURE)),
    ),
}


@pytest.mark.parametrize("lie", FORGERIES)
def test_a_coordinator_that_lies_consistently_is_named(
    audited: AuditedFederation, lie: str
) -> None:
    kind, forgery = FORGERIES[lie]
    found = first(audited.propose(forgery(audited)))
    assert found.kind is kind
    assert f"{MODEL} round 2" in found.subject


def _folder(audited: AuditedFederation, place: Path, round_id: bytes) -> bytes:
    """Stores another model as a version folder of round 2, manifest and all."""
    audited.federation.blobs.get_folder(audited.document(1).version_digest, place, 1 << 20)
    manifest = place / "manifest.json"
    old = audited.record(1).round_id.hex()
    manifest.write_text(manifest.read_text().replace(old, round_id.hex()))
    return audited.federation.blobs.put_folder(place)


def _publish(audited: AuditedFederation, digest: bytes, round_id: bytes, licence: str) -> None:
    """Publishes past the client, which would refuse it."""
    client = audited.federation.client
    versions = client.versions(MODEL)
    client.connection.contracts["ModelRegistry"].write(
        "publishVersion",
        versions[0].model_id,
        len(versions) + 1,
        (digest, DAG_PB),
        [versions[0].version_id],
        round_id,
        label_word(licence, "licence", empty=True),
    )


def test_a_version_published_for_a_round_that_made_another_is_named(
    audited: AuditedFederation, tmp_path: Path
) -> None:
    audited.propose(lambda document: document)
    _publish(audited, _folder(audited, tmp_path / "v", audited.waiting), audited.waiting, "MIT")
    assert first(audited.audit()).kind is FindingKind.VERSION


@pytest.mark.parametrize("lie", ["a file changed", "a file added", "another licence", "a pickle"])
def test_a_version_that_its_manifest_does_not_describe_is_named(
    audited: AuditedFederation, tmp_path: Path, lie: str
) -> None:
    folder = tmp_path / "v"
    _folder(audited, folder, ZERO_ID)
    if lie == "a file changed":
        (folder / "README.md").write_text("# Another lantern\n")
    if lie == "a file added":
        (folder / "more.txt").write_text("more")
    if lie == "a pickle":
        (folder / "model.pkl").write_bytes(b"\x80\x04.")
    digest = audited.federation.blobs.put_folder(folder)
    _publish(audited, digest, ZERO_ID, "Apache-2.0" if lie == "another licence" else "MIT")
    assert first(audited.audit()).kind is FindingKind.MANIFEST


def test_t25_a_pickle_that_its_manifest_lists_is_named(
    audited: AuditedFederation, tmp_path: Path
) -> None:
    folder = tmp_path / "v"
    _folder(audited, folder, ZERO_ID)
    old = Manifest.parse((folder / "manifest.json").read_bytes())
    (folder / "model.pkl").write_bytes(b"\x80\x04.")
    made = Manifest.build(folder, licence="MIT", parents=old.parents)
    (folder / "manifest.json").write_bytes(made.to_json())
    _publish(audited, audited.federation.blobs.put_folder(folder), ZERO_ID, "MIT")
    found = first(audited.audit())
    assert found.kind is FindingKind.MANIFEST
    assert "model.pkl: files named *.pkl may run code" in found.found


@pytest.mark.parametrize("lie", ["a leaf raised", "a leaf left out", "no document at all"])
def test_p_3_a_payout_root_that_does_not_follow_from_the_shares_is_named(
    audited: AuditedFederation, lie: str
) -> None:
    made, shares = audited.federation, dict(audited.document(1).shares)
    if lie == "a leaf left out":
        shares.pop(audited.address(1))
    else:
        shares[audited.address(1)] -= 5
        shares[audited.address(2)] += 5
    text = b"{}" if lie == "no document at all" else payout_document(shares)
    digest, model = made.blobs.put_bytes(text), made.client.model(MODEL)
    assert sum(shares.values()) <= BUDGET
    made.client.connection.contracts["PayoutDistributor"].write(
        "postRoot",
        model.model_id,
        made.token,
        payout_tree(shares).root,
        sum(shares.values()),
        digest,
    )
    assert first(audited.audit()).kind is FindingKind.PAYOUT
