"""A step that is taken block by block gives the bits of one over whole vectors (A-7)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.strategies import strategy
from trainer.strategies.server_step import ServerOptimizer
from trainer.types import Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.server_step import apply_step

NAMES = ("fedavgm", "diloco", "fedadam", "fedyogi", "fedadagrad")


@pytest.mark.parametrize("name", NAMES)
def test_a_7_blocks_give_the_bits_of_whole_vectors(name: str) -> None:
    draw = np.random.default_rng(3)
    base = {"a": torch.randn(300_001), "b": torch.randn(70_000).to(torch.bfloat16)}
    layout, lattice = Layout.of(base, ["*"], scales=[("b", 2)]), Lattice(16, -14, 8)
    rule = strategy(name, {})
    assert isinstance(rule, ServerOptimizer)
    memory = {kept: np.abs(draw.standard_normal(layout.length)) * 1e-3 for kept in rule.state_names}
    aggregate = draw.integers(-(10**6), 10**6, layout.length).astype(np.int32)
    delta = np.ldexp(aggregate.astype(np.float64), lattice.aggregate_exponent)
    # What is remembered is in units of the parameters, or their squares; the step in the vector's.
    unit = np.repeat(2.0 ** np.array(layout.shifts), layout.sizes)
    powers = {name: unit ** (2 if name in rule.squares else 1) for name in rule.state_names}
    step, after = rule.step({name: memory[name] / powers[name] for name in memory}, delta)
    kept = {name: after[name] * powers[name] for name in after}
    expected = apply_step(base, layout, step)
    found = rule.apply(rule.init(base, layout, lattice, memory), aggregate)
    assert all(torch.equal(found.tensors[tensor], expected[tensor]) for tensor in base)
    assert {n: v.tobytes() for n, v in found.memory.items()} == {
        n: v.tobytes() for n, v in kept.items()
    }
