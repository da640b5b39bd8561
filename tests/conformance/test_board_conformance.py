"""What every board promises: one suite over all of them.

A board joins by a factory in `BOARDS` that makes a `BatchScenario`: accounts, boards that see one
ledger, and a clock that can be turned. The errors of a chain (`Reverted`) count as refusals too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.errors import ConfigError, Reverted, RoundError, SignatureInvalid
from registry.merkle import StandardTree
from registry.signing import LocalSigner, rounds_domain
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger
from trainer.documents.update_folders import commitment
from trainer.ports import Clock, RoundBoard
from trainer.protocol.round_state import phase_at
from trainer.types import ZERO_WORD, Lattice, Phase, ProposedResult, RoundTerms, least_forfeit

SIGNERS = [LocalSigner.from_key(bytes(31) + bytes([index])) for index in range(21, 26)]
PEOPLE = [signer.address for signer in SIGNERS]
OWNER, ANNA, BORIS, CLARA, STRANGER = PEOPLE
TOKEN = "0x" + "0" * 39 + "7"
RESULT = ProposedResult(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, 2, 30)
REFUSED = (RoundError, Reverted, SignatureInvalid)


@dataclass
class BatchScenario:
    """A model with one version, and everybody's view of it."""

    clock: Clock
    board: Callable[[str], RoundBoard]
    model_id: bytes

    def terms(self, **changes: object) -> RoundTerms:
        """Terms for two or three participants."""
        now = self.clock.now()
        terms = RoundTerms(
            model_id=self.model_id,
            base_version=1,
            strategy="fedavg",
            document_digest=b"\x09" * 32,
            lattice=Lattice(16, -12, 8),
            enrolment_deadline=now + 1_000,
            commit_deadline=now + 2_000,
            reveal_deadline=now + 3_000,
            proposal_deadline=now + 4_000,
            challenge_window=500,
            minimum_participants=2,
            maximum_participants=3,
            weight_cap=100,
            reward_token=TOKEN,
            reward_budget=1_000,
            forfeit=least_forfeit(1_000, 3),
        )
        budget = changes.get("reward_budget", terms.reward_budget)
        seats = changes.get("maximum_participants", terms.maximum_participants)
        changes = {"forfeit": least_forfeit(budget, seats), **changes}  # type: ignore[arg-type]
        return replace(terms, **changes)  # type: ignore[arg-type]

    def open(self, **changes: object) -> bytes:
        """Opens a round as the owner."""
        return self.board(OWNER).open_round(self.terms(**changes))

    def phase(self, round_id: bytes) -> Phase:
        """The phase now."""
        return phase_at(self.board(STRANGER).state(round_id), self.clock.now())

    def commit(self, round_id: bytes, who: str, weight: int = 10) -> Opening:
        """Commits for an account and returns the opening."""
        board = self.board(who)
        salt = who[2:].rjust(64, "0").encode()[:32]
        opening = Opening(who, b"\x04" * 32, b"\x05" * 32, weight, salt)
        made = commitment(board.chain_id, board.rounds_address, round_id, who, opening)
        board.commit(round_id, made)
        return opening

    def to_reveal(self, round_id: bytes) -> dict[str, Opening]:
        """Enrols Anna and Boris, lets Clara's seat go, and brings the round to its reveals."""
        for who in (ANNA, BORIS):
            self.board(who).enrol(round_id)
        self.clock.wait_until(self.terms_of(round_id).enrolment_deadline)
        openings = {who: self.commit(round_id, who) for who in (ANNA, BORIS)}
        self.clock.wait_until(self.terms_of(round_id).commit_deadline)
        return openings

    def batched(self, round_id: bytes, *people: str, weight: int = 10) -> CommitmentBatch:
        """Posts a batch as the coordinator and brings the round to its reveals."""
        batch = self.batch(round_id, *people, weight=weight)
        self.board(OWNER).commit_batch(batch)
        self.clock.wait_until(self.terms_of(round_id).commit_deadline)
        return batch

    def reveal_alone(self, round_id: bytes, batch: CommitmentBatch, who: str) -> None:
        """Reveals from the first batch by proof, as the participant."""
        entry, proof = batch.find(who), batch.proof(who)
        assert entry is not None
        self.board(who).reveal_from_batch(
            round_id, 0, who, opened(who), entry.signature_hash, proof
        )

    def batch(self, round_id: bytes, *people: str, weight: int = 10) -> CommitmentBatch:
        """A batch of commitments, each signed by its participant."""
        board, entries = self.board(OWNER), []
        domain = rounds_domain(board.chain_id, board.rounds_address)
        for who in people:
            made = commitment_of(domain, round_id, opened(who, weight))
            entries.append(sign_commitment(SIGNERS[PEOPLE.index(who)], domain, round_id, made))
        return CommitmentBatch.of(round_id, entries)

    def to_proposal(self, round_id: bytes) -> None:
        """Brings the round to its proposal."""
        for who, opening in self.to_reveal(round_id).items():
            self.board(who).reveal(round_id, who, opening)

    def terms_of(self, round_id: bytes) -> RoundTerms:
        """The terms as the board tells them."""
        return self.board(STRANGER).state(round_id).terms


def opened(who: str, weight: int = 10) -> Opening:
    """What everybody's commitment in a batch opens to."""
    return Opening(who, b"\x04" * 32, b"\x05" * 32, weight, b"\x06" * 32)


def in_memory() -> BatchScenario:
    """The board in memory."""
    clock = ManualClock(1_800_000_000)
    ledger = MemoryLedger(clock)
    model_id = ledger.register(OWNER, "model", b"\x08" * 32)
    return BatchScenario(clock, lambda account: MemoryBoard(ledger, account), model_id)


BOARDS: dict[str, Callable[[], BatchScenario]] = {"memory": in_memory}


@pytest.fixture(params=list(BOARDS))
def stage(request: pytest.FixtureRequest) -> BatchScenario:
    """A fresh stage of each board."""
    return BOARDS[request.param]()


def test_terms_come_back_as_they_were_given(stage: BatchScenario) -> None:
    terms = stage.terms()
    round_id = stage.board(OWNER).open_round(terms)
    state = stage.board(ANNA).state(round_id)
    assert (state.terms, state.coordinator, state.number) == (terms, OWNER, 1)
    assert stage.board(ANNA).rounds_of(stage.model_id) == [round_id]
    assert stage.phase(round_id) == Phase.ENROLMENT


def test_rounds_are_numbered_per_model(stage: BatchScenario) -> None:
    ids = [stage.open(), stage.open()]
    assert stage.board(ANNA).rounds_of(stage.model_id) == ids
    assert [stage.board(ANNA).state(found).number for found in ids] == [1, 2]


def test_a_stranger_opens_no_round(stage: BatchScenario) -> None:
    with pytest.raises(REFUSED):
        stage.board(STRANGER).open_round(stage.terms(reward_token="0x" + "0" * 40, reward_budget=0))


def test_a_base_that_is_not_there_and_a_past_deadline_are_refused(stage: BatchScenario) -> None:
    past = stage.terms()
    stage.clock.wait_until(past.enrolment_deadline)
    for terms in (stage.terms(base_version=2), past):
        with pytest.raises(REFUSED):
            stage.board(OWNER).open_round(terms)


def test_an_unknown_round_is_refused(stage: BatchScenario) -> None:
    with pytest.raises(REFUSED):
        stage.board(ANNA).state(b"\x77" * 32)


def test_enrolment_ends_when_all_seats_are_taken(stage: BatchScenario) -> None:
    round_id = stage.open()
    for who in (ANNA, BORIS, CLARA):
        stage.board(who).enrol(round_id)
    assert stage.phase(round_id) == Phase.COMMIT
    with pytest.raises(REFUSED):
        stage.board(STRANGER).enrol(round_id)


def test_phases_end_early_when_nothing_can_be_added(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=2)
    for who in (ANNA, BORIS):
        stage.board(who).enrol(round_id)
    openings = {who: stage.commit(round_id, who) for who in (ANNA, BORIS)}
    assert stage.phase(round_id) == Phase.REVEAL
    for who, opening in openings.items():
        stage.board(who).reveal(round_id, who, opening)
    assert stage.phase(round_id) == Phase.PROPOSAL


def test_phases_end_at_their_deadlines(stage: BatchScenario) -> None:
    round_id = stage.open()
    terms, seen = stage.terms_of(round_id), []
    for deadline in terms.deadlines[:3]:
        seen.append(stage.phase(round_id))
        stage.clock.wait_until(deadline)
    assert [*seen, stage.phase(round_id)] == [
        Phase.ENROLMENT,
        Phase.COMMIT,
        Phase.REVEAL,
        Phase.PROPOSAL,
    ]


def test_t32_steps_out_of_their_phase_are_refused(stage: BatchScenario) -> None:
    round_id = stage.open()
    board = stage.board(ANNA)
    board.enrol(round_id)
    steps: list[Callable[[], None]] = [
        lambda: board.commit(round_id, b"\x01" * 32),
        lambda: board.reveal(round_id, ANNA, Opening(ANNA, b"\1" * 32, b"\1" * 32, 1, b"\1" * 32)),
        lambda: stage.board(OWNER).propose(round_id, RESULT),
        lambda: board.finalise(round_id),
        lambda: board.void(round_id),
    ]
    for step in steps:
        with pytest.raises(REFUSED):
            step()
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    with pytest.raises(REFUSED):
        stage.board(BORIS).enrol(round_id)


def test_steps_taken_twice_change_nothing(stage: BatchScenario) -> None:
    round_id = stage.open()
    for _ in range(2):
        stage.board(ANNA).enrol(round_id)
    stage.board(BORIS).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    opening = stage.commit(round_id, ANNA)
    assert stage.commit(round_id, ANNA) == opening
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    before = stage.board(ANNA).state(round_id)
    stage.board(ANNA).enrol(round_id)
    assert stage.board(ANNA).state(round_id) == before
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    stage.board(ANNA).reveal(round_id, ANNA, opening)
    stage.board(BORIS).reveal(round_id, ANNA, opening)
    assert list(stage.board(ANNA).state(round_id).reveals) == [ANNA]


def test_t16_the_first_commitment_stays(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.board(ANNA).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    stage.commit(round_id, ANNA)
    before = stage.board(ANNA).state(round_id).commitments[ANNA]
    with pytest.raises(REFUSED):
        stage.board(ANNA).commit(round_id, b"\x01" * 32)
    assert stage.board(ANNA).state(round_id).commitments[ANNA] == before


def test_t16_a_copied_commitment_cannot_be_opened(stage: BatchScenario) -> None:
    round_id = stage.open()
    for who in (ANNA, BORIS):
        stage.board(who).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    opening = stage.commit(round_id, ANNA)
    stage.board(BORIS).commit(round_id, stage.board(ANNA).state(round_id).commitments[ANNA])
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    with pytest.raises(REFUSED):
        stage.board(BORIS).reveal(round_id, BORIS, opening)


def test_who_has_no_seat_cannot_commit(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.board(ANNA).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    with pytest.raises(REFUSED):
        stage.commit(round_id, STRANGER)


def test_r_4_anyone_who_knows_an_opening_may_reveal_it(stage: BatchScenario) -> None:
    round_id = stage.open()
    openings = stage.to_reveal(round_id)
    stage.board(STRANGER).reveal(round_id, ANNA, openings[ANNA])
    assert stage.board(ANNA).state(round_id).reveals[ANNA] == openings[ANNA]


@pytest.mark.parametrize("weight", [0, 101, 10**9, 2**64 - 1])
def test_t29_weights_outside_the_cap_are_refused(stage: BatchScenario, weight: int) -> None:
    round_id = stage.open()
    for who in (ANNA, BORIS):
        stage.board(who).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    opening = stage.commit(round_id, ANNA, weight)
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    with pytest.raises(REFUSED):
        stage.board(ANNA).reveal(round_id, ANNA, opening)


def test_an_allow_list_lets_in_who_proves_to_be_on_it(stage: BatchScenario) -> None:
    tree = StandardTree([[ANNA], [BORIS]], ["address"])
    round_id = stage.open(allow_list_root=tree.root)
    stage.board(ANNA).enrol(round_id, tree.proof(0))
    for who, proof in ((BORIS, tree.proof(0)), (CLARA, tree.proof(0)), (CLARA, [])):
        with pytest.raises(REFUSED):
            stage.board(who).enrol(round_id, proof)
    assert stage.board(ANNA).state(round_id).enrolled == (ANNA,)


def test_only_the_coordinator_proposes(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.to_proposal(round_id)
    with pytest.raises(REFUSED):
        stage.board(STRANGER).propose(round_id, RESULT)
    stage.board(OWNER).propose(round_id, RESULT)
    assert stage.phase(round_id) == Phase.PROPOSED
    assert stage.board(ANNA).state(round_id).result == RESULT


def test_results_that_cannot_be_are_refused(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.to_proposal(round_id)
    for bad in (
        replace(RESULT, accepted=0),
        replace(RESULT, accepted=3),
        replace(RESULT, result_root=ZERO_WORD),
    ):
        with pytest.raises(REFUSED):
            stage.board(OWNER).propose(round_id, bad)


def test_r_7_a_result_is_final_after_its_challenge_window(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.to_proposal(round_id)
    stage.board(OWNER).propose(round_id, RESULT)
    with pytest.raises(REFUSED):
        stage.board(STRANGER).finalise(round_id)
    stage.clock.wait_until(stage.board(ANNA).state(round_id).challenge_ends_at)
    stage.board(STRANGER).finalise(round_id)
    assert stage.phase(round_id) == Phase.FINALISED


def test_r_6_a_round_below_its_minimum_is_voided_by_anyone(stage: BatchScenario) -> None:
    round_id = stage.open()
    openings = stage.to_reveal(round_id)
    stage.board(ANNA).reveal(round_id, ANNA, openings[ANNA])
    with pytest.raises(REFUSED):
        stage.board(STRANGER).void(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).reveal_deadline)
    with pytest.raises(REFUSED):
        stage.board(OWNER).propose(round_id, replace(RESULT, accepted=1))
    stage.board(STRANGER).void(round_id)
    assert stage.phase(round_id) == Phase.VOIDED


def test_r_6_a_round_without_a_result_in_time_is_voided_by_anyone(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.to_proposal(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).proposal_deadline)
    with pytest.raises(REFUSED):
        stage.board(OWNER).propose(round_id, RESULT)
    stage.board(STRANGER).void(round_id)
    assert stage.phase(round_id) == Phase.VOIDED


def test_the_coordinator_may_withdraw_a_round_that_still_enrols(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.board(OWNER).void(round_id)
    assert stage.phase(round_id) == Phase.VOIDED


def test_nothing_follows_the_end_of_a_round(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.board(OWNER).void(round_id)
    with pytest.raises(REFUSED):
        stage.board(ANNA).enrol(round_id)
    with pytest.raises(REFUSED):
        stage.board(OWNER).finalise(round_id)


def test_r_5_a_batch_takes_its_seats_and_is_revealed_as_one(stage: BatchScenario) -> None:
    round_id, owner = stage.open(maximum_participants=2), stage.board(OWNER)
    batch = stage.batch(round_id, BORIS, ANNA)
    for _ in range(2):
        owner.commit_batch(batch)
    assert stage.phase(round_id) == Phase.ENROLMENT  # what is said of a batch ends no phase
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    state = stage.board(ANNA).state(round_id)
    assert [(b.root, b.count, b.document_digest) for b in state.batches.values()] == [
        (batch.root, 2, batch.digest)
    ]
    reveals = RevealBatch.of(round_id, 0, [opened(ANNA), opened(BORIS)])
    for _ in range(2):
        owner.reveal_batch(reveals)
    state = stage.board(ANNA).state(round_id)
    assert (state.batches[0].revealed_count, state.batches[0].revealed_document) == (
        2,
        reveals.digest,
    )
    assert (state.revealed, dict(state.reveals)) == (2, {})
    assert stage.phase(round_id) == Phase.REVEAL
    stage.clock.wait_until(stage.terms_of(round_id).reveal_deadline)
    assert stage.phase(round_id) == Phase.PROPOSAL


def test_r_5_batches_and_direct_commitments_share_a_round(stage: BatchScenario) -> None:
    round_id, owner = stage.open(), stage.board(OWNER)
    stage.board(CLARA).enrol(round_id)
    owner.commit_batch(stage.batch(round_id, ANNA, BORIS))
    stage.clock.wait_until(stage.terms_of(round_id).enrolment_deadline)
    assert stage.phase(round_id) == Phase.COMMIT
    opening = stage.commit(round_id, CLARA)
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    stage.board(CLARA).reveal(round_id, CLARA, opening)
    owner.reveal_batch(RevealBatch.of(round_id, 0, [opened(ANNA), opened(BORIS)]))
    assert stage.board(ANNA).state(round_id).revealed == 3


def test_r_5_only_the_coordinator_posts_batches_and_within_the_seats(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.board(STRANGER).enrol(round_id)
    batch = stage.batch(round_id, ANNA, BORIS)
    with pytest.raises(REFUSED):
        stage.board(ANNA).commit_batch(batch)
    with pytest.raises(REFUSED):
        stage.board(OWNER).commit_batch(stage.batch(round_id, ANNA, BORIS, CLARA))
    stage.board(OWNER).commit_batch(batch)
    with pytest.raises(REFUSED):
        stage.board(OWNER).commit_batch(stage.batch(round_id, CLARA))


def test_t14_a_batch_with_a_signature_of_another_round_is_refused(stage: BatchScenario) -> None:
    first, second = stage.open(), stage.open(reward_token="0x" + "0" * 40, reward_budget=0)
    copied = CommitmentBatch.of(second, stage.batch(first, ANNA).commitments)
    with pytest.raises(REFUSED):
        stage.board(OWNER).commit_batch(copied)
    assert stage.board(ANNA).state(second).batches == {}


def test_r_5_a_participant_reveals_from_a_batch_by_proof(stage: BatchScenario) -> None:
    round_id = stage.open()
    batch = stage.batched(round_id, ANNA, BORIS, CLARA)
    board, proof = stage.board(BORIS), batch.proof(BORIS)
    entry, opening = batch.find(BORIS), opened(BORIS)
    assert entry is not None
    signed = entry.signature_hash
    for wrong in (
        (ANNA, opening, signed, proof),
        (BORIS, opened(BORIS, 11), signed, proof),
        (BORIS, opening, bytes(32), proof),
        (BORIS, opening, signed, []),
        (BORIS, opening, signed, batch.proof(CLARA)),
    ):
        with pytest.raises(REFUSED):
            board.reveal_from_batch(round_id, 0, *wrong)
    with pytest.raises(REFUSED):
        board.reveal_from_batch(round_id, 1, BORIS, opening, signed, proof)
    for _ in range(2):
        board.reveal_from_batch(round_id, 0, BORIS, opening, signed, proof)
    assert dict(board.state(round_id).reveals) == {BORIS: opening}
    assert dict(board.state(round_id).taken_from) == {BORIS: 0}


def test_t16_an_own_reveal_does_not_stop_the_batch_and_counts_once(stage: BatchScenario) -> None:
    round_id = stage.open()
    batch = stage.batched(round_id, ANNA, BORIS, CLARA)
    stage.reveal_alone(round_id, batch, BORIS)
    reveals = RevealBatch.of(round_id, 0, [opened(who) for who in (ANNA, BORIS)])
    stage.board(OWNER).reveal_batch(reveals)
    assert stage.board(ANNA).state(round_id).revealed == 3  # at most
    for refused in (ANNA, CLARA):
        with pytest.raises((*REFUSED, ConfigError)):
            stage.board(OWNER).count_once(reveals, refused)
    for _ in range(2):
        stage.board(OWNER).count_once(reveals, BORIS)
    assert stage.board(ANNA).state(round_id).revealed == 2


def test_t16_a_batch_reveals_nothing_of_a_direct_seat(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=4)
    stage.board(ANNA).enrol(round_id)
    batch = stage.batched(round_id, ANNA, BORIS)
    with pytest.raises(REFUSED):
        stage.reveal_alone(round_id, batch, ANNA)
    stage.reveal_alone(round_id, batch, BORIS)


def test_t16_a_batch_that_fills_the_round_keeps_nobody_from_enrolling(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=2)
    stage.board(OWNER).commit_batch(stage.batch(round_id, ANNA, BORIS))
    stage.board(CLARA).enrol(round_id)
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    two = RevealBatch.of(round_id, 0, [opened(ANNA), opened(BORIS)])
    with pytest.raises(REFUSED):
        stage.board(OWNER).reveal_batch(two)
    stage.board(OWNER).reveal_batch(RevealBatch.of(round_id, 0, [opened(ANNA)]))


def test_t16_whom_a_batch_of_reveals_leaves_out_reveals_by_proof_after_it(
    stage: BatchScenario,
) -> None:
    round_id = stage.open()
    batch = stage.batched(round_id, ANNA, BORIS, CLARA)
    stage.board(OWNER).reveal_batch(RevealBatch.of(round_id, 0, [opened(ANNA)]))
    with pytest.raises(REFUSED):
        stage.board(OWNER).reveal_batch(RevealBatch.of(round_id, 0, [opened(BORIS)]))
    stage.reveal_alone(round_id, batch, BORIS)
    assert stage.board(ANNA).state(round_id).revealed == 2


def test_r_5_reveals_that_open_nothing_are_refused(stage: BatchScenario) -> None:
    round_id = stage.open()
    stage.batched(round_id, ANNA, BORIS, CLARA)
    for bad in ([opened(STRANGER)], [opened(ANNA), opened(BORIS, 11)]):
        with pytest.raises(REFUSED):
            stage.board(OWNER).reveal_batch(RevealBatch.of(round_id, 0, bad))
    with pytest.raises(REFUSED):
        stage.board(STRANGER).reveal_batch(RevealBatch.of(round_id, 0, [opened(ANNA)]))


@pytest.mark.parametrize("weight", [0, 101, 2**64 - 1])
def test_t29_weights_outside_the_cap_are_refused_from_a_batch(
    stage: BatchScenario, weight: int
) -> None:
    round_id = stage.open(maximum_participants=2)
    batch = stage.batched(round_id, ANNA, BORIS, weight=weight)
    entry, opening = batch.find(ANNA), opened(ANNA, weight)
    assert entry is not None
    with pytest.raises(REFUSED):
        stage.board(ANNA).reveal_from_batch(
            round_id, 0, ANNA, opening, entry.signature_hash, batch.proof(ANNA)
        )


def test_t32_batches_out_of_their_phase_are_refused(stage: BatchScenario) -> None:
    round_id = stage.open(maximum_participants=4)
    batch = stage.batch(round_id, ANNA)
    stage.board(OWNER).commit_batch(batch)
    with pytest.raises(REFUSED):
        stage.board(OWNER).reveal_batch(RevealBatch.of(round_id, 0, [opened(ANNA)]))
    with pytest.raises(REFUSED):
        stage.reveal_alone(round_id, batch, ANNA)
    stage.clock.wait_until(stage.terms_of(round_id).commit_deadline)
    with pytest.raises(REFUSED):
        stage.board(OWNER).commit_batch(stage.batch(round_id, BORIS))
