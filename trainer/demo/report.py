"""The demonstration's figures, as a table on the terminal and as one HTML page with plots."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.cli.columns import as_columns
from registry.cli.output import Column, Output, address_column, amount, number_column
from trainer.demo.measures import GasLine
from trainer.demo.scene import BUDGET, StoryOutcome

__all__ = ["DemoFigures", "print_table", "write_report"]

_UNIT = 10**18


@dataclass(frozen=True)
class DemoFigures:
    """Everything that the table and the page show. Hospitals in order, the free rider last."""

    outcome: StoryOutcome
    hospitals: list[str]
    examples: list[int]
    centralised: list[float]
    gas: list[GasLine]
    seconds: float

    def payouts(self) -> list[list[Any]]:
        """Returns a row per hospital: who, examples, paid, share of everything."""
        total = BUDGET * len(self.outcome.versions)
        rows = []
        for index, hospital in enumerate(self.hospitals):
            role = "free rider" if index == len(self.hospitals) - 1 else f"hospital {index + 1}"
            paid = self.outcome.paid.get(hospital, 0)
            part = f"{paid / total:.1%}"
            rows.append([role, hospital, self.examples[index], f"{paid / _UNIT:.4f}", part])
        return rows

    def accuracies(self) -> list[list[Any]]:
        """Returns a row per round: round, version, accuracy here, accuracy centralised."""
        pairs = zip(self.outcome.versions, self.outcome.accuracy, self.centralised, strict=True)
        return [
            [of_round, version, f"{here:.1%}", f"{there:.1%}"]
            for of_round, (version, here, there) in enumerate(pairs, 1)
        ]


PAYOUT_HEADINGS: tuple[str | Column, ...] = (
    "who",
    address_column("account"),
    *map(number_column, ("examples", "paid (TALLY)", "part")),
)
ACCURACY_HEADINGS: tuple[str | Column, ...] = tuple(
    map(number_column, ("round", "version", "federated", "centralised"))
)
GAS_HEADINGS: tuple[str | Column, ...] = (
    "step",
    number_column("transactions"),
    number_column("gas each"),
)


def _gas_rows(figures: DemoFigures) -> list[list[Any]]:
    return [[g.event, g.transactions, f"{g.gas // g.transactions:,}"] for g in figures.gas]


def _summary(figures: DemoFigures) -> list[str]:
    outcome = figures.outcome
    report, tampered = outcome.report, outcome.tampered
    checks = sum(report.checked.values()) if report else 0
    findings = len(report.findings) if report else -1
    lines = [
        f"audit: {checks} checks, {findings} divergences",
        f"an update is {outcome.update_bytes:,} bytes, the version {outcome.version_bytes:,}",
        f"gas in all: {sum(line.gas for line in figures.gas):,}",
        f"{figures.seconds:.0f} s in all: "
        + ", ".join(f"{name} {spent:.0f} s" for name, spent in outcome.seconds.items()),
    ]
    if tampered is not None and tampered.findings:
        lines.insert(1, f"with one byte changed: {tampered.findings[0]}")
    return lines


def print_table(output: Output, figures: DemoFigures) -> None:
    """Prints the tables; one JSON object for scripts."""
    if output.as_json:
        outcome = figures.outcome
        output.result(
            {
                "accuracy": outcome.accuracy,
                "centralised": figures.centralised,
                "paid": {who: amount(paid) for who, paid in outcome.paid.items()},
                "freeRider": figures.hospitals[-1],
                "gas": {line.event: line.gas // line.transactions for line in figures.gas},
                "auditFindings": len(outcome.report.findings) if outcome.report else None,
                "tampered": [str(f) for f in outcome.tampered.findings] if outcome.tampered else [],
                "seconds": figures.seconds,
            },
            "",
        )
        return
    output.line("")
    output.rows(ACCURACY_HEADINGS, figures.accuracies(), "")
    output.line("")
    output.rows(PAYOUT_HEADINGS, figures.payouts(), "")
    output.line("")
    output.rows(GAS_HEADINGS, _gas_rows(figures), "")
    output.line("")
    for line in _summary(figures):
        output.line(line)


def write_report(page: Path, figures: DemoFigures) -> None:
    """Writes the HTML page, which needs no other file."""
    page.parent.mkdir(parents=True, exist_ok=True)
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Tallystick demo</title>",
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;"
        "padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}td,th{padding:.25rem .75rem;"
        "border-bottom:1px solid #ccc;text-align:left}svg{max-width:100%;height:auto}</style>",
        "<h1>Tallystick: five hospitals, one free rider</h1>",
        "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in _summary(figures)) + "</ul>",
        "<h2>Accuracy per round</h2>",
        _accuracy_plot(figures),
        _table(ACCURACY_HEADINGS, figures.accuracies()),
        "<h2>Payouts</h2>",
        _payout_plot(figures),
        _table(PAYOUT_HEADINGS, figures.payouts()),
        "<h2>Gas</h2>",
        _table(GAS_HEADINGS, _gas_rows(figures)),
    ]
    page.write_text("\n".join(parts), encoding="utf-8")


def _table(headings: Sequence[str | Column], rows: list[list[Any]]) -> str:
    head = "".join(f"<th>{html.escape(h.heading)}</th>" for h in as_columns(headings))
    cells = ["".join(f"<td>{html.escape(str(cell))}</td>" for cell in row) for row in rows]
    return f"<table><tr>{head}</tr>" + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue().partition("<svg")[1] + text.getvalue().partition("<svg")[2]


def _accuracy_plot(figures: DemoFigures) -> str:
    from matplotlib.figure import Figure  # half a second to import, for this page only

    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.subplots()
    rounds = range(1, len(figures.outcome.accuracy) + 1)
    axes.plot(rounds, figures.outcome.accuracy, marker="o", label="federated")
    axes.plot(rounds, figures.centralised, marker="s", linestyle="--", label="centralised")
    axes.set(xlabel="round (or epoch)", ylabel="accuracy on 2,000 test images", ylim=(0, 1))
    axes.set_xticks(list(rounds))
    axes.grid(alpha=0.3)
    axes.legend()
    return _svg(figure)


def _payout_plot(figures: DemoFigures) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.8), layout="constrained")
    axes = figure.subplots()
    names = [row[0] for row in figures.payouts()]
    amounts = [figures.outcome.paid.get(address, 0) / _UNIT for address in figures.hospitals]
    colours = ["tab:blue"] * (len(names) - 1) + ["tab:red"]
    axes.barh(names[::-1], amounts[::-1], color=colours[::-1])
    axes.set(xlabel="paid, TALLY")
    return _svg(figure)
