"""A coordinator's part in hidden rounds: it hides them, and fetches what was revealed."""

from __future__ import annotations

from pathlib import Path
from typing import final

from registry.addresses import address_order
from trainer.documents.fetching import fetch_revealed
from trainer.documents.masked_updates import MaskedUpdate, read_masked_update
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import (
    ContractSignatureChecker,
    UpdateStatement,
    folder_limit,
    rounds_domain,
)
from trainer.errors import UpdateRefused
from trainer.ports import RoundContext
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.hidden_terms import HiddenSchedule
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase, RefusedUpdate

__all__ = ["HiddenRounds"]


@final
class HiddenRounds:
    """The hidden rounds of one account that conducts them.

    Args:
        context: board, storage and clock.
        code_checker: the chain's answer for contract accounts that take part.
    """

    def __init__(
        self, context: RoundContext, code_checker: ContractSignatureChecker | None = None
    ) -> None:
        self._context, self._board = context, context.board.hidden
        self._code_checker = code_checker
        board = context.board
        self._domain = rounds_domain(board.chain_id, board.rounds_address)

    def of(self, state: RoundState) -> HiddenState | None:
        """Returns the state of a hidden round; None if nobody hid it."""
        return self._board.state(state.round_id)

    def hide(self, state: RoundState, document: TermsDocument) -> bool:
        """Hides a round whose terms document says so, once; tells whether that was done now.

        Raises:
            RoundError: the board refused.
        """
        enrols = phase_at(state, self._context.clock.now()) is Phase.ENROLMENT
        if document.hidden is None or self.of(state) is not None or not enrols:
            return False
        schedule = HiddenSchedule.between(state.terms.deadlines)
        self._board.hide(state.round_id, document.hidden, schedule)
        return True

    def collected(
        self, state: RoundState, hidden: HiddenState, length: int, folder: Path
    ) -> tuple[list[MaskedUpdate], list[RefusedUpdate]]:
        """Returns every hidden update that was revealed, good or refused, by ascending address.

        Args:
            state: the round.
            hidden: the same round's.
            length: how many values a plain update has.
            folder: where the fetched folders are kept, one per participant.

        Raises:
            StoreUnavailable: storage gave no answer; run again.
        """
        good, refused = [], []
        blobs, whole = self._context.blobs, hidden.terms.length(length)
        limit = 2 * folder_limit(whole)
        for who in sorted(state.reveals, key=address_order):
            opening, place = state.reveals[who], folder / who.lower()
            told = state.round_id, who, opening.update_root, opening.weight
            try:
                fetch_revealed(blobs, opening.content_digest, place, limit)
                packed = read_masked_update(
                    place,
                    whole,
                    hidden.width,
                    self._domain,
                    UpdateStatement(*told),
                    code_checker=self._code_checker,
                )
            except UpdateRefused as error:
                refused.append(RefusedUpdate(who, error.reason, error.detail))
            else:
                good.append(MaskedUpdate.of(opening, packed))
        return good, refused
