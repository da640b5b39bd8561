"""T-36, T-54: a node lies about every event and field; the audit believes none of it, and says so.

given a federation's whole history, and every lie about its events
  when the node changes what receipts say: their header contradicts it
  when the node forges the headers too, and the user knows one block's hash: that contradicts it
  when nobody vouches for the block: the contracts' storage contradicts it, or the report has said
    first that the history rests on one node
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from chain_parties import ChainScenario as Party
from chain_parties import Forward, WatchedGateway
from event_lies import EventLie, event_lies
from told_histories import Around, Told, copied, forging, naive, told_of

from registry.audit import Report, audit
from registry.chain.event_layout import decode_log
from registry.chain.gateway import connect
from registry.errors import ChainError, NodeUnsound

pytestmark = pytest.mark.process  # its fixtures start a chain

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


@dataclass(frozen=True)
class Scene:
    """A place with a history, what its chain tells, and every lie about it."""

    place: Party
    history: Told
    lies: list[EventLie]

    @classmethod
    def of(cls, place: Party) -> Scene:
        """Reads a chain."""
        history, connection = told_of(place.gateway), place.client().connection
        contracts = {c.address.lower(): name for name, c in connection.contracts.items()}
        lies = event_lies(history, contracts)
        # Nothing rests on the token's own events, nor on what was scheduled when.
        unread = ("RewardToken", "Timelock")
        return cls(place, history, [lie for lie in lies if lie.contract not in unread])


@pytest.fixture(scope="module", params=["rounds", "stakes"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """A federation's rounds and pay, and one whose proposals were disputed under stake."""
    if request.param == "rounds":
        return Scene.of(request.getfixturevalue("built").federation.place)
    return Scene.of(request.getfixturevalue("disputed").place)


def _told(history: Told, lie: EventLie) -> Told:
    told = copied(history)
    lie.change(told, lie.place)
    return told


def _decodes(told: Told, lie: EventLie) -> object:
    log = {**lie.place.of(told), "blockNumber": "0x1", "logIndex": "0x0", "blockHash": ""}
    try:
        event = decode_log(lie.contract, {**log, "transactionHash": ""})
    except ChainError:
        return None
    return None if event is None else event.arguments


def _audited(place: Party, around: Around, trusted: str | None = None) -> Report:
    gateway = WatchedGateway.over(connect(place.gateway.url), around)
    connection = place.client(gateway=gateway).connection
    return audit(connection, replay=None, trusted_block=trusted)


def _each(lies: list[EventLie], one_in: int) -> Iterator[EventLie]:
    yield from lies if NIGHTLY else lies[::one_in]


def _knowing(forged: Around, newest: dict[str, Any]) -> Around:
    """Gives the block that the user knows as it is, and forges the ones below."""

    def around(method: str, params: list[Any], forward: Forward) -> Any:
        return newest if method == "eth_getBlockByHash" else forged(method, params, forward)

    return around


def _refused(place: Party, around: Around, trusted: str | None = None) -> bool:
    try:
        _audited(place, around, trusted)
    except NodeUnsound:
        return True
    return False


def test_whatever_receipts_are_told_their_header_contradicts_them(scene: Scene) -> None:
    believed = [
        lie.name
        for lie in _each(scene.lies, 4)
        if not _refused(scene.place, naive(_told(scene.history, lie)))
    ]
    assert believed == []


def test_a_forged_chain_is_not_the_one_that_the_user_knows(scene: Scene) -> None:
    newest = scene.history.blocks[max(scene.history.blocks)]
    believed = []
    for lie in _each(scene.lies, 10):
        forged = forging(_told(scene.history, lie))
        for around in (forged, _knowing(forged, newest)):
            if not _refused(scene.place, around, trusted=newest["hash"]):
                believed.append(lie.name)
    assert believed == []


def test_a_forged_chain_that_nobody_vouches_for_is_contradicted_or_said_to_rest_on_one_node(
    scene: Scene,
) -> None:
    outcomes: Counter[str] = Counter()
    accepted: set[str] = set()
    for lie in _each(scene.lies, 12):
        told = _told(scene.history, lie)
        if lie.kind == "extend" and _decodes(scene.history, lie) == _decodes(told, lie):
            continue  # bytes after the last text: the event tells the same
        try:
            report = _audited(scene.place, forging(told))
        except ChainError:  # one line, never a traceback
            outcomes["refused"] += 1
            continue
        assert "alone" in report.anchor
        if report.findings:
            outcomes["named"] += 1
        else:
            outcomes["rests on the anchor"] += 1
            accepted |= {lie.name} if lie.kind != "move" else set()
    print(f"of {len(scene.lies)} lies:", dict(outcomes), sorted(accepted))
    assert accepted <= ANCHORED


# What the contracts keep nothing of: a whole forged chain may tell these otherwise, unless a
# block's hash or a second node vouches for it. A move within the history is one throughout.
ANCHORED = frozenset(
    {
        "change Availability.UpdatesCertified.held",
        "change Disputes.FaultAnnounced.call",
        "change Disputes.FaultAnnounced.caller",
        "change ModelRegistry.ChannelMoved.actor",
        "change ModelRegistry.VersionPublished.publisher",
        "change PayoutDistributor.DistributionFunded.funder",
        "change PayoutDistributor.PayoutRootPosted.poster",
        "change RewardPool.BudgetReleased.modelId",
        "change StakeVault.StakeDeposited.payer",
        "change StakedRounds.ProposalRejected.beneficiary",
        "change StakedRounds.ProposalRejected.fault",
        "change StakedRounds.StakeBurnt.fault",
        "change TrainingRounds.ResultProposed.coordinator",
        "double Availability.ResultVouchedFor",
        "double Availability.UpdatesVouchedFor",
        "double Disputes.FaultAnnounced",
        "double EmergencyStop.GuardianNamed",
        "double StakeVault.ControllerOffered",
        "double StakeVault.ControllerSet",
        "double TokenList.TokenListed",
        "drop Disputes.FaultAnnounced",
        "drop ModelRegistry.ChannelMoved",
        "drop ModelRegistry.PublisherAdded",
    }
)
