"""What rounds leave on the disks of those who take part: journals, and no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

from trainer.coordinator import Coordinator
from trainer.joining import join_rounds
from trainer.journal import JOURNAL
from trainer.ports import Clock

ROUNDS = 10


@final
class Conducting(Clock):
    """Time in which, while one participant waits, the coordinator acts and opens the next round."""

    def __init__(self, federation: Any, coordinator: Coordinator) -> None:
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


def test_after_ten_rounds_journals_are_left_and_one_update(federation: Any) -> None:
    coordinator = federation.coordinator()
    clock = Conducting(federation, coordinator)
    participant = federation.participant(0)
    participant._clock = clock
    board = federation.board(federation.people[0])
    done = join_rounds(participant, board, clock, federation.model_id, ROUNDS, 10_000)
    assert done == ROUNDS
    own = federation.work / "p" / participant.address.lower()
    # Of the newest round the update stays: it isn't final yet.
    expected = [JOURNAL] * ROUNDS + ["statement.json", "update.safetensors"]
    assert files_of(own) == sorted(expected)
    # The newest round isn't final; of those before, the coordinator keeps nothing.
    assert len(list((federation.work / "c").iterdir())) <= 1


def test_a_voided_round_leaves_nothing_with_its_coordinator(federation: Any) -> None:
    result = federation.round([federation.participant(0)])
    assert result.document is None
    folder = federation.work / "c"
    assert not folder.exists() or files_of(folder) == []
