"""Journey: data owners hand in, the coordinator posts batches, and an auditor checks them (R-5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from batched_federation import LosingMailbox
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.audit import AuditVerdict, Finding, FindingKind, Report, audit
from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.index import RoundRecord
from registry.storage import DAG_PB, RAW, Cid
from registry.storage.flatfs import FlatFiles
from trainer.adapters import FolderMailbox
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.engines import run_in_process
from trainer.errors import Reason
from trainer.participant.participant import Participant
from trainer.ports import Mailbox, RoundContext


@pytest.fixture
def federation(place: ChainScenario) -> Iterator[ChainFederation]:
    """A published model and five funded data owners; one thread, as tensors are small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = ChainFederation(place, OWNER, seats=5)
    made.publish_first()
    yield made
    torch.set_num_threads(threads)


@pytest.fixture
def mailboxes(federation: ChainFederation) -> Callable[[str], FolderMailbox]:
    """Shared folders by name; the coordinator looks into `shared`."""

    def named(name: str) -> FolderMailbox:
        folder = federation.place.work / "mailboxes" / name
        folder.mkdir(parents=True, exist_ok=True)
        return FolderMailbox(folder)

    return named


def participant(f: ChainFederation, index: int, mailbox: Mailbox) -> Participant:
    """A data owner that hands in."""
    signer = f.people[index]
    return Participant(
        RoundContext(RegistryBoard(f.client_of(signer)), f.blobs, f.clock),
        signer,
        f.training(index),
        f.place.work / "participants",
        mailbox=mailbox,
    )


def coordinator(f: ChainFederation, mailbox: FolderMailbox | None, name: str = "c") -> Coordinator:
    """The owner's coordinator."""
    return Coordinator(
        RoundContext(RegistryBoard(f.client), f.blobs, f.clock),
        f.place.work / name,
        mailbox=mailbox,
    )


def audited(f: ChainFederation) -> Report:
    """Audits without a key."""
    return audit(f.place.client().connection, replay=Replay())


def first(f: ChainFederation) -> Finding:
    """The first divergence."""
    report = audited(f)
    assert report.findings, "the audit found nothing"
    return report.findings[0]


def accepted(result: RoundResult) -> set[str]:
    """Whose updates were accepted."""
    assert result.document is not None
    return {entry.participant for entry in result.document.accepted}


def record_of(f: ChainFederation) -> RoundRecord:
    """The newest round as the events tell it."""
    return f.client.round(MODEL)


def addresses(f: ChainFederation, *indexes: int) -> set[str]:
    """The addresses of data owners."""
    return {f.people[index].address for index in indexes}


def count_of(f: ChainFederation, index: int) -> int:
    """How many transactions a data owner has sent."""
    address = f.people[index].address
    return int(f.place.gateway.request("eth_getTransactionCount", [address, "latest"]), 16)


def test_three_in_a_batch_one_left_out_and_one_withheld_all_count_and_the_audit_agrees(
    federation: ChainFederation, mailboxes: Callable[[str], FolderMailbox]
) -> None:
    f, shared = federation, mailboxes("shared")
    withheld = LosingMailbox(shared, f.people[3].address)
    people = [participant(f, index, shared) for index in range(3)]
    people += [participant(f, 3, withheld), participant(f, 4, mailboxes("elsewhere"))]
    conducting = coordinator(f, shared)
    round_id = conducting.open(f.terms(), f.document)
    result = run_in_process(conducting, people, f.clock, round_id)
    record = record_of(f)
    assert accepted(result) == addresses(f, 0, 1, 2, 3, 4)
    assert [(b.count, b.revealed_count) for b in record.batches.values()] == [(4, 3)]
    assert set(record.commitments) == addresses(f, 4)
    assert set(record.reveals) == addresses(f, 3, 4)
    assert [count_of(f, index) for index in range(5)] == [0, 0, 0, 1, 3]
    report = audited(f)
    assert (report.findings, report.skipped) == ([], [])
    assert report.checked["signature"] >= 4 + 5


@pytest.fixture
def batched(
    federation: ChainFederation, mailboxes: Callable[[str], FolderMailbox]
) -> ChainFederation:
    """A federation whose first round was one batch of five."""
    conducting = coordinator(federation, mailboxes("shared"))
    round_id = conducting.open(federation.terms(), federation.document)
    people = [participant(federation, index, mailboxes("shared")) for index in range(5)]
    run_in_process(conducting, people, federation.clock, round_id)
    return federation


def test_a_round_of_one_batch_costs_its_participants_nothing_and_is_clean(
    batched: ChainFederation,
) -> None:
    assert [count_of(batched, index) for index in range(5)] == [0] * 5
    report = audited(batched)
    assert (report.findings, report.skipped) == ([], [])
    assert batched.client.version(f"{MODEL}:2").number == 2


@pytest.mark.parametrize("name", ["document_digest", "revealed_document"])
def test_t8_a_changed_bit_of_a_batch_document_is_named(batched: ChainFederation, name: str) -> None:
    batch = record_of(batched).batches[0]
    path = FlatFiles(batched.store.folder / "blocks").path(Cid(RAW, getattr(batch, name)))
    path.write_bytes(path.read_bytes()[:-1] + b"]")
    assert first(batched).kind is FindingKind.CONTENT


# A coordinator that posts past its own client, which would refuse.


class Lies:
    """An open round for two to five, and what a dishonest coordinator posts in it."""

    def __init__(self, f: ChainFederation, **changes: Any) -> None:
        self.f = f
        self.round_id = coordinator(f, None).open(f.terms(**changes), f.document)
        self.domain = f.client.connection.rounds_domain()

    def opened(self, index: int, weight: int = 10) -> Opening:
        """An opening whose content nobody has."""
        return Opening(
            self.f.people[index].address, b"\x04" * 32, b"\x05" * 32, weight, b"\x06" * 32
        )

    def batch(self, *weights: int) -> CommitmentBatch:
        """An honest batch of the first data owners."""
        entries = []
        for index, weight in enumerate(weights):
            made = commitment_of(self.domain, self.round_id, self.opened(index, weight))
            signer = self.f.people[index]
            entries.append(sign_commitment(signer, self.domain, self.round_id, made))
        return CommitmentBatch.of(self.round_id, entries)

    def commit(self, batch: CommitmentBatch, **told: Any) -> None:
        """Posts a batch and its document, telling another root or count if asked to."""
        digest = self.f.blobs.put_bytes(batch.to_json())
        root, count = told.get("root", batch.root), told.get("count", len(batch.commitments))
        self._write("commitBatch", self.round_id, root, count, digest)

    def reveal(self, reveals: RevealBatch, **told: Any) -> None:
        """Posts reveals once the round lets them in."""
        self.f.clock.wait_until(record_of(self.f).terms.commit_deadline)
        digest = self.f.blobs.put_bytes(reveals.to_json())
        root, count = told.get("root", reveals.root), told.get("count", len(reveals.reveals))
        self._write("revealBatch", self.round_id, 0, root, count, digest)

    def _write(self, function: str, *arguments: Any) -> None:
        self.f.client.connection.contracts["TrainingRounds"].write(function, *arguments)


def swapped(batch: CommitmentBatch) -> CommitmentBatch:
    """Gives the second entry the first one's signature."""
    before, after, *rest = batch.commitments
    forged = replace(after, signature=before.signature)
    return replace(batch, commitments=(before, forged, *rest))


def test_t14_a_forged_signature_in_a_batch_document_is_named(federation: ChainFederation) -> None:
    lies = Lies(federation)
    forged = swapped(lies.batch(10, 10, 10))
    lies.commit(forged)
    found = first(federation)
    assert found.kind is FindingKind.SIGNATURE
    assert forged.commitments[1].participant in found.subject


def test_a_struck_batch_is_no_finding(federation: ChainFederation) -> None:
    lies = Lies(federation)
    lies.commit(swapped(lies.batch(10, 10, 10)))
    assert federation.client.batches.strike_forged(lies.round_id) == [0]
    assert audited(federation).findings == []


def test_a_forfeited_bond_that_is_collected_is_no_finding(federation: ChainFederation) -> None:
    lies = Lies(federation)
    lies.commit(lies.batch(10, 10))
    lies.reveal(RevealBatch.of(lies.round_id, 0, [lies.opened(0), lies.opened(1)]))
    federation.clock.wait_until(record_of(federation).terms.proposal_deadline)
    federation.client.rounds.void(lies.round_id)
    paid = [
        federation.client.forfeits.collect(lies.round_id, who)
        for who in sorted(addresses(federation, 0, 1))
    ]
    assert paid == [record_of(federation).terms.forfeit] * 2
    unread = [f.kind for f in audited(federation).findings if f.kind is not FindingKind.CONTENT]
    assert unread == []  # the content of these openings was never there


@pytest.mark.parametrize("told", [{"root": b"\x01" * 32}, {"count": 2}])
def test_a_batch_whose_document_gives_another_root_or_count_is_named(
    federation: ChainFederation, told: dict[str, Any]
) -> None:
    lies = Lies(federation)
    lies.commit(lies.batch(10, 10, 10), **told)
    assert first(federation).kind is FindingKind.COMMITMENT


def test_a_batch_of_another_round_s_document_is_named(federation: ChainFederation) -> None:
    lies = Lies(federation)
    lies.commit(replace(lies.batch(10, 10), round_id=b"\x01" * 32))
    assert first(federation).kind is FindingKind.COMMITMENT


def test_a_batch_document_that_is_none_is_named(federation: ChainFederation) -> None:
    lies = Lies(federation)
    digest = federation.blobs.put_bytes(b"{}")
    lies._write("commitBatch", lies.round_id, b"\x01" * 32, 2, digest)
    assert first(federation).kind is FindingKind.CONTENT


FALSE_REVEALS: dict[str, tuple[FindingKind, Callable[[Lies], RevealBatch]]] = {
    "another opening": (
        FindingKind.COMMITMENT,
        lambda lies: RevealBatch.of(lies.round_id, 0, [lies.opened(0), lies.opened(1, 11)]),
    ),
    "nobody of the batch": (
        FindingKind.COMMITMENT,
        lambda lies: RevealBatch.of(lies.round_id, 0, [lies.opened(3)]),
    ),
    "another batch": (
        FindingKind.COMMITMENT,
        lambda lies: RevealBatch.of(lies.round_id, 1, [lies.opened(0)]),
    ),
    "a weight above the cap": (
        FindingKind.WEIGHT,
        lambda lies: RevealBatch.of(lies.round_id, 0, [lies.opened(2, 10**6)]),
    ),
}


@pytest.mark.parametrize("lie", FALSE_REVEALS)
def test_false_reveals_of_a_batch_are_named(federation: ChainFederation, lie: str) -> None:
    lies = Lies(federation)
    lies.commit(lies.batch(10, 10, 10**6))
    kind, forge = FALSE_REVEALS[lie]
    lies.reveal(forge(lies))
    found = first(federation)
    assert (found.kind, "batch 0" in found.subject) == (kind, True)


@pytest.mark.parametrize("told", [{"root": b"\x01" * 32}, {"count": 1}])
def test_reveals_whose_document_gives_another_root_or_count_are_named(
    federation: ChainFederation, told: dict[str, Any]
) -> None:
    lies = Lies(federation)
    lies.commit(lies.batch(10, 10))
    lies.reveal(RevealBatch.of(lies.round_id, 0, [lies.opened(0), lies.opened(1)]), **told)
    assert first(federation).kind is FindingKind.COMMITMENT


def test_t29_t30_one_participant_in_two_batches_is_no_minimum_of_two(
    federation: ChainFederation,
) -> None:
    lies = Lies(federation, maximum_participants=2)
    batch = lies.batch(10)
    lies.commit(batch)
    lies.commit(batch)
    reveals = RevealBatch.of(lies.round_id, 0, [lies.opened(0)])
    federation.clock.wait_until(record_of(federation).terms.commit_deadline)
    for number in (0, 1):
        again = replace(reveals, batch=number)
        digest = federation.blobs.put_bytes(again.to_json())
        lies._write("revealBatch", lies.round_id, number, again.root, 1, digest)
    federation.clock.wait_until(record_of(federation).terms.reveal_deadline)
    result = (b"\x01" * 32, b"\x02" * 32, federation.blobs.put_bytes(b"{}"), 2, 20)
    lies._write("proposeResult", lies.round_id, result)
    assert any(
        found.kind is FindingKind.COMMITMENT and "participants" in found.subject
        for found in audited(federation).findings
    )


# content that nobody has


def test_content_that_lacks_is_a_reason_that_the_audit_accepts(
    federation: ChainFederation, mailboxes: Callable[[str], FolderMailbox]
) -> None:
    f, shared = federation, mailboxes("shared")
    conducting = coordinator(f, shared)
    round_id = conducting.open(f.terms(maximum_participants=3), f.document)
    people = [participant(f, index, shared) for index in range(3)]
    while not record_of(f).batches:
        for person in people:
            person.step(round_id)
        conducting.step(round_id)
    owner = f.people[2].address
    update = f.place.work / "participants" / owner.lower() / round_id.hex() / "update"
    root = Cid(DAG_PB, f.blobs.put_folder(update))
    FlatFiles(f.store.folder / "blocks").path(root).unlink()
    result = run_in_process(conducting, people, f.clock, round_id)
    assert result.document is not None
    assert [(r.participant, r.reason) for r in result.document.refused] == [
        (owner, Reason.MISSING_CONTENT)
    ]
    report = audited(f)
    assert (report.findings, report.skipped) == ([], [])
    f.blobs.put_folder(update)
    late = first(f)  # it is there now, and nobody can tell who lied about then
    assert (late.kind, late.verdict) == (FindingKind.CONTENT, AuditVerdict.ODD)
    assert late.whose.startswith(f"participant {owner} or coordinator ")


def test_keys_stay_out_of_what_is_handed_over(batched: ChainFederation) -> None:
    texts = [p.read_bytes() for p in (batched.place.work / "mailboxes").rglob("*.json")]
    assert len(texts) == 5 + 5 + 5  # commitments, openings, receipts
    for signer in batched.people:
        assert not any(signer.private_key().hex().encode() in text for text in texts)
