"""The exact integer mean beside two floating means, and the root of a vector beside plain SHA-256.

    python benchmarks/bench_aggregation.py [--updates 50] [--values 1000000] [--repeats 5]

The floating kernels do what federated servers usually do with a list of arrays: weigh each one,
add them up, divide. They run in the same process on the same values; the least of the repeats
counts. Afterwards the order of the updates is reversed: the share of values whose bits change is
in the last column.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from trainer.aggregation import Mean
from trainer.commitments import vector_root
from trainer.lattice import quantise
from trainer.types import Lattice

LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Row:
    """A kernel's least time in seconds, and the share of values that the order of updates moves."""

    name: str
    seconds: float
    moved: float


def weighted_lists(updates: Sequence[Floats], weights: Sequence[int]) -> npt.NDArray[Any]:
    """The usual numpy kernel: weigh every array, add them by a fold, divide by the total."""
    weighed = [update * weight for update, weight in zip(updates, weights, strict=True)]
    result: npt.NDArray[Any] = reduce(np.add, weighed) / sum(weights)
    return result


def torch_stack(updates: Sequence[Floats], weights: Sequence[int]) -> npt.NDArray[Any]:
    """The usual torch kernel: stack, multiply by the normalised weights, sum."""
    stacked = torch.stack([torch.from_numpy(update) for update in updates])
    factors = torch.tensor(weights, dtype=torch.float32) / float(sum(weights))
    return (stacked * factors[:, None]).sum(0).numpy()


def exact_mean(updates: Sequence[npt.NDArray[Any]], weights: Sequence[int]) -> npt.NDArray[Any]:
    """Ours: integers in, integers out, one update at a time."""
    return Mean().combine(zip(updates, weights, strict=True), LATTICE)


def least(work: Callable[[], object], repeats: int) -> float:
    """Returns the least time of `repeats` runs, in seconds."""
    times = []
    for _ in range(repeats):
        begin = perf_counter()
        work()
        times.append(perf_counter() - begin)
    return min(times)


def measure(
    name: str,
    kernel: Callable[[Any, Any], npt.NDArray[Any]],
    updates: Sequence[npt.NDArray[Any]],
    weights: Sequence[int],
    repeats: int,
) -> Row:
    """Times a kernel, then runs it on the reversed list."""
    seconds = least(lambda: kernel(updates, weights), repeats)
    forward, backward = kernel(updates, weights), kernel(updates[::-1], weights[::-1])
    return Row(name, seconds, float(np.mean(forward != backward)))


def main() -> None:
    """Runs every kernel on the same values and prints the table."""
    parser = argparse.ArgumentParser(description="Exact against floating aggregation.")
    parser.add_argument("--updates", type=int, default=50)
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    draw = np.random.default_rng(0)
    floats = [
        (draw.standard_normal(chosen.values, dtype=np.float32) * 0.01)
        for _ in range(chosen.updates)
    ]
    integers = [quantise(values, LATTICE) for values in floats]
    weights = [int(weight) for weight in draw.integers(100, 2_000, chosen.updates)]
    rows = [
        measure("exact mean (int16)", exact_mean, integers, weights, chosen.repeats),
        measure("float mean, numpy", weighted_lists, floats, weights, chosen.repeats),
        measure("float mean, torch", torch_stack, floats, weights, chosen.repeats),
    ]
    print(
        f"{chosen.updates} updates of {chosen.values:,} values, {torch.get_num_threads()} threads"
    )
    print(f"{'kernel':<22}{'seconds':>10}{'ours / it':>11}{'moved by order':>16}")
    for row in rows:
        ratio = rows[0].seconds / row.seconds
        print(f"{row.name:<22}{row.seconds:>10.4f}{ratio:>11.2f}{row.moved:>15.1%}")
    print_roots(chosen.repeats)


def print_roots(repeats: int) -> None:
    """Prints the time of a vector root beside that of hashing the same bytes in one piece."""
    vector = np.random.default_rng(1).integers(-30_000, 30_000, 10_000_000).astype(np.int16)
    data = vector.tobytes()
    root = least(lambda: vector_root(vector, 16), repeats)
    plain = least(lambda: sha256(data).digest(), repeats)
    delta = vector.astype(np.float64) / 2**14
    steps = least(lambda: quantise(delta, LATTICE), repeats)
    print("10,000,000 values of 16 bits")
    print(
        f"{'vector root':<22}{root:>10.4f}{root / plain:>11.2f} times plain SHA-256 ({plain:.4f})"
    )
    print(f"{'quantise':<22}{steps:>10.4f}")


if __name__ == "__main__":
    main()
