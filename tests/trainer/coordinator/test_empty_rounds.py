"""A coordinator without participants: its rounds are withdrawn, and it ends with the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from memory_federation import Federation

from registry.dates import date_text
from registry.errors import NoParticipants
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.coordinator.round_loop import RoundPlan, conduct
from trainer.engines import run_in_process
from trainer.participant.participant import Participant


def plan_of(federation: Federation, phase_seconds: int = 600) -> RoundPlan:
    """Three seats of which two are needed, without pay."""
    lattice = federation.terms().lattice
    return RoundPlan(federation.document, lattice, 3, 2, phase_seconds=phase_seconds)


def with_people(
    federation: Federation, coordinator: Coordinator, people: list[list[Participant]]
) -> Callable[[bytes], RoundResult]:
    """Runs round after round, each with its own participants."""
    left = iter(people)
    return lambda one: run_in_process(coordinator, next(left), federation.clock, one)


def test_a_round_that_nobody_enters_is_withdrawn_before_two_more_phases_pass(
    federation: Federation,
) -> None:
    began, coordinator, told = federation.clock.now(), federation.coordinator(), list[RoundResult]()
    with pytest.raises(NoParticipants) as raised:
        conduct(
            coordinator,
            federation.model_id,
            plan_of(federation),
            5,
            lambda number, result: told.append(result),
            most_empty=1,
        )
    assert raised.value.exit_code == 11
    assert began + 585 <= federation.clock.now() < began + 600
    (result,) = told
    state = federation.board().state(result.round_id)
    assert state.voided
    by = date_text(state.terms.enrolment_deadline)
    assert result.obstacle == f"nobody took a seat by {by}"
    assert f"round 1: nobody took a seat by {by}; have them run tally train check" in str(
        raised.value
    )


def test_who_comes_before_the_deadline_is_waited_for(federation: Federation) -> None:
    coordinator = federation.coordinator()
    terms = replace(federation.terms(), enrolment_deadline=federation.clock.now() + 100)
    round_id = coordinator.open(terms, federation.document)
    federation.clock.wait_until(terms.enrolment_deadline - 1)
    federation.participant(0).step(round_id)
    coordinator.step(round_id)
    assert not federation.board().state(round_id).voided


def test_rounds_in_a_row_count_and_one_that_is_full_begins_anew(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(3)]
    coordinator, numbers = federation.coordinator(), list[int]()
    run = with_people(federation, coordinator, [[], people, people[:1], [], people])
    with pytest.raises(NoParticipants, match="in 2 rounds in a row; round 4: nobody took"):
        conduct(
            coordinator,
            federation.model_id,
            plan_of(federation, 60),
            5,
            lambda number, result: numbers.append(number),
            run,
            most_empty=2,
        )
    assert numbers == [1, 2, 3, 4]


def test_without_a_limit_no_number_of_empty_rounds_ends_it(federation: Federation) -> None:
    coordinator = federation.coordinator()
    results = conduct(coordinator, federation.model_id, plan_of(federation, 60), 4)
    assert [result.document for result in results] == [None] * 4


def test_too_few_seats_are_told_as_seats_and_not_as_updates(federation: Federation) -> None:
    coordinator, told = federation.coordinator(), list[RoundResult]()
    run = with_people(federation, coordinator, [[federation.participant(0)]])
    with pytest.raises(NoParticipants, match="1 of at least 2 seats were taken by 20"):
        conduct(
            coordinator,
            federation.model_id,
            plan_of(federation, 60),
            1,
            lambda number, result: told.append(result),
            run,
            most_empty=1,
        )
    assert told[0].obstacle.startswith("1 of at least 2 seats were taken by ")
