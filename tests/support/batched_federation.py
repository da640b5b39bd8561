"""A federation on the board in memory whose parties share a mailbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

from memory_federation import Federation

from registry.documents.batch_signatures import sign_commitment
from trainer.adapters import FolderMailbox
from trainer.batches.collection import Batching
from trainer.batches.messages import OPENING, HandedCommitment
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.documents.update_folders import rounds_domain
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.ports import Mailbox, RoundContext
from trainer.protocol.round_state import phase_at
from trainer.types import Phase

__all__ = ["BatchScenario", "LosingMailbox", "accepted", "batching", "handed", "to_reveal"]


@final
class LosingMailbox(Mailbox):
    """A mailbox that loses one sender's openings on the way; a deaf one, on the way out."""

    def __init__(self, inner: Mailbox, sender: str, *, deaf: bool = False) -> None:
        self._inner, self._sender, self._deaf = inner, sender, deaf

    def put(self, round_id: bytes, kind: str, sender: str, document: bytes) -> None:
        """Keeps everything but the openings of that sender."""
        if (kind, sender) != (OPENING, self._sender):
            self._inner.put(round_id, kind, sender, document)

    def get(self, round_id: bytes, kind: str, sender: str) -> bytes | None:
        """Returns what lies there."""
        if self._deaf and (kind, sender) == (OPENING, self._sender):
            return None
        return self._inner.get(round_id, kind, sender)

    def documents(self, round_id: bytes, kind: str) -> dict[str, bytes]:
        """Returns what lies there."""
        return self._inner.documents(round_id, kind)


class BatchScenario:
    """A federation whose parties share a mailbox."""

    def __init__(self, federation: Federation, folder: Path) -> None:
        self.federation = federation
        folder.mkdir()
        self.mailbox = FolderMailbox(folder)

    def participant(self, index: int, **changes: Any) -> Participant:
        """A participant that hands in, unless `mailbox=None` is given."""
        made, signer = self.federation, self.federation.people[index]
        return Participant(
            RoundContext(made.board(signer), made.blobs, made.clock),
            signer,
            made.honest(index),
            made.work / "p",
            **{"mailbox": self.mailbox, **changes},
        )

    def coordinator(
        self, name: str = "c", board: Any = None, mailbox: Mailbox | None = None
    ) -> Coordinator:
        """The owner's coordinator; another name gives one with an empty work folder."""
        made = self.federation
        return Coordinator(
            RoundContext(board or made.board(), made.blobs, made.clock),
            made.work / name,
            mailbox=mailbox or self.mailbox,
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


def accepted(result: RoundResult) -> set[str]:
    """Whose updates were accepted."""
    assert result.document is not None
    return {entry.participant for entry in result.document.accepted}


def to_reveal(stage: BatchScenario, round_id: bytes, *people: Participant) -> None:
    """Brings a round to its reveals."""
    coordinator = stage.coordinator()
    while phase_at(stage.state(round_id), stage.federation.clock.now()) != Phase.REVEAL:
        acted = [person.step(round_id).acted for person in people]
        progress = coordinator.step(round_id)
        if not progress.acted and not any(acted):
            stage.federation.clock.wait_until(progress.next.until)


def handed(stage: BatchScenario, index: int, round_id: bytes, word: bytes = b"\x44" * 32) -> Any:
    """A commitment that participant `index` signs."""
    board = stage.federation.board()
    domain = rounds_domain(board.chain_id, board.rounds_address)
    entry = sign_commitment(stage.federation.people[index], domain, round_id, word)
    return HandedCommitment(round_id, entry)


def batching(stage: BatchScenario) -> Batching:
    """The coordinator's side of batches."""
    made = stage.federation
    return Batching(made.board(), made.blobs, stage.mailbox)
