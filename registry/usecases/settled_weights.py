"""Holds a version's folder against the weights that a staked round was settled with (F-13).

The chain knows such a version by two things that nothing on it ties together: the digest of its
files, and the root that its weights were judged by. Whoever uses it has to see that they agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from registry.errors import ConfigError, ManifestError
from registry.index import RegistryState
from registry.storage import RAW, Cid
from registry.types import Version
from registry.usecases.connection import Connection

__all__ = ["RootOf", "SettledWeights", "require_weights", "settled_weights"]

RootOf = Callable[[bytes, Path], bytes]
"""Computes the root of a folder's weights; its first argument is the terms document."""


@dataclass(frozen=True)
class SettledWeights:
    """What a round was settled with: its number, the root of weights, the terms' digest."""

    round_number: int
    root: bytes
    document_digest: bytes


def settled_weights(state: RegistryState, version: Version) -> SettledWeights | None:
    """Returns what a version's content was settled with; None if no round under stake made it."""
    record = state.staked_rounds.rounds.get(version.round_id)
    standing = None if record is None else record.standing
    if record is None or standing is None or not record.settled:
        return None
    if standing.proposal.version_digest != version.content.digest:
        return None
    training = state.rounds.rounds[version.round_id]
    digest = training.terms.document_digest
    return SettledWeights(training.number, standing.proposal.version_root, digest)


def require_weights(
    connection: Connection, settled: SettledWeights, folder: Path, root_of: RootOf
) -> None:
    """Returns if a folder's weights are those that its round was settled with.

    Args:
        connection: to the storage that has the round's terms document.
        settled: by the round.
        folder: of the version, as it was fetched.
        root_of: computes the root; the trainer does.

    Raises:
        ManifestError: they are others, or the folder holds none.
        BlobNotFound: nobody has the terms document.
    """
    document = connection.store.get_block(Cid(RAW, settled.document_digest))
    try:
        found = root_of(document, folder)
    except ConfigError as error:
        raise ManifestError(f"{folder}: its weights can't be read: {error}") from error
    if found != settled.root:
        raise ManifestError(
            f"{folder}: expected weights of root 0x{settled.root.hex()}, which round "
            f"{settled.round_number} was settled with, got 0x{found.hex()}; don't use this "
            "version: its files aren't what was judged"
        )
