"""A peer in a round of gossip: trains, mixes with its neighbours, and checks what is published.

Peers take turns in opening the mixing steps. The round itself is proposed by whoever opened it,
once all agree; nobody has to believe the result: it is the exact mean, which an audit works out
again, and every peer compares it with what it has mixed itself.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np

from trainer.coordinator.coordinator import Coordinator
from trainer.documents.fetching import store_named
from trainer.documents.update_folders import ContractSignatureChecker, Signer
from trainer.documents.version_folders import read_version
from trainer.execution.execute import layout_of
from trainer.gossip.exchange import Exchange
from trainer.gossip.mixed_updates import MixedUpdates
from trainer.gossip.steps import agreed, is_over, opening_time, step_terms
from trainer.pacing.patience import Patience
from trainer.participant.participant import Participant
from trainer.ports import PublishedVersion, RoundContext
from trainer.protocol.actions import Action, RoundStep
from trainer.protocol.progress import Progress
from trainer.protocol.round_state import RoundState, phase_at
from trainer.training.client import Training
from trainer.types import Phase
from trainer.vectors.layout import difference

__all__ = ["Agreement", "GossipPeer"]

_LARGEST_BASE = 1 << 40
_STARTING = (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL)


@dataclass(frozen=True)
class Agreement:
    """How a round of gossip ended, as one peer sees it.

    Args:
        version: what was published; None if the round was voided.
        steps: how many mixing steps there were.
        distance: the largest difference between a value that this peer mixed and the published
            one, in units of the aggregate; None without a version or without values of its own.
        departures: neighbours whose revealed values weren't the mix of their neighbours', with the
            number of the step.
    """

    version: PublishedVersion | None
    steps: int
    distance: int | None
    departures: tuple[tuple[int, str], ...] = ()


@final
class GossipPeer:
    """One peer in rounds of gossip. It needs to be a publisher of the model to open them.

    Args:
        context: board, storage and clock; the board is seen by the peer's account.
        signer: the peer's key.
        training: what is done with the data, once per round.
        work: a folder for journals; kept between runs.
        code_checker: the chain's answer for contract accounts that take part.

    Raises:
        ConfigError: the signer isn't the board's account.
    """

    def __init__(
        self,
        context: RoundContext,
        signer: Signer,
        training: Training,
        work: Path,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        self._context = context
        board, blobs, clock = context.board, context.blobs, context.clock
        self._board, self._blobs, self._clock = board, blobs, clock
        self._work = work / signer.address.lower() / "gossip"
        self._code_checker = code_checker
        self._exchanges: dict[bytes, Exchange] = {}
        parts = context, signer, training
        mixes = MixedUpdates(signer.address, self._exchange)
        self._learner = Participant(*parts, work)
        self._mixer = Participant(*parts, work, updates=mixes)
        proposing = self._work / "proposing"
        self._coordinator = Coordinator(context, proposing, code_checker=code_checker)

    @property
    def context(self) -> RoundContext:
        """What the peer works on."""
        return self._context

    @property
    def address(self) -> str:
        """The peer's checksummed address."""
        return self._learner.address

    def run(self, round_id: bytes) -> Agreement:
        """Takes part in a round of gossip until it has ended."""
        patience = Patience(self._clock)
        while (progress := self.step(round_id)).next.step is not RoundStep.LEAVE:
            if progress.acted:
                patience.renew()
            else:  # another peer opens the next step: nothing on the board says when
                patience.rest(progress.next.until)
        ended = self.agreement(round_id)
        self._exchanges.pop(round_id, None)
        shutil.rmtree(self._work / round_id.hex(), ignore_errors=True)
        self._learner.clear_ended(self._board.state(round_id).terms.model_id)
        return ended

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks of this peer now, and returns what comes next.

        Raises:
            RoundError: the board refused a step.
            StoreUnavailable: storage gave no answer; run again.
        """
        state, now = self._board.state(round_id), self._clock.now()
        phase = phase_at(state, now)
        if phase in _STARTING:
            return self._staying(self._learner.step(round_id), state, now)
        if phase == Phase.PROPOSAL and self.address in state.reveals:
            made = self._mix(round_id, now)
            if made is not None:
                return made
        if state.coordinator == self.address:
            return self._coordinator.step(round_id)
        return Progress(False, self._awaited(state, phase, now))

    def _awaited(self, state: RoundState, phase: Phase, now: int) -> Action:
        """Waits for what the peer that opened the round has to do, but not for ever."""
        terms = state.terms
        if phase == Phase.PROPOSAL:
            end = terms.proposal_deadline
        elif phase in (Phase.PROPOSED, Phase.FINALISED) and not self._version(state):
            end = state.challenge_ends_at + terms.reveal_deadline - terms.commit_deadline
        else:
            return Action(RoundStep.LEAVE)
        return Action(RoundStep.WAIT, end) if now < end else Action(RoundStep.LEAVE)

    def _version(self, state: RoundState) -> PublishedVersion | None:
        made = self._board.versions(state.terms.model_id)
        return next((v for v in made if v.round_id == state.round_id), None)

    def agreement(self, round_id: bytes) -> Agreement:
        """Returns how a round ended, after looking over the neighbours' shoulders.

        Raises:
            StoreUnavailable: storage gave no answer; run again.
        """
        exchange = self._exchange(round_id)
        chain = [round_id, *exchange.steps()]
        neighbours = exchange.graph().neighbours(self.address) if chain[1:] else []
        departures = tuple(
            (number, peer)
            for number in range(1, len(chain))
            for peer in exchange.departures(chain[number - 1], chain[number], neighbours)
        )
        version = self._version(exchange.root)
        own = exchange.values(chain[-1], [self.address]).get(self.address)
        distance = None
        if version is not None and own is not None:
            mean = self._published(exchange, version)
            distance = int(np.abs(mean - own).max())
        return Agreement(version, len(chain) - 1, distance, departures)

    def _exchange(self, round_id: bytes) -> Exchange:
        if round_id not in self._exchanges:
            parts = self._board, self._blobs, round_id, self._work / round_id.hex()
            self._exchanges[round_id] = Exchange(*parts, self._code_checker)
        return self._exchanges[round_id]

    def _staying(self, progress: Progress, state: RoundState, now: int) -> Progress:
        """A participant leaves when it has revealed; a peer waits for the others then."""
        inside = self.address in state.enrolled
        if progress.next.step is not RoundStep.LEAVE or not inside:
            return progress
        until = max(state.terms.reveal_deadline, now + 1)
        return Progress(progress.acted, Action(RoundStep.WAIT, until))

    def _mix(self, round_id: bytes, now: int) -> Progress | None:
        """Takes part in the mixing; None when it is over."""
        exchange = self._exchange(round_id)
        terms = exchange.root.terms
        # A phase is left to propose, whether all agree by then or not.
        end = terms.proposal_deadline - (terms.reveal_deadline - terms.commit_deadline)
        if now >= end:
            return None
        last = self._board.state(([round_id, *exchange.steps()])[-1])
        if not is_over(last, now):
            progress = self._mixer.step(last.round_id)
            if progress.next.step is not RoundStep.LEAVE:
                return progress
            return Progress(progress.acted, Action(RoundStep.WAIT, last.terms.reveal_deadline))
        if agreed(exchange, last):
            return None
        if self.address not in last.reveals:
            return Progress(False, Action(RoundStep.WAIT, end))
        moment = opening_time(exchange, last, self.address)
        if now < moment:
            return Progress(False, Action(RoundStep.WAIT, moment))
        step = step_terms(exchange, last, now)
        store_named(self._blobs, step.terms, step.document, step.allow_list)
        opened = self._board.open_round(step.terms)
        return Progress(True, self._mixer.step(opened).next)

    def _published(self, exchange: Exchange, version: PublishedVersion) -> np.ndarray:
        terms = exchange.root.terms
        folders = []
        for number in (terms.base_version, version.number):
            found = self._board.versions(terms.model_id)[number - 1]
            folder = self._work / exchange.root.round_id.hex() / f"version-{number}"
            shutil.rmtree(folder, ignore_errors=True)
            self._blobs.get_folder(found.content_digest, folder, _LARGEST_BASE)
            folders.append(read_version(folder))
        layout = layout_of(folders[0], exchange.document)
        moved = difference(folders[1], folders[0], layout)
        units = np.ldexp(moved, -terms.lattice.aggregate_exponent)
        return np.rint(units)
