"""`tally train join`: takes part in rounds with data that never leave the process."""

from __future__ import annotations

from pathlib import Path

import click
import torch

from registry.cli.options import Session, session_options
from registry.documents.canonical_json import bytes32_from_hex
from registry.errors import ConfigError
from trainer.adapters.folder_mailbox import FolderMailbox
from trainer.cli.options import JOURNALS, MAILBOX, PERSONAL, StakedParts
from trainer.participant.participant import Participant
from trainer.participant.round_loop import Failures, join_rounds
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState
from trainer.staked.acceptance import Acceptance
from trainer.staked.staked_participant import StakedParticipant
from trainer.staked.watcher_policy import Limits
from trainer.training.client_loading import load_training, personalised

__all__ = ["join"]


@click.command()
@click.argument("name")
@click.option("--client", "reference", required=True, help="Your class: package.module:Class.")
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Given to the class.")
@click.option(
    "--num-rounds",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Rounds to take part in.",
)
@click.option(
    "--idle-seconds",
    type=click.IntRange(min=0),
    default=600,
    show_default=True,
    help="Give up when no round opens for so long.",
)
@click.option(
    "--most-failures",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Give up when so many rounds in a row fail here.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=0),
    default=0,
    help="Threads for torch; all cores without it.",
)
@click.option("--personal", help="fedper:head=PATTERN, ditto:strength=0.1 or ifca.")
@click.option(
    "--stake",
    type=click.IntRange(min=0),
    default=0,
    help="The most to lock per round; none without it.",
)
@click.option(
    "--least-answer",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Under stake: the seconds that this machine needs to answer a question.",
)
@click.option(
    "--least-certify",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Under stake: the seconds that it needs to fetch all updates and vouch for them.",
)
@click.option(
    "--panel",
    "panels",
    multiple=True,
    help="Under stake: a panel of evaluators that may divide the pot. May be repeated.",
)
@click.option(
    "--committee",
    "committees",
    multiple=True,
    help="Under stake: a committee that may vouch for updates. May be repeated.",
)
@MAILBOX
@session_options
def join(
    session: Session,
    name: str,
    reference: str,
    data: Path,
    num_rounds: int,
    idle_seconds: int,
    most_failures: int,
    threads: int,
    personal: str | None,
    stake: int,
    least_answer: int,
    least_certify: int,
    panels: tuple[str, ...],
    committees: tuple[str, ...],
    mailbox: Path | None,
) -> None:
    """Take part in rounds of the model NAME with data that never leave this process.

    The class has a method fit(parameters, config), as of Flower's NumPyClient, and is made with the
    path of the data. A round under stake is joined if it asks for at most --stake, leaves the time
    that this machine needs, and names the base that there is; this account's free stake is
    locked, and comes back when the round is over. Until then this process vouches for the updates
    that it holds, and answers for them.

    A round that fails here, because training fails, isn't finite or takes too long, is told and not
    counted, and the next one is joined.

    With --personal the class needs one torch module and an attribute dataset; what is personal is
    kept in the state folder under personal/, readable by you alone. What it gains, and what the
    model that everybody receives gains, are measured on every fifth example, and told after each
    round.
    """
    if not data.exists():
        raise ConfigError(f"--data: expected a file or folder, got {data}")
    if threads:
        torch.set_num_threads(threads)
    with session.client() as client:
        key, model_id = client.connection.key, client.model(name).model_id
        if personal:
            own = session.settings.state / PERSONAL / key.address.lower() / model_id.hex()
            training = personalised(reference, data, personal, own)
        else:
            training = load_training(reference, data)
        parts = StakedParts.of(session, client, proposes=False, limits=Limits())
        accepted = [
            [bytes32_from_hex(text, f"--{option}") for text in given]
            for option, given in (("panel", panels), ("committee", committees))
        ]
        acceptance = Acceptance(stake, least_answer, least_certify, *accepted)
        follower, outcomes = parts.follower, parts.outcomes
        attendance = StakedParticipant(parts.stakes, follower, outcomes, parts.clock, acceptance)
        participant = Participant(
            RoundContext(parts.board, parts.blobs, parts.clock),
            key,
            training,
            session.settings.state / JOURNALS,
            FolderMailbox(mailbox) if mailbox else None,
        )

        def told(state: RoundState) -> None:
            what = "update revealed" if participant.has_revealed(state) else "voided"
            line = f"round {state.number}: {what}"
            said = [_shown(name, value) for name, value in sorted(participant.metrics.items())]
            session.output.line("; ".join([line, ", ".join(said)] if said else [line]))

        def failed(state: RoundState, why: str) -> None:
            session.output.line(f"round {state.number}: {why}")

        done = join_rounds(
            participant,
            model_id,
            num_rounds,
            idle_seconds,
            told,
            attendance,
            Failures(most_failures, failed),
        )
    result = {"rounds": done, "metrics": dict(participant.metrics)}
    session.output.result(result, f"took part in {done} rounds")


def _shown(name: str, value: float | str) -> str:
    return f"{name} {value}" if isinstance(value, str) else f"{name} {value:.4f}"
