"""Robust rules over trees: numerators, their rounding, and the judgement of what is proposed."""

from __future__ import annotations

import json
import tracemalloc
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from proposal_scenario import ProposalScenario, known_of, stake_terms

from registry.errors import AggregationError
from registry.fraud_proofs.robust_trees import is_sound_end
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.fraud_proofs.trees import is_absent, is_path, node_hash
from trainer.aggregation.numerators import median_numerators, node_values, trimmed_mean_numerators
from trainer.aggregation.robust_trees import (
    groups_of,
    node_numerators,
    robust_denominator,
    robust_numerators,
)
from trainer.staked.aggregate import aggregate_of, denominator_of
from trainer.staked.numerator_trees import write_numerators
from trainer.staked.verdict import judge
from trainer.staked.watcher_actions import LeftOut, WrongChunk, WrongNode
from trainer.types import IntVector, Lattice
from trainer.vectors.vector_roots import vector_root

ROOT = Path(__file__).parents[3]
CASES = json.loads((ROOT / "tests/vectors/robust_trees.json").read_text())["cases"]
ROBUST = [(AggregationRule.MEDIAN, 0), (AggregationRule.TRIMMED_MEAN, 3)]


def name_of(case: dict[str, Any]) -> str:
    """A case's name."""
    return (
        f"{AggregationRule(case['rule']).name} {case['trim']} of {case['count']} int{case['bits']}"
    )


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_f1_golden_trees_come_to_their_results(case: dict[str, Any]) -> None:
    rule, dtype = AggregationRule(case["rule"]), np.dtype(f">i{case['bits'] // 8}")
    told = np.frombuffer(bytes.fromhex(case["updates"][2:]), dtype)
    vectors = list(told.astype(dtype.newbyteorder("=")).reshape(case["count"], case["values"]))
    numerators = robust_numerators(vectors, rule, case["trim"])
    assert numerators.astype(">i8").tobytes() == bytes.fromhex(case["numerators"][2:])
    stakes = stake_terms(case["values"], rule, case["trim"])
    divided_by = denominator_of(stakes, case["count"], 0)
    assert divided_by == case["denominator"]
    lattice = Lattice(case["bits"], -8, case["guardBits"])
    assert aggregate_of(numerators, divided_by, lattice).tolist() == case["aggregate"]


@given(
    st.lists(st.integers(-(2**43), 2**43), min_size=1, max_size=9),
    st.sampled_from([1, 2, 3, 22, 32, 1 << 16, 3 << 16, 32 << 16]),
)
def test_f1_values_of_nodes_are_rounded_away_from_zero(numbers: list[int], divisor: int) -> None:
    found = node_values(np.array(numbers, ">i8"), divisor)
    for number, value in zip(numbers, found.tolist(), strict=True):
        exact = Fraction(number * 65_536, divisor)
        assert abs(exact - value) <= Fraction(1, 2)
        assert abs(exact - value) < Fraction(1, 2) or abs(value) > abs(exact)


def test_f1_numerators_that_no_updates_give_are_refused() -> None:
    huge = np.array([2**62], np.int64)
    with pytest.raises(AggregationError, match="some node is wrong"):
        node_values(huge, 5)
    with pytest.raises(AggregationError, match="some node is wrong"):
        median_numerators([huge, huge])
    with pytest.raises(AggregationError, match="some node is wrong"):
        trimmed_mean_numerators([huge] * 4, 1)
    with pytest.raises(AggregationError, match="denominator of at least 1, got 0"):
        node_values(huge, 0)
    with pytest.raises(AggregationError, match="expected 2 inputs of the node over 33"):
        node_numerators([huge] * 3, AggregationRule.MEDIAN, 0, 33)
    with pytest.raises(AggregationError, match="got the mean"):
        robust_denominator(AggregationRule.MEAN, 0, 3)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 130), st.sampled_from(ROBUST), st.integers(0, 1 << 32))
def test_f8_the_order_within_a_group_changes_nothing(
    count: int, rule: tuple[AggregationRule, int], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    vectors = list(draw.integers(-128, 128, (count, 5)).astype(np.int8))
    right = robust_numerators(vectors, *rule)
    lowest = groups_of(count) if count > 32 else [slice(0, count)]
    shuffled = []
    for group in lowest:
        inside = vectors[group]
        draw.shuffle(inside)
        shuffled += inside
    np.testing.assert_array_equal(robust_numerators(shuffled, *rule), right)


@pytest.mark.parametrize(("rule", "trim"), ROBUST)
def test_t31_a_minority_of_every_group_moves_nothing_beyond_the_others(
    rule: AggregationRule, trim: int
) -> None:
    draw = np.random.default_rng(31)
    vectors = list(draw.integers(-50, 51, (200, 40)).astype(np.int8))
    for group in groups_of(200):
        for vector in vectors[group][:3]:
            vector[:] = 127
    numerators = robust_numerators(vectors, rule, trim)
    divided_by = robust_denominator(rule, trim, 200)
    values = aggregate_of(numerators, divided_by, Lattice(8, -4, 0))
    assert int(np.abs(values).max()) <= 50


# a round and its tree


@pytest.mark.parametrize(("rule", "trim"), [*ROBUST, (AggregationRule.TRIMMED_MEAN, 12)])
@pytest.mark.parametrize("count", [33, 70])
def test_f8_every_robust_node_commits_to_what_its_children_give(
    tmp_path: Path, count: int, rule: AggregationRule, trim: int
) -> None:
    ground = ProposalScenario(tmp_path, count, length=300, rule=rule, trim=trim)
    tree = ground.calculation().tree(ground.state.counted)
    vectors = [ground.vectors[leaf.participant] for leaf in tree.leaves]
    for level, nodes in enumerate(tree.levels):
        for position, node in enumerate(nodes):
            first, last = tree.span(level, position)
            right = robust_numerators(vectors[first : last + 1], rule, trim)
            assert node.numerators_root == vector_root(right, 64)
            path = tree.path(level, position)
            assert is_sound_end(path, tree.children(level, position))
    assert judge(ground.proposed(tree), ground.calculation(), known_of(tree)).right


@pytest.mark.parametrize(("rule", "trim"), ROBUST)
def test_d2_the_audit_s_way_through_all_updates_gives_the_same_root(
    tmp_path: Path, rule: AggregationRule, trim: int
) -> None:
    ground = ProposalScenario(tmp_path, 70, length=300, rule=rule, trim=trim)
    leaves = ground.state.counted
    vectors = [ground.vectors[leaf.participant] for leaf in leaves]
    streamed = write_numerators(tmp_path / "n.i64", rule, trim, vectors, [1] * 70)
    assert vector_root(streamed, 64) == ground.calculation().root(leaves)


@pytest.mark.parametrize(("rule", "trim"), ROBUST)
@pytest.mark.parametrize(("level", "position"), [(0, 0), (0, 1), (1, 0)])
def test_f9_a_wrong_number_of_a_robust_tree_is_shown_at_its_own_node(
    tmp_path: Path, level: int, position: int, rule: AggregationRule, trim: int
) -> None:
    ground = ProposalScenario(tmp_path, 40, length=300, rule=rule, trim=trim)
    honest = ground.calculation().tree(ground.state.counted)

    def lie(at: int, place: int, right: IntVector) -> IntVector | None:
        wrong = np.array(right, np.int64)
        wrong[299] += 1
        return wrong if (at, place) == (level, position) else None

    tree, vectors = ground.lied(honest, lie)
    verdict = judge(ground.proposed(tree), ground.calculation(), known_of(tree, vectors))
    (fault,) = verdict.faults
    assert isinstance(fault, WrongChunk)
    assert (fault.path, fault.chunk) == (tree.path(level, position), 1)
    assert len(fault.inputs) == (20 if level == 0 else 2)
    assert len(fault.inputs[0].chunk) == 44 * (2 if level == 0 else 8)


@pytest.mark.parametrize("fan_in", [4, 7, 32])
def test_f9_robust_updates_in_other_groups_are_a_wrong_node(tmp_path: Path, fan_in: int) -> None:
    ground = ProposalScenario(tmp_path, 40, length=3, rule=AggregationRule.MEDIAN)
    calculation = ground.calculation()
    tree = calculation.tree(ground.state.counted, fan_in)
    (fault,) = judge(ground.proposed(tree), calculation, known_of(tree)).faults
    assert isinstance(fault, WrongNode)
    assert fault.path.end == tree.top


def test_f9_whoever_is_left_out_of_a_robust_tree_is_found(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 41, length=3, rule=AggregationRule.MEDIAN)
    leaves = [leaf for i, leaf in enumerate(ground.state.counted) if i != 30]
    tree = ground.calculation().tree(leaves)
    (fault,) = judge(ground.proposed(tree), ground.calculation(), known_of(tree)).faults
    assert isinstance(fault, LeftOut)
    assert fault.participant == ground.people[30]
    assert is_path(fault.path, node_hash(tree.top))
    assert is_absent(fault.path, fault.children, fault.participant)


def test_f8_too_few_to_trim_are_refused_before_they_are_proposed(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 6, length=3, rule=AggregationRule.TRIMMED_MEAN, trim=3)
    with pytest.raises(AggregationError, match="more than 6 updates, or more than 32"):
        ground.calculation().tree(ground.state.counted)


def test_robust_numerators_of_many_are_written_in_bounded_memory(tmp_path: Path) -> None:
    length = 400_000
    path = tmp_path / "update.bin"
    np.random.default_rng(0).integers(-99, 99, length).astype(np.int8).tofile(path)
    vectors = [np.memmap(path, np.int8, "r", shape=(length,)) for _ in range(100)]
    tracemalloc.start()
    found = write_numerators(tmp_path / "n.i64", AggregationRule.MEDIAN, 0, vectors, [1] * 100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All updates together have 40 MB.
    assert peak < 12_000_000
    np.testing.assert_array_equal(found[:1000], 4 * vectors[0][:1000].astype(np.int64))
