"""What a running command tells: a line per change, and on a terminal what is waited for."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from memory_federation import Federation, document_of

from registry.cli.output import Output
from registry.dates import date_text
from trainer.cli.live import LiveRounds, countdown_text
from trainer.coordinator.coordinator import Coordinator
from trainer.engines import run_in_process
from trainer.participant.earnings import Earned, earned_in
from trainer.participant.participant import Participant
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState
from trainer.protocol.round_words import awaited, deadline_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (-5, "0:00"), (59.9, "0:59"), (245, "4:05"), (3_723, "1:02:03")],
)
def test_a_countdown_is_hours_minutes_seconds(seconds: float, text: str) -> None:
    assert countdown_text(seconds) == text


def watched(federation: Federation, live: LiveRounds) -> Coordinator:
    """The owner's coordinator, whose rounds are seen."""
    context = RoundContext(federation.board(), federation.blobs, federation.clock)
    return Coordinator(context, federation.work / "watched", on_state=live.see)


def test_a_round_is_told_change_by_change_and_each_once(
    federation: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [federation.participant(index) for index in range(2)]
    with LiveRounds(Output(), federation.clock.now) as live:
        coordinator = watched(federation, live)
        terms = federation.terms()
        round_id = coordinator.open(terms, federation.document)
        run_in_process(coordinator, people, federation.clock, round_id)
    lines = [line.removeprefix("round 1: ") for line in capsys.readouterr().out.splitlines()]
    one, two = (person.address for person in people)
    until = date_text(terms.enrolment_deadline)
    assert lines[0] == f"open for 3 participants, at least 2; seats are taken until {until}"
    assert f"{two} takes seat 2 of 3" in lines
    assert any(line.startswith(f"{one} revealed its update of weight 40: ") for line in lines)
    state = federation.board().state(round_id)
    ends = date_text(state.challenge_ends_at)
    assert lines[-2:] == [
        f"a result of 2 updates is proposed; it is final after {ends} unless challenged",
        "the result is final",
    ]
    assert len(lines) == len(set(lines))


def test_what_is_missing_is_counted_and_a_voided_round_says_why(
    federation: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    with LiveRounds(Output(), federation.clock.now) as live:
        coordinator, alone = watched(federation, live), federation.participant(0)
        round_id = coordinator.open(federation.terms(), federation.document)
        run_in_process(coordinator, [alone], federation.clock, round_id)
    told = capsys.readouterr().out
    terms = federation.board().state(round_id).terms
    assert f"{alone.address} takes seat 1 of 3; waiting for 1 more of 2\n" in told
    until = date_text(terms.enrolment_deadline)
    assert told.endswith(f"round 1: voided: 1 of at least 2 participants by {until}\n")


def test_scripts_and_the_quiet_are_told_nothing(
    federation: Federation, capsys: pytest.CaptureFixture[str]
) -> None:
    for output in (Output(as_json=True), Output(quiet=True)):
        with LiveRounds(output, federation.clock.now) as live:
            coordinator = watched(federation, live)
            round_id = coordinator.open(federation.terms(), federation.document)
            run_in_process(coordinator, [], federation.clock, round_id)
    assert capsys.readouterr().out == ""


def test_what_is_awaited_follows_the_phase(federation: Federation) -> None:
    person, clock = federation.participant(0), federation.clock
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    board = federation.board()

    def now() -> tuple[str, int]:
        state = board.state(round_id)
        return awaited(state, clock.now()), deadline_of(state, clock.now())

    terms = board.state(round_id).terms
    assert now() == ("waiting for 2 more of 2", terms.enrolment_deadline)
    person.step(round_id)
    assert now() == ("waiting for 1 more of 2", terms.enrolment_deadline)
    federation.participant(1).step(round_id)
    assert now() == ("2 of 3 seats taken, more may come", terms.enrolment_deadline)
    clock.wait_until(terms.enrolment_deadline)
    person.step(round_id)
    assert now() == ("training: 1 of 2 committed", terms.commit_deadline)
    clock.wait_until(terms.commit_deadline)
    assert now() == ("revealing: 0 of 1 revealed", terms.reveal_deadline)
    clock.wait_until(terms.reveal_deadline)
    assert now() == ("waiting for a result", terms.proposal_deadline)
    board.void(round_id)
    assert now() == ("", 0)


def test_what_a_round_pays_is_known_from_its_result_on(federation: Federation) -> None:
    people = [federation.participant(index) for index in range(2)]
    context, me = people[0].context, people[0].address
    seen: list[Earned | None] = []

    def on_state(state: RoundState) -> None:
        seen.append(earned_in(context, state, me))

    owner = RoundContext(federation.board(), federation.blobs, federation.clock)
    coordinator = Coordinator(owner, federation.work / "paying", on_state=on_state)
    round_id = coordinator.open(federation.terms(), federation.document)
    result = run_in_process(coordinator, people, federation.clock, round_id)
    share = document_of(result).shares[me]
    assert share > 0
    state = context.board.state(round_id)
    assert earned_in(context, state, me) == Earned(share, federation.token, True, 0)
    assert seen[0] is None
    proposed = next(earned for earned in seen if earned is not None)
    assert proposed == Earned(share, federation.token, False, state.challenge_ends_at)
    nobody = earned_in(context, state, "0x" + "0" * 39 + "1")
    assert nobody is not None
    assert nobody.amount == 0


SHOWN = """
import sys, time
from registry.cli.output import Output
from trainer.cli.live import LiveRounds
from types import SimpleNamespace

with LiveRounds(Output(), lambda: 0) as live:
    live._waiting, live._ends = "round 7: waiting for 1 more of 2", time.monotonic() + 65.5
    assert live._shown is not None
    live._shown.refresh()
    print("a line")
"""


def test_on_a_terminal_the_foot_counts_down_and_lines_go_above_it() -> None:
    ours, theirs = pty.openpty()
    root = Path(__file__).resolve().parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", SHOWN],
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root), "TERM": "xterm", "COLUMNS": "100"},
    ) as running:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 4_096)
            except OSError:
                break
            if not part:
                break
            said += part
        running.wait(timeout=60)
    os.close(ours)
    assert running.returncode == 0, said
    assert b"round 7: waiting for 1 more of 2, 1:05 left" in said
    assert b"a line" in said


def test_a_participant_s_own_steps_are_seen(federation: Federation) -> None:
    seen: list[int] = []
    signer = federation.people[0]
    person = Participant(
        RoundContext(federation.board(signer), federation.blobs, federation.clock),
        signer,
        federation.honest(0),
        federation.work / "seen",
        on_state=lambda state: seen.append(len(state.enrolled)),
    )
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    person.step(round_id)
    assert seen == [0, 1]
