"""The root of an update (L-4) beside one plain hashlib.sha256 pass over its bytes.

Run from the repository's root: `python benchmarks/bench_vector_roots.py [--values 10000000]`.
The vector is mapped from a file, as updates are. Each figure is the best of three, both ways by
turns in the same run; memory is the peak of Python's own allocations, numpy's included, above what
was there before.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

from trainer.vectors.vector_roots import chunk_count, chunk_proof, vector_root

_WIDTHS = (8, 16, 32)


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """Returns the least time that one of several runs took."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return min(found)


def peak_bytes(work: Callable[[], object]) -> int:
    """Returns how much was allocated at once, at most."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--values", type=int, default=10_000_000)
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    options = parser.parse_args()
    count: int = 10_000 if options.smoke else options.values
    print(f"| {count:,} values | root s | sha256 s | ratio | peak MB | one proof s |")
    print("|---|---|---|---|---|---|")
    for bits in _WIDTHS:
        with tempfile.TemporaryDirectory() as folder:
            print(row(Path(folder) / "update", bits, count))


def row(path: Path, bits: int, count: int) -> str:
    """Measures random values of one width, over its whole range."""
    dtype = np.dtype(f"int{bits}")
    info, random = np.iinfo(dtype), np.random.default_rng(bits)
    random.integers(info.min + 1, info.max, count, dtype, endpoint=True).tofile(path)
    vector = np.memmap(path, dtype=dtype, mode="r", shape=(count,))
    root = seconds(lambda: vector_root(vector, bits))
    plain = seconds(lambda: hashlib.sha256(memoryview(vector).cast("B")).digest())
    memory = peak_bytes(lambda: vector_root(vector, bits))
    proof = seconds(lambda: chunk_proof(vector, bits, chunk_count(count) // 2), 1)
    figures = f"{root:.3f} | {plain:.3f} | {root / plain:.1f} | {memory / 1e6:.1f} | {proof:.3f}"
    return f"| int{bits} | {figures} |"


if __name__ == "__main__":
    main()
