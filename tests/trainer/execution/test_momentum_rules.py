"""A server's momentum in exact integers, against the vectors and the trainer's strategies.

The vectors come from `tools/write_momentum_vectors.py`, by the machine's own binary64.
"""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.execution.momentum_rules import Momentum, next_chunks
from trainer.strategies import strategy
from trainer.types import Lattice
from trainer.vectors.float_formats import BINARY32, BINARY64, product, total
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import tensor_bytes

ROOT = Path(__file__).parents[3]
GOLDEN = json.loads((ROOT / "tests/vectors/momentum_rules.json").read_text())
MOST = (1 << 31) - 1


def raw(text: str) -> bytes:
    """Returns the bytes of 0x and hex."""
    return bytes.fromhex(text[2:])


def words(text: str, bits: int) -> list[int]:
    """Returns a chunk's values."""
    found: list[int] = np.frombuffer(raw(text), f">u{bits // 8}").tolist()
    return found


def bits_of(value: float) -> int:
    """Returns a binary64's bits; a NaN's of what isn't finite."""
    found = int.from_bytes(struct.pack(">d", value), "big")
    return found if math.isfinite(value) else BINARY64.not_a_number


def summed(one: int, other: int) -> int:
    """Returns the bits of a sum."""
    return BINARY64.nearest(total(BINARY64.number(one), BINARY64.number(other)))


def test_the_vectors_are_what_their_generator_writes() -> None:
    command = [sys.executable, "tools/write_momentum_vectors.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_f15_sums_and_products_are_the_golden_ones() -> None:
    told = GOLDEN["operations"]
    first, second = words(told["first"], 64), words(told["second"], 64)
    assert len(first) > 1_000
    assert [product(a, b) for a, b in zip(first, second, strict=True)] == words(
        told["products"], 64
    )
    assert [summed(a, b) for a, b in zip(first, second, strict=True)] == words(told["sums"], 64)
    singles = [BINARY32.nearest(BINARY64.number(a)) for a in first]
    assert singles == words(told["singles"], 32)


FLOATS = st.one_of(
    st.floats(),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: math.ldexp(value, -520)),
    st.builds(math.ldexp, st.floats(-2, 2), st.integers(-1074, -1000)),
    st.sampled_from([0.0, -0.0, 5e-324, 2.0**-1022, sys.float_info.max, 1 + 2.0**-52]),
)


@given(FLOATS, FLOATS)
def test_f15_integers_and_the_machine_find_the_same_bits(one: float, other: float) -> None:
    a, b = (int.from_bytes(struct.pack(">d", value), "big") for value in (one, other))
    assert product(a, b) == bits_of(one * other)
    assert summed(a, b) == bits_of(one + other)


@pytest.mark.parametrize("at", range(len(GOLDEN["cases"])))
def test_f15_weights_and_momenta_are_the_golden_ones(at: int) -> None:
    case = GOLDEN["cases"][at]
    found = next_chunks(
        raw(case["base"]),
        raw(case["momenta"]),
        raw(case["numerators"]),
        case["precision"],
        Lattice(8, case["stepExponent"], case["guardBits"]),
        int(case["denominator"]),
        Momentum(float(case["factor"]), float(case["rate"]), case["nesterov"]),
    )
    assert found == (raw(case["weights"]), raw(case["remembered"]))


LATTICES = st.builds(Lattice, st.just(16), st.integers(-60, 20), st.integers(0, 16))
FACTORS = st.sampled_from(["0", "0.9", "0.999", "1", "0.5"])
RATES = st.sampled_from(["0", "1", "0.7", "0.03", "1000"])


@given(st.data(), LATTICES, st.sampled_from([32, 16]), FACTORS, RATES, st.booleans())
def test_a7_the_trainer_s_strategies_and_integers_find_the_same_bits(
    data: st.DataObject, lattice: Lattice, precision: int, factor: str, rate: str, nesterov: bool
) -> None:
    count = data.draw(st.integers(1, 12))

    def drawn(values: st.SearchStrategy[float]) -> list[float]:
        return data.draw(st.lists(values, min_size=count, max_size=count))

    dtype = torch.float32 if precision == 32 else torch.bfloat16
    # Moderate ones, so that nothing overflows, which the trainer refuses.
    unit = 2.0**lattice.aggregate_exponent
    weights = torch.tensor(drawn(st.floats(-1e30, 1e30)), dtype=torch.float64).to(dtype)
    kept = np.array(drawn(st.one_of(st.floats(-1e28, 1e28), st.floats(-9, 9)))) * unit
    steps = data.draw(st.lists(st.integers(-MOST, MOST), min_size=count, max_size=count))
    base = {"w": weights}
    parameters = {"momentum": factor, "learning_rate": rate}
    rule = strategy("diloco" if nesterov else "fedavgm", parameters)
    state = rule.init(base, Layout.of(base, ["*"]), lattice, {"momentum": kept})
    after = rule.apply(state, np.array(steps, np.int32))
    found = next_chunks(
        turned(tensor_bytes(weights), precision),
        kept.astype(">f8").tobytes(),
        np.array([n << 17 for n in steps], ">i8").tobytes(),
        precision,
        lattice,
        1 << 17 + lattice.guard_bits,
        Momentum(float(factor), float(rate), nesterov),
    )
    assert found[0] == turned(tensor_bytes(after.tensors["w"]), precision)
    assert found[1] == after.memory["momentum"].astype(">f8").tobytes()


def turned(data: bytes, bits: int) -> bytes:
    """Returns little-endian values big-endian."""
    return np.frombuffer(data, f"<u{bits // 8}").astype(f">u{bits // 8}").tobytes()


def test_f15_a_weight_beyond_its_format_is_no_number() -> None:
    far = np.array([1e38, 3.0], ">f8").tobytes()
    base = np.array([3e38, -3.0], ">f4").tobytes()
    weights, kept = next_chunks(base, far, bytes(16), 32, Lattice(8, 0), 1, Momentum(1.0, 1.0))
    assert np.frombuffer(weights, ">u4").tolist() == [0x7FC00000, 0]
    assert kept == far


@pytest.mark.parametrize(
    ("precision", "momenta", "numerators", "match"),
    [
        (64, 8, 8, "32 or 16 bits, got 64"),
        (32, 16, 8, "1 momenta and numerators, got 2 and 1"),
        (32, 8, 16, "1 momenta and numerators, got 1 and 2"),
    ],
)
def test_f15_other_chunks_are_refused(
    precision: int, momenta: int, numerators: int, match: str
) -> None:
    with pytest.raises(AggregationError, match=match):
        next_chunks(
            bytes(4),
            bytes(momenta),
            bytes(numerators),
            precision,
            Lattice(8, 0),
            1,
            Momentum(0.9, 1.0),
        )
