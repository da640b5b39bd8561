"""What rounds leave on the disks of those who take part: journals, and no more."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import final

import pytest
from memory_federation import Federation

from trainer.coordinator.coordinator import Coordinator
from trainer.engines import run_in_process
from trainer.participant.journal import JOURNAL
from trainer.participant.round_loop import join_rounds
from trainer.ports import Clock, RoundContext

ROUNDS = 10


@final
class Conducting(Clock):
    """Time in which, while one participant waits, the coordinator acts and opens the next round."""

    def __init__(self, federation: Federation, coordinator: Coordinator) -> None:
        self._federation, self._coordinator = federation, coordinator
        self._open: bytes | None = None

    def now(self) -> int:
        return int(self._federation.clock.now())

    def wait_until(self, moment: int) -> None:
        made = self._federation
        if self._open is None:
            terms = made.terms(minimum_participants=1, maximum_participants=1)
            self._open = self._coordinator.open(terms, made.document)
            return
        progress = self._coordinator.step(self._open)
        if progress.next.step == "leave":
            self._open = None
        elif not progress.acted:
            made.clock.wait_until(min(moment, progress.next.until))


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_after_ten_rounds_journals_are_left_and_one_update(federation: Federation) -> None:
    coordinator = federation.coordinator()
    clock = Conducting(federation, coordinator)
    participant = federation.participant(0)
    participant._context = replace(participant.context, clock=clock)
    done = join_rounds(participant, federation.model_id, ROUNDS, 10_000)
    assert done == ROUNDS
    own = federation.work / "p" / participant.address.lower()
    # Of the newest round the update stays: it isn't final yet.
    expected = [JOURNAL] * ROUNDS + ["statement.json", "update.safetensors"]
    assert files_of(own) == sorted(expected)
    # The newest round isn't final; of those before, the coordinator keeps nothing.
    assert len(list((federation.work / "c").iterdir())) <= 1


def test_a_voided_round_leaves_nothing_with_its_coordinator(federation: Federation) -> None:
    result = federation.round([federation.participant(0)])
    assert result.document is None
    folder = federation.work / "c"
    assert not folder.exists() or files_of(folder) == []


def test_a_voided_round_s_update_is_cleared_and_its_journal_stays(federation: Federation) -> None:
    coordinator = federation.coordinator()
    terms = federation.terms(maximum_participants=2)
    round_id = coordinator.open(terms, federation.document)
    revealing, silent = federation.participant(0), federation.participant(1)
    for person in (revealing, silent, revealing, silent):  # seats, then commitments
        person.step(round_id)
    own = federation.work / "p" / revealing.address.lower() / round_id.hex()
    both = sorted([JOURNAL, "statement.json", "update.safetensors"])
    run_in_process(coordinator, [revealing], federation.clock, round_id)
    assert federation.board().state(round_id).voided
    assert list(federation.board().state(round_id).reveals) == [revealing.address]
    assert files_of(own) == both
    revealing.clear_ended(federation.model_id)
    assert files_of(own) == [JOURNAL]


def test_an_update_stays_as_long_as_its_round_may_be_challenged(federation: Federation) -> None:
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    people = [federation.participant(i) for i in range(3)]
    own = federation.work / "p" / people[0].address.lower() / round_id.hex()
    while federation.board().state(round_id).result is None:
        acted = [person.step(round_id).acted for person in people]
        progress = coordinator.step(round_id)
        if not progress.acted and not any(acted):
            federation.clock.wait_until(progress.next.until)
    people[0].clear_ended(federation.model_id)
    assert "update.safetensors" in files_of(own)
    coordinator.run_round(round_id)
    people[0].clear_ended(federation.model_id)
    assert files_of(own) == [JOURNAL]


@pytest.mark.parametrize("people", [1, 2])
def test_a_coordinator_that_is_to_keep_its_work_keeps_it(
    federation: Federation, people: int
) -> None:
    context = RoundContext(federation.board(), federation.blobs, federation.clock)
    left = {}
    for keep in (False, True):
        coordinator = Coordinator(context, federation.work / f"kept-{keep}", keep_work=keep)
        round_id = coordinator.open(federation.terms(), federation.document)
        folder = federation.work / f"kept-{keep}" / round_id.hex()
        folder.mkdir(parents=True)
        (folder / "mine").touch()
        taking_part = [federation.participant(i) for i in range(people)]
        run_in_process(coordinator, taking_part, federation.clock, round_id)
        left[keep] = files_of(folder) if folder.exists() else []
    assert left[False] == []
    assert "mine" in left[True]
    assert ("update.safetensors" in left[True]) == (people == 2)
