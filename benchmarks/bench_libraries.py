"""Our rules beside NVFLARE's, ByzFL's and torch's own, in one run.

    python benchmarks/bench_libraries.py [--clients 10] [--values 1000000] [--smoke] [--out FILE]

All get the same drawn updates, in memory: ours int16 on the lattice, the others float32. What is
timed ends with the combined vector: ours in 32-bit integers, divided and rounded (A-1), theirs in
floats. Quantizing, reading, roots and the new tensors are in nobody's time; whole steps are in
`bench_aggregation.py`. Ours works in as many threads as there are cores, and so does torch; NVFLARE
and ByzFL in as many as their NumPy and torch take. ByzFL's geometric median makes three iterations,
its default; ours as many as its tolerance asks for. A library that isn't installed (`make bench`
does it, beside the environment) is left out, and that is said. Least of three runs, or one where it
takes more than a second.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
import types
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
from aggregation.inputs import Inputs, Work

PEERS = Path(__file__).resolve().parent.parent / ".venv" / "peers"
HEAD = "| rule | peer | ours s | theirs s | x | ours CPU s | theirs CPU s | x |"
Row = tuple[str, str, Work, Work]


def measured(work: Work) -> tuple[float, float]:
    """Returns the least wall and processor seconds of three runs; of one beyond a second."""
    found = []
    for _ in range(3):
        begin, used = perf_counter(), process_time()
        work()
        found.append((perf_counter() - begin, process_time() - used))
        if found[-1][0] > 1:
            break
    return min(wall for wall, _ in found), min(used for _, used in found)


def by_torch(inputs: Inputs, trim: int) -> list[Row]:
    """Rules that are one or two calls of torch."""
    rows = torch.from_numpy(np.stack([arrays[0] for arrays, _ in inputs.results]))
    parts = torch.tensor(inputs.weights, dtype=torch.float32) / sum(inputs.weights)
    count = len(rows)

    def trimmed() -> object:
        return rows.sort(0).values[trim : count - trim].mean(0)

    return [
        ("mean", "torch", inputs.ours("mean"), lambda: parts @ rows),
        ("median", "torch", inputs.ours("median"), lambda: rows.quantile(0.5, dim=0)),
        ("trimmed mean", "torch", inputs.ours("trimmed_mean", trim=trim), trimmed),
    ]


def by_nvflare(inputs: Inputs, trim: int) -> list[Row]:
    """Its weighted mean, as its in-time aggregator computes it."""
    helper = importlib.import_module("nvflare.app_common.aggregators.weighted_aggregation_helper")

    def mean() -> object:
        made = helper.WeightedAggregationHelper()
        for place, (arrays, weight) in enumerate(inputs.results):
            made.add({"update": arrays[0]}, float(weight), f"site-{place}", 0)
        return made.get_result()

    return [("mean", "NVFLARE", inputs.ours("mean"), mean)]


@cache
def byzfl_rules() -> Any:
    """Returns its module of aggregators; its training framework, which wants torchvision, stays."""
    found = importlib.util.find_spec("byzfl")
    if found is None or found.submodule_search_locations is None:
        raise ModuleNotFoundError("no ByzFL", name="byzfl")
    package = types.ModuleType("byzfl")
    package.__path__ = list(found.submodule_search_locations)
    sys.modules["byzfl"] = package
    return importlib.import_module("byzfl.aggregators.aggregators")


def by_byzfl(inputs: Inputs, trim: int) -> list[Row]:
    """Its robust rules."""
    theirs = byzfl_rules()
    rows = np.stack([arrays[0] for arrays, _ in inputs.results])

    def of(rule: Any) -> Work:
        return lambda: rule(rows)

    return [
        ("median", "ByzFL", inputs.ours("median"), of(theirs.Median())),
        (
            "trimmed mean",
            "ByzFL",
            inputs.ours("trimmed_mean", trim=trim),
            of(theirs.TrMean(f=trim)),
        ),
        ("krum", "ByzFL", inputs.ours("krum", byzantine=trim), of(theirs.Krum(f=trim))),
        (
            "geometric median",
            "ByzFL",
            inputs.ours("geometric_median"),
            of(theirs.GeometricMedian(T=3)),
        ),
    ]


LIBRARIES: dict[str, Callable[[Inputs, int], list[Row]]] = {
    "torch": by_torch,
    "NVFLARE": by_nvflare,
    "ByzFL": by_byzfl,
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a table per number of clients."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[10])
    parser.add_argument("--values", type=int, default=1_000_000)
    parser.add_argument("--smoke", action="store_true", help="10 clients of 10,000 values")
    parser.add_argument("--out", type=Path, help="write the tables to this file too")
    asked: Any = parser.parse_args(arguments)
    if asked.smoke:
        asked.clients, asked.values = [10], 10_000
    if PEERS.is_dir():
        sys.path.append(str(PEERS))

    def say(line: str) -> None:
        print(line, flush=True)
        if asked.out:
            with asked.out.open("a") as file:
                file.write(line + "\n")

    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, torch {torch.__version__}")
    for clients in asked.clients:
        table(Inputs.drawn(clients, asked.values), say)


def table(inputs: Inputs, say: Callable[[str], None]) -> None:
    """Tells the table of one number of clients, row by row."""
    count = len(inputs.vectors)
    trim = max((count - 3) // 4, 1)
    say(f"\n{count} clients x {inputs.vectors[0].size:,} parameters\n")
    say(HEAD)
    say("|---" * (HEAD.count("|") - 1) + "|")
    missing = []
    for library, rules in LIBRARIES.items():
        try:
            rows = rules(inputs, trim)
        except ModuleNotFoundError as error:
            missing.append(f"{library}: not installed ({error.name}), left out")
            continue
        for rule, peer, ours, theirs in rows:
            (wall, used), (their_wall, their_used) = measured(ours), measured(theirs)
            words = f"{wall:.3f} | {their_wall:.3f} | {their_wall / wall:.1f} | {used:.3f}"
            ratio = their_used / max(used, 1e-9)
            say(f"| {rule} | {peer} | {words} | {their_used:.3f} | {ratio:.1f} |")
    for line in missing:
        say(f"\n{line}")


if __name__ == "__main__":
    main()
