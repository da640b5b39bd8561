"""A round that fails on one machine costs that round; the next one is joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, final

import pytest
from memory_federation import Federation

from registry.dates import date_text
from registry.errors import ConfigError, NodeUnavailable, TrainingError
from trainer.participant.round_loop import Failures, join_rounds
from trainer.plan.training_plan import LocalPlan
from trainer.ports import Clock
from trainer.protocol.round_state import RoundState
from trainer.training.client import Training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State


@final
class Conducted(Clock):
    """Time that passes as the coordinator acts: it opens round after round while others wait."""

    def __init__(self, federation: Federation, rounds: int) -> None:
        self._federation, self._left = federation, rounds
        self._coordinator = federation.coordinator()
        self._open: bytes | None = None

    def now(self) -> int:
        return int(self._federation.clock.now())

    def wait_until(self, moment: int) -> None:
        if self._open is None and self._left:
            self._left -= 1
            terms = self._federation.terms(minimum_participants=1, maximum_participants=1)
            self._open = self._coordinator.open(terms, self._federation.document)
            return
        if self._open is not None:
            progress = self._coordinator.step(self._open)
            state = self._federation.board().state(self._open)
            if state.voided or state.finalised:
                self._open = None
            elif not progress.acted:
                self._federation.clock.wait_until(min(moment, progress.next.until))
            return
        self._federation.clock.wait_until(moment)


class Faulty:
    """A training that meets what its list says, one entry a round, and trains well after it."""

    def __init__(self, honest: Training, *faults: Callable[[LocalResult], LocalResult]) -> None:
        self._honest, self._faults = honest, list(faults)

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        result = self._honest(base, plan)
        return self._faults.pop(0)(result) if self._faults else result


def raises(result: LocalResult) -> LocalResult:
    raise ValueError("a picture without a label")


def not_finite(result: LocalResult) -> LocalResult:
    spoiled = {n: t * float("nan") for n, t in result.state.items() if t.is_floating_point()}
    return LocalResult({**result.state, **spoiled}, 3, {})


def well(result: LocalResult) -> LocalResult:
    return result


def joined(
    federation: Federation,
    training: Callable[[Clock], Training],
    rounds: int,
    *,
    opened: int = 9,
    most: int = 3,
) -> tuple[int, list[int], list[str]]:
    """Joins; returns how many rounds were done, their numbers, and what was told of failures."""
    clock = Conducted(federation, opened)
    participant = federation.participant(0, training(clock))
    participant._context = replace(participant.context, clock=clock)
    done: list[int] = []
    failed: list[str] = []

    def told(state: RoundState) -> None:
        done.append(state.number)

    def told_of(state: RoundState, why: str) -> None:
        failed.append(f"round {state.number}: {why}")

    count = join_rounds(
        participant,
        federation.model_id,
        rounds,
        10_000,
        told,
        failures=Failures(most, told_of),
    )
    return count, done, failed


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (raises, "round 1: ValueError: a picture without a label ("),
        (not_finite, "round 1: UpdateRefused: non_finite: "),
    ],
)
def test_a_training_that_fails_once_costs_one_round(
    federation: Federation, fault: Callable[[LocalResult], LocalResult], says: str
) -> None:
    count, done, failed = joined(
        federation, lambda clock: Faulty(federation.honest(0), fault), rounds=2
    )
    assert (count, done) == (2, [2, 3])
    (told,) = failed
    assert told.startswith(says)


def test_the_place_in_the_user_s_code_is_told(federation: Federation) -> None:
    _, _, (told,) = joined(federation, lambda clock: Faulty(federation.honest(0), raises), 1)
    assert "test_joining_after_failures.py:" in told


def test_training_that_takes_longer_than_the_phase_misses_one_round(federation: Federation) -> None:
    def slow(clock: Clock) -> Training:
        def late(result: LocalResult) -> LocalResult:
            federation.clock.wait_until(clock.now() + 250)  # beyond the commit deadline
            return result

        return Faulty(federation.honest(0), late)

    count, done, failed = joined(federation, slow, rounds=1)
    assert (count, done) == (1, [2])
    (told,) = failed
    board = federation.board()
    first = board.state(board.rounds_of(federation.model_id)[0])
    until = date_text(first.terms.commit_deadline)
    assert told.startswith(f"round 1: missed: updates were committed to until {until}")
    assert "--phase-seconds" in told


def test_failures_in_a_row_end_it_with_the_last_reason(federation: Federation) -> None:
    with pytest.raises(
        TrainingError, match=r"gave up after 2 rounds .*; round 2: ValueError: a pic"
    ):
        joined(federation, lambda clock: Faulty(federation.honest(0), *[raises] * 9), 1, most=2)
    assert TrainingError.exit_code == 9


def test_a_round_that_goes_well_forgives_the_failures_before(federation: Federation) -> None:
    faults = (raises, well, raises, not_finite)
    training = Faulty(federation.honest(0), *faults)
    count, done, failed = joined(federation, lambda clock: training, 3, most=3)
    assert (count, done, len(failed)) == (3, [2, 5, 6], 3)


def test_waiting_in_vain_tells_the_last_failure_too(federation: Federation) -> None:
    with pytest.raises(
        TrainingError, match=r"no other round opened within .* s; the last one failed here"
    ):
        joined(federation, lambda clock: Faulty(federation.honest(0), raises), 1, opened=1)


@pytest.mark.parametrize("error", [ConfigError("no such strategy"), NodeUnavailable("gone")])
def test_what_the_next_round_would_meet_as_well_ends_it_at_once(
    federation: Federation, error: Exception
) -> None:
    def refuses(result: LocalResult) -> LocalResult:
        raise error

    with pytest.raises(type(error)):
        joined(federation, lambda clock: Faulty(federation.honest(0), refuses), 1)


def test_a_step_for_a_phase_that_is_over_is_looked_at_again(federation: Federation) -> None:
    """The board as a node shows it whose newest block is undone: the enrolment is gone again."""
    round_id = federation.coordinator().open(
        federation.terms(minimum_participants=1), federation.document
    )
    board, ledger = federation.board(federation.people[0]), federation.ledger

    def undoing(result: LocalResult) -> LocalResult:
        ledger.rounds[round_id] = before
        return result

    participant = federation.participant(0, Faulty(federation.honest(0), undoing), board=board)
    before = board.state(round_id)
    participant.step(round_id)
    federation.clock.wait_until(before.terms.enrolment_deadline)
    enrolled = board.state(round_id)
    ledger.rounds[round_id] = enrolled
    before = type(enrolled)(round_id, enrolled.coordinator, 1, _later(federation, enrolled))
    participant.run(round_id)
    final = board.state(round_id)
    assert participant.has_revealed(final)
    assert final.enrolled == (participant.address,)


def _later(federation: Federation, state: RoundState) -> Any:
    """The round's terms as if it had been opened later, so that it still enrols."""
    moved = {
        name: getattr(state.terms, name) + 150
        for name in (
            "enrolment_deadline",
            "commit_deadline",
            "reveal_deadline",
            "proposal_deadline",
        )
    }
    return replace(state.terms, **moved)
