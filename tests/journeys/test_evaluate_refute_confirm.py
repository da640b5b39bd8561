"""Journey: what no proof covers is attested.

In a round with a panel a proposer with a stale base and one with a payout tweak are refuted and
slashed; the honest one is confirmed, settles, and pays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cheating_proposers as proposers
import pytest
from chain_federation import undone
from cheating_proposers import Change
from staked_federation import (
    BOND,
    CHEAT,
    DISPUTE,
    FUNDS,
    PEOPLE,
    PROPOSER,
    STAKE,
    WATCHER,
    StakedFederation,
    federation_on_a_chain,
)
from tests_roles import OWNER

from registry.audit import audit
from registry.chain.reverts import error_classes
from registry.documents.attestations import SignedAttestation
from registry.errors import ConfigError, Reverted, RoundError
from registry.signing import LocalSigner
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.evaluator import found_of

APPEAL = 120
ERRORS = error_classes()


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """A federation under stake; its participants are the panel, two of three decide."""
    with federation_on_a_chain(tmp_path_factory.mktemp("evaluated")) as made:
        yield made


@pytest.fixture
def federation(ground: StakedFederation) -> Iterator[StakedFederation]:
    """The same; what a test does to the chain is undone after it."""
    ground.notes.clear()
    with undone(ground.place.gateway):
        yield ground


def opened(f: StakedFederation) -> bytes:
    """A round with a panel in which everybody has revealed; the watcher governs it."""
    members = [person.address for person in PEOPLE]
    evaluations = f.owner.evaluations
    panel = evaluations.create_panel(members, 2, WATCHER.address, APPEAL).panel
    assert evaluations.create_panel(members[::-1], 2, WATCHER.address, APPEAL).panel == panel
    return f.revealed(stakes=f.stakes(panel=panel))


def attested(f: StakedFederation, round_id: bytes, *who: LocalSigner) -> list[SignedAttestation]:
    """What evaluators find, each by itself, handed on as files."""
    found = []
    for evaluator in who:
        outcomes = f.outcomes(evaluator, "-evaluates")
        statement = found_of(f.board(evaluator), outcomes, round_id)
        signed = f.client(evaluator).evaluations.sign(evaluator, statement)
        found.append(SignedAttestation.parse(signed.to_json()))
    return found


def stale(f: StakedFederation) -> Change:
    """Proposes the base itself as the new version."""
    return proposers.stale_base(f.version.content.digest)


def test_f11_lies_that_no_proof_covers_are_refuted_and_the_honest_proposal_settles(
    federation: StakedFederation,
) -> None:
    f = federation
    round_id = opened(f)
    before = sum(f.wealth().values())
    for number, change in enumerate((stale(f), proposers.payout_tweak(5)), start=1):
        f.proposer(CHEAT, change).propose(round_id)
        assert f.watcher().step(round_id) == []  # nothing that a proof covers
        assert f.notes[-1].kind == "unprovable"
        decision = f.owner.evaluations.attest(attested(f, round_id, *PEOPLE[1:]))
        assert (decision.correct, decision.proposal) == (False, number)
        f.clock.wait_until(decision.appeal_ends_at)
        f.owner.evaluations.enforce_decision(round_id)
        assert f.board().state(round_id).standing is None
        assert f.owner.stakes.of(CHEAT.address).free == FUNDS - number * 3 * STAKE
    honest = f.proposer()
    honest.propose(round_id)
    f.certify_result(round_id)
    f.clock.wait_until(f.clock.now() + DISPUTE)
    with pytest.raises(ERRORS["NotAttested"]):
        honest.settle(round_id)
    decision = f.owner.evaluations.attest(attested(f, round_id, *PEOPLE[:2]))
    assert decision.correct
    f.clock.wait_until(decision.appeal_ends_at)
    honest.settle(round_id)
    f.proposer(OWNER).publish(round_id)
    f.owner.weighted_payouts.pay_settled(round_id)
    pot = f.owner.weighted_payouts.pot(round_id)
    assert set(pot.paid) == {person.address for person in PEOPLE}
    assert sum(pot.paid.values()) + (pot.rest or 0) == pot.amount
    assert sum(f.wealth().values()) == before - 2 * 3 * STAKE  # what was slashed is burnt
    f.check_vault()
    report = audit(f.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def follower(f: StakedFederation, who: LocalSigner) -> StakedRoundAgent:
    """An account that watches, proposes and settles."""
    watcher, holder = f.watcher(who, "-follows"), f.holder(who)
    parts = RegistryBoard(f.client(who)), f.board(who), f.clock, watcher, holder
    return StakedRoundAgent(*parts, f.proposer(who), told=f.notes.append)


def test_a_follower_waits_for_the_panel_and_carries_its_refutations_out(
    federation: StakedFederation,
) -> None:
    f = federation
    round_id = opened(f)
    f.proposer(CHEAT, stale(f)).propose(round_id)
    follows = follower(f, PROPOSER)
    decision = f.owner.evaluations.attest(attested(f, round_id, *PEOPLE[:2]))
    assert not follows.step(round_id)  # an appeal is possible
    f.clock.wait_until(decision.appeal_ends_at)
    assert follows.step(round_id)
    assert f.board().state(round_id).standing is None
    assert follows.step(round_id)  # proposes itself
    f.certify_result(round_id)
    f.clock.wait_until(f.clock.now() + DISPUTE)
    assert not follows.step(round_id)
    decision = f.owner.evaluations.attest(attested(f, round_id, *PEOPLE[:2]))
    f.clock.wait_until(decision.appeal_ends_at)
    assert follows.step(round_id)
    assert f.board().state(round_id).settled


def test_f12_the_governor_reverses_what_two_liars_found(federation: StakedFederation) -> None:
    f = federation
    round_id = opened(f)
    f.proposer(CHEAT, stale(f)).propose(round_id)
    lie = found_of(f.board(), f.outcomes(OWNER, "-lies"), round_id)
    standing = f.board().state(round_id).standing
    assert standing is not None
    told = standing.proposal
    lie = replace(lie, version_digest=told.version_digest, document_digest=told.document_digest)
    liars = [f.client(who).evaluations.sign(who, lie) for who in PEOPLE[:2]]
    assert f.client(CHEAT).evaluations.attest(liars).correct
    doubts = f.client(PROPOSER)
    doubts.evaluations.appeal(round_id)
    doubts.evaluations.appeal(round_id)
    assert f.owner.stakes.of(PROPOSER.address).locked == BOND
    with pytest.raises(ERRORS["NotGovernor"]):
        doubts.evaluations.rule(round_id, False)
    f.client(WATCHER).evaluations.rule(round_id, False)
    f.owner.evaluations.enforce_decision(round_id)
    assert f.owner.stakes.of(PROPOSER.address).free == FUNDS
    assert f.board().state(round_id).standing is None
    f.check_vault()


def test_d2_scores_that_liars_signed_are_found_by_the_audit(federation: StakedFederation) -> None:
    f = federation
    round_id = opened(f)
    honest = f.proposer()
    honest.propose(round_id)
    found = found_of(f.board(), f.outcomes(OWNER, "-lies"), round_id)
    f.certify_result(round_id)
    lie = replace(found, scores_digest=b"\x01" * 32)
    decision = f.owner.evaluations.attest(
        [f.client(who).evaluations.sign(who, lie) for who in PEOPLE[:2]]
    )
    f.clock.wait_until(max(decision.appeal_ends_at, f.clock.now() + DISPUTE))
    honest.settle(round_id)
    f.proposer(OWNER).publish(round_id)
    (finding,) = audit(f.place.client().connection, replay=Replay()).findings
    assert "scores that evaluators signed" in str(finding)


def test_attestations_that_do_not_fit_are_refused(
    federation: StakedFederation, tmp_path: Path
) -> None:
    f = federation
    round_id = opened(f)
    first, second = attested(f, round_id, *PEOPLE[:2])
    evaluations = f.owner.evaluations
    with pytest.raises(RoundError, match="no proposal stands"):
        evaluations.attest([first, second])
    f.proposer().propose(round_id)
    with pytest.raises(ERRORS["TooFewSignatures"]):
        evaluations.attest([first])
    with pytest.raises(ERRORS["NotAMember"]):
        evaluations.attest([first, *attested(f, round_id, CHEAT)])
    forged = SignedAttestation(second.evaluator, second.statement, first.signature)
    with pytest.raises(ERRORS["BadSignature"]):
        evaluations.attest([first, forged])
    statement = replace(first.statement, payout_total=0)
    other = SignedAttestation(second.evaluator, statement, second.signature)
    with pytest.raises(ConfigError, match="expected attestations that agree"):
        evaluations.attest([first, other])
    assert evaluations.decision(round_id) is None
    with pytest.raises(ConfigError, match="no panel"):
        evaluations.panel(bytes(32))
    with pytest.raises(Reverted):
        evaluations.create_panel([PEOPLE[0].address], 2)
    for text in (b"{}", first.to_json().replace(b"attestation/2", b"attestation/9")):
        with pytest.raises(ConfigError):
            SignedAttestation.parse(text)
