"""The judgement of a proposal: every lie is named, wherever it is told; a right tree has no fault.

Named after F-8 and F-9.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from staked_ground import ROUND, StakedGround, known_of

from registry.round_trees import Children, Leaf, Tree, children_hash, is_absent, is_path, node_hash
from registry.stake_terms import Rule
from trainer.commitments import verify_chunk
from trainer.staked.deeds import AskNode, AskResult, LeftOut, WrongChunk, WrongLeaf, WrongNode
from trainer.staked.judging import Known, judge, proof_of
from trainer.staked.state import StakedState
from trainer.types import IntVector


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


@pytest.mark.parametrize("fan_in", [2, 3, 32])
def test_f9_a_right_proposal_has_no_fault_whatever_its_fan_in(tmp_path: Path, fan_in: int) -> None:
    ground = StakedGround(tmp_path, 7)
    tree = ground.calculation().tree(ground.state.counted, fan_in)
    state = ground.proposed(tree)
    assert judge(state, ground.calculation(), known_of(tree)).right
    unseen = judge(state, ground.calculation(), Known())
    assert unseen.faults == ()
    assert [type(ask) for ask in unseen.asks] == ([] if fan_in == 32 else [AskNode])


@pytest.mark.parametrize(("level", "position"), [(0, 0), (0, 2), (1, 1), (2, 0)])
def test_f9_a_wrong_sum_is_shown_at_its_own_node(tmp_path: Path, level: int, position: int) -> None:
    ground = StakedGround(tmp_path, 7)
    honest = ground.calculation().tree(ground.state.counted, 2)

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
    ground = StakedGround(tmp_path, 3, length=256 * 16)
    honest = ground.calculation().tree(ground.state.counted)

    def lie(level: int, position: int, right: IntVector) -> IntVector:
        wrong = np.array(right, np.int64)
        wrong[256 * 11 + 5] += 4
        return wrong

    tree, vectors = ground.lied(honest, lie)
    state, root = ground.proposed(tree), tree.top.numerators_root
    told = dict(known_of(tree).children)
    chunks = {}
    for _ in range(4):  # one chunk of sixteen, by halves
        verdict = judge(state, ground.calculation(), Known(told, {}, chunks), at_once=1)
        assert verdict.wrong_sums
        if verdict.faults:
            break
        (ask,) = verdict.asks
        assert isinstance(ask, AskResult)
        chunks[root, ask.chunk] = proof_of(vectors[root], 64, ask.chunk)
    verdict = judge(state, ground.calculation(), Known(told, {}, chunks))
    (fault,) = verdict.faults
    assert isinstance(fault, WrongChunk)
    assert fault.chunk == 11
    assert proved(state, fault, 16)


@pytest.mark.parametrize("missing", range(5))
@pytest.mark.parametrize("fan_in", [2, 32])
def test_f9_whoever_is_left_out_is_found_where_it_would_be(
    tmp_path: Path, missing: int, fan_in: int
) -> None:
    ground = StakedGround(tmp_path, 5)
    leaves = [leaf for i, leaf in enumerate(ground.state.counted) if i != missing]
    tree = ground.calculation().tree(leaves, fan_in)
    verdict = judge(ground.proposed(tree), ground.calculation(), known_of(tree))
    (fault,) = verdict.faults
    assert isinstance(fault, LeftOut)
    assert fault.participant == ground.people[missing]
    assert is_path(fault.path, node_hash(tree.top))
    assert is_absent(fault.path, fault.children, fault.participant)


def test_f9_leaves_that_do_not_count_are_named_by_their_place(tmp_path: Path) -> None:
    ground = StakedGround(tmp_path, 5)
    tree = ground.calculation().tree(ground.state.counted, 2)
    struck = ground.people[3]
    state = ground.proposed(tree, replace(ground.state, struck=frozenset({struck})))
    (fault,) = judge(state, ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongLeaf)
    assert (fault.position, fault.leaf.participant) == (1, struck)
    assert fault.path == tree.path(0, 1)


def changed_weight(leaves: list[Leaf]) -> list[Leaf]:
    """Another weight of the second one."""
    return [leaves[0], replace(leaves[1], weight=90), *leaves[2:]]


def test_f9_a_weight_that_was_not_revealed_is_a_wrong_leaf(tmp_path: Path) -> None:
    ground = StakedGround(tmp_path, 5)
    tree = ground.calculation().tree(changed_weight(list(ground.state.counted)), 32)
    (fault,) = judge(ground.proposed(tree), ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongLeaf)
    assert (fault.position, fault.leaf.weight) == (1, 90)


@pytest.mark.parametrize("changes", [{"weight": 1}, {"count": 4}, {"last": "0x" + "ff" * 20}])
def test_f8_a_top_that_does_not_say_what_its_children_do(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    ground = StakedGround(tmp_path, 5)
    tree = ground.calculation().tree(ground.state.counted, 2)
    (fault,) = judge(ground.proposed(tree, **changes), ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongNode)
    assert len(fault.path.nodes) == 1


def test_f8_a_fifth_level_is_a_wrong_node_of_the_fourth(tmp_path: Path) -> None:
    ground = StakedGround(tmp_path, 2)
    tree = ground.calculation().tree(ground.state.counted)
    known, node = dict(known_of(tree).children), tree.top
    for levels in range(2, 6):
        group = Children((), (node,))
        known[children_hash(group.hashes)] = group
        node = replace(node, children_hash=children_hash(group.hashes))
        deep = ground.proposed(tree, children_hash=node.children_hash)
        verdict = judge(deep, ground.calculation(), Known(known))
        if levels < 5:
            assert verdict.right
    (fault,) = verdict.faults
    assert isinstance(fault, WrongNode)
    assert len(fault.path.nodes) == 4


def test_f8_a_robust_rule_has_no_nodes_of_nodes(tmp_path: Path) -> None:
    mean = StakedGround(tmp_path, 4)
    tree = mean.calculation().tree(mean.state.counted, 2)
    stakes = replace(mean.state.stakes, rule=Rule.MEDIAN)
    state = replace(mean.proposed(tree), stakes=stakes)
    (fault,) = judge(state, mean.calculation(), known_of(tree)).faults
    assert isinstance(fault, WrongNode)


def test_an_update_that_cannot_be_had_accuses_nobody(tmp_path: Path) -> None:
    ground = StakedGround(tmp_path, 3)
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
    ground = StakedGround(tmp_path, 2)
    assert judge(ground.state, ground.calculation(), Known()).right
    tree = ground.calculation().tree(ground.state.counted[:1])
    settled = replace(ground.proposed(tree), settled=True)
    assert judge(settled, ground.calculation(), Known()).right
    assert settled.round_id == ROUND


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_tree_is_right_if_and_only_if_no_fault_is_found(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    ground = StakedGround(tmp_path_factory.mktemp("g"), data.draw(st.integers(2, 6)), 300)
    fan_in = data.draw(st.integers(2, 6))
    counted = list(ground.state.counted)
    leaves = data.draw(
        st.one_of(st.just(counted), st.lists(st.sampled_from(counted), min_size=1, max_size=8))
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
    assert (verdict.faults == ()) == (leaves == counted and not lied)
