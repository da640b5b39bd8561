"""What a participant keeps from round to round: vectors of its rounds, and a secret to draw by.

What a round leaves lies in that round's folder, so a participant that is stopped anywhere finds
what the newest round left whose result counts its update: nothing from a round that came to
nothing, that refused the update, or whose rule left it out.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path

import torch

from registry.errors import ConfigError
from registry.own_files import write_own
from trainer.documents.fetching import fetch_result
from trainer.ports import BlobStore, RoundBoard
from trainer.protocol.round_state import RoundState
from trainer.types import FloatVector
from trainer.vectors.safetensors_files import load_safetensors, save_safetensors

__all__ = ["keep_vectors", "newest_vectors", "rng_key"]

_KEY_FILE = "drawing.key"


def keep_vectors(folder: Path, file: str, vectors: Mapping[str, FloatVector]) -> None:
    """Keeps what a round leaves, for when its version counts the update.

    Args:
        folder: the round's.
        file: a name of the file's own.
        vectors: at least one.
    """
    tensors = {name: torch.from_numpy(vector) for name, vector in vectors.items()}
    save_safetensors(tensors, folder / file)


def newest_vectors(
    board: RoundBoard, blobs: BlobStore, state: RoundState, work: Path, file: str
) -> dict[str, FloatVector]:
    """Returns what the newest round left that counts this account's update; else nothing.

    Args:
        board: seen by the participant's account.
        blobs: where the documents of results lie.
        state: of the round that begins; what it left itself doesn't count.
        work: the participant's folder, with one folder per round in it.
        file: as `keep_vectors` got it.

    Raises:
        StorageError: the document of such a round's result can't be had.
    """
    for round_id in reversed(board.rounds_of(state.terms.model_id)):
        path = work / round_id.hex() / file
        if round_id == state.round_id or not path.exists():
            continue
        if _counts(blobs, board.state(round_id), board.account):
            return {name: kept.numpy() for name, kept in load_safetensors(path).items()}
    return {}


def _counts(blobs: BlobStore, state: RoundState, account: str) -> bool:
    # The board alone can't tell: it has batches of reveals as a root, and no reasons.
    if not state.finalised:
        return False
    try:
        document = fetch_result(blobs, state)
    except ConfigError:  # a document that isn't one counts nobody's update (P-8)
        return False
    return account in document.shares and account not in document.excluded


def rng_key(work: Path, round_id: bytes) -> bytes:
    """Returns the secret that this participant draws by in a round, 32 bytes.

    It follows from a file that only its owner can read, and that is made when it isn't there.
    """
    path = work / _KEY_FILE
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_own(path, secrets.token_bytes(32))
    return hmac.digest(path.read_bytes(), round_id, "sha256")
