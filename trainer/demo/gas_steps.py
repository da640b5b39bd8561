"""The gas of a deployment's transactions, by step of the protocol, in the order of its life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.client import RegistryClient

__all__ = ["GasLine", "by_step", "gas_by_step"]

DEPLOY = "deploy the contracts"
OTHER = "anything else"
_STEPS = {
    "register a model": ("ModelRegistered",),
    "publish a version": ("VersionPublished",),
    "open a round": ("Approval", "RoundOpened"),
    "enrol": ("ParticipantEnrolled",),
    "commit": ("UpdateCommitted",),
    "reveal": ("UpdateRevealed",),
    "propose a result": ("ResultProposed",),
    "finalise a round": ("RoundFinalised", "BondWithdrawn"),
    "post and activate payouts": ("PayoutRootPosted", "PayoutRootActivated"),
    "claim": ("PayoutClaimed",),
    "move a channel": ("ChannelMoved",),
    "grant access": ("AccessGranted",),
}
"""The events that a step's transactions emit first."""


@dataclass(frozen=True)
class GasLine:
    """A step of the protocol: how many transactions it took, and their gas in all."""

    step: str
    transactions: int
    gas: int


def by_step(spent: Iterable[tuple[str | None, int]]) -> list[GasLine]:
    """Returns the steps that there were, in order.

    Args:
        spent: for each transaction the first event that it emitted, None for one that created a
            contract, and its gas.
    """
    steps = {event: step for step, events in _STEPS.items() for event in events}
    found = dict.fromkeys((DEPLOY, *_STEPS, OTHER), (0, 0))
    for event, gas in spent:
        step = DEPLOY if event is None else steps.get(event, OTHER)
        count, before = found[step]
        found[step] = count + 1, before + gas
    return [GasLine(step, count, gas) for step, (count, gas) in found.items() if count]


def gas_by_step(client: RegistryClient) -> list[GasLine]:
    """Returns the gas of every contract's creation, and of every transaction with an event."""
    client.state()
    created = {made.transaction for made in client.connection.deployment.contracts.values()}
    first: dict[str, str | None] = dict.fromkeys(created)
    for event in client.connection.index.events:
        first.setdefault(event.transaction_hash, event.name)

    def gas_of(transaction: str) -> int:
        receipt = client.connection.gateway.request("eth_getTransactionReceipt", [transaction])
        return int(receipt["gasUsed"], 16)

    return by_step((event, gas_of(transaction)) for transaction, event in first.items())
