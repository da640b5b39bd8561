"""Which block an audit is of, and who vouches for it.

Everything is read as of one block: events up to it, storage and code at it. Its hash makes all that
is older right (`registry.chain.headers`), so whoever vouches for the hash vouches for the history:
the user, two nodes that agree, or the node alone, which the report then says first.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.gateway import Gateway, RpcError
from registry.chain.headers import Header, header_at
from registry.chain.local_chains import LOCAL_CHAINS
from registry.errors import ChainError, ConfigError, NodesDisagree

__all__ = ["Anchor", "choose_anchor"]


@dataclass(frozen=True)
class Anchor:
    """The block of an audit, and in words who vouches for it."""

    header: Header
    vouched: str


def choose_anchor(
    gateway: Gateway, second: Gateway | None = None, trusted_block: str | None = None
) -> Anchor:
    """Returns the block to audit.

    The trusted block, if one is given; else the newest finalised one, on a development chain the
    newest. Where a second node is given, the newest block that either tells is the one, and both
    have to know it, so that neither can keep blocks to itself.

    Args:
        gateway: the node that everything is read from.
        second: another node.
        trusted_block: a block's hash that the user has from elsewhere, 0x and 64 digits.

    Raises:
        ConfigError: that is no hash.
        NodesDisagree: the nodes tell different blocks, or one lacks what the other has.
        NodeUnsound: a block that doesn't hash to its hash, or no such block.
    """
    if trusted_block is not None:
        header = header_at(gateway, _hash(trusted_block))
        vouched = f"block {header.number} {_shown(header)} is vouched for by you"
        if second is not None:
            _agree(second, header, gateway)
            vouched += " and two nodes"
        return Anchor(header, vouched)
    tag = "latest" if gateway.chain_id in LOCAL_CHAINS else "finalized"
    if second is None:
        header = header_at(gateway, tag)
        return Anchor(
            header,
            f"block {header.number} {_shown(header)} is vouched for by {gateway.name} alone: "
            "give --trusted-block or --second-rpc",
        )
    other = header_at(second, tag)  # asked first: a sound first node isn't behind it
    mine = header_at(gateway, tag)
    # The newer of the two that they tell, and both have to know it: neither can turn time back.
    newest = mine if mine.number >= other.number else _known(gateway, other.number, second)
    _agree(second, newest, gateway)
    return Anchor(newest, f"block {newest.number} {_shown(newest)} is the same at two nodes")


def _known(gateway: Gateway, number: int, other: Gateway) -> Header:
    try:
        return header_at(gateway, number)
    except (RpcError, ChainError) as error:
        raise NodesDisagree(
            f"{other.name} has block {number}, {gateway.name} has not: it is behind, or keeps "
            "the newest blocks to itself; run it again in a moment"
        ) from error


def _agree(second: Gateway, header: Header, first: Gateway) -> None:
    found = _known(second, header.number, first)
    if found.block_hash != header.block_hash:
        raise NodesDisagree(
            f"block {header.number} is {_shown(header)} at {first.name} and {_shown(found)} at "
            f"{second.name}; at most one of them is right"
        )


def _hash(text: str) -> str:
    digits = text.removeprefix("0x")
    if len(digits) != 64 or not set(digits.lower()) <= set("0123456789abcdef"):
        raise ConfigError(
            f"--trusted-block: expected a block's hash, 0x and 64 digits, got {text[:80]!r}"
        )
    return "0x" + digits.lower()


def _shown(header: Header) -> str:
    return f"0x{header.block_hash.hex()[:16]}…"
