"""Disputes through the client: each fault proved once, each question answered or punished.

Named after the specification's F-9 and F-10; a right proposal stands against every proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from staked_scenario import (
    ANSWER,
    BITS,
    BOND,
    BURNT,
    FUNDS,
    PROPOSER,
    STAKE,
    WATCHER,
    StakedScenario,
)
from tests_roles import STRANGER

from registry.chain.reverts import error_classes
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import ChunkProof, QuestionKind
from registry.fraud_proofs.trees import Children, Path, Tree
from registry.index import ProposalStatus, QuestionState

ERRORS = error_classes()


def rejected_for(staked: StakedScenario, round_id: bytes, fault: str, prover: str) -> None:
    """Asserts the fault, and that half of the proposer's stake was awarded and half burnt."""
    record = staked.owner.staked_rounds.record(round_id)
    newest = record.proposals[-1]
    assert (newest.standing, newest.fault, newest.challenger) == (
        ProposalStatus.REJECTED,
        fault,
        prover,
    )
    assert record.standing is None
    stakes = staked.owner.stakes
    assert stakes.of(prover).awarded == 3 * STAKE // 2
    assert stakes.of(BURNT).awarded == 3 * STAKE - 3 * STAKE // 2
    assert stakes.of(PROPOSER.address).locked == 0


def doubled(leaves: list[RevealedUpdate]) -> list[RevealedUpdate]:
    """Counts the last participant twice."""
    return [*leaves, leaves[-1]]


def heavier(leaves: list[RevealedUpdate]) -> list[RevealedUpdate]:
    """Gives the second participant another weight."""
    return [leaves[0], replace(leaves[1], weight=99), leaves[2]]


def inputs(staked: StakedScenario, tree: Tree, position: int, index: int) -> list[ChunkProof]:
    """A chunk of every update below a node above leaves."""
    first, last = tree.span(0, position)
    return [staked.chunk(staked.vector(place), BITS, index) for place in range(first, last + 1)]


def test_f9_a_participant_that_counts_twice_is_a_wrong_node(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id, doubled)
    staked.proposed(round_id, tree)
    path, children = staked.bottom(tree)
    watcher = staked.client(WATCHER).disputes
    proved = [watcher.prove_wrong_node(round_id, path, children) for _ in range(2)]
    assert proved == [True, False]
    rejected_for(staked, round_id, "wrong node", WATCHER.address)


def test_f9_a_total_that_is_not_the_sum_is_a_wrong_node(
    staked: StakedScenario, round_id: bytes
) -> None:
    honest = staked.tree(round_id)
    top = replace(honest.top, weight=honest.top.weight + 1)
    staked.proposed(round_id, honest, top=top)
    children = honest.children(0, 0)
    staked.client(STRANGER).disputes.prove_wrong_node(round_id, Path.of(top), children)
    rejected_for(staked, round_id, "wrong node", STRANGER.address)


def test_f9_a_weight_that_was_not_revealed_is_a_wrong_leaf(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id, heavier)
    staked.proposed(round_id, tree)
    path, children = staked.bottom(tree)
    watcher, hashes = staked.client(WATCHER).disputes, children.hashes
    with pytest.raises(ERRORS["LeafMatchesReveal"]):
        watcher.prove_wrong_leaf(round_id, path, hashes, 0, children.leaves[0])
    with pytest.raises(ERRORS["PositionOutOfRange"]):
        watcher.prove_wrong_leaf(round_id, path, hashes, 3, children.leaves[1])
    assert watcher.prove_wrong_leaf(round_id, path, hashes, 1, children.leaves[1])
    assert not watcher.prove_wrong_leaf(round_id, path, hashes, 1, children.leaves[1])
    rejected_for(staked, round_id, "wrong leaf", WATCHER.address)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_f9_whoever_is_left_out_shows_it(
    staked: StakedScenario, round_id: bytes, missing: int
) -> None:
    kept = [place for place in range(3) if place != missing]
    tree = staked.tree(round_id, lambda leaves: [leaves[place] for place in kept])
    staked.proposed(round_id, tree)
    person = staked.people[missing]
    level, position = tree.where(person.address)
    path, children = tree.path(level, position), tree.children(level, position)
    mine = staked.client(person).disputes
    with pytest.raises(ERRORS["NotLeftOut"]):
        mine.prove_left_out(round_id, path, children, tree.leaves[0].participant)
    with pytest.raises(ERRORS["NotCounted"]):
        mine.prove_left_out(round_id, path, children, STRANGER.address)
    assert mine.prove_left_out(round_id, path, children, person.address)
    rejected_for(staked, round_id, "left out", person.address)


@pytest.mark.parametrize("chunk", [0, 1])
def test_f9_one_wrong_number_is_a_wrong_chunk(
    staked: StakedScenario, round_id: bytes, chunk: int
) -> None:
    honest = staked.tree(round_id)
    wrong = staked.numerators([0, 1, 2])
    wrong[chunk * 256 + 43] += 1
    tree = staked.with_root(honest, wrong)
    staked.proposed(round_id, tree)
    path, children = staked.bottom(tree)
    watcher, other = staked.client(WATCHER).disputes, 1 - chunk
    with pytest.raises(ERRORS["ChunkIsCorrect"]):
        watcher.prove_wrong_chunk(
            round_id, path, children, other, inputs(staked, tree, 0, other),
            staked.chunk(wrong, 64, other),
        )  # fmt: skip
    proofs, claim = inputs(staked, tree, 0, chunk), staked.chunk(wrong, 64, chunk)
    with pytest.raises(ERRORS["WrongNumberOfInputs"]):
        watcher.prove_wrong_chunk(round_id, path, children, chunk, proofs[:1], claim)
    with pytest.raises(ERRORS["InputNotProven"]):
        watcher.prove_wrong_chunk(round_id, path, children, chunk, proofs[::-1], claim)
    assert watcher.prove_wrong_chunk(round_id, path, children, chunk, proofs, claim)
    rejected_for(staked, round_id, "wrong chunk", WATCHER.address)


def test_f9_a_right_proposal_stands_against_every_proof(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    staked.proposed(round_id, tree)
    path, children = staked.bottom(tree)
    mine = staked.client(WATCHER).disputes
    with pytest.raises(ERRORS["NodeIsSound"]):
        mine.prove_wrong_node(round_id, path, children)
    with pytest.raises(ERRORS["ChildrenNotOfNode"]):
        mine.prove_wrong_node(round_id, path, Children(children.leaves[:2]))
    other = Path.of(replace(tree.top, count=1))
    with pytest.raises(ERRORS["PathNotInProposal"]):
        mine.prove_wrong_node(round_id, other, children)
    proofs, claim = inputs(staked, tree, 0, 0), staked.chunk(staked.numerators([0, 1, 2]), 64, 0)
    with pytest.raises(ERRORS["ChunkIsCorrect"]):
        mine.prove_wrong_chunk(round_id, path, children, 0, proofs, claim)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.standing is not None
    staked.clock.wait_until(record.standing.ends_at)
    with pytest.raises(ERRORS["DisputeWindowOver"]):
        mine.prove_wrong_node(round_id, path, children)


def test_f7_after_a_rejection_another_proposal_settles(
    staked: StakedScenario, round_id: bytes
) -> None:
    bad = staked.tree(round_id, doubled)
    staked.proposed(round_id, bad)
    staked.client(WATCHER).disputes.prove_wrong_node(round_id, *staked.bottom(bad))
    with pytest.raises(ERRORS["NoProposal"]):
        staked.client(WATCHER).disputes.prove_wrong_node(
            round_id, *staked.bottom(staked.tree(round_id))
        )
    staked.proposed(round_id, staked.tree(round_id))
    record = staked.owner.staked_rounds.record(round_id)
    assert [p.standing for p in record.proposals] == [
        ProposalStatus.REJECTED,
        ProposalStatus.STANDING,
    ]
    staked.clock.wait_until(record.proposals[1].ends_at)
    staked.owner.staked_rounds.settle(round_id)
    assert staked.owner.staked_rounds.record(round_id).settled
    assert staked.owner.stakes.of(PROPOSER.address).free == FUNDS - 6 * STAKE


def test_a_rejected_proposal_that_is_proposed_again_is_rejected_again(
    staked: StakedScenario, round_id: bytes
) -> None:
    bad = staked.tree(round_id, doubled)
    watcher = staked.client(WATCHER).disputes
    for _ in range(2):
        staked.proposed(round_id, bad)
        assert watcher.prove_wrong_node(round_id, *staked.bottom(bad))
        assert not watcher.prove_wrong_node(round_id, *staked.bottom(bad))


def test_f9_a_value_outside_the_lattice_is_slashed(staked: StakedScenario) -> None:
    outside = staked.vector(0)
    outside[260] = np.iinfo(np.int16).min
    round_id = staked.revealed(outside)
    leaf = staked.owner.staked_rounds.counted(round_id)[0]
    mine = staked.client(STRANGER).disputes
    with pytest.raises(ERRORS["InRange"]):
        mine.prove_out_of_range(round_id, leaf, 0, staked.chunk(outside, BITS, 0))
    lighter = replace(leaf, weight=1)
    with pytest.raises(ERRORS["NotRevealedSo"]):
        mine.prove_out_of_range(round_id, lighter, 1, staked.chunk(outside, BITS, 1))
    proof = staked.chunk(outside, BITS, 1)
    slashed = [mine.prove_out_of_range(round_id, leaf, 1, proof) for _ in range(2)]
    assert slashed == [True, False]
    record = staked.owner.staked_rounds.record(round_id)
    assert record.slashed[leaf.participant].fault == "out of range"
    assert len(staked.owner.staked_rounds.counted(round_id)) == 2
    assert staked.owner.stakes.of(STRANGER.address).awarded == STAKE // 2


# withheld data


def test_f10_an_answered_question_gives_its_bond_to_whose_data_it_is(
    staked: StakedScenario, round_id: bytes
) -> None:
    leaf = staked.owner.staked_rounds.counted(round_id)[1]
    watcher = staked.client(WATCHER)
    asked = [watcher.disputes.ask_update(round_id, leaf, 1) for _ in range(2)]
    assert asked == [0, 0]
    assert watcher.stakes.of().locked == BOND
    answerer = staked.client(staked.people[1]).disputes
    with pytest.raises(ERRORS["AnswerNotProven"]):
        answerer.answer_chunk(round_id, 0, staked.chunk(staked.vector(1), BITS, 0))
    proof = staked.chunk(staked.vector(1), BITS, 1)
    assert [answerer.answer_chunk(round_id, 0, proof) for _ in range(2)] == [True, False]
    question = watcher.disputes.question(round_id, 0)
    assert (question.state, question.answerer) == (
        QuestionState.ANSWERED,
        staked.people[1].address,
    )
    assert staked.owner.stakes.of(staked.people[1].address).awarded == BOND
    assert watcher.stakes.of().locked == 0


def test_t45_a_proof_is_announced_before_it_is_given(
    staked: StakedScenario, round_id: bytes
) -> None:
    bad = staked.tree(round_id, doubled)
    staked.proposed(round_id, bad)
    assert staked.client(WATCHER).disputes.prove_wrong_node(round_id, *staked.bottom(bad))
    staked.owner.state()
    told = {e.name: e for e in staked.owner.connection.index.events}
    announced, rejected = told["FaultAnnounced"], told["ProposalRejected"]
    assert announced.block_number < rejected.block_number


def test_f10_a_withheld_update_costs_its_participant_the_stake(
    staked: StakedScenario, round_id: bytes
) -> None:
    leaf = staked.owner.staked_rounds.counted(round_id)[1]
    watcher = staked.client(WATCHER)
    number = watcher.disputes.ask_update(round_id, leaf, 0)
    with pytest.raises(ERRORS["AnswerTimeOpen"]):
        watcher.disputes.punish_silence(round_id, number)
    staked.clock.wait_until(watcher.disputes.question(round_id, number).deadline)
    late = staked.client(staked.people[1]).disputes
    with pytest.raises(ERRORS["AnswerTimeOver"]):
        late.answer_chunk(round_id, number, staked.chunk(staked.vector(1), BITS, 0))
    anyone = staked.client(STRANGER).disputes
    assert [anyone.punish_silence(round_id, number) for _ in range(2)] == [True, False]
    record = staked.owner.staked_rounds.record(round_id)
    assert record.slashed[leaf.participant].fault == "withheld update"
    assert record.questions[number].state == QuestionState.CLOSED
    assert watcher.stakes.of() == replace(watcher.stakes.of(), free=FUNDS, locked=0)
    assert watcher.stakes.of().awarded == STAKE // 2


def test_f10_withheld_children_and_numerators_cost_the_proposer(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    watcher = staked.client(WATCHER).disputes
    questions: tuple[tuple[Callable[[], int], str], ...] = (
        (lambda: watcher.ask_node(round_id, tree.path(0, 0)), "withheld node"),
        (lambda: watcher.ask_result(round_id, tree.path(0, 0), 1), "withheld chunk"),
    )
    for ask, fault in questions:
        staked.proposed(round_id, tree)
        number = ask()
        staked.clock.wait_until(watcher.question(round_id, number).deadline)
        watcher.punish_silence(round_id, number)
        assert staked.owner.staked_rounds.record(round_id).proposals[-1].fault == fault


def test_f10_a_proposer_that_answers_keeps_its_proposal(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    staked.proposed(round_id, tree)
    watcher, proposer = staked.client(WATCHER).disputes, staked.client(PROPOSER).disputes
    node, chunk = (
        watcher.ask_node(round_id, tree.path(0, 0)),
        watcher.ask_result(round_id, tree.path(0, 0), 1),
    )
    record = staked.owner.staked_rounds.record(round_id)
    assert [(q.kind, q.proposal) for q in record.open_questions(1)] == [
        (QuestionKind.NODE, 1),
        (QuestionKind.RESULT, 1),
    ]
    with pytest.raises(ERRORS["WrongQuestion"]):
        proposer.answer_chunk(round_id, node, staked.chunk(staked.vector(0), BITS, 0))
    assert proposer.answer_node(round_id, node, *staked.bottom(tree))
    whole = staked.chunk(staked.numerators([0, 1, 2]), 64, 1)
    staked.clock.wait_until(staked.clock.now() + 50)
    with pytest.raises(ERRORS["QuestionStands"]):
        watcher.close_question(round_id, chunk)
    assert proposer.answer_chunk(round_id, chunk, whole)
    assert staked.owner.staked_rounds.record(round_id).open_questions() == []
    # Its bonds are the proposer's when the proposal has stood.
    with pytest.raises(ERRORS["QuestionStands"]):
        proposer.close_question(round_id, chunk)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.standing is not None
    staked.clock.wait_until(record.standing.ends_at)
    proposer_rounds = staked.client(PROPOSER).staked_rounds
    proposer_rounds.settle(round_id)
    for number in (node, chunk):
        assert [proposer.close_question(round_id, number) for _ in range(2)] == [True, False]
    assert staked.owner.stakes.of(PROPOSER.address).awarded == 2 * BOND
    assert not any(q.bond_held for q in staked.owner.staked_rounds.record(round_id).questions)


def test_f10_a_question_about_a_rejected_proposal_gives_its_bond_back(
    staked: StakedScenario, round_id: bytes
) -> None:
    bad = staked.tree(round_id, doubled)
    staked.proposed(round_id, bad)
    watcher = staked.client(WATCHER)
    number = watcher.disputes.ask_node(round_id, bad.path(0, 0))
    staked.client(STRANGER).disputes.prove_wrong_node(round_id, *staked.bottom(bad))
    # It may be answered still, and is the asker's again then; unanswered, who vouched is burnt.
    with pytest.raises(ERRORS["QuestionStands"]):
        watcher.disputes.close_question(round_id, number)
    staked.clock.wait_until(staked.clock.now() + ANSWER)
    assert watcher.disputes.punish_silence(round_id, number)
    assert not watcher.disputes.close_question(round_id, number)
    assert watcher.stakes.of().free == FUNDS
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].withheld
    assert staked.owner.availability.burn_for_result(round_id) == list(record.proposals[0].holders)


def test_f10_questions_end_before_their_time(staked: StakedScenario, round_id: bytes) -> None:
    tree = staked.tree(round_id)
    watcher, leaf = staked.client(WATCHER).disputes, tree.leaves[0]
    with pytest.raises(ERRORS["ChunkOutOfRange"]):
        watcher.ask_update(round_id, leaf, 2)
    staked.proposed(round_id, tree)
    with pytest.raises(ERRORS["TooLateToAsk"]):
        watcher.ask_update(round_id, leaf, 0)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.standing is not None
    staked.clock.wait_until(record.standing.ends_at - 2 * record.stakes.answer_window)
    with pytest.raises(ERRORS["TooLateToAsk"]):
        watcher.ask_node(round_id, tree.path(0, 0))


def test_who_has_no_stake_asks_nothing(staked: StakedScenario, round_id: bytes) -> None:
    leaf = staked.owner.staked_rounds.counted(round_id)[0]
    with pytest.raises(ERRORS["NotController"]):
        staked.client(STRANGER).disputes.ask_update(round_id, leaf, 0)


def test_a_question_that_nobody_asked_is_refused(staked: StakedScenario, round_id: bytes) -> None:
    for number in (0, -1):
        with pytest.raises(ConfigError, match="expected one of 0 questions"):
            staked.owner.disputes.punish_silence(round_id, number)
