"""A version that names a round isn't that round's unless it is of its model.

given a version of a stranger's own model that names another model's round
  then the audit tells it as an odd record of the stranger's, and nothing of the round is wrong
  then the round's participants are not in the version's lineage
given a wrong version of the round's own model that names it
  then the audit calls it wrong, and its publisher's, not the coordinator's
"""

from __future__ import annotations

from pathlib import Path

from audited_federation import AuditedFederation
from chain_federation import MODEL

from registry.audit import AuditVerdict, FindingKind
from registry.client import RegistryClient
from registry.types import Version
from registry.usecases.publishing import VersionMetadata


def named(client: RegistryClient, name: str, work: Path, round_id: bytes) -> Version:
    """Publishes something else than the round's result, in the round's name."""
    folder = work / "card"
    folder.mkdir()
    (folder / "README.md").write_text("# Not what the round came to\n")
    return client.publish(folder, name, VersionMetadata(round_id=round_id))


def test_a_stranger_s_version_makes_no_round_wrong(
    audited: AuditedFederation, tmp_path: Path
) -> None:
    made, round_id = audited.federation, audited.record(1).round_id
    stranger = made.client_of(made.people[3])
    stranger.register("moth")
    named(stranger, f"{stranger.account}/moth", tmp_path, round_id)
    report = audited.audit()
    assert report.clean
    (odd,) = report.of(AuditVerdict.ODD)
    assert (odd.kind, odd.whose) == (FindingKind.VERSION, f"publisher {stranger.account}")
    assert "of another model" in odd.subject
    (ancestor,) = stranger.lineage("moth")
    assert ancestor.participants == ()
    assert stranger.lineage(f"{MODEL}:2")[0].participants


def test_a_wrong_version_of_the_model_is_its_publisher_s(
    audited: AuditedFederation, tmp_path: Path
) -> None:
    made, round_id = audited.federation, audited.record(1).round_id
    publisher = made.client_of(made.people[3])
    made.client.add_publisher(MODEL, made.people[3].address)
    name = made.client.model(MODEL).name
    named(publisher, name, tmp_path, round_id)
    wrong = [f for f in audited.audit().findings if "published for it" in f.subject]
    assert [(f.verdict, f.whose) for f in wrong] == [
        (AuditVerdict.WRONG, f"publisher {publisher.account}")
    ]
