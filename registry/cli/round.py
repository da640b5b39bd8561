"""`tally round`: look at training rounds, and end those that missed a deadline."""

from __future__ import annotations

import click

from registry.addresses import parse_address
from registry.chain.abi_values import solidity_fields
from registry.chain.bindings.structs import RoundTerms
from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, amount, number_column
from registry.index import RoundRecord
from registry.index.hidden_rounds import HiddenRoundRecord

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
        amount(record.terms.reward_budget),
        record.coordinator,
    ]


def _terms(terms: RoundTerms) -> dict[str, object]:
    """Returns terms by their names in Solidity, amounts in tokens."""
    money = {"rewardBudget": amount(terms.reward_budget), "forfeit": amount(terms.forfeit)}
    return solidity_fields(terms) | money


@round_group.command("list")
@click.argument("name")
@session_options
def list_rounds(session: Session, name: str) -> None:
    """List a model's rounds."""
    with session.reader() as client:
        now = client.connection.gateway.timestamp()
        rows = [_summary(r, now) for r in client.rounds.of_model(client.model(name))]
    headings: list[str | Column] = [
        number_column("round"),
        "phase",
        *map(number_column, ("enrolled", "committed", "revealed", "budget")),
        address_column("coordinator"),
    ]
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
        bond = client.forfeits.bond(record.round_id)
        hidden = client.state().hidden_rounds.rounds.get(record.round_id)
    lattice = record.terms.lattice
    data = {
        "roundId": record.round_id,
        "number": record.number,
        "phase": record.phase_at(now).name.lower(),
        "coordinator": record.coordinator,
        "terms": _terms(record.terms),
        "bond": "none" if bond is None else bond.state,
        "collected": sorted(bond.collected) if bond else [],
        "enrolled": record.enrolled,
        "committed": sorted(record.commitments),
        "revealed": {p: r.weight for p, r in record.reveals.items()},
        "resultRoot": record.result.result_root if record.result else None,
        "hidden": hidden and _hidden(hidden),
    }
    lines = [
        f"round {record.number} (0x{record.round_id.hex()})",
        f"phase       {data['phase']}",
        f"lattice     {lattice.bits} bits, step 2^{lattice.step_exponent}",
        f"revealed    {len(record.reveals)} of {len(record.enrolled)} enrolled",
        *(f"weight      {who}  {reveal.weight}" for who, reveal in record.reveals.items()),
        *(_hidden_lines(hidden) if hidden else ()),
        f"bond        {data['bond']}",
        f"result      {'0x' + record.result.result_root.hex() if record.result else 'none yet'}",
    ]
    session.output.result(data, lines)


def _hidden(record: HiddenRoundRecord) -> dict[str, object]:
    return {
        "terms": solidity_fields(record.terms),
        "width": record.width,
        "keys": list(record.keys),
        "shared": list(record.shared),
        "seedsOpened": list(record.seeds),
        "keysOpened": list(record.secrets),
        "frozen": sorted(record.frozen),
        "open": sorted(record.opened),
        "stranded": sorted(record.stranded),
    }


def _hidden_lines(record: HiddenRoundRecord) -> list[str]:
    groups = f"{len(record.frozen)} frozen, {len(record.opened)} open"
    given_up = f", {len(record.stranded)} given up" if record.stranded else ""
    told = f"{len(record.seeds)} seeds and {len(record.secrets)} keys opened"
    return [
        f"hidden      {record.width} bits a value, {len(record.keys)} keys, "
        f"{len(record.shared)} shared secrets",
        f"groups      {groups}{given_up}; {told}",
    ]


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
    """Void a round that missed a deadline or its minimum; its budget goes back. Anyone may.

    If enough revealed and nothing was proposed in time, who revealed collects the coordinator's
    forfeit: see tally round forfeit.
    """
    with session.client() as client:
        client.rounds.void(client.round(name, number).round_id)
    session.output.result({"round": number}, f"round {number} is void; its budget was returned")


@round_group.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option("--participant", help="Who is paid; this account without it.")
@session_options
def forfeit(session: Session, name: str, number: int, participant: str | None) -> None:
    """Collect what a coordinator forfeits that came to no result, for who revealed. Anyone may."""
    with session.client() as client:
        who = parse_address(participant) if participant else client.connection.account
        paid = client.forfeits.collect(client.round(name, number).round_id, who)
    session.output.result(
        {"round": number, "participant": who, "amount": amount(paid)},
        f"{who} has its forfeit of {amount(paid)} from round {number}",
    )


@round_group.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def strike(session: Session, name: str, number: int) -> None:
    """Strike batches that hold what a participant didn't sign. Anyone may, until reveals begin.

    A batch that something was revealed from can't be struck any more; the audit names it.
    """
    with session.client() as client:
        struck = client.batches.strike_forged(client.round(name, number).round_id)
    told = f"struck batches {', '.join(map(str, struck))}" if struck else "no batch to strike"
    session.output.result({"round": number, "struck": struck}, f"round {number}: {told}")
