"""Two coordinators of one account: one machine takes one, two machines take each step once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from memory_federation import Federation

from registry.errors import ConfigError, Reverted
from trainer.adapters import MemoryBoard
from trainer.coordinator.coordinator import Coordinator
from trainer.coordinator.single_coordinator import conducting_alone
from trainer.engines import run_in_process
from trainer.ports import PublishedVersion, RoundContext
from trainer.protocol.actions import RoundStep
from trainer.protocol.progress import Progress


def test_a_second_coordinator_on_a_machine_is_refused_in_one_line(tmp_path: Path) -> None:
    with conducting_alone(tmp_path / "work", "rounds of m for 0x1"):
        with (
            pytest.raises(ConfigError, match="another coordinator on this machine conducts rounds"),
            conducting_alone(tmp_path / "work", "rounds of m for 0x1"),
        ):
            pass
        with conducting_alone(tmp_path / "other", "rounds of n for 0x1"):
            pass
    with conducting_alone(tmp_path / "work", "rounds of m for 0x1"):
        pass


def race(board: MemoryBoard, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Makes a board a moment late each time: the other coordinator takes the step.

    Returns the steps that were taken by the other.
    """
    late: list[str] = []
    finalised, published = board.finalise, board.publish_version

    def finalise(round_id: bytes) -> None:
        finalised(round_id)
        late.append("finalise")
        raise Reverted("NotProposed")

    def publish_version(*arguments: Any) -> PublishedVersion:
        published(*arguments)
        if "publish" not in late:
            late.append("publish")
            raise Reverted("VersionTaken")
        return published(*arguments)

    monkeypatch.setattr(board, "finalise", finalise)
    monkeypatch.setattr(board, "publish_version", publish_version)
    return late


def test_a_step_that_the_other_machine_has_taken_is_gone_on_from(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = federation.board()
    late = race(board, monkeypatch)
    context = RoundContext(board, federation.blobs, federation.clock)
    coordinator = Coordinator(context, federation.work / "c")
    round_id = coordinator.open(federation.terms(), federation.document)
    people = [federation.participant(index) for index in range(3)]
    result = run_in_process(coordinator, people, federation.clock, round_id)
    assert late == ["finalise", "publish"]
    assert result.version is not None
    assert len(board.versions(federation.model_id)) == 2


def test_a_refusal_that_nobody_else_s_step_explains_is_told(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paused(round_id: bytes) -> None:
        raise Reverted("Paused")

    board = federation.board()
    monkeypatch.setattr(board, "void", paused)
    context = RoundContext(board, federation.blobs, federation.clock)
    coordinator = Coordinator(context, federation.work / "c")
    round_id = coordinator.open(federation.terms(), federation.document)
    federation.clock.wait_until(federation.terms().proposal_deadline)
    with pytest.raises(Reverted, match="Paused"):
        coordinator.step(round_id)


def test_two_coordinators_conduct_the_round_that_stands(federation: Federation) -> None:
    first, second = federation.coordinator("a"), federation.coordinator("b")
    round_id = first.open(federation.terms(), federation.document)
    people = [federation.participant(index) for index in range(3)]
    ended: list[Progress] = []
    while len(ended) < 2:
        acted = [person.step(round_id).acted for person in people]
        progress = [one.step(round_id) for one in (first, second)]
        ended = [one for one in progress if one.next.step is RoundStep.LEAVE]
        if not any([*acted, *(one.acted for one in progress)]):
            federation.clock.wait_until(progress[0].next.until)
    assert len(federation.board().versions(federation.model_id)) == 2
    assert first.result(round_id) == second.result(round_id)
