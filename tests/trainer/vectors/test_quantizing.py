"""What training changed, put on the lattice tensor by tensor (L-2, L-7), as the whole would be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainer.errors import UpdateRefused
from trainer.types import Lattice
from trainer.vectors.lattice import quantize
from trainer.vectors.layout import Layout, difference
from trainer.vectors.quantizing import at_the_bounds, quantized
from trainer.vectors.safetensors_files import State

TYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)


def states() -> tuple[State, State]:
    """Tensors of each type, one longer than a stretch, and what training made of them."""
    draw = torch.Generator().manual_seed(1)
    base, trained = {}, {}
    for dtype, size in zip(TYPES, (5, 600_000, 1_000, 70_001), strict=True):
        name = str(dtype)
        base[name] = torch.randn(size, generator=draw).to(dtype)
        trained[name] = (base[name] + torch.randn(size, generator=draw)).to(dtype)
    return base, trained


@pytest.mark.parametrize("clip_norm", [0, 1_000])
@pytest.mark.parametrize("bits", [8, 16, 32])
def test_l_2_l_7_each_tensor_is_quantized_in_its_own_unit(bits: int, clip_norm: int) -> None:
    base, trained = states()
    layout = Layout.of(base, ["*"], scales=[("*float32", 3), ("*bfloat16", -5)])
    lattice = Lattice(bits, -6, 0, clip_norm)
    found = quantized(base, trained, layout, lattice)
    assert (found.vector == quantize(difference(trained, base, layout), lattice)).all()
    assert found.clamped == at_the_bounds(found.vector, layout, lattice)
    assert (sum(found.clamped) > 0) == (bits == 8 and not clip_norm)


def test_t27_a_tensor_with_values_that_are_no_numbers_is_refused_by_name() -> None:
    base, trained = states()
    layout = Layout.of(base, ["*"])
    trained["torch.float32"][400_000] = float("nan")
    trained["torch.float32"][599_999] = float("inf")
    with pytest.raises(UpdateRefused, match=r"'torch\.float32' has 2 of 600000"):
        quantized(base, trained, layout, Lattice(16, -14))


def test_t27_a_difference_beyond_binary64_is_refused() -> None:
    far = {"w": torch.full((3,), 1.5e308, dtype=torch.float64)}
    with pytest.raises(UpdateRefused, match="not finite"):
        quantized({"w": -far["w"]}, far, Layout.of(far, ["*"]), Lattice(16, -14))


def test_tensors_that_are_not_laid_out_in_their_own_order_are_read_as_they_are() -> None:
    base = {"w": torch.zeros(300, 200)}
    trained = {"w": torch.arange(60_000.0).reshape(200, 300).t()}
    found = quantized(base, trained, Layout.of(base, ["*"]), Lattice(32, 0))
    assert found.vector.tolist() == np.arange(60_000).reshape(200, 300).T.ravel().tolist()
