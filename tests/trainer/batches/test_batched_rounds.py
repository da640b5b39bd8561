"""Rounds in which participants hand in to the coordinator, on the board in memory (R-5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import final

import pytest
from batched_federation import BatchScenario, LosingMailbox, accepted, to_reveal
from memory_federation import Federation, document_of

from registry.documents.batches import LARGEST_BATCH, RevealBatch
from trainer.adapters import FolderMailbox
from trainer.batches.posted import posted_batch
from trainer.batches.submission import Handing
from trainer.coordinator.coordinator import Coordinator
from trainer.participant.participant import Participant
from trainer.ports import Clock, RoundContext
from trainer.protocol.actions import RoundStep
from trainer.protocol.batch_schedule import BatchSchedule
from trainer.protocol.round_state import PostedBatch, phase_at
from trainer.types import Phase


@pytest.fixture
def stage(federation: Federation, tmp_path: Path) -> BatchScenario:
    """A fresh federation and mailbox."""
    return BatchScenario(federation, tmp_path / "mailbox")


def test_a_round_of_one_batch_takes_no_step_of_the_participants_on_the_board(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    result = stage.run(round_id, *(stage.participant(index) for index in range(3)))
    state = stage.state(round_id)
    assert accepted(result) == stage.addresses(0, 1, 2)
    assert (state.enrolled, dict(state.commitments), dict(state.reveals)) == ((), {}, {})
    assert [(b.count, b.revealed_count) for b in state.batches.values()] == [(3, 3)]


def test_a_batch_makes_the_same_version_and_shares_as_direct_steps(
    stage: BatchScenario, federation: Federation, tmp_path: Path
) -> None:
    round_id = stage.open()
    batched = stage.run(round_id, *(stage.participant(index) for index in range(3)))
    # A first round as well, so that everybody trains by the same seed.
    (tmp_path / "direct").mkdir()
    federation = type(federation)(tmp_path / "direct")
    direct = federation.round([federation.participant(index) for index in range(3)])
    assert batched.document is not None
    assert document_of(batched).result_root == document_of(direct).result_root
    assert document_of(batched).shares == document_of(direct).shares


def test_direct_participants_and_a_batch_share_a_round(stage: BatchScenario) -> None:
    round_id = stage.open()
    people = [stage.participant(0), stage.participant(1), stage.participant(2, mailbox=None)]
    result = stage.run(round_id, *people)
    state = stage.state(round_id)
    assert accepted(result) == stage.addresses(0, 1, 2)
    assert set(state.commitments) == set(state.reveals) == stage.addresses(2)
    assert [batch.count for batch in state.batches.values()] == [2]


def test_who_is_left_out_of_a_batch_enrols_and_commits_directly(
    stage: BatchScenario, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "nobody-looks-here"
    elsewhere.mkdir()
    round_id = stage.open()
    left_out = stage.participant(2, mailbox=FolderMailbox(elsewhere))
    result = stage.run(round_id, stage.participant(0), stage.participant(1), left_out)
    state = stage.state(round_id)
    assert accepted(result) == stage.addresses(0, 1, 2)
    assert set(state.enrolled) == set(state.reveals) == stage.addresses(2)
    assert state.batches[0].count == 2


def test_t16_whose_opening_is_withheld_reveals_by_proof_and_nobody_else_has_to(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    victim = stage.federation.people[2].address
    losing = stage.participant(2, mailbox=LosingMailbox(stage.mailbox, victim))
    result = stage.run(round_id, stage.participant(0), stage.participant(1), losing)
    state = stage.state(round_id)
    assert accepted(result) == stage.addresses(0, 1, 2)
    assert set(state.reveals) == {victim}
    assert (state.batches[0].count, state.batches[0].revealed_count) == (3, 2)


def test_t16_a_coordinator_that_posts_no_reveals_delays_nobody(stage: BatchScenario) -> None:
    round_id = stage.open()
    people = [stage.participant(index) for index in range(3)]
    to_reveal(stage, round_id, *people)
    federation = stage.federation
    silent = federation.coordinator("silent")
    while phase_at(stage.state(round_id), federation.clock.now()) == Phase.REVEAL:
        waits = [p.step(round_id) for p in people]
        if not any(wait.acted for wait in waits):
            ends = stage.state(round_id).terms.reveal_deadline  # for those that have left
            federation.clock.wait_until(min(wait.next.until or ends for wait in waits))
    assert set(stage.state(round_id).reveals) == stage.addresses(0, 1, 2)
    assert accepted(silent.run_round(round_id)) == stage.addresses(0, 1, 2)


def test_t16_whom_a_coordinator_leaves_out_of_its_reveals_reveals_by_proof(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    people = [stage.participant(index) for index in range(3)]
    to_reveal(stage, round_id, *people)
    for person in people:
        person.step(round_id)  # hands its opening over
    victim = stage.federation.people[2].address
    deaf = stage.coordinator("deaf", mailbox=LosingMailbox(stage.mailbox, victim, deaf=True))
    stage.federation.clock.wait_until(BatchSchedule.of(stage.state(round_id).terms).post_reveals)
    deaf.step(round_id)
    assert stage.state(round_id).batches[0].revealed_count == 2
    result = stage.run(round_id, *people)
    assert set(stage.state(round_id).reveals) == {victim}
    assert accepted(result) == stage.addresses(0, 1, 2)


def test_a_round_that_fell_short_is_void_though_somebody_is_revealed_twice(
    stage: BatchScenario,
) -> None:
    round_id = stage.open(minimum_participants=3)
    people = [stage.participant(index) for index in range(3)]
    to_reveal(stage, round_id, *people)
    for person in people[:2]:
        person.step(round_id)  # hands its opening over; the third one vanishes
    federation, coordinator = stage.federation, stage.coordinator()
    federation.clock.wait_until(BatchSchedule.of(stage.state(round_id).terms).post_reveals)
    assert coordinator.step(round_id).acted
    twice, opening = people[0], people[0].opening(round_id)
    batch = posted_batch(federation.blobs, stage.state(round_id), 0)
    entry, proof = batch.find(twice.address), batch.proof(twice.address)
    assert entry is not None
    federation.board().reveal_from_batch(
        round_id, 0, twice.address, opening, entry.signature_hash, proof
    )
    assert stage.state(round_id).revealed == 3
    assert coordinator.run_round(round_id).document is None
    state = stage.state(round_id)
    assert (state.voided, state.revealed) == (True, 2)
    assert federation.clock.now() < state.terms.proposal_deadline


def test_a_member_that_vanishes_costs_the_others_nothing(stage: BatchScenario) -> None:
    round_id = stage.open()
    people = [stage.participant(index) for index in range(3)]
    to_reveal(stage, round_id, *people)
    result = stage.run(round_id, *people[:2])
    assert accepted(result) == stage.addresses(0, 1)
    assert dict(stage.state(round_id).reveals) == {}


def test_a_batch_is_posted_before_all_seats_are_taken_once_its_moment_comes(
    stage: BatchScenario,
) -> None:
    round_id = stage.open(maximum_participants=5)
    people = [stage.participant(index) for index in range(3)]
    schedule = BatchSchedule.of(stage.state(round_id).terms)
    for person in people:
        person.step(round_id)
    assert not stage.coordinator().step(round_id).acted
    stage.federation.clock.wait_until(schedule.post[0])
    assert stage.coordinator().step(round_id).acted
    assert accepted(stage.run(round_id, *people)) == stage.addresses(0, 1, 2)


def test_who_comes_after_enrolment_joins_a_later_batch(stage: BatchScenario) -> None:
    round_id = stage.open()
    early, late = [stage.participant(0), stage.participant(1)], stage.participant(2)
    terms, clock = stage.state(round_id).terms, stage.federation.clock
    for moment in (BatchSchedule.of(terms).post[0], terms.enrolment_deadline):
        for person in early:
            person.step(round_id)
        clock.wait_until(moment)
        stage.coordinator().step(round_id)
    assert accepted(stage.run(round_id, *early, late)) == stage.addresses(0, 1, 2)
    assert [batch.count for batch in stage.state(round_id).batches.values()] == [2, 1]


def test_t11_everybody_is_replaced_at_every_turn(stage: BatchScenario) -> None:
    round_id = stage.open()
    for turn in range(60):
        acted = [stage.participant(index).step(round_id).acted for index in range(3)]
        progress = stage.coordinator(f"turn-{turn}").step(round_id)
        if progress.next.step is RoundStep.LEAVE:
            break
        if not progress.acted and not any(acted):
            stage.federation.clock.wait_until(progress.next.until)
    assert accepted(stage.coordinator("afterwards").run_round(round_id)) == stage.addresses(0, 1, 2)
    assert len(stage.state(round_id).batches) == 1


@final
class TurnTaking(Clock):
    """A clock whose waits let the others take a step: what is handed over makes no block."""

    def __init__(self, clock: Clock, others: list[Participant], round_id: bytes) -> None:
        self._clock, self._others, self._round_id = clock, others, round_id
        self.waits: list[int] = []
        self.waited: list[int] = []
        self._start = clock.now()

    def now(self) -> int:
        """Returns the time."""
        return self._clock.now()

    def wait_until(self, moment: int) -> None:
        """Lets the others step, and turns the clock if none of them did anything."""
        self.waits.append(moment - self.now())
        self.waited.append(self.now() - self._start)
        acted = [other.step(self._round_id).acted for other in self._others]
        if not any(acted):
            self._clock.wait_until(moment)


def test_a_coordinator_with_a_mailbox_looks_again_within_an_eighth_of_what_it_waited(
    stage: BatchScenario,
) -> None:
    round_id, made = stage.open(), stage.federation
    people = [stage.participant(index) for index in range(3)]
    clock = TurnTaking(made.clock, people, round_id)
    coordinator = Coordinator(
        RoundContext(made.board(), made.blobs, clock), made.work / "c", mailbox=stage.mailbox
    )
    assert accepted(coordinator.run_round(round_id)) == stage.addresses(0, 1, 2)
    assert clock.waits[0] == 1
    assert all(
        wait <= max(1, before // 8) for wait, before in zip(clock.waits, clock.waited, strict=True)
    )


def test_t16_posted_reveals_that_do_not_say_what_their_document_does_count_for_nobody(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    stage.run(round_id, *(stage.participant(index) for index in range(3)))
    federation, state = stage.federation, stage.state(round_id)
    signer = federation.people[0]
    batch = state.batches[0]
    reveals = RevealBatch.parse(federation.blobs.get_bytes(batch.revealed_document, LARGEST_BATCH))
    own = reveals.find(signer.address)
    assert own is not None
    desk = Handing(federation.board(signer), federation.blobs, stage.mailbox, signer)

    def left_out(posted: PostedBatch) -> bool:
        told = replace(state, batches={0: posted})
        return desk.standing(told, own).left_out

    assert not left_out(batch)
    assert left_out(replace(batch, revealed_count=2))
    assert left_out(replace(batch, revealed_root=b"\x01" * 32))
    # All agrees, and somebody else's update stands in this one's name.
    others = replace(own, weight=own.weight + 1)
    false = RevealBatch.of(round_id, 0, [others, *(r for r in reveals.reveals if r != own)])
    digest = federation.blobs.put_bytes(false.to_json())
    assert left_out(replace(batch, revealed_root=false.root, revealed_document=digest))
