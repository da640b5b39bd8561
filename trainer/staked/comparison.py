"""Holds a standing proposal's weights and memory against those that were worked out here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from registry.errors import ConfigError
from registry.fraud_proofs.stake_terms import ChunkProof
from trainer.execution.memory_roots import momenta_of
from trainer.execution.version_roots import weights_of
from trainer.staked.outcome import Outcomes
from trainer.staked.servers import server_of
from trainer.staked.state import StakedState
from trainer.staked.verdict import Observed, Verdict
from trainer.staked.version_parts import Made
from trainer.staked.version_verdict import Compared, step_verdict, version_verdict
from trainer.vectors.stored_vectors import StoredVector, first_difference

__all__ = ["compared"]


def compared(
    outcomes: Outcomes,
    state: StakedState,
    right: Made,
    known: Observed,
    numerators: Callable[[int], ChunkProof],
) -> Verdict:
    """Returns what is wrong with the standing proposal's version, whose sums are right.

    Args:
        outcomes: fetches base and proposal.
        state: the round's.
        right: the version that the round comes to.
        known: answered chunks.
        numerators: gives a chunk of the top's numerators with its proof.

    Raises:
        StorageError: base or terms document can't be had.
        ConfigError: weights or a memory that can't be proved.
        StoreUnavailable: storage gave no answer.
    """
    standing = state.disputed
    if standing is None:
        return Verdict()
    told, document, base = standing.proposal, outcomes.terms_document(state), outcomes.base(state)
    weights, folder = weights_of(base, document), outcomes.proposed(state)
    theirs = _rooted(
        folder, lambda at: weights_of(at, document, weights), told.version_root, weights
    )
    of_weights = _pair(weights, right.weights, theirs, told.version_root, known)
    server = server_of(document, weights, base)
    if server is None:
        faults, asks = version_verdict(of_weights, numerators, any(told.momentum_root))
        wrong = _is_wrong(of_weights) or any(told.momentum_root)
        return Verdict(faults, asks, wrong_sums=wrong)
    if not server.is_judged or right.memory is None:
        return Verdict()
    momenta = momenta_of(base, weights.length)
    proposed = _rooted(
        folder, lambda at: momenta_of(at, weights.length), told.momentum_root, momenta
    )
    of_momentum = _pair(momenta, right.memory, proposed, told.momentum_root, known)
    steps, more = step_verdict(server, of_weights, of_momentum, numerators)
    return Verdict(steps, more, wrong_sums=_is_wrong(of_weights) or _is_wrong(of_momentum))


def _rooted(
    folder: Path | None, read: Callable[[Path], StoredVector], root: bytes, like: StoredVector
) -> StoredVector | None:
    """Returns a vector of a folder if it can be read and has the root that was proposed."""
    if folder is None:
        return None
    try:
        found = read(folder)
    except ConfigError:
        return None
    # Of another length or type nothing could be compared: then it is asked for, in vain.
    alike = (found.length, found.bits) == (like.length, like.bits)
    return found if alike and found.root() == root else None


def _pair(
    base: StoredVector,
    right: StoredVector,
    theirs: StoredVector | None,
    root: bytes,
    known: Observed,
) -> Compared:
    differs = None if theirs is None else first_difference(right, theirs)
    told = {chunk: proof for (of, chunk), proof in known.chunks.items() if of == root}
    return Compared(base, right, root, theirs, differs, told)


def _is_wrong(pair: Compared) -> bool:
    return pair.right.root() != pair.root
