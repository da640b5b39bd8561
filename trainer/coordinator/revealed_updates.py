"""Fetches what participants revealed, and reads it only if it is what they committed to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import final

from registry.addresses import address_order
from registry.documents.batch_entries import Opening
from trainer.batches.posted import openings_of
from trainer.documents.fetching import fetch_revealed
from trainer.documents.update_folders import (
    ContractSignatureChecker,
    UpdateStatement,
    folder_limit,
    read_evaluation,
    read_update,
    rounds_domain,
)
from trainer.errors import UpdateRefused
from trainer.ports import BlobStore, RoundBoard
from trainer.protocol.round_state import RoundState
from trainer.types import AcceptedUpdate, IntVector, RefusedUpdate
from trainer.vectors.layout import Layout
from trainer.vectors.quantizing import at_the_bounds, check_saturation

__all__ = ["RevealedUpdates"]


@final
class RevealedUpdates:
    """The updates of one board's rounds, as storage has them.

    Args:
        board: whose contract the updates are signed for.
        blobs: where the folders come from.
        code_checker: the chain's answer for contract accounts that take part.
    """

    def __init__(
        self,
        board: RoundBoard,
        blobs: BlobStore,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        self._blobs, self._code_checker = blobs, code_checker
        self._domain = rounds_domain(board.chain_id, board.rounds_address)

    def collected(
        self, state: RoundState, layout: Layout, folder: Path, saturation: int
    ) -> tuple[list[AcceptedUpdate], list[RefusedUpdate]]:
        """Returns every update revealed so far, accepted or refused, each by ascending address.

        Args:
            state: the round.
            layout: of the tensors whose values an update has.
            folder: where the fetched folders are kept, one per participant.
            saturation: the terms' bound, in parts per million of a tensor (L-9).

        Raises:
            StorageError: storage gave no answer, or hasn't the documents of the round's batches.
            ConfigError: one of these documents is malformed.
            RoundError: one of them belongs to another batch, or opens no commitment of it.
        """
        accepted, refused = [], []
        openings = openings_of(self._blobs, state, self._domain)
        order = sorted(openings.items(), key=lambda item: address_order(item[0]))
        places = [(folder / who.lower(), opening) for who, opening in order]
        with self._fetching(places, 2 * folder_limit(layout.length)) as fetches:
            for (who, opening), (place, _), fetch in zip(order, places, fetches, strict=True):
                try:
                    fetch.result()
                    vector = self._checked(state, who, opening, layout.length, place)
                    counts = at_the_bounds(vector, layout, state.terms.lattice)
                    check_saturation(counts, layout, saturation)
                except UpdateRefused as error:
                    refused.append(RefusedUpdate(who, error.reason, error.detail))
                else:
                    accepted.append(AcceptedUpdate.of(opening, vector, read_evaluation(place)))
        return accepted, refused

    def read(
        self, state: RoundState, participant: str, opening: Opening, length: int, folder: Path
    ) -> IntVector:
        """Returns the vector that a participant's opening tells of.

        Args:
            state: the round.
            participant: the checksummed address.
            opening: what the board holds of the update.
            length: how many values it must have.
            folder: where the fetched folder is kept; a cut fetch is resumed there.

        Raises:
            UpdateRefused: it is not there, or isn't what was committed to, with the reason.
            StoreUnavailable: storage gave no answer; run again.
        """
        # Twice the limit: which of the two files is too large is for `read_update` to say, so
        # that a replay from fetched folders gives the same reasons.
        limit = 2 * folder_limit(length)
        fetch_revealed(self._blobs, opening.content_digest, folder, limit)
        return self._checked(state, participant, opening, length, folder)

    def _checked(
        self, state: RoundState, participant: str, opening: Opening, length: int, folder: Path
    ) -> IntVector:
        return read_update(
            folder,
            state.terms.lattice,
            length,
            self._domain,
            UpdateStatement(state.round_id, participant, opening.update_root, opening.weight),
            weight_cap=state.terms.weight_cap,
            code_checker=self._code_checker,
        )

    @contextmanager
    def _fetching(
        self, places: Sequence[tuple[Path, Opening]], limit: int
    ) -> Iterator[list[Future[None]]]:
        """Gives the fetches in their order: one is under way while another's update is checked."""
        with ThreadPoolExecutor(1) as pool:
            try:
                yield [
                    pool.submit(fetch_revealed, self._blobs, opening.content_digest, place, limit)
                    for place, opening in places
                ]
            finally:
                pool.shutdown(cancel_futures=True)
