"""judge

given vectors, their roots and the numerators by the Python twin
  when the claim is right: it says so, for every rule and width, at any chunk, of nodes too
  when one numerator is another: it names the coordinate, what it has to be and what it is
given a question that can't be answered
  when a chunk, the result or a proof doesn't fit its root: InputNotProven or ResultNotProven
  when there are no inputs, or more than 32: NoInputs or TooManyInputs
  when the values of nodes don't fit: ValuesTooLarge
  when width, trim or weights are none that the rule takes: each is refused by name
"""

import numpy as np
import pytest
from brownie import AggregationJudge
from conftest import ZERO, refused

from trainer.aggregation.numerators import (
    mean_numerators,
    median_numerators,
    node_values,
    trimmed_mean_numerators,
)
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root

MEAN, MEDIAN, TRIMMED_MEAN = range(3)
LENGTH = 700


@pytest.fixture(scope="module")
def judge(roles):
    """The judge."""
    return AggregationJudge.deploy({"from": roles.owner})


def drawn(bits: int, count: int) -> list[np.ndarray]:
    """Returns vectors over the width's whole range; partial sums of a plausible one."""
    generator = np.random.default_rng(bits + count)
    top = 2 ** ((58 if bits == 64 else bits) - 1)
    return [generator.integers(-top, top, LENGTH).astype(f"int{bits}") for _ in range(count)]


def numerators(rule: int, vectors: list[np.ndarray], trim: int, weights: list[int]) -> np.ndarray:
    """Returns what is right."""
    if rule == MEAN:
        return mean_numerators(vectors, weights)
    return median_numerators(vectors) if rule == MEDIAN else trimmed_mean_numerators(vectors, trim)


def shown(vector: np.ndarray, bits: int, index: int) -> tuple:
    """Returns a vector's root, and a chunk with its proof."""
    return (
        vector_root(vector, bits),
        chunk_bytes(vector, bits, index),
        chunk_proof(vector, bits, index),
    )


def asked(rule: int, bits: int, count: int, index: int, trim: int = 0, claimed=None) -> list:
    """Returns the arguments of a question: right ones, or about numerators that are claimed."""
    vectors, weights = drawn(bits, count), [1 if bits == 64 else 1 + i for i in range(count)]
    right = numerators(rule, vectors, trim, weights) if claimed is None else claimed
    inputs = []
    for vector, weight in zip(vectors, weights, strict=True):
        root, chunk, proof = shown(vector, bits, index)
        inputs.append([root, weight, chunk, proof])
    return [[rule, trim, bits, LENGTH, index], inputs, list(shown(right, 64, index))]


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("rule", [MEAN, MEDIAN, TRIMMED_MEAN])
def test_a_right_claim_is_right_at_every_chunk(judge, rule, bits):
    for count, index in ((1, 0), (5, 1), (6, 2)):
        trim = 1 if rule == TRIMMED_MEAN and count > 2 else 0
        assert judge.judge(*asked(rule, bits, count, index, trim)) == (True, 0, 0, 0)


def test_the_mean_of_partial_sums_is_their_sum(judge):
    assert judge.judge(*asked(MEAN, 64, 32, 2)) == (True, 0, 0, 0)


@pytest.mark.parametrize("index", range(3))
def test_f3_the_median_of_nodes_is_that_of_their_numerators(judge, index):
    assert judge.judge(*asked(MEDIAN, 64, 32, index)) == (True, 0, 0, 0)


def test_f3_the_nodes_of_a_trimmed_mean_are_divided_before_they_are_compared(judge):
    vectors = [vector // 2**25 for vector in drawn(64, 6)]
    denominators = [1, 22, 21, 65_536, 22 * 65_536, 3]
    values = [node_values(*pair) for pair in zip(vectors, denominators, strict=True)]
    right = trimmed_mean_numerators(values, 2)
    question = [TRIMMED_MEAN, 2, 64, LENGTH, 2]
    pairs = zip(vectors, denominators, strict=True)
    inputs = [[(s := shown(v, 64, 2))[0], d, *s[1:]] for v, d in pairs]
    assert judge.judge(question, inputs, shown(right, 64, 2)) == (True, 0, 0, 0)
    wrong = right.copy()
    wrong[690] -= 1
    verdict = judge.judge(question, inputs, shown(wrong, 64, 2))
    assert verdict == (False, 690, int(right[690]), int(right[690]) - 1)
    inputs[3][1] = 0
    with refused("WrongWeight", 3, 0):
        judge.judge(question, inputs, shown(right, 64, 2))


def test_f3_a_node_of_values_beyond_64_bits_is_refused(judge):
    vectors = [np.full(3, 2**46), np.full(3, 2**47 + 2**46)]
    inputs = [[(s := shown(vector, 64, 0))[0], 1, *s[1:]] for vector in vectors]
    claim = shown(np.full(3, 2**62), 64, 0)
    assert judge.judge([TRIMMED_MEAN, 0, 64, 3, 0], inputs[:1], claim)[0]
    with refused("ValuesTooLarge"):
        judge.judge([TRIMMED_MEAN, 0, 64, 3, 0], inputs, claim)


@pytest.mark.parametrize("rule", [MEAN, MEDIAN, TRIMMED_MEAN])
def test_the_first_wrong_coordinate_is_named(judge, rule):
    trim = 1 if rule == TRIMMED_MEAN else 0
    right = numerators(rule, drawn(16, 4), trim, [1, 2, 3, 4])
    claimed = right.copy()
    claimed[[3, 600, 650, 699]] += [9, -5, 1, 1]
    verdict = judge.judge(*asked(rule, 16, 4, 2, trim, claimed))
    assert verdict == (False, 600, int(right[600]), int(right[600]) - 5)
    # The wrong values lie in other chunks than the second.
    assert judge.judge(*asked(rule, 16, 4, 1, trim, claimed))[0]


def test_partial_sums_too_large_for_any_claim_are_wrong_and_not_refused(judge):
    vector = np.full(3, 2**63 - 1)
    root, chunk, proof = shown(vector, 64, 0)
    claim = shown(np.array([-2, -2, -2]), 64, 0)
    verdict = judge.judge([MEAN, 0, 64, 3, 0], [[root, 1, chunk, proof]] * 2, claim)
    assert verdict == (False, 0, 2**64 - 2, -2)


def test_an_input_that_does_not_prove_itself_is_named(judge):
    for spoil in (
        lambda i: i.__setitem__(0, ZERO),
        lambda i: i.__setitem__(2, i[2][:-1] + bytes([i[2][-1] ^ 1])),
        lambda i: i.__setitem__(2, i[2][:-2]),
        lambda i: i.__setitem__(3, i[3][:-1]),
        lambda i: i.__setitem__(3, [*i[3], ZERO]),
    ):
        question, inputs, claim = asked(MEAN, 16, 3, 1)
        spoil(inputs[2])
        with refused("InputNotProven", 2):
            judge.judge(question, inputs, claim)


def test_inputs_of_another_width_or_place_are_not_proven(judge):
    question, inputs, claim = asked(MEDIAN, 16, 3, 1)
    with refused("InputNotProven", 0):
        judge.judge([MEDIAN, 0, 8, LENGTH, 1], inputs, claim)
    for length, index in ((LENGTH + 1, 1), (LENGTH, 0), (LENGTH, 3), (0, 0)):
        with refused("ResultNotProven"):
            judge.judge([MEDIAN, 0, 16, length, index], inputs, claim)
    assert judge.judge(question, inputs, claim)[0]


def test_a_result_that_does_not_prove_itself_is_refused(judge):
    question, inputs, (root, chunk, proof) = asked(MEAN, 8, 2, 0)
    for claim in (
        (ZERO, chunk, proof),
        (root, chunk[:-8], proof),
        (root, chunk[:-1] + bytes([chunk[-1] ^ 1]), proof),
        (root, chunk, proof[:-1]),
        (root, chunk, [*proof, ZERO]),
    ):
        with refused("ResultNotProven"):
            judge.judge(question, inputs, claim)


def test_the_number_of_inputs_is_bounded(judge):
    question, _, claim = asked(MEAN, 8, 2, 0)
    with refused("NoInputs"):
        judge.judge(question, [], claim)
    # Not proven, but counted first.
    with refused("TooManyInputs", 33, 32):
        judge.judge(question, [[ZERO, 1, b"", []]] * 33, claim)
    assert judge.MAX_INPUTS() == 32


@pytest.mark.parametrize(
    ("rule", "bits"),
    [(MEAN, 0), (MEAN, 24), (MEAN, 128), (MEDIAN, 63), (TRIMMED_MEAN, 12), (MEDIAN, 7)],
)
def test_a_width_that_the_rule_does_not_take_is_refused(judge, rule, bits):
    _, inputs, claim = asked(MEAN, 8, 2, 0)
    with refused("WrongBits", rule, bits):
        judge.judge([rule, 0, bits, LENGTH, 0], inputs, claim)


def test_a_trim_that_leaves_nothing_is_refused(judge):
    _, inputs, claim = asked(MEAN, 8, 4, 0)
    for trim in (2, 2**32 - 1):
        with refused("TrimTooLarge", trim, 4):
            judge.judge([TRIMMED_MEAN, trim, 8, LENGTH, 0], inputs, claim)


def test_t29_weights_that_the_terms_could_not_allow_are_refused(judge):
    question, inputs, claim = asked(MEAN, 16, 2, 0)
    inputs[1][1] = 0
    with refused("WrongWeight", 1, 0):
        judge.judge(question, inputs, claim)
    most = 2**47 - 1
    inputs[1][1] = most
    with refused("WeightsTooLarge", most + 1, most):
        judge.judge(question, inputs, claim)
    question, inputs, claim = asked(MEAN, 64, 2, 0)
    inputs[0][1] = 2
    with refused("WrongWeight", 0, 2):
        judge.judge(question, inputs, claim)


def test_the_largest_weights_are_summed_exactly(judge):
    vectors = [np.full(3, -(2**15), np.int16), np.array([2**15 - 1, 0, -1], np.int16)]
    weights = [2**46, 2**46 - 1]
    inputs = []
    for vector, weight in zip(vectors, weights, strict=True):
        root, chunk, proof = shown(vector, 16, 0)
        inputs.append((root, weight, chunk, proof))
    claim = shown(mean_numerators(vectors, weights), 64, 0)
    assert judge.judge([MEAN, 0, 16, 3, 0], inputs, claim)[0]


def test_robust_rules_do_not_read_weights(judge):
    question, inputs, claim = asked(MEDIAN, 32, 5, 0)
    for given in inputs:
        given[1] = 2**64 - 1
    assert judge.judge(question, inputs, claim)[0]
