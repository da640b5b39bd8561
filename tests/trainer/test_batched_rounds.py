"""Rounds in which participants hand in to the coordinator, on the board in memory (R-5)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry.allow_list import AllowList
from registry.batch_documents import CommitmentBatch, RevealBatch
from registry.errors import RoundError
from registry.usecases.batches import sign_commitment
from trainer.actions import Step
from trainer.adapters import FolderMailbox
from trainer.batch_schedule import BatchSchedule
from trainer.batches import openings_of, posted_batch
from trainer.batching import Batching
from trainer.coordinator import Coordinator, RoundResult
from trainer.engines import run_in_process
from trainer.handed_documents import COMMITMENT, OPENING, HandedCommitment
from trainer.participant import Participant
from trainer.rounds import phase_at
from trainer.types import Phase, RoundTerms
from trainer.updates import rounds_domain


class Stage:
    """A federation whose parties share a mailbox."""

    def __init__(self, federation: Any, folder: Path) -> None:
        self.federation = federation
        folder.mkdir()
        self.mailbox = FolderMailbox(folder)

    def participant(self, index: int, **changes: Any) -> Participant:
        """A participant that hands in, unless `mailbox=None` is given."""
        made, signer = self.federation, self.federation.people[index]
        return Participant(
            made.board(signer),
            made.blobs,
            made.clock,
            signer,
            made.honest(index),
            made.work / "p",
            **{"mailbox": self.mailbox, **changes},
        )

    def coordinator(self, name: str = "c", board: Any = None) -> Coordinator:
        """The owner's coordinator; another name gives one with an empty work folder."""
        made = self.federation
        return Coordinator(
            board or made.board(), made.blobs, made.clock, made.work / name, mailbox=self.mailbox
        )

    def open(self, **changes: Any) -> bytes:
        """Opens a round."""
        made = self.federation
        opened: bytes = self.coordinator().open(made.terms(**changes), made.document)
        return opened

    def run(self, round_id: bytes, *people: Participant) -> RoundResult:
        """Runs a round to its end."""
        return run_in_process(self.coordinator(), people, self.federation.clock, round_id)

    def state(self, round_id: bytes) -> Any:
        """The round's state."""
        return self.federation.board().state(round_id)

    def addresses(self, *indexes: int) -> set[str]:
        """The addresses of participants."""
        return {self.federation.people[index].address for index in indexes}


@pytest.fixture
def stage(federation: Any, tmp_path: Path) -> Stage:
    """A fresh federation and mailbox."""
    return Stage(federation, tmp_path / "mailbox")


def accepted(result: RoundResult) -> set[str]:
    """Whose updates were accepted."""
    assert result.document is not None
    return {entry.participant for entry in result.document.accepted}


def test_a_round_of_one_batch_takes_no_step_of_the_participants_on_the_board(
    stage: Stage,
) -> None:
    round_id = stage.open()
    result = stage.run(round_id, *(stage.participant(index) for index in range(3)))
    state = stage.state(round_id)
    assert accepted(result) == stage.addresses(0, 1, 2)
    assert (state.enrolled, dict(state.commitments), dict(state.reveals)) == ((), {}, {})
    assert [(b.count, b.revealed_count) for b in state.batches.values()] == [(3, 3)]


def test_a_batch_makes_the_same_version_and_shares_as_direct_steps(
    stage: Stage, federation: Any
) -> None:
    round_id = stage.open()
    batched = stage.run(round_id, *(stage.participant(index) for index in range(3)))
    direct = federation.round([federation.participant(index) for index in range(3)])
    assert batched.document is not None
    assert batched.document.result_root == direct.document.result_root
    assert batched.document.shares == direct.document.shares
