"""Our aggregation rules beside Flower's own functions and beside the memory's speed, in one run.

    python benchmarks/bench_aggregation.py [--clients 10 32] [--values 1000000] [--rules mean krum]
        [--skip-slow SECONDS] [--smoke] [--out FILE]

Ours take int16 updates on the lattice, Flower's take the same numbers as float32 (its classic
functions, and those of its message API where it has others). `of the limit` is how near ours comes
to a mere read of all the updates' bytes in two threads, both measured in turns. Peak memory is what
was allocated above the input. Flower's function counts as the least of three runs, and is run once
where it takes more than a second; ours and the read count as the least of up to twenty.
"""

from __future__ import annotations

import argparse
import os
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")

import numpy as np
import numpy.typing as npt
from flwr.app import Array, ArrayRecord, MetricRecord, RecordDict
from flwr.server.strategy import aggregate as classic
from flwr.serverapp.strategy.multikrum import select_multikrum
from flwr.serverapp.strategy.strategy_utils import aggregate_arrayrecords

from trainer.aggregation import aggregator
from trainer.kernels import chosen
from trainer.types import Lattice

LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
Floats = npt.NDArray[np.float32]
Results = list[tuple[list[Floats], int]]
Work = Callable[[], object]


@dataclass(frozen=True)
class Inputs:
    """The same updates in the form that each side takes."""

    vectors: Sequence[npt.NDArray[np.int16]]
    results: Results
    records: list[RecordDict]
    weights: list[int]

    @classmethod
    def drawn(cls, clients: int, values: int) -> Inputs:
        """Draws updates of a common direction; about one value in 10^4 is cut to the range."""
        draw, vectors, results, records = np.random.default_rng(clients), [], [], []
        way = draw.standard_normal(values, dtype=np.float32) * 500
        weights = [int(weight) for weight in draw.integers(200, 60_000, clients)]
        for weight in weights:
            steps = np.rint(way + draw.standard_normal(values, dtype=np.float32) * 300)
            vectors.append(np.clip(steps, -32_767, 32_767).astype(np.int16))
            floats = steps.astype(np.float32) / np.float32(2**14)
            results.append(([floats], weight))
            arrays = ArrayRecord({"update": Array(floats)})
            metrics = MetricRecord({"num-examples": weight})
            records.append(RecordDict({"arrays": arrays, "metrics": metrics}))
        return cls(vectors, results, records, weights)

    def ours(self, name: str, **parameters: int) -> Work:
        """Returns our rule over the updates."""
        pairs = list(zip(self.vectors, self.weights, strict=True))
        return lambda: aggregator(name, parameters).combine(pairs, LATTICE)


def seconds(work: Work, times: int = 3) -> float:
    """Returns the least time of some runs; of one, if that took more than a second."""
    found = []
    for _ in range(times):
        begin = perf_counter()
        work()
        found.append(perf_counter() - begin)
        if found[-1] > 1:
            break
    return min(found)


def peak_bytes(work: Work) -> int:
    """Returns how much was allocated at once above the input, at most."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def reading(vectors: Sequence[npt.NDArray[np.int16]], pool: ThreadPoolExecutor) -> Work:
    """Returns the reading of all bytes once, in two threads."""
    words = [vector[: vector.size // 4 * 4].view(np.int64) for vector in vectors]
    half = len(words) // 2

    def read(part: Sequence[npt.NDArray[np.int64]]) -> int:
        return sum(int(np.bitwise_or.reduce(word)) for word in part)

    return lambda: list(pool.map(read, (words[:half], words[half:])))


def in_turns(work: Work, other: Work, times: int = 20) -> tuple[float, float]:
    """Returns the least times of two works, taken in turns: the memory's speed changes."""
    found: list[tuple[float, float]] = []
    begin = perf_counter()
    while len(found) < times and (len(found) < 3 or perf_counter() - begin < 5):
        found.append((seconds(work, 1), seconds(other, 1)))
    return min(one for one, _ in found), min(two for _, two in found)


def krum_of_messages(inputs: Inputs, byzantine: int, keep: int) -> object:
    """Flower's message API: select, then average."""
    records = select_multikrum(inputs.records, byzantine, keep)
    return aggregate_arrayrecords(records, "num-examples")


def cases(inputs: Inputs) -> dict[str, tuple[Work, Work | None, Work | None]]:
    """Returns ours, Flower's classic function and that of its message API, by rule."""
    count, results = len(inputs.vectors), inputs.results
    f = max((count - 3) // 4, 1)

    def messages(keep: int) -> Work:
        return lambda: krum_of_messages(inputs, f, keep)

    return {
        "mean": (
            inputs.ours("mean"),
            lambda: classic.aggregate(results),
            lambda: aggregate_arrayrecords(inputs.records, "num-examples"),
        ),
        "median": (inputs.ours("median"), lambda: classic.aggregate_median(results), None),
        "trimmed mean": (
            inputs.ours("trimmed_mean", trim=f),
            lambda: classic.aggregate_trimmed_avg(results, f / count),
            None,
        ),
        "krum": (
            inputs.ours("krum", byzantine=f),
            lambda: classic.aggregate_krum(results, f, 0),
            messages(1),
        ),
        "multi-krum": (
            inputs.ours("krum", byzantine=f, keep=count // 2),
            lambda: classic.aggregate_krum(results, f, count // 2),
            messages(count // 2),
        ),
        "bulyan": (
            inputs.ours("bulyan", byzantine=f),
            lambda: classic.aggregate_bulyan(list(results), f, classic.aggregate_krum, to_keep=0),
            None,
        ),
        "geometric median": (inputs.ours("geometric_median"), None, None),
    }


def row(name: str, works: Sequence[Work | None], memory: Work, patience: float) -> str:
    """Measures one rule; `patience` is how long Flower's function may take, in seconds."""
    own, *peers = works
    assert own is not None
    took, limit = in_turns(own, memory)
    words = [f"{took:.3f}", f"{limit / took:.2f}", f"{peak_bytes(own) / 1e6:.0f}"]
    for peer in peers:
        if peer is None or took * 30 > patience:
            words += ["", ""]
        else:
            theirs = seconds(peer)
            words += [f"{theirs:.3f}", f"{theirs / took:.1f}"]
    return f"| {name} | {' | '.join(words)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table per number of clients."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[10, 32])
    parser.add_argument("--values", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rules", nargs="+")
    parser.add_argument("--skip-slow", type=float, default=1e9, metavar="SECONDS")
    parser.add_argument("--smoke", action="store_true", help="10 clients of 10,000 values")
    parser.add_argument("--out", type=Path, help="write the tables to this file too")
    asked: Any = parser.parse_args(arguments)
    if asked.smoke:
        asked.clients, asked.values = [10], [10_000]

    def say(line: str) -> None:
        print(line, flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(line + "\n")

    say(f"kernels: {chosen().name}, {os.cpu_count()} cores")
    with ThreadPoolExecutor(2) as pool:
        for values in asked.values:
            for clients in asked.clients:
                table(Inputs.drawn(clients, values), pool, asked.rules, asked.skip_slow, say)


def table(
    inputs: Inputs,
    pool: ThreadPoolExecutor,
    rules: Sequence[str],
    patience: float,
    say: Callable[[str], None],
) -> None:
    """Tells the table of one number of clients and values, row by row."""
    clients, values = len(inputs.vectors), inputs.vectors[0].size
    say(f"\n{clients} clients x {values:,} parameters\n")
    say("| rule | s | of the limit | MB above | Flower s | x | messages s | x |")
    say("|---|---|---|---|---|---|---|---|")
    memory = reading(inputs.vectors, pool)
    for name, works in cases(inputs).items():
        if not rules or name in rules:
            say(row(name, works, memory, patience))


if __name__ == "__main__":
    main()
