"""Work shared out among the processor's cores; what it gives doesn't depend on how many."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["shared"]

Piece = TypeVar("Piece")
Found = TypeVar("Found")


def shared(work: Callable[[Piece], Found], pieces: Sequence[Piece]) -> list[Found]:
    """Returns what `work` finds of each piece, in their order; raises the first one's error.

    Worth it for work that lets other threads run: compiled kernels, NumPy, hashing, files.
    """
    threads = min(len(os.sched_getaffinity(0)), len(pieces))
    if threads < 2:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, pieces))
