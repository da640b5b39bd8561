"""The events of a deployment, each proved against the headers below the audit's block."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.chain.event_layout import decode_log
from registry.chain.gateway import Gateway
from registry.chain.headers import Header, headers_back_to
from registry.chain.receipt_proofs import proven_logs
from registry.errors import ChainError
from registry.types import Event

__all__ = ["History", "read_history"]


@dataclass(frozen=True)
class History:
    """Events in chain order; `headers` holds those of their blocks, and those asked for."""

    events: tuple[Event, ...]
    headers: Mapping[int, Header]
    blocks: int


def _event(contract: str, log: dict[str, Any]) -> Event:
    event = decode_log(contract, log)
    if event is None:
        raise ChainError(
            f"block {int(log['blockNumber'], 16)}: {contract} at {log['address']} tells something "
            "that it doesn't in this version of tallystick; is the deployment's file right?"
        )
    return event


def read_history(
    gateway: Gateway,
    contracts: Mapping[str, str],
    newest: Header,
    first: int,
    kept: Collection[int],
) -> History:
    """Reads every event of blocks `first` to `newest`.

    Nothing can be dropped, added or changed under `newest`: headers hash to each other, receipts to
    their header, and a header's filter tells for certain which blocks hold no event.

    Args:
        gateway: who gives headers and receipts.
        contracts: names by lower-case address.
        newest: the audit's block.
        first: the oldest block to read.
        kept: numbers of blocks whose headers are wanted too.

    Raises:
        NodeUnsound: something doesn't hash to what commits to it.
        ChainError: the node doesn't give a header or receipts.
    """
    found: dict[int, Header] = {}
    count = 0

    def headers() -> Iterator[Header]:
        nonlocal count
        for header in headers_back_to(gateway, newest, first):
            count += 1
            if header.number in kept:
                found[header.number] = header
            yield header

    blocks: list[list[Event]] = []
    for header, logs in proven_logs(gateway, headers(), contracts):
        found[header.number] = header
        blocks.append([_event(contracts[log["address"]], log) for log in logs])
    events = tuple(event for block in reversed(blocks) for event in block)
    return History(events, found, count)
