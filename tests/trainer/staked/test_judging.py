"""The judgement of a proposal: every lie is named, wherever it is told; a right tree has no fault.

Named after F-8 and F-9.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from proposal_scenario import ROUND, ProposalScenario, known_of

from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.trees import Children, Tree, children_hash, is_absent, is_path, node_hash
from trainer.staked.state import StakedState
from trainer.staked.verdict import Observed, judge, proof_of
from trainer.staked.watcher_actions import (
    AskNode,
    AskResult,
    LeftOut,
    WrongChunk,
    WrongLeaf,
    WrongNode,
)
from trainer.types import IntVector
from trainer.vectors.vector_roots import verify_chunk


def proved(state: StakedState, fault: WrongChunk, bits: int) -> bool:
    """Whether every chunk of a fault proves itself, as the judge on the chain asks."""
    roots = [leaf.update_root for leaf in fault.children.leaves]
    roots += [node.numerators_root for node in fault.children.nodes]
    length, chunk = state.stakes.vector_length, fault.chunk
    inputs = all(
        verify_chunk(root, bits, length, chunk, proof.chunk, proof.siblings)
        for root, proof in zip(roots, fault.inputs, strict=True)
    )
    claim, root = fault.numerators, fault.path.end.numerators_root
    return inputs and verify_chunk(root, 64, length, chunk, claim.chunk, claim.siblings)


@pytest.mark.parametrize("count", [1, 7, 32, 70])
def test_f9_a_right_proposal_has_no_fault(tmp_path: Path, count: int) -> None:
    ground = ProposalScenario(tmp_path, count, length=3)
    tree = ground.calculation().tree(ground.state.counted)
    state = ground.proposed(tree)
    assert judge(state, ground.calculation(), known_of(tree)).right
    unseen = judge(state, ground.calculation(), Observed())
    assert unseen.faults == ()
    assert [type(ask) for ask in unseen.asks] == ([] if count <= 32 else [AskNode])


@pytest.mark.parametrize("fan_in", [2, 3, 6])
def test_f8_a_right_sum_in_other_groups_is_a_wrong_node(tmp_path: Path, fan_in: int) -> None:
    ground = ProposalScenario(tmp_path, 7)
    tree = ground.calculation().tree(ground.state.counted, fan_in)
    verdict = judge(ground.proposed(tree), ground.calculation(), known_of(tree))
    (fault,) = verdict.faults
    assert isinstance(fault, WrongNode)
    assert len(fault.path.nodes) == 1


@pytest.mark.parametrize(("level", "position"), [(0, 0), (0, 2), (1, 0)])
def test_f9_a_wrong_sum_is_shown_at_its_own_node(tmp_path: Path, level: int, position: int) -> None:
    ground = ProposalScenario(tmp_path, 70)
    honest = ground.calculation().tree(ground.state.counted)

    def lie(at: int, place: int, right: IntVector) -> IntVector | None:
        wrong = np.array(right, np.int64)
        wrong[300] -= 1
        return wrong if (at, place) == (level, position) else None

    tree, vectors = ground.lied(honest, lie)
    state = ground.proposed(tree)
    verdict = judge(state, ground.calculation(), known_of(tree, vectors))
    (fault,) = verdict.faults
    assert isinstance(fault, WrongChunk)
    assert (fault.path, fault.chunk) == (tree.path(level, position), 1)
    assert proved(state, fault, 16 if level == 0 else 64)


def test_f9_without_the_vector_the_chunks_are_asked_for_and_an_answer_convicts(
    tmp_path: Path,
) -> None:
    ground = ProposalScenario(tmp_path, 3, length=256 * 16)
    honest = ground.calculation().tree(ground.state.counted)

    def lie(level: int, position: int, right: IntVector) -> IntVector:
        wrong = np.array(right, np.int64)
        wrong[256 * 11 + 5] += 4
        return wrong

    tree, vectors = ground.lied(honest, lie)
    state, root = ground.proposed(tree), tree.top.numerators_root
    told = dict(known_of(tree).children)
    chunks: dict[Any, Any] = {}
    for _ in range(4):  # one chunk of sixteen, by halves
        verdict = judge(state, ground.calculation(), Observed(told, {}, chunks), at_once=1)
        assert verdict.wrong_sums
        if verdict.faults:
            break
        (ask,) = verdict.asks
        assert isinstance(ask, AskResult)
        chunks[root, ask.chunk] = proof_of(vectors[root], 64, ask.chunk)
    verdict = judge(state, ground.calculation(), Observed(told, {}, chunks))
    (fault,) = verdict.faults
    assert isinstance(fault, WrongChunk)
    assert fault.chunk == 11
    assert proved(state, fault, 16)


@pytest.mark.parametrize(
    ("count", "missing"), [*((5, place) for place in range(5)), (34, 0), (34, 17), (34, 33)]
)
def test_f9_whoever_is_left_out_is_found_where_it_would_be(
    tmp_path: Path, count: int, missing: int
) -> None:
    ground = ProposalScenario(tmp_path, count, length=3)
    leaves = [leaf for i, leaf in enumerate(ground.state.counted) if i != missing]
    tree = ground.calculation().tree(leaves)
    verdict = judge(ground.proposed(tree), ground.calculation(), known_of(tree))
    (fault,) = verdict.faults
    assert isinstance(fault, LeftOut)
    assert fault.participant == ground.people[missing]
    assert is_path(fault.path, node_hash(tree.top))
    assert is_absent(fault.path, fault.children, fault.participant)


def test_f9_leaves_that_do_not_count_are_named_by_their_place(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 33, length=3)
    tree = ground.calculation().tree(ground.state.counted)
    slashed = ground.people[18]
    state = ground.proposed(tree, replace(ground.state, slashed=frozenset({slashed})))
    (fault,) = judge(state, ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongLeaf)
    assert (fault.position, fault.leaf.participant) == (1, slashed)
    assert fault.path == tree.path(0, 1)


def changed_weight(leaves: list[RevealedUpdate]) -> list[RevealedUpdate]:
    """Another weight of the second one."""
    return [leaves[0], replace(leaves[1], weight=90), *leaves[2:]]


def test_f9_a_weight_that_was_not_revealed_is_a_wrong_leaf(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 5)
    tree = ground.calculation().tree(changed_weight(list(ground.state.counted)))
    (fault,) = judge(ground.proposed(tree), ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongLeaf)
    assert (fault.position, fault.leaf.weight) == (1, 90)


@pytest.mark.parametrize("changes", [{"weight": 1}, {"count": 4}, {"last": "0x" + "ff" * 20}])
def test_f8_a_top_that_does_not_say_what_its_children_do(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    ground = ProposalScenario(tmp_path, 5)
    tree = ground.calculation().tree(ground.state.counted)
    (fault,) = judge(ground.proposed(tree, **changes), ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongNode)
    assert len(fault.path.nodes) == 1


def test_f8_a_level_above_one_node_is_a_wrong_node(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 2)
    tree = ground.calculation().tree(ground.state.counted)
    group = Children((), (tree.top,))
    known = {**known_of(tree).children, children_hash(group.hashes): group}
    deep = ground.proposed(tree, children_hash=children_hash(group.hashes))
    (fault,) = judge(deep, ground.calculation(), Observed(known)).faults
    assert isinstance(fault, WrongNode)
    assert len(fault.path.nodes) == 1


def test_f17_one_search_asks_for_four_nodes_at_a_time(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 200, length=3)
    lies = [replace(leaf, weight=leaf.weight + 1) for leaf in ground.state.counted]
    tree = ground.calculation().tree(lies)
    top = tree.children(1, 0)
    assert len(top.nodes) == 7
    told = {children_hash(top.hashes): top}
    asks = judge(ground.proposed(tree), ground.calculation(), Observed(told)).asks
    assert asks == tuple(AskNode(tree.path(0, position)) for position in range(4))


def test_f17_one_search_asks_for_chunks_of_one_node(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 200, length=3)
    honest = ground.calculation().tree(ground.state.counted)

    def lie(level: int, position: int, right: IntVector) -> IntVector:
        wrong = np.array(right, np.int64)
        wrong[0] += 1 + position
        return wrong

    tree, _ = ground.lied(honest, lie)
    asks = judge(ground.proposed(tree), ground.calculation(), known_of(tree)).asks
    assert asks == (AskResult(tree.path(0, 0), 0),)


def test_an_update_that_cannot_be_had_accuses_nobody(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    tree = ground.calculation().tree(ground.state.counted)
    state = ground.proposed(tree)
    hidden = ground.with_update(2, ground.vector(40), keep=False)
    leaves = hidden.counted
    top = Tree.unchecked(leaves, lambda *_: b"\x11" * 32)
    verdict = judge(ground.proposed(top, hidden), ground.calculation(hidden, "h"), known_of(top))
    assert (verdict.faults, verdict.asks) == ((), ())
    assert verdict.blind == (ground.people[2],)
    assert not verdict.right
    assert judge(state, ground.calculation(), known_of(tree)).right


def test_nothing_is_said_of_a_round_without_a_proposal(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 2)
    assert judge(ground.state, ground.calculation(), Observed()).right
    tree = ground.calculation().tree(ground.state.counted[:1])
    settled = replace(ground.proposed(tree), settled=True)
    assert judge(settled, ground.calculation(), Observed()).right
    assert settled.round_id == ROUND


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_tree_is_right_if_and_only_if_no_fault_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    count = data.draw(st.one_of(st.integers(2, 6), st.integers(33, 35)))
    ground = ProposalScenario(tmp_path_factory.mktemp("g"), count, 3)
    fan_in = data.draw(st.sampled_from([None, None, None, 3, 6, 32]))
    counted = list(ground.state.counted)
    leaves = data.draw(
        st.one_of(st.just(counted), st.lists(st.sampled_from(counted), min_size=1, max_size=16))
    )
    wrong_at = data.draw(st.one_of(st.none(), st.integers(0, 1)))
    honest = Tree.unchecked(leaves, lambda *_: bytes(32), fan_in)

    def lie(level: int, position: int, right: IntVector) -> IntVector | None:
        wrong = np.array(right, np.int64)
        wrong[-1] += 1
        return wrong if (level, position) == (wrong_at, 0) else None

    tree, vectors = ground.lied(honest, lie)
    lied = wrong_at is not None and wrong_at < len(tree.levels)
    verdict = judge(ground.proposed(tree), ground.calculation(), known_of(tree, vectors))
    shaped = fan_in is None or len(leaves) <= fan_in
    assert (verdict.faults == ()) == (leaves == counted and not lied and shaped)
