"""Numerators and their tree, worked out from updates in blocks (F-1, F-8)."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from proposal_scenario import ProposalScenario

from registry.errors import AggregationError, RoundError
from registry.fraud_proofs.robust_trees import is_sound_end
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.fraud_proofs.trees import is_path, node_hash
from trainer.aggregation import Mean
from trainer.aggregation.numerators import median_numerators, trimmed_mean_numerators
from trainer.staked.aggregate import aggregate_of, denominator_of
from trainer.staked.numerator_trees import read_numerators, write_numerators
from trainer.types import Lattice
from trainer.vectors.vector_roots import vector_root


def exact_sums(ground: ProposalScenario, first: int, last: int) -> npt.NDArray[np.int64]:
    leaves = ground.state.counted[first : last + 1]
    each = [ground.vectors[leaf.participant].astype(np.int64) * leaf.weight for leaf in leaves]
    return sum(each[1:], each[0])


@pytest.mark.parametrize("count", [1, 5, 32, 33, 100])
def test_f8_every_node_commits_to_the_sums_of_its_updates(tmp_path: Path, count: int) -> None:
    ground = ProposalScenario(tmp_path, count)
    tree = ground.calculation().tree(ground.state.counted)
    for level, nodes in enumerate(tree.levels):
        for position, node in enumerate(nodes):
            first, last = tree.span(level, position)
            assert node.numerators_root == vector_root(exact_sums(ground, first, last), 64)
            assert is_path(tree.path(level, position), node_hash(tree.top))
            path = tree.path(level, position)
            assert is_sound_end(path, tree.children(level, position))
    assert tree.top.count == count
    assert tree.top.weight == sum(leaf.weight for leaf in ground.state.counted)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_a1_rounding_the_top_gives_the_bits_of_the_streamed_mean(tmp_path: Path, bits: int) -> None:
    ground = ProposalScenario(tmp_path, 7, bits=bits)
    lattice = Lattice(bits, -8, 0 if bits == 32 else 4)
    leaves, calculation = ground.state.counted, ground.calculation()
    numerators = calculation.numerators(leaves)
    assert numerators is not None
    weight = sum(leaf.weight for leaf in leaves)
    pairs = ((ground.vectors[leaf.participant], leaf.weight) for leaf in leaves)
    expected = Mean().combine(pairs, lattice)
    divided_by = denominator_of(ground.state.stakes, len(leaves), weight)
    np.testing.assert_array_equal(aggregate_of(numerators, divided_by, lattice), expected)


@pytest.mark.parametrize(
    ("rule", "trim"), [(AggregationRule.MEDIAN, 0), (AggregationRule.TRIMMED_MEAN, 2)]
)
def test_f1_robust_rules_take_their_leaves_alone(
    tmp_path: Path, rule: AggregationRule, trim: int
) -> None:
    ground = ProposalScenario(tmp_path, 6, rule=rule, trim=trim)
    leaves = ground.state.counted
    vectors = [ground.vectors[leaf.participant] for leaf in leaves]
    right = median_numerators(vectors) if trim == 0 else trimmed_mean_numerators(vectors, trim)
    tree = ground.calculation().tree(leaves)
    assert tree.top.numerators_root == vector_root(right, 64)
    divided_by = denominator_of(ground.state.stakes, 6, 99)
    assert divided_by == 2
    whole = aggregate_of(right, divided_by, Lattice(16, -8, 0))
    exact = np.sign(right) * ((2 * np.abs(right) + divided_by) // (2 * divided_by))
    np.testing.assert_array_equal(whole, exact)


def test_sums_are_written_in_bounded_memory(tmp_path: Path) -> None:
    length = 3_000_000
    path = tmp_path / "update.bin"
    np.random.default_rng(0).integers(-99, 99, length).astype(np.int16).tofile(path)
    vectors = [np.memmap(path, np.int16, "r", shape=(length,)) for _ in range(20)]
    tracemalloc.start()
    write_numerators(tmp_path / "sums.i64", AggregationRule.MEAN, 0, vectors, [1] * 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The numerators alone have 24 MB, the updates 6 MB each.
    assert peak < 8_000_000
    sums = read_numerators(tmp_path / "sums.i64", length)
    np.testing.assert_array_equal(sums[:1000], 20 * vectors[0][:1000].astype(np.int64))


def test_an_update_that_cannot_be_had_leaves_its_sums_unknown(tmp_path: Path) -> None:
    ground = ProposalScenario(tmp_path, 3)
    state = ground.with_update(1, ground.vector(17), keep=False)
    calculation = ground.calculation(state)
    assert calculation.root(state.counted) is None
    assert calculation.root(state.counted[:1]) is not None
    with pytest.raises(RoundError, match="ask for it before slashing ends"):
        calculation.tree(state.counted)


def test_numerators_of_another_length_are_refused(tmp_path: Path) -> None:
    (tmp_path / "n.i64").write_bytes(bytes(80))
    with pytest.raises(AggregationError, match="expected 88 bytes, got 80"):
        read_numerators(tmp_path / "n.i64", 11)
    with pytest.raises(AggregationError, match="got none"):
        write_numerators(tmp_path / "n.i64", AggregationRule.MEAN, 0, [], [])
