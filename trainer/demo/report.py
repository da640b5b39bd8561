"""The demonstration's figures on the terminal: tables, or one JSON object for scripts."""

from __future__ import annotations

from registry.cli.output import Column, Output, address_column, amount, number_column
from trainer.demo.figures import DemoFigures

__all__ = ["print_table"]

_PAYOUTS: tuple[str | Column, ...] = (
    "who",
    address_column("account"),
    *map(number_column, ("examples", "paid (TALLY)", "part")),
)
_ACCURACY: tuple[str | Column, ...] = tuple(
    map(number_column, ("round", "version", "federated", "centralised"))
)
_GAS: tuple[str | Column, ...] = (
    "step",
    *map(number_column, ("transactions", "gas each", "gas in all")),
)


def _summary(figures: DemoFigures) -> list[str]:
    outcome = figures.outcome
    report, tampered = outcome.report, outcome.tampered
    checks = sum(report.checked.values()) if report else 0
    findings = len(report.findings) if report else -1
    lines = [
        f"audit: {checks} checks, {findings} divergences",
        f"an update is {outcome.update_bytes:,} bytes, the version {outcome.version_bytes:,}",
        f"{figures.seconds:.0f} s in all: "
        + ", ".join(f"{name} {spent:.1f} s" for name, spent in figures.spent.items()),
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
                "gas": {line.step: line.gas // line.transactions for line in figures.gas},
                "auditFindings": len(outcome.report.findings) if outcome.report else None,
                "tampered": [str(f) for f in outcome.tampered.findings] if outcome.tampered else [],
                "seconds": figures.seconds,
            },
            "",
        )
        return
    output.line("")
    output.rows(_ACCURACY, figures.accuracies(), "")
    output.line("")
    output.rows(_PAYOUTS, figures.payouts(), "")
    output.line("")
    output.rows(_GAS, figures.gas_rows(), "")
    output.line("")
    for line in _summary(figures):
        output.line(line)
