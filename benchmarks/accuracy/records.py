"""What a suite came to, as a CSV file: tables and plots are made of it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["PARTS", "Record", "by_attack", "read_records", "records_of", "write_records"]

PARTS = ("20 %", "40 %")
_FIGURES = ("rounds", "last", "best", "seconds_a_round", "bytes_an_update", "curve")


@dataclass(frozen=True)
class Record:
    """One row: accuracies from 0 to 1. `curve` is empty where only the last and best were kept."""

    name: tuple[str, ...]
    rounds: int
    last: float
    best: float
    seconds: float
    sent: float | None
    curve: tuple[float, ...]


def records_of(rows: Sequence[dict[str, Any]]) -> list[Record]:
    """Returns the records of what a suite ran."""
    return [
        Record(
            name=tuple(row["name"].split(" | ")),
            rounds=len(row["curve"]),
            last=row["curve"][-1],
            best=max(row["curve"]),
            seconds=row["seconds"] / len(row["curve"]),
            sent=row["sent"],
            curve=tuple(row["curve"]),
        )
        for row in rows
    ]


def write_records(path: Path, records: Sequence[Record], curves: bool) -> None:
    """Writes the file; without `curves` the accuracies of the rounds between are left out."""
    width = max(len(record.name) for record in records)
    names = ("rule", "split", "attack", "malicious") if width == 4 else ("run",)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*names, *_FIGURES])
        for r in records:
            sent = "" if r.sent is None else f"{r.sent:.0f}"
            curve = " ".join(f"{value:.4f}" for value in r.curve) if curves else ""
            figures = (r.rounds, f"{r.last:.4f}", f"{r.best:.4f}", f"{r.seconds:.1f}", sent, curve)
            writer.writerow([*r.name, *[""] * (len(names) - len(r.name)), *figures])


def read_records(path: Path) -> list[Record]:
    """Returns what `write_records` wrote."""
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        names = [field for field in reader.fieldnames or () if field not in _FIGURES]
        return [
            Record(
                name=tuple(line[name] for name in names if line[name]),
                rounds=int(line["rounds"]),
                last=float(line["last"]),
                best=float(line["best"]),
                seconds=float(line["seconds_a_round"]),
                sent=float(line["bytes_an_update"]) if line["bytes_an_update"] else None,
                curve=tuple(map(float, line["curve"].split())),
            )
            for line in reader
        ]


def by_attack(records: Sequence[Record]) -> str:
    """Returns tables of rules against attacks: the last accuracy in per cent, by split and part."""
    central, *rest = records
    found = {record.name: record.last for record in rest}
    rules, splits, attacks = (list(dict.fromkeys(name[at] for name in found)) for at in range(3))
    attacks = ["none", *(attack for attack in attacks if attack != "none")]
    lines = [f"Centralised: {100 * central.last:.1f}."]
    for split in splits:
        for part in PARTS:
            kind = "like data" if split == "iid" else f"Dirichlet {split}"
            lines += ["", f"## {kind}, {part} attackers", ""]
            lines += ["| rule | " + " | ".join(attacks) + " |", "|---" * (1 + len(attacks)) + "|"]
            for rule in rules:
                keys = [(rule, split, a, "0 %" if a == "none" else part) for a in attacks]
                cells = (f"{100 * found[key]:.1f}" if key in found else "–" for key in keys)
                lines.append(f"| {rule} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
