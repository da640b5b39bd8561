"""Rounds by invitation: the coordinator draws from a list, participants find out by themselves.

given participants that a list names
  when each round invites a part of them
    it trains the ones that the draw names, and passes the others over
    it draws the same ones again from the same seed
given an account that the list doesn't name
    it leaves the round alone
given terms that name another list
    it isn't opened
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from memory_federation import Federation

from registry.documents.allow_list import AllowList
from registry.errors import RoundError, TrainingError
from trainer.coordinator.federation_options import FederationOptions
from trainer.coordinator.round_loop import Invitations, RoundPlan, conduct
from trainer.engines import run_in_process
from trainer.participant.round_loop import join_rounds
from trainer.protocol.actions import RoundStep
from trainer.types import Lattice


def _plan(federation: Federation, available: AllowList, **options: Any) -> RoundPlan:
    chosen = FederationOptions(min_available_clients=len(available.addresses), **options)
    return RoundPlan(
        document=federation.document,
        lattice=Lattice(16, -12, 8),
        seats=2,
        minimum=2,
        invitations=Invitations(available, chosen, seed=4),
        weight_cap=1_000,
    )


def _people(federation: Federation) -> AllowList:
    return AllowList.of(federation.people[index].address for index in range(4))


def _opened(federation: Federation, number: int, available: AllowList) -> tuple[bytes, AllowList]:
    plan = _plan(federation, available, fraction_fit=0.5)
    invited = plan.invited(number)
    assert invited is not None
    terms, document = plan.terms(federation.model_id, 1, federation.clock.now(), invited)
    return federation.coordinator().open(terms, document, invited), invited


def test_a_round_trains_whom_the_draw_names(federation: Federation) -> None:
    round_id, invited = _opened(federation, 1, _people(federation))
    people = [federation.participant(index) for index in range(4)]
    result = run_in_process(federation.coordinator(), people, federation.clock, round_id)
    assert result.document is not None
    trained = [entry.participant for entry in result.document.accepted]
    assert tuple(trained) == invited.addresses
    assert len(trained) == 2
    assert set(federation.board().state(round_id).enrolled) == set(trained)


def test_rounds_draw_anew_and_the_seed_draws_the_same(federation: Federation) -> None:
    plan = _plan(federation, _people(federation), fraction_fit=0.5)
    drawn = [plan.invited(number) for number in range(1, 9)]
    assert drawn == [plan.invited(number) for number in range(1, 9)]
    assert len({invited.addresses for invited in drawn if invited}) > 1


def test_whom_the_list_leaves_out_leaves_the_round(federation: Federation) -> None:
    round_id, invited = _opened(federation, 1, _people(federation))
    outsider = federation.participant(4)
    progress = outsider.step(round_id)
    assert (progress.acted, progress.next.step) == (False, RoundStep.LEAVE)
    assert not outsider.is_invited(federation.board().state(round_id))
    assert outsider.address not in invited.addresses


def test_joining_passes_over_rounds_of_others(federation: Federation) -> None:
    available = _people(federation)
    round_id, _ = _opened(federation, 1, available)
    outsider = federation.participant(4)
    with pytest.raises(TrainingError, match="no round opened"):
        join_rounds(
            outsider,
            federation.model_id,
            1,
            idle_seconds=5,
        )
    assert federation.board().state(round_id).enrolled == ()


def test_conducting_invites_round_by_round(federation: Federation) -> None:
    available = _people(federation)
    plan = _plan(federation, available, fraction_fit=0.5)
    coordinator, board = federation.coordinator(), federation.board()
    many = FederationOptions(min_available_clients=9)
    wanting = replace(plan, invitations=Invitations(available, many))
    with pytest.raises(TrainingError, match="at least 9"):
        conduct(coordinator, federation.model_id, wanting, 1)
    # Nobody joins: the deadlines pass, and the round is voided. Its terms are what counts here.
    results = conduct(coordinator, federation.model_id, plan, 2)
    assert [result.document for result in results] == [None, None]
    for number, round_id in enumerate(board.rounds_of(federation.model_id), start=1):
        invited = plan.invited(number)
        assert invited is not None
        terms = board.state(round_id).terms
        assert terms.allow_list_root == invited.root
        assert terms.maximum_participants == len(invited.addresses)


def test_a_round_that_was_left_open_is_finished_told_and_not_counted(
    federation: Federation,
) -> None:
    plan, board = _plan(federation, _people(federation)), federation.board()
    left_over, _ = _opened(federation, 1, _people(federation))
    told: list[int] = []
    resumed: list[int] = []
    results = conduct(
        federation.coordinator(),
        federation.model_id,
        plan,
        2,
        lambda number, result: told.append(number),
        resumed=resumed.append,
    )
    assert board.state(left_over).voided  # nobody joined
    assert (resumed, told) == ([1], [1, 2, 3])
    assert len(results) == 2
    assert left_over not in {result.round_id for result in results}


def test_terms_that_name_another_list_are_not_opened(federation: Federation) -> None:
    plan = _plan(federation, _people(federation))
    invited, other = plan.invited(1), AllowList.of([federation.people[5].address])
    terms, document = plan.terms(federation.model_id, 1, federation.clock.now(), invited)
    for given in (None, other):
        with pytest.raises(RoundError, match="allow-list"):
            federation.coordinator().open(terms, document, given)
    assert federation.board().rounds_of(federation.model_id) == []
