"""The round as a state machine (R-2): folds, phases and actions, by properties."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.batch_entries import Opening
from registry.errors import RoundError
from trainer.protocol.actions import (
    Action,
    RoundStep,
    coordinator_actions,
    is_lost,
    participant_actions,
)
from trainer.protocol.round_events import (
    BatchCommitted,
    BatchRevealed,
    BatchStruck,
    CountedOnce,
    ParticipantEnrolled,
    ResultProposed,
    RoundEvent,
    RoundFinalised,
    RoundOpened,
    RoundVoided,
    UpdateCommitted,
    UpdateRevealed,
)
from trainer.protocol.round_state import PostedBatch, RoundState, apply, phase_at, replay
from trainer.types import Lattice, Phase, ProposedResult, RoundTerms

TERMS = RoundTerms(
    model_id=b"\x01" * 32,
    base_version=1,
    strategy="fedavg",
    document_digest=b"\x02" * 32,
    lattice=Lattice(16, -12, 8),
    enrolment_deadline=100,
    commit_deadline=200,
    reveal_deadline=300,
    proposal_deadline=400,
    challenge_window=50,
    minimum_participants=2,
    maximum_participants=4,
)
OPENED = RoundOpened(b"\x03" * 32, "0xc0", 1, TERMS)
RESULT = ProposedResult(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, 1, 1)
NAMES = ("0xa1", "0xa2", "0xa3", "0xa4", "0xa5")


def opening(weight: int = 1) -> Opening:
    """Some opening."""
    return Opening("0x" + "a1" * 20, b"\x04" * 32, b"\x05" * 32, weight, b"\x06" * 32)


names = st.sampled_from(NAMES)
events = st.one_of(
    st.builds(ParticipantEnrolled, names),
    st.builds(UpdateCommitted, names, st.just(b"\x07" * 32)),
    st.builds(UpdateRevealed, names, st.builds(opening), st.sampled_from([None, 0, 1])),
    st.builds(BatchStruck, st.integers(0, 1)),
    st.builds(
        BatchCommitted, st.integers(0, 1), st.just(b"\x08" * 32), st.integers(1, 2), st.just(b"d")
    ),
    st.builds(
        BatchRevealed, st.integers(0, 1), st.just(b"\x09" * 32), st.integers(1, 2), st.just(b"e")
    ),
    st.just(ResultProposed(RESULT, 350)),
    st.just(RoundFinalised()),
    st.just(RoundVoided()),
)
times = st.integers(0, 500)


def state_after(candidates: list[RoundEvent]) -> tuple[RoundState, list[RoundEvent]]:
    """The state after those events that can follow, and these."""
    state, taken = replay([OPENED]), []
    for event in candidates:
        try:
            state = apply(state, event)
            taken.append(event)
        except RoundError:
            continue
    return state, taken


@given(st.lists(events, max_size=25))
def test_a_fold_is_the_same_at_once_or_step_by_step(candidates: list[RoundEvent]) -> None:
    state, taken = state_after(candidates)
    assert replay([OPENED, *taken]) == state


@given(st.lists(events, max_size=25), times, times)
def test_phases_never_go_back_in_time(
    candidates: list[RoundEvent], first: int, second: int
) -> None:
    state, _ = state_after(candidates)
    sooner, later = sorted((first, second))
    assert phase_at(state, sooner) <= phase_at(state, later)


@given(st.lists(events, max_size=25))
def test_counts_agree_with_what_stands(candidates: list[RoundEvent]) -> None:
    state, _ = state_after(candidates)
    assert len(set(state.enrolled)) == len(state.enrolled)
    assert set(state.commitments) <= set(state.enrolled)
    assert state.direct_reveals == len(set(state.reveals) - set(state.taken_from))
    assert state.revealed <= state.terms.maximum_participants
    for number in state.standing:
        assert state.room_for_own(number) <= state.batches[number].count


@given(st.lists(events, max_size=25), times)
def test_there_is_always_something_to_do_and_waits_end_later(
    candidates: list[RoundEvent], now: int
) -> None:
    state, _ = state_after(candidates)
    for action in coordinator_actions(state, now):
        assert action.step is not RoundStep.WAIT or action.until > now
    for name in NAMES:
        for action in participant_actions(state, name, now):
            assert action.step is not RoundStep.WAIT or action.until > now


@given(st.lists(events, max_size=25), times)
def test_an_ended_round_takes_no_event(candidates: list[RoundEvent], now: int) -> None:
    state, _ = state_after([*candidates, RoundVoided()])
    assert phase_at(state, now) in (Phase.VOIDED, Phase.FINALISED)
    with pytest.raises(RoundError, match="after the round ended"):
        apply(state, ParticipantEnrolled("0xa1"))


@given(st.permutations([UpdateCommitted(n, bytes([i]) * 32) for i, n in enumerate(NAMES[:4])]))
def test_t02_the_order_of_commitments_does_not_matter(order: list[RoundEvent]) -> None:
    base: list[RoundEvent] = [ParticipantEnrolled(name) for name in NAMES[:4]]
    state = replay([OPENED, *base, *order])
    assert dict(state.commitments) == {n: bytes([i]) * 32 for i, n in enumerate(NAMES[:4])}


@pytest.mark.parametrize(
    "twice",
    [
        ParticipantEnrolled("0xa1"),
        UpdateCommitted("0xa1", b"\x01" * 32),
        UpdateRevealed("0xa1", opening()),
        BatchCommitted(0, b"r", 1, b"d"),
        BatchRevealed(0, b"r", 1, b"d"),
        ResultProposed(RESULT, 350),
    ],
)
def test_what_stands_cannot_be_said_again(twice: RoundEvent) -> None:
    state = replay([OPENED, ParticipantEnrolled("0xa2"), BatchCommitted(1, b"r", 1, b"d")])
    for before in (ParticipantEnrolled("0xa1"), BatchCommitted(0, b"r", 1, b"d")):
        if type(before) is not type(twice):
            state = apply(state, before)
    state = apply(state, twice)
    with pytest.raises(RoundError, match="already"):
        apply(state, twice)


def test_a_history_begins_with_its_opening() -> None:
    for history in ([], [RoundVoided()], [OPENED, OPENED]):
        with pytest.raises(RoundError):
            replay(history)


def test_states_are_not_changed_by_what_follows() -> None:
    before = replay([OPENED, ParticipantEnrolled("0xa1")])
    after = apply(before, UpdateCommitted("0xa1", b"\x01" * 32))
    assert not before.commitments
    assert after.commitments
    with pytest.raises(TypeError):
        after.commitments["0xa2"] = b""  # type: ignore[index]


def test_r_2_what_is_said_of_batches_ends_no_phase() -> None:
    state = replay([OPENED, BatchCommitted(0, b"r", 4, b"d")])
    assert phase_at(state, 99) == Phase.ENROLMENT
    assert phase_at(state, 199) == Phase.COMMIT
    state = apply(state, BatchRevealed(0, b"s", 4, b"e"))
    assert phase_at(state, 299) == Phase.REVEAL
    assert phase_at(state, 300) == Phase.PROPOSAL
    assert state.batches[0] == PostedBatch(b"r", 4, b"d", 4, b"e", revealed_root=b"s")
    for name in NAMES[:4]:
        state = apply(state, ParticipantEnrolled(name))
        state = apply(state, UpdateCommitted(name, b"\x01" * 32))
        state = apply(state, UpdateRevealed(name, opening()))
    assert phase_at(state, 0) == Phase.PROPOSAL  # direct seats left the batch none


def test_r_5_own_and_posted_reveals_of_a_batch_are_counted_apart() -> None:
    state = replay([OPENED, ParticipantEnrolled("0xb1"), BatchCommitted(0, b"r", 3, b"d")])
    state = apply(state, UpdateRevealed("0xa1", opening(), 0))
    assert (state.revealed, state.room_for_own(0), state.room_for_posted(0)) == (1, 2, 3)
    state = apply(state, BatchRevealed(0, b"s", 3, b"e"))
    assert (state.revealed, state.room_for_own(0), state.room_for_posted(0)) == (3, 2, 0)
    state = apply(state, UpdateRevealed("0xa2", opening(), 0))
    assert state.revealed == 3
    state = replay([OPENED, BatchCommitted(0, b"r", 4, b"d"), BatchRevealed(0, b"s", 2, b"e")])
    state = apply(state, UpdateRevealed("0xa1", opening(), 0))
    assert state.revealed == 3
    assert apply(state, CountedOnce(0, "0xa1")).revealed == 2


def test_r_5_a_struck_batch_counts_for_nothing_and_frees_its_seats() -> None:
    state = replay([OPENED, BatchCommitted(0, b"r", 4, b"d")])
    state = apply(state, BatchStruck(0))
    assert (state.seats, state.revealed, dict(state.reveals)) == (0, 0, {})
    state = apply(state, BatchCommitted(1, b"q", 4, b"f"))
    state = apply(state, UpdateRevealed("0xa1", opening(), 1))
    assert (state.revealed, dict(state.taken_from)) == (1, {"0xa1": 1})
    with pytest.raises(RoundError, match="struck already"):
        apply(state, BatchStruck(0))


@pytest.mark.parametrize(
    "revealed", [UpdateRevealed("0xa1", opening(), 0), BatchRevealed(0, b"s", 3, b"e")]
)
def test_r_5_a_batch_that_something_was_revealed_from_is_not_struck(revealed: RoundEvent) -> None:
    state = apply(replay([OPENED, BatchCommitted(0, b"r", 4, b"d")]), revealed)
    with pytest.raises(RoundError, match="something was revealed already"):
        apply(state, BatchStruck(0))


def test_the_coordinators_day() -> None:
    state = replay([OPENED])
    assert coordinator_actions(state, 0) == [Action(RoundStep.WAIT, 100)]
    assert coordinator_actions(state, 100) == [Action(RoundStep.WAIT, 200)]
    assert coordinator_actions(state, 200) == [Action(RoundStep.WAIT, 300)]
    assert coordinator_actions(state, 300) == [Action(RoundStep.VOID)]
    for name in NAMES[:3]:
        state = apply(state, ParticipantEnrolled(name))
        state = apply(state, UpdateCommitted(name, b"\x01" * 32))
    for name in NAMES[:2]:
        state = apply(state, UpdateRevealed(name, opening()))
    assert coordinator_actions(state, 300) == [Action(RoundStep.PROPOSE)]
    assert coordinator_actions(state, 400) == [Action(RoundStep.VOID)]
    state = apply(state, ResultProposed(RESULT, 360))
    assert coordinator_actions(state, 310) == [Action(RoundStep.WAIT, 360)]
    assert coordinator_actions(state, 360) == [Action(RoundStep.FINALISE)]
    done = coordinator_actions(apply(state, RoundFinalised()), 360)
    assert done == [Action(RoundStep.PUBLISH), Action(RoundStep.PAY)]
    assert coordinator_actions(apply(state, RoundVoided()), 360) == [Action(RoundStep.LEAVE)]


def test_the_participants_day() -> None:
    me, state = "0xa1", replay([OPENED])
    assert participant_actions(state, me, 0) == [Action(RoundStep.ENROL)]
    assert participant_actions(state, me, 100) == [Action(RoundStep.LEAVE)]
    state = apply(state, ParticipantEnrolled(me))
    assert participant_actions(state, me, 0) == [Action(RoundStep.WAIT, 100)]
    assert participant_actions(state, me, 100) == [Action(RoundStep.COMMIT)]
    assert participant_actions(state, me, 200) == [Action(RoundStep.LEAVE)]
    state = apply(state, UpdateCommitted(me, b"\x01" * 32))
    assert participant_actions(state, me, 100) == [Action(RoundStep.WAIT, 200)]
    assert participant_actions(state, me, 200) == [Action(RoundStep.REVEAL)]
    assert participant_actions(state, me, 300) == [Action(RoundStep.LEAVE)]
    state = apply(state, UpdateRevealed(me, opening()))
    assert participant_actions(state, me, 200) == [Action(RoundStep.LEAVE)]


def test_r_6_a_round_is_lost_when_its_minimum_cannot_be_met_any_more() -> None:
    state = replay([replace(OPENED, terms=replace(TERMS, maximum_participants=2))])
    for name in NAMES[:2]:
        state = apply(state, ParticipantEnrolled(name))
    state = apply(state, UpdateCommitted("0xa1", b"\x01" * 32))
    state = apply(state, UpdateRevealed("0xa1", opening()))
    assert not is_lost(state, 150)
    assert is_lost(state, 200)
