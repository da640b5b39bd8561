"""What a watcher does, and when: by the round's state and the time alone (F-9, F-10)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from proposal_scenario import (
    ANSWER,
    CERTIFIED,
    ENDS,
    ME,
    NOW,
    PROPOSER,
    STRIKES_END,
    ProposalScenario,
    known_of,
)

from registry.fraud_proofs.stake_terms import QuestionKind
from registry.fraud_proofs.trees import node_hash
from trainer.staked.state import Question, StakedState
from trainer.staked.verdict import Observed, judge
from trainer.staked.watcher_actions import (
    AnswerChunk,
    AnswerNode,
    AskNode,
    AskResult,
    AskUpdate,
    Close,
    LeftOut,
    OutOfRange,
    Punish,
    WatcherAction,
)
from trainer.staked.watcher_policy import Limits, WatcherContext, decide
from trainer.vectors.vector_roots import verify_chunk


def decided(
    ground: ProposalScenario,
    state: StakedState,
    now: int,
    account: str = ME,
    known: Observed | None = None,
    limits: Limits | None = None,
) -> list[WatcherAction]:
    """What an account does."""
    truth = ground.calculation(state)
    told = known or Observed()
    verdict = judge(state, truth, told)
    return decide(WatcherContext(state, account, now, truth, told, verdict, limits or Limits()))


def question(**changes: Any) -> Question:
    """An open question of mine about an update of another."""
    fields = {
        "number": 0,
        "asker": ME,
        "kind": QuestionKind.UPDATE,
        "proposal": 0,
        "accountable": "",
        "subject": bytes(32),
        "chunk": 0,
        "deadline": CERTIFIED + ANSWER,
        "open": True,
        "answered": False,
        "bond_held": True,
    }
    return Question(**{**fields, **changes})


# updates


def test_f9_a_value_outside_the_lattice_is_slashed_until_slashing_ends(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    wrong = ground.vector(1)
    wrong[500] = -(2**15)
    state = ground.with_update(1, wrong)
    (deed,) = decided(ground, state, STRIKES_END - 1)
    assert isinstance(deed, OutOfRange)
    assert (deed.leaf, deed.chunk) == (state.counted[1], 1)
    proof = deed.proof
    assert verify_chunk(deed.leaf.update_root, 16, 600, 1, proof.chunk, proof.siblings)
    assert decided(ground, state, STRIKES_END) == []


def test_f10_a_withheld_update_is_asked_for_in_time_and_within_limits(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    state = ground.with_update(1, ground.vector(9), keep=False)
    (deed,) = decided(ground, state, CERTIFIED + ANSWER - 1)
    assert isinstance(deed, AskUpdate)
    assert deed.leaf == state.counted[1]
    assert decided(ground, state, CERTIFIED - 1) == []
    assert decided(ground, state, CERTIFIED + ANSWER) == []
    assert decided(ground, state, CERTIFIED, account=ground.people[1]) == []
    name = {"accountable": ground.people[1], "subject": deed.leaf.update_root}
    answered = question(**name, open=False, answered=True)
    waiting = replace(state, questions=(question(**name),))
    assert decided(ground, waiting, CERTIFIED) == []
    once = replace(state, questions=(answered,))
    assert [type(d) for d in decided(ground, once, CERTIFIED)] == [AskUpdate]
    twice = replace(state, questions=(answered, replace(answered, number=1)))
    assert decided(ground, twice, CERTIFIED) == []


def test_f17_after_an_outage_updates_are_asked_for_and_slashed_late(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    hidden = ground.with_update(1, ground.vector(9), keep=False)
    outside = np.array(ground.vector(2))
    outside[0] = -(1 << 15)
    wrong = ground.with_update(2, outside)
    for state, deed in ((hidden, AskUpdate), (wrong, OutOfRange)):
        assert decided(ground, state, STRIKES_END) == []
        graced = replace(state, in_grace=True)
        assert [type(d) for d in decided(ground, graced, STRIKES_END)] == [deed]
        assert decided(ground, replace(graced, proposals=1), STRIKES_END) == []


def test_t41_questions_that_one_asks_oneself_silence_nobody(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    state = ground.with_update(1, ground.vector(9), keep=False)
    name = {"accountable": ground.people[1], "subject": state.counted[1].update_root}
    own = [question(**name, number=i, asker=ground.people[1]) for i in range(5)]
    answered = [replace(q, open=False, answered=True) for q in own[:4]]
    asked = replace(state, questions=(*answered, own[4]))
    assert [type(d) for d in decided(ground, asked, CERTIFIED)] == [AskUpdate]


def test_f10_a_question_about_my_update_is_answered_before_its_deadline(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    leaf = ground.state.counted[2]
    asked = question(
        asker=PROPOSER, accountable=leaf.participant, subject=leaf.update_root, chunk=2
    )
    state = replace(ground.state, questions=(asked,))
    (deed,) = decided(ground, state, CERTIFIED, account=leaf.participant)
    assert isinstance(deed, AnswerChunk)
    proof = deed.proof
    assert verify_chunk(leaf.update_root, 16, 600, 2, proof.chunk, proof.siblings)
    assert decided(ground, state, CERTIFIED, account=ME) == []
    assert decided(ground, state, CERTIFIED + ANSWER, account=leaf.participant) == []
    # Who has vouched for it answers too, when half the time is over.
    holder, half = ground.people[0], CERTIFIED + ANSWER // 2
    vouched = replace(state, vouched={holder: frozenset({leaf.participant})})
    assert decided(ground, vouched, half - 1, account=holder) == []
    assert [type(d) for d in decided(ground, vouched, half, account=holder)] == [AnswerChunk]


def test_f10_silence_is_punished_and_a_pointless_question_closed(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    asked = question(accountable=ground.people[0], subject=ground.state.counted[0].update_root)
    state = replace(ground.state, questions=(asked,))
    assert decided(ground, state, CERTIFIED + ANSWER - 1) == []
    assert decided(ground, state, CERTIFIED + ANSWER) == [Punish(0)]
    assert decided(ground, state, CERTIFIED + ANSWER, account=ground.people[0]) == []
    # Later too, as after an outage: nothing is proposed before.
    assert decided(ground, state, STRIKES_END) == [Punish(0)]
    assert decided(ground, replace(state, proposals=1), STRIKES_END) == []
    over = replace(state, settled=True)
    assert decided(ground, over, STRIKES_END) == [Close(0)]
    assert decided(ground, over, STRIKES_END, account=PROPOSER) == []
    # Slashed for something else, it is asked as before: who vouched for it answers.
    slashed = replace(state, slashed=frozenset({ground.people[0]}))
    assert decided(ground, slashed, CERTIFIED + ANSWER - 1) == []
    assert decided(ground, slashed, CERTIFIED + ANSWER) == [Punish(0)]


# proposals


def test_f9_one_fault_is_proved_while_the_window_is_open_and_not_by_its_maker(
    tmp_path: Path,
) -> None:
    ground = ProposalScenario(tmp_path, 4)
    tree = ground.calculation().tree(ground.state.counted[:2])
    state, known = ground.proposed(tree), known_of(tree)
    (deed,) = decided(ground, state, ENDS - 1, known=known)
    assert isinstance(deed, LeftOut)
    assert state.standing is not None
    uncertified = replace(state, standing=replace(state.standing, ends_at=0))
    assert decided(ground, uncertified, STRIKES_END, known=known) == [deed]
    assert decided(ground, state, ENDS, known=known) == []
    assert decided(ground, state, ENDS - 1, account=PROPOSER, known=known) == []


def test_f10_unknown_children_are_asked_for_once_and_until_two_answer_windows_remain(
    tmp_path: Path,
) -> None:
    ground = ProposalScenario(tmp_path, 4)
    heavier = [replace(leaf, weight=leaf.weight + 1) for leaf in ground.state.counted]
    state = ground.proposed(ground.calculation().tree(heavier))
    late = ENDS - 2 * ANSWER
    assert [type(deed) for deed in decided(ground, state, late - 1)] == [AskNode]
    assert decided(ground, state, late) == []
    assert state.standing is not None
    uncertified = replace(state, standing=replace(state.standing, ends_at=0))
    assert decided(ground, uncertified, STRIKES_END) == []
    subject = node_hash(state.standing.proposal.top)
    asked = question(kind=QuestionKind.NODE, proposal=1, subject=subject, deadline=ENDS)
    assert decided(ground, replace(state, questions=(asked,)), late - 1) == []
    answered = replace(asked, open=False, answered=True)
    assert decided(ground, replace(state, questions=(answered,)), late - 1) == []


@pytest.mark.parametrize(("most", "expected"), [(0, 0), (2, 2), (16, 3)])
def test_f10_bonds_at_risk_are_limited(tmp_path: Path, most: int, expected: int) -> None:
    ground = ProposalScenario(tmp_path, 2)
    tree = ground.calculation().tree(ground.state.counted)
    wrong = replace(tree.top, numerators_root=b"\x07" * 32)
    state = ground.proposed(tree, numerators_root=wrong.numerators_root)
    deeds = decided(
        ground, state, STRIKES_END, known=known_of(tree), limits=Limits(of_a_proposal=most)
    )
    assert len(deeds) == expected
    assert all(isinstance(deed, AskResult) for deed in deeds)


def test_f10_a_proposer_answers_about_its_own_nodes(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 33)
    tree = ground.calculation().tree(ground.state.counted)
    inner = tree.levels[0][1]
    node = question(
        accountable=PROPOSER,
        kind=QuestionKind.NODE,
        proposal=1,
        subject=node_hash(tree.levels[1][0]),
        deadline=ENDS,
    )
    chunk = question(
        number=1, accountable=PROPOSER, kind=QuestionKind.RESULT, proposal=1,
        subject=inner.numerators_root, chunk=1, deadline=ENDS,
    )  # fmt: skip
    state = replace(ground.proposed(tree), questions=(node, chunk))
    told = decided(ground, state, STRIKES_END, account=PROPOSER, known=known_of(tree))
    first, second = told
    assert isinstance(first, AnswerNode)
    assert (first.path, first.children) == (tree.path(1, 0), tree.children(1, 0))
    assert isinstance(second, AnswerChunk)
    proof = second.proof
    assert verify_chunk(inner.numerators_root, 64, 600, 1, proof.chunk, proof.siblings)
    assert decided(ground, state, STRIKES_END, known=known_of(tree)) == []


def test_f10_silence_about_a_rejected_proposal_is_punished_all_the_same(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 2)
    tree = ground.calculation().tree(ground.state.counted)
    asked = question(kind=QuestionKind.NODE, proposal=1, subject=b"\x01" * 32, deadline=ENDS)
    standing = replace(ground.proposed(tree), questions=(asked,), proposals=1)
    rejected = replace(ground.state, questions=(asked,), proposals=1)
    another = replace(standing, proposals=2)
    for state in (standing, rejected, another):
        assert decided(ground, state, ENDS - 1, known=known_of(tree)) == []
        assert decided(ground, state, ENDS, known=known_of(tree)) == [Punish(0)]
        over = replace(state, round=replace(state.round, voided=True))
        assert decided(ground, over, ENDS) == [Close(0)]


def test_f10_an_answered_bond_waits_for_what_becomes_of_the_proposal(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 2)
    tree = ground.calculation().tree(ground.state.counted)
    asked = question(
        kind=QuestionKind.NODE, proposal=1, subject=b"\x01" * 32, deadline=ENDS,
        accountable=PROPOSER, open=False, answered=True,
    )  # fmt: skip
    standing = replace(ground.proposed(tree), questions=(asked,), proposals=1)
    for account in (ME, PROPOSER):
        assert decided(ground, standing, ENDS, account=account, known=known_of(tree)) == []
    rejected = replace(ground.state, questions=(asked,), proposals=1)
    assert decided(ground, rejected, ENDS) == [Close(0)]
    assert decided(ground, rejected, ENDS, account=PROPOSER) == []
    settled = replace(standing, settled=True)
    assert decided(ground, settled, ENDS) == []
    assert decided(ground, settled, ENDS, account=PROPOSER) == [Close(0)]
    paid = replace(settled, questions=(replace(asked, bond_held=False),))
    assert decided(ground, paid, ENDS, account=PROPOSER) == []


def test_f10_who_vouched_answers_about_a_right_proposal_that_was_rejected(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 5)
    tree = ground.calculation().tree(ground.state.counted)
    asked = question(
        kind=QuestionKind.NODE, proposal=1, subject=node_hash(tree.top), deadline=ENDS,
        accountable=PROPOSER,
    )  # fmt: skip
    chunk = replace(
        asked, number=1, kind=QuestionKind.RESULT, subject=tree.top.numerators_root, chunk=1
    )
    holder = ground.people[0]
    state = replace(
        ground.state, questions=(asked, chunk), proposals=1, signers=frozenset({holder})
    )
    known = replace(known_of(tree), right=tree.top)
    half = ENDS - ANSWER // 2
    assert decided(ground, state, half - 1, account=holder, known=known) == []
    first, second = decided(ground, state, half, account=holder, known=known)
    assert isinstance(first, AnswerNode)
    assert first.children == tree.children(0, 0)
    assert isinstance(second, AnswerChunk)
    assert verify_chunk(
        tree.top.numerators_root, 64, 600, 1, second.proof.chunk, second.proof.siblings
    )
    assert decided(ground, state, half, account=ME, known=known) == []


def test_a_round_that_is_over_is_left_alone(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    wrong = np.full(600, -(2**15), np.int16)
    state = ground.with_update(0, wrong)
    assert decided(ground, replace(state, settled=True), NOW) == []
    voided = replace(state, round=replace(state.round, voided=True))
    assert decided(ground, voided, NOW) == []
