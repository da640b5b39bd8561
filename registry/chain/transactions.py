"""Sends transactions so that each takes effect once: nonces, fees, lost answers, cuts, re-orgs.

A transaction is signed and journalled before it is sent, so its hash is known whatever the node
answers. After a lost answer the same bytes are sent again, never other ones with a new nonce: the
chain takes at most one of them (T-12). The same intent, sent by a later run, finds what an earlier
run signed and takes its receipt for the answer, once. A receipt that a re-org removes is waited
for again (T-1).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from registry.chain import answers
from registry.chain.fees import ceiling_of, outbid, suggest
from registry.chain.gateway import Gateway, RpcError
from registry.chain.journal import JournalEntry, SendJournal, SignedTransaction
from registry.chain.local_chains import LOCAL_CHAINS
from registry.chain.nonces import NonceLock
from registry.chain.receipts import Receipt, WaitPolicy, is_known, read
from registry.chain.reverts import revert_data, reverted
from registry.chain.watching import NonceTaken, Unsure, Watch
from registry.errors import ChainError
from registry.signing import Signer

__all__ = ["Intent", "Receipt", "SignedTransaction", "TransactionSender", "WaitPolicy"]

_log = logging.getLogger(__name__)

_TRIES = 16  # nonces that others may have used before one is free


@dataclass(frozen=True)
class Intent:
    """How a send is recognised when it is run again, and what belongs to it.

    Attributes:
        name: what stands for the call, where its data differs from run to run (a deadline, a
            key wrapped anew); empty for the call data themselves.
        first: done before anything is sent, and not at all where an earlier run's is found.
        stands: says whether an earlier run's receipt still answers the intent.
    """

    name: bytes = b""
    first: Callable[[], None] | None = None
    stands: Callable[[Receipt], bool] = lambda receipt: True


class TransactionSender:
    """Sends for one account on one chain; safe to share between threads.

    Args:
        gateway: the chain.
        signer: the account.
        state_folder: where the journal and the lock that processes share stand.
        waiting: how patient to be.
        max_fee: the most wei per gas that is offered; None: the chain's usual ceiling.
        again: send also what an earlier run sent already.
    """

    def __init__(
        self,
        gateway: Gateway,
        signer: Signer,
        state_folder: Path,
        waiting: WaitPolicy | None = None,
        max_fee: int | None = None,
        again: bool = False,
    ) -> None:
        self._gateway = gateway
        self._signer = signer
        self._nonces = NonceLock(gateway, signer.address, state_folder)
        self._journal = SendJournal(state_folder, gateway.chain_id, signer.address)
        self._watch = Watch(gateway, self._nonces, waiting or WaitPolicy())
        self._ceiling = ceiling_of(gateway.chain_id) if max_fee is None else max_fee
        self._again = again
        self._holding = False
        self._finished: set[str] = set()
        self.sent = 0
        """How many sends have ended, well or not: what was read before any of them is old."""

    @property
    def address(self) -> str:
        """The account that sends."""
        return self._signer.address

    def hold(self) -> None:
        """Keeps what finishes from now on in the journal, until `release`.

        A command that fails after its transaction was mined is run again by its user; then it has
        to find it.
        """
        self._holding = True

    def release(self, done: bool) -> None:
        """Ends `hold`; with `done`, what finished since is dropped from the journal."""
        self._holding = False
        if done:
            for key in list(self._finished):
                self._journal.forget(key)
        self._finished.clear()

    def send(
        self,
        to: str | None,
        data: bytes,
        *,
        value: int = 0,
        context: str = "transaction",
        intent: Intent | None = None,
        before_broadcast: Callable[[SignedTransaction], None] | None = None,
    ) -> Receipt:
        """Sends one call, or finds it sent by an earlier run; returns its receipt once confirmed.

        Args:
            to: the contract; None creates one.
            data: the call data.
            value: wei to send along.
            context: what is called, for messages.
            intent: how it is recognised; by its call data without one.
            before_broadcast: called with the signed transaction before it leaves the machine.

        Raises:
            Reverted: a contract refuses (one subclass per Solidity error).
            TransactionTimedOut: not mined in time; its hash is in the message.
            NodeUnavailable: the node is gone.
            ConfigError: the journal is damaged.
            Unsure: the node refuses it, and may have passed it on; run again.
        """
        try:
            wanted = intent or Intent()
            return self._once(wanted, to, data, value, context, before_broadcast)
        finally:
            self.sent += 1

    def _once(
        self,
        wanted: Intent,
        to: str | None,
        data: bytes,
        value: int,
        context: str,
        before_broadcast: Callable[[SignedTransaction], None] | None,
    ) -> Receipt:
        key = self._journal.key(to, wanted.name or data, value)
        with self._journal.held(key):
            earlier = self._earlier(key, wanted.name, context)
            if earlier is not None and not self._again and wanted.stands(earlier):
                self._finish(key)
                _log.warning(
                    f"{context}: {earlier.transaction_hash} of an earlier run is in block "
                    f"{earlier.block_number} and is this one's; nothing was sent (--again does)"
                )
                return earlier
            self._journal.forget(key)
            if wanted.first is not None:
                wanted.first()
            receipt = self._sent(key, wanted.name, to, data, value, context, before_broadcast)
            self._finish(key)
            return receipt

    def forget(self, to: str | None, data: bytes, value: int = 0) -> None:
        """Drops an intent that was seen to be finished by other means than its receipt.

        Args:
            to: as in `send`.
            data: the intent's name, or the call data without one.
            value: as in `send`.
        """
        self._journal.forget(self._journal.key(to, data, value))

    def _finish(self, key: str) -> None:
        if self._holding:
            self._finished.add(key)
        else:
            self._journal.forget(key)

    def _earlier(self, key: str, name: bytes, context: str) -> Receipt | None:
        """Returns the receipt of what an earlier run sent; None if that can never be mined."""
        if key in self._finished:  # this run's own: sent again on purpose
            self._finished.discard(key)
            return None
        entry = self._journal.load(key, name)
        if entry is None:
            return None
        known = any(is_known(self._gateway, one.transaction_hash) for one in entry.attempts)
        if not known and self._is_of_another_past(entry):
            return None
        try:
            if not known and self._nonces.mined() <= entry.nonce:
                self._watch.broadcast(entry.attempts[-1])
            raw, _ = self._watch.until_mined(entry, context, partial(self._outbid, key))
        except NonceTaken:
            return None
        return read(raw) if int(raw["status"], 16) == 1 else None

    def _is_of_another_past(self, entry: JournalEntry) -> bool:
        """Says whether a development chain was set back or started anew since an entry was made."""
        if self._gateway.chain_id not in LOCAL_CHAINS:
            return False
        return self._nonces.mined() < entry.nonce and self._nonces.next() < entry.nonce

    def _sent(
        self,
        key: str,
        name: bytes,
        to: str | None,
        data: bytes,
        value: int,
        context: str,
        before_broadcast: Callable[[SignedTransaction], None] | None,
    ) -> Receipt:
        call = {"from": self.address, "data": "0x" + data.hex(), "value": hex(value)}
        if to is not None:
            call["to"] = to
        gas, lowest = self.estimate(call, context), 0
        for _ in range(_TRIES):
            with self._nonces.held():
                nonce = max(self._nonces.next(), lowest)
                prepared = self._prepare(to, data, value, gas, nonce)
                if is_known(self._gateway, prepared.transaction_hash, unsure=False):
                    # The count lags: an older transaction of the same bytes used this nonce.
                    lowest = nonce + 1
                    continue
                entry = JournalEntry(context, (prepared,), name)
                self._journal.save(key, entry)
                if before_broadcast is not None:
                    before_broadcast(prepared)
                try:
                    self._watch.broadcast(prepared)
                except NonceTaken:
                    self._journal.forget(key)
                    lowest = nonce + 1
                    continue
                except RpcError:  # refused for good: no byte of it is on its way
                    self._journal.forget(key)
                    raise
                self._nonces.note(nonce, prepared.transaction_hash)
            _log.info(f"{context}: sent {prepared.transaction_hash}, nonce {nonce}")
            try:
                raw, attempt = self._watch.until_mined(entry, context, partial(self._outbid, key))
            except NonceTaken:
                continue
            return self._checked(key, raw, attempt, context)
        raise ChainError(
            f"{context}: the node at {self._gateway.name} refuses the nonces up to {lowest - 1} of "
            f"{self.address} as used, and tells no free one; wait until it has caught up, or use "
            "another node"
        )

    def estimate(self, call: dict[str, Any], context: str) -> int:
        """Returns a gas limit with a sixth to spare, at most what a block holds.

        Raises:
            Reverted: the contract refuses the call.
            ChainError: more gas than a block holds, or the node's own refusal.
        """
        try:
            needed = self._gateway.quantity("eth_estimateGas", [call])
        except RpcError as error:
            data = revert_data(error.data)
            if data is None and "revert" not in error.text.lower():
                raise
            raise reverted(data or b"", context) from error
        told = self._gateway.block("latest").get("gasLimit") or "0x0"
        most = answers.quantity(told, f"gasLimit of a block at {self._gateway.name}")
        if most and needed > most:
            raise ChainError(
                f"{context}: {self._gateway.name} says it needs {needed} gas, but a block of that "
                f"chain holds {most}; send less at once, or use another node"
            )
        return min(needed + needed // 6, most) if most else needed + needed // 6

    def _prepare(
        self, to: str | None, data: bytes, value: int, gas: int, nonce: int
    ) -> SignedTransaction:
        fees = suggest(self._gateway, self._ceiling)
        fields: dict[str, Any] = {
            "chainId": self._gateway.chain_id,
            "nonce": nonce,
            "gas": gas,
            "value": value,
            "data": "0x" + data.hex(),
            **fees.fields(),
        }
        if to is not None:
            fields["to"] = to_checksum_address(to)
        return SignedTransaction(self._signer.sign_transaction(fields), nonce, fields, fees)

    def _outbid(self, key: str, entry: JournalEntry) -> JournalEntry:
        """Sends a stuck transaction again with higher fees and the same nonce, if it may."""
        stuck = entry.attempts[-1]
        fees = outbid(stuck.fees, suggest(self._gateway, self._ceiling), self._ceiling)
        if fees is None:
            return entry
        fields = {**stuck.fields, **fees.fields()}
        better = SignedTransaction(self._signer.sign_transaction(fields), stuck.nonce, fields, fees)
        longer = replace(entry, attempts=(*entry.attempts, better))
        self._journal.save(key, longer)
        try:
            self._watch.broadcast(better)
        except Unsure:  # either may be mined
            return longer
        except (RpcError, NonceTaken):  # the first one was mined meanwhile: its receipt decides
            return entry
        return longer

    def _checked(
        self, key: str, raw: dict[str, Any], sent: SignedTransaction, context: str
    ) -> Receipt:
        if int(raw["status"], 16) != 1:
            self._journal.forget(key)
            raise self._why(sent, raw, context)
        receipt = read(raw)
        _log.info(f"{context}: mined in block {receipt.block_number}, {receipt.gas_used} gas")
        return receipt

    def _why(self, sent: SignedTransaction, raw: dict[str, Any], context: str) -> ChainError:
        """Replays a transaction that failed in its block, to learn the error."""
        call = {"from": self.address, "data": sent.fields["data"], "gas": hex(sent.fields["gas"])}
        if "to" in sent.fields:
            call["to"] = sent.fields["to"]
        try:
            self._gateway.request("eth_call", [call, raw["blockNumber"]])
        except RpcError as error:
            return reverted(revert_data(error.data) or b"", context)
        return reverted(b"", context)
