"""What masks are drawn from: seeds bound to chain, contract, round and pair (H-5).

A pair's seed follows from the Diffie-Hellman point of two round keys by the point's address, which
is what a contract gets from `ecrecover`: whoever knows one secret key of the two proves the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from coincurve import PrivateKey, PublicKey
from eth_abi.abi import encode

from registry.addresses import address_order
from registry.errors import ConfigError
from registry.hashing import keccak256
from trainer.privacy.neighbour_graph import RoundKey

__all__ = ["ORDER", "MaskDomain", "is_secret_of", "public_key", "round_key_of", "uncompressed"]

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of secp256k1: secrets and shares are below it."""
_SEED = keccak256(b"tallystick/hidden/seed/1")
_SELF = keccak256(b"tallystick/hidden/self/1")
_PAIR = keccak256(b"tallystick/hidden/pair/1")
_OWN = ["bytes32", "uint256", "address", "bytes32", "address", "bytes32"]
_PAIRED = ["bytes32", "uint256", "address", "bytes32", "address", "address", "address"]


@dataclass(frozen=True)
class MaskDomain:
    """Where seeds are good: one round of one contract of one chain."""

    chain_id: int
    contract: str
    round_id: bytes

    def seed_commitment(self, participant: str, seed: bytes) -> bytes:
        """Returns the commitment to a participant's mask seed, 32 bytes."""
        return self._own(_SEED, participant, seed)

    def self_mask_seed(self, participant: str, seed: bytes) -> bytes:
        """Returns what a participant's own mask is drawn from, 32 bytes."""
        return self._own(_SELF, participant, seed)

    def _own(self, tag: bytes, participant: str, seed: bytes) -> bytes:
        told = tag, self.chain_id, self.contract, self.round_id, participant, seed
        return keccak256(encode(_OWN, told))

    def pair_mask_seed(self, own: str, secret: bytes, other: str, key: RoundKey) -> bytes:
        """Returns what the mask of two participants is drawn from, 32 bytes.

        Args:
            own: the address of one of them.
            secret: its secret key of this round, 32 bytes.
            other: the other's address.
            key: the other's public key.

        Raises:
            ConfigError: the key is no point of the curve.
        """
        shared = _address(public_key(key).multiply(secret))
        low, high = sorted((own, other), key=address_order)
        told = _PAIR, self.chain_id, self.contract, self.round_id, low, high, shared
        return keccak256(encode(_PAIRED, told))


def round_key_of(secret: bytes) -> RoundKey:
    """Returns the public key of a secret one of 32 bytes."""
    data = PrivateKey(secret).public_key.format(compressed=True)
    return RoundKey(int.from_bytes(data[1:], "big"), data[0] == 3)


@lru_cache(maxsize=4_096)
def public_key(key: RoundKey) -> PublicKey:
    """Returns the point of a round key.

    Raises:
        ConfigError: there is none of that abscissa.
    """
    try:
        return PublicKey(bytes([2 + key.odd]) + key.x.to_bytes(32, "big"))
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"expected a point of secp256k1, got the abscissa {key.x:#x}") from error


def uncompressed(key: RoundKey) -> bytes:
    """Returns a round key as 65 bytes, for sealing to it."""
    return bytes(public_key(key).format(compressed=False))


def is_secret_of(secret: bytes, key: RoundKey) -> bool:
    """Tells whether 32 bytes are the secret key of a public one."""
    return 0 < int.from_bytes(secret, "big") < ORDER and round_key_of(secret) == key


def _address(point: PublicKey) -> str:
    return "0x" + keccak256(bytes(point.format(compressed=False))[1:])[12:].hex()
