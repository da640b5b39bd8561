"""When events happened and who sent them: told by headers and transactions, asked for together.

A header is believed where it hashes to the block that the event names; a sender is what the node
says, and says of whoever signed, which isn't the account that acted if a contract passed it on.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from registry.addresses import parse_address
from registry.chain.gateway import Gateway, RpcError
from registry.chain.headers import header_of
from registry.errors import ConfigError, NodeUnsound
from registry.types import Event

__all__ = ["block_times", "senders"]


def block_times(gateway: Gateway, events: Iterable[Event]) -> dict[str, int]:
    """Returns the time of each event's block in seconds since 1970, by the block's hash.

    Raises:
        NodeUnavailable: no answer.
        NodeUnsound: a block isn't what the event names, or the node doesn't have it.
    """
    hashes = sorted({event.block_hash for event in events})
    told = _answers(gateway, "eth_getBlockByHash", [[one, False] for one in hashes])
    times = {}
    for block_hash, raw in zip(hashes, told, strict=True):
        if raw is None or isinstance(raw, RpcError):
            raise NodeUnsound(f"{gateway.name}: has no block {block_hash}, of which it told events")
        header = header_of(raw, gateway.name)
        if header.block_hash != bytes.fromhex(block_hash[2:]):
            raise NodeUnsound(f"{gateway.name}: gives another block than {block_hash}")
        times[block_hash] = header.timestamp
    return times


def senders(gateway: Gateway, transactions: Iterable[str]) -> dict[str, str]:
    """Returns who signed each transaction, by its hash; without those that the node forgot.

    Raises:
        NodeUnavailable: no answer.
    """
    hashes = sorted(set(transactions))
    told = _answers(gateway, "eth_getTransactionByHash", [[one] for one in hashes])
    found = {}
    for one, raw in zip(hashes, told, strict=True):
        if isinstance(raw, dict) and raw.get("hash") == one:
            try:
                found[one] = parse_address(str(raw.get("from")))
            except ConfigError:
                continue
    return found


def _answers(gateway: Gateway, method: str, asked: Sequence[list[Any]]) -> list[Any]:
    return gateway.batch([(method, params) for params in asked])
