"""Our aggregation rules beside Flower's own and beside the memory's speed, in one run.

    python benchmarks/bench_aggregation.py [--clients 10 32] [--values 1000000] [--rules mean krum]
        [--skip-slow SECONDS] [--whole 10x10000000x62 3x120000000x300] [--hottest] [--smoke]
        [--out FILE]

Ours take int16 updates on the lattice, Flower's take the same numbers as float32: its classic
functions, and the strategies of its message API. `of the limit` is how near ours comes to a mere
read of all the updates' bytes in two threads, both measured in turns. `MB` is what was allocated at
once above the input. Flower's counts as the least of three runs, and is run once where it takes
more than a second; ours and the read count as the least of up to twenty.

What the rows of rules leave out: ours read half the bytes, in as many threads as there are cores,
and give integers, which are still to be added to the base; quantizing happened before. Flower's
classic functions and strategies use one thread, and what its strategies give is the new model. So
the tables of `--whole` are those that compare a round: quantizing, hashes, signatures, files and
the new model are in them (`aggregation.whole_steps`). `--hottest` tells where the coordinator's
step spends its time.
"""

from __future__ import annotations

import argparse
import os
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from aggregation.inputs import Inputs, Work
from aggregation.rules import Rule, rules
from aggregation.whole_steps import Size, hottest, whole_steps

from trainer.kernels import chosen

HEAD = "| rule | s | of the limit | MB | Flower s | x | MB | messages s | x | MB |"


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


def row(name: str, rule: Rule, memory: Work, patience: float) -> str:
    """Measures one rule; `patience` is how long Flower's may take, in seconds."""
    took, limit = in_turns(rule.ours, memory)
    words = [f"{took:.3f}", f"{limit / took:.2f}", f"{peak_bytes(rule.ours) / 1e6:.0f}"]
    for peer in (rule.classic, rule.messages):
        if peer is None or took * 30 > patience:
            words += ["", "", ""]
        else:
            theirs = seconds(peer)
            words += [f"{theirs:.3f}", f"{theirs / took:.1f}", f"{peak_bytes(peer) / 1e6:.0f}"]
    return f"| {name} | {' | '.join(words)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table per number of clients."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[10, 32])
    parser.add_argument("--values", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--rules", nargs="+")
    parser.add_argument("--skip-slow", type=float, default=1e9, metavar="SECONDS")
    parser.add_argument("--whole", nargs="*", metavar="CLIENTSxVALUESxTENSORS")
    parser.add_argument("--hottest", action="store_true", help="of the coordinator's whole step")
    parser.add_argument("--smoke", action="store_true", help="10 clients of 10,000 values")
    parser.add_argument("--out", type=Path, help="write the tables to this file too")
    asked: Any = parser.parse_args(arguments)
    if asked.smoke:
        asked.clients, asked.values, asked.whole, asked.hottest = (
            [10],
            [10_000],
            ["3x10000x2"],
            True,
        )

    def say(line: str) -> None:
        print(line, flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(line + "\n")

    say(f"kernels: {chosen().name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with ThreadPoolExecutor(2) as pool:
        for values in asked.values:
            for clients in asked.clients:
                table(Inputs.drawn(clients, values), pool, asked.rules, asked.skip_slow, say)
    for size in map(Size.parse, ["10x10000000x62"] if asked.whole is None else asked.whole):
        whole_steps(size, say)
        if asked.hottest:
            hottest(size, say)


def table(
    inputs: Inputs,
    pool: ThreadPoolExecutor,
    wanted: Sequence[str],
    patience: float,
    say: Callable[[str], None],
) -> None:
    """Tells the table of one number of clients and values, row by row."""
    clients, values = len(inputs.vectors), inputs.vectors[0].size
    say(f"\n{clients} clients x {values:,} parameters\n")
    say(HEAD)
    say("|---" * (HEAD.count("|") - 1) + "|")
    memory = reading(inputs.vectors, pool)
    for name, rule in rules(inputs).items():
        if not wanted or name in wanted:
            say(row(name, rule, memory, patience))


if __name__ == "__main__":
    main()
