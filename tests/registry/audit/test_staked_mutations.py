"""D-2 of rounds under stake: a node that lies about stakes, proposals or questions is found out."""

from __future__ import annotations

import pytest
from audited_federation import Lie, altered_event, dropped_event
from chain_parties import WatchedGateway
from staked_federation import CHEAT, PROPOSER, WATCHER, StakedFederation

from registry.audit import FindingKind, Report, audit
from registry.chain.gateway import connect
from registry.errors import NodeUnsound
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


def contradicted(f: StakedFederation, lie: Lie) -> bool:
    """Whether the audit names the lie, or refuses the node for what no contract could have told."""
    try:
        report = audited(f, lie)
    except NodeUnsound:
        return True
    return bool(report.findings) and report.findings[0].kind in (
        FindingKind.EVENT,
        FindingKind.PAYOUT,
    )


@pytest.mark.parametrize(
    ("contract", "event", "field"),
    [
        ("StakeVault", "ControllerOffered", "controller"),
        ("StakeVault", "StakeDeposited", "amount"),
        ("StakeVault", "StakeLocked", "amount"),
        ("StakeVault", "StakeSlashed", "amount"),
        ("StakeVault", "ExitRequested", "availableAt"),
        ("StakedRounds", "StakedRoundOpened", "stakes"),
        ("StakedRounds", "ParticipantStakeLocked", "index"),
        ("StakedRounds", "ParticipantStakeLocked", "participant"),
        ("StakedRounds", "ParticipantStakeLocked", "stake"),
        ("StakedRounds", "AggregateProposed", "proposal"),
        ("StakedRounds", "AggregateProposed", "certifyBy"),
        ("StakedRounds", "ProposalCertified", "endsAt"),
        ("StakedRounds", "StakeBurnt", "account"),
        ("Availability", "UpdatesVouchedFor", "holder"),
        ("Availability", "UpdatesVouchedFor", "held"),
        ("Availability", "UpdatesCertified", "holders"),
        ("Availability", "UpdatesCertified", "certified"),
        ("Availability", "ResultVouchedFor", "holder"),
        ("Availability", "ResultCertified", "holders"),
        ("Questions", "QuestionAsked", "kind"),
        ("Questions", "QuestionAsked", "accountable"),
        ("Questions", "QuestionAsked", "deadline"),
        ("WeightedPayouts", "PotFunded", "amount"),
        ("WeightedPayouts", "PotFunded", "roundId"),
    ],
)
def test_t36_an_altered_event_of_stakes_is_contradicted(
    disputed: StakedFederation, contract: str, event: str, field: str
) -> None:
    # Of rejected proposals the contract keeps nothing to hold them against.
    assert contradicted(disputed, altered_event(contract, event, field, which=-1))


@pytest.mark.parametrize(
    ("contract", "event"),
    [
        ("StakeVault", "ControllerOffered"),
        ("StakeVault", "ControllerSet"),
        ("StakeVault", "StakeUnlocked"),
        ("StakedRounds", "ParticipantStakeLocked"),
        ("StakedRounds", "AggregateProposed"),
        ("StakedRounds", "ProposalCertified"),
        ("StakedRounds", "ProposalRejected"),
        ("StakedRounds", "StakeBurnt"),
        ("Availability", "UpdatesVouchedFor"),
        ("Availability", "UpdatesCertified"),
        ("Availability", "ResultVouchedFor"),
        ("Availability", "ResultCertified"),
        ("Questions", "QuestionAsked"),
        ("Questions", "QuestionClosed"),
        ("WeightedPayouts", "PotFunded"),
    ],
)
def test_t36_a_withheld_event_of_stakes_is_contradicted(
    disputed: StakedFederation, contract: str, event: str
) -> None:
    assert contradicted(disputed, dropped_event(contract, event))


def test_the_parties_of_the_scene_have_stake_to_lose(disputed: StakedFederation) -> None:
    stakes = disputed.owner.stakes
    assert stakes.of(PROPOSER.address).locked > 0
    assert stakes.of(CHEAT.address).locked == 0
    assert stakes.of(WATCHER.address).exiting == 77
