"""Looks for what became of a transaction: its receipt, its confirmations, and how often to look."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.chain.gateway import Gateway, RpcError
from registry.chain.local_chains import LOCAL_CHAINS

__all__ = ["Receipt", "Waiting", "find_receipt", "is_known", "looks", "mine_on_demand", "read"]

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
class Waiting:
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


def is_known(gateway: Gateway, transaction_hash: str) -> bool:
    """Says whether the node has a transaction, mined or not, or can't tell yet (it is indexing)."""
    try:
        return gateway.transaction(transaction_hash) is not None
    except RpcError as error:
        if _INDEXING in error.text.lower():
            return True
        raise


def mine_on_demand(gateway: Gateway, blocks: int) -> bool:
    """Asks a development chain that mines on demand for blocks; says whether it was asked.

    Anvil without a block time mines when a transaction comes, so that confirmations never would.
    """
    if gateway.chain_id not in LOCAL_CHAINS or not 0 < blocks <= _MOST_BLOCKS:
        return False
    for question in ("anvil_getAutomine", "hardhat_getAutomine"):
        try:
            if gateway.request(question, []) is not True:
                return False
            gateway.request(question.replace("getAutomine", "mine"), [hex(blocks)])
            return True
        except RpcError:
            continue
    return False
