"""Logs that a block's header proves: its receipts hash to the header's `receiptsRoot`.

With the headers of a stretch of blocks nothing can be dropped, added or changed: a block whose
bloom filter rules the contracts out holds none of their logs, every other one's receipts are
fetched and hashed. Source: the yellow paper, section 4.3.1, and EIP-2718 for typed receipts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import rlp
from trie import HexaryTrie

from registry.chain import answers
from registry.chain.gateway import Gateway, RpcError
from registry.chain.headers import Header
from registry.chain.rlp_fields import MALFORMED, big_endian, octets
from registry.errors import ChainError, NodeUnsound

__all__ = ["proven_logs", "receipts_root"]

_PER_REQUEST = 20


def _encoded(receipt: Any) -> bytes:
    """Returns a receipt as the trie holds it; before Byzantium it has a root in place of status."""
    status = receipt.get("status")
    logs = [
        [octets(log["address"]), [octets(t) for t in log["topics"]], octets(log["data"])]
        for log in receipt["logs"]
    ]
    outcome = octets(receipt["root"]) if status is None else big_endian(status)
    used, bloom = big_endian(receipt["cumulativeGasUsed"]), octets(receipt["logsBloom"])
    kind = answers.quantity(receipt.get("type") or "0x0", "a receipt's type") & 0x7F
    payload: bytes = rlp.encode([outcome, used, bloom, logs])
    return (bytes([kind]) if kind else b"") + payload


def _plain(log: Any) -> dict[str, Any]:
    """Returns a log in one spelling, from the bytes that are hashed: others could hide it."""
    return {
        "address": "0x" + octets(log["address"]).hex(),
        "topics": ["0x" + octets(topic).hex() for topic in log["topics"]],
        "data": "0x" + octets(log["data"]).hex(),
    }


def receipts_root(receipts: Sequence[Any]) -> bytes:
    """Returns the root of the trie over a block's receipts, in order of transactions, 32 bytes."""
    trie = HexaryTrie({})
    for position, receipt in enumerate(receipts):
        trie[rlp.encode(position)] = _encoded(receipt)
    return bytes(trie.root_hash)


def proven_logs(
    gateway: Gateway, headers: Iterable[Header], contracts: Collection[str]
) -> Iterator[tuple[Header, list[dict[str, Any]]]]:
    """Yields each block that has any, and the raw logs of the contracts in it, all proved.

    Args:
        gateway: who gives the receipts.
        headers: of the blocks; each is trusted.
        contracts: their addresses.

    Raises:
        NodeUnsound: receipts that don't hash to their header.
        RpcError: the node gives no receipts by block or by transaction.
    """
    wanted = {address.lower() for address in contracts}
    filters = [octets(address) for address in wanted]
    waiting: list[Header] = []
    for header in headers:
        if any(header.may_log(address) for address in filters):
            waiting.append(header)
        if len(waiting) == _PER_REQUEST:
            yield from _logs(gateway, waiting, wanted)
            waiting = []
    yield from _logs(gateway, waiting, wanted)


def _logs(
    gateway: Gateway, headers: Sequence[Header], wanted: Collection[str]
) -> Iterator[tuple[Header, list[dict[str, Any]]]]:
    told = gateway.batch([("eth_getBlockReceipts", [hex(h.number)]) for h in headers])
    for header, answer in zip(headers, told, strict=True):
        receipts = _one_by_one(gateway, header) if isinstance(answer, RpcError) else answer
        try:
            found = receipts_root(receipts)
        except (*MALFORMED, ChainError) as error:
            raise NodeUnsound(
                f"{gateway.name}: block {header.number}: expected receipts, got {receipts!r:.60}"
            ) from error
        if found != header.receipts_root:
            raise NodeUnsound(
                f"{gateway.name}: block {header.number}: the receipts hash to "
                f"0x{found.hex()[:16]}…, the header says 0x{header.receipts_root.hex()[:16]}…: "
                "events were dropped, added or changed; use another node"
            )
        logs = _of_contracts(header, receipts, wanted)
        if logs:
            yield header, logs


def _of_contracts(
    header: Header, receipts: Sequence[Any], wanted: Collection[str]
) -> list[dict[str, Any]]:
    """Places are counted here: a receipt doesn't commit to what a node says of them."""
    logs: list[dict[str, Any]] = []
    place = 0
    for receipt in receipts:
        for log in map(_plain, receipt["logs"]):
            if log["address"] in wanted:
                logs.append(
                    {
                        **log,
                        "blockNumber": hex(header.number),
                        "blockHash": "0x" + header.block_hash.hex(),
                        "transactionHash": str(receipt.get("transactionHash")),
                        "logIndex": hex(place),
                    }
                )
            place += 1
    return logs


def _one_by_one(gateway: Gateway, header: Header) -> list[Any]:
    """Asks for each transaction's receipt, where a node gives none by block (Ganache)."""
    block = gateway.block(header.number)
    hashes = block.get("transactions")
    if not isinstance(hashes, list) or not all(isinstance(h, str) for h in hashes):
        raise NodeUnsound(f"{gateway.name}: block {header.number}: no list of transactions")
    found = gateway.batch([("eth_getTransactionReceipt", [h]) for h in hashes])
    refused = next((a for a in found if isinstance(a, RpcError)), None)
    if refused is not None:
        raise refused
    return found
