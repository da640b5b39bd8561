"""Journey: `tally train coordinate`, two `tally train join` and `tally watch`, all under stake.

A stranger with stake proposes a wrong sum before the coordinator can propose. The watcher proves
it, the coordinator's honest proposal settles, and what was paid for whom adds up.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cheating_proposers as proposers
import pytest
from running_commands import NUDGING, end, start
from staked_federation import (
    CHEAT,
    MODEL,
    PEOPLE,
    STAKE,
    WATCHER,
    StakedFederation,
    federation_on_a_chain,
)
from tests_roles import OWNER

from registry.audit import audit
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay

Process = subprocess.Popen[str]
SHAPES = "torch.nn.Linear(4, 100), torch.nn.Linear(100, 3)"
UNDER_STAKE = ("--stake", str(STAKE), "--answer-seconds", "100", "--certify-seconds", "100")


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[StakedFederation]:
    """A published model on a chain of its own; everybody but its owner has stake."""
    with federation_on_a_chain(tmp_path) as made:
        (tmp_path / "nudging.py").write_text(NUDGING.replace("SHAPES", SHAPES))
        yield made


def done(process: Process, code: int = 0) -> tuple[str, str]:
    """What a process printed, once it has ended with the expected code."""
    output, errors = process.communicate(timeout=100)
    assert process.returncode == code, errors
    assert "Traceback" not in errors
    return output, errors


def await_state(holds: Callable[[], bool], running: list[Process]) -> None:
    """Returns when something holds; fails when a process has ended with an error before."""
    while not holds():
        failed = [p for p in running if p.poll()]
        assert not failed, failed[0].communicate()


def join(f: StakedFederation, index: int, work: Path, *words: str) -> Process:
    """Starts a participant whose data move every parameter by a quarter, or half."""
    data = work / f"data-{index}"
    data.write_text(str(0.25 * (index + 1)))
    given = ("--client", "nudging:Nudge", "--data", str(data), "--threads", "1")
    return start(f.place, PEOPLE[index], "train", "join", MODEL, *given, *words)


def lie_first(f: StakedFederation, round_id: bytes, coordinator: Process, watcher: Process) -> None:
    """A cheat proposes, and a watcher finds it out, while the coordinator stands still."""
    coordinator.send_signal(signal.SIGSTOP)
    try:
        f.clock.wait_until(f.board().state(round_id).slash_end)
        f.proposer(CHEAT, proposers.wrong_sum(coordinate=300)).propose(round_id)
        await_state(lambda: f.board().state(round_id).standing is None, [watcher])
    finally:
        coordinator.send_signal(signal.SIGCONT)


def offer_stake(f: StakedFederation, who: LocalSigner) -> None:
    """An account puts up stake from the command line."""
    done(start(f.place, who, "stake", "deposit", str(3 * STAKE)))
    added = ("--add", "StakedRounds", "--add", "Questions")
    done(start(f.place, who, "stake", "controllers", *added))


def certified(f: StakedFederation, round_id: bytes) -> int:
    """When disputes about the standing proposal end; 0 before a quorum holds it."""
    standing = f.board().state(round_id).standing
    return 0 if standing is None else standing.ends_at


def test_a_round_under_stake_from_the_command_line(ground: StakedFederation) -> None:
    f, work, board = ground, ground.place.work, ground.board()
    offer_stake(f, OWNER)
    words = ("--num-rounds", "1", "--phase-seconds", "300", "--budget", "1000")
    coordinator = start(f.place, OWNER, "train", "coordinate", MODEL, *words, *UNDER_STAKE)
    watcher = start(f.place, WATCHER, "watch", MODEL, "--num-rounds", "1")
    joined = [join(f, index, work, "--stake", str(STAKE)) for index in range(2)]
    running = [coordinator, watcher, *joined]
    try:
        opened = board.rounds_of
        await_state(lambda: bool(opened(f.version.model_id)), running)
        (round_id,) = opened(f.version.model_id)
        await_state(lambda: len(board.state(round_id).counted) == 2, running)
        lie_first(f, round_id, coordinator, watcher)
        await_state(lambda: board.state(round_id).proposals == 2, running)
        await_state(lambda: certified(f, round_id) > 0, running)  # by the two who joined
        f.clock.wait_until(certified(f, round_id))
        told = [done(process) for process in running]
    finally:
        end(*running)
    assert json.loads(told[0][0].splitlines()[-1])["version"] == 2
    # Whoever stays in the round watches it: the first of them that proved it is awarded.
    proved = [output for output, _ in told[1:] if '"kind": "WrongChunk"' in output]
    assert len(proved) == 1
    assert f.owner.stakes.of(CHEAT.address).locked == 0
    awards = [f.owner.stakes.of(who.address).awarded for who in (WATCHER, *PEOPLE)]
    assert sorted(awards)[-2:] == [0, 3 * STAKE // 2]
    for index in range(2):
        done(start(f.place, PEOPLE[index], "stake", "release", MODEL, "1"))
    assert all(f.owner.stakes.of(who.address).locked == 0 for who in (OWNER, *PEOPLE))
    f.check_vault()
    report = audit(f.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_a_stake_that_was_not_allowed_is_not_locked(ground: StakedFederation) -> None:
    f, work, board = ground, ground.place.work, ground.board()
    words = ("--phase-seconds", "300", "--num-rounds", "9")
    coordinator = start(f.place, OWNER, "train", "coordinate", MODEL, *words, *UNDER_STAKE)
    try:
        await_state(lambda: bool(board.rounds_of(f.version.model_id)), [coordinator])
        _, errors = done(join(f, 2, work, "--stake", str(STAKE - 1)), 2)
    finally:
        end(coordinator)
    assert f"allow it with --stake {STAKE}" in errors
    assert f.owner.stakes.of(PEOPLE[2].address).locked == 0
