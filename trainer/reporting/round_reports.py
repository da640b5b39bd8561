"""Reports on rounds from board and storage alone: nobody's key is needed, and nobody's word.

Whoever asks works a round out again, as an audit does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import final

from registry.errors import AggregationError, BlobCorrupted, BlobNotFound, ConfigError, RoundError
from trainer.coordinator.hidden_rounds import HiddenRounds
from trainer.coordinator.revealed_updates import RevealedUpdates
from trainer.documents.fetching import fetch_base, fetch_document
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import ContractSignatureChecker
from trainer.documents.version_folders import read_memory, read_version
from trainer.errors import Reason
from trainer.execution.client_evaluation import evaluation_of
from trainer.execution.execute import Outcome, execute, layout_of
from trainer.execution.hidden_rounds import HiddenInputs, execute_hidden
from trainer.execution.round_inputs import RoundInputs
from trainer.execution.validation_set import LARGEST_VALIDATION_SET, named_evaluation
from trainer.ports import RoundContext
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.round_state import RoundState, phase_at
from trainer.reporting.anomalies import Thresholds
from trainer.reporting.round_report import RoundReport, hidden_report
from trainer.scoring import Evaluate
from trainer.staked.ports import StakedBoard
from trainer.strategies import client_needs
from trainer.types import AcceptedUpdate, Phase, RefusedUpdate, RoundTerms

__all__ = ["RoundReports"]


@final
class RoundReports:
    """Reports on the rounds of one board.

    Args:
        context: board, storage and clock; the board is only read.
        work: a folder for what is fetched; may be lost between runs.
        stakes: tells which rounds are under stake; None: none is.
        evaluate: the loss on the validation set, for terms that screen updates; without, it is the
            one that the terms name, fetched.
        code_checker: the chain's answer for contract accounts that take part.
    """

    def __init__(
        self,
        context: RoundContext,
        work: Path,
        *,
        stakes: StakedBoard | None = None,
        evaluate: Evaluate | None = None,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        board, blobs, clock = context.board, context.blobs, context.clock
        self._board, self._blobs, self._clock, self._work = board, blobs, clock, work
        self._stakes, self._evaluate = stakes, evaluate
        self._revealed = RevealedUpdates(board, blobs, code_checker)
        self._hidden = HiddenRounds(context, code_checker)

    def newest(self, model_id: bytes) -> bytes:
        """Returns the newest round with a reveal that there can be a report on.

        Raises:
            RoundError: there is none.
        """
        for round_id in reversed(self._board.rounds_of(model_id)):
            state = self._board.state(round_id)
            if state.revealed and not self._obstacle(state):
                return round_id
        raise RoundError("expected a round whose reveals are over, not under stake; there is none")

    def of(self, round_id: bytes, thresholds: Thresholds | None = None) -> RoundReport:
        """Returns the report on a round.

        Raises:
            RoundError: its reveals aren't over, it only mixes another one's updates, or it is
                under stake.
            StorageError: the base or a document can't be had; run again.
            ConfigError: a document that is malformed, or doesn't fit the base.
        """
        state = self._board.state(round_id)
        if obstacle := self._obstacle(state):
            raise RoundError(obstacle)
        document, folder = fetch_document(self._blobs, state.terms), self._work / round_id.hex()
        fetch_base(self._board, self._blobs, state.terms, folder / "base")
        layout = layout_of(read_version(folder / "base"), document)
        if (hidden := self._hidden.of(state)) is not None:
            return self._of_hidden(state, document, hidden, folder, layout.length)
        accepted, refused = self._revealed.collected(
            state, layout, folder / "updates", document.saturation
        )
        outcome, uncombined, agrees = None, "", None
        try:
            outcome = self._outcome(state, document, folder, accepted)
        except AggregationError as error:
            # What comes to nothing has no root: a result that stands all the same is another's.
            uncombined, agrees = str(error), None if state.result is None else False
        except ConfigError as error:
            uncombined = str(error)
        if outcome is not None and state.result is not None:
            agrees = outcome.result_root == state.result.result_root
        measured = evaluation_of(document, state.round_id, state.terms.weight_cap, accepted)
        rest = agrees, uncombined, thresholds, measured
        return RoundReport.of(state, accepted, refused, outcome, *rest)

    def _of_hidden(
        self,
        state: RoundState,
        document: TermsDocument,
        hidden: HiddenState,
        folder: Path,
        length: int,
    ) -> RoundReport:
        good, refused = self._hidden.collected(state, hidden, length, folder / "updates")
        base, memory = read_version(folder / "base"), read_memory(folder / "base")
        try:
            found = execute_hidden(HiddenInputs(base, state.terms, document, hidden, good, memory))
        except AggregationError as error:
            agrees = None if state.result is None else False
            lost = [RefusedUpdate(u.participant, Reason.HIDDEN, "it is in no sum") for u in good]
            return RoundReport.of(state, [], [*refused, *lost], None, agrees, str(error))
        found = replace(found, refused=[*refused, *found.refused])
        told = state.result
        agrees = None if told is None else found.outcome.result_root == told.result_root
        return hidden_report(state, hidden, found, agrees)

    def _outcome(
        self,
        state: RoundState,
        document: TermsDocument,
        folder: Path,
        accepted: Sequence[AcceptedUpdate],
    ) -> Outcome:
        base, evaluate = folder / "base", self._evaluate
        if document.screening is not None and evaluate is None:
            evaluate = named_evaluation(document, base, self._validation_set)
            if evaluate is None:
                raise ConfigError("the validation set that screens its updates can't be had here")
        tensors, memory = read_version(base), read_memory(base)
        return execute(
            RoundInputs.under(state.terms, document, tensors, accepted, memory, evaluate)
        )

    def _validation_set(self, digest: bytes) -> Path | None:
        folder = self._work / "validation-set" / digest.hex()
        try:
            self._blobs.get_folder(digest, folder, LARGEST_VALIDATION_SET)
        except (BlobNotFound, BlobCorrupted):
            return None
        return folder

    def _obstacle(self, state: RoundState) -> str:
        """Returns why there is no report on a round, with the remedy; empty if there is one."""
        terms, told = state.terms, f"round {state.number}"
        if self._stakes is not None and state.round_id in self._stakes.rounds_of(terms.model_id):
            return f"{told} is under stake, where contracts say what counts; run tally audit on it"
        if phase_at(state, self._clock.now()) < Phase.PROPOSAL:
            until = f"{terms.reveal_deadline} (seconds since 1970)"
            return f"{told} takes reveals until {until} at the latest; ask again then"
        if client_needs(terms.strategy).mixes_among_peers:
            mixed = fetch_document(self._blobs, terms).strategy_parameters.get("of")
            if mixed:
                return f"{told} mixes the updates of {self._named(terms, mixed)}; ask for that one"
        return ""

    def _named(self, terms: RoundTerms, round_id: str) -> str:
        numbers = {
            found.hex(): i for i, found in enumerate(self._board.rounds_of(terms.model_id), 1)
        }
        return f"round {numbers.get(round_id, '0x' + round_id)}"
