"""Given a round whose terms say hidden

when everybody reveals: the version is the plain round's to the bit, and nobody's update lies open
when one drops out after it shared its secrets: the sum is that of the others
when a survivor is offline at the unmasking: its neighbours open its seed by their shares
when too many are offline: the round is void, nobody's seed was opened by the rest, refund
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from memory_federation import Federation, document_of

from registry.errors import RoundError
from trainer.coordinator.coordinator import RoundResult
from trainer.participant.participant import Participant
from trainer.ports import RoundContext
from trainer.privacy.hidden_actions import summing_action, unmasking_action
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.round_state import RoundState
from trainer.types import RoundTerms

WEIGHTS = HiddenTerms(weight_cap=1_000)


@pytest.fixture
def hidden(tmp_path: Path) -> Federation:
    """A federation whose rounds hide updates and weights."""
    made = Federation(tmp_path)
    made.document = replace(made.document, scoring="equal", hidden=WEIGHTS)
    return made


def terms(federation: Federation, seats: int = 3, **changes: object) -> RoundTerms:
    """A hidden round's: weights on the chain are 1."""
    told = {"weight_cap": 1, "maximum_participants": seats, **changes}
    return federation.terms(document_digest=federation.document.digest, **told)


def plain_round(folder: Path, people: int) -> RoundResult:
    """The same round, hiding nothing."""
    federation = Federation(folder)
    federation.document = replace(federation.document, scoring="equal")
    open_terms = federation.terms(
        document_digest=federation.document.digest, maximum_participants=max(people, 3)
    )
    return federation.round([federation.participant(i) for i in range(people)], open_terms)


def seen(federation: Federation, result: RoundResult) -> tuple[RoundState, HiddenState]:
    """The round as its boards have it at the end."""
    board = federation.board()
    state = board.hidden.state(result.round_id)
    assert state is not None
    return board.state(result.round_id), state


class Absent:
    """A participant that does nothing from some step on."""

    def __init__(self, who: Participant, *steps: RoundStep) -> None:
        self.who, self.steps = who, steps

    def __getattr__(self, name: str) -> object:
        return getattr(self.who, name)

    def step(self, round_id: bytes) -> object:
        """Does what the round asks for, unless it is gone."""
        from trainer.protocol.progress import Progress

        state = self.who.state(round_id)
        if self.who._action(state).step in self.steps:
            return Progress(False, Action(RoundStep.WAIT, state.terms.proposal_deadline))
        return self.who.step(round_id)


def test_a_hidden_sum_is_the_plain_one_to_the_bit(hidden: Federation, tmp_path: Path) -> None:
    result = hidden.round([hidden.participant(i) for i in range(3)], terms(hidden))
    plain = plain_round(tmp_path / "plain", 3)
    assert document_of(result).result_root == document_of(plain).result_root
    assert {entry.weight for entry in document_of(result).accepted} == {1}
    assert sorted(document_of(result).shares.values()) == [333_333, 333_333, 333_334]


def test_who_drops_out_is_in_no_sum(hidden: Federation, tmp_path: Path) -> None:
    people = [hidden.participant(i) for i in range(4)]
    gone = Absent(people[3], RoundStep.REVEAL)
    result = hidden.round([*people[:3], gone], terms(hidden, 4))  # type: ignore[list-item]
    plain = plain_round(tmp_path / "plain", 3)
    assert document_of(result).result_root == document_of(plain).result_root
    _, state = seen(hidden, result)
    assert set(state.secrets) == {people[3].address}
    assert set(state.seeds) == {person.address for person in people[:3]}


def insisting(federation: Federation, index: int, least: int) -> Participant:
    """A participant that takes part in sums of at least so many alone."""
    signer = federation.people[index]
    context = RoundContext(federation.board(signer), federation.blobs, federation.clock)
    training = federation.honest(index)
    return Participant(context, signer, training, federation.work / "p", least_in_sum=least)


def test_who_insists_on_hiding_takes_no_seat_in_a_round_that_shows_updates(tmp_path: Path) -> None:
    plain = Federation(tmp_path)
    round_id = plain.coordinator().open(plain.terms(), plain.document)
    with pytest.raises(RoundError, match="doesn't hide updates, and this account takes part where"):
        insisting(plain, 0, 2).step(round_id)
    assert plain.board().state(round_id).enrolled == ()


def test_who_insists_on_more_than_a_group_has_takes_no_seat(hidden: Federation) -> None:
    coordinator = hidden.coordinator()
    round_id = coordinator.open(terms(hidden), hidden.document)
    coordinator.step(round_id)
    with pytest.raises(RoundError, match="at least 4"):
        insisting(hidden, 0, 4).step(round_id)
    assert hidden.board().state(round_id).enrolled == ()


def test_who_insists_opens_no_sum_of_fewer(hidden: Federation) -> None:
    """Of four, one drops out: the sum would be of three, and all ask for four."""
    people: list[Any] = [insisting(hidden, i, 4) for i in range(4)]
    people[3] = Absent(people[3], RoundStep.REVEAL)
    result = hidden.round(people, terms(hidden, 4))
    assert result.document is None
    state, told = seen(hidden, result)
    assert state.voided
    assert told.seeds == {}
    assert told.posted == {}


def test_nothing_is_opened_while_the_block_that_wrote_survivors_down_may_be_taken_back(
    hidden: Federation,
) -> None:
    people: list[Any] = [hidden.participant(i) for i in range(4)]
    people[3] = Absent(people[3], RoundStep.REVEAL)
    coordinator = hidden.coordinator()
    round_id = coordinator.open(terms(hidden, 4), hidden.document)
    board, told = hidden.board(), None
    while told is None or not told.frozen:
        if not any(person.step(round_id).acted for person in [coordinator, *people]):
            hidden.clock.wait_until(hidden.clock.now() + 10)
        told = board.hidden.state(round_id)
    state, now, me = board.state(round_id), hidden.clock.now(), people[0].address
    assert unmasking_action(state, told, me, now) == Action(RoundStep.POST_SHARES)
    young = replace(told, unsettled=frozenset({0}))
    waits = Action(RoundStep.WAIT, told.schedule.unmask_deadline)
    assert unmasking_action(state, young, me, now) == waits
    assert summing_action(state, young, now) == waits
