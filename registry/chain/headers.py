"""Block headers that prove themselves: each hashes to its block's hash and names its parent's.

A header commits to everything that its block did (`receiptsRoot`), to every account after it
(`stateRoot`) and to the header before it. So one hash that is known to be right makes every older
header right too, and whatever is proved against those. Source: the Ethereum yellow paper, section
4.3, with the fields that later forks append (EIP-1559, 4895, 4844, 4788, 7685).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import rlp

from registry.chain.gateway import Gateway, RpcError
from registry.chain.rlp_fields import MALFORMED, big_endian, octets
from registry.errors import ChainError, NodeUnsound
from registry.hashing import keccak256

__all__ = ["Header", "header_at", "header_hash", "header_of", "headers_back_to"]

_PER_REQUEST = 100
_BLOOM_BYTES = 256
_OCTETS = 0
_NUMBER = 1
_FIELDS = (
    ("parentHash", _OCTETS),
    ("sha3Uncles", _OCTETS),
    ("miner", _OCTETS),
    ("stateRoot", _OCTETS),
    ("transactionsRoot", _OCTETS),
    ("receiptsRoot", _OCTETS),
    ("logsBloom", _OCTETS),
    ("difficulty", _NUMBER),
    ("number", _NUMBER),
    ("gasLimit", _NUMBER),
    ("gasUsed", _NUMBER),
    ("timestamp", _NUMBER),
    ("extraData", _OCTETS),
    ("mixHash", _OCTETS),
    ("nonce", _OCTETS),
)
# Appended by forks, in this order; a block has the first few of them.
_APPENDED = (
    ("baseFeePerGas", _NUMBER),
    ("withdrawalsRoot", _OCTETS),
    ("blobGasUsed", _NUMBER),
    ("excessBlobGas", _NUMBER),
    ("parentBeaconBlockRoot", _OCTETS),
    ("requestsHash", _OCTETS),
)


@dataclass(frozen=True)
class Header:
    """A header whose hash was computed here; roots and hashes in 32 bytes, the bloom in 256."""

    number: int
    block_hash: bytes
    parent_hash: bytes
    state_root: bytes
    receipts_root: bytes
    logs_bloom: bytes
    timestamp: int

    def may_log(self, address: bytes) -> bool:
        """Tells whether the block may hold a log of the address (20 bytes); no is certain.

        Source: the yellow paper, section 4.3.1: three bits of a 2,048-bit filter, each numbered by
        two bytes of the keccak-256 of the address.
        """
        digest = keccak256(address)
        bits = (int.from_bytes(digest[i : i + 2]) & 2047 for i in (0, 2, 4))
        return all(self.logs_bloom[255 - bit // 8] >> (bit % 8) & 1 for bit in bits)


_READERS: tuple[Callable[[Any], bytes], ...] = (octets, big_endian)


def header_hash(raw: dict[str, Any]) -> bytes:
    """Returns the hash that a block's fields give, 32 bytes; what the node calls it doesn't matter.

    Raises:
        KeyError, ChainError: a field is missing or malformed.
    """
    appended = [(name, kind) for name, kind in _APPENDED if raw.get(name) is not None]
    fields = [_READERS[kind](raw[name]) for name, kind in (*_FIELDS, *appended)]
    return keccak256(rlp.encode(fields))


def header_of(raw: Any, where: str) -> Header:
    """Returns the header that a node's JSON stands for.

    Args:
        raw: a block as `eth_getBlockByNumber` gives it.
        where: the node, for messages.

    Raises:
        NodeUnsound: a field is missing or malformed, or the fields don't hash to the block's hash.
    """
    try:
        found, told, bloom = header_hash(raw), octets(raw["hash"]), octets(raw["logsBloom"])
        header = Header(
            int(raw["number"], 16),
            found,
            octets(raw["parentHash"]),
            octets(raw["stateRoot"]),
            octets(raw["receiptsRoot"]),
            bloom,
            int(raw["timestamp"], 16),
        )
    except (*MALFORMED, ChainError) as error:
        raise NodeUnsound(f"{where}: expected a block's header, got {raw!r:.60}") from error
    if found != told or len(bloom) != _BLOOM_BYTES:
        raise NodeUnsound(
            f"{where}: block {header.number}: the header does not hash to 0x{told.hex()[:16]}…, as "
            "the node says; use another node"
        )
    return header


def header_at(gateway: Gateway, block: int | str) -> Header:
    """Returns a block's header; `block` is a number, a hash in hex, or a tag such as `finalized`.

    Raises:
        ChainError: the node has no such block.
        NodeUnsound: its answer is no header of that block.
    """
    if isinstance(block, str) and len(block) == 66:
        raw = gateway.request("eth_getBlockByHash", [block, False])
        if raw is None:
            raise NodeUnsound(f"{gateway.name}: has no block {block}; is it of this chain?")
        found = header_of(raw, gateway.name)
        if found.block_hash != octets(block):
            raise NodeUnsound(f"{gateway.name}: gives another block than {block}")
        return found
    found = header_of(gateway.block(block), gateway.name)
    if isinstance(block, int) and found.number != block:
        raise NodeUnsound(f"{gateway.name}: asked for block {block}, it gives {found.number}")
    return found


def headers_back_to(gateway: Gateway, newest: Header, first: int) -> Iterator[Header]:
    """Yields the headers from `newest` down to block `first`, each held by the one after it.

    Raises:
        NodeUnsound: a header isn't the parent of the next one.
        ChainError: the node doesn't give a header.
    """
    yield newest
    child = newest
    for top in range(newest.number - 1, first - 1, -_PER_REQUEST):
        numbers = range(top, max(first - 1, top - _PER_REQUEST), -1)
        told = gateway.batch([("eth_getBlockByNumber", [hex(n), False]) for n in numbers])
        for number, answer in zip(numbers, told, strict=True):
            if isinstance(answer, RpcError):
                raise answer
            header = header_of(answer, gateway.name)
            if (header.block_hash, header.number) != (child.parent_hash, number):
                raise NodeUnsound(
                    f"{gateway.name}: block {number} is not the one that block {number + 1} "
                    "follows; use another node"
                )
            yield header
            child = header
