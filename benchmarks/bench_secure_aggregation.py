"""Hidden updates and their sum, beside the pieces of Flower's SecAgg+ in the same run.

    python benchmarks/bench_secure_aggregation.py [--participants 10 32 100 1000]
        [--values 100000 1000000 10000000] [--dropped 0 10 30] [--smoke] [--out FILE]

First what masks and packing cost by themselves. Then whole rounds: an update of floats is put onto
a lattice of 16 bits, masked, and summed over those who didn't drop. A participant's time is its
bundle of sealed shares, the seeds of its masks, quantizing and masking; that of who sums is the
secrets of those who dropped, from their shares, then all masks off the sum. Flower's are its own
functions as its client mod and workflow call them, with as many neighbours. Sending, storing, roots
and training are in nobody's time.

Sums are hidden in groups of 32 at most: one group is worked out whole, and its sum held against the
plain integers. Who sums more of them takes that time for each, and so does Flower's server, whose
masks are as many. Wall and processor seconds; ours works in as many threads as there are cores.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
from secure_aggregation.cohort import LATTICE, TERMS, Cohort
from secure_aggregation.in_flower import MODULUS, FlowerCohort
from secure_aggregation.pieces import pieces
from secure_aggregation.timing import Seconds, timed

from trainer.kernels import Packed

COLUMNS = (
    "participants", "values", "dropped", "exact", "ours, each: s", "CPU s", "Flower, each: s",
    "CPU s", "x CPU", "ours, MB sent", "Flower, MB", "ours / plain", "ours, sum: s", "CPU s",
    "Flower, sum: s", "CPU s", "x CPU",
)  # fmt: skip
Row = list[str]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--participants", type=int, nargs="+", default=[10, 32, 100, 1_000])
    parser.add_argument("--values", type=int, nargs="+", default=[10**5, 10**6, 10**7])
    parser.add_argument("--dropped", type=int, nargs="+", default=[0, 10, 30], help="per cent")
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    parser.add_argument("--out", type=Path, help="a file for the tables")
    given = parser.parse_args()
    if given.smoke:
        given.participants, given.values = [5, 70], [3_000]
    lines = [f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Flower {version('flwr')}", ""]
    lines += [*pieces(20_000 if given.smoke else 10**6), ""]
    lines += [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    print("\n".join(lines), flush=True)
    list(rows(3, 1_000, [0]))  # what is done once in a process is in nobody's time
    for values in given.values:
        for participants in given.participants:
            for row in rows(participants, values, given.dropped):
                lines.append(f"| {' | '.join(row)} |")
                print(lines[-1], flush=True)
    if given.out:
        given.out.write_text("\n".join(lines) + "\n")


def rows(participants: int, values: int, dropped: list[int]) -> Iterator[Row]:
    """Gives a row for each share of drop-outs, all over the same hidden updates."""
    groups = max(1, -(-participants // TERMS.group_size))
    count = -(-participants // groups)
    cohort, flower = Cohort(count, values), _flower(count)
    each, sent, vectors = _hidden(cohort)
    flower_each, flower_sent = _hidden_in_flower(flower, cohort)
    for percent in dropped:
        gone = count * percent // 100
        summed, exact = _summed(cohort, vectors, gone)
        theirs = _summed_in_flower(flower, values, gone)
        yield [
            f"{participants:,}", f"{values:,}", f"{percent} %", "yes" if exact else "NO",
            *_figures(each, 1), *_figures(flower_each, 1), f"{flower_each[1] / each[1]:.1f}",
            f"{sent / 1e6:.3f}", f"{flower_sent / 1e6:.3f}",
            f"{sent / (values * LATTICE.bits / 8):.2f}",
            *_figures(summed, groups), *_figures(theirs, groups), f"{theirs[1] / summed[1]:.1f}",
        ]  # fmt: skip


def _flower(count: int) -> FlowerCohort:
    degree = min(TERMS.degree, count - 1)
    return FlowerCohort(count, degree, -(-degree * TERMS.threshold // TERMS.degree))


def _hidden(cohort: Cohort) -> tuple[Seconds, int, dict[str, Packed]]:
    """Returns the first member's time and bytes, and everybody's hidden update."""
    vectors: dict[str, Packed] = {}
    bundle = b""
    first = next(iter(cohort.graph.roster))
    update = cohort.update(first)

    def work() -> None:
        nonlocal bundle
        bundle = cohort.shared(first)
        vectors[first] = cohort.hidden(first, cohort.quantized(update))

    seconds = timed(work)
    for who in cohort.graph.roster[1:]:
        vectors[who] = cohort.hidden(who, cohort.quantized(cohort.update(who)))
    return seconds, len(bundle) + vectors[first].size, vectors


def _summed(cohort: Cohort, vectors: dict[str, Packed], gone: int) -> tuple[Seconds, bool]:
    dropped = list(cohort.graph.roster[:gone])
    survivors = {who: vectors[who] for who in cohort.graph.roster[gone:]}
    posted = {who: cohort.held_key_shares(who, list(survivors)) for who in dropped}
    found = [np.zeros(0, np.int64)]

    def work() -> None:
        found[0] = cohort.summed(survivors, posted)

    seconds = timed(work)
    for who in survivors:
        found[0] -= cohort.quantized(cohort.update(who))
    return seconds, not found[0].any()


def _hidden_in_flower(flower: FlowerCohort, cohort: Cohort) -> tuple[Seconds, int]:
    update, seed, sizes = cohort.update(cohort.graph.roster[0]), os.urandom(32), [0]

    def work() -> None:
        sent = [*flower.shared(0, seed), *flower.hidden(0, seed, update)]
        sizes[0] = sum(map(len, sent))

    return timed(work), sizes[0]


def _summed_in_flower(flower: FlowerCohort, values: int, gone: int) -> Seconds:
    """Returns its server's time over drawn vectors: which ones they are makes no difference."""
    drawn = np.random.default_rng(1).integers(0, MODULUS, values)
    vectors = [[np.array([1]), drawn]] * (flower.count - gone)
    seeds = [flower.posted(os.urandom(32)) for _ in vectors]
    keys = {who: flower.posted(flower.secret[who]) for who in range(gone)}
    return timed(lambda: flower.summed(vectors, seeds, keys))


def _figures(seconds: Seconds, groups: int) -> Row:
    return [f"{groups * one:.3f}" for one in seconds]


if __name__ == "__main__":
    sys.exit(main())
