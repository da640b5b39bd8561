"""The demonstration's figures: what its tables and its page show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registry.usecases.lineage import Ancestor
from trainer.demo.gas_steps import GasLine
from trainer.demo.scene import BUDGET, StoryOutcome

__all__ = ["DemoFigures"]

UNIT = 10**18


@dataclass(frozen=True)
class DemoFigures:
    """Everything that the tables and the page show. Hospitals in order, the free rider last.

    Args:
        outcome: what came of the story.
        hospitals: their addresses.
        examples: how many images each has.
        centralised: the accuracy of one model on the honest hospitals' data, by epoch.
        gas: by step of the protocol.
        lineage: the released version and its ancestors, nearest first.
        spent: seconds by part of the performance, which add up to all of it.
        tested: how many images accuracy is measured on.
    """

    outcome: StoryOutcome
    hospitals: list[str]
    examples: list[int]
    centralised: list[float]
    gas: list[GasLine]
    lineage: list[Ancestor]
    spent: Mapping[str, float]
    tested: int

    @property
    def seconds(self) -> float:
        """All that the performance took."""
        return sum(self.spent.values())

    @property
    def budget(self) -> int:
        """All rounds' budgets, in the token's smallest unit."""
        return BUDGET * len(self.outcome.versions)

    def role(self, index: int) -> str:
        """Returns what a hospital is called."""
        return "free rider" if index == len(self.hospitals) - 1 else f"hospital {index + 1}"

    def part(self, index: int) -> float:
        """Returns a hospital's part of all budgets, 0 to 1."""
        return self.outcome.paid.get(self.hospitals[index], 0) / self.budget

    def payouts(self) -> list[list[Any]]:
        """Returns a row per hospital: who, account, examples, paid, part of everything."""
        rows = []
        for index, hospital in enumerate(self.hospitals):
            paid = f"{self.outcome.paid.get(hospital, 0) / UNIT:.4f}"
            part = f"{self.part(index):.1%}"
            rows.append([self.role(index), hospital, self.examples[index], paid, part])
        return rows

    def accuracies(self) -> list[list[Any]]:
        """Returns a row per round: round, version, accuracy here, accuracy centralised."""
        pairs = zip(self.outcome.versions, self.outcome.accuracy, self.centralised, strict=True)
        return [
            [of_round, version, f"{here:.1%}", f"{there:.1%}"]
            for of_round, (version, here, there) in enumerate(pairs, 1)
        ]

    def gas_rows(self) -> list[list[Any]]:
        """Returns a row per step, and the sum: step, transactions, gas each, gas in all."""
        rows = [
            [line.step, line.transactions, f"{line.gas // line.transactions:,}", f"{line.gas:,}"]
            for line in self.gas
        ]
        count = sum(line.transactions for line in self.gas)
        return [*rows, ["in all", count, "", f"{sum(line.gas for line in self.gas):,}"]]
