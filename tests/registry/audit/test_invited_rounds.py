"""R-10: who was invited can be seen, and a list that isn't the chain's is named."""

from __future__ import annotations

from dataclasses import replace

from audited_federation import AuditedFederation
from chain_federation import MODEL

from registry.audit import FindingKind
from registry.documents.allow_list import AllowList
from trainer.adapters.registry_board import RegistryBoard
from trainer.engines import run_in_process


def _invited_round(audited: AuditedFederation, named: AllowList, enforced: AllowList) -> None:
    """Plays a round whose terms name one list and whose root is that of another."""
    made = audited.federation
    document = replace(made.document, allow_list=named.digest)
    terms = made.terms(
        document_digest=document.digest,
        allow_list_root=enforced.root,
        maximum_participants=len(enforced.addresses),
    )
    made.blobs.put_bytes(document.to_json())
    made.blobs.put_bytes(named.to_json())
    round_id = RegistryBoard(made.client).open_round(terms)
    for person in made.people:
        if (proof := enforced.proof(person.address)) is not None:
            RegistryBoard(made.client_of(person)).enrol(round_id, proof)
    people = made.participants()
    result = run_in_process(made.coordinator(), people, made.clock, round_id)
    assert result.document is not None
    trained = {entry.participant for entry in result.document.accepted}
    assert trained == set(enforced.addresses)


def test_a_round_by_invitation_has_no_finding(audited: AuditedFederation) -> None:
    invited = AllowList.of(person.address for person in audited.federation.people[:3])
    _invited_round(audited, invited, invited)
    assert audited.audit().findings == []


def test_a_list_that_does_not_give_the_root_is_named(audited: AuditedFederation) -> None:
    people = [person.address for person in audited.federation.people]
    _invited_round(audited, AllowList.of(people[1:]), AllowList.of(people[:3]))
    finding = audited.audit().findings[0]
    assert (finding.kind, finding.subject) == (FindingKind.CONTENT, f"{MODEL} round 3: allow-list")
