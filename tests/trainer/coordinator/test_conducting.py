"""What a coordinator that conducts rounds finds unfinished, and takes up again."""

from __future__ import annotations

from typing import Any

from memory_federation import Federation

from trainer.coordinator.round_loop import RoundPlan, conduct, unfinished
from trainer.engines import run_in_process


def plan_of(federation: Federation) -> RoundPlan:
    """Three seats, without pay."""
    return RoundPlan(federation.document, federation.terms().lattice, seats=3, minimum=2)


def finalised(federation: Federation, people: list[Any]) -> bytes:
    """A round whose coordinator stopped when it was final and its version wasn't published."""
    coordinator = federation.coordinator("stopped")
    round_id: bytes = coordinator.open(federation.terms(), federation.document)
    while not federation.board().state(round_id).finalised:
        acted = [person.step(round_id).acted for person in people]
        progress = coordinator.step(round_id)
        if not progress.acted and not any(acted):
            federation.clock.wait_until(progress.next.until)
    assert len(federation.board().versions(federation.model_id)) == 1
    return round_id


def test_a_final_round_without_its_version_is_ended_before_the_next_one(
    federation: Federation,
) -> None:
    people = [federation.participant(i) for i in range(3)]
    left_over, board = finalised(federation, people), federation.board()
    assert unfinished(board, federation.model_id) == left_over
    coordinator, resumed = federation.coordinator(), list[int]()
    results = conduct(
        coordinator,
        federation.model_id,
        plan_of(federation),
        1,
        run=lambda one: run_in_process(coordinator, people, federation.clock, one),
        resumed=resumed.append,
    )
    assert resumed == [1]
    assert [version.round_id for version in board.versions(federation.model_id)[1:]] == [
        left_over,
        results[0].round_id,
    ]
    assert board.state(results[0].round_id).terms.base_version == 2
    assert unfinished(board, federation.model_id) is None


def test_a_round_of_another_account_or_a_voided_one_is_not_taken_up(federation: Federation) -> None:
    board = federation.board()
    assert unfinished(board, federation.model_id) is None
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    assert unfinished(board, federation.model_id) == round_id
    assert unfinished(federation.board(federation.people[0]), federation.model_id) is None
    run_in_process(federation.coordinator(), [], federation.clock, round_id)
    assert board.state(round_id).voided
    assert unfinished(board, federation.model_id) is None
