"""D-2 of rounds under stake: a node that lies about stakes, proposals or questions is found out."""

from __future__ import annotations

import pytest
from audited_federation import Lie, altered_event, dropped_event
from chain_parties import WatchedGateway
from staked_federation import CHEAT, PROPOSER, WATCHER, StakedFederation

from registry.audit import Kind, Report, audit
from registry.chain.gateway import connect
from trainer.adapters.replay import Replay


def audited(f: StakedFederation, lie: Lie | None = None) -> Report:
    """Audits without a key, through a node that may lie."""
    honest = connect(f.place.gateway.url)
    gateway = WatchedGateway.over(honest, lie(honest)) if lie else None
    return audit(f.place.client(gateway=gateway).connection, replay=Replay())


def test_an_honest_node_is_believed(disputed: StakedFederation) -> None:
    report = audited(disputed)
    assert report.findings == []
    assert report.clean
    assert (
        disputed.board().state(disputed.board().rounds_of(disputed.version.model_id)[0]).questions
    )


@pytest.mark.parametrize(
    ("contract", "event", "field"),
    [
        ("StakeVault", "StakeDeposited", "amount"),
        ("StakeVault", "StakeLocked", "amount"),
        ("StakeVault", "StakeSlashed", "amount"),
        ("StakeVault", "ExitRequested", "availableAt"),
        ("StakedRounds", "StakedRoundOpened", "stakes"),
        ("StakedRounds", "AggregateProposed", "proposal"),
        ("Disputes", "QuestionAsked", "deadline"),
    ],
)
def test_t36_an_altered_event_of_stakes_is_contradicted(
    disputed: StakedFederation, contract: str, event: str, field: str
) -> None:
    # Of rejected proposals the contract keeps nothing to hold them against.
    lie = altered_event(contract, event, field, which=-1)
    assert audited(disputed, lie).findings[0].kind is Kind.EVENT


@pytest.mark.parametrize(
    ("contract", "event"),
    [
        ("StakeVault", "ControllerSet"),
        ("StakeVault", "StakeUnlocked"),
        ("StakedRounds", "ParticipantEnlisted"),
        ("StakedRounds", "ProposalRejected"),
        ("Disputes", "QuestionClosed"),
    ],
)
def test_t36_a_withheld_event_of_stakes_is_contradicted(
    disputed: StakedFederation, contract: str, event: str
) -> None:
    assert audited(disputed, dropped_event(contract, event)).findings[0].kind is Kind.EVENT


def test_the_parties_of_the_scene_have_stake_to_lose(disputed: StakedFederation) -> None:
    stakes = disputed.owner.stakes
    assert stakes.of(PROPOSER.address).locked > 0
    assert stakes.of(CHEAT.address).locked == 0
    assert stakes.of(WATCHER.address).exiting == 77
