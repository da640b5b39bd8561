"""Signatures and openings of a batch's entries, made and checked (R-5): pure, without a chain.

Whether a contract account's signature is good is the chain's to say: callers pass a checker.
"""

from __future__ import annotations

from registry.documents.batch_entries import SignedCommitment, commitment_of
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.errors import RoundError, SignatureInvalid
from registry.signing import (
    CommitmentStatement,
    ContractSignatureChecker,
    Domain,
    Signer,
    digest,
    verify,
)

__all__ = [
    "check_commitments",
    "check_openings",
    "check_signature",
    "is_by_key",
    "sign_commitment",
]


def sign_commitment(
    signer: Signer, domain: Domain, round_id: bytes, commitment: bytes
) -> SignedCommitment:
    """Returns a participant's consent that somebody else commits for it.

    Args:
        signer: the participant's key.
        domain: of TrainingRounds.
        round_id: 32 bytes.
        commitment: 32 bytes (R-3).
    """
    statement = CommitmentStatement(round_id, signer.address, commitment)
    return SignedCommitment(signer.address, commitment, signer.sign_typed(domain, statement))


def check_signature(
    domain: Domain,
    round_id: bytes,
    entry: SignedCommitment,
    checker: ContractSignatureChecker | None = None,
) -> None:
    """Returns if the participant signed its entry for this round.

    Args:
        domain: of TrainingRounds.
        round_id: 32 bytes.
        entry: what came.
        checker: the chain's answer for contract accounts; None: every account is a key.

    Raises:
        SignatureInvalid: it did not.
    """
    statement = CommitmentStatement(round_id, entry.participant, entry.commitment)
    verify(entry.participant, digest(domain, statement), entry.signature, checker)


def is_by_key(domain: Domain, round_id: bytes, entry: SignedCommitment) -> bool:
    """Tells whether the account's own key signed an entry, whatever code the account has."""
    try:
        check_signature(domain, round_id, entry)
    except SignatureInvalid:
        return False
    return True


def check_commitments(
    domain: Domain, batch: CommitmentBatch, checker: ContractSignatureChecker | None = None
) -> None:
    """Returns if every entry of a batch is signed by its participant.

    Raises:
        SignatureInvalid: the first that is not.
    """
    for entry in batch.commitments:
        check_signature(domain, batch.round_id, entry, checker)


def check_openings(domain: Domain, batch: CommitmentBatch, reveals: RevealBatch) -> None:
    """Returns if every reveal opens its participant's commitment in the batch.

    Raises:
        RoundError: of another round, not in the batch, or the opening of another commitment.
    """
    if reveals.round_id != batch.round_id:
        raise RoundError(
            f"expected reveals of round 0x{batch.round_id.hex()}, got 0x{reveals.round_id.hex()}"
        )
    for opened in reveals.reveals:
        entry = batch.find(opened.participant)
        found = commitment_of(domain, batch.round_id, opened)
        if entry is None:
            raise RoundError(f"expected reveals of the batch's own, got {opened.participant}")
        if found != entry.commitment:
            raise RoundError(
                f"the reveal of {opened.participant} gives 0x{found.hex()}, "
                f"expected 0x{entry.commitment.hex()}"
            )
