"""Looks for what became of a transaction: its receipt, its confirmations, and how often to look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.chain.gateway import Gateway, RpcError
from registry.chain.local_chains import LOCAL_CHAINS

__all__ = [
    "Receipt",
    "WaitPolicy",
    "find_receipt",
    "is_known",
    "looks",
    "mine",
    "on_demand",
    "read",
]

_INDEXING = "indexing"  # "transaction indexing is in progress": ask again later
_MOST_BLOCKS = 1_000


@dataclass(frozen=True)
class Receipt:
    """What a mined transaction did. `gas_used` in gas, `logs` as raw JSON."""

    transaction_hash: str
    block_number: int
    block_hash: str
    gas_used: int
    contract_address: str | None
    logs: tuple[dict[str, Any], ...]


def read(raw: dict[str, Any]) -> Receipt:
    """Returns a receipt that the gateway found well formed."""
    return Receipt(
        transaction_hash=raw["transactionHash"],
        block_number=int(raw["blockNumber"], 16),
        block_hash=raw["blockHash"],
        gas_used=int(raw["gasUsed"], 16),
        contract_address=raw.get("contractAddress"),
        logs=tuple(raw["logs"]),
    )


@dataclass(frozen=True)
class WaitPolicy:
    """How patient to be: seconds, and blocks on top of the one that holds the transaction.

    `poll` is the first pause between two looks; pauses grow to a second.
    """

    timeout: float = 120.0
    stuck_after: float = 30.0
    confirmations: int = 0
    poll: float = 0.02


def looks(seconds: float, first: float) -> Iterator[None]:
    """Yields once per look, pausing in between: often at first, then once a second, until time."""
    end, pause = time.monotonic() + seconds, first
    while True:
        yield
        left = end - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(pause, left))
        pause = min(1.0, pause * 1.3)


def find_receipt(gateway: Gateway, transaction_hash: str) -> dict[str, Any] | None:
    """Returns a transaction's raw receipt; None while it isn't in a block, or not indexed yet."""
    try:
        return gateway.receipt(transaction_hash)
    except RpcError as error:
        if _INDEXING in error.text.lower():
            return None
        raise


def is_known(gateway: Gateway, transaction_hash: str, *, unsure: bool = True) -> bool:
    """Says whether the node has a transaction, mined or not; `unsure` while it can't tell yet."""
    try:
        return gateway.transaction(transaction_hash) is not None
    except RpcError as error:
        if _INDEXING in error.text.lower():
            return unsure
        raise


def on_demand(gateway: Gateway) -> str:
    """Returns what a chain that mines only when a transaction comes calls itself; else nothing.

    Anvil and Hardhat do so without a block time: there, confirmations never come by themselves.
    """
    for kind in ("anvil", "hardhat"):
        try:
            if gateway.request(f"{kind}_getAutomine", []) is True:
                return kind
        except RpcError:
            continue
    return ""


def mine(gateway: Gateway, kind: str, blocks: int) -> bool:
    """Asks a development chain for blocks; says whether it was asked."""
    if gateway.chain_id not in LOCAL_CHAINS or not 0 < blocks <= _MOST_BLOCKS:
        return False
    gateway.request(f"{kind}_mine", [hex(blocks)])
    return True
