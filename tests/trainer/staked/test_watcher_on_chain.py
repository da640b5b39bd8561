"""The watcher on a real chain: slashes, questions, answers, restarts, re-orgs (F-9, F-10)."""

from __future__ import annotations

import shutil
from pathlib import Path

import cheating_proposers as proposers
import numpy as np
import pytest
from chain_federation import undone
from staked_federation import (
    ANSWER,
    BOND,
    BURNT,
    CHEAT,
    FUNDS,
    PEOPLE,
    PROPOSER,
    STAKE,
    WATCHER,
    StakedFederation,
)
from tests_roles import OWNER

from registry.errors import BlobNotFound, RoundError, StoreUnavailable
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.index import QuestionState
from registry.storage import MemoryStore
from trainer.adapters import StoreBlobs
from trainer.adapters.registry_board import RegistryBoard
from trainer.ports import BlobStore, RoundBoard
from trainer.staked.outcome import Outcomes
from trainer.staked.ports import StakedBoard
from trainer.staked.verdict import proof_of
from trainer.staked.watcher import Watcher
from trainer.staked.watcher_actions import (
    AnswerChunk,
    OutOfRange,
    Punish,
    WrongChunk,
    WrongNode,
    WrongVersion,
)
from trainer.staked.watcher_policy import Limits
from trainer.types import IntVector


def leave_lattice(vector: IntVector) -> None:
    """Sets one value to the one that has no negative."""
    vector[400] = np.iinfo(vector.dtype).min


def hidden(staked: StakedFederation) -> BlobStore:
    """Storage that nobody else reaches, with the terms that everybody has."""
    blobs = StoreBlobs(MemoryStore())
    blobs.put_bytes(staked.document.to_json())
    return blobs


def boards(staked: StakedFederation) -> tuple[RoundBoard, StakedBoard]:
    """The boards as the first participant sees them."""
    return RegistryBoard(staked.client(PEOPLE[0])), staked.board(PEOPLE[0])


def settle(federation: StakedFederation, round_id: bytes, who: tuple[str, ...]) -> None:
    """Asserts that an honest proposal over these participants settles and pays them alone."""
    honest = federation.proposer()
    proposal = honest.propose(round_id)
    federation.certify_result(round_id)
    assert federation.watcher(name="-again").step(round_id) == []
    assert proposal.top.count == len(who)
    honest.settle(round_id)
    federation.proposer(OWNER).publish(round_id)
    federation.check_vault()


def test_f9_a_value_outside_the_lattice_is_slashed_and_the_others_are_paid(
    staked: StakedFederation,
) -> None:
    round_id = staked.revealed(leave_lattice)
    (deed,) = staked.watcher().step(round_id)
    assert isinstance(deed, OutOfRange)
    assert (deed.leaf.participant, deed.chunk) == (PEOPLE[0].address, 1)
    assert staked.owner.stakes.of(WATCHER.address).awarded == STAKE // 2
    assert staked.owner.stakes.of(OWNER.address).awarded == 0
    assert staked.owner.stakes.of(BURNT).awarded == STAKE - STAKE // 2
    settle(staked, round_id, tuple(p.address for p in PEOPLE[1:]))
    assert staked.board().release(round_id, PEOPLE[1].address)
    assert not staked.board().release(round_id, PEOPLE[0].address)


def test_f10_a_withheld_update_costs_its_participant_the_stake(staked: StakedFederation) -> None:
    round_id = staked.revealed(blobs=hidden(staked), vouchers=PEOPLE[:2])
    watcher, board = staked.watcher(), staked.board()
    staked.until(watcher, round_id, lambda: len(board.state(round_id).counted) == 2)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.slashed[PEOPLE[0].address].fault == "withheld update"
    assert staked.owner.stakes.of(WATCHER.address).awarded == STAKE // 2
    assert staked.owner.stakes.of(WATCHER.address).free == FUNDS
    # Whoever vouched for what it doesn't have loses its stake; its own update counts.
    assert board.state(round_id).answerable == {PEOPLE[1].address}
    assert staked.board(WATCHER).burn_signers(round_id)
    assert board.state(round_id).burnt == {PEOPLE[1].address}
    assert not board.state(round_id).answerable
    assert staked.owner.stakes.of(BURNT).awarded == STAKE - STAKE // 2 + STAKE
    staked.check_vault()


def test_f16_an_update_that_no_quorum_can_fetch_counts_nowhere_and_is_burnt(
    staked: StakedFederation,
) -> None:
    round_id = staked.revealed(blobs=hidden(staked))
    state = staked.board().state(round_id)
    assert state.certified == {p.address for p in PEOPLE[1:]}
    settle(staked, round_id, tuple(p.address for p in PEOPLE[1:]))
    assert staked.board().release(round_id, PEOPLE[0].address)
    assert staked.owner.staked_rounds.record(round_id).burnt[PEOPLE[0].address] == "not certified"
    assert staked.owner.stakes.of(PEOPLE[0].address).free == FUNDS - STAKE
    assert staked.owner.stakes.of(BURNT).awarded == STAKE


def test_f10_a_participant_s_own_watcher_answers_from_its_journal(
    staked: StakedFederation,
) -> None:
    round_id = staked.revealed(blobs=hidden(staked), vouchers=PEOPLE[:2])
    staked.watcher().step(round_id)
    who = PEOPLE[0]
    outcomes = Outcomes(*boards(staked), staked.blobs, staked.work(who), own=staked.journals)
    own = Watcher(staked.board(who), outcomes, staked.blobs, staked.clock)
    (deed,) = own.step(round_id)
    assert isinstance(deed, AnswerChunk)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.questions[0].state == QuestionState.ANSWERED
    assert staked.owner.stakes.of(who.address).awarded == BOND


def test_f10_a_liar_that_answers_convicts_itself(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    made = staked.outcomes(CHEAT)
    state = staked.board().state(round_id)
    lie = proposers.withheld(proposers.wrong_sum(600))
    draft = lie(state, made.draft(state), made)
    staked.clock.wait_until(state.slash_end)
    staked.board(CHEAT).propose(round_id, made.store(state, draft))
    staked.certify_result(round_id)
    watcher, board = staked.watcher(), staked.board(CHEAT)
    asked = watcher.step(round_id)
    assert len(asked) == 4
    for question in board.state(round_id).questions:
        proof = proof_of(draft.numerators, 64, question.chunk)
        assert board.carry_out(round_id, AnswerChunk(question.number, proof))
    # Even one that has forgotten everything reads the answers from the chain.
    (deed,) = staked.watcher(name="-anew").step(round_id)
    assert isinstance(deed, WrongChunk)
    assert deed.chunk == 2
    assert staked.owner.stakes.of(WATCHER.address).awarded == 3 * STAKE // 2
    # What was asked on the way to the proof costs nothing.
    assert [type(deed).__name__ for deed in watcher.step(round_id)] == ["Close"] * 4
    assert staked.owner.stakes.of(CHEAT.address).awarded == 0
    assert staked.owner.stakes.of(WATCHER.address).locked == 0
    staked.check_vault()


@pytest.mark.parametrize("lie", [proposers.inflated_weight(), proposers.regrouped(2)])
def test_f10_a_wrong_tree_that_nobody_lays_open_is_asked_for(
    staked: StakedFederation, lie: proposers.Change
) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.withheld(lie)).propose(round_id)
    staked.certify_result(round_id)
    board, watcher = staked.board(), staked.watcher()
    assert [type(deed).__name__ for deed in watcher.step(round_id)] == ["AskNode"]
    staked.until(watcher, round_id, lambda: board.state(round_id).standing is None)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].fault == "withheld node"
    settle(staked, round_id, tuple(p.address for p in PEOPLE))


def test_f13_wrong_weights_of_right_sums_are_proved(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.wrong_weight(300)).propose(round_id)
    (deed,) = staked.watcher().step(round_id)
    assert isinstance(deed, WrongVersion)
    assert deed.chunk == 1
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].fault == "wrong version"
    settle(staked, round_id, tuple(p.address for p in PEOPLE))


def test_f13_weights_that_nobody_lays_open_are_asked_for(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.wrong_version(b"\x07" * 32)).propose(round_id)
    staked.certify_result(round_id)
    board = staked.board()
    staked.until(staked.watcher(), round_id, lambda: board.state(round_id).standing is None)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].fault == "withheld weights"


@pytest.mark.parametrize("rule", [AggregationRule.MEAN, AggregationRule.MEDIAN])
def test_f8_a_right_sum_in_other_groups_is_slashed_and_the_right_one_settles(
    staked: StakedFederation, rule: AggregationRule
) -> None:
    round_id = staked.revealed(stakes=staked.stakes(rule=rule))
    staked.proposer(CHEAT, proposers.regrouped(2)).propose(round_id)
    (deed,) = staked.watcher().step(round_id)
    assert isinstance(deed, WrongNode)
    assert staked.owner.stakes.of(WATCHER.address).awarded == 3 * STAKE // 2
    settle(staked, round_id, tuple(p.address for p in PEOPLE))


def test_two_watchers_do_not_hinder_each_other(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.inflated_weight()).propose(round_id)
    other = staked.watcher(PROPOSER)
    assert len(staked.watcher().step(round_id)) == 1
    assert other.step(round_id) == []
    assert staked.notes[-1].kind == "WrongLeaf"


def test_t1_after_a_re_org_the_watcher_proves_again(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.wrong_sum(5)).propose(round_id)
    watcher = staked.watcher()
    with undone(staked.place.gateway):
        assert len(watcher.step(round_id)) == 1
        assert staked.board().state(round_id).standing is None
    assert staked.board().state(round_id).standing is not None
    assert len(watcher.step(round_id)) == 1
    assert staked.board().state(round_id).standing is None


def test_t11_a_watcher_that_lost_its_folder_goes_on(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    lie = proposers.withheld(proposers.wrong_sum(1))
    staked.proposer(CHEAT, lie).propose(round_id)
    staked.certify_result(round_id)
    first = staked.watcher(limits=Limits(of_a_proposal=1))
    assert [type(deed).__name__ for deed in first.step(round_id)] == ["AskResult"]
    shutil.rmtree(staked.work(WATCHER))
    again = staked.watcher(limits=Limits(of_a_proposal=1))
    assert again.step(round_id) == []
    staked.clock.wait_until(staked.clock.now() + ANSWER)
    assert [type(deed) for deed in again.step(round_id)] == [Punish]
    assert staked.board().state(round_id).standing is None


class GoneBlobs(BlobStore):
    """Storage that fails each time as it is told to."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    def put_folder(self, folder: Path) -> bytes:
        """Fails."""
        raise self._error("gone")

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Fails."""
        raise self._error("gone")

    def put_bytes(self, data: bytes) -> bytes:
        """Fails."""
        raise self._error("gone")

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Fails."""
        raise self._error("gone")


@pytest.mark.parametrize("error", [StoreUnavailable, BlobNotFound])
def test_without_storage_a_right_proposal_is_not_challenged(
    staked: StakedFederation, error: type[Exception]
) -> None:
    round_id = staked.revealed()
    staked.proposer().propose(round_id)
    staked.certify_result(round_id)
    blobs, board = GoneBlobs(error), staked.board(WATCHER)
    outcomes = Outcomes(*boards(staked), blobs, staked.work(WATCHER, "-gone"))
    watcher = Watcher(board, outcomes, blobs, staked.clock, told=staked.notes.append)
    for _ in range(3):
        assert watcher.step(round_id) == []
    assert {note.kind for note in staked.notes} == {"blind"}


def test_a_watcher_without_stake_is_told_what_it_lacks(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    lie = proposers.withheld(proposers.double_count())
    staked.proposer(CHEAT, lie).propose(round_id)
    staked.certify_result(round_id)
    assert staked.watcher(OWNER).step(round_id) == []
    assert staked.notes[0].kind == "refused"
    assert "tally stake controllers" in staked.notes[0].text


def test_f7_a_proposer_is_refused_out_of_turn(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    honest = staked.proposer()
    with pytest.raises(RoundError, match="no proposal stands"):
        honest.settle(round_id)
    with pytest.raises(RoundError, match="settle it"):
        honest.publish(round_id)
    honest.propose(round_id)
    staked.certify_result(round_id)
    honest.settle(round_id)
    honest.settle(round_id)
    with pytest.raises(RoundError, match="it has ended"):
        honest.propose(round_id)
    with pytest.raises(RoundError, match="no staked round"):
        staked.board().state(b"\x01" * 32)
