"""A participant that fails is told and left out of the round; the others are enough."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from batched_federation import BatchScenario, accepted
from memory_federation import Federation, document_of, published_by

from registry.errors import (
    ConfigError,
    NodeUnavailable,
    Reverted,
    StoreUnavailable,
    TrainingError,
)
from trainer.adapters import MemoryBoard
from trainer.documents.version_folders import read_version
from trainer.engines import Command, LocalEngine, run_in_process
from trainer.engines.crew import Crew
from trainer.plan.training_plan import LocalPlan
from trainer.protocol.actions import RoundStep
from trainer.training.client import Training, module_training
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State


def failing(base: State, plan: LocalPlan) -> LocalResult:
    """A class of somebody's with a mistake in it."""
    raise ZeroDivisionError("no batch")


def diverging(base: State, plan: LocalPlan) -> LocalResult:
    """Comes back with a NaN in one tensor."""
    state = {name: tensor.clone() for name, tensor in base.items()}
    state["2.weight"][0, 0] = float("nan")
    return LocalResult(state, 40, {})


def failing_at_first(training: Training) -> Training:
    """Fails in round 1 alone."""

    def train(base: State, plan: LocalPlan) -> LocalResult:
        if plan.round == 1:
            raise OSError("the disk is full")
        return training(base, plan)

    return train


def test_two_bad_ones_of_five_end_nobody_s_round(federation: Federation) -> None:
    people = [federation.participant(i) for i in range(3)]
    people += [federation.participant(3, failing), federation.participant(4, diverging)]
    terms = federation.terms(minimum_participants=3, maximum_participants=5)
    told: dict[Any, Any] = {}
    coordinator = federation.coordinator()
    round_id = coordinator.open(terms, federation.document)
    result = run_in_process(coordinator, people, federation.clock, round_id, told.__setitem__)
    assert {update.participant for update in document_of(result).accepted} == {
        person.address for person in people[:3]
    }
    assert set(told) == {person.address for person in people[3:]}
    assert told[people[3].address].startswith("ZeroDivisionError: no batch (")
    assert "'2.weight' has 1 of 9 values that aren't finite" in told[people[4].address]


def test_who_failed_in_a_round_is_in_the_next_one(
    federation: Federation, caplog: pytest.LogCaptureFixture
) -> None:
    people = [federation.participant(i) for i in range(2)]
    people.append(federation.participant(2, failing_at_first(federation.honest(2))))
    with caplog.at_level(logging.WARNING):
        first = federation.round(people)
    assert f"{people[2].address} is left out of the round: OSError: the disk is full" in caplog.text
    second = federation.round(people, federation.terms(base_version=2))
    assert [len(document_of(result).accepted) for result in (first, second)] == [2, 3]


def test_too_few_that_are_left_void_the_round(federation: Federation) -> None:
    people = [federation.participant(0), *(federation.participant(i, failing) for i in (1, 2))]
    result = federation.round(people, federation.terms(minimum_participants=2))
    assert result.version is None
    assert result.document is None


def test_where_nobody_is_left_the_last_failure_is_told(federation: Federation) -> None:
    people = [federation.participant(i, failing) for i in range(3)]
    with pytest.raises(ZeroDivisionError, match="no batch"):
        federation.round(people)


def run_told(
    federation: Federation, people: list[Any], round_id: bytes
) -> tuple[Any, dict[str, str]]:
    """A round's result, and who was told to be left out."""
    told: dict[str, str] = {}
    coordinator = federation.coordinator()
    result = run_in_process(coordinator, people, federation.clock, round_id, told.__setitem__)
    return result, told


def test_a_node_that_does_not_answer_ends_the_run_and_leaves_nobody_out(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [federation.participant(i) for i in range(3)]
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    commit, told = MemoryBoard.commit, []

    def unheard(board: MemoryBoard, at: bytes, commitment: bytes) -> None:
        if board.account == people[1].address:
            raise NodeUnavailable("no answer")
        commit(board, at, commitment)

    with monkeypatch.context() as patched:
        patched.setattr(MemoryBoard, "commit", unheard)
        with pytest.raises(NodeUnavailable, match="no answer"):
            run_in_process(
                federation.coordinator(),
                people,
                federation.clock,
                round_id,
                lambda *t: told.append(t),
            )
    assert told == []
    result, left_out = run_told(federation, people, round_id)
    assert len(document_of(result).accepted) == 3
    assert left_out == {}


def test_storage_that_does_not_answer_ends_the_run_and_leaves_nobody_out(
    federation: Federation,
) -> None:
    def down(folder: Path) -> None:
        raise StoreUnavailable("no answer")

    people = [federation.participant(i) for i in range(2)]
    faulty = federation.participant(2, blobs=federation.faulty(before_put=down))
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    told: list[Any] = []
    with pytest.raises(StoreUnavailable, match="no answer"):
        run_in_process(
            *(federation.coordinator(), [*people, faulty], federation.clock, round_id),
            lambda *t: told.append(t),
        )
    assert told == []
    result, _ = run_told(federation, [*people, federation.participant(2)], round_id)
    assert len(document_of(result).accepted) == 3


def test_what_a_contract_refuses_one_participant_leaves_that_one_out(
    federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [federation.participant(i) for i in range(3)]
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    commit = MemoryBoard.commit

    def refusing(board: MemoryBoard, at: bytes, commitment: bytes) -> None:
        if board.account == people[1].address:
            raise Reverted("NotEnrolled()")
        commit(board, at, commitment)

    monkeypatch.setattr(MemoryBoard, "commit", refusing)
    result, told = run_told(federation, people, round_id)
    assert len(result.document.accepted) == 2
    assert set(told) == {people[1].address}


def test_where_all_of_this_process_fail_a_batch_of_others_goes_on(
    federation: Federation, tmp_path: Path
) -> None:
    stage = BatchScenario(federation, tmp_path / "mailbox")
    others, told = [stage.participant(i) for i in range(2)], dict[str, str]()
    mine = federation.participant(2, failing)
    round_id, coordinator = stage.open(), stage.coordinator()
    crew = Crew([mine], round_id, told.__setitem__)
    while True:
        acted = [person.step(round_id).acted for person in others]
        progress = coordinator.step(round_id)
        acted.append(crew.step())
        if progress.next.step is RoundStep.LEAVE:
            break
        if not progress.acted and not any(acted):
            federation.clock.wait_until(progress.next.until)
    assert set(told) == {mine.address}
    state = stage.state(round_id)
    assert (state.enrolled, len(state.batches)) == ((mine.address,), 1)
    assert accepted(coordinator.result(round_id)) == stage.addresses(0, 1)


def ending(index: int) -> Command:
    """Participant 1 ends with an error, the others well."""
    return Command([sys.executable, "-c", f"raise SystemExit('no disk' if {index} == 1 else 0)"])


def test_processes_that_are_enough_go_on_without_one_that_ended(tmp_path: Path) -> None:
    told: list[str] = []
    with LocalEngine(ending, 3, tmp_path, enough=2, told=told.append) as engine:
        engine.wait(30)
        assert engine.check() == 0
    assert list(engine.failed) == [1]
    assert len(told) == 1
    assert "participant 1" in told[0]
    assert told[0].endswith("ended with code 1: no disk")


def test_processes_that_are_not_enough_end_the_wait(tmp_path: Path) -> None:
    with (
        LocalEngine(ending, 3, tmp_path, enough=3) as engine,
        pytest.raises(TrainingError, match=r"participant 1 .* code 1: no disk"),
    ):
        engine.wait(30)
    for enough in (0, 4):
        with pytest.raises(ConfigError, match="1 to 3 participants to be enough"):
            LocalEngine(ending, 3, tmp_path, enough=enough)


def test_masks_of_infinities_are_trained_around(federation: Federation, tmp_path: Path) -> None:
    class Masked(torch.nn.Sequential):
        """A classifier with a mask of attention among its persistent buffers."""

        def __init__(self) -> None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(1)
                super().__init__(torch.nn.Linear(4, 3))
            mask = torch.zeros(3, 3).masked_fill(torch.ones(3, 3).triu(1) > 0, float("-inf"))
            self.register_buffer("mask", mask)

    (tmp_path / "masked").mkdir()
    made = type(federation)(tmp_path / "masked", start=Masked)
    people = [made.participant(i, module_training(Masked(), made.data(i))) for i in range(3)]
    result = made.round(people)
    assert len(document_of(result).accepted) == 3
    made.blobs.get_folder(published_by(result).content_digest, tmp_path / "after", 1 << 20)
    after, before = read_version(tmp_path / "after"), Masked().state_dict()
    assert torch.equal(after["mask"], before["mask"])
    assert not torch.equal(after["0.weight"], before["0.weight"])
