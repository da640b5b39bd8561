"""Kernels over whole updates and tensors, the same bits on every machine.

Exact integers over the updates of a round: sums, ranks, inner products (`chosen`). Floats between
a base and what moves it, rounded as the specification says (`chosen_floats`). Many hashes in one
call (`hash_pieces`). Packed values and keystreams of masks (`chosen_masks`).

Compiled ones (`python -m trainer.kernels.build`) and a portable twin in NumPy give the same bits,
on every machine and for every number of threads; one suite runs over both. `chosen()` says which
is used; TALLY_KERNELS=portable leaves the compiled ones out.

By module: `base` says what is computed, `choice` by which; integers in `native` and `portable` with
`networks` to sort, floats in `floats`, `native_floats` and `portable_floats`, masks in `masks`,
`native_masks` and `portable_masks`; `hashing`; `sharing` among cores; `build` compiles, `library`
says where it lies.
"""

from __future__ import annotations

from trainer.kernels.base import Division, Kernels
from trainer.kernels.choice import chosen, chosen_floats, chosen_masks
from trainer.kernels.floats import FloatBits, FloatKernels
from trainer.kernels.hashing import hash_pieces
from trainer.kernels.masks import SEED_BYTES, MaskKernels, Packed, Residues
from trainer.kernels.sharing import shared

__all__ = [
    "SEED_BYTES",
    "Division",
    "FloatBits",
    "FloatKernels",
    "Kernels",
    "MaskKernels",
    "Packed",
    "Residues",
    "chosen",
    "chosen_floats",
    "chosen_masks",
    "hash_pieces",
    "shared",
]
