"""What the trainer's commands share: options, and the parts they open."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import click

from registry.cli.options import Session
from registry.client import RegistryClient
from registry.errors import KeyNeeded
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.staked_board import StakedRegistryBoard
from trainer.adapters.store_blobs import StoreBlobs
from trainer.protocol.round_state import RoundState
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.holder import Holder
from trainer.staked.outcome import Outcomes
from trainer.staked.proposer import Proposer
from trainer.staked.watcher import Note, Watcher
from trainer.staked.watcher_policy import Limits
from trainer.staked.work_folders import WorkFolder

__all__ = ["JOURNALS", "MAILBOX", "PERSONAL", "StakedParts", "note_told"]

JOURNALS = "taking-part"
"""The folder of participants' journals, inside the state folder."""

PERSONAL = "personal"
"""The folder of what participants keep for themselves, inside the state folder."""

MAILBOX = click.option(
    "--mailbox",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder shared by all: participants hand in, and the coordinator posts batches.",
)


def note_told(session: Session) -> Callable[[Note], None]:
    """Returns what prints a note: a line for people, an object a line for scripts."""

    def told(note: Note) -> None:
        short = note.round_id.hex()[:8]
        data = {"roundId": note.round_id, "kind": note.kind, "text": note.text}
        session.output.result(data, f"{short} {note.kind}: {note.text}")

    return told


@dataclass(frozen=True)
class StakedParts:
    """One account's view of staked rounds, opened from a command's session."""

    board: RegistryBoard
    stakes: StakedRegistryBoard
    blobs: StoreBlobs
    clock: ChainClock
    follower: StakedRoundAgent
    outcomes: Outcomes
    work: WorkFolder

    @classmethod
    def of(
        cls,
        session: Session,
        client: RegistryClient,
        *,
        proposes: bool,
        limits: Limits,
        panels: Collection[bytes] | None = None,
        on_state: Callable[[RoundState], None] = lambda state: None,
    ) -> StakedParts:
        """Opens the parts.

        Args:
            session: the command's.
            client: with a key.
            proposes: whether the follower proposes, settles and publishes too.
            limits: of questions.
            panels: whose judgement of this account's proposals is accepted; None: anybody's.
            on_state: called with a round as the follower finds it at each step.

        Raises:
            KeyNeeded: no key was given.
        """
        if client.account is None:
            raise KeyNeeded
        state, told = session.settings.state, note_told(session)
        board, stakes = RegistryBoard(client), StakedRegistryBoard(client)
        blobs, clock = StoreBlobs(client.connection.store), ChainClock.of(client)
        work = WorkFolder(state / "staked" / client.account.lower())
        outcomes = Outcomes(board, stakes, blobs, work.path, own=state / JOURNALS)
        watcher = Watcher(stakes, outcomes, blobs, clock, limits, told)
        proposer = Proposer(board, stakes, outcomes, clock) if proposes else None
        holder = Holder(stakes, outcomes, told)
        follower = StakedRoundAgent(
            board, stakes, clock, watcher, holder, proposer, panels, told, on_state
        )
        return cls(board, stakes, blobs, clock, follower, outcomes, work)
