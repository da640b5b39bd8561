"""Compiled and portable mask kernels in one suite, against hashlib and Python's integers."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.kernels.library import library_path
from trainer.kernels.masks import MaskKernels, Packed, Residues
from trainer.kernels.native_masks import NativeMasks
from trainer.kernels.portable_masks import PortableMasks

KERNELS: dict[str, MaskKernels] = {"portable": PortableMasks()}
if library_path().is_file():
    KERNELS["native"] = NativeMasks(library_path())
EVERY = pytest.mark.parametrize("kernel", KERNELS.values(), ids=KERNELS.keys())
WIDTHS = pytest.mark.parametrize("width", [1, 7, 8, 9, 16, 21, 23, 31, 32, 33, 34, 47, 63, 64])
# About where the compiled loops begin anew: eight and sixteen values, a chunk, a block of chunks.
LENGTHS = [1, 7, 8, 9, 15, 16, 17, 255, 256, 257, 4_095, 4_096, 4_097, 8_200]
BEYOND = 2**32 - 5
"""From here on a keystream's number takes its higher word within few blocks."""


def keystream(seed: bytes, block: int, width: int, length: int) -> list[int]:
    """A mask's values as the specification has them, from Python's integers."""
    blocks = -(-length * width // 256)
    data = b"".join(sha256(seed + (block + n).to_bytes(8, "big")).digest() for n in range(blocks))
    digits = "".join(format(byte, "08b") for byte in data)
    return [int(digits[i * width : (i + 1) * width], 2) for i in range(length)]


def packed(values: list[int], width: int) -> Packed:
    """Values below 2^width, written bit by bit."""
    digits = "".join(format(value, f"0{width}b") for value in values)
    size = (len(digits) + 7) // 8
    return np.frombuffer(int(digits.ljust(8 * size, "0"), 2).to_bytes(size, "big"), np.uint8)


def drawn(length: int, seed: int = 0) -> Residues:
    """Residues over all 64 bits."""
    return np.random.default_rng(seed).integers(0, 2**64, length, np.uint64)


def reduced(residues: Residues, width: int) -> list[int]:
    return [int(value) & ((1 << width) - 1) for value in residues]


@EVERY
@WIDTHS
@pytest.mark.parametrize("length", LENGTHS)
def test_packed_values_are_added_and_written_as_python_s_integers(
    kernel: MaskKernels, width: int, length: int
) -> None:
    before, values = drawn(length), reduced(drawn(length, 1), width)
    residues = before.copy()
    kernel.add_packed(residues, width, [packed(values, width)] * 3)
    expected = [(int(a) + 3 * b) % 2**width for a, b in zip(before, values, strict=True)]
    assert reduced(residues, width) == expected
    out = np.full((length * width + 7) // 8, 255, np.uint8)
    kernel.pack(residues, width, out)
    assert out.tobytes() == packed(expected, width).tobytes()


@EVERY
@WIDTHS
@pytest.mark.parametrize("length", [1, 17, 257, 4_097])
@pytest.mark.parametrize("block", [0, 3 * 21, BEYOND])
def test_keystreams_are_added_and_subtracted_as_hashlib_gives_them(
    kernel: MaskKernels, width: int, length: int, block: int
) -> None:
    one, other, third = (sha256(bytes([n])).digest() for n in range(3))
    before = drawn(length)
    residues = before.copy()
    kernel.add_keystreams(residues, width, block, [one, third], [other])
    plus, minus = keystream(one, block, width, length), keystream(other, block, width, length)
    twice = keystream(third, block, width, length)
    parts = zip(before, plus, twice, minus, strict=True)
    assert reduced(residues, width) == [(int(a) + b + c - d) % 2**width for a, b, c, d in parts]


@settings(max_examples=20)
@given(
    width=st.integers(1, 64),
    length=st.integers(1, 600),
    block=st.integers(0, 2**64 - 2**10),
    seeds=st.lists(st.binary(min_size=32, max_size=32), max_size=4),
    cut=st.integers(0, 4),
)
def test_every_kernel_gives_the_same_bits(
    width: int, length: int, block: int, seeds: list[bytes], cut: int
) -> None:
    found = set()
    for kernel in KERNELS.values():
        residues, out = drawn(length), np.zeros((length * width + 7) // 8, np.uint8)
        kernel.add_keystreams(residues, width, block, seeds[:cut], seeds[cut:])
        kernel.pack(residues, width, out)
        kernel.add_packed(residues, width, [out])
        found.add((out.tobytes(), tuple(reduced(residues, width))))
    assert len(found) == 1


@EVERY
def test_what_is_given_stays_as_it_was_without_masks_or_vectors(kernel: MaskKernels) -> None:
    residues = drawn(300)
    kernel.add_packed(residues, 21, [])
    kernel.add_keystreams(residues, 21, 0, [], [])
    assert np.array_equal(residues, drawn(300))


@EVERY
def test_memory_beyond_a_stretch_is_neither_read_nor_written(kernel: MaskKernels) -> None:
    residues, out = drawn(300), np.zeros(300, np.uint8)
    part, stretch = residues[10:67], out[100 : 100 + (57 * 21 + 7) // 8]
    kernel.add_keystreams(part, 21, 0, [bytes(32)], [])
    kernel.pack(part, 21, stretch)
    kernel.add_packed(part, 21, [stretch])
    assert np.array_equal(residues[:10], drawn(300)[:10])
    assert np.array_equal(residues[67:], drawn(300)[67:])
    assert not out[:100].any()
    assert not out[250:].any()


@EVERY
@pytest.mark.parametrize("width", [0, 65])
def test_a_width_beyond_64_bits_is_refused(kernel: MaskKernels, width: int) -> None:
    with pytest.raises(ValueError, match="width of 1 to 64 bits"):
        kernel.pack(drawn(4), width, np.zeros(4, np.uint8))


@EVERY
def test_what_would_be_read_or_written_beyond_is_refused(kernel: MaskKernels) -> None:
    with pytest.raises(ValueError, match="expected 11 contiguous bytes"):
        kernel.add_packed(drawn(4), 21, [np.zeros(10, np.uint8)])
    with pytest.raises(ValueError, match="expected 11 contiguous bytes"):
        kernel.pack(drawn(4), 21, np.zeros(22, np.uint8)[::2])
    with pytest.raises(ValueError, match="seed of 32 bytes, got 31"):
        kernel.add_keystreams(drawn(4), 21, 0, [bytes(32)], [bytes(31)])
    with pytest.raises(ValueError, match="contiguous residues"):
        kernel.add_keystreams(drawn(8)[::2], 21, 0, [bytes(32)], [])
    with pytest.raises(ValueError, match="contiguous residues"):
        kernel.add_packed(drawn(4).view(np.int64), 21, [])
