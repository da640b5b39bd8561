"""What a voided round was short of, when an empty one is withdrawn, and until when a result waits.

given a voided round
  then it was short of seats, of reveals, or of neither: then too few aren't why
given a round in which nobody took a seat
  then it is withdrawn a fortieth of a phase before its deadline, at most a quarter of a minute
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from memory_federation import Federation

from registry.dates import date_text
from registry.documents.batch_entries import Opening
from registry.errors import NoParticipants
from trainer.coordinator.shortage import EmptyRounds, shortage
from trainer.protocol.actions import is_deserted, withdrawal_time
from trainer.protocol.round_state import RoundState
from trainer.protocol.round_words import changes
from trainer.types import ProposedResult

WORD = bytes(32)


def state_of(federation: Federation, seats: int = 0, revealed: int = 0) -> RoundState:
    """A voided round that needs two, with so many seats and reveals."""
    people = [signer.address for signer in federation.people[:seats]]
    return RoundState(
        WORD,
        federation.people[5].address,
        1,
        federation.terms(),
        enrolled=tuple(people),
        reveals={who: Opening(who, WORD, WORD, 40, WORD) for who in people[:revealed]},
        voided=True,
    )


@pytest.mark.parametrize(
    ("seats", "revealed", "says"),
    [
        (0, 0, "nobody took a seat by {enrolment}"),
        (1, 0, "1 of at least 2 seats were taken by {enrolment}"),
        (2, 0, "0 of at least 2 updates were revealed by {reveal}"),
        (3, 1, "1 of at least 2 updates were revealed by {reveal}"),
        (2, 2, ""),
        (3, 3, ""),
    ],
)
def test_a_voided_round_was_short_of_seats_of_reveals_or_of_neither(
    federation: Federation, seats: int, revealed: int, says: str
) -> None:
    state = state_of(federation, seats, revealed)
    enrolment, reveal = state.terms.enrolment_deadline, state.terms.reveal_deadline
    expected = says.format(enrolment=date_text(enrolment), reveal=date_text(reveal))
    assert shortage(state) == expected
    assert shortage(replace(state, voided=False)) == ""


def test_only_too_few_seats_make_a_round_empty(federation: Federation) -> None:
    rounds = EmptyRounds(2)
    rounds.add(state_of(federation, 1))
    rounds.add(state_of(federation, 2))
    rounds.add(state_of(federation, 1))
    with pytest.raises(NoParticipants, match="in 2 rounds in a row"):
        rounds.add(state_of(federation, 0))


@pytest.mark.parametrize(
    ("phase", "sooner"), [(39, 0), (40, 1), (100, 2), (599, 14), (600, 15), (6_000, 15)]
)
def test_an_empty_round_is_withdrawn_a_little_before_its_deadline(
    federation: Federation, phase: int, sooner: int
) -> None:
    enrolment = federation.clock.now() + 9_000
    terms = replace(
        federation.terms(),
        enrolment_deadline=enrolment,
        commit_deadline=enrolment + phase,
        reveal_deadline=enrolment + 2 * phase,
        proposal_deadline=enrolment + 3 * phase,
    )
    state = replace(state_of(federation), terms=terms, voided=False)
    at = withdrawal_time(state)
    assert at == enrolment - sooner
    assert not is_deserted(state, at - 1)
    assert is_deserted(state, at) is (sooner > 0)
    assert not is_deserted(state, enrolment)
    assert not is_deserted(replace(state_of(federation, 1), terms=terms, voided=False), at)


def test_a_result_that_nobody_can_challenge_any_more_isn_t_said_to_be(
    federation: Federation,
) -> None:
    before = replace(state_of(federation, 2, 2), voided=False)
    result = ProposedResult(WORD, WORD, WORD, 2, 80)
    after = replace(before, result=result, challenge_ends_at=1_806_000_000)
    proposed = "a result of 2 updates is proposed"
    assert changes(before, after, 1_806_000_000) == [proposed]
    until = "; it is final after 2027-03-25 18:40:00 UTC unless challenged"
    assert changes(before, after, 1_805_999_999) == [proposed + until]
