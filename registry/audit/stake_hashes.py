"""Hashes that contracts keep in the place of what events tell: terms, proposals, vouches."""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.abi_values import struct_hash
from registry.fraud_proofs.stake_terms import Proposal
from registry.hashing import keccak256
from registry.signing import Domain
from registry.types import RoundId

__all__ = ["availability_domain", "holdings_digest", "result_digest"]

_HOLDINGS = keccak256(b"Holdings(bytes32 roundId,uint256[] held)")
_RESULT = keccak256(b"Result(bytes32 roundId,uint32 proposal,bytes32 proposalHash)")


def availability_domain(chain_id: int, contract: str) -> Domain:
    """Returns the EIP-712 domain of an Availability contract."""
    return Domain("Tallystick Availability", "1", chain_id, contract)


def holdings_digest(domain: Domain, round_id: RoundId, held: Sequence[int]) -> bytes:
    """Returns what a holder vouches with for updates, 32 bytes (F-16).

    Args:
        domain: Availability's.
        round_id: 32 bytes.
        held: the bitmap of seats, in words of 256 bits.
    """
    packed = b"".join(word.to_bytes(32) for word in held)
    return _digest(domain, _HOLDINGS + round_id + keccak256(packed))


def result_digest(domain: Domain, round_id: RoundId, number: int, proposal: Proposal) -> bytes:
    """Returns what a holder vouches with for a proposal of a number, 32 bytes (F-16)."""
    return _digest(domain, _RESULT + round_id + number.to_bytes(32) + struct_hash(proposal))


def _digest(domain: Domain, struct: bytes) -> bytes:
    return keccak256(b"\x19\x01" + domain.separator() + keccak256(struct))
