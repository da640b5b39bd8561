"""A participant: enrols, trains on its own data, commits to its update, reveals it.

Data never leave: what is stored and committed is the quantised difference of parameters. What a
restart needs is in a journal that only its owner can read, written before the commitment is sent.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

from registry.errors import ConfigError, RoundError
from trainer.actions import Action, Step, participant_actions
from trainer.client import Training
from trainer.commitments import vector_root
from trainer.documents import canonical, hex_word, parse, require_fields, word
from trainer.execution import layout_of
from trainer.lattice import quantise
from trainer.parameters import check_state, flatten
from trainer.ports import BlobStore, Clock, RoundBoard
from trainer.progress import Progress
from trainer.rounds import RoundState
from trainer.terms_document import LARGEST_TERMS, TermsDocument
from trainer.types import IntVector, Opening
from trainer.updates import (
    Signer,
    UpdateStatement,
    commitment,
    rounds_domain,
    sign_update,
    write_update,
)
from trainer.versions import read_version

__all__ = ["Participant"]

_LARGEST_BASE = 1 << 40
_LARGEST_JOURNAL = 4_096


@final
class Participant:
    """One data owner in any number of rounds.

    Args:
        board: seen by the participant's account.
        blobs: where the base comes from and the update goes to.
        clock: the rounds' time.
        signer: the participant's key; its address is the board's account.
        training: what is done with the data; see `trainer.client`.
        work: a folder for journals; kept between runs.
        allow_list_proof: if the rounds have an allow-list.

    Raises:
        ConfigError: the signer isn't the board's account.
    """

    def __init__(
        self,
        board: RoundBoard,
        blobs: BlobStore,
        clock: Clock,
        signer: Signer,
        training: Training,
        work: Path,
        allow_list_proof: Sequence[bytes] = (),
    ) -> None:
        if signer.address != board.account:
            raise ConfigError(f"expected the key of {board.account}, got that of {signer.address}")
        self._board, self._blobs, self._clock = board, blobs, clock
        self._signer, self._training, self._work = signer, training, work
        self._allow_list_proof = tuple(allow_list_proof)
        self.metrics: Mapping[str, float] = {}

    @property
    def address(self) -> str:
        """The participant's checksummed address."""
        return self._signer.address

    def run(self, round_id: bytes) -> None:
        """Takes part in a round from wherever it stands until nothing is left to do."""
        while (progress := self.step(round_id)).next.step is not Step.LEAVE:
            if not progress.acted:
                self._clock.wait_until(progress.next.until)

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks of this participant now, and returns what comes next.

        Raises:
            RoundError: the journal of a commitment is lost, or the board refused.
            UpdateRefused: the trained parameters are not finite.
            TrainingError: local training failed.
        """
        state = self._board.state(round_id)
        action = participant_actions(state, self.address, self._clock.now())[0]
        match action.step:
            case Step.ENROL:
                self._board.enrol(round_id, self._allow_list_proof)
            case Step.COMMIT:
                self._commit(state)
            case Step.REVEAL:
                self._board.reveal(round_id, self.address, self._journalled(state))
            case _:
                return Progress(False, action)
        return Progress(True, self._next(round_id))

    def _next(self, round_id: bytes) -> Action:
        state = self._board.state(round_id)
        return participant_actions(state, self.address, self._clock.now())[0]

    def _commit(self, state: RoundState) -> None:
        journal = self._journal(state.round_id)
        if not journal.exists():
            self._prepare(state)
        opening = self._journalled(state)
        # Sent again after a restart: a store keeps what it has, and content comes before the chain.
        self._blobs.put_folder(self._folder(state.round_id) / "update")
        board = self._board
        made = commitment(
            board.chain_id, board.rounds_address, state.round_id, self.address, opening
        )
        board.commit(state.round_id, made)

    def _prepare(self, state: RoundState) -> None:
        vector, weight = self._train(state)
        root = vector_root(vector, state.terms.lattice.bits)
        domain = rounds_domain(self._board.chain_id, self._board.rounds_address)
        statement = UpdateStatement(state.round_id, self.address, root, weight)
        folder = self._folder(state.round_id) / "update"
        write_update(
            folder, vector, domain, statement, sign_update(self._signer, domain, statement)
        )
        digest = self._blobs.put_folder(folder)
        opening = Opening(root, digest, weight, secrets.token_bytes(32))
        _write_journal(self._journal(state.round_id), opening)

    def _train(self, state: RoundState) -> tuple[IntVector, int]:
        terms = state.terms
        text = self._blobs.get_bytes(terms.document_digest, LARGEST_TERMS)
        document = TermsDocument.parse(text)
        version = self._board.versions(terms.model_id)[terms.base_version - 1]
        folder = self._folder(state.round_id) / "base"
        self._blobs.get_folder(version.content_digest, folder, _LARGEST_BASE)
        base = read_version(folder)
        layout = layout_of(base, document)
        result = self._training({name: t.clone() for name, t in base.items()}, document.plan)
        check_state(result.state, base)
        self.metrics = result.metrics
        delta = flatten(result.state, layout) - flatten(base, layout)
        return quantise(delta, terms.lattice), min(result.examples, terms.weight_cap)

    def _folder(self, round_id: bytes) -> Path:
        folder = self._work / self.address.lower() / round_id.hex()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _journal(self, round_id: bytes) -> Path:
        return self._folder(round_id) / "opening.json"

    def _journalled(self, state: RoundState) -> Opening:
        path = self._journal(state.round_id)
        if not path.exists():
            raise RoundError(
                f"{path}: the commitment's opening is lost; run in the folder it was made in"
            )
        return _read_journal(path)


def _write_journal(path: Path, opening: Opening) -> None:
    text = canonical(
        {
            "updateRoot": hex_word(opening.update_root),
            "contentDigest": hex_word(opening.content_digest),
            "weight": opening.weight,
            "salt": hex_word(opening.salt),
        }
    )
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    # The salt hides the update until the reveal: nobody else may read it.
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def _read_journal(path: Path) -> Opening:
    names = ("updateRoot", "contentDigest", "weight", "salt")
    data = path.read_bytes()
    found = require_fields(parse(data, _LARGEST_JOURNAL, str(path)), names, str(path))
    return Opening(
        word(found["updateRoot"], "updateRoot"),
        word(found["contentDigest"], "contentDigest"),
        int(found["weight"]),
        word(found["salt"], "salt"),
    )
