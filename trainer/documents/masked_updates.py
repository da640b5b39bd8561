"""A hidden update as a folder: like a plain one, with packed bytes in place of integers (H-5).

`update.safetensors` holds one tensor `masked` of bytes; `statement.json` is a plain update's, of
weight 1 and with the packed vector's root. There is no evaluation: it would tell the examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch

from registry.errors import AggregationError, ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.signing import ContractSignatureChecker, Domain, UpdateStatement
from trainer.documents.update_folders import (
    STATEMENT_FILE,
    UPDATE_FILE,
    check_files,
    check_signature,
    write_statement,
)
from trainer.errors import Reason, UpdateRefused
from trainer.kernels import Packed
from trainer.privacy.masked_roots import PackedVector
from trainer.privacy.packing import packed_bytes
from trainer.vectors.safetensors_files import save_safetensors, tensor_places

__all__ = ["MaskedUpdate", "map_masked", "read_masked_update", "write_masked_update"]

_NAME = "masked"


@dataclass(frozen=True, eq=False)
class MaskedUpdate(RevealedUpdate):
    """A revealed hidden update that passed every check; `packed` may be mapped from its file."""

    packed: Packed

    @classmethod
    def of(cls, revealed: RevealedUpdate, packed: Packed) -> Self:
        """Returns a revealed update with its bytes."""
        r = revealed
        return cls(r.participant, r.update_root, r.content_digest, r.weight, packed)


def write_masked_update(
    folder: Path, packed: Packed, domain: Domain, statement: UpdateStatement, signature: bytes
) -> None:
    """Writes a hidden update's files into a folder, which is made if it isn't there.

    Args:
        folder: where to.
        packed: the masked values.
        domain: where the signature is good.
        statement: what was signed.
        signature: 65 bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_safetensors({_NAME: torch.from_numpy(packed)}, folder / UPDATE_FILE)
    write_statement(folder, domain, statement, signature)


def map_masked(path: Path, length: int, width: int) -> Packed:
    """Returns a file's packed values, mapped.

    Args:
        path: of the file.
        length: how many values it has.
        width: of a value, in bits.

    Raises:
        UpdateRefused: no such file, another tensor, or another size.
    """
    try:
        found = tensor_places(path)
    except ConfigError as error:
        why = f"{path.name}: {str(error).removeprefix(f'{path}: ')}"
        raise UpdateRefused(Reason.SHAPE, f"expected one tensor of bytes: {why}") from error
    if set(found) != {_NAME}:
        names = ", ".join(sorted(found))[:80]
        raise UpdateRefused(Reason.SHAPE, f"expected the one tensor {_NAME!r}, got {names!a}")
    place, size = found[_NAME], packed_bytes(length, width)
    if place.dtype != torch.uint8:
        raise UpdateRefused(Reason.DTYPE, f"expected bytes, got {place.dtype}")
    if place.shape != (size,):
        raise UpdateRefused(Reason.SHAPE, f"expected {size} bytes, got the shape {place.shape}")
    return np.memmap(path, dtype=np.uint8, mode="r", offset=place.offset, shape=(size,))


def read_masked_update(
    folder: Path,
    length: int,
    width: int,
    domain: Domain,
    statement: UpdateStatement,
    *,
    code_checker: ContractSignatureChecker | None = None,
) -> Packed:
    """Returns a hidden update's packed values, mapped from its file, after every check.

    What is masked looks like any other bytes: only the sum tells whether it was on the lattice.

    Args:
        folder: what was fetched by the revealed content digest.
        length: how many values a hidden vector of the round has.
        width: of a value, in bits.
        domain: of the rounds' contract.
        statement: the round, participant, root and weight that were revealed.
        code_checker: the chain's answer for contract accounts; None: every account is a key.

    Raises:
        UpdateRefused: with the first reason found.
    """
    check_files(folder, length)
    packed = map_masked(folder / UPDATE_FILE, length, width)
    try:
        root = PackedVector(packed, length, width).root()
    except AggregationError as error:
        raise UpdateRefused(Reason.SHAPE, str(error)) from error
    if root != statement.update_root:
        expected = statement.update_root.hex()
        raise UpdateRefused(
            Reason.COMMITMENT, f"expected values of the root 0x{expected}, got 0x{root.hex()}"
        )
    check_signature(folder / STATEMENT_FILE, domain, statement, code_checker)
    return packed
