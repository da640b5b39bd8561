"""What groups of hidden sums cost a robust rule, and what they hide: accuracy under attack.

    python benchmarks/bench_hidden_groups.py [--rounds N] [--attackers 0 4 8] [--sizes 1 2 4 8]
        [--smoke] [--out FILE]

40 participants with Dirichlet splits (1.0) of MNIST's first images train a small network. The first
ones send five times what they learnt with its sign turned. In groups updates and their numbers of
examples are hidden, with real masks, and the rule stands across the groups' sums; size 1 is a plain
round. Groups are drawn anew in each round. The mean is the same to the bit whatever the groups, so
it has one row.

`with an attacker` is 1 - (1 - a)^g, the part of groups that hold one if a of all attack: a rule
that bears fewer than half of what it combines needs it below 1/2. `reward` is by how much of an
equal part a member's differs, in the mean, from one by its own number of examples: terms that hide
pay everybody alike, and `by groups` is what would be left if a group were paid by its sum of
examples, which is public, and its members alike.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from accuracy.attackers import ATTACKS
from accuracy.data import digits
from accuracy.scenarios import LATTICES

from trainer.coordinator.federation_options import FederationOptions
from trainer.documents.terms_document import TermsDocument
from trainer.models import SmallCnn
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.neighbour_graph import NeighbourGraph
from trainer.research.simulation import Simulation

SEED, ALPHA, CAP = 1, "1.0", 10_000
PEOPLE, EXAMPLES, TESTED, ROUNDS = 40, 6_000, 2_000, 6
COLUMNS = "rule", "members of a sum", "attackers", "last", "best", "with an attacker", "s a round"
Row = list[str]


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--attackers", type=int, nargs="+", default=[0, 4, 8])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    parser.add_argument("--out", type=Path, help="a file for the tables")
    given = parser.parse_args()
    people, examples = PEOPLE, EXAMPLES
    if given.smoke:
        given.rounds, given.attackers, given.sizes = 1, [1], [1, 2]
        people, examples = 10, 600
    torch.set_num_threads(1)
    lines = [f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    print("\n".join(lines), flush=True)
    for attackers in given.attackers:
        for row in accuracies(people, examples, given.sizes, attackers, given.rounds):
            lines.append(f"| {' | '.join(row)} |")
            print(lines[-1], flush=True)
    lines += ["", *rewards(people, examples, given.sizes)]
    print("\n".join(lines[-2 - len(given.sizes) :]))
    if given.out:
        given.out.write_text("\n".join(lines) + "\n")


def accuracies(
    people: int, examples: int, sizes: Sequence[int], attackers: int, rounds: int
) -> Iterator[Row]:
    """Gives a row for each rule and size of groups."""
    part = attackers / people
    for rule in ("mean", "median", "trimmed_mean", "krum"):
        for size in sizes[:1] if rule == "mean" else sizes:
            run = simulation(people, examples, rule, size, attackers)
            told = list(run.run(rounds))
            curve = [figures.accuracy for figures in told]
            seconds = sum(figures.seconds for figures in told) / rounds
            yield [
                rule.replace("_", " "), "any" if rule == "mean" else f"{size}", f"{attackers}",
                f"{curve[-1]:.1%}", f"{max(curve):.1%}",
                f"{1 - (1 - part) ** size:.0%}" if rule != "mean" else "", f"{seconds:.1f}",
            ]  # fmt: skip


def simulation(people: int, examples: int, rule: str, size: int, attackers: int) -> Simulation:
    """A run with the largest bound that the rule has for so many groups, 8 at most."""
    groups = people // size
    bounds = {
        "trimmed_mean": {"trim": min(8, (groups - 1) // 2)},
        "krum": {"byzantine": min(8, (groups - 3) // 2)},
    }
    document = TermsDocument(
        plan=LocalPlan(1, 10, "sgd", "0.05", SEED),
        aggregator=rule,
        aggregator_parameters=bounds.get(rule, {}),
        scoring="equal",
        hidden=HiddenTerms(64, 8, 5, size, CAP) if size > 1 else None,
    )
    parts, test = digits(people, ALPHA, examples, TESTED, SEED)
    options = FederationOptions(
        fraction_fit=1.0, min_fit_clients=people, min_available_clients=people
    )
    against = dict.fromkeys(range(attackers), ATTACKS["sign flip"](attackers))
    module = SmallCnn(SEED)
    return Simulation(
        module, parts, test, document, LATTICES["mnist"], options, SEED, attackers=against
    )


def rewards(people: int, examples: int, sizes: Sequence[int]) -> list[str]:
    """Returns the lines of the table of rewards."""
    parts, _ = digits(people, ALPHA, examples, TESTED, SEED)
    counts = np.array([len(part) for part in parts], np.float64)  # type: ignore[arg-type]
    due = counts / counts.mean()
    alike = np.abs(due - 1).mean()
    lines = ["| members of a sum | reward: all alike | by groups |", "|---|---|---|"]
    for size in sizes:
        found = np.mean([_by_groups(due, size, drawn) for drawn in range(200)])
        lines.append(f"| {size} | {alike:.0%} | {found:.0%} |")
    return lines


def _by_groups(due: np.ndarray, size: int, drawn: int) -> float:
    """Returns the mean difference in one round whose groups are drawn."""
    if size == 1:
        return 0.0
    roster = tuple(f"{place}" for place in range(due.size))
    seed = np.random.default_rng(drawn).bytes(32)
    groups = NeighbourGraph(roster, seed, HiddenTerms(group_size=size)).groups
    places = [[int(who) for who in members] for members in groups]
    return float(np.concatenate([np.abs(due[p] - due[p].mean()) for p in places]).mean())


if __name__ == "__main__":
    sys.exit(main())
