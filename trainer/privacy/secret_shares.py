"""Secrets shared among neighbours: Shamir's scheme over the order of secp256k1 (H-4).

Source: Shamir, "How to share a secret", 1979, by the package `shamirs`. A dealer commits to all
shares that it hands out by one root, so that the contract takes no other share from anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import shamirs

from registry.merkle import leaf_hash, verify
from trainer.privacy.mask_seeds import ORDER

__all__ = ["HeldShares", "SecretKind", "is_in_root", "leaves_of", "recovered", "split"]

_LEAF = ["address", "address", "uint8", "uint8", "bytes32"]


class SecretKind(IntEnum):
    """Which of a dealer's two secrets a share is of."""

    SEED = 1
    KEY = 2


@dataclass(frozen=True)
class HeldShares:
    """What one holder has of one dealer: a share of either secret, 32 bytes each.

    Args:
        dealer: a checksummed address.
        holder: a checksummed address.
        place: the shares' index, from 1.
        seed: of the mask seed.
        key: of the round's secret key.
    """

    dealer: str
    holder: str
    place: int
    seed: bytes
    key: bytes

    def of(self, kind: SecretKind) -> bytes:
        """Returns the share of one of the secrets."""
        return self.seed if kind is SecretKind.SEED else self.key


def split(
    seed: bytes, key: bytes, dealer: str, holders: Sequence[str], threshold: int
) -> list[HeldShares]:
    """Returns what each holder gets of two secrets, in the holders' order.

    Args:
        seed: 32 bytes, below the curve's order.
        key: likewise.
        dealer: whose secrets they are.
        holders: at least as many as the threshold.
        threshold: so many shares give a secret back, fewer tell nothing about it.
    """
    # The package gives no single share; of a group of two the second one goes to nobody.
    count = max(2, len(holders))
    shared = [
        shamirs.shares(int.from_bytes(secret, "big"), count, modulus=ORDER, threshold=threshold)
        for secret in (seed, key)
    ]
    return [
        HeldShares(dealer, holder, of_seed.index, _word(of_seed.value), _word(of_key.value))
        for holder, of_seed, of_key in zip(holders, *shared, strict=False)
    ]


def leaves_of(share: HeldShares) -> tuple[bytes, bytes]:
    """Returns the leaves of a holder's two shares, 32 bytes each: of the seed's, of the key's.

    The dealer stands in them, so that nobody hands another's sealed shares on as its own.
    """
    of_seed, of_key = (
        leaf_hash(_LEAF, (share.dealer, share.holder, int(kind), share.place, share.of(kind)))
        for kind in SecretKind
    )
    return of_seed, of_key


def is_in_root(
    root: bytes,
    dealer: str,
    holder: str,
    kind: SecretKind,
    place: int,
    share: bytes,
    proof: Sequence[bytes],
) -> bool:
    """Tells whether a share is one that a dealer committed to."""
    return verify(root, _LEAF, (dealer, holder, int(kind), place, share), proof)


def recovered(shares: Mapping[int, bytes], threshold: int) -> bytes | None:
    """Returns the secret that shares give, 32 bytes; None if there are fewer than the threshold.

    Which of them are taken doesn't matter: all are in the dealer's root, so where they give no
    right secret it is the dealer who shared a wrong one.

    Args:
        shares: 32 bytes each, by their index.
        threshold: how many give the secret.
    """
    right = [at for at, share in shares.items() if at > 0 and _is_scalar(share)]
    if len(right) < threshold:
        return None
    chosen = sorted(right)[:threshold]
    points = [shamirs.share(at, int.from_bytes(shares[at], "big"), ORDER) for at in chosen]
    return _word(int(shamirs.interpolate(points, threshold=threshold)))


def _is_scalar(share: bytes) -> bool:
    return int.from_bytes(share, "big") < ORDER


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")
