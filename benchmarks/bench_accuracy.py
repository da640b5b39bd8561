"""How well federated training does, beside centralised training on the same data.

    python benchmarks/bench_accuracy.py [--suite rounds strategies robust plays transforms]
        [--rounds N]
        [--only TEXT] [--seeds 1 2 3] [--smoke] [--draw] [--out benchmarks/results]

With several seeds the data are split and the models begun anew by each: the first seed's table
comes first, then how far below centralised training every row stayed by each.

Each finished row is kept in `<suite>.jsonl` beside the table, and not run again: delete the file to
begin anew. What the first seed came to is in `<suite>.csv`, and the plot is drawn from that;
`--draw` draws it again and runs nothing. `--smoke` runs two rounds of the first three rows of each
suite on a twentieth of the examples, and writes no file.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from accuracy.plots import curves, heat_map
from accuracy.records import by_attack, read_records, records_of, write_records
from accuracy.suites import SUITES, Suite

SMOKE_ROWS, SMOKE_ROUNDS = 3, 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the suites and prints their tables."""
    reader = argparse.ArgumentParser(description="Accuracy of federated training.")
    reader.add_argument("--suite", nargs="+", choices=sorted(SUITES), default=sorted(SUITES))
    reader.add_argument("--rounds", type=int, help="of every row; the suite's own without it")
    reader.add_argument("--only", default="", help="rows whose name has this text, and the first")
    reader.add_argument("--seeds", nargs="+", type=int, default=[1])
    reader.add_argument("--smoke", action="store_true")
    reader.add_argument("--draw", action="store_true", help="only draw what is in the CSV files")
    reader.add_argument("--out", type=Path, default=Path("benchmarks/results"))
    given = reader.parse_args(arguments)
    torch.set_num_threads(1)
    for name in given.suite:
        if given.draw:
            draw(given.out / f"{name}.csv", SUITES[name]())
            continue
        suite = SUITES[name]().smaller(SMOKE_ROWS) if given.smoke else SUITES[name]()
        rounds = given.rounds or (SMOKE_ROUNDS if given.smoke else suite.rounds)
        kept = None if given.smoke else given.out / f"{name}.jsonl"
        by_seed = {seed: run(suite, rounds, kept, given.only, seed) for seed in given.seeds}
        rows = by_seed[given.seeds[0]]
        text = table(suite, rows)
        if len(by_seed) > 1:
            text += f"\n{spread(by_seed)}"
        print(text)
        if not given.smoke:
            seeds = " ".join(map(str, given.seeds))
            command = f"python benchmarks/bench_accuracy.py --suite {name} --seeds {seeds}"
            head = f"`{command}`, one thread; the first table is of seed {given.seeds[0]}.\n\n"
            records = records_of(rows)
            write_records(given.out / f"{name}.csv", records, curves=not suite.by_attack)
            body = by_attack(records) if suite.by_attack else text
            (given.out / f"{name}.md").write_text(f"# {suite.title}\n\n{head}{body}")
            draw(given.out / f"{name}.csv", suite)


def draw(figures: Path, suite: Suite) -> None:
    """Draws the plot of a suite from its CSV file, beside it."""
    plot = heat_map if suite.by_attack else curves
    plot(read_records(figures), figures.with_suffix(".png"), suite.title)


def run(suite: Suite, rounds: int, kept: Path | None, only: str, seed: int) -> list[dict[str, Any]]:
    """Runs by one seed what isn't kept yet, and returns all its rows in the suite's order."""
    done: dict[str, dict[str, Any]] = {}
    if kept is not None and kept.exists():
        rows = map(json.loads, kept.read_text().splitlines())
        done = {row["name"]: row for row in rows if row["seed"] == seed}
    wanted = [s for s in suite.scenarios if only in s.name or s is suite.scenarios[0]]
    for scenario in wanted:
        if scenario.name in done:
            continue
        start = perf_counter()
        told = list(replace(scenario, seed=seed).run(rounds))
        row = {
            "name": scenario.name,
            "seed": seed,
            "curve": [figures.accuracy for figures in told],
            "seconds": perf_counter() - start,
            "sent": sum(figures.sent for figures in told) / len(told),
        }
        done[scenario.name] = row
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with kept.open("a") as file:
                file.write(json.dumps(row) + "\n")
    return [done[scenario.name] for scenario in suite.scenarios if scenario.name in done]


def table(suite: Suite, rows: list[dict[str, Any]]) -> str:
    """Returns the table: accuracy at the end and at best, rounds to each goal, the gap, bytes."""
    more = "".join(f" rounds to {goal:.0%} |" for goal in suite.goals)
    more += " KB an update |" if suite.weighs else ""
    lines = [f"| run | rounds | last | best | below centralised |{more} s a round |"]
    lines.append("|---|---|---|---|---|" + "---|" * more.count("|") + "---|")
    for row in rows:
        curve = row["curve"]
        reached = "".join(f" {_first(curve, goal)} |" for goal in suite.goals)
        reached += f" {row['sent'] / 1_000:.2f} |" if suite.weighs else ""
        gap = _points_below(rows[0], row)
        name, pace = row["name"].replace(" | ", " · "), row["seconds"] / len(curve)
        lines.append(
            f"| {name} | {len(curve)} | {curve[-1]:.2%} | {max(curve):.2%} "
            f"| {gap:.2f} points |{reached} {pace:.1f} |"
        )
    return "\n".join(lines) + "\n"


def spread(by_seed: dict[int, list[dict[str, Any]]]) -> str:
    """Returns the table of points below centralised training by the same seed, and their mean."""
    lines = ["| points below centralised, by seed |" + "".join(f" {seed} |" for seed in by_seed)]
    lines[0] += " mean |"
    lines.append("|---|" + "---|" * (len(by_seed) + 1))
    for same in zip(*(rows[1:] for rows in by_seed.values()), strict=True):
        firsts = (rows[0] for rows in by_seed.values())
        gaps = [_points_below(first, row) for first, row in zip(firsts, same, strict=True)]
        cells = "".join(f" {gap:.2f} |" for gap in [*gaps, sum(gaps) / len(gaps)])
        lines.append(f"| {same[0]['name'].replace(' | ', ' · ')} |{cells}")
    return "\n".join(lines) + "\n"


def _points_below(centralised: dict[str, Any], row: dict[str, Any]) -> float:
    return 100 * (max(centralised["curve"]) - max(row["curve"]))


def _first(curve: list[float], goal: float) -> str:
    return next((str(at) for at, value in enumerate(curve, 1) if value >= goal), "not yet")


if __name__ == "__main__":
    main()
