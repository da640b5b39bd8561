"""What masks, packing and sums cost by themselves, beside other generators of as many bits."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flwr.common.secure_aggregation.secaggplus_utils import pseudo_rand_gen
from secure_aggregation.timing import cores, least

from trainer.kernels import chosen_masks, shared
from trainer.privacy.masking import masked, unmasked_sum
from trainer.privacy.packing import SLICE, pack, packed_bytes, unpack

__all__ = ["pieces"]

HEAD = "| {} values | 1 core: ms | CPU ms | {} cores: ms | CPU ms |"
_WIDTHS = (21, 23)
_SEEDS = 20
_VECTORS = 32
Work = Callable[[], object]


def pieces(values: int) -> list[str]:
    """Returns the lines of a table."""
    every = len(os.sched_getaffinity(0))
    lines = [HEAD.format(f"{values:,}", every), "|---|---|---|---|---|"]
    for name, work in _works(values).items():
        with cores(1):
            work()
            one = least(work)
        figures = [*one, *least(work)]
        lines.append(f"| {name} | " + " | ".join(f"{1e3 * x:.2f}" for x in figures) + " |")
    return lines


def _works(values: int) -> dict[str, Work]:
    works: dict[str, Work] = {}
    drawn = np.random.default_rng(1).integers(-(2**15), 2**15, values).astype(np.int16)
    for width in _WIDTHS:
        works |= _ours(drawn, width)
    size, seed, key = packed_bytes(values, 21), os.urandom(32), os.urandom(32)
    generator = np.random.Generator(np.random.PCG64(1))
    works |= {
        "Flower's mask, 32 bits": lambda: pseudo_rand_gen(seed, 1 << 32, [(values,)]),
        "Flower's mask, 21 bits": lambda: pseudo_rand_gen(seed, 1 << 21, [(values,)]),
        "PCG64, 32 bits": lambda: generator.integers(0, 1 << 32, values, np.uint32),
        "ChaCha20, bytes of 21 bits": lambda: _stream(
            Cipher(algorithms.ChaCha20(key, bytes(16)), None), size
        ),
        "AES-256-CTR, bytes of 21 bits": lambda: _stream(
            Cipher(algorithms.AES(key), modes.CTR(bytes(16))), size
        ),
    }
    return works


def _ours(drawn: np.ndarray, width: int) -> dict[str, Work]:
    seeds = [os.urandom(32) for _ in range(_VECTORS)]
    residues, kernel = np.zeros(drawn.size, np.uint64), chosen_masks()
    packed = pack(drawn, width)
    out, sums = np.empty_like(packed), np.empty(drawn.size, np.int64)

    def mask(start: int) -> None:
        part = residues[start : start + SLICE]
        kernel.add_keystreams(part, width, start // 256 * width, seeds[:1], [])

    return {
        f"mask, {width} bits": lambda: shared(mask, range(0, drawn.size, SLICE)),
        f"pack, {width} bits": lambda: pack(drawn, width),
        f"unpack, {width} bits": lambda: unpack(packed, drawn.size, width),
        f"masked with {_SEEDS} seeds, {width} bits": lambda: masked(
            drawn, width, seeds[:10], seeds[10:_SEEDS], out=out
        ),
        f"sum of {_VECTORS} vectors and seeds, {width} bits": lambda: unmasked_sum(
            [packed] * _VECTORS, drawn.size, width, [], seeds, out=sums
        ),
    }


def _stream(cipher: Cipher, size: int) -> bytes:
    return cipher.encryptor().update(bytes(size))
