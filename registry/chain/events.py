"""Reads the contracts' events: in chunks, resumable, and safe against re-orgs.

`EventReader.poll` returns what happened since the last poll. It remembers the hashes of the newest
blocks it has read; if one is gone from the chain, it says from which block to forget
(`EventBatch.rolled_back_to`) and reads again from there (T-1, T-2). A re-org deeper than the window
it remembers is an error, never a guess (T-3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.chain import answers
from registry.chain.event_layout import decode_log
from registry.chain.gateway import Gateway, RpcError
from registry.errors import ChainError, NodesDisagree, NodeUnavailable
from registry.redaction import redacted_url
from registry.types import Event

__all__ = ["Checkpoint", "EventBatch", "EventReader", "Pace", "read_events"]

_LARGEST_CHUNK = 50_000
_BELIEVED = 64  # answers in a row after which a larger range is tried again
_MOST_UNANSWERED = 3


@dataclass(frozen=True)
class Checkpoint:
    """How far a reader has come: the hashes of the newest blocks read, oldest first."""

    blocks: tuple[tuple[int, str], ...] = ()

    @property
    def next_block(self) -> int | None:
        """The first block not read yet; None if nothing was read."""
        return self.blocks[-1][0] + 1 if self.blocks else None


@dataclass(frozen=True)
class EventBatch:
    """New events in chain order. With `rolled_back_to`, forget every event above that block."""

    events: tuple[Event, ...]
    checkpoint: Checkpoint
    rolled_back_to: int | None = None


@dataclass
class Pace:
    """How many blocks a node is asked for at a time: fewer after a refusal, more after successes.

    `refused` is the smallest number that was refused; it is believed for a while.
    """

    size: int = _LARGEST_CHUNK
    refused: int = _LARGEST_CHUNK + 1
    in_a_row: int = 0
    unanswered: int = 0

    def worked(self, blocks: int) -> None:
        """Takes note of an answer."""
        self.unanswered = 0
        if blocks < self.size:
            return
        self.in_a_row += 1
        if self.in_a_row >= _BELIEVED:  # limits change, and some depend on what the blocks hold
            self.in_a_row, self.refused = 0, _LARGEST_CHUNK + 1
        self.size = max(self.size, min(2 * self.size, self.refused - 1))

    def failed(self, blocks: int, error: ChainError) -> None:
        """Takes note of a refusal, or of an answer that didn't come.

        Raises:
            ChainError: as given, where asking for less is no help.
        """
        silent = isinstance(error, NodeUnavailable)
        self.unanswered = self.unanswered + 1 if silent else 0
        if blocks == 1 or self.unanswered > _MOST_UNANSWERED:
            raise error
        self.refused, self.in_a_row = min(self.refused, blocks), 0
        self.size = max(1, blocks // (8 if silent else 2))  # silence costs a time-out each


def _logs(gateway: Gateway, addresses: list[str], first: int, last: int) -> list[dict[str, Any]]:
    query = {"address": addresses, "fromBlock": hex(first), "toBlock": hex(last)}
    where = f"eth_getLogs at {redacted_url(gateway.url)}"
    return answers.logs(gateway.request("eth_getLogs", [query]), where)


def read_events(
    gateway: Gateway, contracts: dict[str, str], first: int, last: int, pace: Pace | None = None
) -> Iterator[Event]:
    """Yields the events of blocks `first` to `last`, both included, in chain order.

    Asks for fewer blocks at a time when the node refuses a range or doesn't answer in time (T-36).

    Args:
        gateway: the chain.
        contracts: contract names by lower-case address.
        first: the first block.
        last: the last block.
        pace: how many blocks at a time, as learnt so far.

    Raises:
        ChainError: the node answers with logs nobody asked for, or refuses a single block.
    """
    learnt, addresses = pace or Pace(), sorted(contracts)
    while first <= last:
        end = min(first + learnt.size - 1, last)
        try:
            logs = _logs(gateway, addresses, first, end)
        except (RpcError, NodeUnavailable) as error:
            learnt.failed(end - first + 1, error)
            continue
        learnt.worked(end - first + 1)
        logs.sort(key=lambda log: (int(log["blockNumber"], 16), int(log["logIndex"], 16)))
        for log in logs:
            contract = contracts.get(log["address"].lower())
            if contract is None or not first <= int(log["blockNumber"], 16) <= end:
                raise ChainError(
                    f"expected logs of blocks {first} to {end}, got one of {log['address']} in "
                    f"block {int(log['blockNumber'], 16)}: the node at "
                    f"{redacted_url(gateway.url)} is not sound"
                )
            event = decode_log(contract, log)
            if event is not None:
                yield event
        first = end + 1


class EventReader:
    """Polls the events of some contracts from a block on.

    Args:
        gateway: the chain.
        contracts: contract names by address.
        first_block: the oldest deployment block.
        window: how many blocks deep a re-org is followed.
        checkpoint: where an earlier reader stopped.
    """

    def __init__(
        self,
        gateway: Gateway,
        contracts: dict[str, str],
        first_block: int,
        window: int = 64,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self._gateway = gateway
        self._contracts = {address.lower(): name for address, name in contracts.items()}
        self._first = first_block
        self._window = window
        self._checkpoint = checkpoint or Checkpoint()
        self._pace = Pace()

    def poll(self) -> EventBatch:
        """Returns what is new since the last poll.

        Raises:
            NodesDisagree: the chain changed below the window.
        """
        head = self._gateway.block("latest")
        last = int(head["number"], 16)
        kept, rolled_back_to = self._common_ancestor(head)
        start = kept.next_block if kept.next_block is not None else self._first
        if last < start:
            self._checkpoint = kept
            return EventBatch((), kept, rolled_back_to)
        events = tuple(read_events(self._gateway, self._contracts, start, last, self._pace))
        blocks = self._extended(kept, events, last, head["hash"])
        self._checkpoint = Checkpoint(blocks)
        return EventBatch(events, self._checkpoint, rolled_back_to)

    def _extended(
        self, kept: Checkpoint, events: tuple[Event, ...], last: int, head_hash: str
    ) -> tuple[tuple[int, str], ...]:
        """Adds the blocks that hold events, and the head, to the remembered ones."""
        seen = dict(kept.blocks)
        for event in events:
            seen[event.block_number] = event.block_hash
        if seen.setdefault(last, head_hash) != head_hash:
            raise NodesDisagree(
                f"block {last} changed while it was read; poll again when the chain has settled"
            )
        blocks = sorted(seen.items())
        old = [b for b in blocks if b[0] <= last - self._window][-1:]
        return tuple(old + [b for b in blocks if b[0] > last - self._window])

    def _common_ancestor(self, head: dict[str, Any]) -> tuple[Checkpoint, int | None]:
        """Returns what of the remembered blocks is on the chain still; the head alone may tell."""
        blocks = list(self._checkpoint.blocks)
        if blocks and _shows(head, *blocks[-1]):
            return self._checkpoint, None
        rolled_back_to: int | None = None
        while blocks and not self._still_there(*blocks[-1]):
            blocks.pop()
            rolled_back_to = blocks[-1][0] if blocks else self._first - 1
        if rolled_back_to is not None and not blocks and self._checkpoint.blocks:
            oldest = self._checkpoint.blocks[0][0]
            if oldest > self._first + self._window:
                raise NodesDisagree(
                    f"the chain re-organised below block {oldest}, deeper than the "
                    f"{self._window} blocks that are followed; start again from the deployment"
                )
        return Checkpoint(tuple(blocks)), rolled_back_to

    def _still_there(self, number: int, block_hash: str) -> bool:
        found = self._gateway.find_block(number)
        return found is not None and found["hash"] == block_hash


def _shows(head: dict[str, Any], number: int, block_hash: str) -> bool:
    """Tells whether a head is that block, or names it as its parent."""
    above = int(head["number"], 16) - number
    return (above, head["hash"]) == (0, block_hash) or (
        (above, head.get("parentHash")) == (1, block_hash)
    )
