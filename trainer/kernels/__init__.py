"""Exact integer kernels over the updates of a round: sums, ranks, inner products.

Compiled ones (`python -m trainer.kernels.build`) and a portable twin in NumPy give the same bits,
on every machine and for every number of threads; one suite runs over both. `chosen()` says which
is used; TALLY_KERNELS=portable leaves the compiled ones out.
"""

from __future__ import annotations

from trainer.kernels.base import Division, Kernels
from trainer.kernels.choice import chosen

__all__ = ["Division", "Kernels", "chosen"]
