"""Compiled and portable float kernels in one suite, against torch and NumPy (A-3, L-2)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from trainer.kernels.floats import FloatBits, FloatKernels
from trainer.kernels.library import library_path
from trainer.kernels.native_floats import NativeFloats
from trainer.kernels.portable_floats import PortableFloats

KERNELS: list[FloatKernels] = [PortableFloats()]
if library_path().is_file():
    KERNELS.append(NativeFloats(library_path()))
EVERY = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: type(kernel).__name__)
TYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
TYPED = pytest.mark.parametrize("dtype", TYPES, ids=str)


def bits(tensor: torch.Tensor) -> FloatBits:
    """A tensor's memory as kernels take it."""
    if tensor.dtype is torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(np.uint16)
    return tensor.numpy()


def every_half(dtype: torch.dtype) -> torch.Tensor:
    """All numbers of a 16-bit type, in that or a wider one."""
    halves = torch.arange(-(2**15), 2**15).to(torch.int16)
    sixteen = dtype if dtype.itemsize == 2 else torch.float16
    values = halves.view(sixteen)
    return values[values.isfinite()].to(dtype)


def in_a_3(base: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """What torch makes of a base and a step in binary64, through binary32."""
    wide = base.to(torch.float64) + step
    through = wide.to(torch.float32) if base.dtype.itemsize == 2 else wide
    return through.to(base.dtype)


@EVERY
@TYPED
@pytest.mark.parametrize("exponent", [-76, -40, -24, -14, 0])
def test_a_3_new_values_are_those_of_torch_for_every_number_of_the_type(
    kernel: FloatKernels, dtype: torch.dtype, exponent: int
) -> None:
    base = every_half(dtype)
    drawn = np.random.default_rng(exponent % 100)
    aggregate = drawn.integers(-(2**31), 2**31 - 1, len(base)).astype(np.int32)
    aggregate >>= drawn.integers(0, 31, len(base)).astype(np.int32)
    step = torch.from_numpy(np.ldexp(aggregate.astype(np.float64), exponent))
    expected = in_a_3(base, step)
    moved, stepped = torch.empty_like(base), torch.empty_like(base)
    whole = kernel.moved(bits(base), aggregate, exponent, bits(moved))
    assert whole == kernel.stepped(bits(base), step.numpy(), bits(stepped))
    assert whole == bool(expected.isfinite().all())
    held = expected.isfinite()
    for found in (moved, stepped):
        assert bits(found)[held].tobytes() == bits(expected)[held].tobytes()
        assert torch.equal(found.isfinite(), held)


@EVERY
@TYPED
def test_one_value_beyond_its_type_is_told_wherever_it_stands(
    kernel: FloatKernels, dtype: torch.dtype
) -> None:
    for place, bad in itertools.product((0, 40_000, 69_998), ("base", "step", "sum")):
        base, step = torch.ones(69_999, dtype=dtype), np.zeros(69_999)
        if bad == "base":
            base[place] = float("nan")
        elif bad == "step":
            step[place] = -np.inf
        else:
            base[place] = torch.finfo(dtype).max
            step[place] = torch.finfo(dtype).max
        out = torch.empty_like(base)
        assert not kernel.stepped(bits(base), step, bits(out))
        still = np.zeros(69_999, np.int32)
        assert kernel.moved(bits(base), still, 0, bits(out)) == (bad != "base")


@EVERY
@TYPED
@pytest.mark.parametrize("width", [8, 16, 32])
def test_l_2_lattice_values_are_rounded_half_to_even_bounded_and_counted(
    kernel: FloatKernels, dtype: torch.dtype, width: int
) -> None:
    base = every_half(dtype)
    trained = base.flip(0).contiguous()
    delta = trained.to(torch.float64) - base.to(torch.float64)
    most = (1 << (width - 1)) - 1
    for exponent in (-60, -14, -1, 0, 20):
        steps = np.rint(np.ldexp(delta.numpy(), -exponent))
        out = np.empty(len(base), f"int{width}")
        clamped, place = kernel.quantized(bits(base), bits(trained), exponent, out)
        assert (clamped, place) == (int((abs(steps) >= most).sum()), None)
        assert (out == np.clip(steps, -most, most)).all()


@EVERY
def test_values_count_as_bounded_from_where_they_round_to_the_bound(kernel: FloatKernels) -> None:
    trained = np.array([126.5, -126.51, 126.49, -127.49, 0.5, 1.5, 1e308, -1e308])
    out = np.empty(8, np.int8)
    assert kernel.quantized(np.zeros(8), trained, 0, out) == (4, None)
    assert out.tolist() == [126, -127, 126, -127, 0, 2, 127, -127]
    assert kernel.quantized(np.zeros(8), trained, -60, out) == (8, None)


@EVERY
@TYPED
def test_the_first_difference_that_is_no_number_is_told(
    kernel: FloatKernels, dtype: torch.dtype
) -> None:
    for place in (0, 40_000, 69_998):
        trained = torch.zeros(69_999, dtype=dtype)
        trained[place:] = float("inf")
        out = np.empty(69_999, np.int16)
        base = torch.zeros_like(trained)
        assert kernel.quantized(bits(base), bits(trained), 0, out)[1] == place
        both = trained.clone()  # inf - inf
        assert kernel.quantized(bits(both), bits(trained), 0, out)[1] == place


@pytest.mark.skipif(len(KERNELS) < 2, reason="nothing was compiled here")
def test_the_compiled_kernels_refuse_what_they_would_read_beyond() -> None:
    kernel, out = KERNELS[1], np.zeros(4, np.float32)
    with pytest.raises(ValueError, match="one shape"):
        kernel.moved(np.zeros(4, np.float32), np.zeros(3, np.int32), 0, out)
    with pytest.raises(ValueError, match="contiguous"):
        kernel.moved(np.zeros(8, np.float32)[::2], np.zeros(4, np.int32), 0, out)


@EVERY
def test_an_exponent_whose_power_is_no_normal_number_is_refused(kernel: FloatKernels) -> None:
    out = np.zeros(1, np.float32)
    with pytest.raises(ValueError, match="from -1000 to 1000"):
        kernel.moved(np.zeros(1, np.float32), np.zeros(1, np.int32), -1_001, out)
