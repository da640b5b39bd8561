"""A participant that was stopped goes on for its stake (F-10, F-16)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import final

from staked_federation import FUNDS, PEOPLE, STAKE, StakedFederation

from registry.signing import LocalSigner
from trainer.adapters.registry_board import RegistryBoard
from trainer.participant.round_loop import join_rounds
from trainer.ports import Clock
from trainer.staked.acceptance import Acceptance
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.staked_participant import StakedParticipant
from trainer.staked.work_folders import WorkFolder

FIRST, SECOND = PEOPLE[:2]


@final
class Hasty(Clock):
    """The chain's time, of which waiting lets some more pass."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> int:
        """Returns the chain's time."""
        return self._clock.now()

    def wait_until(self, moment: int) -> None:
        """Waits, and a little longer."""
        self._clock.wait_until(moment + 400)


def attendance(f: StakedFederation, who: LocalSigner) -> StakedParticipant:
    """What a process that has just begun does for an account's stake."""
    parts = RegistryBoard(f.client(who)), f.board(who), Hasty(f.clock)
    follower = StakedRoundAgent(*parts, f.watcher(who, "-anew"), f.holder(who), told=f.notes.append)
    return StakedParticipant(f.board(who), follower, f.outcomes(who), Hasty(f.clock), Acceptance(0))


def joined(f: StakedFederation, rounds: int) -> int:
    """Lets the first participant join anew; returns how many rounds it counts."""
    participant = f.participant(0)
    participant._context = replace(participant.context, clock=Hasty(f.clock))
    attends = attendance(f, FIRST)
    return join_rounds(participant, f.version.model_id, rounds, attendance=attends)


def test_who_was_stopped_after_its_reveal_vouches_and_answers_when_it_comes_back(
    staked: StakedFederation,
) -> None:
    round_id = staked.revealed(certified=False)
    second = staked.holder(SECOND)
    assert second.step(staked.board().state(round_id), staked.clock.now())
    # Terms that it would not accept now: it has its seat.
    assert joined(staked, 1) == 1
    state = staked.board().state(round_id)
    assert set(state.vouched[FIRST.address]) == {who.address for who in PEOPLE}
    assert state.certified == state.participants


def test_the_stake_of_a_round_that_ended_meanwhile_comes_back(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    honest = staked.proposer()
    honest.propose(round_id)
    staked.certify_result(round_id)
    honest.settle(round_id)
    assert staked.owner.stakes.of(FIRST.address).free == FUNDS - STAKE
    assert joined(staked, 0) == 0
    assert staked.owner.stakes.of(FIRST.address).free == FUNDS


def test_two_processes_of_an_account_work_in_folders_of_their_own(tmp_path: Path) -> None:
    first, second = WorkFolder(tmp_path / "staked"), WorkFolder(tmp_path / "staked")
    assert (first.path.name, second.path.name) == ("0", "1")
    (first.path / "kept").write_text("")
    del first
    again = WorkFolder(tmp_path / "staked")
    assert (again.path / "kept").exists()
    assert second.path != again.path
