"""Sends transactions so that each takes effect once: nonces, fees, lost answers, re-orgs.

A transaction is signed before it is sent, so its hash is known whatever the node answers. After a
lost answer the same bytes are sent again, never other ones with a new nonce: the chain takes at
most one of them (T-12). A receipt that a re-org removes is waited for again (T-1).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from registry.chain.fees import Fees, outbid, suggest
from registry.chain.gateway import Gateway, RpcError
from registry.chain.nonces import NonceLock
from registry.chain.reverts import revert_data, reverted
from registry.errors import ChainError, NodeUnavailable, TransactionTimedOut
from registry.hashing import keccak256
from registry.signing import Signer

__all__ = ["Prepared", "Receipt", "TransactionSender", "Waiting"]

_KNOWN = ("already known", "already imported", "known transaction", "already exists")
_STALE = ("nonce too low", "nonce is too low", "correct nonce", "invalid nonce")


@dataclass(frozen=True)
class Receipt:
    """What a mined transaction did. `gas_used` in gas, `logs` as raw JSON."""

    transaction_hash: str
    block_number: int
    block_hash: str
    gas_used: int
    contract_address: str | None
    logs: tuple[dict[str, Any], ...]


def _receipt(raw: dict[str, Any]) -> Receipt:
    return Receipt(
        transaction_hash=raw["transactionHash"],
        block_number=int(raw["blockNumber"], 16),
        block_hash=raw["blockHash"],
        gas_used=int(raw["gasUsed"], 16),
        contract_address=raw.get("contractAddress"),
        logs=tuple(raw["logs"]),
    )


@dataclass(frozen=True)
class Prepared:
    """A signed transaction: `raw` may be sent any number of times, with one effect."""

    raw: bytes
    nonce: int
    fields: dict[str, Any] = field(repr=False)
    fees: Fees

    @property
    def transaction_hash(self) -> str:
        """The hash that the chain will know it by."""
        return "0x" + keccak256(self.raw).hex()


@dataclass(frozen=True)
class Waiting:
    """How patient to be: seconds, and blocks on top of the one that holds the transaction."""

    timeout: float = 120.0
    stuck_after: float = 30.0
    confirmations: int = 0
    poll: float = 0.02


class TransactionSender:
    """Sends for one account on one chain; safe to share between threads.

    Args:
        gateway: the chain.
        signer: the account.
        state_folder: where the lock that processes share stands.
        waiting: how patient to be.
    """

    def __init__(
        self, gateway: Gateway, signer: Signer, state_folder: Path, waiting: Waiting | None = None
    ) -> None:
        self._gateway = gateway
        self._signer = signer
        self._nonces = NonceLock(gateway, signer.address, state_folder)
        self._waiting = waiting or Waiting()

    @property
    def address(self) -> str:
        """The account that sends."""
        return self._signer.address

    def send(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        context: str = "transaction",
        before_broadcast: Callable[[Prepared], None] | None = None,
    ) -> Receipt:
        """Sends one call and returns its receipt once it has its confirmations.

        Args:
            to: the contract; None creates one.
            data: the call data.
            value: wei to send along.
            context: what is called, for messages.
            before_broadcast: called with the signed transaction before it leaves the machine,
                so that a journal can keep it.

        Raises:
            Reverted: a contract refuses (one subclass per Solidity error).
            TransactionTimedOut: not mined in time; its hash is in the message.
            NodeUnavailable: the node is gone.
        """
        call = {"from": self.address, "data": "0x" + data.hex(), "value": hex(value)}
        if to is not None:
            call["to"] = to
        gas = self.estimate(call, context)
        with self._nonces.held():
            prepared = self._prepare(to, data, value, gas, self._nonces.next(), None)
            if before_broadcast is not None:
                before_broadcast(prepared)
            self.broadcast(prepared)
            self._settle(prepared.nonce)
        return self.wait(prepared, context)

    def estimate(self, call: dict[str, Any], context: str) -> int:
        """Returns a gas limit with a sixth to spare, or raises what the contract refuses with."""
        try:
            needed = int(self._gateway.request("eth_estimateGas", [call]), 16)
        except RpcError as error:
            data = revert_data(error.data)
            if data is None and "revert" not in error.text.lower():
                raise
            raise reverted(data or b"", context) from error
        return needed + needed // 6

    def _prepare(
        self, to: str | None, data: bytes, value: int, gas: int, nonce: int, fees: Fees | None
    ) -> Prepared:
        fees = fees or suggest(self._gateway)
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": self._gateway.chain_id,
            "nonce": nonce,
            "gas": gas,
            "value": value,
            "data": "0x" + data.hex(),
            **fees.fields(),
        }
        if to is not None:
            fields["to"] = to_checksum_address(to)
        return Prepared(self._signer.sign_transaction(fields), nonce, fields, fees)

    def broadcast(self, prepared: Prepared) -> None:
        """Gives a signed transaction to the node, again if the answer is lost."""
        lost: NodeUnavailable | None = None
        for pause in (0.0, 0.1, 0.5, 2.0):
            if pause:
                time.sleep(pause)
            try:
                self._gateway.request("eth_sendRawTransaction", ["0x" + prepared.raw.hex()])
                return
            except NodeUnavailable as error:
                lost = error
            except RpcError as error:
                if any(word in error.text.lower() for word in _KNOWN):
                    return
                if any(word in error.text.lower() for word in _STALE) and self.known(prepared):
                    return
                raise
        raise NodeUnavailable(
            f"no answer after sending {prepared.transaction_hash}; it may or may not be on its "
            "way: run the same command again, which looks the hash up before it sends"
        ) from lost

    def known(self, prepared: Prepared) -> bool:
        """Says whether the node has the transaction, mined or not."""
        found = self._gateway.request("eth_getTransactionByHash", [prepared.transaction_hash])
        return found is not None

    def _settle(self, nonce: int) -> None:
        """Waits until the node counts the nonce, so that the next holder gets another one."""
        end = time.monotonic() + 5.0
        while self._nonces.next() <= nonce and time.monotonic() < end:
            time.sleep(self._waiting.poll)

    def wait(self, prepared: Prepared, context: str = "transaction") -> Receipt:
        """Returns the receipt of a broadcast transaction, outbidding it when it is stuck."""
        attempts = [prepared]
        start = bid = time.monotonic()
        while time.monotonic() - start < self._waiting.timeout:
            for attempt in attempts:
                receipt = self._confirmed(attempt.transaction_hash)
                if receipt is not None:
                    return self._checked(receipt, attempt, context)
            if time.monotonic() - bid > self._waiting.stuck_after:
                bid = time.monotonic()
                attempts.append(self._outbid(attempts[-1]))
            time.sleep(self._waiting.poll)
        raise TransactionTimedOut(
            f"{context}: {prepared.transaction_hash} was not mined within "
            f"{self._waiting.timeout:.0f} s; run the same command again to go on waiting"
        )

    def _outbid(self, stuck: Prepared) -> Prepared:
        """Sends the stuck transaction again with higher fees and the same nonce."""
        fees = outbid(stuck.fees, suggest(self._gateway))
        fields = {**stuck.fields, **fees.fields()}
        better = Prepared(self._signer.sign_transaction(fields), stuck.nonce, fields, fees)
        try:
            self.broadcast(better)
        except RpcError:  # the first one was mined meanwhile: its receipt decides
            return stuck
        return better

    def finish(self, raw: bytes, context: str) -> Receipt | None:
        """Sends a transaction that an earlier run signed, and waits for it.

        Returns:
            Its receipt, or None if it can never be mined: another one used its nonce.
        """
        transaction_hash = "0x" + keccak256(raw).hex()
        if self.receipt(transaction_hash) is None:
            try:
                self._gateway.request("eth_sendRawTransaction", ["0x" + raw.hex()])
            except RpcError as error:
                text = error.text.lower()
                if any(word in text for word in _STALE) and self.receipt(transaction_hash) is None:
                    return None
                if not any(word in text for word in (*_KNOWN, *_STALE)):
                    raise
        end = time.monotonic() + self._waiting.timeout
        while time.monotonic() < end:
            found = self._confirmed(transaction_hash)
            if found is not None:
                return _receipt(found) if int(found["status"], 16) == 1 else None
            time.sleep(self._waiting.poll)
        raise TransactionTimedOut(
            f"{context}: {transaction_hash} is still not mined; wait, try again"
        )

    def receipt(self, transaction_hash: str) -> dict[str, Any] | None:
        """Returns a transaction's raw receipt, or None while it isn't in a block."""
        found = self._gateway.request("eth_getTransactionReceipt", [transaction_hash])
        return found if found is None or found.get("blockNumber") else None

    def _confirmed(self, transaction_hash: str) -> dict[str, Any] | None:
        receipt = self.receipt(transaction_hash)
        if receipt is None:
            return None
        depth = self._gateway.block_number() - int(receipt["blockNumber"], 16)
        if depth < self._waiting.confirmations:
            return None
        return receipt

    def _checked(self, raw: dict[str, Any], sent: Prepared, context: str) -> Receipt:
        if int(raw["status"], 16) != 1:
            raise self._why(sent, raw, context)
        return _receipt(raw)

    def _why(self, sent: Prepared, raw: dict[str, Any], context: str) -> ChainError:
        """Replays a transaction that failed in its block, to learn the error."""
        call = {"from": self.address, "data": sent.fields["data"], "gas": hex(sent.fields["gas"])}
        if "to" in sent.fields:
            call["to"] = sent.fields["to"]
        try:
            self._gateway.request("eth_call", [call, raw["blockNumber"]])
        except RpcError as error:
            return reverted(revert_data(error.data) or b"", context)
        return reverted(b"", context)
