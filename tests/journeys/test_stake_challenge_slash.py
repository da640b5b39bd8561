"""Journey: proposers cheat in each way that can be proved, a watcher has each of them slashed, and
the honest proposal that follows is settled and paid, to the last unit."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cheating_proposers as proposers
import pytest
import torch
from chain_federation import undone
from cheating_proposers import Change
from staked_federation import (
    ANSWER,
    BUDGET,
    CHEAT,
    MODEL,
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
from registry.errors import RoundError
from trainer.adapters.replay import Replay
from trainer.staked.watcher_actions import WatcherAction

ERRORS = error_classes()
Scene = tuple[StakedFederation, bytes]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A federation, and its round in which everybody has revealed."""
    work = tmp_path_factory.mktemp("staked")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with federation_on_a_chain(work) as federation:
        yield federation, federation.revealed()
    torch.set_num_threads(threads)


@pytest.fixture
def scene(ground: Scene) -> Iterator[Scene]:
    """The same; what a test does to the chain is undone after it."""
    federation, _ = ground
    federation.notes.clear()
    with undone(federation.place.gateway):
        yield ground


def rejected(federation: StakedFederation, round_id: bytes, number: int) -> Callable[[], bool]:
    """Tells whether so many proposals were made and none stands."""
    board = federation.board()

    def done() -> bool:
        state = board.state(round_id)
        return state.proposals == number and state.standing is None

    return done


def settle_honestly(federation: StakedFederation, round_id: bytes) -> None:
    """An honest proposal that a watcher looks at, settled, published, and everybody paid."""
    honest, watcher = federation.proposer(), federation.watcher(name="-again")
    honest.propose(round_id)
    federation.certify_result(round_id)
    proved = watcher.step(round_id)
    assert [deed for deed in proved if type(deed).__name__ not in ("Close", "Punish")] == []
    honest.settle(round_id)
    version = federation.proposer(OWNER).publish(round_id)
    assert version.number == len(federation.owner.versions(MODEL))
    for who in (*PEOPLE, PROPOSER):
        federation.board().release(round_id, who.address)
    pots = federation.owner.weighted_payouts
    assert sorted(pots.pay(round_id)) == sorted(p.address for p in PEOPLE)
    pot = pots.pot(round_id)
    assert sum(pot.paid.values()) + (pot.rest or 0) == BUDGET


CHEATS: dict[str, tuple[Change, str]] = {
    "wrong sum": (proposers.wrong_sum(700, -1), "wrong chunk"),
    "dropped participant": (proposers.dropped_participant(1), "left out"),
    "double count": (proposers.double_count(2), "wrong node"),
    "inflated weight": (proposers.inflated_weight(0, 3), "wrong leaf"),
    "inflated total": (proposers.inflated_total(7), "wrong node"),
    "swapped update": (proposers.swapped_update(0, 2), "wrong leaf"),
    "withheld chunk": (proposers.withheld(proposers.wrong_sum(3)), "withheld chunk"),
    "wrong weight": (proposers.wrong_weight(300), "wrong version"),
    "withheld weights": (proposers.wrong_version(b"\x07" * 32), "withheld weights"),
    "withheld children": (proposers.withheld(proposers.double_count()), "withheld node"),
}


@pytest.mark.parametrize("name", CHEATS)
def test_f9_a_cheat_is_slashed_and_the_honest_proposal_settles(scene: Scene, name: str) -> None:
    federation, round_id = scene
    change, fault = CHEATS[name]
    before, wealth = federation.wealth(), sum(federation.wealth().values())
    federation.proposer(CHEAT, change).propose(round_id)
    federation.certify_result(round_id)  # a quorum lies too, or holds a lie
    federation.until(federation.watcher(), round_id, rejected(federation, round_id, 1))
    record = federation.owner.staked_rounds.record(round_id)
    told = record.proposals[0]
    assert (told.fault, told.challenger) == (fault, WATCHER.address)
    federation.check_vault()
    settle_honestly(federation, round_id)
    federation.check_vault()
    after, stake = federation.wealth(), 3 * STAKE
    change_of = {name: after[name] - before[name] for name in after}
    shares = {p.address: change_of[p.address] for p in PEOPLE}
    rest = change_of[OWNER.address]  # of the division
    assert 0 <= rest < len(PEOPLE)
    assert sum(shares.values()) + rest == BUDGET
    assert change_of[CHEAT.address] == -stake
    assert change_of[WATCHER.address] == stake // 2
    assert change_of[PROPOSER.address] == 0
    assert change_of["WeightedPayouts"] == -BUDGET
    assert sum(after.values()) == wealth - (stake - stake // 2)  # the rest is burnt


def test_an_equivocating_proposer_has_one_proposal_at_a_time(scene: Scene) -> None:
    federation, round_id = scene
    first = federation.proposer(CHEAT, proposers.wrong_sum(1))
    second = federation.outcomes(CHEAT, "-second")
    first.propose(round_id)
    state = federation.board().state(round_id)
    other = second.store(state, second.draft(state))
    with pytest.raises(ERRORS["ProposalStands"]):
        federation.board(CHEAT).propose(round_id, other)
    with pytest.raises(RoundError, match="one stands"):
        federation.proposer(CHEAT).propose(round_id)
    watcher = federation.watcher()
    federation.until(watcher, round_id, rejected(federation, round_id, 1))
    first.propose(round_id)
    federation.until(watcher, round_id, rejected(federation, round_id, 2))
    assert federation.owner.stakes.of(WATCHER.address).awarded == 2 * (3 * STAKE // 2)
    settle_honestly(federation, round_id)
    federation.check_vault()


def test_a_right_proposal_is_never_challenged(scene: Scene) -> None:
    federation, round_id = scene
    federation.proposer().propose(round_id)
    federation.certify_result(round_id)
    watcher = federation.watcher()
    deeds: list[WatcherAction] = []
    state = federation.board().state(round_id)
    assert state.standing is not None
    while federation.clock.now() < state.standing.ends_at:
        deeds += watcher.step(round_id)
        federation.clock.wait_until(federation.clock.now() + ANSWER)
    assert (deeds, federation.notes) == ([], [])


def test_d2_files_that_no_contract_can_check_are_noted_and_found_by_the_audit(
    scene: Scene,
) -> None:
    federation, round_id = scene
    lie = proposers.stale_base(federation.version.content.digest)
    cheat = federation.proposer(CHEAT, lie)
    cheat.propose(round_id)
    assert federation.watcher().step(round_id) == []
    assert {note.kind for note in federation.notes} == {"unprovable"}
    assert federation.notes[0].text.startswith("version")
    for who in PEOPLE:  # nobody honest vouches for it
        state, now = federation.board().state(round_id), federation.clock.now()
        assert not federation.holder(who).step(state, now)
    federation.certify_result(round_id)
    cheat.settle(round_id)
    report = audit(federation.place.client().connection, replay=Replay())
    assert report.findings
    assert {str(finding.kind) for finding in report.findings} == {"version"}


def test_d2_the_audit_agrees_with_an_honest_round_under_stake(scene: Scene) -> None:
    federation, round_id = scene
    settle_honestly(federation, round_id)
    report = audit(federation.place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])
