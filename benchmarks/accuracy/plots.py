"""The plots beside the tables: accuracy over rounds, and rules against attacks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from accuracy.records import PARTS, Record

matplotlib.use("Agg")
from matplotlib import pyplot as plt

__all__ = ["curves", "heat_map"]


def curves(records: Sequence[Record], path: Path, title: str) -> None:
    """Draws accuracy over rounds; of many records the first sixteen."""
    figure, axes = plt.subplots(figsize=(8, 5))
    for place, record in enumerate([r for r in records if r.curve][:16]):
        style = "-" if place < 10 else "--"
        rounds = range(1, len(record.curve) + 1)
        axes.plot(rounds, record.curve, style, label=" | ".join(record.name))
    axes.set(xlabel="round", ylabel="accuracy on the test set", title=title)
    axes.legend(fontsize="x-small")
    _save(figure, path)


def heat_map(records: Sequence[Record], path: Path, title: str) -> None:
    """Draws the last accuracy of each rule under each attack, by split and part of attackers.

    Records but the first, the centralised one, are named by rule, split, attack and part.
    """
    found = {record.name: record.last for record in records[1:]}
    rules, splits, attacks = (list(dict.fromkeys(name[at] for name in found)) for at in range(3))
    attacks = ["none", *(attack for attack in attacks if attack != "none")]
    figure, panels = plt.subplots(
        len(splits), len(PARTS), figsize=(16, 5 * len(splits)), squeeze=False, layout="constrained"
    )
    for line, split in zip(panels, splits, strict=True):
        for axes, part in zip(line, PARTS, strict=True):
            cells = [
                [found.get((rule, split, attack, "0 %" if attack == "none" else part), np.nan)
                 for attack in attacks]
                for rule in rules
            ]  # fmt: skip
            _panel(axes, np.array(cells), rules, attacks)
            kind = "like data" if split == "iid" else f"Dirichlet {split}"
            axes.set_title(f"{kind}, {part} attackers", fontsize="medium")
    figure.suptitle(f"{title}\naccuracy in per cent after the last round")
    _save(figure, path)


def _panel(axes: Any, cells: Any, rules: list[str], attacks: list[str]) -> None:
    axes.imshow(cells, vmin=0.1, vmax=0.95, cmap="RdYlGn", aspect="auto")
    axes.set_xticks(range(len(attacks)), attacks, rotation=35, ha="right", fontsize="small")
    axes.set_yticks(range(len(rules)), rules, fontsize="small")
    for (row, column), value in np.ndenumerate(cells):
        if not np.isnan(value):
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7)


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=80, metadata={"Software": None})
    plt.close(figure)
