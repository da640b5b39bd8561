"""The payout document: cumulative amounts under one payout root (P-3), one text per content.

Canonical JSON, `{"format":"tallystick/payouts/1","leaves":[[address,"amount"]…]}`, by ascending
address, whose digest (`registry.documents.parts`) the contract's event carries. Payer, claimant
and audit read it by this one strict reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.addresses import address_order
from registry.documents.canonical_json import amount, canonical, checksummed, parse, require_fields
from registry.documents.parts import LARGEST_DOCUMENT
from registry.errors import ConfigError
from registry.merkle import StandardTree

__all__ = ["LARGEST_PAYOUTS", "payout_document", "payout_tree", "read_payout_document"]

FORMAT = "tallystick/payouts/1"
LARGEST_PAYOUTS = LARGEST_DOCUMENT
_TYPES = ["address", "uint256"]


def payout_document(cumulative: Mapping[str, int]) -> bytes:
    """Returns the payout document of cumulative amounts by address; amounts of 0 are left out.

    The round-trip law: `read_payout_document(payout_document(c)) == c` for positive amounts.
    """
    leaves = [[address, str(amount)] for address, amount in _ordered(cumulative)]
    return canonical({"format": FORMAT, "leaves": leaves})


def read_payout_document(data: bytes) -> dict[str, int]:
    """Returns the cumulative amounts by address of a payout document.

    Raises:
        ConfigError: over 32 MiB, not canonical, of another format, or leaves that aren't each a
            checksummed address with a positive decimal amount below 2^256, ascending, each once.
    """
    fields = require_fields(parse(data, LARGEST_PAYOUTS, _WHAT), ("format", "leaves"), _WHAT)
    if fields["format"] != FORMAT:
        raise ConfigError(f"{_WHAT}: expected format {FORMAT}, got {fields['format']!r:.60}")
    if not isinstance(fields["leaves"], list):
        raise ConfigError(f"{_WHAT}: expected a list of leaves")
    leaves = [_leaf(leaf) for leaf in fields["leaves"]]
    order = [address_order(address) for address, _ in leaves]
    if order != sorted(set(order)):
        raise ConfigError(f"{_WHAT}: expected each address once, ascending")
    return dict(leaves)


def payout_tree(cumulative: Mapping[str, int]) -> StandardTree:
    """Returns the OpenZeppelin standard tree over (address, cumulative amount)."""
    return StandardTree([list(leaf) for leaf in _ordered(cumulative)], _TYPES)


_WHAT = "payout document"


def _ordered(cumulative: Mapping[str, int]) -> list[tuple[str, int]]:
    ordered = sorted(cumulative.items(), key=lambda leaf: address_order(leaf[0]))
    return [(address, amount) for address, amount in ordered if amount > 0]


def _leaf(leaf: Any) -> tuple[str, int]:
    if not isinstance(leaf, list) or len(leaf) != 2:
        raise ConfigError(f"{_WHAT}: expected leaves of an address and an amount, got {leaf!r:.80}")
    address, amount_text = leaf
    paid = amount(amount_text, _WHAT)
    if paid == 0:
        raise ConfigError(f"{_WHAT}: expected positive amounts, got 0 for {address!r:.60}")
    return checksummed(address, _WHAT), paid
