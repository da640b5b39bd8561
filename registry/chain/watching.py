"""Gives signed transactions to the node, and watches them until they are in blocks deep enough.

A node's refusal may hide that the transaction is on its way: it counts as one only if its reason
lies in the bytes, or if a block shows who used the nonce. Against a node that lies about blocks,
receipts and counts alike there is no help but a second node.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from registry.chain.gateway import Gateway, RpcError
from registry.chain.journal import JournalEntry, SignedTransaction
from registry.chain.nonces import NonceLock
from registry.chain.receipts import WaitPolicy, find_receipt, is_known, looks, mine, on_demand
from registry.errors import ChainError, NodeUnavailable, TransactionTimedOut

__all__ = ["NonceTaken", "Unsure", "Watch"]

_KNOWN = ("already known", "already imported", "known transaction", "already exists")
_STALE = ("nonce too low", "nonce is too low", "correct nonce", "invalid nonce")
_WAITING = ("replacement transaction underpriced", "could not replace existing")
# No node passes such bytes on: what they lack is in themselves, or in the account.
_NEVER = (
    *("insufficient funds", "intrinsic gas", "out of gas", "gas limit", "gas required exceeds"),
    *("fee cap", "max fee", "gas price", "underpriced", "priority fee", "insufficient balance"),
    *("invalid sender", "invalid signature", "chain id", "oversized data", "rlp:"),
    *("type not supported", "initcode", "execution reverted", "configured cap"),
)
_RESENDS = (0.0, 0.1, 0.5, 2.0)  # seconds before a transaction is given to the node, again
_LOOKS = (0.0, 0.1, 0.5, 2.0)  # seconds before a look at who used the nonce, and the next
_DOUBTFUL = 5.0  # seconds between two looks whether another transaction used the nonce
_SURE = 3  # such looks, where a node can't tell which one did


class NonceTaken(Exception):
    """Another transaction of the account used the nonce: this one can never be mined."""


class Unsure(ChainError):
    """The node refused a transaction that may be on its way all the same."""


class Watch:
    """Watches the transactions of one account.

    Args:
        gateway: the chain.
        nonces: the account's.
        waiting: how patient to be.
    """

    def __init__(self, gateway: Gateway, nonces: NonceLock, waiting: WaitPolicy) -> None:
        self._gateway = gateway
        self._nonces = nonces
        self._waiting = waiting
        self._on_demand: str | None = None  # not asked yet

    def broadcast(self, prepared: SignedTransaction) -> None:
        """Gives a signed transaction to the node, again if the answer is lost.

        Raises:
            NonceTaken: its nonce was used by another.
            RpcError: the node refuses it, and no byte of it is on its way.
            Unsure: the node refuses it; it may be on its way.
            NodeUnavailable: no answer; it may be on its way.
        """
        lost: NodeUnavailable | None = None
        for pause in _RESENDS:
            time.sleep(pause)
            try:
                self._gateway.request("eth_sendRawTransaction", ["0x" + prepared.raw.hex()])
                return
            except NodeUnavailable as error:
                lost = error
            except RpcError as error:
                if lost is None:  # else what became of the lost one is found out by waiting
                    self._refused(prepared, error)
                return
        raise NodeUnavailable(
            f"no answer after sending {prepared.transaction_hash}; it may or may not be on its "
            "way: run the same command again, which looks the hash up before it sends"
        ) from lost

    def _refused(self, prepared: SignedTransaction, error: RpcError) -> None:
        """Returns if the node has a transaction that it refuses; else raises as `broadcast`."""
        text = error.text.lower()
        if any(word in text for word in _KNOWN):
            return
        if any(word in text for word in _WAITING):
            if not is_known(self._gateway, prepared.transaction_hash):
                raise NonceTaken from error
            return
        if any(word in text for word in _STALE):
            for pause in _LOOKS:
                time.sleep(pause)
                if is_known(self._gateway, prepared.transaction_hash):
                    return
                taker = self._nonces.taker(prepared.nonce)
                if taker == prepared.transaction_hash:
                    return
                if taker is not None:
                    raise NonceTaken from error
        elif any(word in text for word in _NEVER):
            raise error
        elif is_known(self._gateway, prepared.transaction_hash):
            return
        raise Unsure(
            f"{error}; {prepared.transaction_hash} may be on its way all the same: run the same "
            "command again, which looks the hash up before it sends"
        ) from error

    def until_mined(
        self, entry: JournalEntry, context: str, outbid: Callable[[JournalEntry], JournalEntry]
    ) -> tuple[dict[str, Any], SignedTransaction]:
        """Returns the confirmed receipt of an intent, and which attempt's it is.

        Args:
            entry: what was signed for it.
            context: what is called, for messages.
            outbid: makes a stuck intent more attractive, if it may.

        Raises:
            NonceTaken: none of them can ever be mined.
            TransactionTimedOut: none was in time.
        """
        bid = doubt = time.monotonic()
        mined: dict[str, Any] | None = None
        doubts = 0
        for _ in looks(self._waiting.timeout, self._waiting.poll):
            mined, attempt = self._mined(entry)
            if mined is not None and self._is_deep_enough(mined):
                return mined, attempt
            now = time.monotonic()
            if mined is None and now - bid > self._waiting.stuck_after:
                bid, entry = now, outbid(entry)
            if mined is None and (now - doubt > _DOUBTFUL or not doubts):
                doubt, doubts = now, doubts + 1
                if self._is_taken(entry, sure=doubts > _SURE):
                    raise NonceTaken
        raise self._too_late(entry, mined, context)

    def _too_late(
        self, entry: JournalEntry, mined: dict[str, Any] | None, context: str
    ) -> TransactionTimedOut:
        waited = f"within {self._waiting.timeout:.0f} s"
        if mined is None:
            return TransactionTimedOut(
                f"{context}: {entry.attempts[-1].transaction_hash} was not mined {waited}; run "
                "the same command again to go on waiting"
            )
        number = int(mined["blockNumber"], 16)
        above = max(0, self._gateway.block_number() - number)
        return TransactionTimedOut(
            f"{context}: {mined['transactionHash']} is mined, in block {number}, but {waited} has "
            f"only {above} of {self._waiting.confirmations} blocks on top; run the same command "
            "again to go on waiting, or ask for fewer --confirmations"
        )

    def _mined(self, entry: JournalEntry) -> tuple[dict[str, Any] | None, SignedTransaction]:
        for attempt in reversed(entry.attempts):
            raw = find_receipt(self._gateway, attempt.transaction_hash)
            if raw is not None:
                return raw, attempt
        return None, entry.attempts[-1]

    def _is_deep_enough(self, raw: dict[str, Any]) -> bool:
        if not self._waiting.confirmations:
            return True
        number = int(raw["blockNumber"], 16)
        missing = self._waiting.confirmations - (self._gateway.block_number() - number)
        if missing <= 0:
            return True
        if self._on_demand is None:
            self._on_demand = on_demand(self._gateway)
        if self._on_demand and not mine(self._gateway, self._on_demand, missing):
            raise TransactionTimedOut(
                f"{raw['transactionHash']} is mined, in block {number}, but {self._gateway.name} "
                f"mines only when a transaction comes: the {missing} blocks on top that are "
                "missing don't come by themselves; mine them, or leave --confirmations out"
            )
        return bool(self._on_demand)

    def _is_taken(self, entry: JournalEntry, sure: bool) -> bool:
        """Says whether another transaction used an intent's nonce.

        Args:
            entry: the intent.
            sure: believe it also of a node that can't tell which transaction did.
        """
        if self._nonces.mined() <= entry.nonce:
            return False
        hashes = {attempt.transaction_hash for attempt in entry.attempts}
        if any(is_known(self._gateway, one) for one in hashes):
            return False
        taker = self._nonces.taker(entry.nonce)
        return sure if taker is None else taker not in hashes
