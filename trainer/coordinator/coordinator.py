"""A coordinator: opens rounds, checks and combines what is revealed, proposes, publishes, pays.

Every step starts from what the board says, so a coordinator that was stopped anywhere goes on
where the round stands. The result is a pure function of base, terms and accepted updates: working
it out twice gives the same bytes, and storing or posting them twice changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

from registry.documents.allow_list import AllowList
from registry.documents.result import ResultDocument
from registry.errors import AggregationError, Reverted
from trainer.batches.collection import Batching
from trainer.coordinator.hidden_rounds import HiddenRounds
from trainer.coordinator.paying import post_due
from trainer.coordinator.revealed_updates import RevealedUpdates
from trainer.coordinator.shortage import shortage
from trainer.documents.fetching import (
    base_of,
    fetch_base,
    fetch_document,
    fetch_result,
    store_named,
)
from trainer.documents.results import proposal_of, result_document
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import ContractSignatureChecker
from trainer.documents.version_folders import map_version, read_memory, write_version
from trainer.execution.client_evaluation import evaluation_of
from trainer.execution.execute import Outcome, execute, layout_of, score
from trainer.execution.hidden_rounds import HiddenInputs, execute_hidden
from trainer.execution.loading import check_loads
from trainer.execution.round_inputs import RoundInputs
from trainer.pacing.looking_again import looking_again
from trainer.pacing.patience import Patience
from trainer.ports import Mailbox, PublishedVersion, RoundContext
from trainer.privacy.hidden_actions import next_moment, summing_action
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.opening import take_summing_step
from trainer.protocol.actions import (
    Action,
    RoundStep,
    coordinator_actions,
    is_deserted,
    withdrawal_time,
)
from trainer.protocol.batch_schedule import BatchSchedule
from trainer.protocol.progress import Progress
from trainer.protocol.round_state import RoundState
from trainer.scoring import Evaluate
from trainer.types import RoundTerms

__all__ = ["Coordinator", "RoundResult"]


@dataclass(frozen=True)
class RoundResult:
    """How a round ended: with a document and a version, or voided with neither.

    `obstacle` says what kept this coordinator from a result: a rule that lacks an update, or a
    round in which too few were revealed.
    """

    round_id: bytes
    document: ResultDocument | None = None
    version: PublishedVersion | None = None
    obstacle: str = ""


@final
class Coordinator:
    """Conducts rounds for the owner or a publisher of a model.

    Args:
        context: board, storage and clock; the board is seen by the coordinator's account.
        work: a folder for what is fetched and made; may be lost between runs.
        evaluate: the loss on the validation set, for terms that score by leave_one_out.
        code_checker: the chain's answer for contract accounts that take part.
        mailbox: where participants may hand in, to be committed and revealed in batches.
        keep_work: whether a round's folder stays when the round has ended.
        on_state: called with a round as it is found at each step, and with how it ended.
    """

    def __init__(
        self,
        context: RoundContext,
        work: Path,
        *,
        evaluate: Evaluate | None = None,
        code_checker: ContractSignatureChecker | None = None,
        mailbox: Mailbox | None = None,
        keep_work: bool = False,
        on_state: Callable[[RoundState], None] = lambda state: None,
    ) -> None:
        self._context = context
        board, blobs, clock = context.board, context.blobs, context.clock
        self._board, self._blobs, self._clock, self._work = board, blobs, clock, work
        self._evaluate, self._keep_work, self._on_state = evaluate, keep_work, on_state
        self._revealed = RevealedUpdates(board, blobs, code_checker)
        self._hidden, self._read = HiddenRounds(context, code_checker), set[bytes]()
        self._batching = None if mailbox is None else Batching(board, blobs, mailbox, code_checker)
        self._obstacles: dict[bytes, str] = {}

    @property
    def context(self) -> RoundContext:
        """What the coordinator works on."""
        return self._context

    def open(
        self, terms: RoundTerms, document: TermsDocument, allow_list: AllowList | None = None
    ) -> bytes:
        """Stores the terms document and the allow-list, opens the round and returns its id.

        Raises:
            RoundError: the terms name another document or list, or the board refuses them.
        """
        store_named(self._blobs, terms, document, allow_list)
        return self._board.open_round(terms)

    def run_round(self, round_id: bytes) -> RoundResult:
        """Conducts a round from wherever it stands to its end."""
        patience = Patience(self._clock)
        while (progress := self.step(round_id)).next.step is not RoundStep.LEAVE:
            if progress.acted:
                patience.renew()
            elif self._batching is not None:  # what is handed in makes no block to wait for
                patience.rest(progress.next.until)
            else:
                self._clock.wait_until(progress.next.until)
        return self.result(round_id)

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks of its coordinator now, and returns what comes next.

        Raises:
            RoundError: the board refused a step.
            StoreUnavailable: storage gave no answer; run again.
        """
        before = self._seen(round_id)
        try:
            return looking_again(lambda: self._step(round_id), self._clock)
        except Reverted:
            # Another coordinator of this account, on another machine, may have taken the step.
            if self._seen(round_id) == before:
                raise
            return Progress(True, self._next(self._board.state(round_id)))

    def _seen(self, round_id: bytes) -> tuple[RoundState, int]:
        """Returns what differs once somebody has taken a step in a round."""
        with self._board.look():
            state = self._board.state(round_id)
            return state, len(self._board.versions(state.terms.model_id))

    def _step(self, round_id: bytes) -> Progress:
        state, now = self._board.state(round_id), self._clock.now()
        self._on_state(state)
        if self._batching is not None and self._batching.step(state, now):
            return Progress(True, self._next(self._board.state(round_id)))
        if is_deserted(state, now):
            self._board.void(round_id)
            self._clear(round_id)
            return Progress(True, self._next(self._board.state(round_id)))
        actions = coordinator_actions(state, now)
        if (hiding := self._hiding(state, actions[0].step)) is not None:
            return hiding
        match actions[0].step:
            case RoundStep.PROPOSE:
                if self._batching is not None and self._batching.count_once(state):
                    return Progress(True, self._next(self._board.state(round_id)))
                if round_id not in self._obstacles:
                    self._try_to_propose(state)
                if round_id in self._obstacles:
                    return Progress(False, Action(RoundStep.WAIT, state.terms.proposal_deadline))
            case RoundStep.FINALISE:
                self._board.finalise(round_id)
            case RoundStep.VOID:
                self._board.void(round_id)
                self._clear(round_id)
            case RoundStep.PUBLISH:
                self._publish(state)
                self._pay(state)
                self._clear(round_id)
                return Progress(True, Action(RoundStep.LEAVE))
            case step:
                if step is RoundStep.LEAVE:
                    self._clear(round_id)
                return Progress(False, self._next(state))
        return Progress(True, self._next(self._board.state(round_id)))

    def _hiding(self, state: RoundState, step: RoundStep) -> Progress | None:
        """Does what a hidden round asks for beside the plain one's steps; None: it asks nothing."""
        if state.round_id not in self._read:
            hid = self._hidden.hide(state, fetch_document(self._blobs, state.terms))
            self._read.add(state.round_id)
            if hid:
                return Progress(True, self._next(self._board.state(state.round_id)))
        hidden = self._hidden.of(state)
        if hidden is None or step is not RoundStep.PROPOSE:
            return None
        action = summing_action(state, hidden, self._clock.now())
        if action is None or action.step is RoundStep.WAIT:
            return None if action is None else Progress(False, self._paced(state, action))
        take_summing_step(self._board.hidden, hidden, action.step, self._clock.now())
        return Progress(True, self._next(self._board.state(state.round_id)))

    def _next(self, state: RoundState) -> Action:
        now = self._clock.now()
        action = coordinator_actions(state, now)[0]
        if action.step is RoundStep.WAIT and now < withdrawal_time(state) < action.until:
            action = Action(RoundStep.WAIT, withdrawal_time(state))
        if self._batching is None or action.step is not RoundStep.WAIT:
            return self._paced(state, action)
        # Participants wait by the same moments, so nobody in this process sleeps through one.
        return Action(RoundStep.WAIT, BatchSchedule.of(state.terms).next(now, action.until))

    def _paced(self, state: RoundState, action: Action) -> Action:
        """Returns the action; a wait ends where participants of a hidden round have to act."""
        hidden = self._hidden.of(state) if action.step is RoundStep.WAIT else None
        if hidden is None:
            return action
        now = self._clock.now()
        return Action(RoundStep.WAIT, next_moment(state, hidden, now, action.until))

    def result(self, round_id: bytes) -> RoundResult:
        """Returns how a round ended; without a document if it was voided or still runs."""
        state = self._board.state(round_id)
        self._on_state(state)
        if state.result is None or not state.finalised:
            return RoundResult(round_id, obstacle=self._obstacles.get(round_id) or shortage(state))
        made = [v for v in self._board.versions(state.terms.model_id) if v.round_id == round_id]
        return RoundResult(round_id, fetch_result(self._blobs, state), made[0] if made else None)

    # the result

    def _try_to_propose(self, state: RoundState) -> None:
        """Proposes, or notes why the round comes to nothing: the contract takes no empty result."""
        try:
            proposed = self._propose(state)
        except AggregationError as error:
            self._obstacles[state.round_id] = str(error)
        else:
            if not proposed:
                self._obstacles[state.round_id] = "nothing acceptable was revealed"

    def _propose(self, state: RoundState) -> bool:
        terms = state.terms
        document = fetch_document(self._blobs, terms)
        folder = self._folder(state.round_id)
        version = fetch_base(self._board, self._blobs, terms, folder / "base")
        base = map_version(folder / "base")
        if (hidden := self._hidden.of(state)) is not None:
            return self._propose_hidden(state, document, hidden, version.version_id)
        accepted, refused = self._revealed.collected(
            state, layout_of(base, document), folder / "updates", document.saturation
        )
        if not accepted:
            return False
        memory = read_memory(folder / "base")
        inputs = RoundInputs.under(terms, document, base, accepted, memory, self._evaluate)
        outcome = execute(inputs)
        left_out = outcome.excluded
        scores = score(inputs, left_out)
        made = self._made(state, outcome, version.version_id)
        result = result_document(
            state.round_id,
            outcome.result_root,
            made,
            document.scoring,
            terms.reward_budget,
            accepted,
            scores,
            refused,
            excluded=left_out,
            evaluation=evaluation_of(document, state.round_id, terms.weight_cap, accepted),
        )
        self._blobs.put_bytes(result.to_json())
        self._board.propose(state.round_id, proposal_of(result))
        return True

    def _propose_hidden(
        self, state: RoundState, document: TermsDocument, hidden: HiddenState, parent: bytes
    ) -> bool:
        terms, folder = state.terms, self._folder(state.round_id)
        base, memory = map_version(folder / "base"), read_memory(folder / "base")
        length = layout_of(base, document).length
        good, refused = self._hidden.collected(state, hidden, length, folder / "updates")
        found = execute_hidden(HiddenInputs(base, terms, document, hidden, good, memory))
        scores = found.scores()
        made = self._made(state, found.outcome, parent)
        result = result_document(
            state.round_id,
            found.outcome.result_root,
            made,
            document.scoring,
            terms.reward_budget,
            found.accepted,
            scores,
            [*refused, *found.refused],
            excluded=found.outcome.excluded,
        )
        self._blobs.put_bytes(result.to_json())
        self._board.propose(state.round_id, proposal_of(result))
        return True

    def _made(self, state: RoundState, outcome: Outcome, parent: bytes) -> bytes:
        """Writes the new version, stores it, and returns its digest."""
        folder = self._folder(state.round_id)
        check_loads(folder / "base", outcome.tensors)
        new = outcome.tensors, [parent], state.round_id, outcome.memory
        write_version(folder / "base", folder / "version", *new)
        return self._blobs.put_folder(folder / "version")

    # after the result

    def _publish(self, state: RoundState) -> None:
        terms, result = state.terms, state.result
        if result is not None:
            base = base_of(self._board, terms)
            self._board.publish_version(
                terms.model_id, result.version_digest, state.round_id, [base.version_id]
            )

    def _pay(self, state: RoundState) -> None:
        if state.terms.reward_budget:
            post_due(self._board, self._blobs, state)

    def _clear(self, round_id: bytes) -> None:
        """Lets what was fetched and made for a round go: storage has it."""
        if not self._keep_work:
            shutil.rmtree(self._work / round_id.hex(), ignore_errors=True)

    def _folder(self, round_id: bytes) -> Path:
        folder = self._work / round_id.hex()
        folder.mkdir(parents=True, exist_ok=True)
        return folder
