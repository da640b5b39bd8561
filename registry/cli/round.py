"""`tally round`: look at training rounds, and end those that missed a deadline."""

from __future__ import annotations

import click

from registry.cli.options import Session, session_options
from registry.cli.output import amount
from registry.index import RoundRecord

__all__ = ["round_group"]


@click.group("round")
def round_group() -> None:
    """Training rounds (open and join them with `tally train`)."""


def _summary(record: RoundRecord, now: int) -> list[object]:
    return [
        record.number,
        record.phase_at(now).name.lower(),
        len(record.enrolled),
        record.committed_count,
        record.revealed_count,
        amount(record.terms["rewardBudget"]),
        record.coordinator,
    ]


@round_group.command("list")
@click.argument("name")
@session_options
def list_rounds(session: Session, name: str) -> None:
    """List a model's rounds."""
    with session.reader() as client:
        now = client.connection.gateway.timestamp()
        rows = [_summary(r, now) for r in client.rounds.of_model(client.model(name))]
    headings = ["round", "phase", "enrolled", "committed", "revealed", "budget", "coordinator"]
    session.output.rows(headings, rows, f"{name} has no round yet")


@round_group.command()
@click.argument("name")
@click.argument("number", type=int, required=False)
@session_options
def show(session: Session, name: str, number: int | None) -> None:
    """Show a round: its terms, who takes part, its result. The newest without NUMBER."""
    with session.reader() as client:
        now = client.connection.gateway.timestamp()
        record = client.round(name, number)
    lattice = record.terms["lattice"]
    data = {
        "roundId": record.round_id,
        "number": record.number,
        "phase": record.phase_at(now).name.lower(),
        "coordinator": record.coordinator,
        "terms": record.terms | {"rewardBudget": amount(record.terms["rewardBudget"])},
        "enrolled": record.enrolled,
        "committed": sorted(record.commitments),
        "revealed": {p: r.weight for p, r in record.reveals.items()},
        "resultRoot": record.result.result_root if record.result else None,
    }
    lines = [
        f"round {record.number} (0x{record.round_id.hex()})",
        f"phase       {data['phase']}",
        f"lattice     {lattice['bits']} bits, step 2^{lattice['stepExponent']}",
        f"weights     {data['revealed']}",
        f"result      {'0x' + record.result.result_root.hex() if record.result else 'none yet'}",
    ]
    session.output.result(data, lines)


@round_group.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def finalise(session: Session, name: str, number: int) -> None:
    """Finalise a round whose challenge window has passed. Anyone may."""
    with session.client() as client:
        client.rounds.finalise(client.round(name, number).round_id)
    session.output.result({"round": number}, f"round {number} is final")


@round_group.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def void(session: Session, name: str, number: int) -> None:
    """Void a round that missed a deadline or its minimum; its budget goes back. Anyone may."""
    with session.client() as client:
        client.rounds.void(client.round(name, number).round_id)
    session.output.result({"round": number}, f"round {number} is void; its budget was returned")
