"""The part of `tally dispute` about evaluators: panels, attestations, appeals (F-11, F-12)."""

from __future__ import annotations

from pathlib import Path

import click

from registry.addresses import ZERO_ADDRESS
from registry.cli.options import ADDRESS, Session, session_options
from registry.documents.attestations import LARGEST_ATTESTATION, SignedAttestation
from registry.errors import ConfigError

__all__ = ["EVALUATION_COMMANDS"]


@click.command()
@click.argument("members", nargs=-1, required=True, type=ADDRESS)
@click.option("--threshold", type=click.IntRange(min=1), required=True, help="How many must agree.")
@click.option("--governor", type=ADDRESS, help="Rules on appeals; nobody without it.")
@click.option("--appeal-seconds", default=0, help="To appeal in; with a governor only.")
@session_options
def panel(
    session: Session,
    members: tuple[str, ...],
    threshold: int,
    governor: str | None,
    appeal_seconds: int,
) -> None:
    """Make a panel of evaluators, MEMBERS; it never changes. Stake terms name it by its id."""
    with session.client() as client:
        made = client.evaluations.create_panel(
            members, threshold, governor or ZERO_ADDRESS, appeal_seconds
        )
    shown = f"panel 0x{made.panel.hex()}: {threshold} of {len(made.members)}"
    session.output.result({"panel": made.panel, "members": made.members}, shown)


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@session_options
def attest(session: Session, files: tuple[Path, ...]) -> None:
    """Hand in what evaluators signed, FILES of `tally train evaluate`, one each. Anyone may."""
    signed = []
    for path in files:
        with path.open("rb") as file:
            signed.append(SignedAttestation.parse(file.read(LARGEST_ATTESTATION + 1)))
    with session.client() as client:
        decision = client.evaluations.attest(signed)
    found = "right" if decision.correct else "wrong"
    shown = f"proposal {decision.proposal} was found {found} by {len(decision.signers)}"
    session.output.result({"proposal": decision.proposal, "correct": decision.correct}, shown)


@click.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def appeal(session: Session, name: str, number: int) -> None:
    """Appeal to the panel's governor against what was found in round NUMBER, under its bond."""
    with session.client() as client:
        client.evaluations.appeal(client.round(name, number).round_id)
    session.output.result({"round": number}, "appealed; the governor rules")


@click.command()
@click.argument("name")
@click.argument("number", type=int)
@click.argument("finding", type=click.Choice(["right", "wrong"]))
@session_options
def rule(session: Session, name: str, number: int, finding: str) -> None:
    """Rule on an appeal in round NUMBER: the proposal is right, or wrong. The governor only."""
    with session.client() as client:
        client.evaluations.rule(client.round(name, number).round_id, finding == "right")
    session.output.result({"round": number, "correct": finding == "right"}, f"ruled: {finding}")


@click.command("enforce")
@click.argument("name")
@click.argument("number", type=int)
@session_options
def enforce(session: Session, name: str, number: int) -> None:
    """Reject a proposal of round NUMBER that evaluators found wrong. Anyone may."""
    with session.client() as client:
        round_id = client.round(name, number).round_id
        if client.evaluations.decision(round_id) is None:
            raise ConfigError(f"round {number}: nothing was found yet; see tally dispute attest")
        client.evaluations.enforce_decision(round_id)
    session.output.result({"round": number}, f"the proposal of round {number} is rejected")


EVALUATION_COMMANDS = (panel, attest, appeal, rule, enforce)
