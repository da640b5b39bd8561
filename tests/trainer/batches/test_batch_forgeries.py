"""What may not get into a batch, whoever lays it down or posts it (R-5), on the board in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, final

import pytest
from batched_federation import BatchScenario, accepted, batching, handed, to_reveal
from memory_federation import Federation

from registry.documents.allow_list import AllowList
from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.errors import RoundError
from registry.signing import ContractSignatureChecker
from trainer.batches.collection import Batching
from trainer.batches.messages import COMMITMENT, OPENING, RECEIPT, HandedCommitment, HandedOpening
from trainer.batches.posted import openings_of, posted_batch
from trainer.documents.update_folders import rounds_domain
from trainer.protocol.actions import RoundStep
from trainer.protocol.batch_schedule import BatchSchedule


@pytest.fixture
def stage(federation: Federation, tmp_path: Path) -> BatchScenario:
    """A fresh federation and mailbox."""
    return BatchScenario(federation, tmp_path / "mailbox")


# what strangers lay down


FORGERIES: dict[str, tuple[str, Any]] = {
    "another signature": (
        "signature",
        lambda s, h: replace(
            h, entry=replace(h.entry, signature=handed(s, 1, h.round_id).entry.signature)
        ),
    ),
    "another commitment": (
        "signature",
        lambda s, h: replace(h, entry=replace(h.entry, commitment=b"\x45" * 32)),
    ),
    "another participant": ("commitment of", lambda s, h: handed(s, 1, h.round_id)),
    "another round": ("commitment of", lambda s, h: handed(s, 0, b"\x01" * 32)),
}


@pytest.mark.parametrize("lie", FORGERIES)
def test_t14_a_commitment_that_does_not_prove_itself_is_passed_over(
    stage: BatchScenario, lie: str
) -> None:
    round_id = stage.open(maximum_participants=1, minimum_participants=1)
    me = stage.federation.people[0].address
    words, forge = FORGERIES[lie]
    forged = forge(stage, handed(stage, 0, round_id))
    stage.mailbox.put(round_id, COMMITMENT, me, forged.to_json())
    desk = batching(stage)
    assert not desk.step(stage.state(round_id), stage.federation.clock.now())
    assert words in desk.ignored[me]
    stage.mailbox.put(round_id, COMMITMENT, me, handed(stage, 0, round_id).to_json())
    assert desk.step(stage.state(round_id), stage.federation.clock.now())


def test_t14_a_copy_of_a_good_commitment_under_another_address_stops_no_batch(
    stage: BatchScenario,
) -> None:
    round_id = stage.open(maximum_participants=4, minimum_participants=2)
    people = [handed(stage, index, round_id) for index in range(2)]
    for index, entry in enumerate(people):
        address = stage.federation.people[index].address
        stage.mailbox.put(round_id, COMMITMENT, address, entry.to_json())
    thief = stage.federation.people[6].address
    stage.mailbox.put(round_id, COMMITMENT, thief, people[0].to_json())
    desk, clock = batching(stage), stage.federation.clock
    # Twice: what was found good in the first look is known in the second one.
    assert not desk.step(stage.state(round_id), clock.now())
    clock.wait_until(BatchSchedule.of(stage.state(round_id).terms).post[0])
    assert desk.step(stage.state(round_id), clock.now())
    posted = posted_batch(stage.federation.blobs, stage.state(round_id), 0)
    assert {entry.participant for entry in posted.commitments} == stage.addresses(0, 1)
    assert f"expected the commitment of {thief}" in desk.ignored[thief]


def test_t14_a_commitment_of_an_old_round_is_passed_over_though_it_was_good_there(
    stage: BatchScenario,
) -> None:
    old = stage.open(maximum_participants=1, minimum_participants=1)
    me, clock, desk = stage.federation.people[0].address, stage.federation.clock, batching(stage)
    text = handed(stage, 0, old).to_json()
    stage.mailbox.put(old, COMMITMENT, me, text)
    assert desk.step(stage.state(old), clock.now())
    # The same desk sees the copy in another round of the model's.
    state = replace(stage.state(old), round_id=b"\x01" * 32, batches={})
    stage.mailbox.put(state.round_id, COMMITMENT, me, text)
    assert not desk.step(state, clock.now())
    assert f"expected the commitment of {me} for this round" in desk.ignored[me]


def test_t14_an_opening_serves_the_participant_alone_whose_it_is(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=2)
    board = stage.federation.board()
    domain = rounds_domain(board.chain_id, board.rounds_address)
    # By ascending address the copier is the second one, to whom the first one's opening is known.
    people = sorted(stage.federation.people[:2], key=lambda signer: int(signer.address, 16))
    mine = Opening(people[0].address, b"\1" * 32, b"\2" * 32, 10, b"\3" * 32)
    made = commitment_of(domain, round_id, mine)
    for signer in people:
        entry = sign_commitment(signer, domain, round_id, made)
        text = HandedCommitment(round_id, entry).to_json()
        stage.mailbox.put(round_id, COMMITMENT, signer.address, text)
    stage.mailbox.put(round_id, OPENING, mine.participant, HandedOpening(round_id, mine).to_json())
    desk, clock = batching(stage), stage.federation.clock
    assert desk.step(stage.state(round_id), clock.now())
    clock.wait_until(BatchSchedule.of(stage.state(round_id).terms).post_reveals)
    assert desk.step(stage.state(round_id), clock.now())
    revealed = openings_of(stage.federation.blobs, stage.state(round_id), domain)
    assert set(revealed) == {mine.participant}


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"\xff", b"[" * 60_000, b'{"a":1.5}'])
def test_t26_garbage_in_the_mailbox_is_passed_over(stage: BatchScenario, text: bytes) -> None:
    round_id = stage.open()
    people = [stage.participant(index) for index in range(2)]
    for kind in (COMMITMENT, OPENING, RECEIPT):
        for signer in (*stage.federation.people, stage.federation.owner):
            stage.mailbox.put(round_id, kind, signer.address, text)
    assert accepted(stage.run(round_id, *people)) == stage.addresses(0, 1)


def test_an_opening_of_another_commitment_is_passed_over(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=2)
    people = [stage.participant(index) for index in range(2)]
    to_reveal(stage, round_id, *people)
    me = people[0].address
    wrong = HandedOpening(round_id, Opening(me, b"\1" * 32, b"\2" * 32, 5, b"\3" * 32))
    stage.mailbox.put(round_id, OPENING, me, wrong.to_json())
    desk = batching(stage)
    assert not desk.step(stage.state(round_id), stage.federation.clock.now())
    assert "expected 0x" in desk.ignored[me]


def test_t29_an_opening_whose_weight_the_contract_would_refuse_stays_out_of_the_batch(
    stage: BatchScenario,
) -> None:
    round_id = stage.open(maximum_participants=2)
    board = stage.federation.board()
    domain = rounds_domain(board.chain_id, board.rounds_address)
    for index, weight in ((0, 10), (1, 10**9)):
        signer = stage.federation.people[index]
        opened = Opening(signer.address, b"\1" * 32, b"\2" * 32, weight, b"\3" * 32)
        made = commitment_of(domain, round_id, opened)
        entry = sign_commitment(signer, domain, round_id, made)
        text = HandedCommitment(round_id, entry).to_json()
        stage.mailbox.put(round_id, COMMITMENT, signer.address, text)
        text = HandedOpening(round_id, opened).to_json()
        stage.mailbox.put(round_id, OPENING, signer.address, text)
    desk, clock = batching(stage), stage.federation.clock
    desk.step(stage.state(round_id), clock.now())
    clock.wait_until(BatchSchedule.of(stage.state(round_id).terms).post_reveals)
    assert desk.step(stage.state(round_id), clock.now())
    assert set(openings_of(stage.federation.blobs, stage.state(round_id), domain)) == (
        stage.addresses(0)
    )
    assert "weight" in desk.ignored[stage.federation.people[1].address]


@final
class PostedBatches:
    """A board that keeps the batches it is to post, as contract accounts need a chain."""

    def __init__(self, board: Any) -> None:
        self._board = board
        self.posted: list[set[str]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._board, name)

    def commit_batch(self, batch: CommitmentBatch) -> None:
        """Keeps who stands in the batch."""
        self.posted.append({entry.participant for entry in batch.commitments})


@final
class EveryWallet(ContractSignatureChecker):
    """A chain on which every account is a contract that accepts everything."""

    def has_code(self, address: str) -> bool:
        """Tells that it has."""
        return True

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """Tells that it is."""
        return True


def test_an_account_whose_answer_may_change_stands_in_a_batch_by_itself(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    for index in range(3):
        entry = handed(stage, index, round_id)
        if index == 1:
            entry = replace(entry, entry=replace(entry.entry, signature=b"by no key"))
        me = stage.federation.people[index].address
        stage.mailbox.put(round_id, COMMITMENT, me, entry.to_json())
    made = stage.federation
    board: Any = PostedBatches(made.board())
    desk = Batching(board, made.blobs, stage.mailbox, EveryWallet())
    assert desk.step(stage.state(round_id), made.clock.now())
    assert board.posted == [stage.addresses(0, 2), stage.addresses(1)]


# who is invited


def test_an_allow_list_holds_for_batches_too(stage: BatchScenario, federation: Federation) -> None:
    listed = AllowList.of(stage.addresses(0, 1))
    document = replace(federation.document, allow_list=listed.digest)
    terms = federation.terms(
        maximum_participants=2, allow_list_root=listed.root, document_digest=document.digest
    )
    round_id = stage.coordinator().open(terms, document, listed)
    stranger = stage.participant(2)
    assert stranger.step(round_id).next.step is RoundStep.LEAVE
    text = handed(stage, 2, round_id).to_json()
    stage.mailbox.put(round_id, COMMITMENT, stranger.address, text)
    desk = batching(stage)
    assert not desk.step(stage.state(round_id), federation.clock.now())
    assert "allow-list" in desk.ignored[stranger.address]
    people = [stage.participant(0), stage.participant(1)]
    assert accepted(stage.run(round_id, *people, stranger)) == stage.addresses(0, 1)
    posted = posted_batch(federation.blobs, stage.state(round_id), 0)
    assert {entry.participant for entry in posted.commitments} == stage.addresses(0, 1)


# what a coordinator may not post


def test_reveals_that_name_another_batch_are_not_taken(
    stage: BatchScenario, federation: Federation
) -> None:
    round_id = stage.open()
    to_reveal(stage, round_id, *[stage.participant(index) for index in range(3)])
    state, batch = stage.state(round_id), stage.state(round_id).batches[0]
    first = posted_batch(federation.blobs, state, 0).commitments[0].participant
    false = RevealBatch(round_id, 7, (Opening(first, b"\1" * 32, b"\2" * 32, 1, b"\3" * 32),))
    for text in (false.to_json(), replace(false, batch=0).to_json()):
        digest = federation.blobs.put_bytes(text)
        lying = replace(batch, revealed_count=1, revealed_document=digest)
        domain = rounds_domain(federation.ledger.chain_id, federation.ledger.rounds_address)
        with pytest.raises(RoundError):
            openings_of(federation.blobs, replace(state, batches={0: lying}), domain)


def test_a_batch_whose_document_tells_otherwise_is_not_taken(stage: BatchScenario) -> None:
    round_id = stage.open()
    to_reveal(stage, round_id, *[stage.participant(index) for index in range(3)])
    state, blobs = stage.state(round_id), stage.federation.blobs
    batch = state.batches[0]
    for lie in (replace(batch, root=b"\1" * 32), replace(batch, count=2)):
        with pytest.raises(RoundError):
            posted_batch(blobs, replace(state, batches={0: lie}), 0)
    with pytest.raises(RoundError):
        posted_batch(blobs, replace(state, round_id=b"\1" * 32), 0)
