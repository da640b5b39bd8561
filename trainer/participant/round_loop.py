"""Takes part in the rounds of a model as they open: the participant's outer loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.errors import (
    ChainError,
    ConfigError,
    Reverted,
    StoreUnavailable,
    TrainingError,
)
from trainer.pacing.patience import Patience
from trainer.participant.failures import missed_text, told_failure
from trainer.participant.participant import Participant
from trainer.ports import Clock, RoundBoard
from trainer.protocol.round_state import RoundState, phase_at
from trainer.staked.staked_participant import StakedParticipant
from trainer.strategies import client_needs
from trainer.types import Phase

__all__ = ["Failures", "join_rounds"]

_ENDED = (Phase.PROPOSED, Phase.FINALISED, Phase.VOIDED)
_LONGEST_REST = 60  # seconds


@dataclass
class Failures:
    """Rounds that failed here, and when to give up.

    Args:
        most: so many in a row are too many, at least 1.
        told: called with each such round, and what happened.
    """

    most: int = 3
    told: Callable[[RoundState, str], None] = lambda state, why: None
    _in_a_row: int = field(default=0, init=False)
    _last: str = field(default="", init=False)

    def add(self, state: RoundState, why: str) -> None:
        """Notes a round that failed.

        Raises:
            TrainingError: there were too many in a row; it says what happened in the last one.
        """
        self._in_a_row += 1
        self.pass_over(state, why)
        if self._in_a_row >= self.most:
            raise TrainingError(
                f"gave up after {self._in_a_row} rounds in a row that failed here; {self._last}"
            )

    def pass_over(self, state: RoundState, why: str) -> None:
        """Notes a round that can't be entered: whoever opens such rounds ends nobody's joining."""
        self._last = f"round {state.number}: {why}"
        self.told(state, why)

    def end(self) -> None:
        """Notes a round that went well."""
        self._in_a_row, self._last = 0, ""

    def __str__(self) -> str:
        return f"; the last one failed here, {self._last}" if self._last else ""


def join_rounds(
    participant: Participant,
    model_id: bytes,
    rounds: int,
    idle_seconds: int = 600,
    told: Callable[[RoundState], None] = lambda state: None,
    attendance: StakedParticipant | None = None,
    failures: Failures | None = None,
) -> int:
    """Takes part in rounds until so many are done; returns how many.

    Who was stopped after its reveal takes that round up again for its stake. A round that fails
    here isn't counted, and the next one is joined; malformed or missing documents are told.

    Args:
        participant: acts on the board of its context, by its clock.
        model_id: what is trained.
        rounds: how many to take part in.
        idle_seconds: give up when no round opens for so long.
        told: called after each round that is counted.
        attendance: what is done for the stake of rounds under stake; None: there are none.
        failures: how many in a row end it; three without it.

    Raises:
        TrainingError: no round opened in time, or too many failed in a row.
        ConfigError: a setting of this participant's own is wrong, or leaves out what a round asks
            for: more stake than may be locked, or what its training doesn't offer.
        StoreUnavailable, ChainError: this participant's storage, or node, doesn't answer.
    """
    board, clock = participant.context.board, participant.context.clock
    done: set[bytes] = set()  # with those that have other participants
    failed = failures or Failures()
    count, idle = 0, _Idle(clock, idle_seconds)
    if attendance is not None:
        attendance.collect(model_id)  # of rounds that ended while nobody was here
    while count < rounds:
        with board.look():
            open_round = _joinable(participant, board, clock, model_id, done, failed, attendance)
            live = not done.issuperset(board.rounds_of(model_id))
        if open_round is None:
            idle.rest(live, failed)
            continue
        why = _tried(participant, board, attendance, model_id, open_round)
        done.add(open_round)
        idle, state = _Idle(clock, idle_seconds), board.state(open_round)
        if _counts(participant, state, why, failed):
            count += 1
            told(state)
    return count


class _Idle:
    """The time since which there was no round to take part in."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock, self._most = clock, most
        self._since, self._patience = clock.now(), Patience(clock)

    def rest(self, live: bool, failures: Failures) -> None:
        """Waits for a round; `live` says that one may come to be joinable by time alone.

        Raises:
            TrainingError: it was too long.
        """
        end = self._since + self._most + 1
        if self._clock.now() >= end:
            raise TrainingError(
                f"no {'other ' if str(failures) else ''}round opened within {self._most} s"
                f"{failures or '; is the coordinator running?'}"
            )
        if live:
            self._patience.rest(end)
        else:  # nothing but a block brings a new one
            self._clock.wait_until(min(end, self._clock.now() + _LONGEST_REST))


def _counts(
    participant: Participant, state: RoundState, why: str | None, failures: Failures
) -> bool:
    """Tells whether a round was one that this participant took part in; notes one that failed.

    Raises:
        TrainingError: too many failed in a row.
    """
    inside = participant.is_inside(state)
    # Who is inside has missed something, unless the round became void for everybody.
    if why is None and inside and not state.voided and not participant.has_revealed(state):
        why = missed_text(state, participant.address)
    if why is not None:
        failures.add(state, why)
        return False
    if inside:
        failures.end()
    return inside  # else others took the seats


def _tried(
    participant: Participant,
    board: RoundBoard,
    attendance: StakedParticipant | None,
    model_id: bytes,
    round_id: bytes,
) -> str | None:
    """Takes part in a round; returns what failed in it, or None.

    Raises:
        ConfigError: another round would end alike.
        ChainError: the node doesn't answer.
    """
    try:
        _take_part(participant, attendance, model_id, round_id)
        return None
    except ConfigError:
        raise
    except Exception as error:  # what a class of the user's raises is of any kind
        if isinstance(error, ChainError) and not isinstance(error, Reverted):
            raise
        why = told_failure(error)
    committed = participant.address in board.state(round_id).commitments
    if committed and attendance is not None and attendance.is_staked(model_id, round_id):
        attendance.stay(round_id)  # an unanswered question would cost the stake
    return why


def _take_part(
    participant: Participant, attendance: StakedParticipant | None, model_id: bytes, round_id: bytes
) -> None:
    if attendance is None or not attendance.is_staked(model_id, round_id):
        participant.run(round_id)
        return
    attendance.collect(model_id)
    participant.require_offers(participant.state(round_id))
    attendance.enter(round_id, participant.allow_list_proof(round_id))
    participant.run(round_id)
    attendance.stay(round_id)


def _joinable(
    participant: Participant,
    board: RoundBoard,
    clock: Clock,
    model_id: bytes,
    done: set[bytes],
    failures: Failures,
    attendance: StakedParticipant | None,
) -> bytes | None:
    """Returns a round that this participant may enter, or is in and hasn't finished."""
    now = clock.now()
    participant.clear_ended(model_id)
    for round_id in board.rounds_of(model_id):
        if round_id in done:
            continue
        state = board.state(round_id)
        if client_needs(state.terms.strategy).mixes_among_peers:
            # Its peers mix after they have trained: `trainer.gossip`.
            done.add(round_id)
            continue
        if attendance is not None and attendance.is_unfinished(state, now):
            return round_id
        try:
            wanted = _wanted(participant, state, now)
        except (ChainError, ConfigError, StoreUnavailable):
            raise  # another round would meet it as well
        except Exception as error:  # what others wrote fails in any way
            done.add(round_id)
            failures.pass_over(state, told_failure(error))
            continue
        if wanted:
            return round_id
        if wanted is False:
            done.add(round_id)
    return None


def _wanted(participant: Participant, state: RoundState, now: int) -> bool | None:
    """Tells whether a round is one to take part in now; None where that may still change."""
    phase = phase_at(state, now)
    if phase in _ENDED:
        return False  # and never read again
    if phase in (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL) and participant.takes_part(state):
        return True
    if phase is Phase.ENROLMENT and participant.address not in state.enrolled:
        return participant.is_invited(state) if participant.is_as_told(state) else None
    return True if phase is Phase.PROPOSAL and participant.takes_part(state) else None
