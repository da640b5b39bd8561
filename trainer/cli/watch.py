"""`tally watch`: follows a model's staked rounds and has what is wrong in them punished."""

from __future__ import annotations

import click

from registry.cli.options import Session, session_options

__all__ = ["watch"]


@click.command()
@click.argument("name")
@click.option("--propose", is_flag=True, help="Propose too when nothing stands, and settle.")
@click.option("--num-rounds", type=int, help="Stop when so many have ended; never without it.")
@click.option("--once", is_flag=True, help="Do what is due now, and stop: for a timer.")
@click.option(
    "--questions",
    type=click.IntRange(min=0),
    help="The most bonds risked on one proposal; without it, what a search may need.",
)
@click.option(
    "--panel",
    "panels",
    multiple=True,
    help="With --propose: a panel whose word about a proposal is accepted. May be repeated.",
)
@session_options
def watch(
    session: Session,
    name: str,
    propose: bool,
    num_rounds: int | None,
    once: bool,
    questions: int | None,
    panels: tuple[str, ...],
) -> None:
    """Watch the staked rounds of the model NAME.

    Each proposal is worked out again from public data. What is wrong is proved on the chain, what
    is withheld is asked for under a bond, and questions about this account's own updates and
    proposals are answered. A watcher that was stopped goes on where the rounds stand.
    """
    from registry.documents.canonical_json import bytes32_from_hex
    from trainer.cli.options import StakedParts
    from trainer.staked.watcher_policy import Limits

    enough = 1 << 62 if num_rounds is None else num_rounds
    with session.client() as client:
        limits = Limits(of_a_proposal=questions)
        accepted = [bytes32_from_hex(panel, "--panel") for panel in panels]
        parts = StakedParts.of(session, client, proposes=propose, limits=limits, panels=accepted)
        model_id = client.model(name).model_id
        done = parts.follower.follow(model_id, enough, lambda: once)
        rounds = len(parts.stakes.rounds_of(model_id))
    session.output.result(
        {"rounds": rounds, "done": done}, f"{done} of {rounds} staked rounds ask for nothing more"
    )
