"""An update as a folder: written, signed, committed to, and checked at the door (R-3, R-8).

`update.safetensors` holds the integers (`trainer.documents.update_files`); `statement.json` the
signed EIP-712 message; `evaluation.json`, where there is one, what was measured of the base version
(R-14). The commitment covers the folder's digest, and so all of it. A reader checks sizes before it
allocates, and gives the reason of each refusal from a closed list.
"""

from __future__ import annotations

from pathlib import Path

from eth_abi.abi import encode

from registry.documents.batch_entries import Opening
from registry.documents.evaluation import (
    EVALUATION_FILE,
    LARGEST_EVALUATION,
    EvaluationRecord,
)
from registry.documents.statement import LARGEST_STATEMENT, STATEMENT_FILE, SignedUpdate
from registry.errors import ConfigError, SignatureInvalid
from registry.hashing import keccak256
from registry.signing import (
    ContractSignatureChecker,
    Domain,
    Signer,
    UpdateStatement,
    digest,
    rounds_domain,
    verify,
)
from trainer.documents.update_files import load_vector, save_vector
from trainer.errors import Reason, UpdateRefused
from trainer.types import IntVector, Lattice
from trainer.vectors.lattice import check_range
from trainer.vectors.vector_roots import vector_root

__all__ = [
    "STATEMENT_FILE",
    "UPDATE_FILE",
    "ContractSignatureChecker",
    "Domain",
    "Signer",
    "UpdateStatement",
    "check_files",
    "check_signature",
    "commitment",
    "folder_limit",
    "read_evaluation",
    "read_update",
    "rounds_domain",
    "sign_update",
    "write_statement",
    "write_update",
]

UPDATE_FILE = "update.safetensors"
_LARGEST_OVERHEAD = 4_096


def commitment(
    chain_id: int, rounds_address: str, round_id: bytes, participant: str, opening: Opening
) -> bytes:
    """Returns the commitment to an opening, 32 bytes (R-3).

    It binds the chain, the contract, the round and the participant, so a copied one can't be
    opened by the copier (T-16).
    """
    kinds = ["uint256", "address", "bytes32", "address", "bytes32", "bytes32", "uint64", "bytes32"]
    values = [
        chain_id,
        rounds_address,
        round_id,
        participant,
        opening.update_root,
        opening.content_digest,
        opening.weight,
        opening.salt,
    ]
    return keccak256(encode(kinds, values))


def sign_update(signer: Signer, domain: Domain, statement: UpdateStatement) -> bytes:
    """Returns the participant's 65-byte signature of its statement.

    Raises:
        ConfigError: the signer isn't the participant.
    """
    if signer.address != statement.participant:
        raise ConfigError(
            f"expected the key of {statement.participant}, got that of {signer.address}"
        )
    return signer.sign_typed(domain, statement)


def write_update(
    folder: Path,
    vector: IntVector,
    domain: Domain,
    statement: UpdateStatement,
    signature: bytes,
    evaluation: EvaluationRecord | None = None,
) -> None:
    """Writes the update's files into a folder, which is made if it isn't there.

    Args:
        folder: where to.
        vector: shape (n,), the lattice's type.
        domain: where the signature is good.
        statement: what was signed.
        signature: 65 bytes.
        evaluation: what was measured of the base version (R-14); None: no file for it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_vector(vector, folder / UPDATE_FILE)
    write_statement(folder, domain, statement, signature)
    if evaluation is not None:
        (folder / EVALUATION_FILE).write_bytes(evaluation.to_json())


def write_statement(
    folder: Path, domain: Domain, statement: UpdateStatement, signature: bytes
) -> None:
    """Writes the signed statement of an update into its folder."""
    text = SignedUpdate(domain, statement, signature).to_json()
    (folder / STATEMENT_FILE).write_bytes(text)


def folder_limit(length: int) -> int:
    """Returns the most bytes that the folder of an update of `length` values may have."""
    return 8 * length + _LARGEST_OVERHEAD + LARGEST_STATEMENT + LARGEST_EVALUATION


def read_update(
    folder: Path,
    lattice: Lattice,
    length: int,
    domain: Domain,
    statement: UpdateStatement,
    *,
    weight_cap: int,
    code_checker: ContractSignatureChecker | None = None,
) -> IntVector:
    """Returns an update's values, shape (length,), mapped from its file, after every check.

    Args:
        folder: what was fetched by the revealed content digest.
        lattice: the round's.
        length: the layout's.
        domain: of the rounds' contract.
        statement: the round, participant, root and weight that were revealed.
        weight_cap: the terms' (R-4).
        code_checker: the chain's answer for contract accounts; None: every account is a key.

    Raises:
        UpdateRefused: with the first reason found.
    """
    if not 1 <= statement.weight <= weight_cap:
        raise UpdateRefused(
            Reason.WEIGHT, f"expected a weight from 1 to {weight_cap}, got {statement.weight}"
        )
    check_files(folder, length)
    vector = load_vector(folder / UPDATE_FILE, lattice.dtype, length)
    check_range(vector, lattice)
    _check_root(vector, lattice.bits, statement.update_root)
    check_signature(folder / STATEMENT_FILE, domain, statement, code_checker)
    return vector


def check_signature(
    path: Path,
    domain: Domain,
    statement: UpdateStatement,
    code_checker: ContractSignatureChecker | None,
) -> None:
    """Returns if a file holds a statement that its participant signed.

    Args:
        path: of the file.
        domain: of the rounds' contract.
        statement: what was revealed.
        code_checker: the chain's answer for contract accounts; None: every account is a key.

    Raises:
        UpdateRefused: another statement, or not signed.
    """
    signature = _signature(path, domain, statement)
    try:
        verify(statement.participant, digest(domain, statement), signature, code_checker)
    except SignatureInvalid as error:
        raise UpdateRefused(Reason.SIGNATURE, str(error)) from error


def read_evaluation(folder: Path) -> EvaluationRecord | None:
    """Returns what an update's participant measured; None if its folder has no sound record of it.

    What is wrong with a record is its writer's loss alone: the update counts without it.
    """
    try:
        with (folder / EVALUATION_FILE).open("rb") as file:
            return EvaluationRecord.parse(file.read(LARGEST_EVALUATION + 1))
    except (OSError, ConfigError):
        return None


def _check_root(vector: IntVector, bits: int, expected: bytes) -> None:
    root = vector_root(vector, bits)
    if root != expected:
        raise UpdateRefused(
            Reason.COMMITMENT,
            f"expected values of the root 0x{expected.hex()}, got 0x{root.hex()}",
        )


def check_files(folder: Path, length: int) -> None:
    """Returns if a folder has an update's files and nothing else, within the limit.

    Raises:
        UpdateRefused: it lacks one, has another, or is too large.
    """
    found = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
    for name in (UPDATE_FILE, STATEMENT_FILE):
        if name not in found or not _is_plain(found[name]):
            raise UpdateRefused(Reason.MISSING_CONTENT, f"the folder lacks the file {name}")
    if extra := sorted(set(found) - {UPDATE_FILE, STATEMENT_FILE, EVALUATION_FILE}):
        raise UpdateRefused(
            Reason.SIZE, f"expected an update's files, got {extra[0][:80]!a} besides"
        )
    # What a folder takes differs by file system, and so would the reason of a refusal.
    if EVALUATION_FILE in found and not _is_plain(found[EVALUATION_FILE]):
        raise UpdateRefused(Reason.SIZE, f"expected {EVALUATION_FILE} to be a file")
    size = sum(path.stat().st_size for path in found.values())
    if size > folder_limit(length):
        raise UpdateRefused(
            Reason.SIZE, f"expected at most {folder_limit(length)} bytes, got {size}"
        )


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _signature(path: Path, domain: Domain, statement: UpdateStatement) -> bytes:
    with path.open("rb") as file:
        text = file.read(LARGEST_STATEMENT + 1)
    try:
        signed = SignedUpdate.parse(text)
        # Whatever else the file says, it has to be what was revealed.
        signed.require(domain, statement)
    except ConfigError as error:
        raise UpdateRefused(Reason.STATEMENT, str(error)) from error
    return signed.signature
