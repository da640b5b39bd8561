"""A participant's own secrets in one round, and what it hands to its neighbours (H-4)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.crypto.sealing import seal, unseal
from registry.documents.bundles import SealedShares, SecretBundle
from registry.errors import ConfigError, DecryptionFailed, RoundError
from registry.merkle import StandardTree
from registry.own_files import write_own
from trainer.privacy.mask_seeds import ORDER, MaskDomain, round_key_of, uncompressed
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey
from trainer.privacy.secret_shares import HeldShares, leaves_of, split

__all__ = ["RoundSecrets", "bundle_of", "dealt_of", "share_in"]

_SHARE = 32
_DRAWN = 32  # bytes that a round's secrets are drawn by


@dataclass(frozen=True)
class RoundSecrets:
    """The mask seed and the secret key of one participant in one round; never printed.

    Args:
        seed: 32 bytes, below the curve's order.
        key: likewise, above zero.
    """

    seed: bytes = field(repr=False)
    key: bytes = field(repr=False)

    @classmethod
    def kept(cls, path: Path, domain: MaskDomain) -> RoundSecrets:
        """Returns the secrets that follow from a file's, which is made when it isn't there.

        The file is of one round, and goes when that is over: what is taken later opens nothing.

        Args:
            path: of the file, readable by its owner alone.
            domain: chain, contract and round.

        Raises:
            RoundError: it isn't 32 bytes long.
        """
        if not path.exists():
            write_own(path, secrets.token_bytes(_DRAWN))
        found = path.read_bytes()
        if len(found) != _DRAWN:
            raise RoundError(f"{path}: expected {_DRAWN} bytes, got {len(found)}: it was damaged")
        return cls.drawn(found, domain)

    @classmethod
    def drawn(cls, drawing_key: bytes, domain: MaskDomain) -> RoundSecrets:
        """Returns the secrets that follow from what the participant draws by in this round.

        They follow, so that a participant that was killed has them again; and they are bound to
        chain and contract, so that no other round has the same.

        Args:
            drawing_key: 32 bytes, the participant's own in this round.
            domain: chain, contract and round.
        """
        where = f"{domain.chain_id} {domain.contract.lower()} {domain.round_id.hex()}"
        return cls(*(_scalar(drawing_key, f"{kind} {where}") for kind in ("seed", "key")))

    @property
    def public(self) -> RoundKey:
        """The public key that is published for the round."""
        return round_key_of(self.key)


def _scalar(key: bytes, label: str) -> bytes:
    """Returns 32 bytes between 0 and the order, by rejection; one try is nearly always enough."""
    tries = 0
    while True:
        found = hmac.digest(key, f"hidden {label} {tries}".encode(), "sha256")
        if 0 < int.from_bytes(found, "big") < ORDER and round_key_of(found).x < ORDER:
            return found
        tries += 1


def dealt_of(
    secrets: RoundSecrets,
    me: str,
    graph: NeighbourGraph,
    keys: Mapping[str, RoundKey],
    domain: MaskDomain,
) -> SecretBundle:
    """Returns a participant's secrets, shared anew among its neighbours and sealed for each.

    Shares are drawn anew in every call: what was recorded of one bundle isn't true of another.

    Args:
        secrets: its own.
        me: its address, on the roster.
        graph: of the round.
        keys: of the roster.
        domain: chain, contract and round.

    Raises:
        RoundError: it has no neighbour.
    """
    holders = graph.neighbours(me)
    if not holders:
        raise RoundError(f"{me} has no neighbour to share its secrets with; nobody else enrolled")
    group, _ = graph.place_of(me)
    shares = split(secrets.seed, secrets.key, me, holders, graph.threshold(group))
    sealed = {
        s.holder: SealedShares(leaves_of(s), seal(uncompressed(keys[s.holder]), s.seed + s.key))
        for s in shares
    }
    root = StandardTree.over([leaf for held in sealed.values() for leaf in held.leaves]).root
    commitment = domain.seed_commitment(me, secrets.seed)
    return SecretBundle(domain.round_id, me, commitment, root, sealed)


def bundle_of(data: bytes, domain: MaskDomain, dealer: str, root: bytes) -> SecretBundle:
    """Reads a dealer's bundle and holds it against the chain.

    Args:
        data: the document that the dealer's record names.
        domain: chain, contract and round.
        dealer: who recorded it.
        root: of all shares, as recorded.

    Raises:
        ConfigError: malformed, of another round or dealer, or over other shares.
    """
    bundle = SecretBundle.parse(data)
    for what, expected, told in (
        ("round", domain.round_id.hex(), bundle.round_id.hex()),
        ("dealer", dealer, bundle.dealer),
        ("share root", root.hex(), bundle.share_root.hex()),
    ):
        if expected != told:
            raise ConfigError(f"bundle of {dealer}: expected the {what} {expected}, got {told}")
    return bundle


def share_in(
    bundle: SecretBundle, holder: str, secret_key: bytes, holders: tuple[str, ...]
) -> HeldShares:
    """Returns what a bundle holds for one of the dealer's neighbours.

    Args:
        bundle: the dealer's.
        holder: the neighbour.
        secret_key: its key of the round.
        holders: the dealer's neighbours, by the graph that everybody works out.

    Raises:
        RoundError: the bundle is for other neighbours, or what it holds can't be opened.
    """
    if tuple(bundle.sealed) != holders:
        raise RoundError(
            f"the bundle of {bundle.dealer} is for {len(bundle.sealed)} holders that aren't its "
            f"{len(holders)} neighbours by the roster: it chose others, or another graph"
        )
    held = bundle.sealed[holder]
    try:
        text = unseal(secret_key, held.text)
    except DecryptionFailed as error:
        raise RoundError(
            f"the bundle of {bundle.dealer} holds nothing that {holder} can open: {error}"
        ) from error
    shares = HeldShares(
        bundle.dealer, holder, holders.index(holder) + 1, text[:_SHARE], text[_SHARE:]
    )
    if len(text) != 2 * _SHARE or leaves_of(shares) != held.leaves:
        raise RoundError(
            f"the bundle of {bundle.dealer} holds other shares for {holder} than it committed to"
        )
    return shares
