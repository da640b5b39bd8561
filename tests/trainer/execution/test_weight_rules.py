"""New weights in exact integers, against the vectors that Solidity reads and the trainer's floats.

The vectors come from `tools/write_weight_vectors.py`, which uses Python fractions alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from registry.fraud_proofs.stake_terms import AggregationRule
from trainer.aggregation.robust_trees import robust_denominator
from trainer.execution.weight_rules import aggregated, format_of, moved, next_chunk
from trainer.staked.aggregate import aggregate_of
from trainer.types import Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import tensor_bytes
from trainer.vectors.server_step import apply_aggregate

ROOT = Path(__file__).parents[3]
CASES = json.loads((ROOT / "tests/vectors/weight_rules.json").read_text())["cases"]
TYPES = {32: torch.float32, 16: torch.bfloat16}
MOST = (1 << 31) - 1


def raw(text: str) -> bytes:
    """Returns the bytes of 0x and hex."""
    return bytes.fromhex(text[2:])


def packed(numerators: list[int]) -> bytes:
    """Returns a chunk of numerators."""
    return np.array(numerators, ">i8").tobytes()


def tensor_of(bits: list[int], precision: int) -> torch.Tensor:
    """Returns the weights that have these bits."""
    words = np.array(bits, f"u{precision // 8}").view(f"i{precision // 8}")
    return torch.from_numpy(words.copy()).view(TYPES[precision])


def floats(bits: list[int], aggregate: list[int], precision: int, lattice: Lattice) -> list[int]:
    """Returns the bits of the new weights as the trainer finds them, by NumPy and torch."""
    base = {"w": tensor_of(bits, precision)}
    steps = np.array(aggregate, np.int32)
    layout = Layout(("w",), (tuple(base["w"].shape),), (TYPES[precision],))
    found = apply_aggregate(base, layout, steps, lattice)["w"]
    return list(np.frombuffer(tensor_bytes(found), f"<u{precision // 8}").tolist())


LATTICES = st.builds(
    lambda bits, step, guard: Lattice(bits, step, min(guard, 32 - bits)),
    st.sampled_from([8, 16, 32]),
    st.integers(-60, 20),
    st.integers(0, 16),
)
STEPS = st.one_of(
    st.integers(-MOST, MOST),
    st.sampled_from([0, 1, -1, MOST, -MOST, (1 << 30) + 1, (1 << 30) - 1, 1 << 30]),
    st.builds(
        lambda power, beside, sign: sign * min((1 << power) + beside, MOST),
        st.integers(1, 30),
        st.sampled_from([-1, 0, 1]),
        st.sampled_from([1, -1]),
    ),
)


@st.composite
def weights(draw: st.DrawFn, lattice: Lattice, precision: int) -> int:
    """Draws a finite weight's bits: any, or one whose last places are where steps are."""
    near = 127 + lattice.aggregate_exponent + draw(st.integers(-30, 60))
    raised = draw(st.one_of(st.integers(0, 254), st.just(min(max(near, 0), 254))))
    rest = draw(st.one_of(st.sampled_from([0, 1, 2, 0x7FFFFF, 0x400000]), st.integers(0, 0x7FFFFF)))
    wide = draw(st.sampled_from([0, 1])) << 31 | raised << 23 | rest
    return wide >> (32 - precision)


@given(st.data(), LATTICES, st.sampled_from([32, 16]))
def test_a3_floats_and_integers_find_the_same_bits(
    data: st.DataObject, lattice: Lattice, precision: int
) -> None:
    count = data.draw(st.integers(1, 20))
    bits = data.draw(st.lists(weights(lattice, precision), min_size=count, max_size=count))
    steps = data.draw(st.lists(STEPS, min_size=count, max_size=count))
    unit = lattice.aggregate_exponent
    found = [moved(b, n, unit, format_of(precision)) for b, n in zip(bits, steps, strict=True)]
    assert found == floats(bits, steps, precision, lattice)


@given(LATTICES, st.sampled_from([32, 16]), st.integers(0, 2**32))
def test_a3_floats_and_integers_agree_on_drawn_bits(
    lattice: Lattice, precision: int, seed: int
) -> None:
    draw = np.random.default_rng(seed)
    wide = draw.integers(0, 1 << 32, 500, dtype=np.uint64)
    wide = wide[(wide >> np.uint64(23)) & np.uint64(255) != 255] >> np.uint64(32 - precision)
    bits, steps = wide.tolist(), draw.integers(-MOST, MOST, wide.size).tolist()
    unit = lattice.aggregate_exponent
    found = [moved(b, n, unit, format_of(precision)) for b, n in zip(bits, steps, strict=True)]
    assert found == floats(bits, steps, precision, lattice)


@given(st.data(), LATTICES, st.sampled_from(list(AggregationRule)), st.integers(1, 2000))
def test_a1_the_trainer_s_aggregate_is_that_of_plain_integers(
    data: st.DataObject, lattice: Lattice, rule: AggregationRule, count: int
) -> None:
    # The mean's goes up to where A-2 ends.
    weight = data.draw(st.integers(1, (1 << 63 - lattice.bits - lattice.guard_bits) - 1))
    divided_by = weight if rule == AggregationRule.MEAN else robust_denominator(rule, 5, count)
    most = lattice.largest * divided_by
    numerators = data.draw(st.lists(st.integers(-most, most), min_size=1, max_size=8))
    found = aggregate_of(np.array(numerators, np.int64), divided_by, lattice)
    assert aggregated(packed(numerators), lattice.guard_bits, divided_by) == found.tolist()


def test_the_vectors_are_what_their_generator_writes() -> None:
    command = [sys.executable, "tools/write_weight_vectors.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("at", range(len(CASES)), ids=lambda at: f"{at}-{CASES[at]['what']}")
def test_f14_new_weights_are_the_golden_ones(at: int) -> None:
    case = CASES[at]
    # The widest lattice of such a step: only its exponents count.
    lattice = Lattice(8, case["stepExponent"], case["guardBits"])
    base, numerators, precision = raw(case["base"]), raw(case["numerators"]), case["precision"]
    found = next_chunk(base, numerators, precision, lattice, int(case["denominator"]))
    assert found == raw(case["weights"])


@pytest.mark.parametrize("precision", [32, 16])
def test_f14_over_a_base_that_is_not_finite_no_number_is_right(precision: int) -> None:
    for wide in (0x7F800000, 0xFF800000, 0x7FC00000, 0xFFFFFFFF):
        base = wide >> 32 - precision
        assert moved(base, 1, 0, format_of(precision)) == 0x7FC00000 >> 32 - precision
        with pytest.raises(AggregationError, match="overflows"):
            floats([base], [1], precision, Lattice(16, 0))


def test_f14_zero_is_positive_whatever_it_was() -> None:
    assert moved(1 << 31, 0, -20, format_of(32)) == 0
    assert moved(0xBF800000, 1, 0, format_of(32)) == 0


def test_f14_an_aggregate_beyond_32_bits_is_refused() -> None:
    assert aggregated(packed([MOST, -MOST]), 0, 1) == [MOST, -MOST]
    for numerator in (1 << 31, -(1 << 31), -(1 << 63)):
        with pytest.raises(AggregationError, match="numerator 1 of the chunk"):
            aggregated(packed([0, numerator]), 0, 1)


@pytest.mark.parametrize(
    ("precision", "size", "denominator", "match"),
    [
        (64, 8, 1, "32 or 16 bits, got 64"),
        (32, 8, 0, "denominator of 1"),
        (32, 8, 1 << 128, "denominator of 1"),
        (32, 16, 1, "1 numerators, got 2"),
    ],
)
def test_f14_other_questions_are_refused(
    precision: int, size: int, denominator: int, match: str
) -> None:
    with pytest.raises(AggregationError, match=match):
        next_chunk(bytes(4), bytes(size), precision, Lattice(8, 0), denominator)
