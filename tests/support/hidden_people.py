"""Participants of hidden rounds that fail in some way, and a federation that hides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from memory_federation import Federation

from trainer.coordinator.coordinator import RoundResult
from trainer.participant.participant import Participant
from trainer.ports import BlobStore
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.progress import Progress
from trainer.protocol.round_state import RoundState
from trainer.types import RoundTerms

UNMASKING = (
    RoundStep.FREEZE,
    RoundStep.OPEN_SEED,
    RoundStep.POST_SHARES,
    RoundStep.OPEN_RECOVERED,
    RoundStep.STRAND,
)


def hiding(work: Path, terms: HiddenTerms | None = None, **document: Any) -> Federation:
    """A federation whose rounds hide updates, and weights up to 1,000."""
    made = Federation(work)
    hidden = HiddenTerms(weight_cap=1_000) if terms is None else terms
    made.document = replace(made.document, scoring="equal", hidden=hidden, **document)
    return made


def terms_of(federation: Federation, seats: int, **changes: object) -> RoundTerms:
    """A hidden round's: weights on the chain are 1."""
    told = {"weight_cap": 1, "maximum_participants": seats, **changes}
    return federation.terms(document_digest=federation.document.digest, **told)


def plain_twin(folder: Path, people: Sequence[int], **document: Any) -> RoundResult:
    """The same round of the same people, hiding nothing."""
    federation = Federation(folder)
    federation.document = replace(federation.document, scoring="equal", **document)
    terms = federation.terms(
        document_digest=federation.document.digest, maximum_participants=len(people)
    )
    return federation.round([federation.participant(i) for i in people], terms)


def seen(federation: Federation, round_id: bytes) -> tuple[RoundState, HiddenState]:
    """A round as its boards have it."""
    board = federation.board()
    hidden = board.hidden.state(round_id)
    assert hidden is not None
    return board.state(round_id), hidden


class Around:
    """A participant around whose steps something happens."""

    def __init__(self, who: Participant) -> None:
        self.who = who

    def __getattr__(self, name: str) -> Any:
        return getattr(self.who, name)

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks for."""
        return self.who.step(round_id)

    def next(self, round_id: bytes) -> Action:
        """What the round asks of the participant now."""
        return self.who._action(self.who.state(round_id))

    def gone(self, round_id: bytes) -> Progress:
        """Does nothing any more."""
        state = self.who.state(round_id)
        return Progress(False, Action(RoundStep.WAIT, state.terms.proposal_deadline))


class Absent(Around):
    """A participant that does nothing where some steps are asked for."""

    def __init__(self, who: Participant, *steps: RoundStep) -> None:
        super().__init__(who)
        self.steps = steps

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks for, unless it is gone."""
        if self.next(round_id).step in self.steps:
            return self.gone(round_id)
        return self.who.step(round_id)


class Reborn(Around):
    """A participant of which each step is taken by another process over the same folder."""

    def __init__(self, make: Callable[[], Participant]) -> None:
        super().__init__(make())
        self.make = make
        self.steps: list[RoundStep] = []

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks for, as somebody who knows the folder alone."""
        self.who = self.make()
        asked = self.next(round_id).step
        made = self.who.step(round_id)
        if made.acted:
            self.steps.append(asked)
        return made


class Dying(Around):
    """A participant that dies in the middle of a step: once done, it never hears of it.

    Args:
        who: dies.
        make: returns another process over the same folder.
        place: an object of whose methods one is cut short.
        name: that method's.
        fails: raises once, after the method did what it does.
    """

    def __init__(
        self,
        who: Participant,
        make: Callable[[], Participant],
        place: Any,
        name: str,
        fails: Callable[[], None],
    ) -> None:
        super().__init__(who)
        self.make = make
        method = getattr(place, name)

        def cut(*arguments: Any) -> None:
            method(*arguments)
            fails()

        setattr(place, name, cut)

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks for; dead, another process goes on."""
        try:
            return self.who.step(round_id)
        except KeyboardInterrupt:
            self.who = self.make()
            return self.who.step(round_id)


class Withheld(BlobStore):
    """A participant's storage that keeps folders where nobody else looks."""

    def __init__(self, blobs: BlobStore, elsewhere: BlobStore) -> None:
        self._blobs, self._elsewhere = blobs, elsewhere

    def put_folder(self, folder: Path) -> bytes:
        """Stores a folder elsewhere."""
        return self._elsewhere.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder."""
        self._blobs.get_folder(digest, destination, limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores bytes."""
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns bytes."""
        return self._blobs.get_bytes(digest, limit)
