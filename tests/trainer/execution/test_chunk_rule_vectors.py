"""Numerators and chunk proofs against the vectors that Solidity reads, and against plain integers.

The vectors come from `tools/write_vectors.py`, which uses Python integers and hashlib alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.aggregation.numerators import (
    FAN_IN,
    mean_numerators,
    median_numerators,
    node_values,
    trimmed_mean_numerators,
)
from trainer.types import IntVector
from trainer.vectors.vector_roots import (
    chunk_bytes,
    chunk_count,
    chunk_proof,
    vector_root,
    verify_chunk,
)

ROOT = Path(__file__).parents[3]
MEAN, MEDIAN = 0, 1


def cases(name: str) -> list[dict[str, Any]]:
    """Returns the cases of a file."""
    found: list[dict[str, Any]] = json.loads((ROOT / f"tests/vectors/{name}.json").read_text())[
        "cases"
    ]
    return found


def raw(text: str) -> bytes:
    """Returns the bytes of 0x and hex."""
    return bytes.fromhex(text[2:])


def vectors_of(rows: list[list[int]], bits: int) -> list[IntVector]:
    """Returns rows of integers as vectors."""
    return [np.array(row, f"int{bits}") for row in rows]


def columns(bits: int) -> st.SearchStrategy[list[list[int]]]:
    """Draws 1 to 32 rows of one length, with many ends of the range among the values."""
    half = 1 << (bits - 1)
    value = st.one_of(st.integers(-half, half - 1), st.sampled_from([-half, -1, 0, half - 1]))
    return st.tuples(st.integers(1, FAN_IN), st.integers(1, 5)).flatmap(
        lambda size: st.lists(
            st.lists(value, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
        )
    )


WIDTHS = st.sampled_from([8, 16, 32])
# Sums of 32 values of 58 bits fit 64; nodes have such numerators.
ROBUST_ROWS = st.sampled_from([8, 16, 32, 64]).flatmap(
    lambda bits: columns(min(bits, 58)).map(lambda rows: (bits, rows))
)
ROWS = WIDTHS.flatmap(lambda bits: columns(bits).map(lambda rows: (bits, rows)))


def test_the_vectors_are_what_their_generator_writes() -> None:
    command = [sys.executable, "tools/write_vectors.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_f1_numerators_are_the_golden_ones() -> None:
    for case in cases("chunk_rules"):
        dtype = f">i{case['bits'] // 8}"
        vectors = [np.frombuffer(raw(chunk), dtype).astype(dtype[1:]) for chunk in case["chunks"]]
        weights = [int(weight) for weight in case["weights"]]
        if case["rule"] == MEAN:
            found = mean_numerators(vectors, weights)
        elif case["rule"] == MEDIAN:
            found = median_numerators(vectors)
        else:
            if case["bits"] == 64:  # weights are the nodes' denominators
                vectors = list(map(node_values, vectors, weights))
            found = trimmed_mean_numerators(vectors, case["trim"])
        assert found.astype(">i8").tobytes() == raw(case["numerators"])


def test_l4_golden_chunks_prove_themselves_and_what_is_nearly_one_does_not() -> None:
    found = cases("vector_proofs")
    assert {case["what"] for case in found} >= {"valid", "a sibling too many", "a value too few"}
    for case in found:
        proof = [raw(sibling) for sibling in case["proof"]]
        told = verify_chunk(
            raw(case["root"]),
            case["bits"],
            case["length"],
            case["index"],
            raw(case["chunk"]),
            proof,
        )
        assert told == case["valid"], case["what"]


@given(ROWS, st.data())
def test_f1_means_are_those_of_plain_integers(
    drawn: tuple[int, list[list[int]]], data: st.DataObject
) -> None:
    bits, rows = drawn
    most = ((1 << (63 - bits)) - 1) // len(rows)
    weights = data.draw(st.lists(st.integers(1, most), min_size=len(rows), max_size=len(rows)))
    expected = [
        sum(w * q for w, q in zip(weights, column, strict=True))
        for column in zip(*rows, strict=True)
    ]
    assert mean_numerators(vectors_of(rows, bits), weights).tolist() == expected


@given(columns(58))
def test_f3_sums_of_partial_sums_are_those_of_plain_integers(rows: list[list[int]]) -> None:
    expected = [sum(column) for column in zip(*rows, strict=True)]
    assert mean_numerators(vectors_of(rows, 64), [1] * len(rows)).tolist() == expected


@given(ROBUST_ROWS)
def test_f1_medians_are_those_of_plain_integers(drawn: tuple[int, list[list[int]]]) -> None:
    bits, rows = drawn
    count = len(rows)
    ordered = [sorted(column) for column in zip(*rows, strict=True)]
    expected = [column[(count - 1) // 2] + column[count // 2] for column in ordered]
    assert median_numerators(vectors_of(rows, bits)).tolist() == expected


@given(ROBUST_ROWS, st.data())
def test_f1_trimmed_means_are_those_of_plain_integers(
    drawn: tuple[int, list[list[int]]], data: st.DataObject
) -> None:
    bits, rows = drawn
    count = len(rows)
    trim = data.draw(st.integers(0, (count - 1) // 2))
    ordered = [sorted(column) for column in zip(*rows, strict=True)]
    expected = [sum(column[trim : count - trim]) for column in ordered]
    assert trimmed_mean_numerators(vectors_of(rows, bits), trim).tolist() == expected


@given(ROWS, st.randoms(use_true_random=False))
def test_t35_the_order_of_vectors_changes_nothing(
    drawn: tuple[int, list[list[int]]], order: Any
) -> None:
    bits, rows = drawn
    vectors = vectors_of(rows, bits)
    shuffled = list(vectors)
    order.shuffle(shuffled)
    assert (median_numerators(shuffled) == median_numerators(vectors)).all()
    ones = [1] * len(rows)
    assert (mean_numerators(shuffled, ones) == mean_numerators(vectors, ones)).all()


def test_f3_a_tree_of_partial_sums_gives_the_sums_of_all() -> None:
    generator = np.random.default_rng(3)
    vectors = [generator.integers(-(2**15), 2**15, 40_000).astype(np.int16) for _ in range(40)]
    weights = [int(weight) for weight in generator.integers(1, 1000, 40)]
    nodes = [mean_numerators(vectors[at : at + 8], weights[at : at + 8]) for at in range(0, 40, 8)]
    whole = sum(w * v.astype(np.int64) for w, v in zip(weights, vectors, strict=True))
    assert (mean_numerators(nodes, [1] * 5) == whole).all()


@pytest.mark.parametrize("length", [1, 255, 256, 257, 1_793])
def test_f2_numerators_have_roots_and_proofs(length: int) -> None:
    numerators = np.random.default_rng(length).integers(-(2**62), 2**62, length)
    root = vector_root(numerators, 64)
    for index in range(chunk_count(length)):
        chunk, proof = chunk_bytes(numerators, 64, index), chunk_proof(numerators, 64, index)
        assert verify_chunk(root, 64, length, index, chunk, proof)
        assert not verify_chunk(root, 32, length, index, chunk, proof)
        assert not verify_chunk(root, 64, length, index, chunk[:-8], proof)


ONE = np.array([1, 2], np.int8)


@pytest.mark.parametrize(
    ("vectors", "match"),
    [
        ([], "1 to 32 vectors, got 0"),
        ([ONE] * 33, "1 to 32 vectors, got 33"),
        ([np.zeros((2, 2), np.int8)], "got the shape"),
        ([np.zeros(0, np.int8)], "got the shape"),
        ([ONE.astype(np.uint8)], "got uint8"),
        ([ONE.astype(np.float64)], "got float64"),
        ([ONE, ONE.astype(np.int16)], "as the first vector has"),
        ([ONE, ONE[:1]], "as the first vector has"),
    ],
)
def test_t28_other_vectors_are_refused(vectors: list[Any], match: str) -> None:
    rules: list[Callable[[], IntVector]] = [
        lambda: mean_numerators(vectors, [1] * len(vectors)),
        lambda: median_numerators(vectors),
        lambda: trimmed_mean_numerators(vectors, 0),
    ]
    for rule in rules:
        with pytest.raises(AggregationError, match=match):
            rule()


@pytest.mark.parametrize(
    ("weights", "match"),
    [
        ([1], "2 weights"),
        ([1, 0], "at least 1, got 0"),
        ([1, -1], "at least 1, got -1"),
        ([1, 1.0], r"at least 1, got 1\.0"),
        ([1, 2**55 - 1], "A-2"),
    ],
)
def test_t29_weights_out_of_bounds_are_refused(weights: list[Any], match: str) -> None:
    with pytest.raises(AggregationError, match=match):
        mean_numerators([ONE, ONE], weights)


def test_the_largest_weights_are_taken() -> None:
    assert mean_numerators([ONE, ONE], [1, 2**55 - 2]).tolist() == [2**55 - 1, 2**56 - 2]


def test_partial_sums_have_a_weight_of_one_and_room() -> None:
    large = np.array([2**62, -(2**63)], np.int64)
    with pytest.raises(AggregationError, match="weight of 1"):
        mean_numerators([large], [2])
    with pytest.raises(AggregationError, match="some node is wrong"):
        mean_numerators([large, large], [1, 1])
    with pytest.raises(AggregationError, match="some node is wrong"):
        median_numerators([large])
    with pytest.raises(AggregationError, match="some node is wrong"):
        trimmed_mean_numerators([large, large], 0)


@pytest.mark.parametrize("trim", [-1, 1, 2, True, 0.0])
def test_a_trim_that_leaves_nothing_is_refused(trim: Any) -> None:
    with pytest.raises(AggregationError, match="trim from 0 to 0 with 2 vectors"):
        trimmed_mean_numerators([ONE, ONE], trim)
