"""D-1: what is true passes, from a node, an address and a storage endpoint alone."""

from __future__ import annotations

from audited_federation import AuditedFederation
from chain_federation import MODEL

from registry.audit import AuditVerdict, FindingKind, Report, audit, installed_replay
from trainer.adapters.replay import Replay


def test_an_honest_history_has_no_finding_and_every_class_is_checked(
    audited: AuditedFederation,
) -> None:
    report = audited.audit()
    assert (report.findings, report.skipped) == ([], [])
    assert report.clean
    assert set(report.checked) >= {str(kind) for kind in FindingKind}


def test_an_honest_result_that_refuses_bad_updates_has_no_finding(
    audited: AuditedFederation,
) -> None:
    report = audited.propose(lambda document: document)
    assert report.findings == []
    assert {r.participant for r in audited.document(2).refused} == {
        audited.address(2),
        audited.address(3),
    }


def test_d_4_a_report_is_clean_with_odd_records_and_not_without_evidence() -> None:
    report = Report(1, "0x", 1)
    report.differ(FindingKind.CONTENT, "a description", "content", "none", verdict=AuditVerdict.ODD)
    assert report.clean
    report.differ(FindingKind.CONTENT, "a result", "content", "none", verdict=AuditVerdict.UNKNOWN)
    assert not report.clean


def test_d_1_the_audit_changes_nothing_on_the_chain(audited: AuditedFederation) -> None:
    gateway = audited.federation.place.gateway
    before = gateway.block("latest")["hash"]
    audited.audit()
    assert gateway.block("latest")["hash"] == before


def test_the_installed_replay_is_the_trainers() -> None:
    assert isinstance(installed_replay(), Replay)


def test_without_the_trainer_the_audit_says_what_it_left_out(audited: AuditedFederation) -> None:
    report = audit(audited.federation.place.client().connection, replay=None)
    assert report.findings == []
    assert report.skipped == [
        f"{MODEL} round 1: not computed again; pip install 'tallystick[trainer]'"
    ]


def test_one_model_alone_can_be_audited(audited: AuditedFederation) -> None:
    made = audited.federation
    other = made.client.register("another")
    reader = made.place.client().connection
    assert "weight" not in audit(reader, replay=Replay(), only=other.model_id).checked
    whole = audit(reader, replay=Replay(), only=made.client.model(MODEL).model_id)
    assert whole.checked["weight"] > 0
    assert whole.clean
