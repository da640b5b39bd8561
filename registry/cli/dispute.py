"""`tally dispute`: proposals of staked rounds, and what was said against them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from registry.cli.evaluation import EVALUATION_COMMANDS
from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, amount, date_column, number_column
from registry.client import RegistryClient
from registry.dates import date_text
from registry.fraud_proofs.stake_terms import StakeTerms
from registry.index import ProposalRecord, QuestionRecord, StakedRoundRecord

__all__ = ["dispute"]


@click.group()
def dispute() -> None:
    """Proposals of staked rounds, proven faults, and questions that wait for an answer."""


def _staked(client: RegistryClient, name: str, number: int | None) -> StakedRoundRecord:
    return client.staked_rounds.record(client.round(name, number).round_id)


def _asks(question: QuestionRecord) -> str:
    what = question.kind.name.lower()
    return what if what == "node" else f"{what}, chunk {question.chunk}"


def _rows(record: StakedRoundRecord) -> list[list[Any]]:
    proposals = [
        ["proposal", p.number, p.proposer, p.standing, p.fault, p.ends_at or p.certify_by]
        for p in record.proposals
    ]
    slashes = [
        ["slash", None, participant, "slashed", slash.fault, None]
        for participant, slash in record.slashed.items()
    ]
    questions = [
        ["question", q.number, q.asker, q.state, _asks(q), q.deadline] for q in record.questions
    ]
    burnt = [["burnt", None, who, "burnt", fault, None] for who, fault in record.burnt.items()]
    return proposals + slashes + burnt + questions


def _terms(stakes: StakeTerms) -> dict[str, Any]:
    money = ("participant_stake", "proposer_stake", "bond")
    amounts = {name: amount(getattr(stakes, name)) for name in money}
    return asdict(stakes) | amounts | {"rule": stakes.rule.name.lower()}


def _proposal(standing: ProposalRecord) -> dict[str, Any]:
    made = asdict(standing.proposal) | {"payout_total": amount(standing.proposal.payout_total)}
    told = {"standing": str(standing.standing), "proposal": made}
    return asdict(standing) | told | {"vouchers": sorted(standing.vouchers)}


@dispute.command("list")
@click.argument("name")
@click.argument("number", type=int)
@session_options
def list_disputes(session: Session, name: str, number: int) -> None:
    """List the proposals, slashes and questions of round NUMBER of a model.

    Times are those until which a proposal can be disputed, or a question be answered.
    """
    with session.reader() as client:
        rows = _rows(_staked(client, name, number))
    headings: list[str | Column] = [
        "kind",
        number_column("number"),
        address_column("account"),
        "state",
        "about",
        date_column("until"),
    ]
    session.output.rows(headings, rows, f"round {number} has no proposal and no question yet")


@dispute.command()
@click.argument("name")
@click.argument("number", type=int, required=False)
@session_options
def show(session: Session, name: str, number: int | None) -> None:
    """Show a staked round: its terms, its stakes, what stands. The newest without NUMBER."""
    with session.reader() as client:
        record = _staked(client, name, number)
        shown = client.staked_rounds.training_round(record.round_id).number
        ends = client.staked_rounds.slash_end(record.round_id)
    standing = record.standing
    certified = sorted(p for p in record.participants if record.is_certified(p))
    data = {
        "roundId": record.round_id,
        "number": shown,
        "sponsor": record.sponsor,
        "stakes": _terms(record.stakes),
        "slashEnd": ends,
        "participants": {who: amount(held) for who, held in record.participants.items()},
        "certified": certified,
        "slashed": {who: slash.fault for who, slash in record.slashed.items()},
        "proposal": standing and _proposal(standing),
        "openQuestions": [q.number for q in record.open_questions()],
    }
    lines = [
        f"round {shown} (0x{record.round_id.hex()})",
        f"sponsor     {record.sponsor}",
        f"rule        {record.stakes.rule.name.lower()} of {record.stakes.vector_length} values",
        f"stakes      participant {record.stakes.participant_stake}, "
        f"proposer {record.stakes.proposer_stake}, bond {record.stakes.bond}",
        f"participants {len(record.participants)}, of them slashed {len(record.slashed)}",
        f"certified   {len(certified)}, by {record.stakes.quorum} holders at least",
        f"slashing    until {date_text(ends)}",
        f"proposal    {_told(record)}",
        f"questions   {len(record.open_questions())} open",
    ]
    session.output.result(data, lines)


def _told(record: StakedRoundRecord) -> str:
    standing = record.standing
    if standing is None:
        return "none stands"
    until = f"disputes until {date_text(standing.ends_at)}"
    if not standing.ends_at:
        until = f"to be certified until {date_text(standing.certify_by)}"
    return f"{standing.number} by {standing.proposer}, {standing.standing}, {until}"


@dispute.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def settle(session: Session, name: str, number: int) -> None:
    """Make an undisputed proposal the result of round NUMBER of a model. Anyone may."""
    with session.client() as client:
        client.staked_rounds.settle(client.round(name, number).round_id)
    session.output.result({"round": number}, f"round {number} is settled")


@dispute.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def void(session: Session, name: str, number: int) -> None:
    """Void a staked round that came to nothing. Anyone may; pots go back: tally reward refund."""
    with session.client() as client:
        client.staked_rounds.void(client.round(name, number).round_id)
    session.output.result({"round": number}, f"round {number} is void")


for _command in EVALUATION_COMMANDS:
    dispute.add_command(_command)
